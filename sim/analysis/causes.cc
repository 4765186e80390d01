// SPDX-License-Identifier: MIT
#include "sim/analysis/causes.h"

#include <algorithm>
#include <span>
#include <tuple>

#include "sim/analysis/flow_end.h"

namespace strata::analysis {
namespace {

using trace::EventIndex;
using trace::Recording;

// How far a chain of "this because of that because of ..." is followed.
constexpr int kDepthMost = 4;
constexpr std::size_t kDuplicatesMost = 8;

class Search {
 public:
  explicit Search(const Recording& recording) : recording_(recording) {}

  std::optional<CauseStep> run(PacketUid uid) {
    const auto events = recording_.of_packet(uid);
    if (events.empty()) return std::nullopt;
    CauseStep root = step(CauseRelation::subject, making_of(uid).value_or(events.front()), uid);
    add_reasons(root, kDepthMost);
    add_fate(root);
    add_consequences(root);
    return root;
  }

 private:
  const Event& event(EventIndex index) const { return recording_.event(index); }

  static CauseStep step(CauseRelation relation, EventIndex index, PacketUid packet = kNoPacket) {
    return {.relation = relation, .event = index, .packet = packet, .children = {}};
  }

  // The event that says what the packet is and why: of a transport protocol, else none.
  std::optional<EventIndex> making_of(PacketUid uid) const {
    for (const EventIndex index : recording_.of_packet(uid)) {
      const EventBody& body = event(index).body;
      if (std::holds_alternative<TcpSegmentSent>(body) ||
          std::holds_alternative<UdpDatagramSent>(body) || std::holds_alternative<IcmpSent>(body)) {
        return index;
      }
    }
    return std::nullopt;
  }
  EventIndex first_of(PacketUid uid) const {
    return making_of(uid).value_or(recording_.of_packet(uid).front());
  }
  bool is_known(PacketUid uid) const {
    return uid != kNoPacket && !recording_.of_packet(uid).empty();
  }

  // Events of one node at one instant before (`forward`: after) that at `index`, nearest first.
  template <typename Wanted>
  std::optional<EventIndex> nearest(EventIndex index, bool forward, Wanted wanted) const {
    const Event& of = event(index);
    const auto row = recording_.of_node(of.node);
    auto at = std::lower_bound(row.begin(), row.end(), index);
    while (true) {
      if (forward ? ++at >= row.end() : at-- == row.begin()) return std::nullopt;
      if (event(*at).time != of.time) return std::nullopt;
      if (wanted(event(*at))) return *at;
    }
  }

  // ---- what provoked it -------------------------------------------------------------------------

  void add_reasons(CauseStep& of, int depth) const {
    if (depth == 0) return;
    const Event& made = event(of.event);
    const trace::PacketRecord packet = recording_.packet(of.packet);
    if (const auto* segment = std::get_if<TcpSegmentSent>(&made.body)) {
      add_reasons_of_segment(of, *segment, depth);
    } else if (const auto* icmp = std::get_if<IcmpSent>(&made.body);
               icmp != nullptr && is_known(icmp->because_of)) {
      CauseStep cause =
          step(CauseRelation::because, end_of_life(icmp->because_of), icmp->because_of);
      add_first_sent(cause, depth);
      of.children.push_back(std::move(cause));
    } else if (is_known(packet.parent)) {
      const bool is_reply = packet.parentage == Parentage::reply;
      of.children.push_back(step(is_reply ? CauseRelation::because : CauseRelation::original,
                                 first_of(packet.parent), packet.parent));
      add_reasons(of.children.back(), depth - 1);
    } else {
      add_reasons_at_origin(of);
    }
  }

  void add_reasons_of_segment(CauseStep& of, const TcpSegmentSent& segment, int depth) const {
    add_timer(of, segment);
    if (is_known(segment.because_of)) add_arrival(of, segment.because_of, depth);
    if (segment.cause == RetransmitCause::path_mtu) add_icmp_error(of, depth);
    const auto state = nearest(of.event, false, [&](const Event& e) {
      const auto* change = std::get_if<TcpStateChanged>(&e.body);
      return change != nullptr && change->flow == segment.flow;
    });
    const bool is_control = segment.length == 0 && segment.kind != SegmentKind::pure_ack;
    if (state && is_control) of.children.push_back(step(CauseRelation::because, *state));
    if (segment.cause == RetransmitCause::none && segment.length > 0) add_write(of, segment);
    if (is_known(segment.first_sent_as)) {
      CauseStep original =
          step(CauseRelation::original, first_of(segment.first_sent_as), segment.first_sent_as);
      if (of.relation == CauseRelation::subject) add_fate(original);
      of.children.push_back(std::move(original));
    }
  }

