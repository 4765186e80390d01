// SPDX-License-Identifier: MIT
// The fifth step of segment arrival (RFC 9293 3.10.7.4), the ACK field, and what follows from it:
// the retransmission queue, round-trip samples, duplicate ACKs, the send window.
#include <algorithm>
#include <array>

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
  // MAY-12, RFC 5961 5.2: SND.UNA - MAX.SND.WND =< SEG.ACK =< SND.NXT. Below our ISS nothing was
  // ever sent that could be acknowledged, however large the window.
  const std::int64_t oldest =
      std::max<std::int64_t>(una - static_cast<std::int64_t>(snd_.max_wnd), 0);
  const bool is_unsent = segment.ack > static_cast<std::int64_t>(snd_.max);
  if (is_unsent || segment.ack < oldest) {
    if (config_.persona.ecn.reads_refused_acks) note_codepoint(segment);
    const bool is_silent = is_unsent && state_ == TcpState::established;
    if (config_.persona.answers_unsent_acks || !is_silent) challenge(segment);
    reject(segment, DropReason::tcp_bad_ack);
    return Disposition::drop;
  }
  probes_unanswered_ = 0;
  const Recovery::Phase phase_before = recovery_.phase();
  keepalive_.on_segment(segment.now);
  counters_.last_ack_received = segment.arrival;
  apply_ack(segment);
  if (segment.reports_marks) reduce_for_mark(segment);
  note_phase_change(phase_before);
  if (segment.ack >= una) update_send_window(segment);
  if (config_.persona.acks_put_off_probes) put_off_probe(segment.now);
  if (is_fin_acked()) on_fin_acked(segment.now);
  return state_ == TcpState::closed ? Disposition::drop : Disposition::proceed;
}

// The ACK that our SYN (or SYN,ACK) waits for: SND.UNA < SEG.ACK =< SND.NXT.
Connection::Disposition Connection::check_ack_of_syn(Arrival& segment) {
  if (segment.ack <= 0 || segment.ack > static_cast<std::int64_t>(snd_.max)) {
    reset_with_its_ack(segment, DropReason::tcp_bad_ack);
    return Disposition::drop;
  }
  const bool is_deferred =
      timeouts_ < config_.deferred_timeouts && !opened_actively_ && !fast_open_.is_accepted;
  if (is_deferred && segment.text_bytes == 0 && !segment.fin) {
    was_syn_ack_answered_ = true;
    reject(segment, DropReason::tcp_wrong_state);
    return Disposition::drop;
  }
  const bool is_pure = segment.text_bytes == 0 && segment.options.sack_count == 0;
  if (!opened_actively_ && is_pure) ecn_.on_handshake_ack(segment.header);
  apply_ack(segment);
  update_send_window(segment);
  if (is_fin_acked()) on_fin_acked(segment.now);
  return Disposition::proceed;
}

// RFC 5681 2: a duplicate ACK has (a) outstanding data, (b) no text, (c) no SYN or FIN, (d) the
// greatest ACK number so far and (e) an unchanged window.
bool Connection::is_duplicate_ack(const Arrival& segment) const {
  return !queue_.empty() && segment.text_bytes == 0 && !segment.has(flag::kFin) &&
         segment.ack == static_cast<std::int64_t>(snd_.una) && segment.wnd == snd_.wnd;
}

