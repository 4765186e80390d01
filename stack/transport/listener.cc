// SPDX-License-Identifier: MIT
#include "stack/transport/listener.h"

#include <algorithm>

#include "stack/base/assert.h"

namespace strata::transport {

void Listener::set_backlog(int backlog) {
  backlog_ = std::min(static_cast<std::size_t>(std::max(backlog, 1)), kBacklogMax);
}

Listener::Verdict Listener::judge(const wire::TcpHeader& header) const {
  // RFC 9293 3.10.7.2, first: a RST cannot be about anything this listener has sent.
  if (header.has(wire::tcp_flag::kRst)) return Verdict::ignore_reset;
  // Second: any acknowledgement is bad.
  if (header.has(wire::tcp_flag::kAck)) return Verdict::refuse;
  // Third: a SYN opens a connection. Fourth: anything else should not occur.
  if (!header.has(wire::tcp_flag::kSyn)) return Verdict::discard;
  // Nobody could accept it: silence makes the peer try again later.
  if (is_full()) return Verdict::overflow;
  if (limits_.cookies == tcp::SynCookies::always) return Verdict::cookie;
  if (handshaking_ < limits_.half_open) return Verdict::open;
  return limits_.cookies == tcp::SynCookies::overflow ? Verdict::cookie : Verdict::overflow;
}

void Listener::on_child_established(EndpointId child) {
  STRATA_ASSERT(handshaking_ > 0);
  --handshaking_;
  accept_queue_.push_back(child);
}

void Listener::on_child_failed() {
  STRATA_ASSERT(handshaking_ > 0);
  --handshaking_;
}

void Listener::on_fast_open_ended() {
  STRATA_ASSERT(fast_open_pending_ > 0);
  --fast_open_pending_;
}

EndpointId Listener::take() {
  return accept_queue_.empty() ? kNoEndpoint : accept_queue_.pop_front();
}

}  // namespace strata::transport
