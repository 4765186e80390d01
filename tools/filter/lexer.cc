// SPDX-License-Identifier: MIT
#include "tools/filter/lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "tools/views/text.h"

namespace strata::filter {
namespace {

constexpr std::array<std::string_view, 16> kSymbols{"&&", "||", "==", "!=", ">=", "<=", "..", "(",
                                                    ")",  "{",  "}",  ",",  "!",  ">",  "<",  "~"};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Of field names, numbers, addresses with or without a prefix length, bare words.
bool is_of_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == ':' || c == '/' || c == '-';
}

std::string explain(std::string_view rest) {
  switch (rest.front()) {
    case '=':
      return "write == to compare";
    case '&':
      return "write && or 'and'";
    case '|':
      return "write || or 'or'";
    case '\'':
      return "write text in double quotation marks";
    default:
      return fmt::format("'{}' means nothing in a filter", views::printable(rest.substr(0, 1)));
  }
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  tl::expected<std::vector<Token>, Mistake> read() {
    while (at_ < source_.size()) {
      if (is_blank(source_[at_])) {
        ++at_;
      } else if (source_[at_] == '"') {
        if (!read_text()) {
          return tl::unexpected(
              Mistake{at_ + 1, "the text that begins here has no closing quotation mark"});
        }
      } else if (!read_symbol() && !read_word()) {
        return tl::unexpected(Mistake{at_ + 1, explain(source_.substr(at_))});
      }
    }
    tokens_.push_back({TokenKind::end, "", source_.size() + 1});
    return std::move(tokens_);
  }

 private:
  bool read_symbol() {
    const std::string_view rest = source_.substr(at_);
    const auto symbol = std::find_if(kSymbols.begin(), kSymbols.end(),
                                     [&](std::string_view each) { return rest.starts_with(each); });
    if (symbol == kSymbols.end()) return false;
    tokens_.push_back({TokenKind::symbol, std::string{*symbol}, at_ + 1});
    at_ += symbol->size();
    return true;
  }

  // A dot belongs to a word unless another follows: "80..90" is a range.
  bool read_word() {
    std::size_t end = at_;
    while (end < source_.size()) {
      const bool is_dot = source_[end] == '.' && end > at_ &&
                          (end + 1 == source_.size() || source_[end + 1] != '.');
      if (!is_of_word(source_[end]) && !is_dot) break;
      ++end;
    }
    if (end == at_) return false;
    tokens_.push_back({TokenKind::word, std::string{source_.substr(at_, end - at_)}, at_ + 1});
    at_ = end;
    return true;
  }

  bool read_text() {
    std::string text;
    std::size_t at = at_ + 1;
    for (; at < source_.size() && source_[at] != '"'; ++at) {
      if (source_[at] != '\\' || at + 1 == source_.size()) {
        text += source_[at];
        continue;
      }
      const char escaped = source_[++at];
      unsigned char octet = 0;
      const char* digits = source_.data() + at + 1;
      const bool is_hex = escaped == 'x' && at + 2 < source_.size() &&
                          std::from_chars(digits, digits + 2, octet, 16).ptr == digits + 2;
      if (is_hex) at += 2;
      text += is_hex           ? static_cast<char>(octet)
              : escaped == 'n' ? '\n'
              : escaped == 'r' ? '\r'
              : escaped == 't' ? '\t'
              : escaped == '0' ? '\0'
                               : escaped;
    }
    if (at >= source_.size()) return false;
    tokens_.push_back({TokenKind::text, std::move(text), at_ + 1});
    at_ = at + 1;
    return true;
  }

  std::string_view source_;
  std::size_t at_ = 0;
  std::vector<Token> tokens_;
};

}  // namespace

tl::expected<std::vector<Token>, Mistake> lex(std::string_view source) {
  return Lexer(source).read();
}

}  // namespace strata::filter
