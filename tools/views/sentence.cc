// SPDX-License-Identifier: MIT
#include "tools/views/sentence.h"

#include <fmt/format.h>

#include "sim/analysis/causes.h"
#include "sim/trace/words.h"

namespace strata::views {
namespace {

constexpr std::uint32_t kNoThreshold = 0xffffffffU;

std::string ordinal(std::uint32_t number) {
  const std::uint32_t tens = number % 100;
  const bool is_teen = tens >= 11 && tens <= 13;
  const std::uint32_t last = is_teen ? 0 : number % 10;
  return fmt::format("{}{}", number, last == 1 ? "st" : last == 2 ? "nd" : last == 3 ? "rd" : "th");
}

// One overload for each kind of event.
class Teller {
 public:
  Teller(const trace::Recording& recording, Narrator& narrator, trace::EventIndex index)
      : recording_(recording),
        names_(recording.directory()),
        narrator_(narrator),
        index_(index),
        event_(recording.event(index)) {}

  Sentence operator()(const FrameQueued& e) const {
    return tell("frame queued", Layer::physical, Role::dim, "{} waits at {}, {} in the queue",
                packet(), port(e.port), e.queued_frames);
  }
  Sentence operator()(const FrameSent& e) const {
    return tell("frame sent", Layer::physical, Role::plain, "{} puts {} on {}: {} B in {}", node(),
                packet(), names_.link_name(e.link), e.frame.size(),
                to_text(e.last_bit_out - event_.time));
  }
  Sentence operator()(const FrameReceived& e) const {
    return tell("frame received", Layer::physical,
                e.error == FrameError::none ? Role::plain : Role::damaged,
                "{} has the last bit of {} from {}{}", node(), packet(), names_.link_name(e.link),
                e.error == FrameError::none ? "" : ", but it is damaged");
  }
  Sentence operator()(const Dropped& e) const {
    const std::string place = e.link != kNoLink ? fmt::format("on {}", names_.link_name(e.link))
                                                : fmt::format("at {}", node());
    return tell("dropped", e.layer, Role::drop, "{} ends {}: {}{}", packet(), place,
                words_of(e.reason), decision_in_brackets(e.decision));
  }
  Sentence operator()(const FrameCorrupted& e) const {
    return tell("corrupted", Layer::physical, Role::damaged, "{} flips {} bits of {}{}",
                names_.link_name(e.link), e.flipped_bits.size(), packet(),
                decision_in_brackets(e.decision));
  }
  Sentence operator()(const FrameTruncated& e) const {
    return tell("truncated", Layer::physical, Role::damaged,
                "{} delivers {} of the {} octets of {}{}", names_.link_name(e.link),
                e.arriving_bytes, e.sent_bytes, packet(), decision_in_brackets(e.decision));
  }
  Sentence operator()(const FrameDuplicated& e) const {
    return tell("duplicated", Layer::physical, Role::damaged, "{} makes a copy of {}: #{}{}",
                names_.link_name(e.link), packet(), raw(e.copy), decision_in_brackets(e.decision));
  }
  Sentence operator()(const FrameDelayed& e) const {
    return tell(e.reordered ? "reordered" : "delayed", Layer::physical, Role::damaged,
                "{} holds {} back by {}{}", names_.link_name(e.link), packet(), to_text(e.extra),
                decision_in_brackets(e.decision));
  }
  Sentence operator()(const FrameMarked& e) const {
    return tell("marked", Layer::physical, Role::retransmission,
                "the queue at {} marks {}: congestion experienced{}", port(e.port), packet(),
                decision_in_brackets(e.decision));
  }
  Sentence operator()(const FrameReplayed& e) const {
    return tell(
        "replayed", Layer::physical, Role::plain, "{} replays frame {} of its capture as {}{}",
        node(), e.number, packet(),
        e.bytes_left_out == 0
            ? ""
            : fmt::format(", without the {} octets that were not captured", e.bytes_left_out));
  }
  Sentence operator()(const LinkStateChanged& e) const {
    return tell("link state", Layer::physical, e.up ? Role::good : Role::bad, "{} goes {}",
                names_.link_name(e.link), e.up ? "up" : "down");
  }

  Sentence operator()(const LinkMtuChanged& e) const {
    return tell("link MTU", Layer::physical, Role::network,
                "{} takes datagrams of {} octets at most from now on", names_.link_name(e.link),
                e.mtu);
  }

