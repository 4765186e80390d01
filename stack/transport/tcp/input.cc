// SPDX-License-Identifier: MIT
// Segment arrival: the eight steps of RFC 9293 3.10.7.4; SYN-SENT is in handshake.cc.
// process_other_states() owns the order; each step looks at one thing.
#include <algorithm>

#include "stack/transport/tcp/connection.h"

namespace strata::tcp {
namespace {

namespace flag = wire::tcp_flag;

}  // namespace

std::optional<wire::TcpHeader> reset_for(const wire::TcpHeader& segment,
                                         std::size_t payload_bytes) {
  if (segment.has(flag::kRst)) return std::nullopt;
  wire::TcpHeader reset;
  reset.source_port = segment.destination_port;
  reset.destination_port = segment.source_port;
  if (segment.has(flag::kAck)) {
    reset.sequence = segment.acknowledgement;
    reset.flags = flag::kRst;
  } else {
    const std::uint32_t length = static_cast<std::uint32_t>(payload_bytes) +
                                 (segment.has(flag::kSyn) ? 1 : 0) +
                                 (segment.has(flag::kFin) ? 1 : 0);
    reset.acknowledgement = segment.sequence + length;
    reset.flags = flag::kRst | flag::kAck;
  }
  return reset;
}

std::optional<DropReason> Connection::on_segment(const wire::TcpHeader& header, Bytes payload,
                                                 PacketUid uid, Instant arrival, Instant now,
                                                 std::uint8_t ecn, Packet* carrier) {
  count_received(payload, arrival);
  because_of_ = uid;
  Arrival segment{.header = header,
                  .text = payload,
                  .text_bytes = static_cast<std::uint32_t>(payload.size()),
                  .carrier = carrier,
                  .uid = uid,
                  .arrival = arrival,
                  .now = now,
                  .ecn = ecn,
                  .syn = header.has(flag::kSyn),
                  .fin = header.has(flag::kFin)};
  segment.seq = header.sequence.unwrap(rcv_.irs, rcv_.nxt);
  segment.ack = header.acknowledgement.unwrap(snd_.iss, snd_.una);
  // RFC 7323 2.2: the window of a SYN is never scaled.
  segment.wnd = std::uint32_t{header.window} << (segment.syn ? 0 : terms_.send_shift);
  if (!header.options.empty()) {
    segment.options = wire::TcpOptionValues::from(header.options.bytes());
  }
  if (!has_signature(header, payload)) {
    // RFC 2385 2.0: silently; it may be forged.
    reject(segment, DropReason::tcp_bad_signature);
  } else if (state_ == TcpState::closed) {
    reject(segment, DropReason::tcp_wrong_state);
  } else if (state_ == TcpState::syn_sent) {
    process_syn_sent(segment);
  } else {
    process_other_states(segment);
  }
  report_arrival(segment);
  report_variables(recovery_.undone().empty() ? "segment received" : recovery_.undone(), now);
  return segment.rejection;
}

void Connection::process_other_states(Arrival& segment) {
  if (check_time_wait(segment) == Disposition::drop) return;
  if (check_timestamps(segment) == Disposition::drop) return;
  if (check_sequence(segment) == Disposition::drop) return;
  if (check_rst(segment) == Disposition::drop) return;
  if (check_security(segment) == Disposition::drop) return;
  if (check_syn(segment) == Disposition::drop) return;
  if (check_ack(segment) == Disposition::drop) return;
  if (segment.text_begin < rcv_.nxt) trim_front(segment);  // the handshake's end gave out text
  process_urg(segment);
  process_text(segment);
  process_fin(segment);
}

// RFC 7323 5.3: the acceptability test of timestamps comes before that of sequence numbers. What
// passes counts for TS.Recent (R3) once it lies in the window.
Connection::Disposition Connection::check_timestamps(Arrival& segment) {
  if (!terms_.timestamps || segment.has(flag::kRst)) return Disposition::proceed;
  if (!segment.options.timestamps && !config_.persona.needs_timestamps) {
    return Disposition::proceed;
  }
  if (!segment.options.timestamps) {
    // RFC 7323 3.2: silently dropped; the connection must not end for it.
    reject(segment, DropReason::tcp_no_timestamp);
    return Disposition::drop;
  }
  const TimestampValue value{segment.options.timestamps->value};
  if (timestamps_.is_outdated(value, segment.arrival)) return judge_outdated(segment, value);
  segment.stamp_advanced = timestamps_.is_newer(value);
  // RFC 5961 5.2: what acknowledges nothing of ours may be forged.
  const bool is_ours = segment.ack <= static_cast<std::int64_t>(snd_.max);
  if ((is_ours || !segment.has(flag::kAck)) && is_acceptable(segment))
    timestamps_.on_segment(value, segment.seq, segment.arrival);
  return Disposition::proceed;
}

// RFC 7323 5.3 R1: treated as not acceptable and answered.
Connection::Disposition Connection::judge_outdated(Arrival& segment, TimestampValue value) {
  const bool is_empty = segment.has(flag::kAck) && segment.sequence_length() == 0;
  const auto next = static_cast<std::int64_t>(rcv_.nxt);
  const bool is_overtaken = config_.persona.takes_overtaken_acks && is_empty && segment.seq <= next;
  if (is_overtaken && segment.seq == next) {
    const bool is_duplicate = segment.ack == static_cast<std::int64_t>(snd_.una) &&
                              segment.wnd <= snd_.wnd && segment.wnd > 0;
    const Duration age = timestamps_.behind(value) * Timestamps::kTick;
    if (is_duplicate && age <= rtt_.rto() + rtt_.rto() / 5) return Disposition::proceed;
  }
  ack_now_ = ack_now_ || !is_overtaken || segment.seq == next;
  reject(segment, DropReason::tcp_old_timestamp);
  return Disposition::drop;
}

// Table 6 of RFC 9293, with two allowances: an empty segment exactly at the right edge is let
// through for its ACK (the window may be zero, or what filled it may be lost or late), and so is
// text at a zero window, for the same reason (RFC 9293 3.10.7.4 first, and A.2).
bool Connection::is_acceptable(const Arrival& segment) const {
  const auto begin = segment.seq;
  const auto end = begin + segment.sequence_length();
  const auto left = static_cast<std::int64_t>(rcv_.nxt);
  const auto right = static_cast<std::int64_t>(right_edge());
  if (begin == end) return left <= begin && begin <= right;
  if (left == right) return begin == left;
  return begin < right && end > left;
}

Connection::Disposition Connection::check_sequence(Arrival& segment) {
  if (!is_synchronised() && segment.syn && segment.seq == 0) {
    if (segment.has(flag::kAck) && config_.persona.challenges_crossing_syn_ack) {
      segment.verdict = SegmentVerdict::duplicate;
      challenge(segment);
      return Disposition::drop;
    }
    if (segment.has(flag::kAck)) {
      // Simultaneous open: the SYN was taken before, and so perhaps was text behind it; its ACK is
      // news (RFC 9293 3.5 figure 8, A.2).
      segment.syn = false;
      segment.seq = 1;
      segment.verdict = SegmentVerdict::control;
      segment.fin = segment.fin && segment.text.size() + 1 >= rcv_.nxt;
      trim_front(segment);
      trim_back(segment);
      return Disposition::proceed;
    }
    if (!segment.has(flag::kRst)) {
      if (ecn_.is_contradicted_by(segment.header)) {
        reset_peer();
        reject(segment, DropReason::tcp_wrong_state);
        enter_closed("the SYN came again with another kind of ECN", segment.now);
        return Disposition::drop;
      }
      // The peer's SYN again: our SYN,ACK may be lost, and it says more than an ACK would.
      segment.verdict = SegmentVerdict::duplicate;
      ecn_.on_syn_again(segment.header, segment.ecn);
      recovery_.on_syn_repeated(RetransmitCause::none);
      return Disposition::drop;
    }
  }
  if (!is_acceptable(segment) || is_refused_overrun(segment)) {
    if (is_repeated_fin(segment)) {
      // Where ACKs repeat the FIN, two ends that close at once would answer each other for ever
      // if what they acknowledge were not looked at.
      ack_now_ = true;
      segment.verdict = SegmentVerdict::duplicate;
      segment.text = {};
      segment.fin = false;
      segment.seq = static_cast<std::int64_t>(rcv_.nxt);
      segment.text_begin = rcv_.nxt;
      return Disposition::proceed;
    }
    answer_unacceptable(segment);
    return Disposition::drop;
  }
  trim_front(segment);
  trim_back(segment);
  return Disposition::proceed;
}

// An ACK with the FIN that has been received before, as personas with acks_repeat_fin send it.
bool Connection::is_repeated_fin(const Arrival& segment) const {
  return config_.persona.acks_repeat_fin && segment.fin && segment.has(flag::kAck) &&
         !segment.syn && !segment.has(flag::kRst) &&
         segment.seq + segment.sequence_length() == static_cast<std::int64_t>(rcv_.nxt);
}

void Connection::answer_unacceptable(Arrival& segment) {
  const std::uint32_t length = segment.sequence_length();
  const std::int64_t end = segment.seq + length;
  const bool is_old = length > 0 && end <= static_cast<std::int64_t>(rcv_.nxt);
  if (segment.has(flag::kRst)) return reject(segment, DropReason::tcp_unacceptable);
  // RFC 9293 3.10.7.4 fifth and eighth, TIME-WAIT: the retransmission of the remote FIN restarts
  // the 2 MSL time-out. It lies below the window, so it never gets as far as those steps.
  if (state_ == TcpState::time_wait && segment.fin && end == static_cast<std::int64_t>(rcv_.nxt)) {
    set_timer(Timer::time_wait, after(segment.now, 2 * config_.msl), segment.now);
  }
  if (may_answer(segment)) ack_now_ = true;
  if (is_old) in_dialogue_ = false;
  if (is_old && segment.seq > 0 && !segment.syn) {  // RFC 2883 4: about data
    report_duplicate(static_cast<std::uint64_t>(segment.seq), static_cast<std::uint64_t>(end));
    count_duplicate(segment, end);
  }
  reject(segment, is_old ? DropReason::tcp_old_duplicate : DropReason::tcp_unacceptable);
  if (is_old) segment.verdict = SegmentVerdict::duplicate;
}

// Is an unacceptable segment answered? Text (window probes too) always. What is empty may itself be
// an answer: those replies are limited, or two ends that disagree would answer each other for ever.
// Keep-alives have a limit of their own, so that nobody can use up theirs; and a SYN is challenged
// wherever it lies (RFC 5961 4.2).
bool Connection::may_answer(const Arrival& segment) {
  if (segment.syn) {
    challenge(segment);
    return false;
  }
  if (segment.sequence_length() > 0) return true;
  const bool is_keepalive = segment.seq + 1 == static_cast<std::int64_t>(rcv_.nxt);
  return (is_keepalive ? keepalive_replies_ : empty_replies_).allow(segment.now);
}

// RFC 9293 3.10.7.4: "trimming off any portions that lie outside the window (including SYN and
// FIN)": on the left what has been received already.
void Connection::trim_front(Arrival& segment) {
  const std::int64_t first = segment.seq + (segment.syn ? 1 : 0);
  const std::int64_t behind = static_cast<std::int64_t>(rcv_.nxt) - first;
  segment.text_begin = static_cast<std::uint64_t>(first + std::max<std::int64_t>(behind, 0));
  if (behind <= 0) return;
  if (!segment.text.empty()) report_duplicate(static_cast<std::uint64_t>(first), rcv_.nxt);
  segment.text =
      segment.text.subspan(std::min(segment.text.size(), static_cast<std::size_t>(behind)));
}

// And on the right what we have no room for. A FIN goes with the text in front of it: processed on
// a segment that was cut it would end the stream early.
void Connection::trim_back(Arrival& segment) {
  const std::uint64_t edge = right_edge();
  const std::uint64_t room = edge - std::min(edge, segment.text_begin);
  const std::uint64_t wanted = segment.text.size() + (segment.fin ? 1 : 0);
  if (wanted <= room || (config_.persona.takes_overrun_whole && is_synchronised())) return;
  segment.text = segment.text.first(
      static_cast<std::size_t>(std::min<std::uint64_t>(room, segment.text.size())));
  segment.fin = false;
  ack_now_ = true;
}

// RFC 9293 3.10.7.4 second, RFC 5961 3.2.
Connection::Disposition Connection::check_rst(Arrival& segment) {
  if (!segment.has(flag::kRst)) return Disposition::proceed;
  // RFC 1337 3 (F1): a RST that an old duplicate provoked would end TIME-WAIT too early.
  if (state_ == TcpState::time_wait && config_.time_wait_ignores_rst) {
    reject(segment, DropReason::tcp_reset);
    return Disposition::drop;
  }
  // RFC 5961 3.2 (1): outside of the window silently dropped; the right edge is outside.
  if (segment.seq > static_cast<std::int64_t>(rcv_.nxt) &&
      segment.seq >= static_cast<std::int64_t>(right_edge())) {
    reject(segment, DropReason::tcp_unacceptable);
    return Disposition::drop;
  }
  if (config_.persona.reset_needs_edge && segment.seq != static_cast<std::int64_t>(rcv_.nxt)) {
    reject(segment, DropReason::tcp_reset);
    challenge(segment);
    return Disposition::drop;
  }
  segment.verdict = SegmentVerdict::control;
  switch (state_) {
    case TcpState::syn_received:
      // From LISTEN: "return to LISTEN; the user need not be informed".
      if (fast_open_.is_accepted) {
        fail(Errc::connection_reset, "RST received", segment.now);  // its user has it already
      } else if (opened_actively_) {
        fail(Errc::connection_refused, "RST received", segment.now);
      } else {
        enter_closed("RST received", segment.now);
      }
      break;
    case TcpState::established:
    case TcpState::fin_wait_1:
    case TcpState::fin_wait_2:
    case TcpState::close_wait:
      fail(Errc::connection_reset, "RST received", segment.now);
      break;
    case TcpState::closing:
    case TcpState::last_ack:
      if (config_.persona.closing_tells_reset) {
        fail(Errc::connection_reset, "RST received", segment.now);
      } else {
        enter_closed("RST received", segment.now);
      }
      break;
    case TcpState::time_wait:
    case TcpState::closed:
    case TcpState::listen:
    case TcpState::syn_sent:
      enter_closed("RST received", segment.now);
      break;
  }
  return Disposition::drop;
}

// RFC 9293 3.10.7.4 third. IP security labels (RFC 1108) are not carried by this stack: every
// segment has the same.
Connection::Disposition Connection::check_security(Arrival&) { return Disposition::proceed; }

// RFC 9293 3.10.7.4 fourth, RFC 5961 4.2.
Connection::Disposition Connection::check_syn(Arrival& segment) {
  if (!segment.syn) return Disposition::proceed;
  reject(segment, DropReason::tcp_wrong_state);
  if (state_ == TcpState::syn_received && !opened_actively_) {
    enter_closed("SYN received in SYN-RECEIVED", segment.now);
  } else if (!config_.persona.challenge_syn) {
    reset_peer();
    fail(Errc::connection_reset, "SYN received in the window", segment.now);
  } else {
    challenge(segment);
  }
  return Disposition::drop;
}

void Connection::challenge(const Arrival& segment) {
  if (segment.header.has(flag::kSyn) && segment.has(flag::kAck)) {
    ecn_.on_syn_again(segment.header, segment.ecn);
  }
  if (!challenges_.allow(segment.now)) return;
  ack_now_ = challenging_ = true;
  ++counters_.challenge_acks;
}

void Connection::count_received(Bytes payload, Instant arrival) {
  ++counters_.segments_received;
  if (payload.empty()) return;
  ++counters_.data_segments_received;
  counters_.last_data_received = arrival;
}

// RFC 9293 3.10.7.4 seventh.
void Connection::process_text(Arrival& segment) {
  note_codepoint(segment);
  if (peer_fin_ && segment.text_begin + segment.text.size() > *peer_fin_) {
    // Text beyond the FIN does not belong to the stream.
    const std::uint64_t keep =
        *peer_fin_ > segment.text_begin ? *peer_fin_ - segment.text_begin : 0;
    segment.text = segment.text.first(static_cast<std::size_t>(keep));
  }
  if (segment.text.empty() || peer_fin_received_) return;
  if (user_gone_) {
    // RFC 9293 3.6.1 (SHLD-3), RFC 2525 2.17: text nobody will read is answered with a RST.
    reset_with_its_ack(segment, DropReason::tcp_wrong_state);
    enter_closed("text after close", segment.now);
    return;
  }
  if (is_beyond_memory(segment)) {
    segment.fin = false;
    ack_now_ = true;
    constexpr std::uint8_t kQuickAcksLeast = 2;  // Linux, tcp_enter_quickack_mode()
    quick_acks_left_ = std::max(quick_acks_left_, kQuickAcksLeast);
    in_dialogue_ = false;
    reject(segment, DropReason::memory_limit);
    return;
  }
  const auto size = static_cast<std::uint32_t>(segment.text.size());
  measure_segment(segment);
  if (tuning_.is_enabled()) tuning_.on_text(rcv_.nxt, rcv_.wnd(), segment.arrival);
  if (const auto twice = receive_buffer_.held_within(segment.text_begin - 1, size)) {
    report_duplicate(twice->begin + 1, twice->end + 1);
  }
  // Who has not come for the text that it waited for waits no more.
  if (receive_buffer_.readable() == 0) {
    readable_since_ = segment.now;
  } else if (readable_since_ != segment.now) {
    posted_ = 0;
  }
  const ReceiveBuffer::Outcome outcome =
      receive_buffer_.write(segment.text_begin - 1, segment.text, segment.carrier);
  switch (outcome) {
    case ReceiveBuffer::Outcome::in_order:
    case ReceiveBuffer::Outcome::filled_gap:
      segment.verdict = SegmentVerdict::in_order;
      advance_receive_next();
      divert_urgent_octet();
      charge_for(segment, size);
      opening_.on_text(size, receive_room(), offer_.mss);
      break;
    case ReceiveBuffer::Outcome::out_of_order:
      segment.verdict = SegmentVerdict::out_of_order;
      // Linux: what is told by SACK is no duplicate ACK whose window must not change.
      if (receive_memory_ != nullptr && terms_.sack) {
        opening_.on_text(size, receive_room(), offer_.mss);
      }
      charge_for(segment, size);
      ++counters_.out_of_order_segments;
      sack_report_.on_kept(segment.text_begin - 1);
      break;
    case ReceiveBuffer::Outcome::duplicate:
      segment.verdict = SegmentVerdict::duplicate;
      sack_report_.on_kept(segment.text_begin - 1);
      break;
    case ReceiveBuffer::Outcome::refused:
      reject(segment, DropReason::memory_limit);
      break;
  }
  schedule_ack(outcome, size, segment.now);
}

// RFC 2883 4: [begin, end), absolute sequence numbers, has arrived before.
void Connection::report_duplicate(std::uint64_t begin, std::uint64_t end) {
  if (!terms_.sack || !config_.d_sack) return;
  sack_report_.on_duplicate({.begin = begin - 1, .end = end - 1});
}

void Connection::advance_receive_next() {
  rcv_.nxt = receive_buffer_.next() + 1;
  rcv_.edge = std::max(rcv_.edge, rcv_.nxt);  // a persona may take more than it has announced
  discard_unwanted();
}

// RFC 9293 3.8.6.3, RFC 5681 4.2: at once for every second full-sized segment and whenever text is
// out of order or fills a gap; else within the delay.
void Connection::schedule_ack(ReceiveBuffer::Outcome outcome, std::size_t octets, Instant now) {
  unacked_octets_ += static_cast<std::uint32_t>(octets);
  // What the peer can send is not known (its MSS may be smaller than ours): the largest seen.
  const std::uint32_t full = std::min<std::uint32_t>(
      std::max<std::uint32_t>(peer_segment_estimate_, kDefaultMss), offer_.mss);
  const std::size_t most = terms_.smss + (terms_.timestamps ? kTimestampsBytes : 0);
  const bool is_second = config_.persona.acks_second_segment &&
                         (timers_.is_armed(Timer::delayed_ack) || octets > most);
  const bool is_enough = receive_memory_ != nullptr
                             ? unacked_octets_ > full && is_window_worth_telling()
                             : unacked_octets_ >= 2 * full;
  if (outcome != ReceiveBuffer::Outcome::in_order || is_enough || is_second ||
      config_.delayed_ack == Duration{} || (quick_acks_left_ > 0 && !in_dialogue_)) {
    if (quick_acks_left_ > 0) --quick_acks_left_;
    ack_now_ = true;
  } else if (!ack_now_ && !timers_.is_armed(Timer::delayed_ack)) {
    set_timer(Timer::delayed_ack, after(now, config_.delayed_ack), now);
  }
}

// Text leaves: is it an answer?
void Connection::note_dialogue(Instant now) {
  const bool has_text = counters_.data_segments_received > 0;
  if (has_text && now - counters_.last_data_received < config_.persona.dialogue_within)
    in_dialogue_ = true;
}

// RFC 9293 3.10.7.4 eighth: "send an acknowledgment for the FIN"; when is not said.
void Connection::acknowledge_fin(Instant now) {
  const std::uint64_t on_syn = fast_open_.is_accepted ? 1 : 0;
  const bool may_wait = config_.persona.delays_ack_of_fin && state_ == TcpState::established &&
                        receive_room() > 0 && config_.delayed_ack > Duration{};
  // Linux learns from text how long ACKs may wait; without, its user has the first word at once.
  const bool has_text = counters_.data_segments_received > on_syn;
  if (!may_wait || ack_now_) {
    ack_now_ = true;
  } else if (!timers_.is_armed(Timer::delayed_ack)) {
    set_timer(Timer::delayed_ack, has_text ? after(now, config_.delayed_ack) : now, now);
  }
}

// RFC 9293 3.10.7.4 eighth. A FIN above a gap is remembered and takes its turn.
void Connection::process_fin(Arrival& segment) {
  if (state_ == TcpState::closed) return;
  if (segment.fin && state_ == TcpState::time_wait) {
    // RFC 9293 3.10.7.4 fifth and eighth, TIME-WAIT: whatever its number, a FIN is acknowledged.
    ack_now_ = true;
    set_timer(Timer::time_wait, after(segment.now, 2 * config_.msl), segment.now);
  }
  if (segment.fin && !peer_fin_) {
    const std::uint64_t fin = segment.text_begin + segment.text.size();
    if (fin >= rcv_.nxt) {
      peer_fin_ = fin;
      receive_buffer_.truncate(fin - 1);
      sack_report_.on_kept(fin - 1);
      if (fin > rcv_.nxt) ack_now_ = true;  // above a gap
    }
  }
  if (segment.fin && segment.text.empty()) segment.verdict = SegmentVerdict::control;
  if (!peer_fin_ || peer_fin_received_ || rcv_.nxt != *peer_fin_) return;
  peer_fin_received_ = true;
  if (config_.persona.fin_forgets_duplicates) sack_report_.forget_duplicate();
  ++rcv_.nxt;
  rcv_.edge = std::max(rcv_.edge, rcv_.nxt);
  acknowledge_fin(segment.now);
  switch (state_) {
    case TcpState::syn_received:
    case TcpState::established:
      set_state(TcpState::close_wait, "FIN received", segment.now);
      break;
    case TcpState::fin_wait_1:
      // Had our FIN been acknowledged, we would be in FIN-WAIT-2.
      set_state(TcpState::closing, "FIN received", segment.now);
      break;
    case TcpState::fin_wait_2:
      enter_time_wait("FIN received", segment.now);
      break;
    case TcpState::closed:
    case TcpState::listen:
    case TcpState::syn_sent:
    case TcpState::close_wait:
    case TcpState::closing:
    case TcpState::last_ack:
    case TcpState::time_wait:
      break;
  }
}

// <SEQ=SEG.ACK><CTL=RST>, unless the segment is itself a RST. RFC 5961 3.2: that is the one number
// the peer is sure to believe, even when our FIN has not arrived yet.
void Connection::reset_with_its_ack(Arrival& segment, DropReason reason) {
  if (const auto reset = reset_for(segment.header, segment.text_bytes)) {
    pending_reset_ = {
        .sequence = reset->sequence, .flags = reset->flags, .because_of = segment.uid};
  }
  reject(segment, reason);
}

void Connection::reject(Arrival& segment, DropReason reason) {
  segment.verdict = SegmentVerdict::rejected;
  segment.rejection = reason;
  trace_about(segment.uid, segment.now, [&] {
    return Dropped{.layer = Layer::transport, .reason = reason, .packet = segment.text};
  });
}

void Connection::report_arrival(const Arrival& segment) {
  trace_about(segment.uid, segment.now, [&] {
    const std::int64_t first = segment.header.sequence.unwrap(rcv_.irs, rcv_.nxt) +
                               (segment.header.has(flag::kSyn) ? 1 : 0);
    const auto acked = static_cast<std::uint64_t>(std::max<std::int64_t>(segment.ack, 0));
    return TcpSegmentReceived{
        .flow = flow_,
        .offset = static_cast<std::uint64_t>(std::max<std::int64_t>(first - 1, 0)),
        .length = segment.text_bytes,
        .flags = segment.header.flags,
        .ack_offset = segment.has(flag::kAck) ? stream_offset_sent(acked) : 0,
        .newly_acked = segment.newly_acked,
        .duplicate_acks = recovery_.duplicate_acks(),
        .verdict = segment.verdict};
  });
}

}  // namespace strata::tcp
