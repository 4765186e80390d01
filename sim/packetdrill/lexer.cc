// SPDX-License-Identifier: MIT
#include "sim/packetdrill/lexer.h"

#include <algorithm>
#include <charconv>
#include <optional>

#include "stack/base/ascii.h"

namespace strata::packetdrill {
namespace {

bool is_hex(char c) { return hex_digit(c).has_value(); }
bool is_word(char c) { return is_digit(c) || is_letter(c) || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f'; }

// "\xa1\n" as C has it; a backslash before anything else stands for what follows it.
std::string unescaped(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      plain += text[i];
      continue;
    }
    const char c = text[++i];
    if (c == 'x' && i + 2 < text.size() && is_hex(text[i + 1]) && is_hex(text[i + 2])) {
      plain += static_cast<char>(*hex_digit(text[i + 1]) << 4 | *hex_digit(text[i + 2]));
      i += 2;
    } else {
      plain += c == 'n' ? '\n' : c == 't' ? '\t' : c == 'r' ? '\r' : c == '0' ? '\0' : c;
    }
  }
  return plain;
}

class Lexer {
 public:
  Lexer(std::string_view script, std::string_view system) : script_(script), system_(system) {}

  tl::expected<std::vector<Token>, Problem> run() {
    std::vector<Token> tokens;
    while (skip_blanks() && offset_ < script_.size()) {
      Token token = next();
      if (problem_) break;
      tokens.push_back(std::move(token));
    }
    if (problem_) return tl::unexpected(*problem_);
    Token last;
    last.at = position_;
    tokens.push_back(last);
    return tokens;
  }

 private:
  char peek(std::size_t ahead = 0) const {
    return offset_ + ahead < script_.size() ? script_[offset_ + ahead] : '\0';
  }
  bool starts_with(std::string_view text) const {
    return script_.substr(offset_).starts_with(text);
  }
  void advance(std::size_t count) {
    for (std::size_t i = 0; i < count && offset_ < script_.size(); ++i, ++offset_) {
      if (script_[offset_] == '\n') {
        ++position_.line;
        position_.column = 1;
      } else {
        ++position_.column;
      }
    }
  }
  void fail(std::string text, std::string hint) {
    if (!problem_) problem_ = Problem{position_, std::move(text), std::move(hint)};
  }

  // "#ifdef NAME" is next: does it name the system that the script runs on?
  bool is_for_us() const {
    std::string_view name = script_.substr(offset_ + std::string_view("#ifdef ").size());
    std::size_t length = 0;
    while (length < name.size() && is_word(name[length])) ++length;
    name = name.substr(0, length);
    return std::ranges::equal(name, system_, [](char a, char b) {
      return (a | 0x20) == (b | 0x20);  // letters only: in either case
    });
  }

  // False after an error.
  bool skip_blanks() {
    glued_ = offset_ > 0;
    while (offset_ < script_.size()) {
      if (is_blank(peek())) {
        advance(1);
      } else if (starts_with("#ifdef ") && !is_for_us()) {
        const std::size_t end = script_.find("#endif", offset_);
        advance((end == std::string_view::npos ? script_.size() : end) - offset_);
      } else if (starts_with("//") || peek() == '#') {
        const std::size_t end = script_.find('\n', offset_);
        advance((end == std::string_view::npos ? script_.size() : end) - offset_);
      } else if (starts_with("/*")) {
        const std::size_t end = script_.find("*/", offset_ + 2);
        if (end == std::string_view::npos) {
          fail("a comment begins here and never ends", "close it with */");
          return false;
        }
        advance(end + 2 - offset_);
      } else {
        return true;
      }
      glued_ = false;
    }
    return true;
  }

  Token take(Token::Kind kind, std::size_t length) {
    Token token;
    token.kind = kind;
    token.at = position_;
    token.glued = glued_;
    token.text = std::string(script_.substr(offset_, length));
    advance(length);
    return token;
  }

  Token next() {
    if (starts_with("...")) return take(Token::Kind::ellipsis, 3);
    if (starts_with("%{")) return delimited(Token::Kind::code, "%{", "}%");
    if (peek() == '"') return delimited(Token::Kind::text, "\"", "\"");
    if (peek() == '`') return delimited(Token::Kind::command, "`", "`");
    if (starts_with("--") && is_word(peek(2))) return option();
    if (const std::size_t length = address_length(); length > 0) {
      return take(Token::Kind::address, length);
    }
    if (is_digit(peek()) || (peek() == '.' && is_digit(peek(1))) ||
        (peek() == '-' && (is_digit(peek(1)) || (peek(1) == '.' && is_digit(peek(2)))))) {
      return number();
    }
    if (is_word(peek())) return word();
    return take(Token::Kind::sign, 1);
  }