  Sentence operator()(const SwitchForwarded& e) const {
    if (e.flooded) {
      return tell("switched", Layer::link, Role::link,
                  "{} does not know {} and floods {} to {} ports", node(), to_text(e.destination),
                  packet(), e.out.size());
    }
    return tell("switched", Layer::link, Role::link, "{} sends {} on to {}", node(), packet(),
                e.out.empty() ? "no port" : port(e.out.front()));
  }
  Sentence operator()(const MacTableChanged& e) const {
    if (e.change == TableChange::updated) {
      return detail(Layer::link, Role::link, "{}: {} is still behind {}", node(),
                    to_text(e.address), port(e.port));
    }
    return tell("MAC table", Layer::link, Role::link, "{}: {} is {}{}", node(), to_text(e.address),
                e.change == TableChange::added ? "behind " : "no longer behind ", port(e.port));
  }
  Sentence operator()(const NeighbourChanged& e) const {
    if (e.state == NeighbourState::incomplete && event_.uid != kNoPacket) {
      return tell("neighbour", Layer::link, Role::link, "{}: {} waits for the address of {} ({})",
                  node(), packet(), to_text(e.address), e.cause);
    }
    return tell(
        "neighbour", Layer::link, Role::link, "{}: {} is {} ({})", node(), to_text(e.address),
        e.state == NeighbourState::reachable ? to_text(e.mac) : std::string{to_text(e.state)},
        e.cause);
  }

  Sentence operator()(const DatagramForwarded& e) const {
    return tell("forwarded", Layer::network, Role::network,
                "{} forwards {} by {}: next hop {}, TTL {} becomes {}", node(), packet(),
                to_text(e.route), to_text(e.next_hop), e.ttl_before, e.ttl_after);
  }
  Sentence operator()(const DatagramFragmented& e) const {
    return tell("fragmented", Layer::network, Role::network,
                "{} cuts {} into {} fragments for an MTU of {} B", node(), packet(),
                e.fragments.size(), e.mtu);
  }
  Sentence operator()(const DatagramReassembled& e) const {
    return tell("reassembled", Layer::network, Role::network,
                "{} puts {} together again from {} fragments", node(), packet(), e.fragments);
  }
  Sentence operator()(const RouteChanged& e) const {
    return tell("route", Layer::network, Role::network, "{}: route to {} {}", node(),
                to_text(e.route), to_text(e.change));
  }
  Sentence operator()(const IcmpSent& e) const {
    const std::string about =
        e.because_of == kNoPacket ? "" : fmt::format(", because of #{}", raw(e.because_of));
    return tell("ICMP sent", Layer::network, Role::network, "{} sends {} to {}{}", node(), packet(),
                names_.host_text(e.destination), about);
  }
  Sentence operator()(const IcmpReceived& e) const {
    return tell("ICMP received", Layer::network, Role::network, "{} gets {} from {}", node(),
                packet(), names_.host_text(e.source));
  }

  Sentence operator()(const Demultiplexed& e) const {
    const std::string who = e.socket < 0 ? "no socket" : fmt::format("socket {}", e.socket);
    return tell("demultiplexed", Layer::transport, Role::transport, "{}: {} is for {}: {}", node(),
                packet(), who, e.outcome);
  }
  Sentence operator()(const TcpStateChanged& e) const {
    return tell("TCP state", Layer::transport, Role::transport, "{}: TCP goes from {} to {}: {}",
                node(), to_text(e.from), to_text(e.to), e.cause);
  }
  Sentence operator()(const TcpSegmentSent& e) const {
    const bool is_again = e.cause != RetransmitCause::none;
    const Role role = is_again ? Role::retransmission : e.length > 0 ? Role::data : Role::plain;
    return tell(is_again ? "segment sent again" : "segment sent", Layer::transport, role,
                "{}: TCP sends {}", node(), packet());
  }
  Sentence operator()(const TcpSegmentReceived& e) const {
    std::string text;
    if (e.newly_acked > 0) text += fmt::format(", {} octets acknowledged", e.newly_acked);
    if (e.duplicate_acks > 0) {
      text += fmt::format(", the {} duplicate ACK", ordinal(e.duplicate_acks));
    }
    return tell("segment received", Layer::transport, Role::plain, "{}: TCP takes {}: {}{}", node(),
                packet(), to_text(e.verdict), text);
  }
  Sentence operator()(const UdpDatagramSent& e) const {
    return tell("datagram sent", Layer::transport, Role::data, "{}: UDP sends {} octets as {}",
                node(), e.length, packet());
  }
  Sentence operator()(const UdpDatagramReceived& e) const {
    return tell("datagram received", Layer::transport, Role::good, "{}: UDP queues {} octets of {}",
                node(), e.length, packet());
  }
  Sentence operator()(const TimerChanged& e) const {
    if (e.action == TimerAction::cancelled) {
      return detail(Layer::transport, Role::plain, "{}: the {} timer is cancelled", node(),
                    e.timer);
    }
    if (e.action != TimerAction::fired) {
      return detail(Layer::transport, Role::dim, "{}: the {} timer is set for {}, {} later", node(),
                    e.timer, to_text(e.deadline), to_text(e.deadline - event_.time));
    }
    return tell("timer", Layer::transport, Role::retransmission, "{}: the {} timer goes off",
                node(), e.timer);
  }

