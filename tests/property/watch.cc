// SPDX-License-Identifier: MIT
#include "tests/property/watch.h"

#include <fmt/format.h>

#include <algorithm>

#include "stack/wire/tcp.h"

namespace strata::property {
namespace {

namespace flag = wire::tcp_flag;

constexpr std::size_t kEthernetBytes = 14;
constexpr EventMask kWanted = event_mask<FrameSent, FrameReceived, TcpStateChanged, TcpVariables>();

std::uint64_t key_of(NodeId node, const FlowKey& flow) {
  return std::uint64_t{raw(node)} << 32U | std::uint32_t{flow.local.port} << 16U | flow.remote.port;
}

bool is_before(std::uint32_t a, std::uint32_t b) { return static_cast<std::int32_t>(a - b) < 0; }

}  // namespace

Watch::Watch(const Plan& plan, const Topology& topology)
    : plan_(plan), topology_(topology), is_host_(topology.world->node_count()) {
  for (const NodeId node : topology.hosts) is_host_[raw(node)] = true;
  topology.world->tracer().attach(*this, kWanted);
}

Watch::~Watch() { topology_.world->tracer().detach(*this); }

void Watch::on_event(const Event& event) {
  if (!is_host_[raw(event.node)]) return;
  Segment segment;
  if (const auto* sent = std::get_if<FrameSent>(&event.body)) {
    if (parse(sent->frame, segment)) on_sent(segment, event);
  } else if (const auto* received = std::get_if<FrameReceived>(&event.body)) {
    if (received->error == FrameError::none && parse(received->frame, segment)) {
      on_received(segment);
    }
  } else if (const auto* change = std::get_if<TcpStateChanged>(&event.body)) {
    on_state(*change, event.node);
  } else {
    on_variables(std::get<TcpVariables>(event.body), event);
  }
}

// False for whatever does not begin with a TCP segment over IPv4. Of a fragmented segment the first
// piece is taken: it has the header.
bool Watch::parse(Bytes frame, Segment& segment) {
  if (frame.size() < 58 || load_be16(&frame[12]) != 0x0800) return false;
  const Bytes datagram = frame.subspan(kEthernetBytes);
  if (datagram[9] != 6 || (load_be16(&datagram[6]) & 0x1fffU) != 0) return false;
  const std::size_t ip_bytes = (datagram[0] & 0x0fU) * std::size_t{4};
  const Bytes tcp = datagram.subspan(ip_bytes, load_be16(&datagram[2]) - ip_bytes);
  const std::size_t header_bytes = (tcp[12] >> 4U) * std::size_t{4};
  segment = {.ports = load_be32(&tcp[0]),
             .sequence = load_be32(&tcp[4]),
             .acknowledgement = load_be32(&tcp[8]),
             .text_bytes = static_cast<std::uint32_t>(tcp.size() - header_bytes),
             .flags = tcp[13],
             .window = load_be16(&tcp[14]),
             .options = tcp.subspan(20, header_bytes - 20)};
  return true;
}

// RFC 7323 2.2: windows are scaled when both sides offered it, but never on a SYN.
unsigned Watch::window_shift(const Segment& segment) {
  const Side& side = sides_[segment.ports];
  const bool is_scaled = (segment.flags & flag::kSyn) == 0 && side.offers_scaling &&
                         sides_[segment.ports_back()].offers_scaling;
  return is_scaled ? side.shift : 0;
}

std::uint32_t Watch::right_edge(const Segment& segment) {
  return segment.acknowledgement + (std::uint32_t{segment.window} << window_shift(segment));
}

void Watch::on_sent(const Segment& segment, const Event& event) {
  Side& side = sides_[segment.ports];
  if ((segment.flags & flag::kSyn) != 0) {
    const auto options = wire::TcpOptionValues::from(segment.options);
    // An old duplicate of a SYN may open a connection anew, with another number.
    if (side.initial_sequence != segment.sequence) side = {.initial_sequence = segment.sequence};
    side.offers_scaling = options.window_scale.has_value();
    side.shift = options.window_scale.value_or(0);
  }
  if ((segment.flags & flag::kRst) != 0) return;
  if ((segment.flags & flag::kAck) != 0) {
    const std::uint32_t edge = right_edge(segment);
    // RFC 7323 2.4: less than one unit may be lost by rounding.
    const std::uint32_t unit = std::uint32_t{1} << window_shift(segment);
    // Linux shuts the window for good when its memory is exhausted (RFC 9293 3.8.6: SHLD-14 only);
    // the ACK that says so may be lost for want of memory itself, and a later one opens it a
    // little.
    const bool may_shut = config_of(event.node).persona.charges_for_segments;
    const bool moved_back = side.has_edge && !may_shut && is_before(edge + unit - 1, side.edge);
    // A SYN,ACK sent again cannot say how far a scaled window has got since.
    if (moved_back && (segment.flags & flag::kSyn) == 0 && side.cookies_returned < 2) {
      complain(event,
               fmt::format("the right window edge moved back by {} octets", side.edge - edge));
    }
    if (!side.has_edge || is_before(side.edge, edge)) side.edge = edge;
    side.has_edge = true;
  }
  // One octet beyond the window is a probe (RFC 9293 3.8.6.1).
  const Side& peer = sides_[segment.ports_back()];
  const std::uint32_t end = segment.sequence + segment.text_bytes;
  // Where probes are empty, text that the peer misses behind a window that it has shut is sent
  // again.
  const bool is_missed = config_of(event.node).persona.empty_window_probe &&
                         event.parentage == Parentage::retransmission;
  if (segment.text_bytes > 0 && peer.has_seen_edge && !is_missed &&
      is_before(peer.seen_edge + 1, end)) {
    complain(event, fmt::format("{} octets were sent beyond the window", end - peer.seen_edge));
  }
}

void Watch::on_received(const Segment& segment) {
  if ((segment.flags & flag::kAck) == 0 || (segment.flags & flag::kRst) != 0) return;
  const std::uint32_t edge = right_edge(segment);
  Side& side = sides_[segment.ports];
  if (!side.has_seen_edge || is_before(side.seen_edge, edge)) side.seen_edge = edge;
  side.has_seen_edge = true;
}

void Watch::on_state(const TcpStateChanged& change, NodeId node) {
  if (change.from == TcpState::closed || change.from == TcpState::listen) {
    variables_.erase(key_of(node, change.flow));
  }
  // A connection of its own, though no SYN tells it from the one that had these ports before.
  // When an old duplicate returned it once more, segments of the other may still be queued.
  if (change.cause == "SYN cookie returned") {
    const std::uint32_t ports =
        std::uint32_t{change.flow.local.port} << 16U | change.flow.remote.port;
    sides_[ports].has_edge = false;
    ++sides_[ports].cookies_returned;
  }
  if (change.to != TcpState::closed) return;
  // RFC 5461: systems that let an ICMP error end a handshake give up on a broken path.
  if (change.cause == "retransmissions exhausted" || change.cause == "window probes unanswered" ||
      change.cause == "keep-alives unanswered" ||
      (change.cause == "ICMP error" &&
       config_of(node).persona.handshake_errors != tcp::HandshakeErrors::hard)) {
    gave_up_.insert(std::uint32_t{change.flow.local.port} << 16U | change.flow.remote.port);
  }
}

const tcp::Config& Watch::config_of(NodeId node) const {
  const auto host = std::ranges::find(topology_.hosts, node) - topology_.hosts.begin();
  return plan_.hosts[static_cast<std::size_t>(host)].tcp;
}

void Watch::on_variables(const TcpVariables& now, const Event& event) {
  const std::uint32_t ports = std::uint32_t{now.flow.local.port} << 16U | now.flow.remote.port;
  Variables& before = variables_[std::uint64_t{raw(event.node)} << 32U | ports];
  const tcp::Config& config = config_of(event.node);
  if (now.snd_una < before.snd_una) complain(event, "SND.UNA moved back");
  if (now.rcv_nxt < before.rcv_nxt) complain(event, "RCV.NXT moved back");
  if (now.snd_nxt < now.snd_una) complain(event, "SND.NXT is behind SND.UNA");
  if (now.cwnd < now.mss)
    complain(event, fmt::format("cwnd is {}, below SMSS {}", now.cwnd, now.mss));
  if (now.rto < std::min(config.rto_min, config.rto_initial) || now.rto > config.rto_max) {
    complain(event, "the RTO is " + to_text(now.rto));
  }
  before = {.snd_una = now.snd_una, .rcv_nxt = now.rcv_nxt};
}

void Watch::complain(const Event& event, std::string what) {
  violations_.push_back(fmt::format("{} at {}: {}", topology_.world->node_name(event.node),
                                    to_text(event.time), what));
}

}  // namespace strata::property
