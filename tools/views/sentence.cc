// SPDX-License-Identifier: MIT
#include "tools/views/sentence.h"

#include <fmt/format.h>

#include "tools/views/journey.h"

namespace strata::views {
namespace {

using Told = std::optional<Sentence>;

// "bernoulli p=0.1 draw=0.034" in brackets; empty without a decision.
std::string decided(const std::optional<DecisionDetail>& decision) {
  if (!decision) return {};
  if (decision->stream.empty()) return fmt::format(" ({})", decision->model);
  return fmt::format(" ({}, p={:.6g}, draw={:.6g})", decision->model, decision->probability,
                     decision->draw);
}

std::string octet_range(std::uint64_t offset, std::uint32_t length) {
  return fmt::format("octets {}:{}", offset + 1, offset + length + 1);
}

// One overload for each kind of event worth telling.
class Teller {
 public:
  Teller(const trace::Recording& recording, Narrator& narrator, const Event& event)
      : names_(recording.directory()), narrator_(narrator), event_(event) {}

  Told operator()(const FrameQueued& e) const {
    return tell("frame queued", Layer::physical, "{} waits at {}, {} in the queue", packet(),
                port(e.port), e.queued_frames);
  }
  Told operator()(const FrameSent& e) const {
    return tell("frame sent", Layer::physical, "{} puts {} on {}: {} B in {}", node(), packet(),
                names_.link_name(e.link), e.frame.size(), to_text(e.last_bit_out - event_.time));
  }
  Told operator()(const FrameReceived& e) const {
    return tell("frame received", Layer::physical, "{} has the last bit of {} from {}{}", node(),
                packet(), names_.link_name(e.link),
                e.error == FrameError::none ? "" : ", but it is damaged");
  }
  Told operator()(const Dropped& e) const {
    const std::string place = e.link != kNoLink ? fmt::format("on {}", names_.link_name(e.link))
                                                : fmt::format("at {}", node());
    return tell("dropped", e.layer, "{} is dropped {}: {}{}", packet(), place, to_text(e.reason),
                decided(e.decision));
  }
  Told operator()(const FrameCorrupted& e) const {
    return tell("corrupted", Layer::physical, "{} flips {} bits of {}{}", names_.link_name(e.link),
                e.flipped_bits.size(), packet(), decided(e.decision));
  }
  Told operator()(const FrameTruncated& e) const {
    return tell("truncated", Layer::physical, "{} delivers {} of the {} octets of {}{}",
                names_.link_name(e.link), e.arriving_bytes, e.sent_bytes, packet(),
                decided(e.decision));
  }
  Told operator()(const FrameDuplicated& e) const {
    return tell("duplicated", Layer::physical, "{} makes a copy of {}: #{}{}",
                names_.link_name(e.link), packet(), raw(e.copy), decided(e.decision));
  }
  Told operator()(const FrameDelayed& e) const {
    return tell(e.reordered ? "reordered" : "delayed", Layer::physical, "{} holds {} back by {}{}",
                names_.link_name(e.link), packet(), to_text(e.extra), decided(e.decision));
  }
  Told operator()(const FrameMarked& e) const {
    return tell("marked", Layer::physical, "the queue at {} marks {}: congestion experienced{}",
                port(e.port), packet(), decided(e.decision));
  }
  Told operator()(const FrameReplayed& e) const {
    return tell(
        "replayed", Layer::physical, "{} replays frame {} of its capture as {}{}", node(), e.number,
        packet(),
        e.bytes_left_out == 0
            ? ""
            : fmt::format(", without the {} octets that were not captured", e.bytes_left_out));
  }
  Told operator()(const LinkStateChanged& e) const {
    return tell("link state", Layer::physical, "{} goes {}", names_.link_name(e.link),
                e.up ? "up" : "down");
  }

  Told operator()(const LinkMtuChanged& e) const {
    return tell("link MTU", Layer::physical, "{} takes datagrams of {} octets at most from now on",
                names_.link_name(e.link), e.mtu);
  }

  Told operator()(const SwitchForwarded& e) const {
    if (e.flooded) {
      return tell("switched", Layer::link, "{} does not know {} and floods {} to {} ports", node(),
                  to_text(e.destination), packet(), e.out.size());
    }
    return tell("switched", Layer::link, "{} sends {} on to {}", node(), packet(),
                e.out.empty() ? "no port" : port(e.out.front()));
  }
  Told operator()(const MacTableChanged& e) const {
    if (e.change == TableChange::updated) return std::nullopt;
    return tell("MAC table", Layer::link, "{}: {} is {}{}", node(), to_text(e.address),
                e.change == TableChange::added ? "behind " : "no longer behind ", port(e.port));
  }
  Told operator()(const NeighbourChanged& e) const {
    return tell(
        "neighbour", Layer::link, "{}: {} is {} ({})", node(), to_text(e.address),
        e.state == NeighbourState::reachable ? to_text(e.mac) : std::string{to_text(e.state)},
        e.cause);
  }

