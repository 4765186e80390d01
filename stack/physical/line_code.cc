// SPDX-License-Identifier: MIT
#include "stack/physical/line_code.h"

#include <array>
#include <cstddef>

#include "stack/base/uint128.h"
#include "stack/physical/code_groups.h"
#include "stack/physical/framing.h"

namespace strata::physical {
namespace {

struct Description {
  LineCodeKind kind;
  std::string_view name;
  std::string_view title;
  SymbolRatio ratio;
};
constexpr std::array<Description, 4> kDescriptions{{
    {LineCodeKind::nrz, "nrz", "NRZ", {1, 1}},
    {LineCodeKind::nrzi, "nrzi", "NRZI", {1, 1}},
    {LineCodeKind::manchester, "manchester", "Manchester", {2, 1}},
    {LineCodeKind::mlt3, "mlt3", "4B5B + MLT-3", {5, 4}},
}};

const Description& describe(LineCodeKind kind) {
  return kDescriptions[static_cast<std::size_t>(kind)];
}

constexpr std::int8_t kLow = -1;
constexpr std::int8_t kZero = 0;
constexpr std::int8_t kHigh = 1;

// The bit that a two-level symbol carries; nullopt for a level that such a code does not have.
std::optional<bool> two_level(std::int8_t level) {
  if (level != kLow && level != kHigh) return std::nullopt;
  return level == kHigh;
}

// Gathers bits, least significant first, into octets.
class OctetCollector {
 public:
  explicit OctetCollector(std::size_t octets) { octets_.reserve(octets); }
  void add(bool bit) {
    if (bit) octet_ = static_cast<std::uint8_t>(octet_ | (1U << bits_));
    if (++bits_ < 8) return;
    octets_.push_back(octet_);
    octet_ = 0;
    bits_ = 0;
  }
  // Nullopt when the last octet is incomplete.
  std::optional<std::vector<std::uint8_t>> finish() {
    if (bits_ != 0) return std::nullopt;
    return std::move(octets_);
  }

 private:
  std::vector<std::uint8_t> octets_;
  std::uint8_t octet_ = 0;
  unsigned bits_ = 0;
};

// Calls visit(bit) for each bit in order of transmission.
template <typename Visit>
void for_each_bit(Bytes octets, Visit&& visit) {
  for (const std::uint8_t octet : octets) {
    for (unsigned i = 0; i < 8; ++i) visit(((octet >> i) & 1U) != 0);
  }
}

Symbols encode_nrz(Bytes octets) {
  Symbols symbols;
  symbols.reserve(octets.size() * 8);
  for_each_bit(octets, [&](bool bit) { symbols.push_back(bit ? kHigh : kLow); });
  return symbols;
}

Symbols encode_nrzi(Bytes octets) {
  Symbols symbols;
  symbols.reserve(octets.size() * 8);
  std::int8_t level = kLow;
  for_each_bit(octets, [&](bool bit) {
    if (bit) level = static_cast<std::int8_t>(-level);
    symbols.push_back(level);
  });
  return symbols;
}

// IEEE 802.3 7.3.1.1: the first half of a bit is its complement, the second half its value.
Symbols encode_manchester(Bytes octets) {
  Symbols symbols;
  symbols.reserve(octets.size() * 16);
  for_each_bit(octets, [&](bool bit) {
    symbols.push_back(bit ? kLow : kHigh);
    symbols.push_back(bit ? kHigh : kLow);
  });
  return symbols;
}

std::optional<std::vector<std::uint8_t>> decode_nrz(const Symbols& symbols) {
  OctetCollector collector{symbols.size() / 8};
  for (const std::int8_t level : symbols) {
    const auto bit = two_level(level);
    if (!bit) return std::nullopt;
    collector.add(*bit);
  }
  return collector.finish();
}

std::optional<std::vector<std::uint8_t>> decode_nrzi(const Symbols& symbols) {
  OctetCollector collector{symbols.size() / 8};
  std::int8_t before = kLow;
  for (const std::int8_t level : symbols) {
    if (!two_level(level)) return std::nullopt;
    collector.add(level != before);
    before = level;
  }
  return collector.finish();
}

std::optional<std::vector<std::uint8_t>> decode_manchester(const Symbols& symbols) {
  if (symbols.size() % 2 != 0) return std::nullopt;
  OctetCollector collector{symbols.size() / 16};
  for (std::size_t i = 0; i < symbols.size(); i += 2) {
    const auto first = two_level(symbols[i]);
    const auto second = two_level(symbols[i + 1]);
    if (!first || !second || *first == *second) return std::nullopt;
    collector.add(*second);
  }
  return collector.finish();
}

// The three-level line: a one steps through 0, +1, 0, -1, a zero stays. `away` is the level last
// visited away from zero, so the step after zero is to its opposite.
class Mlt3Line {
 public:
  std::int8_t send(bool bit) {
    if (bit) step();
    return level_;
  }
  // The bit that a step to `level` carries; nullopt for a step the cycle does not have.
  std::optional<bool> receive(std::int8_t level) {
    if (level == level_) return false;
    step();
    if (level != level_) return std::nullopt;
    return true;
  }

