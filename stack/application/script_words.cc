// SPDX-License-Identifier: MIT
// The words of a scripted call: strings, names, numbers with units, addresses.
#include <fmt/format.h>

#include <array>
#include <charconv>

#include "stack/application/script_parser.h"
#include "stack/base/ascii.h"

namespace strata::application::script {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t'; }
bool is_name(std::string_view text) {
  if (text.empty() || is_digit(text.front())) return false;
  for (const char c : text) {
    if (!is_letter(c) && !is_digit(c) && c != '_' && c != '-') return false;
  }
  return true;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

struct Unit {
  std::string_view name;
  std::int64_t scale;
};
constexpr std::array kDurationUnits{
    Unit{"ns", 1},
    Unit{"us", 1'000},
    Unit{"ms", 1'000'000},
    Unit{"s", 1'000'000'000},
    Unit{"min", 60'000'000'000},
};
constexpr std::array kByteUnits{
    Unit{"bytes", 1},   Unit{"byte", 1},       Unit{"B", 1},         Unit{"kB", 1'000},
    Unit{"KiB", 1'024}, Unit{"MB", 1'000'000}, Unit{"MiB", 1 << 20},
};
constexpr std::int64_t kBytesMax = 64 << 20;                            // of one call
constexpr std::int64_t kDurationMax = INT64_C(31'536'000'000'000'000);  // a year

// "1.5" times `scale`, exactly; nullopt when it is no number, not whole or above `max`.
std::optional<std::int64_t> scaled(std::string_view number, std::int64_t scale, std::int64_t max) {
  const std::size_t point = number.find('.');
  const auto whole = parse_integer(number.substr(0, point));
  if (!whole || *whole < 0 || *whole > max / scale) return std::nullopt;
  std::int64_t value = *whole * scale;
  if (point == std::string_view::npos) return value;
  const std::string_view fraction = number.substr(point + 1);
  if (fraction.empty()) return std::nullopt;
  for (const char c : fraction) {
    if (!is_digit(c) || scale % 10 != 0) return std::nullopt;
    scale /= 10;
    value += (c - '0') * scale;
  }
  return value <= max ? std::optional(value) : std::nullopt;
}

}  // namespace

Parser::Parser(std::string_view line) {
  while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
  while (indent_ < line.size() && is_blank(line[indent_])) ++indent_;
  call_.written = line.substr(indent_);
  end_column_ = line.size() + 1;
  split(line);
}

void Parser::split(std::string_view line) {
  std::size_t at = 0;
  while (at < line.size() && !has_failed()) {
    if (is_blank(line[at])) {
      ++at;
    } else if (line[at] == '"') {
      at = split_string(line, at);
    } else {
      const std::size_t start = at;
      while (at < line.size() && !is_blank(line[at]) && line[at] != '"') ++at;
      tokens_.push_back({.text = std::string(line.substr(start, at - start)), .column = start + 1});
    }
  }
}

// Returns the index behind the closing quote.
std::size_t Parser::split_string(std::string_view line, std::size_t start) {
  Token token{.column = start + 1, .is_string = true};
  std::size_t at = start + 1;
  while (at < line.size() && line[at] != '"') {
    if (line[at] != '\\') {
      token.text += line[at++];
      continue;
    }
    const std::size_t escape = at++;
    const char kind = at < line.size() ? line[at++] : '\0';
    constexpr std::string_view kLetters = "rnt0\"\\";
    constexpr std::string_view kOctets("\r\n\t\0\"\\", 6);
    if (const std::size_t known = kLetters.find(kind); kind != '\0' && known != kLetters.npos) {
      token.text += kOctets[known];
      continue;
    }
    const auto high = kind == 'x' && at < line.size() ? hex_digit(line[at]) : std::nullopt;
    const auto low = high && at + 1 < line.size() ? hex_digit(line[at + 1]) : std::nullopt;
    if (!low) {
      fail(escape + 1, "not an escape sequence", R"(these are: \r \n \t \0 \" \\ \x41)");
      return line.size();
    }
    token.text += static_cast<char>((*high << 4) | *low);
    at += 2;
  }
  if (at >= line.size()) {
    fail(start + 1, "the string has no end", "close it with '\"'");
    return line.size();
  }
  tokens_.push_back(std::move(token));
  return at + 1;
}

void Parser::fail(std::size_t column, std::string message, std::string mend) {
  if (problem_) return;
  problem_ = ParseProblem{column, std::move(message), std::move(mend)};
}

bool Parser::is_next(std::string_view word) const {
  const Token* token = peek();
  return token != nullptr && !token->is_string && token->text == word;
}

bool Parser::accept(std::string_view word) {
  if (!is_next(word)) return false;
  ++next_;
  return true;
}

void Parser::expect(std::string_view word, std::string_view mend) {
  if (!accept(word)) fail(column(), fmt::format("'{}' is missing here", word), std::string(mend));
}

std::size_t Parser::column() const {
  return next_ < tokens_.size() ? tokens_[next_].column : end_column_;
}

Token Parser::word(std::string_view what, std::string_view mend) {
  const Token* token = peek();
  if (token == nullptr || token->text == "->") {
    fail(column(), fmt::format("{} is missing", what), std::string(mend));
    return {};
  }
  if (token->is_string) {
    fail(column(), fmt::format("{} belongs here, not a string", what), std::string(mend));
    return {};
  }
  return tokens_[next_++];
}

std::string Parser::name(std::string_view what, std::string_view mend) {
  Token token = word(what, mend);
  if (!has_failed() && !is_name(token.text)) {
    fail(token.column, fmt::format("'{}' is not a name", token.text),
         "a name starts with a letter: letters, digits, '-' and '_'");
  }
  return token.text;
}

std::int64_t Parser::integer(std::string_view what, std::int64_t low, std::int64_t high) {
  const std::string range = fmt::format("write a number from {} to {}", low, high);
  const Token token = word(what, range);
  const auto value = parse_integer(token.text);
  if (value && *value >= low && *value <= high) return *value;
  fail(token.column, fmt::format("'{}' is not {}", token.text, what), range);
  return low;
}

bool Parser::is_number_next() const {
  const Token* token = peek();
  return token != nullptr && !token->is_string && !token->text.empty() &&
         is_digit(token->text.front());
}

std::int64_t Parser::quantity(bool is_duration) {
  const char* const what = is_duration ? "a duration" : "a number of bytes";
  const char* const mend =
      is_duration ? "write for instance '10 ms'" : "write for instance '64 kB'";
  const Token number = word(what, mend);
  std::string_view digits = number.text;
  const std::size_t unit_at = digits.find_first_not_of("0123456789.");
  std::string unit_name;
  if (unit_at == 0) {
    fail(number.column, fmt::format("'{}' is not {}", number.text, what), mend);
  } else if (unit_at == std::string_view::npos) {
    unit_name = word("the unit", mend).text;
  } else {
    unit_name = digits.substr(unit_at);
    digits = digits.substr(0, unit_at);
  }
  if (has_failed()) return 0;
  const auto find = [&](const auto& units, std::int64_t max) -> std::optional<std::int64_t> {
    for (const Unit& unit : units) {
      if (unit.name == unit_name) return scaled(digits, unit.scale, max);
    }
    return std::nullopt;
  };
  const auto value = is_duration ? find(kDurationUnits, kDurationMax) : find(kByteUnits, kBytesMax);
  if (!value) {
    fail(number.column, fmt::format("'{} {}' is not {}", digits, unit_name, what), mend);
  }
  return value.value_or(0);
}

// host:port; where `may_be_any`, '*' stands for any host or any port.
Address Parser::address(bool may_be_any) {
  constexpr const char* kMend = "write a name or address and a port: server:80";
  const Token token = word("an address", kMend);
  Address address;
  const std::size_t colon = token.text.rfind(':');
  if (has_failed()) return address;
  if (colon == std::string::npos || colon == 0) {
    fail(token.column, fmt::format("'{}' lacks the {}", token.text, colon == 0 ? "host" : "port"),
         kMend);
    return address;
  }
  address.host = token.text.substr(0, colon);
  if (address.host.size() > 2 && address.host.front() == '[' && address.host.back() == ']') {
    address.host = address.host.substr(1, address.host.size() - 2);
  }
  if (address.host == "*") {
    address.host.clear();
    if (!may_be_any) fail(token.column, "'*' is no host to talk to", kMend);
  }
  const std::string port = token.text.substr(colon + 1);
  if (port == "*" && may_be_any) {
    address.is_any_port = true;
    return address;
  }
  const auto value = parse_integer(port);
  if (!value || *value < (may_be_any ? 0 : 1) || *value > 65'535) {
    fail(token.column + colon + 1, fmt::format("'{}' is not a port", port), "a port is 1 to 65535");
    return address;
  }
  address.port = static_cast<std::uint16_t>(*value);
  return address;
}

void Parser::end_of_line() {
  if (at_end()) return;
  fail(column(), fmt::format("'{}' does not belong here", tokens_[next_].text),
       "the call is complete before it");
}

}  // namespace strata::application::script