  Told operator()(const DatagramForwarded& e) const {
    return tell("forwarded", Layer::network, "{} forwards {} by {}: next hop {}, TTL {} becomes {}",
                node(), packet(), to_text(e.route), to_text(e.next_hop), e.ttl_before, e.ttl_after);
  }
  Told operator()(const DatagramFragmented& e) const {
    return tell("fragmented", Layer::network, "{} cuts {} into {} fragments for an MTU of {} B",
                node(), packet(), e.fragments.size(), e.mtu);
  }
  Told operator()(const DatagramReassembled& e) const {
    return tell("reassembled", Layer::network, "{} puts {} together again from {} fragments",
                node(), packet(), e.fragments);
  }
  Told operator()(const RouteChanged& e) const {
    return tell("route", Layer::network, "{}: route to {} {}", node(), to_text(e.route),
                to_text(e.change));
  }
  Told operator()(const IcmpSent& e) const {
    const std::string about =
        e.because_of == kNoPacket ? "" : fmt::format(", because of #{}", raw(e.because_of));
    return tell("ICMP sent", Layer::network, "{} sends {} to {}{}", node(), packet(),
                names_.host_text(e.destination), about);
  }
  Told operator()(const IcmpReceived& e) const {
    return tell("ICMP received", Layer::network, "{} gets {} from {}", node(), packet(),
                names_.host_text(e.source));
  }

  Told operator()(const Demultiplexed& e) const {
    const std::string who = e.socket < 0 ? "no socket" : fmt::format("socket {}", e.socket);
    return tell("demultiplexed", Layer::transport, "{}: {} is for {}: {}", node(), packet(), who,
                e.outcome);
  }
  Told operator()(const TcpStateChanged& e) const {
    return tell("TCP state", Layer::transport, "{}: TCP goes from {} to {}: {}", node(),
                to_text(e.from), to_text(e.to), e.cause);
  }
  Told operator()(const TcpSegmentSent& e) const {
    if (e.kind == SegmentKind::retransmission) {
      return tell("segment sent again", Layer::transport, "{}: TCP sends {} again as #{}: {}",
                  node(), octet_range(e.offset, e.length), raw(event_.uid), to_text(e.cause));
    }
    return tell("segment sent", Layer::transport, "{}: TCP sends {}", node(), packet());
  }
  Told operator()(const TcpSegmentReceived& e) const {
    std::string text;
    if (e.newly_acked > 0) text += fmt::format(", {} octets acknowledged", e.newly_acked);
    if (e.duplicate_acks > 0) text += fmt::format(", duplicate ACK {}", e.duplicate_acks);
    return tell("segment received", Layer::transport, "{}: TCP takes {}: {}{}", node(), packet(),
                to_text(e.verdict), text);
  }
  Told operator()(const UdpDatagramSent& e) const {
    return tell("datagram sent", Layer::transport, "{}: UDP sends {} octets as {}", node(),
                e.length, packet());
  }
  Told operator()(const UdpDatagramReceived& e) const {
    return tell("datagram received", Layer::transport, "{}: UDP queues {} octets of {}", node(),
                e.length, packet());
  }
  Told operator()(const TimerChanged& e) const {
    if (e.action != TimerAction::fired) return std::nullopt;
    return tell("timer", Layer::transport, "{}: the {} timer goes off", node(), e.timer);
  }

  Told operator()(const SocketCalled& e) const {
    return tell("socket call", Layer::application, "{}: {} calls {} = {}", node(), e.process,
                e.call, e.result);
  }
  Told operator()(const ProcessStarted& e) const {
    return tell("process", Layer::application, "{}: {} starts", node(), e.process);
  }
  Told operator()(const ProcessEnded& e) const {
    return tell("process", Layer::application, "{}: {} ends{}{}", node(), e.process,
                e.error.empty() ? "" : ": ", e.error);
  }
  Told operator()(const ProcessOutput& e) const {
    return tell("output", Layer::application, "{}: {} prints {}", node(), e.process, e.line);
  }

  template <typename Other>
  Told operator()(const Other&) const {
    return std::nullopt;
  }

 private:
  template <typename... Parts>
  static Told tell(std::string_view kind, Layer layer, fmt::format_string<const Parts&...> text,
                   const Parts&... parts) {
    return Sentence{kind, layer, fmt::format(text, parts...)};
  }
  std::string_view node() const { return names_.node_name(event_.node); }
  std::string port(PortId port) const { return names_.interface_name(event_.node, port); }
  const std::string& packet() const { return narrator_.packet(event_.uid); }

  const trace::Directory& names_;
  Narrator& narrator_;
  const Event& event_;
};

}  // namespace

Told Narrator::tell(const Event& event) {
  return std::visit(Teller{recording_, *this, event}, event.body);
}

const std::string& Narrator::packet(PacketUid uid) {
  const auto [found, is_new] = packets_.try_emplace(uid);
  if (is_new) {
    const Label label = labeller_.label(uid);
    found->second = octets_of(recording_, uid).octets.empty()
                        ? fmt::format("#{}", raw(uid))
                        : fmt::format("#{} {}", raw(uid), label.text);
  }
  return found->second;
}

}  // namespace strata::views
