// SPDX-License-Identifier: MIT
#include "tools/views/time_axis.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace strata::views {
namespace {

// A stretch is cut when it is more than so much of what is shown, and then is so much of the rest.
constexpr double kCutAbove = 0.6;
constexpr double kCutTo = 0.12;
constexpr std::size_t kCutsMost = 6;

double seconds(Duration duration) { return static_cast<double>(duration.count()) / 1e9; }

}  // namespace

TimeAxis::TimeAxis(std::vector<Instant> times, std::size_t width)
    : width_(std::max<std::size_t>(width, 20)), cut_columns_(width_, false) {
  std::sort(times.begin(), times.end());
  times.erase(std::unique(times.begin(), times.end()), times.end());
  if (times.empty()) times.push_back(kStart);
  if (times.size() == 1) times.push_back(times.front() + 1us);
  std::vector<double> lengths;
  double total = 0;
  for (std::size_t i = 1; i < times.size(); ++i) {
    lengths.push_back(seconds(times[i] - times[i - 1]));
    total += lengths.back();
  }
  std::vector<bool> is_cut(lengths.size(), false);
  for (std::size_t cuts = 0; cuts < kCutsMost && lengths.size() > 1; ++cuts) {
    std::size_t longest = lengths.size();
    for (std::size_t i = 0; i < lengths.size(); ++i) {
      if (!is_cut[i] && (longest == lengths.size() || lengths[i] > lengths[longest])) longest = i;
    }
    if (longest == lengths.size() || lengths[longest] < kCutAbove * total) break;
    const double rest = total - lengths[longest];
    lengths[longest] = rest * kCutTo;
    is_cut[longest] = true;
    total = rest + lengths[longest];
  }
  double at = 0;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const double columns = lengths[i] / total * static_cast<double>(width_);
    pieces_.push_back({times[i], times[i + 1], at, at + columns, is_cut[i]});
    if (is_cut[i]) {
      const auto first = static_cast<std::size_t>(std::ceil(at));
      const auto last = static_cast<std::size_t>(at + columns);
      for (std::size_t c = first; c < std::min(last, width_); ++c) cut_columns_[c] = true;
    }
    at += columns;
  }
}

std::size_t TimeAxis::column(Instant time) const {
  if (time <= pieces_.front().from) return 0;
  // Pieces follow each other; there may be one for every event of a long run.
  const auto piece = std::upper_bound(pieces_.begin(), pieces_.end(), time,
                                      [](Instant t, const Piece& p) { return t < p.until; });
  if (piece == pieces_.end()) return width_ - 1;
  const double share = seconds(time - piece->from) / seconds(piece->until - piece->from);
  const auto column = static_cast<std::size_t>(piece->begin + share * (piece->end - piece->begin));
  return std::min(column, width_ - 1);
}

bool TimeAxis::is_cut(std::size_t column) const { return cut_columns_[column]; }

Instant TimeAxis::time_at(std::size_t column) const {
  const auto at = static_cast<double>(column);
  for (const Piece& piece : pieces_) {
    if (at >= piece.end) continue;
    const double share = (at - piece.begin) / (piece.end - piece.begin);
    const auto passed = static_cast<double>((piece.until - piece.from).count()) * share;
    return piece.from + Duration{static_cast<Duration::rep>(std::max(passed, 0.0))};
  }
  return pieces_.back().until;
}

std::vector<TimeAxis::Tick> TimeAxis::ticks() const {
  std::vector<Tick> found;
  std::size_t free = 0;
  for (std::size_t column = 0; column < width_; column = std::max(free, column + 1)) {
    if (is_cut(column)) continue;
    std::string text = to_text(time_at(column), 1);
    if (column + columns(text) > width_) break;
    free = column + std::max<std::size_t>(columns(text) + 3, 12);
    found.push_back({column, std::move(text)});
  }
  return found;
}

Text TimeAxis::labels() const {
  Text text;
  for (const Tick& tick : ticks()) text.pad_to(tick.column).add(tick.text, Role::dim);
  return text;
}

Text TimeAxis::ruler() const {
  const std::vector<Tick> marks = ticks();
  Text text;
  for (std::size_t column = 0; column < width_; ++column) {
    const bool is_mark = std::any_of(marks.begin(), marks.end(),
                                     [&](const Tick& tick) { return tick.column == column; });
    text.add(is_mark ? "┬" : is_cut(column) ? "┄" : "─", Role::dim);
  }
  return text;
}

std::string TimeAxis::cuts() const {
  std::string text;
  for (const Piece& piece : pieces_) {
    if (!piece.is_cut) continue;
    text += fmt::format("{}{}", text.empty() ? "┄ cut: " : ", ", to_text(piece.until - piece.from));
  }
  return text;
}

}  // namespace strata::views
