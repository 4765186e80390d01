// SPDX-License-Identifier: MIT
// Statements are cut first; then each expression is evaluated while it is read, by precedence as in
// Python's grammar. Whole numbers stay whole; / makes a fraction, as in Python 3.
#include "sim/packetdrill/code.h"

#include <fmt/format.h>

#include <cmath>
#include <vector>

#include "stack/base/ascii.h"

namespace strata::packetdrill {
namespace {

using Value = CodeValue;
Value whole(std::int64_t value) { return {.integer = value}; }
Value fraction(double value) { return {.whole = false, .real = value}; }
std::string to_text(const Value& value) {
  return value.whole ? std::to_string(value.integer) : fmt::format("{}", value.real);
}

bool is_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

class Evaluation {
 public:
  Evaluation(std::string_view text, const Lookup& lookup, const CodeNames& names)
      : text_(text), lookup_(lookup), names_(names) {}

  // Nullopt when it is not understood; trouble() says why.
  std::optional<Value> value() {
    const Value result = ternary();
    skip();
    if (offset_ < text_.size()) fail(fmt::format("'{}' is not understood", text_.substr(offset_)));
    if (!trouble_.empty()) return std::nullopt;
    return result;
  }
  const std::string& trouble() const { return trouble_; }
  // "tcpi_snd_cwnd = 10, tcpi_lost = 1": the names asked for.
  const std::string& used() const { return used_; }

 private:
  static constexpr int kDepthMax = 64;

  void fail(std::string why) {
    if (trouble_.empty()) trouble_ = std::move(why);
    offset_ = text_.size();
  }
  void skip() {
    while (offset_ < text_.size() &&
           (text_[offset_] == ' ' || text_[offset_] == '\t' || text_[offset_] == '\n' ||
            text_[offset_] == '\\' || text_[offset_] == '\r')) {
      ++offset_;
    }
  }
  bool take(std::string_view sign) {
    skip();
    if (!text_.substr(offset_).starts_with(sign)) return false;
    if (is_name(sign[0]) && offset_ + sign.size() < text_.size() &&
        is_name(text_[offset_ + sign.size()])) {
      return false;
    }
    offset_ += sign.size();
    return true;
  }
  bool next_is(std::string_view sign) {
    skip();
    return text_.substr(offset_).starts_with(sign);
  }

  Value ternary() {
    if (++depth_ > kDepthMax) {
      fail("nested too deeply");
      return {};
    }
    Value result = disjunction();
    if (take("if")) {
      const Value condition = disjunction();
      if (!take("else")) fail("an 'if' without 'else'");
      const Value other = ternary();
      result = condition.truth() ? result : other;
    }
    --depth_;
    return result;
  }
  Value disjunction() {
    Value left = conjunction();
    while (take("or")) {
      const Value right = conjunction();
      left = left.truth() ? left : right;
    }
    return left;
  }
  Value conjunction() {
    Value left = negation();
    while (take("and")) {
      const Value right = negation();
      left = left.truth() ? right : left;
    }
    return left;
  }
  Value negation() {
    bool negated = false;
    bool any = false;
    while (take("not")) {
      negated = !negated;
      any = true;
    }
    const Value inner = comparison();
    return any ? whole(inner.truth() != negated ? 1 : 0) : inner;
  }

  static bool holds(std::string_view sign, const Value& left, const Value& right) {
    const bool exact = left.whole && right.whole;
    const int order = exact
                          ? (left.integer > right.integer) - (left.integer < right.integer)
                          : (left.as_real() > right.as_real()) - (left.as_real() < right.as_real());
    if (sign == "==") return order == 0;
    if (sign == "!=") return order != 0;
    if (sign == "<=") return order <= 0;
    if (sign == ">=") return order >= 0;
    return sign == "<" ? order < 0 : order > 0;
  }
  // a < b < c is a < b and b < c.
  Value comparison() {
    Value left = bits_or();
    bool any = false;
    bool all = true;
    for (;;) {
      std::string_view found;
      for (const std::string_view sign : {"==", "!=", "<=", ">=", "<", ">"}) {
        if (next_is("<<") || next_is(">>")) break;
        if (take(sign)) {
          found = sign;
          break;
        }
      }
      if (found.empty()) {
        if (take("in")) return member_of(left);
        if (take("is")) found = "==";
      }
      if (found.empty()) break;
      const Value right = bits_or();
      any = true;
      all = all && holds(found, left, right);
      left = right;
    }
    return any ? whole(all ? 1 : 0) : left;
  }
  // x in (1, 2), x in [1, 2]
  Value member_of(const Value& wanted) {
    const bool round = take("(");
    if (!round && !take("[")) {
      fail("'in' needs a list");
      return {};
    }
    bool found = false;
    do {
      if (next_is(round ? ")" : "]")) break;
      found = holds("==", wanted, ternary()) || found;
    } while (take(","));
    if (!take(round ? ")" : "]")) fail("a list never ends");
    return whole(found ? 1 : 0);
  }