// What the ACK number and the SACK blocks say, in this order: to the queue, to the round-trip
// estimate, to loss recovery and congestion control, to the timers. An old segment may still bring
// SACK information.
void Connection::apply_ack(Arrival& segment) {
  const bool is_new = segment.ack > static_cast<std::int64_t>(snd_.una);
  const bool acks_syn = !is_synchronised();
  AckEvent event{.arrival = segment.arrival,
                 .is_duplicate = is_duplicate_ack(segment),
                 .has_sack = terms_.sack && segment.options.sack_count > 0};
  if (!is_new && !event.is_duplicate && !event.has_sack) return read_marks(segment, event);
  if (terms_.timestamps && segment.options.timestamps) {
    event.echo = TimestampValue{segment.options.timestamps->echo_reply};
  }
  const std::uint64_t flight_before = recovery_.in_flight();
  // Lost, that is; in a simultaneous open it goes out twice by design (RFC 9293 figure 8).
  const bool syn_was_lost = acks_syn && timeouts_ > 0;
  Acknowledged acknowledged;
  // In ascending order (RFC 8985 6.2 step 3): what the ACK number covers did not come behind what
  // the blocks of the same ACK tell.
  if (is_new) acknowledged = advance_una(segment, event);
  if (event.has_sack) apply_sack(segment, event);
  if (event.tells_reordering) ++counters_.reorderings_seen;
  if (config_.persona.times_each_ack) {
    sample_each_rtt(acknowledged, segment, event);
  } else if (is_new) {
    sample_rtt(acknowledged, segment, event, flight_before);
  }
  if (is_new) {
    if (timeouts_ > 0) {
      counters_.timeout_series_time += segment.now - counters_.timeout_series_since;
    }
    timeouts_ = 0;
    more_coming_ = false;  // MSG_MORE has held back long enough
    is_path_doubtful_ = false;
    soft_error_.reset();
  }
  segment.newly_delivered = event.newly_delivered;
  read_marks(segment, event);
  if (acks_syn) {
    on_syn_acked(syn_was_lost, segment.now);
    // With Fast Open text may be in flight, and this ACK may tell of losses.
    if (!event.has_sack) return restart_timers(true, segment.now);
  }
  if (path_mtu_.probe()) [[unlikely]]
    judge_path_probe(event, segment.now);
  const std::uint64_t newly_lost = recovery_.detect(event);
  tell_losses(segment.arrival);
  AckSample sample = ack_sample(event, acknowledged, flight_before);
  sample.newly_lost = newly_lost;
  if (control_->traits.observes) control_->observe(sample);
  const Recovery::TimerRestart restart = recovery_.respond(event, sample);
  if (recovery_.take_owed_ack()) ack_now_ = true;
  restart_timers((is_new && restart == Recovery::TimerRestart::yes) ||
                     restart == Recovery::TimerRestart::always,
                 segment.now);
}

// A record has been acknowledged, in either way.
void Connection::on_delivered(const SegmentRecord& record, AckEvent& event) {
  ++event.segments;
  const bool was_sent_once = !record.is_retransmitted() && record.begin >= timed_from_;
  if (config_.persona.times_each_ack && was_sent_once) {
    const bool is_acked = record.begin < snd_.una;
    std::optional<Instant>& first = is_acked ? event.first_acked_sent : event.first_sacked_sent;
    if (!first) first = record.last_sent;
    event.last_sent_once = record.last_sent;
  }
  if (record.last_sent >= event.newest_sent) {
    event.newest_sent = record.last_sent;
    event.newest_end = record.end();
  }
  recovery_.on_delivered(record, event);
  // RFC 8985 6.2 step 1: a measurement too, if not one for SRTT.
  if (recovery_.probes_in_recovery() && !record.is_retransmitted()) recovery_.on_rtt_sample();
}

// SND.UNA < SEG.ACK =< SND.NXT.
Acknowledged Connection::advance_una(Arrival& segment, AckEvent& event) {
  const std::uint64_t sacked = queue_.sacked_octets();
  segment.newly_acked = static_cast<std::uint64_t>(segment.ack) - snd_.una;
  event.newly_acked = segment.newly_acked;
  snd_.una = static_cast<std::uint64_t>(segment.ack);
  snd_.nxt = std::max(snd_.nxt, snd_.una);  // a window probe's octet was taken
  const Acknowledged acknowledged = queue_.acknowledge(
      snd_.una, [&](const SegmentRecord& record) { on_delivered(record, event); });
  send_buffer_.release(std::min(snd_.una - 1, send_buffer_.end()));
  if (send_memory_ != nullptr) send_memory_->release(send_buffer_.begin());
  // What SACK had told before has been delivered before.
  event.newly_delivered += segment.newly_acked - (sacked - queue_.sacked_octets());
  return acknowledged;
}