  // A timer that fired at that instant, and when it was set.
  void add_timer(CauseStep& of, const TcpSegmentSent& segment) const {
    if (segment.because_of != kNoPacket) return;
    const auto fired = nearest(of.event, false, [&](const Event& e) {
      const auto* timer = std::get_if<TimerChanged>(&e.body);
      return timer != nullptr && timer->action == TimerAction::fired && timer->flow == segment.flow;
    });
    if (!fired) return;
    of.children.push_back(step(CauseRelation::because, *fired));
    const auto& timer = std::get<TimerChanged>(event(*fired).body);
    const auto row = recording_.of_node(event(*fired).node);
    for (auto at = std::lower_bound(row.begin(), row.end(), *fired); at-- != row.begin();) {
      const auto* set = std::get_if<TimerChanged>(&event(*at).body);
      if (set == nullptr || set->flow != timer.flow || set->timer != timer.timer) continue;
      if (set->action == TimerAction::set) {
        of.children.back().children.push_back(step(CauseRelation::set, *at));
      }
      return;
    }
  }

  // The segment whose arrival did it, with the duplicates counted before it.
  void add_arrival(CauseStep& of, PacketUid uid, int depth) const {
    const Event& sent = event(of.event);
    EventIndex arrival = first_of(uid);
    const TcpSegmentReceived* received = nullptr;
    for (const EventIndex index : recording_.of_packet(uid)) {
      if (event(index).node != sent.node || event(index).time > sent.time) continue;
      const auto* body = std::get_if<TcpSegmentReceived>(&event(index).body);
      if (body == nullptr) continue;
      arrival = index;
      received = body;
    }
    CauseStep cause = step(CauseRelation::because, arrival, uid);
    if (received != nullptr && received->duplicate_acks > 1) add_duplicates(cause, *received);
    add_first_sent(cause, depth);
    of.children.push_back(std::move(cause));
  }

  // The ICMP error that told TCP that its segments are too large for the path.
  void add_icmp_error(CauseStep& of, int depth) const {
    const auto error = nearest(of.event, false, [](const Event& e) {
      return std::holds_alternative<IcmpReceived>(e.body);
    });
    if (!error) return;
    CauseStep cause = step(CauseRelation::because, *error, event(*error).uid);
    add_first_sent(cause, depth);
    of.children.push_back(std::move(cause));
  }

  // Under an arrival: why the packet that arrived had been sent.
  void add_first_sent(CauseStep& arrival, int depth) const {
    CauseStep sent = step(CauseRelation::because, first_of(origin_of(recording_, arrival.packet)),
                          origin_of(recording_, arrival.packet));
    add_reasons(sent, depth - 1);
    arrival.children.insert(arrival.children.end(), std::make_move_iterator(sent.children.begin()),
                            std::make_move_iterator(sent.children.end()));
  }

  void add_duplicates(CauseStep& of, const TcpSegmentReceived& last) const {
    std::vector<CauseStep> counted;
    const NodeId node = event(of.event).node;
    const auto row = recording_.of_flow(recording_.packet(of.packet).flow);
    std::uint32_t expected = last.duplicate_acks;
    for (auto at = std::lower_bound(row.begin(), row.end(), of.event); at-- != row.begin();) {
      const Event& e = event(*at);
      const auto* received = std::get_if<TcpSegmentReceived>(&e.body);
      if (received == nullptr || e.node != node || received->flow != last.flow) continue;
      if (received->duplicate_acks == 0 || received->duplicate_acks >= expected) break;
      expected = received->duplicate_acks;
      counted.push_back(step(CauseRelation::duplicate, *at, e.uid));
      if (counted.size() == kDuplicatesMost) break;
    }
    of.children.insert(of.children.end(), counted.rbegin(), counted.rend());
  }

  // The call that gave the first octet of the segment to TCP.
  void add_write(CauseStep& of, const TcpSegmentSent& segment) const {
    const auto row = recording_.of_node(event(of.event).node);
    for (auto at = std::lower_bound(row.begin(), row.end(), of.event); at-- != row.begin();) {
      const auto* written = std::get_if<StreamWritten>(&event(*at).body);
      if (written == nullptr || written->flow != segment.flow) continue;
      if (written->offset > segment.offset) continue;
      if (segment.offset >= written->offset + written->length) return;
      of.children.push_back(step(CauseRelation::written, *at));
      add_call(of.children.back());
      return;
    }
  }