  static std::int64_t bits(const Value& value) {
    return value.whole ? value.integer : static_cast<std::int64_t>(value.real);
  }
  Value bits_or() {
    Value left = bits_xor();
    while (next_is("|") && take("|")) left = whole(bits(left) | bits(bits_xor()));
    return left;
  }
  Value bits_xor() {
    Value left = bits_and();
    while (take("^")) left = whole(bits(left) ^ bits(bits_and()));
    return left;
  }
  Value bits_and() {
    Value left = shift();
    while (take("&")) left = whole(bits(left) & bits(shift()));
    return left;
  }
  Value shift() {
    Value left = sum();
    for (;;) {
      const bool to_left = take("<<");
      if (!to_left && !take(">>")) return left;
      const std::int64_t by = bits(sum()) & 63;
      const auto raw = static_cast<std::uint64_t>(bits(left));
      left = whole(to_left ? static_cast<std::int64_t>(raw << by) : bits(left) >> by);
    }
  }
  // Sums and products wrap rather than be undefined.
  static std::int64_t wrap(std::uint64_t value) { return static_cast<std::int64_t>(value); }
  Value sum() {
    Value left = product();
    for (;;) {
      const bool plus = take("+");
      if (!plus && !take("-")) return left;
      const Value right = product();
      if (left.whole && right.whole) {
        const auto a = static_cast<std::uint64_t>(left.integer);
        const auto b = static_cast<std::uint64_t>(right.integer);
        left = whole(wrap(plus ? a + b : a - b));
      } else {
        left = fraction(plus ? left.as_real() + right.as_real() : left.as_real() - right.as_real());
      }
    }
  }
  Value product() {
    Value left = sign();
    for (;;) {
      std::string_view found;
      for (const std::string_view each : {"//", "*", "/", "%"}) {
        if (take(each)) {
          found = each;
          break;
        }
      }
      if (found.empty()) return left;
      left = multiply(found, left, sign());
    }
  }
  Value multiply(std::string_view each, const Value& left, const Value& right) {
    if (each == "*") {
      if (!left.whole || !right.whole) return fraction(left.as_real() * right.as_real());
      return whole(wrap(static_cast<std::uint64_t>(left.integer) *
                        static_cast<std::uint64_t>(right.integer)));
    }
    if (right.as_real() == 0) {
      fail("a division by zero");
      return {};
    }
    if (each == "/") return fraction(left.as_real() / right.as_real());
    if (!left.whole || !right.whole || right.integer == -1) {
      const double quotient = std::floor(left.as_real() / right.as_real());
      return each == "//" ? fraction(quotient)
                          : fraction(left.as_real() - quotient * right.as_real());
    }
    std::int64_t quotient = left.integer / right.integer;
    std::int64_t rest = left.integer % right.integer;
    if (rest != 0 && (rest < 0) != (right.integer < 0)) {
      --quotient;
      rest += right.integer;
    }
    return whole(each == "//" ? quotient : rest);
  }
  Value sign() {
    if (++depth_ > kDepthMax) {
      fail("nested too deeply");
      return {};
    }
    Value result;
    if (take("-")) {
      result = sign();
      result = result.whole ? whole(wrap(0 - static_cast<std::uint64_t>(result.integer)))
                            : fraction(-result.real);
    } else if (take("+")) {
      result = sign();
    } else if (take("~")) {
      result = whole(~bits(sign()));
    } else {
      result = atom();
    }
    --depth_;
    return result;
  }
  Value atom() {
    skip();
    if (offset_ >= text_.size()) {
      fail("an expression ends too early");
      return {};
    }
    if (take("(")) {
      const Value inner = ternary();
      if (!take(")")) fail("a parenthesis never closes");
      return inner;
    }
    const char c = text_[offset_];
    if (is_digit(c) || c == '.') return literal();
    if (is_name(c)) return name();
    fail(fmt::format("'{}' is not understood", text_.substr(offset_, 20)));
    return {};
  }
  Value literal() {
    std::size_t end = offset_;
    while (end < text_.size() && (is_name(text_[end]) || text_[end] == '.')) ++end;
    const std::string digits(text_.substr(offset_, end - offset_));
    offset_ = end;
    char* stop = nullptr;
    const bool real = !digits.starts_with("0x") && digits.find_first_of(".e") != std::string::npos;
    const Value value = real ? fraction(std::strtod(digits.c_str(), &stop))
                             : whole(std::strtoll(digits.c_str(), &stop, 0));
    if (*stop != '\0' && *stop != 'L') fail(fmt::format("'{}' is no number", digits));
    return value;
  }
  Value name() {
    std::size_t end = offset_;
    while (end < text_.size() && is_name(text_[end])) ++end;
    const std::string_view word = text_.substr(offset_, end - offset_);
    offset_ = end;
    if (word == "True") return whole(1);
    if (word == "False" || word == "None") return whole(0);
    if (next_is("(")) return call(word);
    if (const auto known = names_.find(word); known != names_.end()) return known->second;
    if (const auto asked = lookup_(word)) {
      if (used_.find(word) == std::string::npos) {
        used_ += fmt::format("{}{} = {}", used_.empty() ? "" : ", ", word, *asked);
      }
      return whole(*asked);
    }
    fail(fmt::format("'{}' is not known", word));
    return {};
  }
  Value call(std::string_view function) {
    take("(");
    std::vector<Value> arguments;
    do {
      arguments.push_back(ternary());
    } while (take(","));
    if (!take(")")) fail("a call never closes");
    const Value& first = arguments.front();
    if (function == "abs") {
      return first.whole ? whole(first.integer < 0 ? -first.integer : first.integer)
                         : fraction(std::fabs(first.real));
    }
    if (function == "int") return whole(bits(first));
    if (function == "float") return fraction(first.as_real());
    if (function == "round")
      return whole(static_cast<std::int64_t>(std::nearbyint(first.as_real())));
    if (function == "min" || function == "max") {
      Value best = first;
      for (const Value& each : arguments) {
        if (holds(function == "min" ? "<" : ">", each, best)) best = each;
      }
      return best;
    }
    fail(fmt::format("the function {}() is not known", function));
    return {};
  }

