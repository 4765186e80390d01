// SPDX-License-Identifier: MIT
// How long a connection bears silence: the thresholds R1 and R2 of RFC 9293 3.8.3, the user timeout
// (RFC 5482) that may take R2's place, and keep-alives (RFC 9293 3.8.4).
#include <algorithm>

#include "stack/transport/tcp/connection.h"

namespace strata::tcp {

// MUST-20 (c), MUST-21: R2, counted in retransmissions (MUST-23: another count for a SYN) or, if
// the user has set one, as the time since the oldest unacknowledged segment was first sent.
bool Connection::is_given_up(Instant now) const {
  if (!is_synchronised() && config_.handshake_timeout > Duration{} &&
      now - queue_.front().first_sent >= config_.handshake_timeout) {
    return true;
  }
  if (config_.user_timeout > Duration{}) {
    return !queue_.empty() && now - queue_.front().first_sent >= config_.user_timeout;
  }
  if (is_synchronised()) return timeouts_ > config_.retries_max;
  const std::uint8_t linear =
      state_ == TcpState::syn_sent ? config_.persona.linear_syn_timeouts : std::uint8_t{0};
  // FreeBSD, which limits the time, counts all of them.
  if (linear == 0 || config_.handshake_timeout > Duration{}) {
    return timeouts_ > config_.syn_retries_max;
  }
  // Those that do not double come on top of the others, but all must not take longer than as many
  // that do (Linux: tcp_write_timeout(), retransmits_timed_out()).
  const std::int64_t doubled = (std::int64_t{2} << std::min<int>(config_.syn_retries_max, 32)) - 1;
  return timeouts_ > config_.syn_retries_max + linear ||
         (timeouts_ > 1 && (now - queue_.front().first_sent) / doubled >= config_.rto_initial);
}

// MUST-20 (b): negative advice to the network layer; SHLD-9: the user may see it, too.
void Connection::doubt_path() {
  is_path_doubtful_ = true;
  is_path_doubt_due_ = true;
}

// The retransmission timer fires no later than the user's patience ends.
Instant Connection::retransmission_deadline(Instant now) const {
  const Instant deadline = after(now, rtt_.rto());
  const Duration patience = is_synchronised() || config_.handshake_timeout == Duration{}
                                ? config_.user_timeout
                                : config_.handshake_timeout;
  if (patience == Duration{} || queue_.empty()) return deadline;
  const Instant end = after(queue_.front().first_sent, patience);
  return end > now ? std::min(deadline, end) : deadline;
}

// A window probe has to be sent: have too many gone unanswered? While they are answered the window
// may stay shut for ever (MUST-37, SHLD-17).
bool Connection::is_probing_in_vain(Instant now) {
  if (probes_unanswered_ == 0) probing_since_ = now;
  if (config_.user_timeout > Duration{}) {
    return probes_unanswered_ > 0 && now - probing_since_ >= config_.user_timeout;
  }
  return probes_unanswered_ >= config_.retries_max;
}

void Connection::set_keepalive(const KeepaliveSettings& settings, Instant now) {
  keepalive_.set(settings);
  cancel_timer(Timer::keepalive, now);
  arm_keepalive(now);
}

void Connection::arm_keepalive(Instant now) {
  if (!keepalive_.settings().enabled || !is_synchronised()) return;
  if (state_ == TcpState::closed || state_ == TcpState::time_wait) return;
  set_timer(Timer::keepalive, std::max(now, keepalive_.next(now)), now);
}

void Connection::on_keepalive_timeout(Instant now) {
  // MUST-26: only when nothing is to be sent and nothing waits for its ACK.
  const bool is_busy = !queue_.empty() || has_unsent();
  switch (keepalive_.on_timer(is_busy, config_.user_timeout, now)) {
    case Keepalive::Verdict::wait:
      break;
    case Keepalive::Verdict::probe:
      keepalive_now_ = true;
      break;
    case Keepalive::Verdict::dead:
      reset_peer();
      return fail(soft_error_.value_or(Errc::timed_out), "keep-alives unanswered", now);
  }
  arm_keepalive(now);
}

}  // namespace strata::tcp
