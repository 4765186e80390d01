// SPDX-License-Identifier: MIT
#include "tools/export/event_fields.h"

#include <algorithm>
#include <utility>

#include "sim/trace/words.h"

namespace strata::exports {
namespace {

using Words = std::vector<std::string_view>;

// All words of an enumeration, up to and including `last`.
template <typename Enum>
Words words_until(Enum last) {
  Words words;
  for (std::size_t i = 0; i <= static_cast<std::size_t>(last); ++i) {
    words.push_back(to_text(static_cast<Enum>(i)));
  }
  return words;
}

class Describer {
 public:
  Describer(NodeId node, const trace::Directory& names, FieldVisitor& visitor)
      : node_(node), names_(names), to_(visitor) {}

  // ---- physical layer and medium ----
  void on(const FrameQueued& e) {
    port(e.port);
    link(e.link);
    to_.number({"frame_bytes", "octets", "size of this frame"}, e.frame_bytes);
    to_.number({"queued_frames", "frames", "in the queue now, this one included"}, e.queued_frames);
    to_.number({"queued_bytes", "octets", "in the queue now, this one included"}, e.queued_bytes);
  }
  void on(const FrameSent& e) {
    port(e.port);
    link(e.link);
    instant({"last_bit_out_ns", "ns", "when the transmitter falls silent"}, e.last_bit_out);
    instant({"last_bit_in_ns", "ns", "when the last bit reaches the other end, were it not lost"},
            e.last_bit_in);
    to_.flag({"will_arrive", "", "false: the medium has already decided to drop it"},
             e.will_arrive);
    to_.octets({"frame", "", "Ethernet header to frame check sequence, as sent"}, e.frame);
  }
  void on(const FrameReceived& e) {
    port(e.port);
    link(e.link);
    static const Words kErrors = words_until(FrameError::too_long);
    to_.word({"error", "", "what the receiver finds wrong with it"}, to_text(e.error), kErrors);
    to_.octets({"frame", "", "as decoded from the medium, frame check sequence included"}, e.frame);
  }
  void on(const Dropped& e) {
    static const Words kLayers = words_until(Layer::application);
    static const Words kReasons = words_until(DropReason::memory_limit);
    to_.word({"layer", "", "that dropped it"}, to_text(e.layer), kLayers);
    to_.word({"reason", "", "why"}, to_text(e.reason), kReasons);
    port_or_none(e.port);
    link_or_none(e.link);
    decision(e.decision);
    to_.octets({"packet", "", "what was left of it, as the layer saw it"}, e.packet);
  }
  void on(const FrameCorrupted& e) {
    link(e.link);
    list({"flipped_bits", "bits", "offsets from the start of the frame, most significant first"},
         e.flipped_bits, [&](const Field& field, std::uint32_t bit) { to_.number(field, bit); });
    decision(e.decision);
  }
  void on(const FrameTruncated& e) {
    link(e.link);
    to_.number({"sent_bytes", "bytes", "of the frame as it was sent"}, e.sent_bytes);
    to_.number({"arriving_bytes", "bytes", "of its beginning, which arrives"}, e.arriving_bytes);
    decision(e.decision);
  }
  void on(const FrameDuplicated& e) {
    link(e.link);
    packet({"copy", "", "the packet that the copy is"}, e.copy);
    decision(e.decision);
  }
  void on(const FrameDelayed& e) {
    link(e.link);
    duration({"extra_ns", "ns", "beyond the delay of the link"}, e.extra);
    to_.flag({"reordered", "", "held back to be overtaken, rather than jitter"}, e.reordered);
    decision(e.decision);
  }
  void on(const FrameMarked& e) {
    port_or_none(e.port);
    link(e.link);
    decision(e.decision);
  }
  void on(const FrameReplayed& e) {
    port(e.port);
    to_.number({"number", "", "of the frame in its capture file, from 1"}, e.number);
    to_.number({"bytes_left_out", "octets", "of the frame, by whoever captured it"},
               e.bytes_left_out);
  }
  void on(const LinkStateChanged& e) {
    link(e.link);
    to_.flag({"up", "", "the link carries frames now"}, e.up);
  }
  void on(const LinkMtuChanged& e) {
    link(e.link);
    to_.number({"mtu", "bytes", "largest datagram that its ends send in one frame"}, e.mtu);
  }