  // The socket call that returned at the same instant, after the fact.
  void add_call(CauseStep& of) const {
    const auto call = nearest(of.event, true, [](const Event& e) {
      return std::holds_alternative<SocketCalled>(e.body);
    });
    if (call) of.children.push_back(step(CauseRelation::call, *call));
  }

  // Of a packet without a parent and without TCP: a datagram that waits for an address (ARP), the
  // call of a process.
  void add_reasons_at_origin(CauseStep& of) const {
    const auto* pushed = std::get_if<HeaderPushed>(&event(of.event).body);
    if (pushed != nullptr && pushed->protocol == Protocol::arp) {
      const auto waiting = nearest(of.event, false, [](const Event& e) {
        return std::holds_alternative<NeighbourChanged>(e.body) && e.uid != kNoPacket;
      });
      if (!waiting) return;
      of.children.push_back(step(CauseRelation::because, *waiting, event(*waiting).uid));
    } else {
      add_call(of);
    }
  }

  // ---- what became of it ------------------------------------------------------------------------

  // The last event that shows where a packet ended, else its first.
  EventIndex end_of_life(PacketUid uid) const {
    EventIndex found = first_of(uid);
    for (const EventIndex index : recording_.of_packet(uid)) {
      if (std::holds_alternative<Dropped>(event(index).body)) found = index;
    }
    return found;
  }

  // Drops and arrivals of the packet, its parts and its copies.
  void add_fate(CauseStep& of) const {
    std::vector<PacketUid> carriers{of.packet};
    for (std::size_t i = 0; i < carriers.size(); ++i) {
      for (const PacketUid child : recording_.children(carriers[i])) {
        if (origin_of(recording_, child) != child) carriers.push_back(child);
      }
    }
    std::vector<EventIndex> rows;
    for (const PacketUid uid : carriers) {
      const auto row = recording_.of_packet(uid);
      rows.insert(rows.end(), row.begin(), row.end());
    }
    std::sort(rows.begin(), rows.end());
    for (const EventIndex index : rows) {
      const Event& e = event(index);
      if (const auto relation = fate_of(e)) of.children.push_back(step(*relation, index, e.uid));
    }
  }
  static std::optional<CauseRelation> fate_of(const Event& e) {
    if (const auto* dropped = std::get_if<Dropped>(&e.body)) {
      return is_loss(*dropped) ? std::optional{CauseRelation::dropped} : std::nullopt;
    }
    if (std::holds_alternative<FrameCorrupted>(e.body) ||
        std::holds_alternative<FrameTruncated>(e.body)) {
      return CauseRelation::damaged;
    }
    if (std::holds_alternative<FrameDelayed>(e.body)) return CauseRelation::delayed;
    if (std::holds_alternative<FrameDuplicated>(e.body)) return CauseRelation::copied;
    if (std::holds_alternative<TcpSegmentReceived>(e.body) ||
        std::holds_alternative<UdpDatagramReceived>(e.body) ||
        std::holds_alternative<IcmpReceived>(e.body)) {
      return CauseRelation::arrived;
    }
    return std::nullopt;
  }

  // ---- what it led to ---------------------------------------------------------------------------

  void add_consequences(CauseStep& of) const {
    const std::uint32_t flow = recording_.packet(of.packet).flow;
    for (const EventIndex index : recording_.of_flow(flow)) {
      const auto* sent = std::get_if<TcpSegmentSent>(&event(index).body);
      if (sent == nullptr || event(index).uid == of.packet) continue;
      if (sent->first_sent_as == of.packet) {
        of.children.push_back(step(CauseRelation::noticed, index, event(index).uid));
      } else if (sent->because_of == of.packet) {
        of.children.push_back(step(CauseRelation::effect, index, event(index).uid));
      }
    }
    for (const PacketUid child : recording_.children(of.packet)) {
      const EventIndex made = first_of(child);
      if (std::holds_alternative<TcpSegmentSent>(event(made).body)) continue;
      if (recording_.packet(child).parentage != Parentage::reply) continue;
      const bool is_error = std::holds_alternative<IcmpSent>(event(made).body);
      of.children.push_back(
          step(is_error ? CauseRelation::noticed : CauseRelation::effect, made, child));
    }
    add_changes(of);
  }

