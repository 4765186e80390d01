// SPDX-License-Identifier: MIT
// Time from left to right in columns of a terminal. Where nothing happens for most of the time (a
// retransmission time-out, TIME-WAIT), the idle stretch is cut: it takes a few columns, drawn with
// another glyph, and is named below the axis.
#pragma once

#include <cstddef>
#include <vector>

#include "stack/base/time.h"
#include "tools/views/text.h"

namespace strata::views {

class TimeAxis {
 public:
  // `times` are the instants where something happens, in any order; the axis goes from the first to
  // the last of them. `width` is in columns, at least 20.
  TimeAxis(std::vector<Instant> times, std::size_t width);

  std::size_t width() const { return width_; }
  // The column of an instant, below width(); what is outside stands at the edge.
  std::size_t column(Instant time) const;
  // Is this column a part of a stretch that was cut?
  bool is_cut(std::size_t column) const;

  // Times above their columns, each beginning at its own; a mark below the first character.
  Text labels() const;
  Text ruler() const;
  // "┄ 60 s cut": what was cut, from the left; empty when nothing was.
  std::string cuts() const;

 private:
  struct Piece {  // from..until of time stand in columns [begin, end)
    Instant from;
    Instant until;
    double begin = 0;
    double end = 0;
    bool is_cut = false;
  };
  struct Tick {
    std::size_t column;
    std::string text;
  };
  std::vector<Tick> ticks() const;
  Instant time_at(std::size_t column) const;

  std::size_t width_;
  std::vector<bool> cut_columns_;
  std::vector<Piece> pieces_;
};

}  // namespace strata::views
