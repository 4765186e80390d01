// SPDX-License-Identifier: MIT
// The LISTEN state (RFC 9293 3.10.7.2) and its backlog: connections that are still shaking hands
// and connections that wait for accept(). It decides; the TCP layer acts.
#pragma once

#include <cstddef>
#include <cstdint>

#include "stack/transport/endpoint.h"
#include "stack/transport/ring.h"
#include "stack/wire/tcp.h"

namespace strata::transport {

class Listener {
 public:
  // What a segment addressed to a listener leads to.
  enum class Verdict : std::uint8_t { ignore_reset, refuse, open, overflow, discard };

  explicit Listener(int backlog) { set_backlog(backlog); }

  std::size_t backlog() const { return backlog_; }
  // At least one connection, at most kBacklogMax (SOMAXCONN).
  void set_backlog(int backlog);

  Verdict judge(const wire::TcpHeader& header) const;

  // --- the life of a child: SYN-RECEIVED, then waiting for accept(), then accepted ---
  void on_child_opened() { ++handshaking_; }
  void on_child_established(EndpointId child);
  void on_child_failed();  // it ended before it was established
  // The oldest established connection; kNoEndpoint when none waits.
  EndpointId take();

  std::size_t waiting() const { return accept_queue_.size(); }

 private:
  static constexpr std::size_t kBacklogMax = 4096;

  std::size_t backlog_ = 1;
  std::size_t handshaking_ = 0;
  Ring<EndpointId> accept_queue_;
};

}  // namespace strata::transport
