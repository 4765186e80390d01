// SPDX-License-Identifier: MIT
// Segment sizes that follow the path (RFC 1191 6, RFC 5927 4.1, RFC 4821 7).
#include "stack/transport/tcp/path_mtu.h"

#include <algorithm>

#include "stack/transport/tcp/connection.h"

namespace strata::tcp {

void Connection::on_path_mtu(std::uint16_t mss, Seq32 quoted_sequence, Instant now) {
  mss = text_of(mss);
  if (!is_outstanding(quoted_sequence)) return;
  if (state_ == TcpState::syn_sent) {
    const bool had_text = fast_open_.text_sent > 0;
    if (had_text || config_.persona.syn_follows_path_mtu) {
      offer_.mss = std::min(offer_.mss, mss);
      path_mss_ = std::min(path_mss_, mss);
    }
    if (!had_text) return;
    // The SYN was too large for its text: it goes again without (RFC 7413 4.2.1).
    fast_open_.is_spent = true;
    return recovery_.on_syn_repeated(RetransmitCause::path_mtu);
  }
  if (!is_synchronised()) return;
  if (path_mtu_.probe() && path_mtu_.limit() <= mss && mss < path_mtu_.probe()->size) {
    path_mtu_.on_reported(mss);
    return lose_path_probe(now);
  }
  if (!path_mtu_.on_reported(mss)) return;
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
  return static_cast<std::uint16_t>(mss - constant_option_bytes());
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

// RFC 4821 7.4: the text of a probe, if one is due and everything is in its favour: no losses, and
// windows and text for the probe and for the segments whose arrival will tell that it was lost;
// else 0. Segments that are smaller wait until cwnd has room for it.
std::uint64_t Connection::path_probe_text(std::uint64_t queued, std::uint64_t usable, Instant now) {
  const bool is_always = config_.path_mtu_probing == PathMtuProbing::always;
  if (!is_always && config_.path_mtu_probing != PathMtuProbing::search) return 0;
  // Linux, tcp_mtu_probe(): one segment more behind the probe, and a window that has grown.
  constexpr std::uint64_t kWindowLeast = 11;  // segments
  if (is_always && window_.cwnd < kWindowLeast * terms_.smss) return 0;
  const std::uint32_t size = path_mtu_.probe_size(now);
  const std::uint64_t behind = Recovery::kDuplicateThreshold + (is_always ? 1U : 0U);
  const std::uint64_t followed = size + behind * terms_.smss;
  const bool is_clean = recovery_.phase() == Recovery::Phase::open && !queue_.has_lost() &&
                        queue_.sacked_octets() == 0 && recovery_.duplicate_acks() == 0;
  if (size == 0 || !is_clean || queued < followed || usable < followed || window_.cwnd < followed) {
    return 0;
  }
  return size - (terms_.smss - text_most());
}

void Connection::on_path_probe_sent(std::uint64_t text) {
  const auto size = static_cast<std::uint32_t>(text) + terms_.smss - text_most();
  path_mtu_.on_probe_sent({.begin = snd_.nxt, .end = snd_.nxt + text, .size = size});
}

// RFC 4821 7.5: what an ACK says of the probe, before loss recovery looks at it.
void Connection::judge_path_probe(const AckEvent& event, Instant now) {
  const PathMtu::Probe probe = *path_mtu_.probe();
  if (snd_.una >= probe.end) {
    path_mtu_.on_probe_delivered(now);
    use_segment_size(path_mtu_.limit());
    return report_variables("path MTU probe delivered", now);
  }
  if (snd_.una != probe.begin || recovery_.phase() != Recovery::Phase::open) return;
  // All that follows has arrived, as far as anything is known of it.
  const std::uint64_t sacked = queue_.sacked_octets();
  const bool is_lost =
      terms_.sack
          ? sacked >= std::uint64_t{Recovery::kDuplicateThreshold} * terms_.smss &&
                queue_.sacked_end_sequence() == probe.end + sacked
          : event.is_duplicate && recovery_.duplicate_acks() + 1 >= Recovery::kDuplicateThreshold;
  if (is_lost) lose_path_probe(now);
}

// RFC 4821 7.6.2: the probe alone was lost, which is no sign of congestion. The next one has to
// wait for longer than congestion leaves between two losses: as many round trips as segments are in
// cwnd.
void Connection::lose_path_probe(Instant now) {
  const PathMtu::Probe probe = *path_mtu_.probe();
  path_mtu_.on_probe_lost(now, after(now, path_probe_interval()));
  queue_.split(terms_.smss);
  recovery_.on_path_probe_lost(probe.begin, probe.end);
  report_variables("path MTU probe lost", now);
}

// Something is sent again while a probe is under way. RFC 4821 7.6.3: five times as long after a
// time-out.
void Connection::give_up_path_probe(Instant now) {
  const Duration interval = timeouts_ > 0 ? 5 * path_probe_interval() : path_probe_interval();
  path_mtu_.on_probe_undecided(after(now, interval));
  queue_.split(terms_.smss);
}

Duration Connection::path_probe_interval() const {
  return rtt_.srtt() * (window_.cwnd / std::max(terms_.smss, 1U) + 1);
}

void Connection::use_segment_size(std::uint32_t smss) {
  terms_.smss = smss;
  window_.smss = smss;
  window_.cwnd = std::max(window_.cwnd, smss);
  window_.ssthresh = std::max(window_.ssthresh, 2 * smss);  // RFC 5681 3.1 (4): it may have grown
}

}  // namespace strata::tcp
