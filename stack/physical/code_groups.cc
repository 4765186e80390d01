// SPDX-License-Identifier: MIT
#include "stack/physical/code_groups.h"

#include <array>

#include "stack/base/assert.h"

namespace strata::physical {
namespace {

// IEEE 802.3 table 24-1, data groups 0 to F.
constexpr std::array<CodeGroup, 16> kDataGroups{
    0b11110, 0b01001, 0b10100, 0b10101, 0b01010, 0b01011, 0b01110, 0b01111,
    0b10010, 0b10011, 0b10110, 0b10111, 0b11010, 0b11011, 0b11100, 0b11101,
};
constexpr std::uint8_t kNoData = 0xff;

constexpr std::array<std::uint8_t, 32> invert() {
  std::array<std::uint8_t, 32> nibbles{};
  nibbles.fill(kNoData);
  for (std::uint8_t nibble = 0; nibble < 16; ++nibble) nibbles[kDataGroups[nibble]] = nibble;
  return nibbles;
}
constexpr std::array<std::uint8_t, 32> kNibbles = invert();

}  // namespace

CodeGroup code_group(std::uint8_t nibble) {
  STRATA_ASSERT(nibble < kDataGroups.size());
  return kDataGroups[nibble];
}

std::optional<std::uint8_t> data_nibble(CodeGroup group) {
  if (group >= kNibbles.size() || kNibbles[group] == kNoData) return std::nullopt;
  return kNibbles[group];
}

char group_name(CodeGroup group) {
  if (const auto nibble = data_nibble(group)) return "0123456789ABCDEF"[*nibble];
  switch (group) {
    case kGroupIdle:
      return 'I';
    case kGroupJ:
      return 'J';
    case kGroupK:
      return 'K';
    case kGroupT:
      return 'T';
    case kGroupR:
      return 'R';
    case kGroupHalt:
      return 'H';
    default:
      return 'V';
  }
}

}  // namespace strata::physical
