// SPDX-License-Identifier: MIT
#include "sim/scenario/diagnostic.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <tuple>

namespace strata::scenario {
namespace {

constexpr std::size_t kQuotedMost = 60;
constexpr std::size_t kListedMost = 8;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::vector<std::size_t>> table(a.size() + 1, std::vector<std::size_t>(b.size() + 1));
  for (std::size_t i = 0; i <= a.size(); ++i) table[i][0] = i;
  for (std::size_t j = 0; j <= b.size(); ++j) table[0][j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t change = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
      table[i][j] =
          std::min({table[i - 1][j] + 1, table[i][j - 1] + 1, table[i - 1][j - 1] + change});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        table[i][j] = std::min(table[i][j], table[i - 2][j - 2] + 1);
      }
    }
  }
  return table[a.size()][b.size()];
}

// Control characters as \xNN: what a file contains never disturbs the terminal.
std::string printable(std::string_view text) {
  std::string result;
  for (const char c : text) {
    const auto octet = static_cast<unsigned char>(c);
    if (octet < 0x20 || octet == 0x7f) {
      result += fmt::format("\\x{:02x}", static_cast<unsigned>(octet));
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace

void Diagnostics::error(Position at, std::string what, std::string mend) {
  ++errors_;
  if (list_.size() < kMost) list_.push_back({at, std::move(what), std::move(mend)});
}

void Diagnostics::error(Position at, Mistake mistake) {
  error(at, std::move(mistake.what), std::move(mistake.mend));
}

void Diagnostics::sort() {
  std::stable_sort(list_.begin(), list_.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::tie(a.at.source, a.at.line, a.at.column) <
           std::tie(b.at.source, b.at.line, b.at.column);
  });
}

std::string to_text(const Diagnostic& diagnostic, const std::vector<std::string>& sources) {
  const auto index = static_cast<std::size_t>(diagnostic.at.source);
  std::string place = index < sources.size() ? sources[index] : "scenario";
  if (diagnostic.at.source == 0 && diagnostic.at.line > 0) {
    place += fmt::format(":{}:{}", diagnostic.at.line, diagnostic.at.column);
  }
  return fmt::format("{}: {}{}{}", place, printable(diagnostic.what),
                     diagnostic.mend.empty() ? "" : "; ", printable(diagnostic.mend));
}

std::string nearest(std::string_view written, const std::vector<std::string>& candidates) {
  if (written.empty() || written.size() > kQuotedMost) return {};
  std::string best;
  // A third of the letters may be wrong, and one letter of a short word.
  std::size_t limit = std::max<std::size_t>(1, (written.size() + 1) / 3) + 1;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > 2 * kQuotedMost) continue;
    const std::size_t found = distance(written, candidate);
    if (found < limit && found < candidate.size()) {
      limit = found;
      best = candidate;
    }
  }
  if (!best.empty()) return best;
  // "congestion" for "congestion-control": the beginning of exactly one candidate.
  if (written.size() < 3) return {};
  for (const std::string& candidate : candidates) {
    if (!candidate.starts_with(written)) continue;
    if (!best.empty()) return {};
    best = candidate;
  }
  return best;
}

std::string suggestion(std::string_view written, const std::vector<std::string>& candidates) {
  if (const std::string best = nearest(written, candidates); !best.empty()) {
    return fmt::format("did you mean {}?", in_quotes(best));
  }
  if (candidates.empty() || candidates.size() > kListedMost) return {};
  if (candidates.size() == 1) return fmt::format("there is only {}", in_quotes(candidates.front()));
  return fmt::format("one of: {}", fmt::join(candidates, ", "));
}

std::string in_quotes(std::string_view text) {
  std::size_t end = 0;
  std::size_t count = 0;
  for (; end < text.size(); ++end) {
    const bool begins_a_character = (static_cast<unsigned char>(text[end]) & 0xc0) != 0x80;
    if (begins_a_character && ++count > kQuotedMost) break;
  }
  return fmt::format("'{}{}'", printable(text.substr(0, end)), end < text.size() ? "..." : "");
}

}  // namespace strata::scenario
