// SPDX-License-Identifier: MIT
// (contract; the owner completes it)
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "stack/base/random.h"
#include "stack/base/time.h"

namespace strata::sim {

enum class Direction : std::uint8_t { both, a_to_b, b_to_a };

struct Loss { Probability probability; };
struct BurstLoss {          // Gilbert-Elliott, advanced once per frame
  Probability enter;        // good -> bad
  Probability leave;        // bad -> good
  Probability loss_in_bad = Probability::always();
  Probability loss_in_good = Probability::never();
};
struct DropNth { std::vector<std::uint64_t> ordinals; };  // 1-based, among frames that match
struct DropBetween { };                                   // every matching frame in the window
struct BitErrors { Probability per_bit; };
struct FlipBits { std::vector<std::uint64_t> ordinals; std::vector<std::uint32_t> bits; };
struct Duplicate { Probability probability; Duration after{}; };
struct DuplicateNth { std::vector<std::uint64_t> ordinals; Duration after{}; };
struct Reorder { Probability probability; Duration by{}; };
struct DelayNth { std::vector<std::uint64_t> ordinals; Duration by{}; };
enum class JitterShape : std::uint8_t { uniform, normal, exponential };
struct Jitter { JitterShape shape{}; Duration mean{}; Duration deviation{}; bool keep_order = true; };

using ImpairmentModel = std::variant<Loss, BurstLoss, DropNth, DropBetween, BitErrors, FlipBits,
                                     Duplicate, DuplicateNth, Reorder, DelayNth, Jitter>;

struct ImpairmentConfig {
  ImpairmentModel model;
  Direction direction = Direction::both;
  std::string match;  // a pcap filter; empty: every frame
  Instant from = kStart;
  Instant until = kNever;
};

// nullopt if libpcap accepts the filter, else its message.
std::optional<std::string> check_filter(const std::string& expression);

}  // namespace strata::sim
