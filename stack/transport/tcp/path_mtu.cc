// SPDX-License-Identifier: MIT
// Segment sizes that follow the path (RFC 1191 6, RFC 5927 4.1, RFC 4821 7.7).
#include "stack/transport/tcp/path_mtu.h"

#include "stack/transport/tcp/connection.h"

namespace strata::tcp {

void Connection::on_path_mtu(std::uint16_t mss, Seq32 quoted_sequence, Instant now) {
  mss = text_of(mss);
  if (!is_outstanding(quoted_sequence)) return;
  if (state_ == TcpState::syn_sent && fast_open_.text_sent > 0) {
    // The SYN was too large for its text: it goes again without (RFC 7413 4.2.1).
    offer_.mss = std::min(offer_.mss, mss);
    fast_open_.is_spent = true;
    recovery_.on_syn_repeated(RetransmitCause::path_mtu);
    return;
  }
  if (!is_synchronised() || !path_mtu_.on_reported(mss)) return;
  because_of_ = kNoPacket;
  use_segment_size(path_mtu_.limit());
  window_.cwnd = std::min(window_.cwnd, initial_window(mss, config_.initial_window_segments));
  window_.cwnd = std::max(window_.cwnd, window_.smss);
  queue_.split(terms_.smss);
  recovery_.on_discarded(RetransmitCause::path_mtu);
  report_variables("path MTU", now);
}

void Connection::on_interface_mtu(std::uint16_t mss, Instant now) {
  if (!path_mtu_.on_reported(text_of(mss))) return;
  use_segment_size(path_mtu_.limit());
  queue_.split(terms_.smss);
  report_variables("interface MTU", now);
}

// What a segment of `mss` octets has left for text.
std::uint16_t Connection::text_of(std::uint16_t mss) const {
  mss = std::max(mss, kMssMin);
  return static_cast<std::uint16_t>(mss - (terms_.timestamps ? kTimestampsBytes : 0));
}

void Connection::on_path_mtu_expired(std::uint16_t mss, Instant now) {
  if (!path_mtu_.on_expired(mss)) return;
  use_segment_size(path_mtu_.limit());
  report_variables("path MTU", now);
}

// R1 has been reached with a segment that is as large as we may send: perhaps that is why.
void Connection::suspect_black_hole() {
  if (config_.path_mtu_probing == PathMtuProbing::off || queue_.front().length < terms_.smss)
    return;
  if (!path_mtu_.on_silence()) return;
  use_segment_size(path_mtu_.limit());
  queue_.split(terms_.smss);
}

void Connection::use_segment_size(std::uint32_t smss) {
  terms_.smss = smss;
  window_.smss = smss;
  window_.cwnd = std::max(window_.cwnd, smss);
  window_.ssthresh = std::max(window_.ssthresh, 2 * smss);  // RFC 5681 3.1 (4): it may have grown
}

}  // namespace strata::tcp
