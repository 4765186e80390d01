// SPDX-License-Identifier: MIT
// What the connection does for congestion control: it makes a sample of each ACK, answers marks of
// congestion (RFC 3168 6.1), holds segments back to the pace, and tells what was sent. None of it
// costs more than a branch when the algorithm does not ask for it.
#include <algorithm>

#include "stack/transport/tcp/connection.h"

namespace strata::tcp {
namespace {

namespace flag = wire::tcp_flag;

}  // namespace

// Delivery rates and losses are kept for those that ask for them.
void Connection::watch_rates() {
  const bool is_asked_for = control_->traits.delivery_rate || config_.persona.samples_rates;
  if (is_asked_for && rates_ == nullptr) {
    rates_ = std::make_unique<DeliveryRateSampler>();
  }
  queue_.note_losses_in(control_->traits.weighs_losses ? &rates_->losses() : nullptr);
}

// What the queue has taken for lost since the last call.
void Connection::tell_losses(Instant now) {
  if (!control_->traits.weighs_losses) return;
  for (const LostRecord& lost : rates_->losses()) {
    control_->on_lost(window_, rates_->on_lost(lost, terms_.sack, now));
  }
  rates_->losses().clear();
}

AckSample Connection::ack_sample(const AckEvent& event, const Acknowledged& acknowledged,
                                 std::uint64_t flight_before) {
  AckSample sample{.now = event.arrival,
                   .newly_acked = event.newly_acked,
                   .newly_delivered = event.newly_delivered,
                   .flight_before = flight_before,
                   .flight = recovery_.in_flight(),
                   .una = snd_.una,
                   .nxt = snd_.nxt,
                   .srtt = rtt_.srtt(),
                   .ece = event.ece,
                   .is_recovering = recovery_.phase() != Recovery::Phase::open,
                   .has_sack = terms_.sack};
  if (config_.persona.growth_by_delivery && sample.newly_acked > 0) {
    std::uint64_t news = event.newly_delivered;
    if (!terms_.sack) {
      news -=
          std::min<std::uint64_t>(news, std::uint64_t{recovery_.duplicate_acks()} * terms_.smss);
      news = std::max<std::uint64_t>(news, terms_.smss);
    }
    sample.newly_acked = std::max<std::uint64_t>(news, 1);
  }
  if (acknowledged.any_record && !acknowledged.retransmitted) {
    sample.rtt = event.arrival - acknowledged.last_sent;
  }
  // RFC 3168 6.1.2: no growth while the peer reports marks.
  sample.is_cwnd_limited = validator_.permits_growth(window_, flight_before) &&
                           (!sample.ece || control_->traits.exact_ecn);
  if (rates_ != nullptr && event.newly_delivered > 0) {
    sample.rate = rates_->on_delivered(event.newly_delivered, event.newest_end, event.newest_sent,
                                       sample.flight, event.arrival);
    rates_->note(sample.rate, rtt_.min_rtt());
    const SegmentRecord* oldest = queue_.oldest_sent();
    rates_->forget_before(oldest != nullptr ? oldest->last_sent : event.arrival);
  }
  if (!sample.is_recovering && event.newly_acked > 0) {
    validator_.on_ack(window_, snd_.una, rtt_.srtt(),
                      initial_window(terms_.smss, config_.initial_window_segments), event.arrival);
  }
  return sample;
}

// RFC 3168 6.1.2: an ACK with ECE is answered as a loss would be, once per window of data.
void Connection::reduce_for_mark(const Arrival& segment) {
  const bool is_answered = recovery_.phase() != Recovery::Phase::open || recovery_.is_reducing();
  if (!ecn_.is_news(snd_.una) || is_answered) return;
  // RFC 3168 6.1.2 "halves the congestion window": of what was in flight until this ACK.
  const std::uint64_t flight = recovery_.in_flight() + segment.newly_acked;
  // RFC 3168 6.1.2: a window of one segment cannot be halved; the next one leaves when the
  // retransmission timer would have expired.
  const bool is_least = window_.cwnd <= terms_.smss && !control_->traits.owns_window;
  if (is_least) pacer_.hold(after(segment.now, rtt_.rto()));
  const std::uint32_t cwnd = window_.cwnd;
  const bool is_gradual = config_.persona.marks_reduce_gradually && !control_->traits.owns_window;
  window_.ssthresh = control_->ssthresh_after(CongestionEvent::ecn, window_,
                                              is_gradual ? cwnd : flight, segment.now);
  if (is_gradual) {
    recovery_.begin_reduction(cwnd, segment.newly_delivered);
  } else if (!control_->traits.owns_window) {
    window_.cwnd = std::min(window_.cwnd, window_.ssthresh);
  }
  control_->on_reduced(CongestionEvent::ecn, window_);
  ecn_.on_reduced(snd_.nxt);
}

// RFC 3168 6.1.2: a loss counts as the window's one reduction too, and is announced by CWR.
void Connection::note_phase_change(Recovery::Phase before) {
  const Recovery::Phase now = recovery_.phase();
  if (now == before) return;
  if (before == Recovery::Phase::open) ecn_.on_reduced(snd_.nxt);
  validator_.reset(window_);
}

// A segment within the window has arrived (RFC 3168 6.1.5: others may be forged).
void Connection::note_codepoint(const Arrival& segment) {
  const bool is_counted_syn = ecn_.is_accurate() && segment.has(flag::kSyn);
  if (!ecn_.is_agreed() || is_counted_syn) return;
  const bool has_text = !segment.text.empty();
  // RFC 8257 3.2: what was counted before the mark changed is acknowledged with the old echo.
  if (has_text && unacked_octets_ > 0 && ecn_.must_ack_before(segment.ecn)) early_ack_ = rcv_.nxt;
  if (early_ack_) early_marks_ = ecn_.marks(false, true);
  if (segment.options.ecn_counters) ecn_.on_option_seen();
  if (ecn_.on_arrival(segment.ecn, segment.has(flag::kCwr), segment.text_bytes,
                      unacked_octets_ > 0)) {
    ack_now_ = true;
  }
  // The echo ends, which the sender should know (RFC 8257 5: no delay). FreeBSD's short ways for
  // text alone and for an ACK alone (header prediction) leave it to the delayed ACK.
  const bool ends_echo = segment.has(flag::kCwr) && !ecn_.is_accurate();
  const bool goes_short = has_text == (segment.newly_acked == 0);
  if (ends_echo && !goes_short && config_.persona.ecn.acks_cwr) ack_now_ = true;
}

// RFC 9768 3.2.1: what arrives again counts as well, as long as it may be an answer to what the
// peer knows of us.
void Connection::count_duplicate(const Arrival& segment, std::int64_t end) {
  if (!ecn_.is_accurate() || end < static_cast<std::int64_t>(rcv_.told)) return;
  ecn_.on_arrival(segment.ecn, false, segment.text_bytes, false);
  ecn_.on_duplicate(static_cast<std::uint64_t>(segment.seq));
}

// What the ACK says of marks. In the handshake the bits mean something else.
void Connection::read_marks(Arrival& segment, AckEvent& event) {
  if (!ecn_.is_agreed() || state_ == TcpState::syn_sent || state_ == TcpState::syn_received) return;
  const bool is_progress =
      event.newly_acked > 0 || event.newly_sacked > 0 || segment.stamp_advanced;
  segment.reports_marks =
      ecn_.reports_marks(segment.header, segment.options, event.segments, is_progress, terms_.smss);
  event.ece = segment.reports_marks;
}

Packet Connection::emit_early_ack(Instant now) {
  wire::TcpHeader header{.source_port = flow_.local.port,
                         .destination_port = flow_.remote.port,
                         .sequence = snd_.wire(snd_.nxt),
                         .acknowledgement = rcv_.wire(*early_ack_),
                         .reserved = early_marks_.reserved_bits(),
                         .flags = static_cast<std::uint8_t>(flag::kAck | early_marks_.flags),
                         .window = window_field(true, *early_ack_)};
  early_ack_.reset();
  if (terms_.timestamps || terms_.sack) write_options(header, 0, now);
  codepoint_ = ecn_codepoint::kNotEct;
  Packet packet = context_->pool->make(0);
  push_header(packet, header);
  ++counters_.segments_sent;
  report_sent(packet, {.seq = snd_.nxt, .flags = header.flags, .kind = SegmentKind::pure_ack},
              header.header_bytes(), now);
  return packet;
}

// What a segment of `text` octets is on the wire, as the RACK stack of FreeBSD counts it.
std::uint64_t Connection::whole_packet(std::uint32_t text) const {
  constexpr std::uint32_t kHeaders = wire::Ipv4Header::kBytesMin + wire::TcpHeader::kBytesMin;
  return kHeaders + (terms_.smss - text_most()) + text;
}

bool Connection::must_wait_for_pace(Instant now) {
  std::uint64_t burst = config_.pacing_burst * whole_packet(text_most());
  if (burst == 0 && config_.persona.paces_bursts) burst = burst_segments() * terms_.smss;
  const bool may_leave = burst > 0 ? pacer_.admit(burst, now) : pacer_.next() <= now;
  if (may_leave) return false;
  set_timer(Timer::pacing, pacer_.next(), now);
  return true;
}

// Sequence space of `length` up to `end` leaves, for the first time or again.
void Connection::note_departure(std::uint64_t end, std::uint32_t length, Instant now) {
  if (rates_ != nullptr) {
    rates_->on_sent(end, length, recovery_.in_flight(), now);
  }
  const std::uint64_t rate = pacing_rate();
  if (config_.pacing_burst > 0) {
    return pacer_.on_even_burst_sent(whole_packet(length), rate, now);
  }
  if (!config_.persona.paces_bursts) return pacer_.on_sent(length, rate, now);
  constexpr std::uint64_t kUnpaced = 10;  // segments
  const bool is_early = counters_.data_segments_sent + 1 < kUnpaced;
  pacer_.on_burst_sent(length, is_early ? 0 : rate, now);
}

// Octets per second; 0: no limit.
std::uint64_t Connection::pacing_rate() const {
  std::uint64_t rate = 0;
  if (control_->traits.paces) {
    rate = control_->pacing_rate(window_);
  } else if (config_.pacing) {
    const bool is_slow_start = config_.persona.paces_bursts ? window_.cwnd < window_.ssthresh / 2
                                                            : window_.is_slow_start();
    rate = window_pacing_rate(window_.cwnd, is_slow_start, rtt_.srtt());
  }
  if (config_.pacing_rate_max == 0) return rate;
  return rate == 0 ? config_.pacing_rate_max : std::min(rate, config_.pacing_rate_max);
}

void Connection::note_app_limit() {
  const std::uint64_t flight = recovery_.in_flight();
  const bool is_idle = !has_unsent() && !queue_.has_lost() && flight < window_.cwnd;
  if (is_idle || control_->is_holding_back()) rates_->on_app_limited(flight);
}

void Connection::restart_window_after_idle(Instant now) {
  const Duration idle = now - last_sent_;
  control_->on_transmission_start(window_, now, idle);
  if (control_->traits.owns_window || recovery_.phase() != Recovery::Phase::open) return;
  validator_.on_transmission_start(
      window_, idle, rtt_.rto(), initial_window(terms_.smss, config_.initial_window_segments), now);
}

}  // namespace strata::tcp
