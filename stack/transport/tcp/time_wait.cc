// SPDX-License-Identifier: MIT
// TIME-WAIT (RFC 9293 3.3.2): how it is entered, what a segment finds there, and the SYN that may
// end it early.
#include "stack/transport/tcp/connection.h"

namespace strata::tcp {
namespace {

namespace flag = wire::tcp_flag;

}  // namespace

void Connection::enter_time_wait(std::string_view cause, Instant now) {
  set_state(TcpState::time_wait, cause, now);
  time_wait_since_ = now;
  for (const Timer timer : {Timer::reordering, Timer::loss_probe, Timer::retransmission,
                            Timer::persist, Timer::fin_wait_2, Timer::keepalive}) {
    cancel_timer(timer, now);
  }
  set_timer(Timer::time_wait, after(now, 2 * config_.msl), now);
}

bool Connection::may_be_replaced_by(const wire::TcpHeader& syn) const {
  if (state_ != TcpState::time_wait || !syn.has(flag::kSyn) || syn.has(flag::kAck) ||
      syn.has(flag::kRst)) {
    return false;
  }
  const Seq32 next = rcv_.wire(rcv_.nxt);
  if (config_.persona.time_wait_by_numbers) return syn.sequence.after(next);
  // RFC 9293 3.6.1 (SHLD-4), RFC 6191 2: a newer timestamp tells that it is no old duplicate, else
  // (MAY-2) a sequence number beyond that of the FIN.
  const bool is_beyond = !syn.sequence.before(next);
  const auto stamps = wire::TcpOptionValues::from(syn.options.bytes()).timestamps;
  if (!stamps || !offer_.timestamps) return is_beyond;
  if (!terms_.timestamps) return true;
  const TimestampValue value{stamps->value};
  return timestamps_.is_newer(value) || (is_beyond && timestamps_.is_newest(value));
}

std::optional<Instant> Connection::stamped_time_wait_since() const {
  if (state_ != TcpState::time_wait || !terms_.timestamps) return std::nullopt;
  return time_wait_since_;
}

// The BSDs keep of a connection in TIME-WAIT little more than its last numbers (tcp_twcheck()): no
// RST ends it (RFC 1337 3, F1), nothing without an ACK is answered, and whatever else is not the
// last ACK once more gets that of ours again, wherever it lies.
Connection::Disposition Connection::check_time_wait(Arrival& segment) {
  if (state_ != TcpState::time_wait || !config_.persona.time_wait_by_numbers) {
    return Disposition::proceed;
  }
  const auto next = static_cast<std::int64_t>(rcv_.nxt);
  const std::int64_t end =
      segment.seq + segment.text_bytes + (segment.syn ? 1 : 0) + (segment.fin ? 1 : 0);
  if (segment.has(flag::kRst) || !segment.has(flag::kAck)) {
    reject(segment, segment.has(flag::kRst) ? DropReason::tcp_reset : DropReason::tcp_bad_ack);
    return Disposition::drop;
  }
  if (terms_.timestamps && config_.persona.needs_timestamps && !segment.options.timestamps) {
    reject(segment, DropReason::tcp_no_timestamp);  // RFC 7323 3.2
    return Disposition::drop;
  }
  if (segment.fin && end == next) {  // RFC 9293 3.10.7.4 eighth: the FIN again
    set_timer(Timer::time_wait, after(segment.now, 2 * config_.msl), segment.now);
  }
  ack_now_ =
      segment.seq != next || end != next || segment.ack != static_cast<std::int64_t>(snd_.nxt);
  if (segment.seq > next) {
    reject(segment, DropReason::tcp_unacceptable);
  } else {
    segment.verdict = ack_now_ ? SegmentVerdict::duplicate : SegmentVerdict::control;
  }
  return Disposition::drop;
}

}  // namespace strata::tcp
