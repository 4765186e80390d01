// SPDX-License-Identifier: MIT
#include "tools/filter/filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <regex>
#include <vector>

#include "sim/scenario/diagnostic.h"
#include "tools/filter/values.h"

namespace strata::filter {

using Test = std::function<bool(FrameFields&)>;

namespace {

constexpr int kDepthMost = 64;

enum class Comparison : std::uint8_t { equal, not_equal, greater, less, at_least, at_most };

std::optional<Comparison> comparison_of(const Token& token) {
  static const std::vector<std::pair<std::string_view, Comparison>> kWords{
      {"==", Comparison::equal},     {"eq", Comparison::equal},   {"!=", Comparison::not_equal},
      {"ne", Comparison::not_equal}, {">", Comparison::greater},  {"gt", Comparison::greater},
      {"<", Comparison::less},       {"lt", Comparison::less},    {">=", Comparison::at_least},
      {"ge", Comparison::at_least},  {"<=", Comparison::at_most}, {"le", Comparison::at_most}};
  if (token.kind != TokenKind::word && token.kind != TokenKind::symbol) return std::nullopt;
  for (const auto& [word, comparison] : kWords) {
    if (token.text == word) return comparison;
  }
  return std::nullopt;
}

bool is_within(const Value& value, const Range& range) {
  return value >= range.from && value <= range.to;
}

// == and the orders hold when any value agrees, != when there are values and none is equal.
bool compare(const std::vector<Value>& values, Comparison comparison, const Range& range) {
  const auto any = [&](const auto& holds) {
    return std::any_of(values.begin(), values.end(), holds);
  };
  const auto is_equal = [&](const Value& value) { return is_within(value, range); };
  switch (comparison) {
    case Comparison::equal:
      return any(is_equal);
    case Comparison::not_equal:
      return !values.empty() && !any(is_equal);
    case Comparison::greater:
      return any([&](const Value& value) { return value > range.to; });
    case Comparison::at_least:
      return any([&](const Value& value) { return value >= range.from; });
    case Comparison::less:
      return any([&](const Value& value) { return value < range.from; });
    case Comparison::at_most:
      return any([&](const Value& value) { return value <= range.to; });
  }
  return false;
}

}  // namespace

// Recursive descent over the tokens. The first mistake stops it: every test after that is empty.
class Parser {
 public:
  explicit Parser(std::vector<Token> tokens) : tokens_(std::move(tokens)) {}

  tl::expected<Filter, Mistake> read() {
    Filter filter;
    if (tokens_.size() == 1) {
      filter.test_ = [](FrameFields&) { return true; };
      return filter;
    }
    filter.test_ = any_of();
    if (!mistake_ && peek().kind != TokenKind::end) {
      fail(peek(), fmt::format("{} does not belong here; join tests by 'and' or 'or'",
                               scenario::in_quotes(peek().text)));
    }
    if (mistake_) return tl::unexpected(*mistake_);
    filter.hint_ = hint_;
    return filter;
  }

 private:
  const Token& peek() const { return tokens_[at_]; }
  Token take() {
    const Token token = tokens_[at_];
    if (token.kind != TokenKind::end) ++at_;
    return token;
  }
  bool accept(std::string_view word, std::string_view other = {}) {
    const Token& token = peek();
    const bool is_it = (token.kind == TokenKind::word || token.kind == TokenKind::symbol) &&
                       (token.text == word || (!other.empty() && token.text == other));
    if (is_it) ++at_;
    return is_it;
  }
  Test fail(const Token& token, std::string what) {
    if (!mistake_) mistake_ = Mistake{token.column, std::move(what)};
    return {};
  }

  Test any_of() {
    Test left = all_of();
    while (!mistake_ && accept("or", "||")) {
      left = [a = std::move(left), b = all_of()](FrameFields& f) { return a(f) || b(f); };
    }
    return left;
  }
  Test all_of() {
    Test left = one();
    while (!mistake_ && accept("and", "&&")) {
      left = [a = std::move(left), b = one()](FrameFields& f) { return a(f) && b(f); };
    }
    return left;
  }
  Test one() {
    const Token first = peek();
    if (depth_ == kDepthMost) return fail(first, "too many brackets inside each other");
    ++depth_;
    Test test;
    if (accept("not", "!")) {
      test = [inner = one()](FrameFields& f) { return !inner(f); };
    } else if (accept("(")) {
      test = any_of();
      if (!mistake_ && !accept(")")) fail(first, "the ( has no closing )");
    } else {
      test = field_test();
    }
    --depth_;
    return test;
  }

  Test field_test() {
    const FieldInfo* field = field_name();
    if (field == nullptr) return {};
    const Token word = peek();
    if (const auto comparison = comparison_of(word)) {
      take();
      return comparison_test(*field, *comparison, word);
    }
    const bool is_contained = accept("contains");
    if (is_contained || accept("matches", "~")) return search_test(*field, word, is_contained);
    if (accept("in")) return set_test(*field);
    if (field->type == FieldType::boolean && hint_.empty()) {
      hint_ = fmt::format(
          "{0} alone passes every packet that has the field; '{0} == 1' asks "
          "whether it is set",
          field->name);
    }
    return [field](FrameFields& f) { return !f.values(*field).empty(); };
  }