  // ---- encapsulation ----
  void on(const HeaderPushed& e) {
    protocol(e.protocol);
    const bool is_behind = e.protocol == Protocol::fcs || e.protocol == Protocol::padding;
    header(e.packet, e.header_bytes, is_behind);
    to_.number({"packet_bytes", "octets", "of the packet after it"}, e.packet.size());
  }
  void on(const HeaderPulled& e) {
    protocol(e.protocol);
    const bool is_behind = e.protocol == Protocol::fcs || e.protocol == Protocol::padding;
    header(e.packet, e.header_bytes, is_behind);
    to_.number({"packet_bytes", "octets", "of the packet before it"}, e.packet.size());
  }

  // ---- link layer ----
  void on(const SwitchForwarded& e) {
    to_.text({"in", "", "port it came in by"}, names_.port_name(node_, e.in));
    list({"out", "", "ports it goes out by"}, e.out,
         [&](const Field& field, PortId out) { to_.text(field, names_.port_name(node_, out)); });
    to_.text({"source", "", "MAC address"}, to_text(e.source));
    to_.text({"destination", "", "MAC address"}, to_text(e.destination));
    to_.flag({"flooded", "", "out by all ports but the one it came in by"}, e.flooded);
  }
  void on(const MacTableChanged& e) {
    change(e.change);
    to_.text({"address", "", "MAC address"}, to_text(e.address));
    port(e.port);
    to_.number({"vlan", "", "number of the VLAN; 0: none"}, e.vlan);
  }
  void on(const NeighbourChanged& e) {
    static const Words kStates = words_until(NeighbourState::failed);
    port(e.port);
    to_.text({"address", "", "IP address"}, to_text(e.address));
    to_.text({"mac", "", "MAC address, as far as known"}, to_text(e.mac));
    to_.word({"state", "", "of the entry"}, to_text(e.state), kStates);
    cause(e.cause);
    to_.number({"waiting_packets", "packets", "that wait for the answer"}, e.waiting_packets);
    to_.flag({"is_kept", "", "false: this is no entry of the table, or not any more"}, e.is_kept);
  }

  // ---- network layer ----
  void on(const RouteChosen& e) {
    to_.text({"out", "", "port"}, names_.port_name(node_, e.out));
    to_.text({"source", "", "IP address"}, to_text(e.source));
    to_.text({"destination", "", "IP address"}, to_text(e.destination));
    route(e.route, e.next_hop);
  }
  void on(const DatagramForwarded& e) {
    to_.text({"in", "", "port"}, names_.port_name(node_, e.in));
    to_.text({"out", "", "port"}, names_.port_name(node_, e.out));
    to_.text({"destination", "", "IP address"}, to_text(e.destination));
    route(e.route, e.next_hop);
    to_.number({"ttl_before", "hops", "time to live as it came"}, e.ttl_before);
    to_.number({"ttl_after", "hops", "time to live as it goes"}, e.ttl_after);
  }
  void on(const DatagramFragmented& e) {
    to_.number({"datagram_bytes", "octets", "of the datagram"}, e.bytes);
    to_.number({"mtu_bytes", "octets", "that the next link takes"}, e.mtu);
    list({"fragments", "", "the packets that the fragments are"}, e.fragments,
         [&](const Field& field, PacketUid uid) { to_.number(field, raw(uid)); });
  }
  void on(const DatagramReassembled& e) {
    to_.number({"fragments", "packets", "that made it up"}, e.fragments);
    to_.number({"datagram_bytes", "octets", "of the datagram"}, e.bytes);
    to_.octets({"datagram", "", "header of the first fragment and the whole payload"}, e.datagram);
  }
  void on(const RouteChanged& e) {
    change(e.change);
    static const Words kOrigins = words_until(RouteOrigin::redirect);
    route(e.route, e.next_hop);
    port(e.port);
    to_.number({"metric", "", "the smaller, the better"}, e.metric);
    to_.word({"origin", "", "where it comes from"}, to_text(e.origin), kOrigins);
  }
  void on(const IcmpSent& e) {
    to_.number({"type", "", "of the message"}, e.type);
    to_.number({"code", "", "of the message"}, e.code);
    to_.text({"destination", "", "IP address"}, to_text(e.destination));
    packet({"because_of", "", "the packet that provoked it"}, e.because_of);
  }
  void on(const IcmpReceived& e) {
    to_.number({"type", "", "of the message"}, e.type);
    to_.number({"code", "", "of the message"}, e.code);
    to_.text({"source", "", "IP address"}, to_text(e.source));
  }

