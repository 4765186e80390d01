// SPDX-License-Identifier: MIT
// What the receiver tells by the SACK option (RFC 2018 4) and its
// extension to duplicates (D-SACK, RFC 2883 4): which blocks, and in which order. The blocks
// themselves are the ranges that the receive buffer holds above gaps.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "stack/transport/tcp/receive_buffer.h"

namespace strata::tcp {

class SackReport {
 public:
  static constexpr std::size_t kBlocksMax = 4;  // that fit 40 octets of options
  using Blocks = std::array<OffsetRange, kBlocksMax>;

  // Text from `begin` on arrived and lies above a gap; the block that contains it is reported first
  // from now on.
  void on_kept(std::uint64_t begin);
  // `range` arrived once more. It is reported once, in front of everything.
  void on_duplicate(const OffsetRange& range) { duplicate_ = range; }
  // Where the duplicate to report begins.
  std::optional<std::uint64_t> duplicate() const {
    return duplicate_ ? std::optional{duplicate_->begin} : std::nullopt;
  }
  // Is there anything to report beside what is cumulatively acknowledged?
  bool is_due(std::span<const OffsetRange> held) const { return duplicate_ || !held.empty(); }
  // Fills in at most `count` blocks, in the order they have to appear, and returns their number.
  // `held` are the ranges above gaps, sorted.
  std::size_t fill(std::span<const OffsetRange> held, std::size_t count, Blocks& into);
  // The option has left: a duplicate is reported in one segment only.
  void on_sent() { duplicate_.reset(); }
  void forget_duplicate() { duplicate_.reset(); }

 private:
  std::optional<OffsetRange> duplicate_;
  std::array<std::uint64_t, kBlocksMax> recent_{};  // latest first
  std::uint8_t recent_count_ = 0;
};

}  // namespace strata::tcp
