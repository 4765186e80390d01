// SPDX-License-Identifier: MIT
// The timestamps option of one connection (RFC 7323 3 to 5): the clock
// behind TSval, which of the peer's values is echoed, and protection against wrapped sequence
// numbers (PAWS). What an echoed value says about round trips and spurious retransmissions is the
// sender's matter.
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/seq32.h"
#include "stack/base/time.h"
#include "stack/wire/tcp.h"

namespace strata::tcp {

// The timestamp clock: ticks of 1 ms (RFC 7323 5.4), compared like sequence numbers.
using TimestampValue = Seq32;

class Timestamps {
 public:
  // RFC 7323 5.5: a value older than this says nothing any more.
  static constexpr Duration kIdleMax = std::chrono::hours{24 * 24};
  static constexpr Duration kTick{1ms};

  static TimestampValue clock(Instant now) {
    return TimestampValue{static_cast<std::uint32_t>((now - kStart) / kTick)};
  }

  // The peer's SYN carried `value`.
  void start(TimestampValue value, Instant arrival) {
    recent_ = value;
    recent_at_ = arrival;
  }
  // A new incarnation goes on where `old` ended: its SYN tells what the peer has sent last.
  void resume(const Timestamps& old) {
    recent_ = old.recent_;
    recent_at_ = old.recent_at_;
    is_resumed_ = true;
  }
  // RFC 7323 5.3 R1: the segment is older than what has been received. RST are exempt (5.2); the
  // caller knows.
  bool is_outdated(TimestampValue value, Instant arrival) const {
    return value.before(recent_) && arrival - recent_at_ <= kIdleMax;
  }
  // By how many ticks `value` is older than the newest.
  std::int32_t behind(TimestampValue value) const { return recent_ - value; }
  // RFC 6191 2: newer than any value the peer has sent, or as new as the newest.
  bool is_newer(TimestampValue value) const { return value.after(recent_); }
  bool is_newest(TimestampValue value) const { return value == recent_; }
  // RFC 7323 4.3 (2), 5.3 R3: an acceptable segment that begins at `sequence` carried `value`,
  // which is not outdated.
  void on_segment(TimestampValue value, std::int64_t sequence, Instant arrival) {
    if (sequence <= static_cast<std::int64_t>(last_ack_sent_)) start(value, arrival);
  }
  // An acknowledgement of everything below `next` has been sent.
  void on_ack_sent(std::uint64_t next) { last_ack_sent_ = next; }

  // The option of a segment sent now; without the ACK flag TSecr is zero (RFC 7323 3.2).
  wire::TcpTimestamps option(Instant now, bool has_ack) {
    last_sent_ = clock(now).raw();
    if (!first_sent_) first_sent_ = last_sent_;
    return {.value = last_sent_, .echo_reply = has_ack || is_resumed_ ? recent_.raw() : 0};
  }

  // Whether `echo` is of a time between our first segment and `now`; zero echoes nothing.
  bool may_echo_ours(std::uint32_t echo, Instant now) const {
    if (echo == 0 || !first_sent_) return true;
    return !TimestampValue{echo}.before(TimestampValue{*first_sent_}) &&
           !TimestampValue{echo}.after(clock(now));
  }

  // What option() gave last; zero: it never did.
  std::uint32_t last_sent() const { return last_sent_; }

 private:
  TimestampValue recent_;            // TS.Recent
  Instant recent_at_{};              // when it arrived
  std::uint64_t last_ack_sent_ = 0;  // Last.ACK.sent
  std::uint32_t last_sent_ = 0;      // TSval
  std::optional<std::uint32_t> first_sent_;
  bool is_resumed_ = false;
};

}  // namespace strata::tcp
