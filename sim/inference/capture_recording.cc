// SPDX-License-Identifier: MIT
#include "sim/inference/capture_recording.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include "sim/inference/hosts.h"
#include "sim/inference/sightings.h"
#include "sim/inference/tcp_segments.h"
#include "sim/inference/tcp_states.h"
#include "stack/wire/arp.h"
#include "stack/wire/datagram.h"
#include "stack/wire/tcp.h"
#include "stack/wire/udp.h"

namespace strata::inference {
namespace {

constexpr std::int64_t kDay = std::int64_t{86'400} * 1'000'000'000;

// What the views need to know of a packet to tell its events.
struct Seen {
  PacketUid uid{};
  Instant time{};
  Passage passage;
  Bytes frame;
  std::optional<std::uint32_t> interface;  // where the capture has several
};

// A generic retransmission has no cause that anybody but its sender could tell.
RetransmitCause cause_of(Repetition repetition) {
  if (repetition == Repetition::fast_retransmission) return RetransmitCause::fast_retransmit;
  if (repetition == Repetition::window_probe) return RetransmitCause::window_probe;
  return RetransmitCause::none;
}

bool is_sent_again(Repetition repetition) {
  return repetition == Repetition::retransmission ||
         repetition == Repetition::fast_retransmission ||
         repetition == Repetition::spurious_retransmission;
}

SegmentKind kind_of(const Segment& segment, Repetition repetition) {
  if (repetition == Repetition::window_probe || repetition == Repetition::keep_alive) {
    return SegmentKind::probe;
  }
  if (is_sent_again(repetition)) return SegmentKind::retransmission;
  if ((segment.flags & wire::tcp_flag::kRst) != 0) return SegmentKind::reset;
  if ((segment.flags & (wire::tcp_flag::kSyn | wire::tcp_flag::kFin)) != 0 && segment.length == 0) {
    return SegmentKind::control;
  }
  return segment.length > 0 ? SegmentKind::data : SegmentKind::pure_ack;
}

SegmentVerdict verdict_of(const Segment& segment, const Findings& findings) {
  if (findings.text_missing_before) return SegmentVerdict::out_of_order;
  if (findings.repetition == Repetition::spurious_retransmission) return SegmentVerdict::duplicate;
  if ((segment.flags & (wire::tcp_flag::kSyn | wire::tcp_flag::kFin | wire::tcp_flag::kRst)) != 0) {
    return SegmentVerdict::control;
  }
  return segment.length == 0 ? SegmentVerdict::acknowledgement : SegmentVerdict::in_order;
}

class Builder {
 public:
  void take(const Seen& seen, const wire::DissectOptions& format);
  trace::Recording finish(trace::Directory directory, Instant end) {
    return recorder_.finish(std::move(directory), 0, end);
  }
  Hosts& hosts() { return hosts_; }
  std::map<PacketUid, PacketUid> take_sightings() { return std::move(seen_again_); }

 private:
  // A TCP connection; `first` is the side whose segment was seen first.
  struct Connection {
    Endpoint first;
    TcpSegments segments;
    TcpStates states;
    PacketUid syn = kNoPacket;  // not answered yet
    std::uint32_t mss[2] = {0, 0};
  };

  void emit(const Seen& seen, NodeId node, EventBody body) {
    recorder_.on_event({.time = seen.time, .node = node, .uid = seen.uid, .body = std::move(body)});
  }
  void pass(const Seen& seen);
  void tcp(const Seen& seen, const wire::Datagram& datagram);
  void udp(const Seen& seen, const wire::Datagram& datagram);
  void variables(const Seen& seen, NodeId node, const Connection& connection, Side side,
                 const FlowKey& key);
  void demultiplex(const Seen& seen, Connection& connection, const Segment& segment,
                   const FlowKey& key);
  void decide(const Seen& seen, PacketUid uid, NodeId node, Protocol protocol, const FlowKey& local,
              std::string_view rule, std::string_view outcome, bool is_hit);
  Connection& connection_of(const FlowKey& key, Side& side);

  Hosts hosts_;
  trace::Recorder recorder_;
  std::map<FlowKey, std::unique_ptr<Connection>> connections_;  // by the first side's key
  std::map<FlowKey, std::uint32_t> datagrams_;                  // UDP: seen from this side
  Sightings sightings_;
  std::map<PacketUid, PacketUid> seen_again_;  // as CaptureRecording::seen_again
};

void Builder::pass(const Seen& seen) {
  emit(seen, seen.passage.from.node,
       FrameSent{.port = seen.passage.from.port,
                 .link = seen.passage.link,
                 .frame = seen.frame,
                 .last_bit_out = seen.time,
                 .last_bit_in = seen.time});
  emit(seen, seen.passage.to.node,
       FrameReceived{.port = seen.passage.to.port, .link = seen.passage.link, .frame = seen.frame});
}

void Builder::take(const Seen& seen, const wire::DissectOptions& format) {
  recorder_.set_format(seen.uid, format);
  const auto datagram = wire::datagram_in(seen.frame, format);
  if (datagram && seen.interface) {
    const PacketUid first =
        sightings_.first_seen_as(seen.uid, seen.time, *seen.interface, *datagram);
    if (first != seen.uid) {
      seen_again_.emplace(seen.uid, first);
      return pass(seen);
    }
  }
  if (datagram && datagram->fragment_offset == 0) {
    if (datagram->protocol == IpProtocol::tcp) return tcp(seen, *datagram);
    if (datagram->protocol == IpProtocol::udp) return udp(seen, *datagram);
    if (datagram->protocol == IpProtocol::icmp && !datagram->payload.empty()) {
      emit(seen, seen.passage.from.node,
           HeaderPushed{
               .protocol = Protocol::icmpv4, .header_bytes = 8, .packet = datagram->payload});
    }
  }
  const auto header = wire::link_header_of(seen.frame, format.link_type);
  if (header && header->type == EtherType::arp && seen.frame.size() > header->bytes) {
    emit(seen, seen.passage.from.node,
         HeaderPushed{.protocol = Protocol::arp,
                      .header_bytes = wire::ArpMessage::kBytes,
                      .packet = seen.frame.subspan(header->bytes)});
  }
  pass(seen);
}

Builder::Connection& Builder::connection_of(const FlowKey& key, Side& side) {
  if (const auto known = connections_.find(key); known != connections_.end()) {
    side = Side::first;
    return *known->second;
  }
  if (const auto known = connections_.find(key.reversed()); known != connections_.end()) {
    side = Side::second;
    return *known->second;
  }
  side = Side::first;
  auto connection = std::make_unique<Connection>();
  connection->first = key.local;
  return *connections_.emplace(key, std::move(connection)).first->second;
}

void Builder::variables(const Seen& seen, NodeId node, const Connection& connection, Side side,
                        const FlowKey& key) {
  const StreamView own = connection.segments.stream(side);
  const StreamView peer = connection.segments.stream(other(side));
  const auto narrow = [](std::uint64_t value) {
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(value, UINT32_MAX));
  };
  emit(seen, node,
       TcpVariables{.flow = key,
                    .state = connection.states.state(side),
                    .mss = connection.mss[static_cast<std::size_t>(other(side))],
                    .flight = narrow(own.next - std::min(own.next, own.acknowledged)),
                    .snd_wnd = narrow(peer.window),
                    .rcv_wnd = narrow(own.window),
                    .snd_una = own.acknowledged,
                    .snd_nxt = own.next,
                    .rcv_nxt = peer.contiguous,
                    .out_of_order = peer.beyond_gap});
}

void Builder::tcp(const Seen& seen, const wire::Datagram& datagram) {
  const auto header = wire::captured_tcp_header(datagram.payload, datagram.payload_bytes);
  if (!header || datagram.payload_bytes < header->header_bytes()) return pass(seen);
  const FlowKey key{{datagram.source, header->source_port},
                    {datagram.destination, header->destination_port}};
  Side side{};
  Connection& connection = connection_of(key, side);
  const wire::TcpOptionValues options = wire::TcpOptionValues::from(header->options.bytes());
  const Segment segment{
      .uid = seen.uid,
      .time = seen.time,
      .sequence = header->sequence,
      .acknowledgement = header->acknowledgement,
      .flags = header->flags,
      .window = header->window,
      .scale = options.window_scale,
      .length = static_cast<std::uint32_t>(datagram.payload_bytes - header->header_bytes())};
  if (options.mss) connection.mss[static_cast<std::size_t>(side)] = *options.mss;
  const std::vector<StateChange> changes = connection.states.take(side, segment);
  const Findings findings = connection.segments.take(side, segment);
  const NodeId from = seen.passage.from.node;
  const NodeId to = seen.passage.to.node;
  const auto tell_states = [&](Side whose) {
    for (const StateChange& change : changes) {
      if (change.side != whose) continue;
      emit(seen, whose == side ? from : to,
           TcpStateChanged{.flow = whose == side ? key : key.reversed(),
                           .from = change.from,
                           .to = change.to,
                           .cause = change.cause});
    }
  };
  // A SYN that was not captured: its sender is the opener all the same.
  const bool was_opened_unseen = !changes.empty() && changes.front().side == other(side) &&
                                 changes.front().to == TcpState::syn_sent;
  if (was_opened_unseen) tell_states(other(side));
  emit(seen, from,
       TcpSegmentSent{.flow = key,
                      .offset = findings.offset,
                      .length = segment.length,
                      .flags = segment.flags,
                      .ack_offset = findings.ack_offset,
                      .kind = kind_of(segment, findings.repetition),
                      .cause = cause_of(findings.repetition),
                      .first_sent_as = findings.first_sent_as});
  tell_states(side);
  variables(seen, from, connection, side, key);
  pass(seen);
  if (findings.repetition == Repetition::reordered) {
    emit(seen, from, FrameDelayed{.link = seen.passage.link, .reordered = true});
  }
  demultiplex(seen, connection, segment, key);
  emit(seen, to,
       TcpSegmentReceived{.flow = key.reversed(),
                          .offset = findings.offset,
                          .length = segment.length,
                          .flags = segment.flags,
                          .ack_offset = findings.ack_offset,
                          .newly_acked = findings.newly_acked,
                          .duplicate_acks = findings.duplicate_acks,
                          .verdict = verdict_of(segment, findings)});
  if (!was_opened_unseen) tell_states(other(side));
  variables(seen, to, connection, other(side), key.reversed());
}

// Which socket the receiver must have found. Of a SYN only the answer tells.
void Builder::demultiplex(const Seen& seen, Connection& connection, const Segment& segment,
                          const FlowKey& key) {
  const bool is_syn = (segment.flags & wire::tcp_flag::kSyn) != 0;
  const bool has_ack = (segment.flags & wire::tcp_flag::kAck) != 0;
  const bool is_reset = (segment.flags & wire::tcp_flag::kRst) != 0;
  if (is_syn && !has_ack) {
    connection.syn = seen.uid;
    return;
  }
  if (connection.syn != kNoPacket && (is_syn || is_reset)) {
    decide(seen, connection.syn, seen.passage.from.node, Protocol::tcp, key,
           is_reset ? "listener" : "listener (inferred)",
           is_reset ? "reset sent" : "new connection", !is_reset);
    connection.syn = kNoPacket;
  }
  decide(seen, seen.uid, seen.passage.to.node, Protocol::tcp, key.reversed(), "exact 4-tuple",
         "delivered", true);
}

void Builder::decide(const Seen& seen, PacketUid uid, NodeId node, Protocol protocol,
                     const FlowKey& local, std::string_view rule, std::string_view outcome,
                     bool is_hit) {
  Demultiplexed body{.protocol = protocol,
                     .local = local.local,
                     .remote = local.remote,
                     .steps = {},
                     .outcome = outcome};
  body.steps.push_back({.rule = rule,
                        .candidate = to_text(local),
                        .outcome = is_hit ? DemuxOutcome::hit : DemuxOutcome::miss,
                        .entries = static_cast<std::uint32_t>(
                            protocol == Protocol::tcp ? connections_.size() : datagrams_.size())});
  recorder_.on_event({.time = seen.time, .node = node, .uid = uid, .body = std::move(body)});
}

void Builder::udp(const Seen& seen, const wire::Datagram& datagram) {
  if (datagram.payload.size() < wire::UdpHeader::kBytes) return pass(seen);
  const FlowKey key{{datagram.source, load_be16(datagram.payload.data())},
                    {datagram.destination, load_be16(datagram.payload.data() + 2)}};
  const std::size_t claimed = load_be16(datagram.payload.data() + 4);
  if (claimed < wire::UdpHeader::kBytes) return pass(seen);
  const auto length = static_cast<std::uint32_t>(claimed - wire::UdpHeader::kBytes);
  const bool is_answer = datagrams_.contains(key.reversed());
  if (!is_answer) ++datagrams_[key];
  emit(seen, seen.passage.from.node,
       HeaderPushed{.protocol = Protocol::udp,
                    .header_bytes = wire::UdpHeader::kBytes,
                    .packet = datagram.payload});
  emit(seen, seen.passage.from.node, UdpDatagramSent{.flow = key, .length = length});
  pass(seen);
  decide(seen, seen.uid, seen.passage.to.node, Protocol::udp, key.reversed(),
         is_answer ? "exact 4-tuple" : "a bound port (inferred)", "delivered", true);
  emit(seen, seen.passage.to.node, UdpDatagramReceived{.flow = key.reversed(), .length = length});
}

}  // namespace

CaptureRecording record(device::CaptureFile& file, std::uint64_t packets_max,
                        std::uint64_t bytes_max) {
  CaptureRecording result;
  Builder builder;
  device::CapturedPacket packet;
  std::int64_t zero = 0;
  Instant now = kStart;
  std::size_t names = 0;
  std::uint64_t octets = 0;
  while (result.packets < packets_max && octets < bytes_max && file.next(packet)) {
    octets += packet.octets.size();
    if (result.packets++ == 0 && packet.nanoseconds >= kDay) zero = packet.nanoseconds;
    const Instant stamp = kStart + Duration{packet.nanoseconds - zero};
    if (stamp < now) ++result.out_of_time;
    now = std::max(now, stamp);
    if (file.names().size() != names) builder.hosts().add_names(file.names());
    names = file.names().size();
    const device::CaptureInterface& interface = file.interfaces()[packet.interface];
    const Seen seen{.uid = PacketUid{result.packets},
                    .time = now,
                    .passage = builder.hosts().passage(packet.octets, packet.interface, interface),
                    .frame = packet.octets,
                    .interface = file.interfaces().size() > 1
                                     ? std::optional<std::uint32_t>{packet.interface}
                                     : std::nullopt};
    result.bytes_left_out += packet.bytes_left_out;
    builder.take(seen, {.link_type = interface.link_type,
                        .has_fcs = interface.fcs_bytes == 4,
                        .bytes_left_out = packet.bytes_left_out});
  }
  const bool is_full = result.packets == packets_max || octets >= bytes_max;
  if (is_full) result.has_more = file.next(packet);
  result.problem = file.problem();
  result.interfaces = file.interfaces();
  result.seen_again = builder.take_sightings();
  result.recording = builder.finish(builder.hosts().take(), now);
  return result;
}

}  // namespace strata::inference