  // ---- transport layer ----
  void on(const Demultiplexed& e) {
    static const Words kOutcomes = words_until(DemuxOutcome::not_tried);
    protocol(e.protocol);
    endpoint({"local", "", "where the packet goes"}, e.local);
    endpoint({"remote", "", "where it comes from"}, e.remote);
    list({"steps", "", "the rules in order"}, e.steps,
         [&](const Field& field, const DemuxStep& step) {
           to_.begin_object(field);
           to_.text({"rule", "", "of the demultiplexer"}, step.rule);
           to_.text({"candidate", "", "the key it looked up"}, step.candidate);
           to_.word({"outcome", "", "what it found"}, to_text(step.outcome), kOutcomes);
           to_.number({"entries", "entries", "of the table it searches"}, step.entries);
           to_.end_object();
         });
    maybe(e.socket >= 0, {"fd", "", "descriptor of the socket that gets it"},
          [&](const Field& field) {
            to_.number(field, static_cast<std::uint64_t>(std::max(e.socket, 0)));
          });
    to_.text({"outcome", "", "\"delivered\", \"reset sent\", ..."}, e.outcome);
  }
  void on(const TcpStateChanged& e) {
    flow(e.flow);
    to_.word({"from", "", "state"}, to_text(e.from), states());
    to_.word({"to", "", "state"}, to_text(e.to), states());
    cause(e.cause);
  }
  void on(const TcpSegmentSent& e) {
    static const Words kKinds = words_until(SegmentKind::reset);
    static const Words kCauses = words_until(RetransmitCause::path_mtu);
    flow(e.flow);
    segment(e.offset, e.length, e.flags, e.ack_offset);
    to_.word({"kind", "", "of segment"}, to_text(e.kind), kKinds);
    to_.word({"cause", "", "of a retransmission"}, to_text(e.cause), kCauses);
    packet({"first_sent_as", "", "the packet that first carried these octets"}, e.first_sent_as);
    packet({"because_of", "", "the packet whose arrival provoked this one"}, e.because_of);
  }
  void on(const TcpSegmentReceived& e) {
    static const Words kVerdicts = words_until(SegmentVerdict::rejected);
    flow(e.flow);
    segment(e.offset, e.length, e.flags, e.ack_offset);
    to_.number({"newly_acked", "octets", "of our stream, by this segment"}, e.newly_acked);
    to_.number({"duplicate_acks", "segments", "in a row with this one; 0: it is none"},
               e.duplicate_acks);
    to_.word({"verdict", "", "what became of it"}, to_text(e.verdict), kVerdicts);
  }
  void on(const UdpDatagramSent& e) {
    flow(e.flow);
    to_.number({"length_bytes", "octets", "of payload"}, e.length);
  }
  void on(const UdpDatagramReceived& e) {
    flow(e.flow);
    to_.number({"length_bytes", "octets", "of payload"}, e.length);
  }
  void on(const TcpVariables& e) {
    flow(e.flow);
    to_.word({"state", "", "of the connection"}, to_text(e.state), states());
    to_.text({"phase", "", "of congestion control"}, e.phase);
    to_.number({"mss_bytes", "octets", "of text in a segment at most"}, e.mss);
    to_.number({"cwnd_bytes", "octets", "congestion window"}, e.cwnd);
    to_.number({"ssthresh_bytes", "octets", "slow start threshold; 4294967295 before a loss"},
               e.ssthresh);
    to_.number({"flight_bytes", "octets", "sent and not acknowledged"}, e.flight);
    to_.number({"snd_wnd_bytes", "octets", "the peer offers"}, e.snd_wnd);
    to_.number({"rcv_wnd_bytes", "octets", "we offer"}, e.rcv_wnd);
    to_.number({"snd_una", "octets", "offset of the first octet not acknowledged"}, e.snd_una);
    to_.number({"snd_nxt", "octets", "offset of the next octet to send"}, e.snd_nxt);
    to_.number({"rcv_nxt", "octets", "offset of the next octet expected"}, e.rcv_nxt);
    to_.number({"out_of_order_bytes", "octets", "held above a gap"}, e.out_of_order);
    duration({"srtt_ns", "ns", "smoothed round trip; 0 before the first sample"}, e.srtt);
    duration({"rttvar_ns", "ns", "variation of the round trip"}, e.rttvar);
    duration({"rto_ns", "ns", "retransmission time-out"}, e.rto);
    cause(e.cause);
  }
  void on(const RttSampled& e) {
    flow(e.flow);
    duration({"sample_ns", "ns", "this round trip"}, e.sample);
    duration({"srtt_ns", "ns", "smoothed round trip after it"}, e.srtt);
    duration({"rttvar_ns", "ns", "variation after it"}, e.rttvar);
    duration({"rto_ns", "ns", "retransmission time-out after it"}, e.rto);
  }
  void on(const TimerChanged& e) {
    static const Words kActions = words_until(TimerAction::fired);
    flow(e.flow);
    to_.text({"timer", "", "\"retransmission\", \"delayed-ack\", ..."}, e.timer);
    to_.word({"action", "", "what was done with it"}, to_text(e.action), kActions);
    maybe(e.deadline != kNever, {"deadline_ns", "ns", "when it fires"},
          [&](const Field& field) { instant(field, e.deadline); });
  }

