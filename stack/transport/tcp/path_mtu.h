// SPDX-License-Identifier: MIT
// What fits the path, as one connection sees it: told by ICMP (RFC 1191, RFC 5927), or found out
// where ICMP does not come through - a black hole, into which large segments vanish (RFC 2923,
// RFC 4821 7.7). From what passes there, larger sizes are looked for by probes: segments of the
// stream that are larger than the others (RFC 4821 7). Sizes are octets of text.
//
//     what passes          probe               what may pass at most
//       limit ------------- middle ------------- most ---- agreed
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "stack/base/time.h"
#include "stack/transport/tcp/tcb.h"

namespace strata::tcp {

// `black_hole`: smaller segments, when large ones vanish; `search`: larger ones again after that;
// `always`: the search begins with the connection (Linux: tcp_mtu_probing 2).
enum class PathMtuProbing : std::uint8_t { off, black_hole, search, always };

class PathMtu {
 public:
  // Below this a black hole is no explanation any more.
  static constexpr std::uint32_t kBlackHoleFloor = 256;
  // RFC 4821 7.2: 1024 octets pass nearly everywhere.
  static constexpr std::uint32_t kBase = 1024;
  // RFC 4821 7.3: a range this small is not worth a probe, for so long.
  static constexpr std::uint32_t kCloseEnough = 8;
  static constexpr Duration kConvergedFor = std::chrono::minutes{10};

  struct Probe {
    std::uint64_t begin = 0;  // absolute sequence numbers of its text
    std::uint64_t end = 0;
    std::uint32_t size = 0;
  };

  // The handshake is over: both ends take segments of `smss`.
  void on_agreed(std::uint32_t smss) { agreed_ = limit_ = most_ = smss; }
  // A router said that only `mss` fits. True: that is less than before.
  bool on_reported(std::uint32_t mss) {
    most_ = std::min(most_, mss);
    if (mss >= limit_) return false;
    probe_.reset();
    limit_ = mss;
    return true;
  }
  // The search begins now, between `base`, which is thought to pass, and `most`, whatever the
  // limit is: that stays in use unless the connection `starts_small` (RFC 4821 7.2).
  void search_from(std::uint32_t base, std::uint32_t most, bool starts_small) {
    searches_always_ = true;
    passes_ = std::min(base, most);
    most_ = most;
    if (starts_small) limit_ = std::min(limit_, passes_);
  }
  // Segments of `limit()` have been repeated in vain. True: a smaller size is worth a try.
  bool on_silence() {
    const std::uint32_t smaller = limit_ > kBase ? kBase : std::max(limit_ / 2, kBlackHoleFloor);
    if (smaller >= limit_) return false;
    most_ = std::max(limit_ - 1, smaller);
    limit_ = smaller;
    is_black_hole_ = true;
    probe_.reset();
    return true;
  }
  // What routers said is too old to be believed (RFC 1191 6.3); `mss` may be tried again. True:
  // that is more than before.
  bool on_expired(std::uint32_t mss) {
    const std::uint32_t wider = std::min(mss, agreed_);
    if (is_black_hole_ || wider <= limit_) return false;
    limit_ = wider;
    return true;
  }
  // --- looking for more ---
  bool is_searching() const { return searches_always_ || (is_black_hole_ && limit_ < agreed_); }
  // What a probe sent now would have, 0 for none: one is under way, or it is too early.
  std::uint32_t probe_size(Instant now) const {
    const std::uint32_t passes = lower_end();
    if (probe_ || now < next_probe_ || most_ <= passes) return 0;
    if (searches_always_) return most_ - passes < kCloseEnough ? 0 : passes + (most_ - passes) / 2;
    return passes + (most_ - passes + 1) / 2;
  }
  const std::optional<Probe>& probe() const { return probe_; }
  void on_probe_sent(const Probe& probe) { probe_ = probe; }
  // RFC 4821 7.6.1.
  void on_probe_delivered(Instant now) {
    limit_ = passes_ = probe_->size;
    most_ = std::max(most_, limit_);
    conclude(now);
  }
  // RFC 4821 7.6.2: only the probe was lost. None follows before `next`.
  void on_probe_lost(Instant now, Instant next) {
    most_ = std::min(most_, probe_->size - 1);
    next_probe_ = next;
    conclude(now);
  }
  // RFC 4821 7.6.3, 7.6.4: lost among others, which says nothing of its size.
  void on_probe_undecided(Instant next) {
    next_probe_ = next;
    probe_.reset();
  }

  std::uint32_t agreed() const { return agreed_; }  // in the handshake
  bool is_narrowed() const { return limit_ < agreed_; }
  std::uint32_t limit() const { return limit_; }

 private:
  // What is known to pass.
  std::uint32_t lower_end() const { return searches_always_ ? passes_ : limit_; }
  void conclude(Instant now) {
    probe_.reset();
    if (most_ - std::min(most_, lower_end()) >= kCloseEnough) return;
    // RFC 4821 7.3: the path may change, so all is tried again some time.
    most_ = agreed_;
    next_probe_ = std::max(next_probe_, now + kConvergedFor);
  }

  std::uint32_t agreed_ = 0;
  std::uint32_t limit_ = 0;
  std::uint32_t most_ = 0;
  std::uint32_t passes_ = 0;  // in a search that began with the connection
  bool is_black_hole_ = false;
  bool searches_always_ = false;
  Instant next_probe_{};
  std::optional<Probe> probe_;
};

}  // namespace strata::tcp