// RFC 2018 5, RFC 2883 5: the first block may report a duplicate instead of news. Numbers that
// cannot be ours are ignored.
void Connection::apply_sack(const Arrival& segment, AckEvent& event) {
  const auto block = [&](std::size_t i) {
    const wire::SackBlock& wire = segment.options.sack_blocks[i];
    const std::int64_t begin = wire.left.unwrap(snd_.iss, snd_.una);
    const std::int64_t end = wire.right.unwrap(snd_.iss, snd_.una);
    const bool is_ours = 0 < begin && begin < end && end <= static_cast<std::int64_t>(snd_.max);
    return is_ours ? OffsetRange{.begin = static_cast<std::uint64_t>(begin),
                                 .end = static_cast<std::uint64_t>(end)}
                   : OffsetRange{};
  };
  const std::uint64_t sacked = queue_.sacked_octets();
  const OffsetRange front = block(0);
  const OffsetRange next = segment.options.sack_count > 1 ? block(1) : OffsetRange{};
  const bool is_below = static_cast<std::int64_t>(front.end) <= segment.ack;
  const bool is_within = next.begin <= front.begin && front.end <= next.end;
  if (front.end != 0 && (is_below || is_within)) event.duplicate = front;
  // In ascending order (RFC 8985 6.2 step 3), which the option has them not in: the latest is first
  // (RFC 2018 4). What an ACK that was lost had told is no reordering.
  std::array<OffsetRange, std::tuple_size_v<decltype(segment.options.sack_blocks)>> news;
  std::size_t count = 0;
  for (std::size_t i = event.duplicate ? 1 : 0; i < segment.options.sack_count; ++i) {
    const OffsetRange range = block(i);
    if (range.end > snd_.una) news[count++] = range;
  }
  std::sort(news.begin(), news.begin() + static_cast<std::ptrdiff_t>(count),
            [](const OffsetRange& a, const OffsetRange& b) { return a.begin < b.begin; });
  for (std::size_t i = 0; i < count; ++i) {
    const OffsetRange range = news[i];
    queue_.sack(range.begin, range.end,
                [&](const SegmentRecord& record) { on_delivered(record, event); });
  }
  event.newly_sacked = queue_.sacked_octets() - sacked;
  event.newly_delivered += event.newly_sacked;
  if (!event.duplicate) return;
  const std::uint64_t twice = event.duplicate->end - event.duplicate->begin;
  counters_.duplicates_told += (twice + terms_.smss - 1) / std::max(terms_.smss, 1U);
  // Linux counts what came twice as delivered, too (tcp_dsack_seen()).
  if (config_.persona.growth_by_delivery && counters_.retransmissions > 0) {
    event.newly_delivered += twice;
  }
}

void Connection::on_syn_acked(bool was_lost, Instant now) {
  // RFC 6298 5.7, RFC 5681 3.1: a lost SYN leaves the first data cautious, and so does a marked one
  // (RFC 3168 6.1.2: a mark is answered as a loss is).
  if (was_lost) rtt_.restart_after_syn_loss();
  window_.cwnd = was_lost || ecn_.was_syn_marked()
                     ? terms_.smss
                     : initial_window(terms_.smss, config_.initial_window_segments);
  if (config_.window_segments_max > 0) {
    window_.most = config_.window_segments_max * terms_.smss;
    window_.cwnd = std::min(window_.cwnd, window_.most);
  }
  on_synchronised(now);
  control_->on_start(window_, now, rtt_.srtt());
}

// RFC 6298 5.2, 5.3, RFC 8985 6.2 and 7.2, after an ACK.
void Connection::restart_timers(bool restart, Instant now) {
  if (queue_.empty()) {
    for (const Timer timer : {Timer::reordering, Timer::loss_probe, Timer::retransmission}) {
      cancel_timer(timer, now);
    }
    if (!has_unsent()) cancel_timer(Timer::persist, now);
    return;
  }
  if (restart && timers_.is_armed(Timer::retransmission)) {
    set_timer(Timer::retransmission, retransmission_deadline(now), now);
  }
  if (recovery_.reordering_wait() > Duration{}) {
    set_timer(Timer::reordering, after(now, recovery_.reordering_wait()), now);
  } else {
    cancel_timer(Timer::reordering, now);
  }
  if (!recovery_.wants_probe_timer()) {
    cancel_timer(Timer::loss_probe, now);
  } else if (restart) {
    arm_loss_probe(now);
  }
}

