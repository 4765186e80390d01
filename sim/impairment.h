// SPDX-License-Identifier: MIT
// What can go wrong on a link, as data. A link holds a list of these; they are applied in order,
// each to the frames the ones before it let through, at the instant the first bit of a frame
// leaves. A duplicate passes through the models after the one that made it, independently of its
// original.
//
// Randomness: each random model draws from a stream of its own, named "link/NAME/A>B/KIND#K", where
// A and B are the nodes of the direction and K counts the models of that kind on the link. Adding a
// model of another kind, or one behind it, leaves every other model's decisions as they were.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "stack/base/random.h"
#include "stack/base/time.h"

namespace strata::sim {

enum class Direction : std::uint8_t { both, a_to_b, b_to_a };

// Independent loss of each frame (Bernoulli). Stream kind "loss".
struct Loss {
  Probability probability;
};

// Bursts of loss: the Gilbert-Elliott model, a Markov chain of a good and a bad state that starts
// in the good one. For each frame it first moves, then the frame is lost with the probability of
// the state it is in. Stream kind "burst-loss", two numbers a frame: the move, then the loss.
struct BurstLoss {
  Probability enter;  // good -> bad
  Probability leave;  // bad -> good; the mean burst is 1/leave frames
  Probability loss_in_bad = Probability::always();
  Probability loss_in_good = Probability::never();
};

// Drops the frames with these ordinals, counted from 1 among the frames that match, per direction.
struct DropNth {
  std::vector<std::uint64_t> ordinals;
};

// Drops every matching frame (of the window, if one is given).
struct DropBetween {};

// Flips each bit of the frame with this probability; under a line code, each symbol on the medium.
// Stream kind "bit-errors", one number a frame and one more for each error.
struct BitErrors {
  Probability per_bit;
};

// Flips the bits at these offsets (from the start of the frame, most significant bit of each octet
// first) of the frames with these ordinals. Offsets behind the end of the frame are ignored.
struct FlipBits {
  std::vector<std::uint64_t> ordinals;
  std::vector<std::uint32_t> bits;
};

// Only the beginning of the frame arrives: `to_bytes` octets or, without it, a random number of
// them, at least one. Frames that are not longer are left alone. The receiver takes what there is
// at the instant at which the whole would have been there. Stream kind "truncate", one number a
// frame and one more for the length.
struct Truncate {
  Probability probability;
  std::optional<std::uint32_t> to_bytes;
};
struct TruncateNth {
  std::vector<std::uint64_t> ordinals;
  std::uint32_t to_bytes = 0;
};

// A copy arrives `after` later than the original. Stream kind "duplicate".
struct Duplicate {
  Probability probability;
  Duration after{};
};
struct DuplicateNth {
  std::vector<std::uint64_t> ordinals;
  Duration after{};
};

// Holds a share of the frames back so that later ones overtake them. Stream kind "reorder".
struct Reorder {
  Probability probability;
  Duration by{};
};
struct DelayNth {
  std::vector<std::uint64_t> ordinals;
  Duration by{};
};

enum class JitterShape : std::uint8_t { uniform, normal, exponential };

// Extra delay of every frame, never negative. Stream kind "jitter".
//   uniform      in [mean - deviation, mean + deviation]
//   normal       of this mean and standard deviation
//   exponential  of this mean; `deviation` is not used
// What would be negative is set to zero, which shifts the mean of a normal with mean < 2
// deviations.
struct Jitter {
  JitterShape shape{};
  Duration mean{};
  Duration deviation{};
  bool keep_order = true;  // a frame never arrives before one that was sent before it
};

using ImpairmentModel =
    std::variant<Loss, BurstLoss, DropNth, DropBetween, BitErrors, FlipBits, Truncate, TruncateNth,
                 Duplicate, DuplicateNth, Reorder, DelayNth, Jitter>;

struct ImpairmentConfig {
  ImpairmentModel model;
  Direction direction = Direction::both;
  std::string match;       // a pcap filter; empty: every frame
  Instant from = kStart;   // applies to frames whose first bit leaves at or after this instant
  Instant until = kNever;  // and before this one
};

// Nullopt if libpcap accepts `expression` as a filter on Ethernet frames, else its message.
std::optional<std::string> check_filter(const std::string& expression);

}  // namespace strata::sim
