// SPDX-License-Identifier: MIT
// A port's transmit queue as data: how much waits at most, and how it tells senders to slow down
// before it is full.
#pragma once

#include <cstddef>
#include <variant>

#include "stack/base/random.h"
#include "stack/base/time.h"

namespace strata::sim {

// Nothing happens before the queue is full; then what arrives is lost.
struct DropTail {};

// Random Early Detection (Floyd and Jacobson 1993, RFC 2309, with the gentle region): between two
// thresholds of the average queue the probability rises to `probability_max`, and to 1 at twice
// `high`. Stream kind "red", one number per frame that arrives between the thresholds.
struct Red {
  std::size_t low = 0;   // octets
  std::size_t high = 0;  // octets, more than `low`
  Probability probability_max = Probability::ratio(1, 10);
  // The average follows the queue with weight 2^-weight_bits per arrival.
  unsigned weight_bits = 9;
};

// Controlled Delay (RFC 8289): when every frame of an interval has waited longer than the target,
// one is singled out, then more and more often.
struct CoDel {
  Duration target{5ms};
  Duration interval{100ms};
};

// What a DCTCP switch does (RFC 8257 3.1): a frame that finds this much waiting is marked. What
// cannot be marked passes until the queue is full.
struct ThresholdMark {
  std::size_t bytes = 0;  // 0: `frames` counts
  std::size_t frames = 0;
};

using QueueDisciplineConfig = std::variant<DropTail, Red, CoDel, ThresholdMark>;

// The frame being transmitted is not in the queue.
struct QueueConfig {
  std::size_t bytes_max = 256 * 1024;  // of frames, headers and FCS included; 0: no limit
  std::size_t frames_max = 0;          // 0: no limit
  QueueDisciplineConfig discipline{};
  bool ecn = true;  // marks ECN-capable datagrams (RFC 3168) instead of dropping them
};

}  // namespace strata::sim
