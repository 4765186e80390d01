// SPDX-License-Identifier: MIT
// The first segments of a connection: what the peer's SYN settles, passive opens, and the state
// SYN-SENT (RFC 9293 3.10.7.2, 3.10.7.3).
#include <algorithm>

#include "stack/base/assert.h"
#include "stack/transport/tcp/connection.h"

namespace strata::tcp {
namespace {

namespace flag = wire::tcp_flag;

}  // namespace

void Connection::open_passive(const wire::TcpHeader& syn, Bytes payload, PacketUid uid,
                              Instant arrival, Instant now, std::uint8_t ecn) {
  STRATA_ASSERT(state_ == TcpState::closed);
  count_received(payload, arrival);
  because_of_ = uid;
  state_ = TcpState::listen;
  adopt_peer_syn(syn, ecn, arrival);
  set_state(TcpState::syn_received, "SYN received", now);
  Arrival segment{.header = syn,
                  .text = payload,
                  .text_bytes = static_cast<std::uint32_t>(payload.size()),
                  .uid = uid,
                  .arrival = arrival,
                  .now = now};
  segment.text_begin = 1;
  segment.verdict = SegmentVerdict::control;
  if (!config_.persona.keeps_syn_text && !fast_open_.is_accepted) segment.text = {};
  // RFC 9293 3.10.7.2: text on a SYN is kept for delivery once the connection is established.
  trim_back(segment);
  process_text(segment);
  report_arrival(segment);
  report_variables("SYN received", now);
}

void Connection::resume_passive(const wire::TcpHeader& syn, Instant now) {
  STRATA_ASSERT(state_ == TcpState::closed);
  state_ = TcpState::listen;
  adopt_peer_syn(syn, ecn_codepoint::kNotEct, now);
  set_state(TcpState::syn_received, "SYN cookie returned", now);
  queue_.push({.begin = 0, .length = 1, .syn = true, .first_sent = now, .last_sent = now});
  snd_.nxt = snd_.max = 1;
  timed_from_ = 1;  // nobody knows when the SYN,ACK left
  on_sequence_sent(1, 1, now);
}

// Takes IRS, the options and the first window from the peer's SYN.
void Connection::adopt_peer_syn(const wire::TcpHeader& syn, std::uint8_t codepoint,
                                Instant arrival) {
  const wire::TcpOptionValues options = wire::TcpOptionValues::from(syn.options.bytes());
  terms_ = agree(offer_, options);
  fast_open_.peer_mss = options.mss.value_or(kDefaultMss);
  if (!opened_actively_ && !config_.persona.times_syn_ack) timed_from_ = 1;
  if (terms_.sack) recovery_.use_sack();
  if (terms_.timestamps) {
    timestamps_.start(TimestampValue{options.timestamps->value}, arrival);
  }
  if (syn.has(flag::kAck)) {
    ecn_.on_syn_ack(syn, codepoint);
  } else {
    ecn_.on_syn(syn, codepoint);
  }
  path_mtu_.on_agreed(terms_.smss);
  // RFC 1191 3: what the host knows of the path holds for a new connection, too.
  if (path_mtu_.on_reported(text_of(path_mss_))) terms_.smss = path_mtu_.limit();
  if (config_.path_mtu_probing == PathMtuProbing::always) {
    const std::uint16_t most = options.mss.value_or(kDefaultMss);
    const auto base =
        static_cast<std::uint16_t>(std::min<std::uint32_t>(config_.path_mtu_base, most));
    path_mtu_.search_from(text_of(base), text_of(most), opened_actively_);
    terms_.smss = path_mtu_.limit();
  }
  window_.smss = terms_.smss;
  window_.cwnd = terms_.smss;
  rcv_.irs = syn.sequence;
  rcv_.nxt = 1;
  if (opened_actively_ || fast_open_.is_accepted) round_buffers();
  fast_open_.is_held = false;  // the peer calls us: nothing to wait for any more
  rcv_.shift = terms_.receive_shift;
  offer_up_to(1 + first_window());
  opening_.begin(rcv_.edge - 1);
  snd_.shift = terms_.send_shift;
  // RFC 7413 4.2.2: text may go before our SYN is acknowledged. The window of the peer's SYN has no
  // acknowledgement to count from: it is room for text, of which our SYN takes none.
  const bool answers_with_text = fast_open_.is_accepted && !syn.has(flag::kAck);
  snd_.wnd = syn.window + (answers_with_text ? 1U : 0U);
  snd_.max_wnd = std::max(snd_.max_wnd, snd_.wnd);
  snd_.wl1 = 0;
  snd_.wl2 = snd_.una;
}

// FreeBSD makes both buffers multiples of the segment size once the peer's is known, the timestamps
// option not counted.
std::size_t Connection::whole_segments(std::size_t octets) const {
  const bool knows_size = rcv_.nxt > 0;
  if (!config_.persona.whole_segment_buffer || !knows_size) return octets;
  const std::size_t mss = terms_.smss + (terms_.timestamps ? kTimestampsBytes : 0);
  return (octets + mss - 1) / mss * mss;
}

void Connection::round_buffers() {
  receive_buffer_.grow_to(whole_segments(receive_buffer_.limit()));
  send_buffer_.set_limit(whole_segments(send_buffer_.limit()));
}

// RFC 9293 3.10.7.3.
void Connection::process_syn_sent(Arrival& segment) {
  const bool has_ack = segment.has(flag::kAck);
  // First, the ACK bit: SEG.ACK =< ISS or SEG.ACK > SND.NXT.
  if (has_ack && (segment.ack <= 0 || segment.ack > static_cast<std::int64_t>(snd_.nxt))) {
    return reset_with_its_ack(segment, DropReason::tcp_bad_ack);
  }
  if (has_ack && config_.persona.checks_syn_echo && segment.options.timestamps &&
      !timestamps_.may_echo_ours(segment.options.timestamps->echo_reply, segment.now)) {
    return reset_with_its_ack(segment, DropReason::tcp_old_timestamp);
  }
  // Second, the RST bit: valid only with an acceptable ACK.
  if (segment.has(flag::kRst)) {
    if (!has_ack) return reject(segment, DropReason::tcp_reset);
    segment.verdict = SegmentVerdict::control;
    return fail(Errc::connection_refused, "RST received", segment.now);
  }
  // Fifth: neither SYN nor RST.
  if (!segment.syn) return reject(segment, DropReason::tcp_wrong_state);
  // Fourth, the SYN bit.
  adopt_peer_syn(segment.header, segment.ecn, segment.arrival);
  segment.seq = 0;
  segment.text_begin = 1;
  segment.syn = false;
  segment.verdict = SegmentVerdict::control;
  trim_back(segment);
  if (!has_ack) {
    // Simultaneous open (RFC 9293 figure 8). A FIN here is left to the peer's retransmission.
    set_state(TcpState::syn_received, "SYN received in SYN-SENT", segment.now);
    recovery_.on_syn_repeated(RetransmitCause::none);
    if (config_.persona.holds_crossing_text) {
      receive_buffer_.write(0, segment.text);  // see on_synchronised()
    } else if (config_.persona.keeps_syn_text) {
      process_text(segment);
    }
    ack_now_ = false;  // the SYN,ACK says it
    return;
  }
  apply_ack(segment);
  conclude_fast_open(segment.header);
  ack_now_ = true;
  if (ecn_.reflects() && has_unsent()) {
    // RFC 9768 3.2.2.1: only a pure ACK can say how the SYN,ACK came; text goes behind it.
    early_ack_ = rcv_.nxt;
    early_marks_ = ecn_.marks(false, true);
  }
  if (config_.persona.syn_ack_text_answers_ours && fast_open_.text_sent == 0) return;
  process_urg(segment);
  process_text(segment);
  process_fin(segment);
}

}  // namespace strata::tcp
