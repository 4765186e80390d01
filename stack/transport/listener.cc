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
  return handshaking_ + accept_queue_.size() < backlog_ ? Verdict::open : Verdict::overflow;
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

EndpointId Listener::take() {
  return accept_queue_.empty() ? kNoEndpoint : accept_queue_.pop_front();
}

}  // namespace strata::transport
