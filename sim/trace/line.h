// SPDX-License-Identifier: MIT
// Line: some words and at most eight numbers, put together in place: every captured frame has one.
#pragma once

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "stack/base/assert.h"

namespace strata::trace {

class Line {
 public:
  Line& text(std::string_view words) {
    STRATA_ASSERT(words.size() <= octets_.size() - size_);
    std::memcpy(octets_.data() + size_, words.data(), words.size());
    size_ += words.size();
    return *this;
  }
  Line& number(std::uint64_t value) {
    char* const begin = octets_.data() + size_;
    size_ += static_cast<std::size_t>(
        std::to_chars(begin, octets_.data() + octets_.size(), value).ptr - begin);
    return *this;
  }
  std::string_view view() const { return {octets_.data(), size_}; }

 private:
  std::array<char, 256> octets_;
  std::size_t size_ = 0;
};

}  // namespace strata::trace