// Without timestamps one sample per round trip (RFC 6298 3), never from an ACK that also covers
// something sent twice (Karn): what came after the hole waited for the repair. With them each ACK
// of new data gives one (RFC 7323 4.1); the instant of sending is known more exactly than TSecr
// says, unless there are two. What reports a duplicate was brought about by one from outside the
// window, whose timestamp is not taken down (RFC 7323 5.3 R2): it echoes an earlier segment, the
// ACK of which was lost time-outs ago.
void Connection::sample_rtt(const Acknowledged& acknowledged, const Arrival& segment,
                            const AckEvent& event, std::uint64_t flight) {
  const bool is_unambiguous = acknowledged.any_record && !acknowledged.retransmitted;
  Duration sample{};
  std::uint32_t per_round_trip = 1;
  if (terms_.timestamps) {
    const std::optional<Duration> echoed = echoed_rtt(segment);
    if (!is_unambiguous && (!echoed || event.duplicate)) return;
    sample = is_unambiguous ? segment.arrival - acknowledged.last_sent : *echoed;
    // RFC 7323 appendix G: one ACK for two segments.
    per_round_trip = static_cast<std::uint32_t>(flight / (2 * std::uint64_t{terms_.smss})) + 1;
  } else {
    if (!is_unambiguous || acknowledged.last_begin < timed_from_) return;
    if (config_.persona.times_one_segment && acknowledged.last_begin > 0) {
      if (!timed_ || snd_.una <= timed_->begin) return;
      sample = segment.arrival - timed_->sent;
      timed_.reset();
    } else {
      timed_from_ = snd_.nxt;
      sample = segment.arrival - acknowledged.last_sent;
    }
  }
  rtt_.sample(sample, per_round_trip);
  on_rtt_sampled(sample, segment.now);
}

// Linux: tcp_ack_update_rtt(). The first segment that an ACK covers says how long the slowest of
// them took, the delay of the ACK included; SACK blocks count as well, and where something was sent
// twice the time stamp does.
void Connection::sample_each_rtt(const Acknowledged& acknowledged, const Arrival& segment,
                                 const AckEvent& event) {
  Duration sample{};
  Duration newest = segment.arrival - event.last_sent_once;
  if (event.first_acked_sent && !acknowledged.retransmitted) {
    sample = segment.arrival - *event.first_acked_sent;
  } else if (event.first_sacked_sent) {
    sample = segment.arrival - *event.first_sacked_sent;
  } else {
    const std::optional<Duration> echoed = echoed_rtt(segment);
    if (!echoed || event.newly_acked == 0 || event.duplicate) return;
    sample = newest = *echoed;
  }
  rtt_.sample_each(sample, newest, snd_.una, snd_.nxt);
  on_rtt_sampled(sample, segment.now);
}

void Connection::on_rtt_sampled(Duration sample, Instant now) {
  recovery_.on_rtt_sample();
  context_->trace(now, [&] {
    return RttSampled{.flow = flow_,
                      .sample = sample,
                      .srtt = rtt_.srtt(),
                      .rttvar = rtt_.rttvar(),
                      .rto = rtt_.rto()};
  });
}

// How long ago the segment left whose timestamp `segment` echoes; nullopt when it echoes none of
// ours. Whole ticks; at least one.
std::optional<Duration> Connection::echoed_rtt(const Arrival& segment) const {
  if (!terms_.timestamps || !segment.options.timestamps) return std::nullopt;
  const TimestampValue echo{segment.options.timestamps->echo_reply};
  const std::int32_t ticks = Timestamps::clock(segment.arrival) - echo;
  if (ticks < 0) return std::nullopt;
  return std::max(ticks, 1) * Timestamps::kTick;
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
  if (!opens) return;
  cancel_timer(Timer::persist, segment.now);  // poll_segment() sends, or arms it anew
  // But it need not: what a time-out did not take for lost, or was undone for, is in flight.
  const bool is_in_flight = queue_.lost_octets() < snd_.nxt - snd_.una;
  if (is_in_flight && !timers_.is_armed(Timer::retransmission)) {
    set_timer(Timer::retransmission, retransmission_deadline(segment.now), segment.now);
  }
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
