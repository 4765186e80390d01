// SPDX-License-Identifier: MIT
// Datagrams at a constant bit rate: `udp-source` sends them numbered and stamped, `udp-sink` counts
// them and finds what is missing, out of order or doubled.
#include <algorithm>
#include <array>
#include <map>

#include "stack/application/program_support.h"

namespace strata::application {
namespace {

Task<void> run_udp_source(Process process, Arguments arguments) {
  const Result<Endpoint> to = endpoint_argument(process, arguments, "to");
  if (!to) co_return;
  const Result<socket::Fd> fd = co_await open_client(process, socket::Type::datagram, *to);
  if (!fd) co_return;
  const std::int64_t size = arguments.integer("size");
  std::vector<std::uint8_t> datagram(static_cast<std::size_t>(size));
  fill_pattern(datagram, 0);
  Counter datagrams = process.counter("datagrams");
  Counter sent = process.counter("sent");
  const Instant until = after(process.now(), arguments.duration("for"));
  const std::int64_t count = arguments.has("count") ? arguments.integer("count") : INT64_MAX;
  Pacer pacer(process.now(), datagram.size(), arguments.integer("rate"));
  std::uint64_t sequence = 0;
  while (std::cmp_less(sequence, count) && pacer.next() < until) {
    if (pacer.next() > process.now()) {
      co_await process.sleep_until(pacer.next());
    }
    pacer.advance();
    const Stamp stamp{.sequence = sequence++, .sent = process.now()};
    stamp.store(datagram);
    const Result<std::size_t> result = co_await process.send_from(*fd, datagram);
    if (!result) {
      process.fail("send", result.error());
      continue;
    }
    datagrams.add();
    sent.add(size);
  }
  co_await process.close(*fd);
}

constexpr std::array kUdpSourceParameters{
    Parameter{"to", ParameterKind::endpoint, true, "", "Where to send."},
    Parameter{"rate", ParameterKind::rate, false, "1 Mbit/s", "Of the datagrams' contents."}.range(
        1, INT64_MAX),
    Parameter{"size", ParameterKind::bytes, false, "1000 B",
              "The contents of a datagram, at least 16 octets."}
        .range(Stamp::kBytes, kDatagramMax),
    Parameter{"for", ParameterKind::duration, false, "1 s", "How long to send."},
    Parameter{"count", ParameterKind::count, false, "", "At most so many datagrams."},
};

Task<void> run_udp_sink(Process process, Arguments arguments) {
  const Result<socket::Fd> fd =
      open_server(process, socket::Type::datagram, arguments.integer("listen"));
  if (!fd) co_return;
  std::vector<std::uint8_t> buffer(kDatagramMax);
  Counter received = process.counter("received");
  Counter datagrams = process.counter("datagrams");
  Counter lost = process.counter("lost");
  Counter reordered = process.counter("reordered");
  Counter duplicates = process.counter("duplicates");
  std::map<Endpoint, SequenceTracker> sources;
  DurationFigures latency;
  for (;;) {
    const Result<socket::Received> datagram = co_await process.recvfrom_into(*fd, buffer);
    if (!datagram) {
      process.fail("recvfrom", datagram.error());
      continue;
    }
    datagrams.add();
    received.add(static_cast<std::int64_t>(datagram->bytes));
    const auto stamp = Stamp::load(Bytes(buffer).first(datagram->bytes));
    if (!stamp) continue;
    SequenceTracker& source = sources[datagram->from];
    const auto lost_before = static_cast<std::int64_t>(source.lost());
    const SequenceTracker::Verdict verdict = source.add(stamp->sequence);
    lost.add(static_cast<std::int64_t>(source.lost()) - lost_before);
    if (verdict == SequenceTracker::Verdict::late) reordered.add();
    if (verdict == SequenceTracker::Verdict::duplicate) duplicates.add();
    if (stamp->sent > process.now()) continue;
    latency.add(process.now() - stamp->sent);
    latency.publish(process, "latency");
  }
}

constexpr std::array kUdpSinkParameters{
    Parameter{"listen", ParameterKind::port, true, "", "The port."},
};

}  // namespace

constexpr Program kUdpSource{"udp-source", "Sends numbered UDP datagrams at a constant bit rate.",
                             kUdpSourceParameters, run_udp_source, "sent datagrams"};
constexpr Program kUdpSink{
    "udp-sink", "Receives UDP datagrams; counts gaps and disorder.", kUdpSinkParameters,
    run_udp_sink,
    "received datagrams lost reordered duplicates latency-min latency-average latency-max"};

}  // namespace strata::application
