// SPDX-License-Identifier: MIT
// A mistake in a scenario, told the way a compiler tells it: where, what is wrong, how to mend it.
// All mistakes of a file are collected before any is reported.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

namespace strata::scenario {

// A place in the text of a scenario. Line and column count from 1; line 0 means the text as a
// whole. `source` 0 is the file itself, n the n-th `--set` (Document::sources).
struct Position {
  int source = 0;
  int line = 0;
  int column = 0;
  friend bool operator==(const Position&, const Position&) = default;
};

// What is wrong with a value, and what to write instead (may be empty).
struct Mistake {
  std::string what;
  std::string mend;
};

template <typename T>
using Parsed = tl::expected<T, Mistake>;

inline tl::unexpected<Mistake> mistake(std::string what, std::string mend = {}) {
  return tl::unexpected<Mistake>(Mistake{std::move(what), std::move(mend)});
}

struct Diagnostic {
  Position at;
  std::string what;
  std::string mend;
};

// The mistakes found so far. Hostile files cannot make it grow without bound: after kMost only the
// number is kept.
class Diagnostics {
 public:
  static constexpr std::size_t kMost = 100;

  void error(Position at, std::string what, std::string mend = {});
  void error(Position at, Mistake mistake);

  bool has_errors() const { return errors_ > 0; }
  std::size_t error_count() const { return errors_; }
  const std::vector<Diagnostic>& all() const { return list_; }
  // In order of position, so that they read from the top of the file to its end.
  void sort();

 private:
  std::vector<Diagnostic> list_;
  std::size_t errors_ = 0;
};

// "file.yaml:12:5: what; mend". `sources` names the texts positions refer to; a position in an
// override prints as "--set links.access.delay=x: what; mend".
std::string to_text(const Diagnostic& diagnostic, const std::vector<std::string>& sources);

// The candidate a person most likely meant by `written` (edit distance with transpositions, letter
// case ignored), or empty when none is near.
std::string nearest(std::string_view written, const std::vector<std::string>& candidates);

// "did you mean 'x'?" if a candidate is near; else "one of a, b, c" when the list is short; else
// empty.
std::string suggestion(std::string_view written, const std::vector<std::string>& candidates);

// The text in single quotes, shortened and made printable: what a file contains never disturbs the
// terminal.
std::string in_quotes(std::string_view text);

}  // namespace strata::scenario