  void on(const StreamWritten& e) { stream(e.flow, e.offset, e.length); }
  void on(const StreamRead& e) { stream(e.flow, e.offset, e.length); }

  // ---- sockets and applications ----
  void on(const SocketCalled& e) {
    process(e.process);
    maybe(e.socket >= 0, {"fd", "", "descriptor"}, [&](const Field& field) {
      to_.number(field, static_cast<std::uint64_t>(std::max(e.socket, 0)));
    });
    to_.text({"call", "", "with its arguments"}, e.call);
    to_.text({"result", "", "what it returned, or the name of the error"}, e.result);
    to_.octets({"data", "", "sent or received by the call"}, e.data);
  }
  void on(const ProcessStarted& e) { process(e.process); }
  void on(const ProcessEnded& e) {
    process(e.process);
    to_.text({"error", "", "why it failed; empty: it returned normally"}, e.error);
  }
  void on(const ProcessOutput& e) {
    process(e.process);
    to_.text({"line", "", "it wrote for people"}, e.line);
  }

 private:
  static const Words& states() {
    static const Words kStates = words_until(TcpState::time_wait);
    return kStates;
  }

  template <typename Write>
  void maybe(bool is_there, Field field, Write write) {
    field.may_be_null = true;
    is_there || to_.is_describing() ? write(field) : to_.null(field);
  }
  template <typename Item, typename Write>
  void list(const Field& field, const std::vector<Item>& items, Write write) {
    to_.begin_list(field);
    if (to_.is_describing()) write(Field{}, Item{});
    for (const Item& item : items) write(Field{}, item);
    to_.end_list();
  }

