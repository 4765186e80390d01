// SPDX-License-Identifier: MIT
#include "tests/scenarios/event_text.h"

#include <fmt/format.h>

#include <type_traits>

namespace strata::test {
namespace {

std::string hexadecimal(Bytes octets) {
  std::string text;
  text.reserve(2 * octets.size());
  for (const std::uint8_t octet : octets) fmt::format_to(std::back_inserter(text), "{:02x}", octet);
  return text;
}

// One word for one member of an event.
template <typename T>
std::string word(const T& value) {
  if constexpr (std::is_same_v<T, Bytes>) {
    return hexadecimal(value);
  } else if constexpr (std::is_same_v<T, Duration>) {
    return std::to_string(value.count());
  } else if constexpr (std::is_same_v<T, Instant>) {
    return std::to_string(value.time_since_epoch().count());
  } else if constexpr (std::is_enum_v<T>) {
    return std::to_string(static_cast<std::uint64_t>(value));
  } else if constexpr (std::is_integral_v<T>) {
    return std::to_string(value);
  } else if constexpr (std::is_convertible_v<T, std::string_view>) {
    return std::string(std::string_view(value));
  } else {
    return to_text(value);
  }
}

template <typename... Members>
std::string line(std::string_view kind, const Members&... members) {
  std::string text(kind);
  ((text += ' ', text += word(members)), ...);
  return text;
}

// The medium: which bits left when, in which code, and what became of them.
template <typename T>
concept OfTheMedium = std::is_same_v<T, FrameQueued> || std::is_same_v<T, FrameSent> ||
    std::is_same_v<T, FrameReceived> || std::is_same_v<T, FrameCorrupted> ||
    std::is_same_v<T, FrameDuplicated> || std::is_same_v<T, FrameDelayed> ||
    std::is_same_v<T, FrameMarked> || std::is_same_v<T, LinkStateChanged> ||
    std::is_same_v<T, FrameReplayed> || std::is_same_v<T, FrameTruncated> ||
    std::is_same_v<T, LinkMtuChanged>;

struct Write {
  template <OfTheMedium Body>
  std::string operator()(const Body&) const {
    return {};
  }
  std::string operator()(const Dropped& e) const {
    if (e.layer == Layer::physical) return {};
    return line("dropped", e.layer, e.reason, e.port, e.packet);
  }
  std::string operator()(const HeaderPushed& e) const {
    return line("pushed", e.protocol, e.header_bytes, e.packet);
  }
  std::string operator()(const HeaderPulled& e) const {
    return line("pulled", e.protocol, e.header_bytes, e.packet);
  }
  std::string operator()(const SwitchForwarded& e) const {
    std::string text = line("switched", e.in, e.source, e.destination, e.flooded);
    for (const PortId port : e.out) text += " " + word(port);
    return text;
  }
  std::string operator()(const MacTableChanged& e) const {
    return line("mac-table", e.change, e.address, e.port, e.vlan);
  }
  std::string operator()(const NeighbourChanged& e) const {
    return line("neighbour", e.port, e.address, e.mac, e.state, e.cause, e.waiting_packets,
                e.is_kept);
  }
  std::string operator()(const RouteChosen& e) const {
    return line("route", e.out, e.source, e.destination, e.route, e.next_hop);
  }
  std::string operator()(const DatagramForwarded& e) const {
    return line("forwarded", e.in, e.out, e.destination, e.route, e.next_hop, e.ttl_before,
                e.ttl_after);
  }
  std::string operator()(const DatagramFragmented& e) const {
    std::string text = line("fragmented", e.bytes, e.mtu);
    for (const PacketUid fragment : e.fragments) text += " " + word(fragment);
    return text;
  }
  std::string operator()(const DatagramReassembled& e) const {
    return line("reassembled", e.fragments, e.bytes, e.datagram);
  }
  std::string operator()(const RouteChanged& e) const {
    return line("route-table", e.change, e.route, e.next_hop, e.port, e.metric, e.origin);
  }
  std::string operator()(const IcmpSent& e) const {
    return line("icmp-sent", e.type, e.code, e.destination, e.because_of);
  }
  std::string operator()(const IcmpReceived& e) const {
    return line("icmp-received", e.type, e.code, e.source);
  }
  std::string operator()(const Demultiplexed& e) const {
    std::string text = line("demultiplexed", e.protocol, e.local, e.remote, e.socket, e.outcome);
    for (const DemuxStep& step : e.steps) {
      text += " " + line(step.rule, step.candidate, step.outcome, step.entries);
    }
    return text;
  }
  std::string operator()(const TcpStateChanged& e) const {
    return line("tcp-state", e.flow, e.from, e.to, e.cause);
  }
  std::string operator()(const TcpSegmentSent& e) const {
    return line("segment-sent", e.flow, e.offset, e.length, e.flags, e.ack_offset, e.kind, e.cause,
                e.first_sent_as, e.because_of);
  }
  std::string operator()(const TcpSegmentReceived& e) const {
    return line("segment-received", e.flow, e.offset, e.length, e.flags, e.ack_offset,
                e.newly_acked, e.duplicate_acks, e.verdict);
  }
  std::string operator()(const StreamWritten& e) const {
    return line("written", e.flow, e.offset, e.length);
  }
  std::string operator()(const StreamRead& e) const {
    return line("read", e.flow, e.offset, e.length);
  }
  std::string operator()(const UdpDatagramSent& e) const {
    return line("datagram-sent", e.flow, e.length);
  }
  std::string operator()(const UdpDatagramReceived& e) const {
    return line("datagram-received", e.flow, e.length);
  }
  std::string operator()(const TcpVariables& e) const {
    return line("tcp-variables", e.flow, e.state, e.phase, e.mss, e.cwnd, e.ssthresh, e.flight,
                e.snd_wnd, e.rcv_wnd, e.snd_una, e.snd_nxt, e.rcv_nxt, e.out_of_order, e.srtt,
                e.rttvar, e.rto, e.cause);
  }
  std::string operator()(const RttSampled& e) const {
    return line("rtt", e.flow, e.sample, e.srtt, e.rttvar, e.rto);
  }
  std::string operator()(const TimerChanged& e) const {
    return line("timer", e.flow, e.timer, e.action, e.deadline);
  }
  std::string operator()(const SocketCalled& e) const {
    return line("call", e.process, e.socket, e.call, e.result, e.data);
  }
  std::string operator()(const ProcessStarted& e) const { return line("started", e.process); }
  std::string operator()(const ProcessEnded& e) const { return line("ended", e.process, e.error); }
  std::string operator()(const ProcessOutput& e) const { return line("output", e.process, e.line); }
};

}  // namespace

std::string text_above_physical(const Event& event) {
  const std::string body = std::visit(Write{}, event.body);
  if (body.empty()) return body;
  return line(word(event.time), event.node, event.uid, event.parent, body);
}

}  // namespace strata::test
