// SPDX-License-Identifier: MIT
// What may be sent now, one segment per call, in this order: a RST, the SYN, what was lost, a
// window probe, new text and FIN, an acknowledgement. Every rule that can hold a segment back is
// evaluated from the variables at the moment of the call; nothing is scheduled ahead.
#include <algorithm>
#include <utility>

#include "stack/base/assert.h"
#include "stack/transport/tcp/connection.h"

namespace strata::tcp {
namespace {

namespace flag = wire::tcp_flag;

// RFC 9002 6.2.1: no shorter than what round trips vary by.
Duration probe_timeout(const RttEstimator& rtt) {
  return rtt.srtt() + std::max(4 * rtt.rttvar(), TailLossProbe::kTimeoutMin);
}

}  // namespace

std::optional<Packet> Connection::poll_segment(Instant now) {
  std::optional<Packet> packet = next_segment(now);
  if (packet) report_variables("segment sent", now);
  return packet;
}

std::optional<Packet> Connection::next_segment(Instant now) {
  if (config_.card_is_full && is_synchronised()) [[unlikely]]
    return lose_to_card(now);
  if (pending_reset_) return emit_reset(now);
  if (early_ack_) return emit_early_ack(now);
  if (state_ == TcpState::closed) return std::nullopt;
  if (snd_.nxt == 0) {
    if (fast_open_.is_held || awaits_text_for_syn()) return std::nullopt;
    return emit_first_syn(now);
  }
  if (tail_probe_now_) {
    if (auto packet = poll_tail_probe(now)) return packet;
  }
  if (recovery_.prefers_new_data()) {
    if (auto packet = poll_new(now)) return packet;
    recovery_.on_no_new_data();
  }
  if (!recovery_.prefers_new_data()) {
    if (auto packet = poll_retransmission(now)) return packet;
  }
  if (probe_now_) return poll_probe(now);
  if (keepalive_now_) return emit_keepalive(now);
  if (!queue_.has_lost() || recovery_.leaves_lost()) {
    if (auto packet = poll_new(now)) return packet;
    if (auto packet = poll_last_resort(now)) return packet;
  }
  idle_burst_end_ = 0;
  if (rates_ != nullptr) note_app_limit();
  if (!timers_.is_armed(Timer::retransmission) && !timers_.is_armed(Timer::pacing)) {
    arm_persist(now);
  }
  note_activity(now);
  if (!ack_now_) return std::nullopt;
  return emit_ack(now);
}

// The card's queue takes nothing. What was to be sent again is tried again by its timer, new text
// stays where it is, and what would have told the peer something is lost.
std::optional<Packet> Connection::lose_to_card(Instant now) {
  pending_reset_.reset();
  early_ack_.reset();
  ack_now_ = probe_now_ = keepalive_now_ = tail_probe_now_ = challenging_ = false;
  if (queue_.empty()) arm_persist(now);
  return std::nullopt;
}

Packet Connection::emit_ack(Instant now) {
  Outgoing segment{.seq = snd_.nxt, .flags = flag::kAck, .kind = SegmentKind::pure_ack};
  const bool repeats_fin = config_.persona.acks_repeat_fin && !challenging_ && fin_queued_ &&
                           snd_.nxt > fin_sequence() && !is_fin_acked();
  challenging_ = false;
  if (repeats_fin) {
    segment.seq = fin_sequence();
    segment.flags |= flag::kFin;
  }
  return emit(segment, now);
}

// The SYN or SYN,ACK; with Fast Open the client's first text goes along, as a record of its own: it
// may be acknowledged or not, and never goes out on a SYN again (RFC 7413 4.2.1).
Packet Connection::emit_first_syn(Instant now) {
  const bool is_active = state_ == TcpState::syn_sent;
  const std::uint32_t text = syn_text_octets();
  queue_.push({.begin = 0, .length = 1, .syn = true, .first_sent = now, .last_sent = now});
  if (text > 0) {
    // All of it is pushed, should it have to go again (RFC 9293 3.9.1.2).
    queue_.push({.begin = 1, .length = text, .pushed = true, .first_sent = now, .last_sent = now});
    fast_open_.text_sent = static_cast<std::uint16_t>(text);
  } else if (is_active && fast_open_.option && config_.persona.cookie_needs_text) {
    fast_open_.option = FastOpenCookie{};
  }
  snd_.nxt = snd_.max = 1 + text;
  Packet packet =
      emit({.seq = 0,
            .length = text,
            .flags = static_cast<std::uint8_t>(flag::kSyn | (is_active ? 0 : flag::kAck)),
            .kind = SegmentKind::control},
           now);
  queue_.set_last_uid(packet.uid());
  on_sequence_sent(1 + text, 1 + text, now);
  return packet;
}

std::optional<Packet> Connection::poll_retransmission(Instant now) {
  if (path_mtu_.probe() && queue_.has_lost()) [[unlikely]]
    give_up_path_probe(now);
  SegmentRecord* record = queue_.next_lost();
  if (record == nullptr || (!is_synchronised() && !record->syn)) return std::nullopt;
  std::uint32_t length = record->length;
  if (is_synchronised()) {
    if (snd_.wnd == 0) return std::nullopt;  // probes go out instead (MUST-35)
    const std::uint64_t edge = snd_.una + snd_.wnd;
    if (record->end() > edge) {
      // SHLD-16, RFC 7323 2.4: behind a window that shrank, the first retransmission goes out as it
      // was, later ones within the window.
      if (record->begin != snd_.una) return std::nullopt;
      // Text on a SYN went out before there was a window at all (RFC 7413 4.2.1).
      const bool was_on_syn = record->begin <= fast_open_.text_sent;
      if (record->is_retransmitted() || was_on_syn) length = std::min(length, snd_.wnd);
    }
    if (!recovery_.may_retransmit(length)) return std::nullopt;
    if (must_wait_for_pace(now)) return std::nullopt;
  }
  return send_again(*record, length, record->cause, now);
}

Packet Connection::send_again(SegmentRecord& record, std::uint32_t length, RetransmitCause cause,
                              Instant now) {
  const bool fin = record.fin && length == record.length;
  const std::uint32_t controls = (record.syn ? 1U : 0U) + (fin ? 1U : 0U);
  Outgoing segment{.seq = record.begin,
                   .length = length - controls,
                   .kind = SegmentKind::retransmission,
                   .cause = cause,
                   .first_sent_as = record.first_uid};
  if (state_ != TcpState::syn_sent) segment.flags |= flag::kAck;
  if (record.syn) segment.flags |= flag::kSyn;
  if (fin) segment.flags |= flag::kFin;
  // RFC 9293 3.9.1.2: what was pushed still is.
  const bool ends_it = segment.seq + segment.length == fin_sequence();
  const bool was_pushed = record.pushed && length == record.length && !config_.persona.cuts_anew;
  if (segment.length > 0 && (ends_it || was_pushed)) {
    segment.flags |= flag::kPsh;
  }
  if (record.syn && cause == RetransmitCause::none) segment.kind = SegmentKind::control;
  const bool is_probe = cause == RetransmitCause::tail_loss_probe;
  Repeat repeat = Repeat::in_turn;
  if (is_probe || cause == RetransmitCause::rescue) repeat = Repeat::out_of_turn;
  if (is_probe && config_.persona.probe.counts_once) repeat = Repeat::uncounted;
  queue_.on_resent(record, now, repeat);
  timed_.reset();
  recovery_.on_retransmitted(length, now);
  on_sequence_sent(segment.seq + length, length, now);
  if (!is_probe && recovery_.wants_probe_of_retransmission()) {
    arm_loss_probe(now);
  }
  return emit(segment, now);
}

// RFC 6675 4, NextSeg() (3) and (4).
std::optional<Packet> Connection::poll_last_resort(Instant now) {
  bool is_rescue = false;
  SegmentRecord* record = recovery_.last_resort(is_rescue);
  if (record == nullptr || record->end() > snd_.una + snd_.wnd) return std::nullopt;
  if (must_wait_for_pace(now)) return std::nullopt;
  if (is_rescue) recovery_.on_rescued();
  return send_again(*record, record->length,
                    is_rescue ? RetransmitCause::rescue : RetransmitCause::sack, now);
}

// RFC 8985 7.3: new data if there are any, beyond cwnd and Nagle; else the last segment again.
std::optional<Packet> Connection::poll_tail_probe(Instant now) {
  tail_probe_now_ = false;
  if (queue_.empty() || !recovery_.may_probe()) return std::nullopt;
  const std::uint64_t queued = send_buffer_.end() + 1 - std::min(snd_.nxt, fin_sequence());
  const std::uint64_t length = std::min({queued, snd_.usable(), std::uint64_t{text_most()}});
  const bool is_new = length > 0 || (has_unsent() && snd_.usable() > 0);
  // In recovery the last has often been sacked; the first is what the peer waits for.
  const bool is_tail = recovery_.phase() == Recovery::Phase::open && !queue_.back().sacked;
  SegmentRecord& repeated = is_tail ? queue_.back() : queue_.front();
  const bool may_repeat = !repeated.sacked && repeated.end() <= snd_.una + snd_.wnd;
  if (!is_new && !may_repeat) return std::nullopt;
  Packet packet =
      is_new ? send_new(length, now)
             : send_again(repeated, repeated.length, RetransmitCause::tail_loss_probe, now);
  recovery_.on_probe_sent(!is_new);
  if (recovery_.wants_probe_of_retransmission()) {
    arm_loss_probe(now);
  } else {
    cancel_timer(Timer::loss_probe, now);
  }
  return packet;
}

// RFC 9293 3.8.6.1: one octet at the left edge of what the peer has not taken: the first
// outstanding one, or the next new one, or the FIN.
std::optional<Packet> Connection::poll_probe(Instant now) {
  probe_now_ = false;
  Outgoing segment{.seq = snd_.una,
                   .length = 1,
                   .flags = flag::kAck,
                   .kind = SegmentKind::probe,
                   .cause = RetransmitCause::window_probe,
                   .first_sent_as = queue_.empty() ? probe_uid_ : queue_.front().first_uid};
  if (config_.persona.empty_window_probe && queue_.empty()) {
    return emit({.seq = snd_.una - 1,
                 .flags = flag::kAck,
                 .kind = SegmentKind::probe,
                 .cause = RetransmitCause::window_probe},
                now);
  }
  if (config_.persona.empty_window_probe) {
    // The peer has shut its window over text that it misses, perhaps because what lies above the
    // gap fills its memory. Only the text gets it out (Linux, tcp_retransmit_timer()).
    const SegmentRecord& missed = queue_.front();
    const std::uint32_t text = missed.length - (missed.fin ? 1U : 0U) - (missed.syn ? 1U : 0U);
    segment.length = std::min(text, text_most());
  }
  if (segment.seq == fin_sequence()) {
    segment.length = 0;
    segment.flags |= flag::kFin;
  }
  segment.is_new_octet = segment.length > 0 && segment.seq >= snd_.max;
  snd_.max = std::max(snd_.max, segment.seq + 1);
  Packet packet = emit(segment, now);
  if (segment.first_sent_as == kNoPacket) probe_uid_ = packet.uid();
  return packet;
}

// The text of a full segment.
std::uint32_t Connection::text_most() const {
  // RFC 9293 3.7.1 (MUST-16): an option that goes along makes room for less.
  return terms_.smss - (ecn_.sends_option() ? kEcnCountersBytes : 0);
}

bool Connection::has_unsent() const {
  return snd_.nxt <= send_buffer_.end() || (fin_queued_ && snd_.nxt == fin_sequence());
}

// RFC 9293 3.8.6.2.1 and 3.7.4: is a segment of `length` octets out of `queued` worth sending into
// a window that has `usable` octets left? All our text is pushed: a send() call says so.
bool Connection::may_send_now(std::uint64_t length, std::uint64_t queued,
                              std::uint64_t usable) const {
  if (length >= text_most()) return true;  // rule (1)
  // TCP_CORK and MSG_MORE: the rest of the segment follows, or the time-out comes.
  if ((config_.cork || more_coming_) && !fin_queued_) return override_sws_;
  // Urgent data go at once: that is what they are for.
  const bool is_small_acked = config_.persona.nagle_minds_small_only && small_until_ <= snd_.una;
  const bool began_idle = snd_.nxt <= idle_burst_end_;
  const bool nagle_permits = !config_.nagle || is_small_acked || began_idle ||
                             snd_.nxt == std::max<std::uint64_t>(snd_.una, 1) || snd_.up > snd_.nxt;
  // Rule (2). What precedes a FIN has nothing to wait for.
  if (queued <= usable && (nagle_permits || fin_queued_)) return true;
  if (nagle_permits && 2 * length >= snd_.max_wnd) return true;  // rule (3), Fs = 1/2
  return override_sws_;                                          // rule (4)
}

// What is left of the record that SND.NXT lies in; without bound when nothing ends it.
std::uint64_t Connection::octets_of_record() {
  const auto is_past = [this](std::uint64_t end) { return end <= snd_.nxt; };
  record_ends_.erase(record_ends_.begin(), std::ranges::find_if_not(record_ends_, is_past));
  return record_ends_.empty() ? UINT64_MAX : record_ends_.front() - snd_.nxt;
}

std::optional<Packet> Connection::poll_new(Instant now) {
  if (!has_unsent()) return std::nullopt;
  const std::uint64_t queued = send_buffer_.end() + 1 - std::min(snd_.nxt, fin_sequence());
  if (!is_open_to_user() && (queued > 0 || state_ != TcpState::fin_wait_1)) return std::nullopt;
  const std::uint64_t usable = snd_.usable();
  if (usable == 0) return std::nullopt;
  if (snd_.nxt == snd_.una && queued > 0) restart_window_after_idle(now);

  const std::uint64_t record = octets_of_record();
  std::uint64_t length = std::min({queued, usable, std::uint64_t{text_most()}, record});
  std::uint64_t probe = 0;
  if (path_mtu_.is_searching() && record > queued) [[unlikely]] {
    probe = path_probe_text(queued, usable, now);
    if (probe > 0) length = probe;
  }
  // The SYN is no text (Fast Open).
  const std::uint64_t beside_syn = is_synchronised() ? 0 : 1;
  if (length > 0) {
    if (!recovery_.may_send_new(length - beside_syn)) return std::nullopt;
    const bool ends_record = length == record && length < queued;
    const bool is_worth_it = ends_record || probe > 0 || may_send_now(length, queued, usable);
    if (!is_worth_it || must_wait_for_pace(now)) return std::nullopt;
  }
  if (probe > 0) [[unlikely]]
    on_path_probe_sent(length);
  return send_new(length, now);
}

// `length` octets of text, and the FIN if it follows them and fits.
Packet Connection::send_new(std::uint64_t length, Instant now) {
  const std::uint64_t queued = send_buffer_.end() + 1 - std::min(snd_.nxt, fin_sequence());
  const std::uint64_t usable = snd_.usable();
  const bool is_overdue = std::exchange(override_sws_, false) && !pushes_pending_;
  pushes_pending_ = false;
  const bool fin = fin_queued_ && length == queued && usable > length;
  const auto text = static_cast<std::uint32_t>(length);
  const std::uint32_t sequence = text + (fin ? 1 : 0);
  Outgoing segment{.seq = snd_.nxt,
                   .length = text,
                   .flags = flag::kAck,
                   .kind = length > 0 ? SegmentKind::data : SegmentKind::control};
  if (fin) segment.flags |= flag::kFin;
  // RFC 9293 3.9.1.2 (MUST-61): PSH on the last segment of what the user has sent.
  // What was sent with MSG_MORE alone is not pushed before its time-out.
  const bool is_pushed = pushed_ == send_buffer_.end() || is_overdue || fin;
  const bool ends_block =
      send_memory_ != nullptr && send_memory_->is_pushed_at(segment.seq - 1 + length);
  if (length > 0 && ((length == queued && is_pushed) || ends_block)) segment.flags |= flag::kPsh;
  if (!record_ends_.empty() && snd_.nxt + length == record_ends_.front()) {
    segment.flags |= flag::kPsh;
    record_ends_.erase(record_ends_.begin());
  }
  queue_.push({.begin = snd_.nxt,
               .length = sequence,
               .fin = fin,
               .pushed = (segment.flags & flag::kPsh) != 0,
               .first_sent = now,
               .last_sent = now});
  const bool is_starved = send_memory_ != nullptr && send_memory_->is_starved() && length > 0;
  if (is_starved && snd_.nxt >= burst_end_) burst_end_ = snd_.nxt + next_burst_octets();
  if (!timed_ && length > 0) timed_ = {.begin = snd_.nxt, .sent = now};
  if (config_.persona.nagle_looks_once && snd_.nxt == snd_.una)
    idle_burst_end_ = send_buffer_.end();
  snd_.nxt += sequence;
  snd_.max = std::max(snd_.max, snd_.nxt);
  if (length > 0 && length < text_most()) small_until_ = snd_.nxt;
  recovery_.on_new_data_sent(sequence);
  if (is_starved && snd_.nxt >= burst_end_) find_send_space();
  probe_uid_ = kNoPacket;
  on_sequence_sent(snd_.nxt, sequence, now);
  validator_.on_sent(window_, recovery_.in_flight(), snd_.una, snd_.nxt);
  if (recovery_.wants_probe_timer()) arm_loss_probe(now);
  Packet packet = emit(segment, now);
  queue_.set_last_uid(packet.uid());
  return packet;
}

// RFC 8985 7.2. Never later than the time-out, whose place it takes then. Who probes in recovery
// waits as RFC 9002 6.2.1 does: in recovery, where a receiver acknowledges at once (RFC 5681 4.2),
// without its delay, and twice as long each time that nothing has come, until the time-out.
void Connection::arm_loss_probe(Instant now) {
  const Instant timeout_at = timers_.deadline(Timer::retransmission);
  const bool is_open = recovery_.phase() == Recovery::Phase::open;
  const bool is_alone = is_open && queue_.size() == 1;
  const bool has_sample = rtt_.has_sample();
  Duration wait = TailLossProbe::timeout(rtt_.srtt(), is_alone);
  if (const auto margin = config_.persona.probe.margin_ms; margin > 0 && has_sample) {
    wait = 2 * rtt_.srtt() + (is_alone ? config_.rto_min : Duration{margin * 1ms});
  }
  if (recovery_.probes_in_recovery() && has_sample) {
    wait = probe_timeout(rtt_) + (is_alone ? TailLossProbe::kAckDelayMax : Duration{});
    if (!is_open) wait = std::max(wait, now - counters_.last_ack_received);
  }
  if (!is_open && after(now, wait) >= timeout_at) return cancel_timer(Timer::loss_probe, now);
  set_timer(Timer::loss_probe, std::min(after(now, wait), timeout_at), now);
}

// RFC 6298 5.1: sequence space left, so the retransmission timer runs.
void Connection::on_sequence_sent(std::uint64_t end, std::uint32_t length, Instant now) {
  last_sent_ = now;
  note_departure(end, length, now);
  if (!timers_.is_armed(Timer::retransmission)) {
    set_timer(Timer::retransmission, after(now, rtt_.rto()), now);
  }
  cancel_timer(Timer::persist, now);
}

// Something waits to be sent, nothing is in flight whose ACK would move it, and the peer's window
// is why: probe it when a time-out has passed (SHLD-29), or override silly window avoidance within
// a second (RFC 9293 3.8.6.2.1).
void Connection::arm_persist(Instant now) {
  if (timers_.is_armed(Timer::persist) || !is_synchronised()) return;
  if (!has_unsent() && !queue_.has_lost()) return;
  persist_doublings_ = 0;
  constexpr Duration kCorkedMax{200ms};
  const bool is_corked = config_.cork || more_coming_;
  const Duration patience =
      is_corked && !config_.persona.rto_min_on_variance ? kCorkedMax : Duration{1s};
  Duration interval = snd_.wnd == 0 ? rtt_.base_rto() : std::min(rtt_.base_rto(), patience);
  if (snd_.wnd == 0 || is_corked) interval = std::max(interval, config_.persona.persist_min);
  // The reader may have been quick, and the update of the window lost.
  if (snd_.wnd == 0 && recovery_.probes_in_recovery() && rtt_.has_sample()) {
    interval = std::min(interval, probe_timeout(rtt_));
  }
  set_timer(Timer::persist, after(now, interval), now);
}

// RFC 9293 3.8.4 (SHLD-12): SEG.SEQ = SND.NXT-1 and no text. The peer finds it unacceptable and
// answers with an ACK.
Packet Connection::emit_keepalive(Instant now) {
  keepalive_now_ = false;
  ++counters_.keepalives_sent;
  return emit({.seq = snd_.nxt - 1, .flags = flag::kAck, .kind = SegmentKind::probe}, now);
}

Packet Connection::emit_reset(Instant now) {
  wire::TcpHeader header{.source_port = flow_.local.port,
                         .destination_port = flow_.remote.port,
                         .sequence = pending_reset_->sequence,
                         .acknowledgement = pending_reset_->acknowledgement,
                         .flags = pending_reset_->flags,
                         .window = pending_reset_->window};
  // RFC 7323 5.2: of an established connection with the option.
  if (terms_.timestamps && header.has(flag::kAck)) write_options(header, 0, now);
  Packet packet = context_->pool->make(0);
  if (pending_reset_->because_of != kNoPacket) {
    packet.set_parent(pending_reset_->because_of, Parentage::reply);
  }
  push_header(packet, header);
  ++counters_.segments_sent;
  report_sent(packet, {.seq = snd_.nxt, .flags = header.flags, .kind = SegmentKind::reset},
              header.header_bytes(), now);
  pending_reset_.reset();
  return packet;
}

Packet Connection::emit(Outgoing segment, Instant now) {
  const bool syn = (segment.flags & flag::kSyn) != 0;
  const EcnMarks marks = mark(segment);
  segment.flags |= marks.flags;
  // RFC 9293 3.8.5 (MUST-30): whatever lies before SND.UP points to it, or as far as it can.
  const std::uint64_t urgent = snd_.up > segment.seq && !syn ? snd_.up - segment.seq : 0;
  if (urgent > 0) segment.flags |= flag::kUrg;
  wire::TcpHeader header{.source_port = flow_.local.port,
                         .destination_port = flow_.remote.port,
                         .sequence = snd_.wire(segment.seq),
                         .reserved = marks.reserved_bits(),
                         .flags = segment.flags};
  header.window = window_field(!syn, rcv_.nxt);
  header.urgent_pointer = static_cast<std::uint16_t>(std::min<std::uint64_t>(urgent, 0xffff));
  bool owes_sack = false;
  if (syn) {
    write_syn_options(header, now);
  } else if (terms_.timestamps || terms_.sack || ecn_.sends_option()) {
    owes_sack = !write_options(header, segment.length, now);
  }
  if (header.has(flag::kAck)) {
    header.acknowledgement = rcv_.wire(rcv_.nxt);
    timestamps_.on_ack_sent(rcv_.nxt);
    rcv_.told = rcv_.nxt;
    // Text left no room for the blocks that have to be told now: an ACK without text follows.
    ack_now_ = ack_now_ && owes_sack;
    challenging_ = challenging_ && ack_now_;
    unacked_octets_ = 0;
    cancel_timer(Timer::delayed_ack, now);
  }

  Packet packet = context_->pool->make(segment.length);
  if (segment.first_sent_as != kNoPacket) {
    packet.set_parent(segment.first_sent_as, Parentage::retransmission);
  }
  InternetChecksum sum;
  if (segment.length > 0) {
    send_buffer_.copy(syn ? 0 : segment.seq - 1, segment.length, packet.mutable_bytes().data(),
                      sum);
  }
  push_header(packet, header, sum);
  count_sent(segment, now);
  if (segment.length > 0) note_dialogue(now);
  report_sent(packet, segment, header.header_bytes(), now);
  return packet;
}

void Connection::count_sent(const Outgoing& segment, Instant now) {
  ++counters_.segments_sent;
  const bool is_repeated = segment.kind == SegmentKind::retransmission;
  if (is_repeated) ++counters_.retransmissions;
  if (segment.kind == SegmentKind::probe && segment.cause == RetransmitCause::window_probe) {
    ++counters_.probes_sent;
  }
  if (segment.length == 0) return;
  ++counters_.data_segments_sent;
  counters_.octets_sent += segment.length;
  counters_.last_data_sent = now;
  if (is_repeated) counters_.octets_retransmitted += segment.length;
}

// What the sender is doing from now on, or what holds it up.
void Connection::note_activity(Instant now) {
  using Activity = Chronograph::Activity;
  if (!is_synchronised()) return;
  if (send_memory_ != nullptr && send_memory_->may_have_space()) {
    find_send_space();
    send_memory_->on_looked();
  }
  Activity activity = Activity::busy;
  if (queue_.empty() && !has_unsent()) {
    activity = Activity::idle;
  } else if (const auto wanted = std::clamp<std::uint64_t>(unsent_octets(), 1, terms_.smss);
             has_unsent() && snd_.usable() < wanted && recovery_.may_send_new(wanted)) {
    activity = Activity::receiver_limited;  // and cwnd is not
  } else if (!has_unsent() && is_send_full()) {
    activity = Activity::buffer_limited;
  }
  chronograph_.set(activity, now);
}

void Connection::report_sent(const Packet& packet, const Outgoing& segment,
                             std::size_t header_bytes, Instant now) {
  context_->trace(now, packet, [&] {
    return HeaderPushed{.protocol = Protocol::tcp,
                        .header_bytes = static_cast<std::uint16_t>(header_bytes),
                        .packet = packet.bytes()};
  });
  context_->trace(now, packet, [&] {
    return TcpSegmentSent{.flow = flow_,
                          .offset = stream_offset_sent(segment.seq),
                          .length = segment.length,
                          .flags = segment.flags,
                          .ack_offset = stream_offset_received(),
                          .kind = segment.kind,
                          .cause = segment.cause,
                          .first_sent_as = segment.first_sent_as,
                          .because_of = because_of_,
                          .sender = {.state = state_,
                                     .cwnd = window_.cwnd,
                                     .ssthresh = window_.ssthresh,
                                     .flight = static_cast<std::uint32_t>(recovery_.in_flight())}};
  });
}

}  // namespace strata::tcp