  Token word() {
    std::size_t length = 0;
    while (is_word(peek(length))) ++length;
    return take(Token::Kind::word, length);
  }

  Token delimited(Token::Kind kind, std::string_view open, std::string_view close) {
    std::size_t end = offset_ + open.size();
    while (end < script_.size() && !script_.substr(end).starts_with(close)) {
      end += script_[end] == '\\' && kind != Token::Kind::code ? 2U : 1U;
    }
    if (end >= script_.size()) {
      fail("what begins here never ends", "close it with " + std::string(close));
      return {};
    }
    Token token = take(kind, end + close.size() - offset_);
    token.text = token.text.substr(open.size(), token.text.size() - open.size() - close.size());
    if (kind == Token::Kind::text) token.text = unescaped(token.text);
    return token;
  }

  // --name=value; the value ends at white space unless it is quoted.
  Token option() {
    Token token;
    token.kind = Token::Kind::option;
    token.at = position_;
    advance(2);
    while (is_word(peek())) {
      token.text += peek();
      advance(1);
    }
    if (peek() != '=') return token;
    advance(1);
    const char quote = peek() == '"' ? '"' : '\0';
    if (quote != '\0') advance(1);
    while (offset_ < script_.size() && (quote != '\0' ? peek() != quote : !is_blank(peek()))) {
      token.value += peek();
      advance(1);
    }
    if (quote != '\0') advance(1);
    return token;
  }

  // Dotted quads, and IPv6 addresses as far as they cannot be mistaken for sequence numbers.
  std::size_t address_length() const {
    std::size_t length = 0;
    int dots = 0;
    int double_colons = 0;
    bool colons = false;
    while (is_hex(peek(length)) || peek(length) == '.' || peek(length) == ':') {
      const char c = peek(length);
      if (c == '.' && !is_digit(peek(length + 1))) break;
      dots += c == '.' ? 1 : 0;
      colons = colons || c == ':';
      double_colons += c == ':' && peek(length + 1) == ':' ? 1 : 0;
      ++length;
    }
    if (double_colons == 1 && !is_word(peek(length))) return length;
    return dots == 3 && !colons && is_digit(peek()) && !is_word(peek(length)) ? length : 0;
  }

  Token number() {
    std::size_t length = peek() == '-' ? 1 : 0;
    if (peek(length) == '0' && (peek(length + 1) == 'x' || peek(length + 1) == 'X')) {
      length += 2;
      while (is_hex(peek(length))) ++length;
      return integer(length, 16);
    }
    while (is_digit(peek(length))) ++length;
    if (peek(length) == '.' && is_digit(peek(length + 1))) {
      ++length;
      while (is_digit(peek(length))) ++length;
      return take(Token::Kind::fraction, length);
    }
    // A name that begins with a digit, as in a fast open cookie: 0a1b2c.
    if (peek() != '-' && is_word(peek(length))) return word();
    return integer(length, 10);
  }

  Token integer(std::size_t length, int base) {
    const Position start = position_;
    Token token = take(Token::Kind::number, length);
    const bool negative = token.text[0] == '-';
    const std::size_t skip = (negative ? 1U : 0U) + (base == 16 ? 2U : 0U);
    std::uint64_t value = 0;
    const char* end = token.text.data() + token.text.size();
    const auto read = std::from_chars(token.text.data() + skip, end, value, base);
    if (read.ec != std::errc() || read.ptr != end) {
      // Only a cookie is longer than any number; it is read from the text.
      constexpr std::size_t kOptionDigitsMost = 2 * 38;  // 40 octets of options, RFC 9293 3.1
      value = 0;
      if (token.text.size() > kOptionDigitsMost) {
        position_ = start;
        fail("this number is too large", "64 bits are the most");
      }
    }
    token.integer = static_cast<std::int64_t>(negative ? 0 - value : value);
    return token;
  }

  std::string_view script_;
  std::string_view system_;
  std::size_t offset_ = 0;
  Position position_{1, 1};
  bool glued_ = false;
  std::optional<Problem> problem_;
};

}  // namespace

tl::expected<std::vector<Token>, Problem> tokenize(std::string_view script,
                                                   std::string_view system) {
  return Lexer(script, system).run();
}

}  // namespace strata::packetdrill