  void instant(const Field& field, Instant value) { duration(field, value - kStart); }
  void duration(const Field& field, Duration value) {
    to_.number(field, static_cast<std::uint64_t>(std::max<std::int64_t>(value.count(), 0)));
  }
  void packet(const Field& field, PacketUid uid) {
    maybe(uid != kNoPacket, field, [&](const Field& f) { to_.number(f, raw(uid)); });
  }
  void port(PortId id) { to_.text({"port", "", "of the node"}, names_.port_name(node_, id)); }
  void port_or_none(PortId id) {
    maybe(id != kNoPort, {"port", "", "of the node"},
          [&](const Field& field) { to_.text(field, names_.port_name(node_, id)); });
  }
  void link(LinkId id) { to_.text({"link", "", "its name"}, names_.link_name(id)); }
  void link_or_none(LinkId id) {
    maybe(id != kNoLink, {"link", "", "its name"},
          [&](const Field& field) { to_.text(field, names_.link_name(id)); });
  }
  void protocol(Protocol value) {
    static const Words kProtocols = words_until(Protocol::fcs);
    to_.word({"protocol", "", "whose header it is"}, to_text(value), kProtocols);
  }
  void header(Bytes packet, std::size_t bytes, bool is_behind) {
    const std::size_t size = std::min(bytes, packet.size());
    to_.number({"header_bytes", "octets", "of the header"}, bytes);
    to_.octets({"header", "", "its octets"}, is_behind ? packet.last(size) : packet.first(size));
  }
  void change(TableChange value) {
    static const Words kChanges = words_until(TableChange::expired);
    to_.word({"change", "", "of the entry"}, to_text(value), kChanges);
  }
  void route(const Prefix& prefix, const IpAddress& next_hop) {
    to_.text({"route", "", "prefix of the entry"}, to_text(prefix));
    to_.text({"next_hop", "", "IP address; 0.0.0.0 where the network is connected"},
             to_text(next_hop));
  }
  void endpoint(const Field& field, const Endpoint& value) {
    to_.begin_object(field);
    to_.text({"address", "", "IP address"}, to_text(value.address));
    to_.number({"port", "", "of the transport protocol"}, value.port);
    to_.end_object();
  }
  void flow(const FlowKey& key) {
    endpoint({"local", "", "this end"}, key.local);
    endpoint({"remote", "", "the other end"}, key.remote);
  }
  void segment(std::uint64_t offset, std::uint32_t length, std::uint8_t flags,
               std::uint64_t ack_offset) {
    to_.number({"offset", "octets", "of the stream, from 0, SYN and FIN not included"}, offset);
    to_.number({"length_bytes", "octets", "of text"}, length);
    to_.number({"flags", "", "as in the header: FIN 1, SYN 2, RST 4, PSH 8, ACK 16, URG 32, ..."},
               flags);
    to_.number({"ack_offset", "octets", "next octet expected of the other stream"}, ack_offset);
  }
  void stream(const FlowKey& key, std::uint64_t offset, std::uint32_t length) {
    flow(key);
    to_.number({"offset", "octets", "of the stream, from 0"}, offset);
    to_.number({"length_bytes", "octets", "so many of them"}, length);
  }
  void cause(std::string_view text) { to_.text({"cause", "", "in words"}, text); }
  void process(std::string_view name) { to_.text({"process", "", "its name"}, name); }
  void decision(const std::optional<DecisionDetail>& detail) {
    maybe(detail.has_value(), {"decision", "", "how it was decided"}, [&](const Field& field) {
      const DecisionDetail shown = detail.value_or(DecisionDetail{});
      to_.begin_object(field);
      to_.text({"model", "", "\"bernoulli\", \"3rd match of ...\""}, shown.model);
      to_.real({"probability", "", "of this decision; 0 where none applies"}, shown.probability);
      to_.real({"draw", "", "the number drawn, in [0, 1)"}, shown.draw);
      to_.text({"stream", "", "of random numbers; empty: none"}, shown.stream);
      to_.number({"index", "", "position in that stream"}, shown.index);
      to_.end_object();
    });
  }

