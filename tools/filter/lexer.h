// SPDX-License-Identifier: MIT
// The words of a display filter and where they stand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace strata::filter {

// What is wrong, in a sentence for the person who typed it, and in which column, from 1.
struct Mistake {
  std::size_t column = 1;
  std::string what;
};

enum class TokenKind : std::uint8_t { word, text, symbol, end };

struct Token {
  TokenKind kind{};
  std::string text;  // of `text`: the octets meant, escapes resolved
  std::size_t column = 1;
};

// Ends with a token of kind `end`.
tl::expected<std::vector<Token>, Mistake> lex(std::string_view source);

}  // namespace strata::filter
