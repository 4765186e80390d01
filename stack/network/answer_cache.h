// SPDX-License-Identifier: MIT
// What a search by address has found lately. An answer belongs to a generation of whatever was
// searched: with another generation it is stale. The cache starts with nothing and grows, up to
// `kLinesMost` lines (a power of two), where two answers of one generation want the same line: most
// hosts talk to few others, routers to many.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "stack/base/address.h"

namespace strata::network {

template <typename Value, std::size_t kLinesMost>
class AnswerCache {
 public:
  struct Key {
    Ipv4Address destination;
    Ipv4Address source;  // 0.0.0.0: any
    friend bool operator==(const Key&, const Key&) = default;
  };

  // Nullptr when no answer of this generation (never 0) is known. Valid until the next remember().
  const Value* find(const Key& key, std::uint64_t generation) const {
    if (lines_.empty()) [[unlikely]]
      return nullptr;
    const Line& line = lines_[index(key)];
    return line.generation == generation && line.key == key ? &line.value : nullptr;
  }
  void remember(const Key& key, std::uint64_t generation, Value value) {
    if (lines_.empty()) lines_.resize(kLinesLeast);
    if (lines_[index(key)].generation == generation && lines_.size() < kLinesMost) grow();
    lines_[index(key)] = {key, generation, std::move(value)};
  }

 private:
  struct Line {
    Key key;
    std::uint64_t generation = 0;
    Value value{};
  };
  static constexpr std::size_t kLinesLeast = 4;

  std::size_t index(const Key& key) const {
    // Fibonacci hashing: the top bits.
    const std::uint32_t hash = (key.destination.value() ^ key.source.value()) * 0x9e3779b1U;
    return hash >> (32 - std::countr_zero(lines_.size()));
  }
  void grow() {
    std::vector<Line> smaller(2 * lines_.size());
    smaller.swap(lines_);
    for (Line& line : smaller) {
      if (line.generation != 0) lines_[index(line.key)] = std::move(line);
    }
  }

  std::vector<Line> lines_;
};

}  // namespace strata::network