 private:
  void step() {
    if (level_ == kZero) {
      level_ = away_ = static_cast<std::int8_t>(-away_);
    } else {
      level_ = kZero;
    }
  }
  std::int8_t level_ = kZero;
  std::int8_t away_ = kLow;
};

constexpr unsigned kGroupBits = 5;

Symbols encode_mlt3(Bytes octets) {
  // IEEE 802.3 24.2.2.1: J K replaces the first octet of the preamble.
  if (!octets.empty() && octets.front() == kPreambleOctet) octets = octets.subspan(1);
  Symbols symbols;
  symbols.reserve((octets.size() * 2 + 6) * kGroupBits);
  Mlt3Line line;
  const auto send_group = [&](CodeGroup group) {
    for (unsigned i = kGroupBits; i-- > 0;) symbols.push_back(line.send(((group >> i) & 1U) != 0));
  };
  send_group(kGroupIdle);
  send_group(kGroupJ);
  send_group(kGroupK);
  for (const std::uint8_t octet : octets) {
    send_group(code_group(octet & 0xf));  // the low nibble first
    send_group(code_group(octet >> 4));
  }
  send_group(kGroupT);
  send_group(kGroupR);
  send_group(kGroupIdle);
  return symbols;
}

// The five-bit groups on the line; nullopt for an impossible step or an incomplete group.
std::optional<std::vector<CodeGroup>> receive_groups(const Symbols& symbols) {
  if (symbols.size() % kGroupBits != 0) return std::nullopt;
  std::vector<CodeGroup> groups;
  groups.reserve(symbols.size() / kGroupBits);
  Mlt3Line line;
  CodeGroup group = 0;
  unsigned bits = 0;
  for (const std::int8_t level : symbols) {
    const auto bit = line.receive(level);
    if (!bit) return std::nullopt;
    group = static_cast<CodeGroup>((group << 1) | (*bit ? 1 : 0));
    if (++bits < kGroupBits) continue;
    groups.push_back(group);
    group = 0;
    bits = 0;
  }
  return groups;
}

std::optional<std::vector<std::uint8_t>> decode_mlt3(const Symbols& symbols) {
  const auto groups = receive_groups(symbols);
  // idle J K ... T R idle
  if (!groups || groups->size() < 6 || groups->size() % 2 != 0) return std::nullopt;
  const std::size_t end = groups->size() - 3;  // of the data: T is here
  const auto& g = *groups;
  if (g[0] != kGroupIdle || g[1] != kGroupJ || g[2] != kGroupK) return std::nullopt;
  if (g[end] != kGroupT || g[end + 1] != kGroupR || g[end + 2] != kGroupIdle) return std::nullopt;
  std::vector<std::uint8_t> octets{kPreambleOctet};
  octets.reserve(1 + (end - 3) / 2);
  for (std::size_t i = 3; i < end; i += 2) {
    const auto low = data_nibble(g[i]);
    const auto high = data_nibble(g[i + 1]);
    if (!low || !high) return std::nullopt;
    octets.push_back(static_cast<std::uint8_t>(*low | (*high << 4)));
  }
  return octets;
}

}  // namespace

std::string_view to_text(LineCodeKind kind) { return describe(kind).name; }

std::optional<LineCodeKind> parse_line_code(std::string_view name) {
  for (const Description& description : kDescriptions) {
    if (description.name == name) return description.kind;
  }
  return std::nullopt;
}

std::string_view title(LineCodeKind kind) { return describe(kind).title; }

SymbolRatio symbol_ratio(LineCodeKind kind) { return describe(kind).ratio; }

std::uint64_t baud(LineCodeKind kind, std::uint64_t rate_bps) {
  const SymbolRatio ratio = symbol_ratio(kind);
  return static_cast<std::uint64_t>(static_cast<Uint128>(rate_bps) * ratio.symbols / ratio.bits);
}

Symbols encode(LineCodeKind kind, Bytes octets) {
  switch (kind) {
    case LineCodeKind::nrz:
      return encode_nrz(octets);
    case LineCodeKind::nrzi:
      return encode_nrzi(octets);
    case LineCodeKind::manchester:
      return encode_manchester(octets);
    case LineCodeKind::mlt3:
      return encode_mlt3(octets);
  }
  return {};
}

std::optional<std::vector<std::uint8_t>> decode(LineCodeKind kind, const Symbols& symbols) {
  switch (kind) {
    case LineCodeKind::nrz:
      return decode_nrz(symbols);
    case LineCodeKind::nrzi:
      return decode_nrzi(symbols);
    case LineCodeKind::manchester:
      return decode_manchester(symbols);
    case LineCodeKind::mlt3:
      return decode_mlt3(symbols);
  }
  return std::nullopt;
}

}  // namespace strata::physical