  // States and variables that an end changed as it sent the packet again, or as it took it in.
  void add_changes(CauseStep& of) const {
    const auto* made = std::get_if<TcpSegmentSent>(&event(of.event).body);
    if (made != nullptr && made->cause != RetransmitCause::none) {
      // What made it sent again changed more than sending it: the window was cut before.
      EventIndex from = of.event;
      for (const CauseStep& reason : of.children) {
        const Event& e = event(reason.event);
        const bool is_here = reason.relation == CauseRelation::because &&
                             e.node == event(of.event).node && e.time == event(of.event).time;
        if (is_here) from = std::min(from, reason.event);
      }
      add_changes(of, from, of.event);
    }
    for (const EventIndex index : recording_.of_packet(of.packet)) {
      if (std::holds_alternative<TcpSegmentReceived>(event(index).body)) {
        add_changes(of, index, index);
      }
    }
  }

  // Those that the end reported at the instant of `from`, from there on and until another segment
  // arrives after `last`.
  void add_changes(CauseStep& of, EventIndex from, EventIndex last) const {
    const FlowKey* flow = trace::flow_key(event(last));
    if (flow == nullptr) return;
    const auto row = recording_.of_node(event(last).node);
    for (auto at = first_of_step(row, from, *flow); at != row.end(); ++at) {
      const Event& e = event(*at);
      if (e.time != event(last).time) break;
      if (*at > last && std::holds_alternative<TcpSegmentReceived>(e.body)) break;
      const FlowKey* named = trace::flow_key(e);
      if (named == nullptr || *named != *flow) continue;
      if (is_change(*at)) of.children.push_back(step(CauseRelation::effect, *at));
    }
  }

  // A state, or figures that are not as they were reported before.
  bool is_change(EventIndex index) const {
    const auto* now = std::get_if<TcpVariables>(&event(index).body);
    if (now == nullptr) return std::holds_alternative<TcpStateChanged>(event(index).body);
    const TcpVariables* before = variables_before(recording_, index);
    const auto figures = [](const TcpVariables& v) {
      return std::tie(v.phase, v.cwnd, v.ssthresh, v.flight, v.snd_una, v.snd_nxt, v.rcv_nxt,
                      v.out_of_order, v.snd_wnd, v.rcv_wnd, v.srtt, v.rto);
    };
    return before == nullptr || figures(*before) != figures(*now);
  }

  // TCP reports an arrival when it is done with it: what the arrival changed stands before it, back
  // to the decision which connection it is for.
  std::span<const EventIndex>::iterator first_of_step(std::span<const EventIndex> row,
                                                      EventIndex cause, const FlowKey& flow) const {
    auto at = std::lower_bound(row.begin(), row.end(), cause);
    if (!std::holds_alternative<TcpSegmentReceived>(event(cause).body)) return at;
    while (at != row.begin()) {
      const Event& e = event(*std::prev(at));
      if (e.time != event(cause).time) break;
      if (std::holds_alternative<Demultiplexed>(e.body)) break;
      const auto* other = std::get_if<TcpSegmentReceived>(&e.body);
      if (other != nullptr && other->flow == flow) break;
      --at;
    }
    return at;
  }

  const Recording& recording_;
};

}  // namespace

std::string_view to_text(CauseRelation relation) {
  switch (relation) {
    case CauseRelation::subject:
      return "subject";
    case CauseRelation::because:
      return "because";
    case CauseRelation::duplicate:
      return "duplicate";
    case CauseRelation::set:
      return "set";
    case CauseRelation::written:
      return "written";
    case CauseRelation::call:
      return "call";
    case CauseRelation::original:
      return "original";
    case CauseRelation::damaged:
      return "damaged";
    case CauseRelation::delayed:
      return "delayed";
    case CauseRelation::copied:
      return "copied";
    case CauseRelation::dropped:
      return "dropped";
    case CauseRelation::arrived:
      return "arrived";
    case CauseRelation::noticed:
      return "noticed";
    case CauseRelation::effect:
      return "effect";
  }
  return "?";
}

std::optional<CauseStep> causes_of(const Recording& recording, PacketUid uid) {
  return Search(recording).run(uid);
}

const TcpVariables* variables_before(const Recording& recording, EventIndex index) {
  const auto end = end_of(recording, recording.event(index));
  if (!end) return nullptr;
  const auto row = recording.of_flow(end->flow);
  for (auto at = std::lower_bound(row.begin(), row.end(), index); at != row.begin();) {
    const Event& event = recording.event(*--at);
    const auto* variables = std::get_if<TcpVariables>(&event.body);
    if (variables != nullptr && end->reported(event)) return variables;
  }
  return nullptr;
}

}  // namespace strata::analysis
