// SPDX-License-Identifier: MIT
// Curves over time on a terminal: braille dots, two by four to a character, or a letter for each
// curve in ASCII. Curves that share the page differ in how they are drawn and are named in a
// legend, so that they can be told apart without colour.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "stack/base/time.h"
#include "tools/views/text.h"

namespace strata::views {

enum class Stroke : std::uint8_t { solid, dashed, dash_dotted, dotted, points };

struct Curve {
  struct Point {
    Instant time{};
    double value = 0;
  };
  std::string name;
  char letter = '*';  // in ASCII
  Stroke stroke = Stroke::solid;
  Role role = Role::plain;
  bool is_step = true;        // a value holds until the next one
  std::vector<Point> points;  // ascending in time
};

// A letter at one place of the chart, over the curves: a retransmission, a loss.
struct ChartMark {
  Instant time{};
  double value = 0;
  char letter = 'x';
  Role role = Role::plain;
};

struct Chart {
  std::string title;
  std::vector<Curve> curves;
  std::vector<ChartMark> marks;
  std::string marks_legend;  // "R sent again, x lost"
  Instant from = kStart;
  Instant until = kStart;
  std::size_t rows = 13;  // an odd number has a row for half of the axis
  // Where the vertical axis, which begins at 0, should end; 0: at the greatest value. Of a curve
  // above it nothing is drawn.
  double value_most = 0;
  std::function<std::string(double)> value_text;
};

Page chart(const Chart& input, const Options& options);

}  // namespace strata::views
