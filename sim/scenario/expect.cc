// SPDX-License-Identifier: MIT
#include "sim/scenario/expect.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <tuple>

#include "stack/base/ascii.h"

namespace strata::scenario {
namespace {

struct Word {
  std::string_view text;
  Comparison comparison;
};
// Longer ones first: "<=" before "<".
constexpr std::array kSigns{
    Word{"==", Comparison::equal},         Word{"!=", Comparison::not_equal},
    Word{"<=", Comparison::less_or_equal}, Word{">=", Comparison::greater_or_equal},
    Word{"<", Comparison::less},           Word{">", Comparison::greater}};
constexpr std::array kWords{Word{"before", Comparison::less}, Word{"after", Comparison::greater},
                            Word{"between", Comparison::between},
                            Word{"contains", Comparison::contains}};

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

bool is_sign(char c) { return c == '=' || c == '!' || c == '<' || c == '>'; }

// Takes the operator off the front of `rest`.
Parsed<Comparison> take_comparison(std::string_view& rest) {
  for (const Word& sign : kSigns) {
    if (!rest.starts_with(sign.text)) continue;
    rest = trim(rest.substr(sign.text.size()));
    return sign.comparison;
  }
  if (rest.starts_with('=')) return mistake("'=' does not compare", "write '=='");
  const std::string_view word = rest.substr(0, rest.find(' '));
  std::vector<std::string> known;
  for (const Word& candidate : kWords) {
    known.emplace_back(candidate.text);
    if (candidate.text != word) continue;
    rest = trim(rest.substr(word.size()));
    return candidate.comparison;
  }
  if (word.empty()) {
    return mistake("the expectation compares with nothing", "write for instance '== 1'");
  }
  const std::string near = nearest(word, known);
  return mistake(fmt::format("{} does not compare", in_quotes(word)),
                 near.empty() ? "use ==, !=, <, <=, >, >=, before, after, between or contains"
                              : fmt::format("did you mean '{}'?", near));
}

Parsed<Operand> parse_operand(std::string_view text) {
  text = trim(text);
  if (text.empty()) {
    return mistake("the expectation compares with nothing", "write a value behind the comparison");
  }
  if (text.front() == '"' || text.front() == '\'') {
    if (text.size() < 2 || text.back() != text.front()) {
      return mistake(fmt::format("the text {} does not end", in_quotes(text)), "close the quotes");
    }
    return Operand{.kind = Operand::Kind::text,
                   .text = std::string{text.substr(1, text.size() - 2)}};
  }
  if (is_letter(text.front())) {
    if (text.find(' ') != std::string_view::npos) {
      return mistake(fmt::format("{} is neither a value nor a figure", in_quotes(text)),
                     "put a text in quotes");
    }
    return Operand{.kind = Operand::Kind::figure, .text = std::string{text}};
  }
  auto quantity = parse_quantity(text);
  if (!quantity) return tl::unexpected(std::move(quantity.error()));
  return Operand{.quantity = *quantity};
}

std::string_view unit_name(Unit unit) {
  switch (unit) {
    case Unit::count:
      return "a number";
    case Unit::bytes:
      return "a size";
    case Unit::nanoseconds:
      return "a time";
    case Unit::bits_per_second:
      return "a rate";
    case Unit::parts_per_million:
      return "a share";
  }
  return "?";
}

// Units a value proposed for a bare number of this unit would carry.
std::string_view example_unit(Unit unit) {
  switch (unit) {
    case Unit::nanoseconds:
      return "ms";
    case Unit::bits_per_second:
      return "Mbit/s";
    case Unit::parts_per_million:
      return "%";
    case Unit::count:
    case Unit::bytes:
      break;
  }
  return "";
}

// A size may be compared with a plain number of bytes.
bool fits(Unit figure, Unit operand) {
  return figure == operand || (figure == Unit::bytes && operand == Unit::count);
}

std::optional<Mistake> check_operand(const Expectation& expectation, const FigureInfo& info,
                                     const Operand& operand, const FigureTable& figures) {
  if (operand.kind == Operand::Kind::figure) {
    const auto other = figures.check(operand.text);
    if (!other) return Mistake{other.error().what, "put a text in quotes"};
    return std::nullopt;
  }
  const bool is_text = operand.kind == Operand::Kind::text;
  if ((info.kind == FigureKind::text) != is_text) {
    return Mistake{fmt::format("'{}' is {}, not {}", expectation.figure,
                               info.kind == FigureKind::text ? "a text" : "a number",
                               is_text ? "a text" : "a number"),
                   info.kind == FigureKind::text ? "compare it with a text in quotes" : ""};
  }
  if (info.kind != FigureKind::number || fits(info.unit, operand.quantity.unit))
    return std::nullopt;
  std::string mend;
  if (operand.quantity.unit == Unit::count) {
    mend = fmt::format("write '{} {}'", operand.quantity.value, example_unit(info.unit));
  }
  return Mistake{fmt::format("'{}' is {}, not {}", expectation.figure, unit_name(info.unit),
                             unit_name(operand.quantity.unit)),
                 std::move(mend)};
}

std::optional<Mistake> check(const Expectation& expectation, const FigureTable& figures) {
  const auto info = figures.check(expectation.figure);
  if (!info) return info.error();
  const bool is_text = info->kind == FigureKind::text;
  const bool orders = expectation.comparison != Comparison::equal &&
                      expectation.comparison != Comparison::not_equal &&
                      expectation.comparison != Comparison::contains;
  if (expectation.comparison == Comparison::contains && !is_text) {
    return Mistake{fmt::format("'{}' is a number and contains nothing", expectation.figure),
                   "use == or another comparison of numbers"};
  }
  if (is_text && orders) {
    return Mistake{
        fmt::format("'{}' is a text, which is neither more nor less", expectation.figure),
        "use ==, != or contains"};
  }
  for (const Operand& operand : expectation.operands) {
    if (auto wrong = check_operand(expectation, *info, operand, figures)) return wrong;
  }
  return std::nullopt;
}

// Never is later than every instant and equal only to itself; texts are compared octet by octet.
using Comparable = std::tuple<int, std::int64_t, std::string>;
Comparable comparable(const FigureValue& value) {
  if (const auto* quantity = std::get_if<Quantity>(&value)) return {0, quantity->value, {}};
  if (const auto* text = std::get_if<std::string>(&value)) return {0, 0, *text};
  return {1, 0, {}};
}

bool holds(Comparison comparison, const FigureValue& value, const std::vector<FigureValue>& with) {
  const Comparable left = comparable(value);
  const Comparable right = comparable(with.front());
  switch (comparison) {
    case Comparison::equal:
      return left == right;
    case Comparison::not_equal:
      return left != right;
    case Comparison::less:
      return left < right;
    case Comparison::less_or_equal:
      return left <= right;
    case Comparison::greater:
      return left > right;
    case Comparison::greater_or_equal:
      return left >= right;
    case Comparison::between:
      return left >= right && left <= comparable(with.back());
    case Comparison::contains:
      return std::get<2>(left).find(std::get<2>(right)) != std::string::npos;
  }
  return false;
}

// The view that tells most about a figure.
std::string hint_for(std::string_view figure) {
  if (figure.starts_with("flow.")) {
    const std::size_t end = figure.find('.', 5);
    return fmt::format("ladder --flow {}", figure.substr(5, end - 5));
  }
  if (figure.starts_with("link.") || figure.starts_with("frames.")) {
    return figure.find("dropped") != std::string_view::npos ? "path --of 'drop 1'" : "summary";
  }
  if (figure.starts_with("tcp.") || figure == "finished") return "ladder";
  if (figure == "events" || figure == "stop" || figure == "sim-time") return "summary";
  return "ladder";
}

// A program's figures carry no unit: they take that of what they are compared with.
FigureValue with_unit(FigureValue value, const std::vector<FigureValue>& others) {
  auto* quantity = std::get_if<Quantity>(&value);
  if (quantity == nullptr || quantity->unit != Unit::count) return value;
  for (const FigureValue& other : others) {
    if (const auto* known = std::get_if<Quantity>(&other)) quantity->unit = known->unit;
  }
  return value;
}

}  // namespace

Parsed<Expectation> parse_expectation(std::string_view text) {
  Expectation expectation;
  expectation.written = std::string{trim(text)};
  std::string_view rest = expectation.written;
  std::size_t end = 0;
  while (end < rest.size() && rest[end] != ' ' && !is_sign(rest[end])) ++end;
  expectation.figure = std::string{rest.substr(0, end)};
  if (expectation.figure.empty() || !is_letter(expectation.figure.front())) {
    return mistake(fmt::format("{} does not begin with the name of a figure", in_quotes(text)),
                   "write for instance 'tcp.retransmissions == 1'");
  }
  rest = trim(rest.substr(end));
  auto comparison = take_comparison(rest);
  if (!comparison) return tl::unexpected(std::move(comparison.error()));
  expectation.comparison = *comparison;
  std::vector<std::string_view> parts{rest};
  if (*comparison == Comparison::between) {
    const std::size_t split = rest.find(" and ");
    if (split == std::string_view::npos) {
      return mistake("'between' needs two values", "write for instance 'between 1 ms and 2 ms'");
    }
    parts = {rest.substr(0, split), rest.substr(split + 5)};
  }
  for (const std::string_view part : parts) {
    auto operand = parse_operand(part);
    if (!operand) return tl::unexpected(std::move(operand.error()));
    expectation.operands.push_back(std::move(*operand));
  }
  if (*comparison == Comparison::between) {
    const Operand& low = expectation.operands.front();
    const Operand& high = expectation.operands.back();
    const bool are_quantities = low.kind == Operand::Kind::quantity && high.kind == low.kind &&
                                high.quantity.unit == low.quantity.unit;
    if (are_quantities && high.quantity.value < low.quantity.value) {
      return mistake("'between' ends before it begins", "exchange the two values");
    }
  }
  return expectation;
}

std::vector<Expectation> parse_expectations(const Model& model, Diagnostics& diagnostics) {
  std::vector<Expectation> expectations;
  if (model.expect.empty()) return expectations;
  const FigureTable figures(model);
  for (const ExpectModel& line : model.expect) {
    auto expectation = parse_expectation(line.text);
    if (!expectation) {
      diagnostics.error(line.at, std::move(expectation.error()));
      continue;
    }
    expectation->at = line.at;
    if (auto wrong = check(*expectation, figures)) {
      diagnostics.error(line.at, std::move(*wrong));
      continue;
    }
    expectations.push_back(std::move(*expectation));
  }
  return expectations;
}

ExpectationOutcome evaluate(const Expectation& expectation, const FigureTable& figures) {
  ExpectationOutcome outcome;
  outcome.written = expectation.written;
  outcome.hint = hint_for(expectation.figure);
  auto value = figures.find(expectation.figure);
  if (!value) {
    outcome.problem = value.error().what;
    if (!value.error().mend.empty()) outcome.problem += "; " + value.error().mend;
    return outcome;
  }
  std::vector<FigureValue> operands;
  for (const Operand& operand : expectation.operands) {
    if (operand.kind == Operand::Kind::quantity) operands.emplace_back(operand.quantity);
    if (operand.kind == Operand::Kind::text) operands.emplace_back(operand.text);
    if (operand.kind != Operand::Kind::figure) continue;
    auto other = figures.find(operand.text);
    if (!other) {
      outcome.problem = other.error().what;
      return outcome;
    }
    operands.push_back(std::move(*other));
    outcome.others += fmt::format("{}{} was {}", outcome.others.empty() ? "" : ", ", operand.text,
                                  to_text(with_unit(operands.back(), {*value})));
  }
  *value = with_unit(std::move(*value), operands);
  outcome.actual = to_text(*value);
  outcome.passed = holds(expectation.comparison, *value, operands);
  return outcome;
}

}  // namespace strata::scenario
