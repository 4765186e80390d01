// SPDX-License-Identifier: MIT
// Costs of the single operations that a frame-hop is made of.
#include <benchmark/benchmark.h>

#include <vector>

#include "sim/device/segmentation.h"
#include "sim/event_queue.h"
#include "stack/base/checksum.h"
#include "stack/base/crc32.h"
#include "stack/base/packet.h"
#include "stack/base/random.h"
#include "stack/wire/dissect.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/tcp.h"

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

// An event in and out, while the queue holds what a few links and timers have in it.
void event_push_and_pop(benchmark::State& state) {
  sim::EventQueue queue;
  Instant now = kStart;
  for (std::uint32_t i = 0; i < 8; ++i) queue.push(now + 1s, sim::EventTarget::node_wake, i);
  for (auto _ : state) {
    now += 1ns;
    queue.push(now, sim::EventTarget::frame_arrival, 1);
    benchmark::DoNotOptimize(queue.pop());
  }
}
BENCHMARK(event_push_and_pop);

// What crosses the border of a live run with offload, per frame of 1514 octets: 44 frames become
// one super-frame, and it becomes 44 frames.
constexpr std::size_t kText = 1460;
constexpr std::size_t kSegments = 44;

std::vector<std::uint8_t> tcp_frame(std::uint32_t sequence, std::size_t text) {
  std::vector<std::uint8_t> frame(14 + 20 + 20 + text, 0x5a);
  wire::EthernetHeader{.type = EtherType::ipv4}.emit(frame.data());
  const wire::Ipv4Header ip{.total_length = static_cast<std::uint16_t>(frame.size() - 14),
                            .dont_fragment = true,
                            .ttl = 64,
                            .protocol = IpProtocol::tcp};
  ip.emit(&frame[14]);
  const wire::TcpHeader tcp{.sequence = Seq32{sequence}, .flags = wire::tcp_flag::kAck};
  tcp.emit(MutableBytes{frame}.subspan(34), IpAddress{ip.source}, IpAddress{ip.destination});
  return frame;
}

void merge_one_frame(benchmark::State& state) {
  std::vector<std::vector<std::uint8_t>> frames;
  for (std::uint32_t i = 0; i < kSegments * kText; i += kText)
    frames.push_back(tcp_frame(i, kText));
  device::Merger merger;
  std::size_t next = 0;
  for (auto _ : state) {
    if (next == kSegments) {
      benchmark::DoNotOptimize(merger.frame());
      merger.clear();
      next = 0;
    }
    benchmark::DoNotOptimize(merger.add(frames[next++]));
  }
}
BENCHMARK(merge_one_frame);

void split_off_one_frame(benchmark::State& state) {
  const std::vector<std::uint8_t> super_frame = tcp_frame(1, kSegments * kText);
  device::Splitter splitter;
  for (auto _ : state) {
    if (splitter.empty()) splitter.load(super_frame, {.segment_bytes = kText});
    benchmark::DoNotOptimize(splitter.next());
  }
}
BENCHMARK(split_off_one_frame);

void tcp_emit_and_parse(benchmark::State& state) {
  std::vector<std::uint8_t> segment(20 + kText, 0x5a);
  const wire::TcpHeader header{.sequence = Seq32{7}, .flags = wire::tcp_flag::kAck};
  const IpAddress address{Ipv4Address{0x0a000001}};
  InternetChecksum sum;
  sum.add(Bytes{segment}.subspan(20));
  for (auto _ : state) {
    header.emit(segment, address, address, sum);
    benchmark::DoNotOptimize(wire::TcpHeader::parse(segment, address, address, false));
  }
}
BENCHMARK(tcp_emit_and_parse);

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