  Sentence operator()(const SocketCalled& e) const {
    return tell("socket call", Layer::application, Role::application, "{}: {} calls {} = {}",
                node(), e.process, printable(e.call), printable(e.result));
  }
  Sentence operator()(const ProcessStarted& e) const {
    return tell("process", Layer::application, Role::application, "{}: {} starts", node(),
                e.process);
  }
  Sentence operator()(const ProcessEnded& e) const {
    return tell("process", Layer::application, e.error.empty() ? Role::application : Role::bad,
                "{}: {} ends{}{}", node(), e.process, e.error.empty() ? "" : ": ",
                printable(e.error));
  }
  Sentence operator()(const ProcessOutput& e) const {
    return tell("output", Layer::application, Role::application, "{}: {} prints {}", node(),
                e.process, printable(e.line));
  }

  Sentence operator()(const TcpVariables& e) const {
    const std::string changes = changes_text(analysis::variables_before(recording_, index_), e);
    return detail(Layer::transport, Role::transport, "{}: {}", node(),
                  changes.empty() ? "nothing changed" : changes);
  }
  Sentence operator()(const StreamWritten& e) const {
    return detail(Layer::application, Role::application, "{}: octets {} to {} are written", node(),
                  e.offset, e.offset + e.length - 1);
  }
  Sentence operator()(const HeaderPushed& e) const {
    return detail(layer_of(e.protocol), Role::plain, "{} makes {}", node(), packet());
  }
  // Nothing special.
  template <typename Other>
  Sentence operator()(const Other&) const {
    if (event_.uid == kNoPacket) return detail(Layer::physical, Role::plain, "{}", node());
    return detail(Layer::physical, Role::plain, "{} has {}", node(), packet());
  }

 private:
  template <typename... Parts>
  static Sentence tell(std::string_view kind, Layer layer, Role role,
                       fmt::format_string<const Parts&...> text, const Parts&... parts) {
    return {kind, layer, fmt::format(text, parts...), role, false};
  }
  template <typename... Parts>
  static Sentence detail(Layer layer, Role role, fmt::format_string<const Parts&...> text,
                         const Parts&... parts) {
    return {"detail", layer, fmt::format(text, parts...), role, true};
  }
  std::string_view node() const { return names_.node_name(event_.node); }
  std::string port(PortId port) const { return names_.interface_name(event_.node, port); }
  const std::string& packet() const { return narrator_.packet(event_.uid); }

  const trace::Recording& recording_;
  const trace::Directory& names_;
  Narrator& narrator_;
  trace::EventIndex index_;
  const Event& event_;
};

}  // namespace

Sentence Narrator::tell(trace::EventIndex index) {
  return std::visit(Teller{recording_, *this, index}, recording_.event(index).body);
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

std::string changes_text(const TcpVariables* before, const TcpVariables& after) {
  const TcpVariables none{};
  const TcpVariables& from = before != nullptr ? *before : none;
  std::string text;
  const auto add = [&](std::string_view name, const auto& was, const auto& is, const auto& show) {
    if (was == is) return;
    const std::string change = before == nullptr
                                   ? fmt::format("{} {}", name, show(is))
                                   : fmt::format("{} {} → {}", name, show(was), show(is));
    text += (text.empty() ? "" : ", ") + change;
  };
  const auto plain = [](const auto& value) { return fmt::format("{}", value); };
  const auto threshold = [](std::uint32_t value) {
    return value == kNoThreshold ? std::string{"∞"} : std::to_string(value);
  };
  const auto duration = [](Duration value) { return to_text(value); };
  add("phase", from.phase, after.phase, plain);
  add("cwnd", from.cwnd, after.cwnd, plain);
  add("ssthresh", from.ssthresh, after.ssthresh, threshold);
  add("flight", from.flight, after.flight, plain);
  add("snd_una", from.snd_una, after.snd_una, plain);
  add("snd_nxt", from.snd_nxt, after.snd_nxt, plain);
  add("rcv_nxt", from.rcv_nxt, after.rcv_nxt, plain);
  add("out of order", from.out_of_order, after.out_of_order, plain);
  add("peer's window", from.snd_wnd, after.snd_wnd, plain);
  add("own window", from.rcv_wnd, after.rcv_wnd, plain);
  add("srtt", from.srtt, after.srtt, duration);
  add("rto", from.rto, after.rto, duration);
  return text;
}

}  // namespace strata::views