  NodeId node_;
  const trace::Directory& names_;
  FieldVisitor& to_;
};

template <std::size_t... Index>
std::vector<Event> examples(std::index_sequence<Index...>) {
  std::vector<Event> events;
  (events.push_back(Event{.body = std::variant_alternative_t<Index, EventBody>{}}), ...);
  return events;
}

}  // namespace

const std::vector<EventKind>& event_kinds() {
  static const std::vector<EventKind> kKinds{
      {"frame_queued", "A frame was put behind others in the transmit queue of a port."},
      {"frame_sent", "The first bit of a frame leaves."},
      {"frame_received", "The last bit of a frame arrived, sound or damaged."},
      {"dropped", "A packet ended here."},
      {"frame_corrupted", "The medium flipped bits of a frame in flight."},
      {"frame_duplicated", "The medium will deliver a frame twice."},
      {"frame_delayed", "The medium delivers a frame later than propagation alone would."},
      {"link_state_changed", "A link went up or down."},
      {"header_pushed", "A layer put its header in front of a packet, or its trailer behind."},
      {"header_pulled", "A layer accepted and removed its header or trailer."},
      {"switch_forwarded", "A switch chose the ports of a frame."},
      {"mac_table_changed", "A switch learned, refreshed or forgot an address."},
      {"neighbour_changed", "An entry of the ARP cache changed."},
      {"route_chosen", "A host chose where a datagram of its own goes."},
      {"datagram_forwarded", "A router chose where a datagram of somebody else goes."},
      {"datagram_fragmented", "A datagram was too large for the next link."},
      {"datagram_reassembled", "The last fragment of a datagram arrived."},
      {"route_changed", "A route was added or removed."},
      {"icmp_sent", "An ICMP message was sent."},
      {"icmp_received", "An ICMP message arrived."},
      {"demultiplexed", "A segment or datagram was given to a socket, or to none."},
      {"tcp_state_changed", "A connection went from one state to another."},
      {"tcp_segment_sent", "TCP handed a segment to the network layer."},
      {"tcp_segment_received", "TCP was done with a segment that arrived."},
      {"tcp_variables", "The variables of a connection after one of them changed."},
      {"rtt_sampled", "TCP measured a round trip."},
      {"timer_changed", "A timer of TCP was set, cancelled or fired."},
      {"socket_called", "A socket call of a process returned."},
      {"process_started", "A process began."},
      {"process_ended", "A process ended."},
      {"process_output", "A process wrote a line for people."},
      {"frame_marked", "The transmit queue marked a datagram \"congestion experienced\"."},
      {"udp_datagram_sent", "UDP handed a datagram to the network layer."},
      {"udp_datagram_received", "A datagram was put into the receive queue of a socket."},
      {"stream_written", "Octets of the stream entered the send buffer of a connection."},
      {"stream_read", "Octets of the stream left the receive buffer for the user."},
      {"frame_replayed", "A frame of a capture file enters the network again."},
      {"frame_truncated", "The medium delivers only the beginning of a frame."},
      {"link_mtu_changed", "The MTU of a link changed."},
  };
  return kKinds;
}

std::vector<Event> example_events() {
  return examples(std::make_index_sequence<std::variant_size_v<EventBody>>{});
}

void visit_common(const Event& event, std::uint32_t flow, const trace::Directory& names,
                  FieldVisitor& visitor) {
  static const Words kRelations = words_until(Parentage::duplicate);
  static const Words kKindNames = [] {
    Words words;
    for (const EventKind& kind : event_kinds()) words.push_back(kind.name);
    return words;
  }();
  const auto number_or_null = [&](Field field, std::uint64_t value) {
    field.may_be_null = true;
    value != 0 || visitor.is_describing() ? visitor.number(field, value) : visitor.null(field);
  };
  visitor.number({"t_ns", "ns", "virtual time since the start of the run"},
                 static_cast<std::uint64_t>((event.time - kStart).count()));
  visitor.word({"event", "", "its kind"}, event_kinds()[event.body.index()].name, kKindNames);
  const Field node{"node", "", "where it happened; null: on no node", true};
  event.node != kNoNode || visitor.is_describing() ? visitor.text(node, names.node_name(event.node))
                                                   : visitor.null(node);
  number_or_null({"uid", "", "the packet it is about"}, raw(event.uid));
  number_or_null({"parent", "", "the packet that one comes from"}, raw(event.parent));
  visitor.word({"relation", "", "of the packet to its parent"}, to_text(event.parentage),
               kRelations);
  number_or_null({"flow", "", "the conversation it belongs to"}, flow);
}

void visit_fields(const Event& event, const trace::Directory& names, FieldVisitor& visitor) {
  Describer describer(event.node, names, visitor);
  std::visit([&](const auto& body) { describer.on(body); }, event.body);
}

}  // namespace strata::exports
