// SPDX-License-Identifier: MIT
#include "tools/views/event_text.h"

#include <fmt/format.h>

#include "sim/analysis/causes.h"

namespace strata::views {
namespace {

using trace::Recording;

constexpr std::uint32_t kNoThreshold = 0xffffffffU;

std::string ordinal(std::uint32_t number) {
  const std::uint32_t tens = number % 100;
  const bool is_teen = tens >= 11 && tens <= 13;
  const std::uint32_t last = is_teen ? 0 : number % 10;
  return fmt::format("{}{}", number, last == 1 ? "st" : last == 2 ? "nd" : last == 3 ? "rd" : "th");
}

class Writer {
 public:
  Writer(const Recording& recording, trace::EventIndex index, Labeller& labeller)
      : recording_(recording),
        index_(index),
        event_(recording.event(index)),
        names_(recording.directory()),
        labeller_(labeller) {}

  EventSentence write() {
    return std::visit([this](const auto& body) { return on(body); }, event_.body);
  }

 private:
  std::string at() const { return fmt::format("at {}", to_text(event_.time)); }
  std::string_view node() const { return names_.node_name(event_.node); }
  std::string packet() { return packet(event_.uid); }
  std::string packet(PacketUid uid) {
    return fmt::format("#{} {}", raw(uid), labeller_.label(uid).text);
  }

  EventSentence on(const TcpSegmentSent& sent) {
    const Role role = sent.cause != RetransmitCause::none ? Role::retransmission
                      : sent.length > 0                   ? Role::data
                                                          : Role::plain;
    return {fmt::format("{}, sent by {} {}", packet(), node(), at()), role};
  }
  EventSentence on(const TcpSegmentReceived& received) {
    std::string text = fmt::format("{} arrived at {} {}", packet(), node(), at());
    if (received.duplicate_acks > 0) {
      text += fmt::format(": the {} duplicate ACK", ordinal(received.duplicate_acks));
    } else if (received.newly_acked > 0) {
      text += fmt::format(": it acknowledges {} octets", received.newly_acked);
    }
    if (received.length > 0) text += fmt::format(" ({})", to_text(received.verdict));
    return {std::move(text), Role::plain};
  }
  EventSentence on(const UdpDatagramSent& sent) {
    return {fmt::format("{}, sent by {} {} ({} octets)", packet(), node(), at(), sent.length),
            Role::data};
  }
  EventSentence on(const UdpDatagramReceived& received) {
    return {fmt::format("#{} was put into the socket's queue at {} {} ({} octets)", raw(event_.uid),
                        node(), at(), received.length),
            Role::good};
  }
  EventSentence on(const IcmpSent&) {
    return {fmt::format("{}, sent by {} {}", packet(), node(), at()), Role::network};
  }
  EventSentence on(const IcmpReceived&) {
    return {fmt::format("{} arrived at {} {}", packet(), node(), at()), Role::network};
  }
  EventSentence on(const Dropped& dropped) {
    std::string where = dropped.link != kNoLink
                            ? fmt::format("on {}", names_.link_name(dropped.link))
                            : fmt::format("at {}", node());
    std::string text = fmt::format("#{} was dropped {} {}: {}", raw(event_.uid), where, at(),
                                   to_text(dropped.reason));
    const std::string decision = decision_text(dropped.decision);
    if (!decision.empty()) text += fmt::format(" ({})", decision);
    return {std::move(text), Role::drop};
  }
  EventSentence on(const FrameCorrupted& corrupted) {
    std::string text =
        fmt::format("#{} was damaged on {} {}: {} bits flipped", raw(event_.uid),
                    names_.link_name(corrupted.link), at(), corrupted.flipped_bits.size());
    const std::string decision = decision_text(corrupted.decision);
    if (!decision.empty()) text += fmt::format(" ({})", decision);
    return {std::move(text), Role::damaged};
  }
  EventSentence on(const FrameTruncated& truncated) {
    std::string text = fmt::format("#{} was cut short on {} {}: {} of {} octets arrive",
                                   raw(event_.uid), names_.link_name(truncated.link), at(),
                                   truncated.arriving_bytes, truncated.sent_bytes);
    const std::string decision = decision_text(truncated.decision);
    if (!decision.empty()) text += fmt::format(" ({})", decision);
    return {std::move(text), Role::damaged};
  }
  EventSentence on(const FrameDelayed& delayed) {
    return {fmt::format("#{} was held back on {} for {}{}", raw(event_.uid),
                        names_.link_name(delayed.link), to_text(delayed.extra),
                        delayed.reordered ? ", to be overtaken" : ""),
            Role::damaged};
  }
  EventSentence on(const FrameDuplicated& duplicated) {
    return {fmt::format("#{} was copied on {} {}: the copy is #{}", raw(event_.uid),
                        names_.link_name(duplicated.link), at(), raw(duplicated.copy)),
            Role::damaged};
  }
  EventSentence on(const TimerChanged& timer) {
    if (timer.action == TimerAction::fired) {
      return {fmt::format("the {} timer of {} fired {}", timer.timer, node(), at()),
              Role::retransmission};
    }
    if (timer.action == TimerAction::cancelled) {
      return {fmt::format("the {} timer of {} was cancelled {}", timer.timer, node(), at()),
              Role::plain};
    }
    return {fmt::format("set {} for {}, {} later", at(), to_text(timer.deadline),
                        to_text(timer.deadline - event_.time)),
            Role::dim};
  }
  EventSentence on(const TcpStateChanged& change) {
    return {fmt::format("{} went from {} to {} {}: {}", node(), to_text(change.from),
                        to_text(change.to), at(), change.cause),
            Role::transport};
  }
  EventSentence on(const TcpVariables& variables) {
    const std::string changes =
        changes_text(analysis::variables_before(recording_, index_), variables);
    return {fmt::format("{}: {}", node(), changes.empty() ? "nothing changed" : changes),
            Role::transport};
  }
  EventSentence on(const StreamWritten& written) {
    return {fmt::format("octets {} to {} were written {}", written.offset,
                        written.offset + written.length - 1, at()),
            Role::application};
  }
  EventSentence on(const SocketCalled& call) {
    return {fmt::format("{}: {} = {}", call.process, printable(call.call), printable(call.result)),
            Role::application};
  }
  EventSentence on(const NeighbourChanged& change) {
    return {fmt::format("{} waits at {} for the address of {} ({})", packet(), node(),
                        to_text(change.address), change.cause),
            Role::link};
  }
  // Of a packet nobody said anything special about.
  template <typename Other>
  EventSentence on(const Other&) {
    if (event_.uid == kNoPacket) return {fmt::format("{} {}", node(), at()), Role::plain};
    return {fmt::format("{}, first seen at {} {}", packet(), node(), at()), Role::plain};
  }

  const Recording& recording_;
  trace::EventIndex index_;
  const Event& event_;
  const trace::Directory& names_;
  Labeller& labeller_;
};

}  // namespace

EventSentence sentence_of(const Recording& recording, trace::EventIndex index, Labeller& labeller) {
  return Writer(recording, index, labeller).write();
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

std::string decision_text(const std::optional<DecisionDetail>& decision) {
  if (!decision) return {};
  std::string text = decision->model;
  if (!decision->stream.empty()) {
    text += fmt::format(", p {:.6g}, drew {:.6g}, number {} of {}", decision->probability,
                        decision->draw, decision->index, decision->stream);
  }
  return text;
}

}  // namespace strata::views
