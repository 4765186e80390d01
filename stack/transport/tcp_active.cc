// SPDX-License-Identifier: MIT
// Active opens: connect(), the 4-tuple it uses, and connections in TIME-WAIT that a new incarnation
// takes over (RFC 6191, as a client sees it).
#include <optional>

#include "stack/base/assert.h"
#include "stack/transport/tcp/isn.h"
#include "stack/transport/tcp_layer.h"

namespace strata::transport {
namespace {

// IP_LOCAL_PORT_RANGE: the lowest in the lower half, the highest in the upper one.
EphemeralPorts::Range port_range(std::uint32_t packed) {
  EphemeralPorts::Range range;
  const auto low = static_cast<std::uint16_t>(packed & 0xffff);
  const auto high = static_cast<std::uint16_t>(packed >> 16);
  if (low != 0) range.first = low;
  if (high != 0) range.last = high;
  return range;
}

}  // namespace

Result<void> TcpLayer::connect(EndpointId id, const Endpoint& remote, Instant now) {
  Stream& stream = this->stream(id);
  if (stream.listener != nullptr) return unexpected(Errc::not_supported);
  if (stream.connection != nullptr) {
    if (const auto retry = forget_failed_attempt(stream); !retry) return retry;
  }
  // RFC 9293 3.9.1 (MUST-46): no connection to a broadcast, multicast or invalid address.
  if (remote.port == 0 || remote.address.is_unspecified() ||
      network_.is_broadcast(remote.address)) {
    return unexpected(Errc::invalid_argument);
  }
  const Result<FlowKey> flow = choose_flow(stream, remote, now);
  if (!flow) return unexpected(flow.error());
  if (stream.bound.port == 0) {
    hold_port(stream, hold_for(flow->local, stream.options, /*is_bound=*/false));
  }
  Seq32 isn = tcp::initial_sequence_number(context_.key, *flow, now);
  std::optional<tcp::Timestamps> stamps;
  if (const std::uint32_t* index = demux_.find_flow(*flow)) {
    Stream& old = streams_.at(*index);
    if (stream.bound.port == 0) stamps = old.connection->timestamps();
    isn = isn_after(old, isn);
    retire(old, now);
  }
  start_connection(stream, *flow, isn);
  if (stamps) stream.connection->resume_timestamps(*stamps);
  if (stream.options.fast_open_connect) {
    const FastOpenCache::Entry* known = fast_open_cache_.find(remote.address);
    if (known == nullptr) {
      stream.connection->request_fast_open(tcp::FastOpenCookie{}, 0);
    } else if (now >= known->disabled_until) {
      stream.connection->request_fast_open(known->cookie, known->mss);
    }
  }
  stream.connection->open_active(now);
  stream.reported = {};
  settle(stream, now);
  if (stream.connection->fast_open().is_held) return {};
  return unexpected(Errc::in_progress);
}

Result<FlowKey> TcpLayer::choose_flow(const Stream& stream, const Endpoint& remote, Instant now) {
  FlowKey flow{.local = stream.bound, .remote = remote};
  if (flow.local.address.is_unspecified()) {
    const Result<IpAddress> source = network_.source_for(remote.address);
    if (!source) return unexpected(source.error());
    flow.local.address = *source;
  }
  if (flow.local.port != 0) {
    if (!is_free(flow, /*is_bound=*/true, now)) return unexpected(Errc::address_in_use);
    return flow;
  }
  const auto is_suitable = [&](std::uint16_t candidate) {
    flow.local.port = candidate;
    return ports_.is_unbound(flow.local) && is_free(flow, /*is_bound=*/false, now);
  };
  const auto port = ephemeral_.choose(flow.local.address, remote,
                                      port_range(stream.options.local_port_range), is_suitable);
  if (!port) return unexpected(Errc::address_not_available);
  return flow;
}

// Nobody has this 4-tuple, or a connection in TIME-WAIT that may be taken over: RFC 6191 has the
// server do so by time stamps; Linux lets a client do it as well, whose clock will have moved on.
bool TcpLayer::is_free(const FlowKey& flow, bool is_bound, Instant now) {
  const std::uint32_t* index = demux_.find_flow(flow);
  if (index == nullptr) return true;
  const tcp::Persona& persona = defaults_.persona;
  const std::optional<Instant> since = streams_.at(*index).connection->stamped_time_wait_since();
  if (!persona.reuses_time_wait || !since) return false;
  return is_bound || now - *since >= persona.time_wait_reuse_delay;
}

// RFC 9293 3.6.1: beyond everything the old incarnation has sent.
Seq32 TcpLayer::isn_after(const Stream& old, Seq32 wanted) {
  constexpr std::uint32_t kSynAndFin = 2;
  constexpr std::uint32_t kGap = 65536;  // beyond any window the old incarnation was offered
  const Seq32 last_sent = Seq32::wrap(old.connection->info().snd_nxt + kSynAndFin, old.isn);
  return wanted.after(last_sent) ? wanted : last_sent + kGap;
}

// A new incarnation has its 4-tuple.
void TcpLayer::retire(Stream& old, Instant now) {
  detach(old);
  if (old.is_released) {
    destroy(old);
  } else {
    // Its user still holds it: nothing but what has been received remains.
    old.connection->close(tcp::Close::abort, now);
  }
}

}  // namespace strata::transport
