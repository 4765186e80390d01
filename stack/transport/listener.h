// SPDX-License-Identifier: MIT
// The LISTEN state (RFC 9293 3.10.7.2) and its two queues: connections that are still shaking
// hands (RFC 4987), and connections that wait for accept(). It decides; the TCP layer acts.
#pragma once

#include <cstddef>
#include <cstdint>

#include "stack/base/ring.h"
#include "stack/base/time.h"
#include "stack/transport/endpoint.h"
#include "stack/wire/tcp.h"

namespace strata::transport {

class Listener {
 public:
  // What a segment addressed to a listener leads to.
  enum class Verdict : std::uint8_t { ignore_reset, refuse, open, cookie, overflow, discard };

  struct Limits {
    std::size_t half_open = 256;                          // connections in SYN-RECEIVED
    tcp::SynCookies cookies = tcp::SynCookies::overflow;  // what happens beyond
    std::size_t fast_open = 0;  // of them, how many may be accepted before the handshake is over
  };

  explicit Listener(int backlog) : Listener(backlog, Limits{}) {}
  Listener(int backlog, const Limits& limits) : limits_(limits) { set_backlog(backlog); }

  std::size_t backlog() const { return backlog_; }
  // At least one connection, at most kBacklogMax (SOMAXCONN).
  void set_backlog(int backlog);

  Verdict judge(const wire::TcpHeader& header) const;
  // No connection can be added to those that wait for accept().
  bool is_full() const { return accept_queue_.size() >= backlog_; }

  // --- the life of a child: SYN-RECEIVED, then waiting for accept(), then accepted ---
  void on_child_opened() { ++handshaking_; }
  void on_child_established(EndpointId child);
  void on_child_failed();  // it ended before it was established
  // The oldest established connection; kNoEndpoint when none waits.
  EndpointId take();
  std::size_t waiting() const { return accept_queue_.size(); }

  // --- SYN cookies: an ACK may open a connection only while one could be out ---
  void on_cookie_sent(Instant now) { cookies_until_ = after(now, kCookieLife); }
  bool may_hold_cookie(Instant now) const { return now < cookies_until_; }

  // --- Fast Open: children in the accept queue whose handshake goes on (RFC 7413 5.1) ---
  bool may_open_fast() const { return fast_open_pending_ < limits_.fast_open; }
  bool offers_fast_open() const { return limits_.fast_open > 0; }
  void set_fast_open(std::size_t most) { limits_.fast_open = most; }
  void on_fast_open_begun() { ++fast_open_pending_; }
  void on_fast_open_ended();

 private:
  static constexpr std::size_t kBacklogMax = 4096;
  static constexpr Duration kCookieLife{128s};  // two slots (syn_cookie.h)

  Limits limits_;
  std::size_t backlog_ = 1;
  std::size_t handshaking_ = 0;
  std::size_t fast_open_pending_ = 0;
  Instant cookies_until_{};
  Ring<EndpointId> accept_queue_;
};

}  // namespace strata::transport
