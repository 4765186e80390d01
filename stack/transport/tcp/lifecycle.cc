// SPDX-License-Identifier: MIT
// Changes of state, the timers, and the ends a connection can come to.
#include <algorithm>
#include <tuple>

#include "stack/base/assert.h"
#include "stack/transport/tcp/connection.h"

namespace strata::tcp {
namespace {

namespace flag = wire::tcp_flag;

constexpr std::uint8_t kPersistDoublingsMax = 16;
// What the card had no room for is tried again (Linux: TCP_RESOURCE_PROBE_INTERVAL).
constexpr Duration kCardRetry{500ms};

}  // namespace

void Connection::set_state(TcpState to, std::string_view cause, Instant now) {
  const TcpState from = std::exchange(state_, to);
  context_->trace(
      now, [&] { return TcpStateChanged{.flow = flow_, .from = from, .to = to, .cause = cause}; });
}

// Our SYN has been acknowledged and the peer's SYN is in.
void Connection::on_synchronised(Instant now) {
  if (state_ == TcpState::syn_sent) {
    set_state(TcpState::established, "SYN,ACK received", now);
  } else if (state_ == TcpState::syn_received) {
    set_state(TcpState::established, "ACK of SYN", now);
    round_buffers();
  }
  if (rcv_.nxt <= receive_buffer_.next()) {  // the text of a SYN that has crossed ours
    const std::uint64_t held = receive_buffer_.next() + 1 - rcv_.nxt;
    advance_receive_next();
    schedule_ack(ReceiveBuffer::Outcome::in_order, held, now);
  }
  // What the SYN had no room for follows as an answer to the SYN,ACK (Linux).
  const bool had_more = opened_actively_ && fast_open_.text_sent > 0 && has_unsent();
  in_dialogue_ = config_.persona.dialogue_within > Duration{} && had_more;
  keepalive_.on_segment(now);
  arm_keepalive(now);
  // The silence of the peer is counted from here.
  if (counters_.last_data_received == Instant{}) counters_.last_data_received = now;
  if (fin_queued_ && state_ == TcpState::established) {
    // RFC 9293 3.10.4: a CLOSE queued until now.
    set_state(TcpState::fin_wait_1, "close", now);
  }
}

// Everything towards the network ends. Text that arrived stays until the user has read it.
void Connection::enter_closed(std::string_view cause, Instant now) {
  set_state(TcpState::closed, cause, now);
  for (std::size_t i = 0; i < kTimers; ++i) cancel_timer(static_cast<Timer>(i), now);
  queue_.clear();
  send_buffer_.clear();
  receive_buffer_.truncate(receive_buffer_.next());
  if (user_gone_) receive_buffer_.clear();
  ack_now_ = false;
  probe_now_ = false;
  keepalive_now_ = false;
  chronograph_.set(Chronograph::Activity::idle, now);
  tail_probe_now_ = false;
}

void Connection::fail(Errc error, std::string_view cause, Instant now) {
  if (!user_gone_) error_ = error;
  enter_closed(cause, now);
}

// RFC 9293 3.10.5: <SEQ=SND.NXT><CTL=RST>; the ACK that goes with it lets the peer check it.
void Connection::reset_peer() {
  pending_reset_ = {.sequence = snd_.wire(snd_.nxt),
                    .acknowledgement = rcv_.wire(rcv_.nxt),
                    .flags = flag::kRst | flag::kAck,
                    .window = config_.persona.reset_tells_window ? window_field(true, rcv_.nxt)
                                                                 : std::uint16_t{0},
                    .because_of = because_of_};
}

void Connection::set_timer(Timer timer, Instant deadline, Instant now) {
  if (timers_.deadline(timer) == deadline) return;
  timers_.set(timer, deadline);
  context_->trace(now, [&] {
    return TimerChanged{
        .flow = flow_, .timer = to_text(timer), .action = TimerAction::set, .deadline = deadline};
  });
}

void Connection::cancel_timer(Timer timer, Instant now) {
  if (!timers_.is_armed(timer)) return;
  const Instant deadline = timers_.deadline(timer);
  timers_.cancel(timer);
  context_->trace(now, [&] {
    return TimerChanged{.flow = flow_,
                        .timer = to_text(timer),
                        .action = TimerAction::cancelled,
                        .deadline = deadline};
  });
}

Instant Connection::next_deadline() const { return timers_.wake_up(); }

void Connection::on_deadline(Instant now) {
  because_of_ = kNoPacket;
  while (const std::optional<Timer> timer = timers_.pop_due(now)) {
    context_->trace(now, [&] {
      return TimerChanged{
          .flow = flow_, .timer = to_text(*timer), .action = TimerAction::fired, .deadline = now};
    });
    on_timer(*timer, now);
  }
  timers_.settle();
  report_variables("timer", now);
}

void Connection::on_timer(Timer timer, Instant now) {
  switch (timer) {
    case Timer::reordering:
      return on_reordering_timeout(now);
    case Timer::loss_probe:
      return on_loss_probe_timeout(now);
    case Timer::retransmission:
      return on_retransmission_timeout(now);
    case Timer::persist:
      return on_persist_timeout(now);
    case Timer::delayed_ack:
      ack_now_ = true;
      in_dialogue_ = false;
      return;
    case Timer::time_wait:
      return enter_closed("2 MSL passed", now);
    case Timer::fin_wait_2:
      return enter_closed("FIN-WAIT-2 timed out", now);
    case Timer::pacing:
      return;  // poll_segment() goes on
    case Timer::keepalive:
      return on_keepalive_timeout(now);
  }
}

void Connection::count_timeout(Instant now) {
  if (timeouts_ == 0) {
    ++counters_.timeout_series;
    counters_.timeout_series_since = now;
  }
  ++counters_.timeouts;
  if (timeouts_ < 0xff) ++timeouts_;
}

// RFC 6298 5.4 to 5.6, RFC 9293 3.8.3.
void Connection::on_retransmission_timeout(Instant now) {
  cancel_timer(Timer::loss_probe, now);
  cancel_timer(Timer::reordering, now);
  if (queue_.empty()) return;
  if (is_synchronised() && snd_.wnd == 0) {
    // MUST-35: the window shrank to zero over data in flight. From here it is a matter of probes,
    // which never give up while they are answered (MUST-37, SHLD-17).
    if (!config_.persona.shut_window_is_loss) {
      recovery_.on_discarded(RetransmitCause::window_probe);
    }
    on_persist_timeout(now);
    return;
  }
  count_timeout(now);
  if (is_given_up(now)) {
    // RFC 9293 3.8.3 (MUST-20 R2): the last soft error tells more than "timed out".
    return fail(soft_error_.value_or(Errc::timed_out), "retransmissions exhausted", now);
  }
  if (timeouts_ == config_.retries_before_doubt) doubt_path();
  if (timeouts_ >= config_.retries_before_doubt && is_synchronised()) suspect_black_hole();
  if (is_synchronised()) {
    const Recovery::Phase before = recovery_.phase();
    recovery_.on_timeout(timeouts_ == 1, now);
    tell_losses(now);
    note_phase_change(before);
  } else if (!was_syn_ack_answered_ || timeouts_ >= config_.deferred_timeouts) {
    recovery_.on_syn_repeated(RetransmitCause::timeout);
  }
  if (config_.card_is_full && is_synchronised()) {
    set_timer(Timer::retransmission, after(now, kCardRetry), now);
    return;
  }
  const bool is_linear =
      state_ == TcpState::syn_sent && timeouts_ <= config_.persona.linear_syn_timeouts;
  is_linear ? rtt_.repeat() : rtt_.back_off();
  set_timer(Timer::retransmission, retransmission_deadline(now), now);
}

void Connection::on_reordering_timeout(Instant now) {
  const Recovery::Phase before = recovery_.phase();
  recovery_.on_reordering_timeout(now);
  tell_losses(now);
  note_phase_change(before);
  restart_timers(true, now);
}

// RFC 8985 7.3: with a probe or without, the time-out is an RTO away from here.
void Connection::on_loss_probe_timeout(Instant now) {
  tail_probe_now_ = recovery_.may_probe();
  if (queue_.empty()) return;
  Instant deadline = retransmission_deadline(now);
  if (!tail_probe_now_ && !config_.persona.probe.holds_up_time_out) {
    deadline = std::max(now, deadline - (now - queue_.front().last_sent));
  }
  set_timer(Timer::retransmission, deadline, now);
}

// The window has been shut, or too small to be worth filling, for the whole interval.
void Connection::on_persist_timeout(Instant now) {
  if (snd_.wnd > 0 && !config_.card_is_full) {
    override_sws_ = true;  // poll_segment() sends what fits
    return;
  }
  if (is_probing_in_vain(now)) {
    return fail(soft_error_.value_or(Errc::timed_out), "window probes unanswered", now);
  }
  if (probes_unanswered_ < 0xff) ++probes_unanswered_;
  probe_now_ = true;
  if (config_.persona.shut_window_is_loss && !queue_.empty()) recovery_.on_timeout(true, now);
  if (config_.card_is_full) {
    Instant retry = after(now, kCardRetry);
    if (config_.user_timeout > Duration{}) {
      retry = std::min(retry, after(probing_since_, config_.user_timeout));
    }
    set_timer(Timer::persist, retry, now);
    return;
  }
  // SHLD-30: the interval between probes grows exponentially.
  if (persist_doublings_ < kPersistDoublingsMax) ++persist_doublings_;
  const Duration doubled = rtt_.base_rto() * (std::int64_t{1} << persist_doublings_);
  const Duration interval = std::max(doubled, config_.persona.persist_min);
  set_timer(Timer::persist, after(now, std::min(config_.rto_max, interval)), now);
}

// An ACK left the window shut: the next probe is an interval away from here (Linux,
// tcp_ack_probe()).
void Connection::put_off_probe(Instant now) {
  if (snd_.wnd > 0 || !queue_.empty() || !timers_.is_armed(Timer::persist)) return;
  const Duration interval = rtt_.base_rto() * (std::int64_t{1} << persist_doublings_);
  set_timer(Timer::persist, after(now, std::min(config_.rto_max, interval)), now);
}

// RFC 5927 4.1: only an ICMP error about something in flight is believed.
bool Connection::is_outstanding(Seq32 sequence) const {
  const std::int64_t absolute = sequence.unwrap(snd_.iss, snd_.una);
  return state_ != TcpState::closed && absolute >= static_cast<std::int64_t>(snd_.una) &&
         absolute < static_cast<std::int64_t>(snd_.max);
}

void Connection::on_icmp_error(Errc error, bool hard, Seq32 quoted_sequence, Instant now) {
  if (!is_outstanding(quoted_sequence)) return;
  because_of_ = kNoPacket;
  if (hard && !is_synchronised()) {
    fail(error, "ICMP error", now);
  } else {
    // RFC 9293 3.9.2.2 (MUST-56): a soft error does not end the connection.
    soft_error_ = error;
  }
  report_variables("ICMP error", now);
}

// RFC 6069 4: a repeated segment got no further than where there was no route, so that its loss
// tells nothing of congestion. The time-out is not doubled for it.
void Connection::on_route_lost(Seq32 quoted_sequence, Instant now) {
  if (!config_.persona.reverts_backoff || timeouts_ == 0 || queue_.empty()) return;
  const std::int64_t absolute = quoted_sequence.unwrap(snd_.iss, snd_.una);
  if (absolute != static_cast<std::int64_t>(snd_.una) || !rtt_.revert_back_off()) return;
  const Instant due = after(queue_.front().last_sent, rtt_.rto());
  set_timer(Timer::retransmission, std::max(due, now), now);
}

TcpVariables Connection::variables(std::string_view cause) const {
  return {.flow = flow_,
          .state = state_,
          .phase = recovery_.phase_name(),
          .mss = terms_.smss,
          .cwnd = window_.cwnd,
          .ssthresh = window_.ssthresh,
          .flight = static_cast<std::uint32_t>(recovery_.in_flight()),
          .snd_wnd = snd_.wnd,
          .rcv_wnd = offered_window(),
          .snd_una = stream_offset_sent(snd_.una),
          .snd_nxt = stream_offset_sent(snd_.nxt),
          .rcv_nxt = stream_offset_received(),
          .out_of_order = receive_buffer_.out_of_order_bytes(),
          .srtt = rtt_.srtt(),
          .rttvar = rtt_.rttvar(),
          .rto = rtt_.rto(),
          .cause = cause};
}

void Connection::report_changed_variables(std::string_view cause, Instant now) {
  const auto build = [&] { return variables(cause); };
  const Event event{.time = now, .node = context_->node, .body = Tracer::body_of(build)};
  const auto& current = std::get<TcpVariables>(event.body);
  const auto figures = [](const TcpVariables& v) {  // what changes most often first
    return std::tie(v.rcv_nxt, v.snd_nxt, v.snd_una, v.flight, v.rcv_wnd, v.snd_wnd, v.cwnd,
                    v.ssthresh, v.srtt, v.rttvar, v.rto, v.out_of_order, v.mss, v.state, v.phase);
  };
  if (reported_ != nullptr && figures(*reported_) == figures(current)) return;
  context_->tracer->emit(event);
  if (reported_ == nullptr) reported_ = std::make_unique<TcpVariables>();
  *reported_ = current;
}

}  // namespace strata::tcp
