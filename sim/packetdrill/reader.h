// SPDX-License-Identifier: MIT
// What the parts of the parser share: the tokens with a place in them, and the first problem.
#pragma once

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/packetdrill/lexer.h"

namespace strata::packetdrill {

// What fits into a field of 32 bits.
inline constexpr std::uint64_t kU32 = 0xffffffffU;

class Reader {
 public:
  explicit Reader(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  const Token& peek(std::size_t ahead = 0) const {
    return tokens_[std::min(place_ + ahead, tokens_.size() - 1)];
  }
  const Token& take() {
    const Token& token = peek();
    if (place_ + 1 < tokens_.size()) ++place_;
    return token;
  }
  bool take_if(char sign) {
    if (!peek().is(sign)) return false;
    take();
    return true;
  }
  bool take_if(std::string_view word) {
    if (!peek().is(word)) return false;
    take();
    return true;
  }
  bool at_end() const { return peek().kind == Token::Kind::end || problem_.has_value(); }

  // Records the first problem; always false, so that a parse function can return it.
  bool fail(const Token& token, std::string text, std::string hint = {}) {
    if (!problem_) problem_ = Problem{token.at, std::move(text), std::move(hint)};
    return false;
  }
  bool refuse(const Token& token, std::string what) {
    if (!problem_) problem_ = Problem{token.at, std::move(what) + " is not supported", {}, true};
    return false;
  }
  bool expect(char sign, std::string_view where) {
    if (take_if(sign)) return true;
    return fail(peek(), fmt::format("expected '{}' {}, not {}", sign, where, quoted(peek())));
  }
  // An unsigned number of at most `limit`.
  bool number(std::uint64_t limit, std::string_view what, std::uint64_t& value) {
    const Token& token = peek();
    if (token.kind != Token::Kind::number) {
      return fail(token, fmt::format("expected {}, not {}", what, quoted(token)));
    }
    const auto read = static_cast<std::uint64_t>(token.integer);
    if (token.integer < 0 || read > limit) {
      return fail(token, fmt::format("{} is out of range", what),
                  fmt::format("it may be 0 to {}", limit));
    }
    value = read;
    take();
    return true;
  }
  const std::optional<Problem>& problem() const { return problem_; }

  static std::string quoted(const Token& token) {
    if (token.kind == Token::Kind::end) return "the end of the script";
    return fmt::format("'{}'", token.text.substr(0, 40));
  }

 private:
  std::vector<Token> tokens_;
  std::size_t place_ = 0;
  std::optional<Problem> problem_;
};

// '<' or '>' is next. False after a problem (which is in the reader).
bool parse_packet(Reader& reader, PacketSpec& packet);
// A call with its expected result.
bool parse_call(Reader& reader, Call& call);
// Seconds: 1, .25, 0.1.
bool parse_seconds(Reader& reader, Duration& value);

}  // namespace strata::packetdrill