  std::string_view text_;
  const Lookup& lookup_;
  const CodeNames& names_;
  std::size_t offset_ = 0;
  int depth_ = 0;
  std::string trouble_;
  std::string used_;
};

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\r\n") + 1 - first);
}

// Cuts at `separators` that stand in no bracket and no string; a comment ends with its line.
std::vector<std::string> cut(std::string_view text, std::string_view separators) {
  std::vector<std::string> parts(1);
  int depth = 0;
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '#') {
      while (i + 1 < text.size() && text[i + 1] != '\n') ++i;
      continue;
    } else if (c == '(' || c == '[' || c == '{') {
      ++depth;
    } else if (c == ')' || c == ']' || c == '}') {
      --depth;
    } else if (c == '\\' && i + 1 < text.size() && text[i + 1] == '\n') {
      ++i;  // the line goes on
      continue;
    } else if (depth <= 0 && separators.find(c) != std::string_view::npos) {
      parts.emplace_back();
      continue;
    }
    parts.back() += c;
  }
  return parts;
}

bool is_statement(std::string_view text, std::string_view word) {
  return text.starts_with(word) && (text.size() == word.size() || !is_name(text[word.size()]));
}

// "x = 5", or "x += 5", which stands for x = x + (5).
struct Assignment {
  std::string name;
  std::string expression;
};
std::optional<Assignment> as_assignment(std::string_view text) {
  std::size_t end = 0;
  while (end < text.size() && is_name(text[end])) ++end;
  if (end == 0) return std::nullopt;
  const std::string name(text.substr(0, end));
  const std::string_view rest = trimmed(text.substr(end));
  if (rest.starts_with('=') && !rest.starts_with("==")) {
    return Assignment{name, std::string(rest.substr(1))};
  }
  for (const std::string_view sign :
       {"//=", "<<=", ">>=", "+=", "-=", "*=", "/=", "%=", "|=", "&="}) {
    if (!rest.starts_with(sign)) continue;
    return Assignment{name, fmt::format("{} {} ({})", name, sign.substr(0, sign.size() - 1),
                                        rest.substr(sign.size()))};
  }
  return std::nullopt;
}

}  // namespace

CodeOutcome run_code(std::string_view code, const Lookup& lookup, CodeNames& names) {
  std::size_t skipped_beyond = std::string::npos;  // an indentation: the suite of an untrue "if"
  for (const std::string& part : cut(code, "\n;")) {
    const std::string_view statement = trimmed(part);
    const std::size_t indentation = part.find_first_not_of(" \t");
    if (indentation != std::string::npos && indentation <= skipped_beyond) {
      skipped_beyond = std::string::npos;
    }
    if (skipped_beyond != std::string::npos) continue;
    if (statement.empty() || is_statement(statement, "print") ||
        is_statement(statement, "import") || is_statement(statement, "from") ||
        is_statement(statement, "pass")) {
      continue;
    }
    const bool is_assert = is_statement(statement, "assert");
    const bool is_if = is_statement(statement, "if") && statement.ends_with(':');
    const auto assignment = is_assert ? std::nullopt : as_assignment(statement);
    std::string_view text = statement;
    std::vector<std::string> pieces;
    if (is_assert) {
      pieces = cut(statement.substr(6), ",");  // the message is not evaluated
      text = trimmed(pieces.front());
    } else if (is_if) {
      text = trimmed(statement.substr(2, statement.size() - 3));
    } else if (assignment) {
      text = trimmed(assignment->expression);
    }
    Evaluation expression(text, lookup, names);
    const auto value = expression.value();
    if (!value) return {false, true, fmt::format("{}: {}", statement, expression.trouble())};
    if (is_if) {
      if (!value->truth()) skipped_beyond = indentation;
    } else if (assignment) {
      names[assignment->name] = *value;
    } else if (is_assert && !value->truth()) {
      return {false, false,
              fmt::format("{} does not hold: {}", text,
                          expression.used().empty() ? to_text(*value) : expression.used())};
    }
  }
  return {};
}

}  // namespace strata::packetdrill