  const FieldInfo* field_name() {
    const Token token = take();
    if (token.kind == TokenKind::end) {
      fail(token, "a field is missing at the end, such as ip.src");
      return nullptr;
    }
    if (token.kind != TokenKind::word) {
      fail(token, fmt::format("a field such as ip.src is expected, not {}",
                              scenario::in_quotes(token.text)));
      return nullptr;
    }
    const FieldInfo* field = find_field(token.text);
    if (field != nullptr) return field;
    const std::string near = scenario::nearest(token.text, field_names());
    fail(token, fmt::format("there is no field {}{}", scenario::in_quotes(token.text),
                            near.empty() ? "" : fmt::format("; did you mean '{}'?", near)));
    return nullptr;
  }

  Test comparison_test(const FieldInfo& field, Comparison comparison, const Token& word) {
    if (field.type == FieldType::protocol) {
      return fail(word, fmt::format("{0} has no value to compare; write '{0}' alone", field.name));
    }
    const bool is_order = comparison != Comparison::equal && comparison != Comparison::not_equal;
    if (is_order && field.type == FieldType::boolean) {
      return fail(word, fmt::format("{} is true or false; compare it with == or !=", field.name));
    }
    const auto range = value(field);
    if (!range) return {};
    return [&field, comparison, range = *range](FrameFields& f) {
      return compare(f.values(field), comparison, range);
    };
  }

  Test search_test(const FieldInfo& field, const Token& word, bool is_contained) {
    if (field.type != FieldType::text) {
      return fail(word, fmt::format("{} searches text, and {} is none",
                                    scenario::in_quotes(word.text), field.name));
    }
    const Token token = peek();
    const auto wanted = value(field);
    if (!wanted) return {};
    std::function<bool(const std::string&)> finds;
    if (is_contained) {
      finds = [part = wanted->from.text](const std::string& text) {
        return text.find(part) != std::string::npos;
      };
    } else {
      // Wireshark's "matches" ignores case.
      std::shared_ptr<std::regex> pattern;
      try {
        pattern = std::make_shared<std::regex>(wanted->from.text,
                                               std::regex::ECMAScript | std::regex::icase);
      } catch (const std::regex_error& error) {
        return fail(token, "this is not a regular expression");
      }
      finds = [pattern](const std::string& text) { return std::regex_search(text, *pattern); };
    }
    return [&field, finds](FrameFields& f) {
      const std::vector<Value> values = f.values(field);
      return std::any_of(values.begin(), values.end(),
                         [&](const Value& each) { return finds(each.text); });
    };
  }

  Test set_test(const FieldInfo& field) {
    const Token open = peek();
    if (!accept("{")) return fail(open, "'in' wants a set, such as {80, 443, 8000..8080}");
    if (field.type == FieldType::protocol) {
      return fail(open, fmt::format("{} has no value to compare", field.name));
    }
    std::vector<Range> ranges;
    do {
      const Token first = peek();
      const auto low = value(field);
      if (!low) return {};
      ranges.push_back(*low);
      if (!accept("..")) continue;
      const auto high = value(field);
      if (!high) return {};
      ranges.back().to = high->to;
      if (high->to < low->from) return fail(first, "the range ends before it begins");
    } while (accept(","));
    if (!accept("}")) return fail(open, "the set lacks a , or its closing }");
    return [&field, ranges](FrameFields& f) {
      const std::vector<Value> values = f.values(field);
      return std::any_of(values.begin(), values.end(), [&](const Value& each) {
        return std::any_of(ranges.begin(), ranges.end(),
                           [&](const Range& range) { return is_within(each, range); });
      });
    };
  }

  std::optional<Range> value(const FieldInfo& field) {
    const Token token = peek();
    if (token.kind != TokenKind::word && token.kind != TokenKind::text) {
      fail(token, fmt::format("a value to compare {} with is missing", field.name));
      return std::nullopt;
    }
    take();
    const auto range = parse_value(field.type, token.text);
    if (!range) {
      fail(token, fmt::format("{} is {}, not {}", field.name, example_of(field.type),
                              scenario::in_quotes(token.text)));
    }
    return range;
  }

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
  std::optional<Mistake> mistake_;
  std::string hint_;
};

tl::expected<Filter, Mistake> Filter::parse(std::string_view source) {
  auto tokens = lex(source);
  if (!tokens) return tl::unexpected(tokens.error());
  return Parser(std::move(*tokens)).read();
}

bool PacketFilter::passes(PacketUid uid) {
  const auto [found, is_new] = known_.try_emplace(uid, false);
  if (!is_new) return found->second;
  const std::vector<analysis::Hop> hops = analysis::hops_of_packet(recording_, uid);
  if (hops.empty()) {
    frame_.look_at(uid);
    return found->second = filter_.matches(frame_);
  }
  return found->second = std::any_of(hops.begin(), hops.end(), [&](const analysis::Hop& hop) {
           frame_.look_at(hop);
           return filter_.matches(frame_);
         });
}

bool PacketFilter::passes(PacketUid uid, LinkId link, Instant sent) {
  for (const analysis::Hop& hop : analysis::hops_of_packet(recording_, uid)) {
    if (hop.link != link || hop.sent != sent) continue;
    frame_.look_at(hop);
    if (filter_.matches(frame_)) return true;
  }
  return false;
}

}  // namespace strata::filter
