// SPDX-License-Identifier: MIT
// The fifth step of segment arrival (RFC 9293 3.10.7.4), the ACK field, and what follows from it:
// the retransmission queue, round-trip samples, duplicate ACKs, the send window.
#include <algorithm>

#include "stack/transport/tcp/connection.h"

namespace strata::tcp {
namespace {

namespace flag = wire::tcp_flag;

}  // namespace

// RFC 9293 3.10.7.4 fifth.
Connection::Disposition Connection::check_ack(Arrival& segment) {
  if (!segment.has(flag::kAck)) {
    reject(segment, DropReason::tcp_bad_ack);
    return Disposition::drop;
  }
  if (!is_synchronised()) return check_ack_of_syn(segment);
  const auto una = static_cast<std::int64_t>(snd_.una);
  // MAY-12, RFC 5961 5.2: SND.UNA - MAX.SND.WND =< SEG.ACK =< SND.NXT.
  if (segment.ack > static_cast<std::int64_t>(snd_.max) ||
      segment.ack < una - static_cast<std::int64_t>(snd_.max_wnd)) {
    challenge(segment);
    reject(segment, DropReason::tcp_bad_ack);
    return Disposition::drop;
  }
  probes_unanswered_ = 0;
  const Recovery::Phase phase_before = recovery_.phase();
  keepalive_.on_segment(segment.now);
  counters_.last_ack_received = segment.arrival;
  if (segment.ack > una) {
    accept_ack(segment);
  } else if (segment.ack == una) {
    count_duplicate_ack(segment);
  }
  if (segment.has(flag::kEce)) reduce_for_mark(segment);
  note_phase_change(phase_before);
  if (segment.ack >= una) update_send_window(segment);
  if (is_fin_acked()) on_fin_acked(segment.now);
  return state_ == TcpState::closed ? Disposition::drop : Disposition::proceed;
}

// The ACK that our SYN (or SYN,ACK) waits for: SND.UNA < SEG.ACK =< SND.NXT.
Connection::Disposition Connection::check_ack_of_syn(Arrival& segment) {
  if (segment.ack <= 0 || segment.ack > static_cast<std::int64_t>(snd_.max)) {
    reset_bad_ack(segment);
    return Disposition::drop;
  }
  accept_ack(segment);
  update_send_window(segment);
  if (is_fin_acked()) on_fin_acked(segment.now);
  return Disposition::proceed;
}

// RFC 5681 2: a duplicate ACK has (a) outstanding data, (b) no text, (c) no SYN or FIN, (d) the
// greatest ACK number so far and (e) an unchanged window.
void Connection::count_duplicate_ack(Arrival& segment) {
  if (queue_.empty() || segment.text_bytes > 0 || segment.has(flag::kFin) ||
      segment.wnd != snd_.wnd) {
    return;
  }
  recovery_.on_duplicate_ack(*control_, window_, snd_, queue_, segment.now);
}

// SND.UNA < SEG.ACK =< SND.NXT.
void Connection::accept_ack(Arrival& segment) {
  const bool acks_syn = !is_synchronised();
  const std::uint64_t flight_before = recovery_.in_flight(snd_, queue_);
  // Lost, that is; in a simultaneous open it goes out twice by design (RFC 9293 figure 8).
  const bool syn_was_lost = acks_syn && timeouts_ > 0;
  segment.newly_acked = static_cast<std::uint64_t>(segment.ack) - snd_.una;
  snd_.una = static_cast<std::uint64_t>(segment.ack);
  snd_.nxt = std::max(snd_.nxt, snd_.una);  // a window probe's octet was taken
  const Acknowledged acknowledged = queue_.acknowledge(snd_.una);
  send_buffer_.release(std::min(snd_.una - 1, send_buffer_.end()));
  sample_rtt(acknowledged, segment.arrival, segment.now);
  timeouts_ = 0;
  is_path_doubtful_ = false;
  soft_error_.reset();

  Recovery::TimerRestart restart = Recovery::TimerRestart::yes;
  if (acks_syn) {
    // RFC 6298 5.7, RFC 5681 3.1: a lost SYN leaves the first data cautious.
    if (syn_was_lost) rtt_.restart_after_syn_loss();
    window_.cwnd =
        syn_was_lost ? terms_.smss : initial_window(terms_.smss, config_.initial_window_segments);
    on_synchronised(segment.now);
    control_->on_start(window_, segment.now, rtt_.srtt());
  } else {
    const AckSample sample = ack_sample(segment, acknowledged, flight_before);
    if (control_->traits.observes) control_->observe(sample);
    restart = recovery_.on_new_ack(*control_, window_, snd_, queue_, sample);
  }
  // RFC 6298 5.2, 5.3.
  if (queue_.empty()) {
    cancel_timer(Timer::retransmission, segment.now);
  } else if (restart == Recovery::TimerRestart::yes && timers_.is_armed(Timer::retransmission)) {
    set_timer(Timer::retransmission, after(segment.now, rtt_.rto()), segment.now);
  }
  if (queue_.empty() && !has_unsent()) cancel_timer(Timer::persist, segment.now);
}

// One sample per round trip (RFC 6298 3), never from an ACK that also covers something sent twice
// (Karn): what came after the hole waited for the repair.
void Connection::sample_rtt(const Acknowledged& acknowledged, Instant arrival, Instant now) {
  if (!acknowledged.any_record || acknowledged.retransmitted ||
      acknowledged.last_begin < timed_from_) {
    return;
  }
  timed_from_ = snd_.nxt;
  const Duration sample = arrival - acknowledged.last_sent;
  rtt_.sample(sample);
  context_->trace(now, [&] {
    return RttSampled{.flow = flow_,
                      .sample = sample,
                      .srtt = rtt_.srtt(),
                      .rttvar = rtt_.rttvar(),
                      .rto = rtt_.rto()};
  });
}

// RFC 9293 3.10.7.4 fifth: only a segment not older than the last one used (SND.WL1, SND.WL2).
void Connection::update_send_window(const Arrival& segment) {
  const auto seq = static_cast<std::uint64_t>(std::max<std::int64_t>(segment.seq, 0));
  const auto ack = static_cast<std::uint64_t>(segment.ack);
  // What acknowledges new octets was sent later than any other window we know of, though its
  // sequence number may be that of a retransmission: keeping the old window would move the right
  // edge, which is counted from SND.UNA, to where the peer has never promised it.
  const bool is_newest = segment.newly_acked > 0;
  if (!is_newest && (seq < snd_.wl1 || (seq == snd_.wl1 && ack < snd_.wl2))) return;
  const bool opens = snd_.wnd == 0 && segment.wnd > 0;
  snd_.wnd = segment.wnd;
  snd_.wl1 = seq;
  snd_.wl2 = ack;
  snd_.max_wnd = std::max(snd_.max_wnd, snd_.wnd);
  if (opens) cancel_timer(Timer::persist, segment.now);  // poll_segment() sends, or arms it anew
}

void Connection::on_fin_acked(Instant now) {
  switch (state_) {
    case TcpState::fin_wait_1:
      set_state(TcpState::fin_wait_2, "ACK of FIN", now);
      if (user_gone_ && config_.fin_wait_2_timeout > Duration{}) {
        set_timer(Timer::fin_wait_2, after(now, config_.fin_wait_2_timeout), now);
      }
      break;
    case TcpState::closing:
      enter_time_wait("ACK of FIN", now);
      break;
    case TcpState::last_ack:
      enter_closed("ACK of FIN", now);
      break;
    case TcpState::closed:
    case TcpState::listen:
    case TcpState::syn_sent:
    case TcpState::syn_received:
    case TcpState::established:
    case TcpState::fin_wait_2:
    case TcpState::close_wait:
    case TcpState::time_wait:
      break;
  }
}

}  // namespace strata::tcp
