// SPDX-License-Identifier: MIT
// Passive opens: segments for a listener, its children, SYN cookies (RFC 4987), Fast Open on the
// server's side (RFC 7413), and SYNs that find a connection in TIME-WAIT (RFC 6191).
#include <utility>

#include "stack/base/assert.h"
#include "stack/transport/fast_open.h"
#include "stack/transport/tcp/isn.h"
#include "stack/transport/tcp/signature.h"
#include "stack/transport/tcp/syn_cookie.h"
#include "stack/transport/tcp_arrival.h"
#include "stack/transport/tcp_layer.h"

namespace strata::transport {
namespace {

namespace flag = wire::tcp_flag;

tcp::CookieTerms terms_of(const wire::TcpHeader& syn) {
  const wire::TcpOptionValues options = wire::TcpOptionValues::from(syn.options.bytes());
  return {.mss = options.mss.value_or(tcp::kDefaultMss),
          .window_scale = options.window_scale,
          .sack_permitted = options.sack_permitted,
          .ecn_setup = syn.has(flag::kEce) && syn.has(flag::kCwr)};
}

// The SYN that `ack` completes, as far as the cookie has kept it.
wire::TcpHeader syn_from_cookie(const wire::TcpHeader& ack, const tcp::CookieTerms& terms) {
  wire::TcpOptionWriter writer;
  writer.mss(terms.mss);
  if (terms.sack_permitted) writer.sack_permitted();
  if (terms.window_scale) writer.window_scale(*terms.window_scale);
  // RFC 7323 3.2: timestamps come with every segment once they are agreed, so the ACK tells.
  const auto timestamps = wire::TcpOptionValues::from(ack.options.bytes()).timestamps;
  if (timestamps) writer.timestamps({.value = timestamps->value, .echo_reply = 0});
  wire::TcpHeader syn{.source_port = ack.source_port,
                      .destination_port = ack.destination_port,
                      .sequence = ack.sequence - 1,
                      .flags = flag::kSyn,
                      .window = ack.window};
  if (terms.ecn_setup) syn.flags |= flag::kEce | flag::kCwr;
  syn.options = writer.finish();
  return syn;
}

}  // namespace

// RFC 9293 3.6.1 (MAY-2), RFC 6191: a SYN that cannot be an old duplicate opens a new incarnation
// out of TIME-WAIT, given that somebody listens and that the new ISN is beyond everything the old
// incarnation has sent.
bool TcpLayer::reopen_time_wait(Stream& old, const Arrival& arrival, Instant now) {
  if (!old.connection->may_be_replaced_by(arrival.header)) return false;
  const std::optional<std::uint32_t> index = demux_.find_listener(arrival.flow);
  if (!index) return false;
  Stream& parent = streams_.at(*index);
  if (parent.listener->judge(arrival.header) != Listener::Verdict::open) return false;
  if (lacks_signature(parent, arrival)) return false;

  const Seq32 isn = isn_after(old, tcp::initial_sequence_number(context_.key, arrival.flow, now));
  retire(old, now);
  open_child(parent, arrival, isn, now);
  return true;
}

// RFC 2385 2.0: what is not signed as the listener wants is dropped silently.
bool TcpLayer::lacks_signature(const Stream& listener, const Arrival& arrival) {
  const auto& key = listener.options.signature_key;
  return !key.empty() &&
         !tcp::is_signed(arrival.header, arrival.text(), arrival.flow.remote.address,
                         arrival.flow.local.address, key);
}

void TcpLayer::on_listener_segment(Stream& stream, const Arrival& arrival, Instant now) {
  if (lacks_signature(stream, arrival)) {
    trace_demux(arrival, stream.descriptor, "signature is wrong or missing", now);
    drop(DropReason::tcp_bad_signature, arrival.packet, arrival.info, now);
    return;
  }
  switch (stream.listener->judge(arrival.header)) {
    case Listener::Verdict::ignore_reset:
      trace_demux(arrival, stream.descriptor, "reset ignored", now);
      drop(DropReason::tcp_reset, arrival.packet, arrival.info, now);
      return;
    case Listener::Verdict::refuse:
      // An ACK that no connection wants: does it bring back one of our cookies?
      if (const auto terms = cookie_in(stream, arrival, now)) {
        open_from_cookie(stream, arrival, *terms, now);
        return;
      }
      trace_demux(arrival, stream.descriptor, "reset sent", now);
      drop(DropReason::tcp_bad_ack, arrival.packet, arrival.info, now);
      send_reset(arrival, now);
      return;
    case Listener::Verdict::discard:
      trace_demux(arrival, stream.descriptor, "not a SYN", now);
      drop(DropReason::tcp_wrong_state, arrival.packet, arrival.info, now);
      return;
    case Listener::Verdict::overflow:
      // Silently: the peer will repeat its SYN, and by then somebody may have called accept().
      trace_demux(arrival, stream.descriptor, "backlog full", now);
      drop(DropReason::backlog_full, arrival.packet, arrival.info, now);
      return;
    case Listener::Verdict::cookie:
      send_cookie(stream, arrival, now);
      return;
    case Listener::Verdict::open:
      open_child(stream, arrival, tcp::initial_sequence_number(context_.key, arrival.flow, now),
                 now);
      return;
  }
}

// A connection that `parent` will give out; the handshake is the caller's matter.
Stream& TcpLayer::make_child(Stream& parent, const Arrival& arrival, Seq32 isn) {
  Stream& child = streams_.emplace();
  child.options = parent.options;
  child.parent = parent.id;
  parent.listener->on_child_opened();
  hold_port(child, hold_for(arrival.flow.local, child.options, /*is_bound=*/false));
  learn_return_route(child, arrival);
  start_connection(child, arrival.flow, isn);
  return child;
}

// RFC 9293 3.9.2.1 (MUST-53): a passive open answers along the source route of its SYN, reversed.
// (SHLD-24): a later segment with another route replaces it. Only where source routes are welcome
// at all (RFC 7126 4.3.5): they let a stranger receive what is meant for an address he pretends.
void TcpLayer::learn_return_route(Stream& stream, const Arrival& arrival) const {
  const Bytes header = arrival.info.header;
  if (header.size() <= wire::Ipv4Header::kBytesMin) [[likely]]
    return;
  if (network_.config().source_routes != network::SourceRoutePolicy::process) return;
  const wire::OptionBytes route =
      network::return_route(header.subspan(wire::Ipv4Header::kBytesMin), arrival.info.source.v4());
  if (!route.empty()) stream.return_route = route;
}

tcp::FastOpenCookie TcpLayer::fast_open_cookie_for(const Stream& listener,
                                                   const FlowKey& flow) const {
  const auto key =
      listener.options.fast_open_key ? listener.options.fast_open_key : defaults_.fast_open_key;
  if (key) {
    const bool is_for_client = defaults_.persona.fast_open_cookie_of_client;
    return fast_open_cookie_by(*key, flow.remote.address,
                               is_for_client ? nullptr : &flow.local.address);
  }
  return fast_open_cookie(context_.key, flow.local.address, flow.remote.address);
}

void TcpLayer::open_child(Stream& parent, const Arrival& arrival, Seq32 isn, Instant now) {
  trace_demux(arrival, parent.descriptor, "new connection", now);
  trace_pulled(arrival, now);
  Stream& child = make_child(parent, arrival, isn);
  tcp::Connection& connection = *child.connection;
  const PacketUid uid = arrival.packet.uid();
  const Instant arrived = arrival.packet.arrival();
  const auto cookie = tcp::fast_open_option(arrival.header.options.bytes());
  const bool needs_none = !defaults_.fast_open_needs_cookie && !arrival.text().empty();
  if (!(cookie || needs_none) || !parent.listener->offers_fast_open()) {
    connection.open_passive(arrival.header, arrival.text(), uid, arrived, now, arrival.info.ecn);
  } else {
    tcp::FastOpenCookie valid = fast_open_cookie_for(parent, arrival.flow);
    valid.is_experimental = cookie && cookie->is_experimental;
    const bool is_valid = needs_none || *cookie == valid;
    if (is_valid && parent.listener->may_open_fast()) {
      parent.listener->on_fast_open_begun();
      child.is_fast_open_pending = true;
      child.fast_open_parent = parent.id;
      if (cookie && defaults_.persona.fast_open_awaits_text) connection.grant_fast_open(valid);
      connection.open_passive_fast(arrival.header, arrival.text(), uid, arrived, now,
                                   arrival.info.ecn);
    } else {
      // RFC 7413 4.2.2: the text of the SYN is not taken; with a wrong or no cookie comes a right
      // one for the next time.
      if (!is_valid) connection.grant_fast_open(valid);
      connection.open_passive(arrival.header, {}, uid, arrived, now, arrival.info.ecn);
    }
  }
  settle(child, now);
}

// RFC 4987 3.6: answers as a connection would, and keeps nothing.
void TcpLayer::send_cookie(Stream& parent, const Arrival& arrival, Instant now) {
  trace_demux(arrival, parent.descriptor, "SYN cookie sent", now);
  trace_pulled(arrival, now);
  const Seq32 cookie = tcp::make_syn_cookie(context_.key, arrival.flow, arrival.header.sequence,
                                            terms_of(arrival.header), now);
  parent.listener->on_cookie_sent(now);
  Tracer silent;
  NodeContext unseen = context_;
  unseen.tracer = &silent;
  tcp::Connection forgotten(unseen, arrival.flow, config_for(parent), cookie,
                            announced_mss_for(parent, arrival.flow.remote.address), &chunks_);
  // A cookie has no room for accurate ECN: the SYN is answered as RFC 3168 has it.
  wire::TcpHeader syn = arrival.header;
  syn.reserved = 0;
  forgotten.open_passive(syn, {}, arrival.packet.uid(), arrival.packet.arrival(), now);
  std::optional<Packet> packet = forgotten.poll_segment(now);
  STRATA_ASSERT(packet.has_value());
  packet->set_parent(arrival.packet.uid(), Parentage::reply);
  constexpr std::size_t kFlagsAt = 13;
  const int flags = packet->bytes()[kFlagsAt];
  send_alone(arrival, std::move(*packet), flags, SegmentKind::control, now);
}

// What the cookie remembers that `arrival` brings back; nullopt if it is none of ours.
std::optional<tcp::CookieTerms> TcpLayer::cookie_in(const Stream& listener, const Arrival& arrival,
                                                    Instant now) const {
  const wire::TcpHeader& ack = arrival.header;
  if (ack.has(flag::kSyn) || ack.has(flag::kRst) || !ack.has(flag::kAck)) return std::nullopt;
  if (!listener.listener->may_hold_cookie(now)) return std::nullopt;
  return tcp::open_syn_cookie(context_.key, arrival.flow, ack.sequence - 1, ack.acknowledgement - 1,
                              now);
}

// The connection that the ACK of a cookie completes, given that it can wait for accept().
void TcpLayer::open_from_cookie(Stream& parent, const Arrival& arrival,
                                const tcp::CookieTerms& terms, Instant now) {
  if (parent.listener->is_full()) {
    trace_demux(arrival, parent.descriptor, "backlog full", now);
    drop(DropReason::backlog_full, arrival.packet, arrival.info, now);
    return;
  }
  Stream& child = make_child(parent, arrival, arrival.header.acknowledgement - 1);
  child.connection->resume_passive(syn_from_cookie(arrival.header, terms), now);
  on_connection_segment(child, arrival, now);
}

// A client's SYN was answered by a cookie, and, repeated, by a half-open connection that begins
// with another number. If it is the cookie that the client acknowledges, the connection out of the
// cookie takes the place of the half-open one, on which nothing was sent.
bool TcpLayer::replace_by_cookie(Stream& half_open, const Arrival& arrival, Instant now) {
  if (half_open.parent == kNoEndpoint || half_open.is_established) return false;
  if (arrival.header.acknowledgement == half_open.isn + 1) return false;
  Stream& parent = stream(half_open.parent);
  if (parent.listener->is_full()) return false;
  const auto terms = cookie_in(parent, arrival, now);
  if (!terms || lacks_signature(parent, arrival)) return false;
  parent.listener->on_child_failed();
  half_open.is_released = true;
  retire(half_open, now);
  open_from_cookie(parent, arrival, *terms, now);
  return true;
}

// The last ACK of a handshake while nobody can be given the connection: as if it were lost. The
// peer's text or our SYN,ACK will come again.
bool TcpLayer::must_wait_for_accept(const Stream& child, const Arrival& arrival) const {
  if (child.parent == kNoEndpoint || child.is_established) return false;
  return arrival.header.has(flag::kAck) && !arrival.header.has(flag::kRst) &&
         stream(child.parent).listener->is_full();
}

}  // namespace strata::transport
