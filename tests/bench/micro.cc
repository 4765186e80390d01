// SPDX-License-Identifier: MIT
// Costs of the single operations that a frame-hop is made of.
#include <benchmark/benchmark.h>

#include <vector>

#include "sim/event_queue.h"
#include "stack/base/checksum.h"
#include "stack/base/crc32.h"
#include "stack/base/packet.h"
#include "stack/base/random.h"
#include "stack/wire/dissect.h"
#include "stack/wire/ipv4.h"

namespace strata::bench {
namespace {

void checksum(benchmark::State& state) {
  const std::vector<std::uint8_t> bytes(static_cast<std::size_t>(state.range(0)), 0x5a);
  for (auto _ : state) benchmark::DoNotOptimize(internet_checksum(bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(checksum)->Arg(20)->Arg(64)->Arg(1460)->Arg(65536);

void checksum_and_copy(benchmark::State& state) {
  const std::vector<std::uint8_t> bytes(static_cast<std::size_t>(state.range(0)), 0x5a);
  std::vector<std::uint8_t> target(bytes.size());
  for (auto _ : state) {
    InternetChecksum sum;
    sum.add_copy(bytes, target.data());
    benchmark::DoNotOptimize(sum.finish());
  }
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(checksum_and_copy)->Arg(1460);

void frame_check_sequence(benchmark::State& state) {
  const std::vector<std::uint8_t> bytes(static_cast<std::size_t>(state.range(0)), 0x5a);
  for (auto _ : state) benchmark::DoNotOptimize(crc32(bytes));
  state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(frame_check_sequence)->Arg(60)->Arg(128)->Arg(576)->Arg(1514);

void packet_make_and_release(benchmark::State& state) {
  PacketPool pool;
  for (auto _ : state) benchmark::DoNotOptimize(pool.make(1460));
}
BENCHMARK(packet_make_and_release);

void ipv4_emit_and_parse(benchmark::State& state) {
  wire::Ipv4Header header;
  header.total_length = 1500;
  header.ttl = 64;
  header.protocol = IpProtocol::tcp;
  std::vector<std::uint8_t> datagram(1500);
  for (auto _ : state) {
    header.emit(datagram.data());
    benchmark::DoNotOptimize(wire::Ipv4Header::parse(datagram));
  }
}
BENCHMARK(ipv4_emit_and_parse);

}  // namespace
}  // namespace strata::bench

BENCHMARK_MAIN();
