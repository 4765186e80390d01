// SPDX-License-Identifier: MIT
#include "tools/views/chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace strata::views {
namespace {

constexpr std::size_t kMargin = 14;  // columns of the value axis
constexpr std::size_t kDotsAcross = 2;
constexpr std::size_t kDotsDown = 4;

// Dots of a braille character, by row and column (Unicode 2800: bit 0 is dot 1 and so on).
constexpr std::array<std::array<std::uint8_t, kDotsAcross>, kDotsDown> kDots{
    {{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}};

std::string braille(std::uint8_t dots) {
  // U+2800 + dots in UTF-8: E2, A0 + top two bits, 80 + the other six.
  std::string text = "\xe2";
  text += static_cast<char>(0xa0 + (dots >> 6));
  text += static_cast<char>(0x80 + (dots & 0x3f));
  return text;
}

// How a stroke looks in the legend.
std::string_view sample_of(Stroke stroke) {
  switch (stroke) {
    case Stroke::solid:
      return "───";
    case Stroke::dashed:
      return "─ ─";
    case Stroke::dash_dotted:
      return "─·─";
    case Stroke::dotted:
      return "···";
    case Stroke::points:
      return "· ·";
  }
  return "";
}

// The least of 1, 2, 2.5, 5 and 10 times a power of ten that is not below `value`.
double round_up(double value) {
  if (value <= 0) return 1;
  const double power = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {1.0, 2.0, 2.5, 5.0}) {
    if (value <= step * power * (1 + 1e-9)) return step * power;
  }
  return 10 * power;
}

class Canvas {
 public:
  Canvas(const Chart& input, const Options& options)
      : input_(input),
        options_(options),
        columns_(options.width - kMargin - 1),
        cells_(columns_ * input.rows) {
    double most = 0;
    for (const Curve& curve : input.curves) {
      for (const Curve::Point& point : curve.points) most = std::max(most, point.value);
    }
    for (const ChartMark& mark : input.marks) most = std::max(most, mark.value);
    top_ = round_up(input.value_most > 0 ? std::min(most, input.value_most) : most);
    span_ = std::max<double>(1, static_cast<double>((input.until - input.from).count()));
  }

  Page draw() {
    // The first curve is the one that matters: it is drawn last, over the others.
    for (std::size_t i = input_.curves.size(); i-- > 0;) draw_curve(input_.curves[i]);
    for (const ChartMark& mark : input_.marks) {
      if (mark.time < input_.from || mark.time > input_.until) continue;
      Cell& cell = at(x_of(mark.time) / kDotsAcross, y_of(mark.value) / kDotsDown);
      cell.letter = mark.letter;
      cell.role = mark.role;
      cell.is_mark = true;
    }
    Page page;
    page.wrap(Text(input_.title, Role::heading), options_.width);
    legend(page);
    for (std::size_t row = 0; row < input_.rows; ++row) page.line(line(row));
    axis(page);
    return page;
  }

 private:
  struct Cell {
    std::uint8_t dots = 0;
    char letter = ' ';
    Role role = Role::plain;
    bool is_mark = false;
  };

  Cell& at(std::size_t column, std::size_t row) { return cells_[row * columns_ + column]; }
  std::size_t width() const { return columns_ * kDotsAcross; }
  std::size_t height() const { return input_.rows * kDotsDown; }

  std::size_t x_of(Instant time) const {
    const double share = static_cast<double>((time - input_.from).count()) / span_;
    return static_cast<std::size_t>(std::clamp(share, 0.0, 1.0) * static_cast<double>(width() - 1));
  }
  std::size_t y_of(double value) const {
    const double share = std::clamp(value / top_, 0.0, 1.0);
    return height() - 1 -
           static_cast<std::size_t>(std::lround(share * static_cast<double>(height() - 1)));
  }

  void dot(std::size_t x, std::size_t y, const Curve& curve) {
    Cell& cell = at(x / kDotsAcross, y / kDotsDown);
    cell.dots |= kDots[y % kDotsDown][x % kDotsAcross];
    cell.letter = curve.letter;
    cell.role = curve.role;
  }
  static bool is_drawn(Stroke stroke, std::size_t step) {
    switch (stroke) {
      case Stroke::dashed:
        return step % 6 < 3;
      case Stroke::dash_dotted:
        return step % 10 < 5 || step % 10 == 7;
      case Stroke::dotted:
        return step % 4 == 0;
      case Stroke::solid:
      case Stroke::points:
        return true;
    }
    return true;
  }
  void horizontal(std::size_t from, std::size_t to, std::size_t y, const Curve& curve) {
    for (std::size_t x = from; x <= to; ++x) {
      if (is_drawn(curve.stroke, x)) dot(x, y, curve);
    }
  }
  void vertical(std::size_t x, std::size_t from, std::size_t to, const Curve& curve) {
    for (std::size_t y = std::min(from, to); y <= std::max(from, to); ++y) {
      if (is_drawn(curve.stroke, y)) dot(x, y, curve);
    }
  }

  void draw_curve(const Curve& curve) {
    const Curve::Point* before = nullptr;
    for (const Curve::Point& point : curve.points) {
      if (point.time > input_.until) break;
      const bool is_above = point.value > top_;
      if (!is_above && point.time >= input_.from) {
        join(before, point, curve);
      } else if (is_above && curve.is_step && before != nullptr) {
        horizontal(x_of(before->time), x_of(point.time), y_of(before->value), curve);
      }
      before = is_above ? nullptr : &point;
    }
    // A value holds to the end of the picture.
    if (curve.is_step && before != nullptr && curve.stroke != Stroke::points) {
      horizontal(x_of(before->time), width() - 1, y_of(before->value), curve);
    }
  }

  void join(const Curve::Point* before, const Curve::Point& point, const Curve& curve) {
    const std::size_t x = x_of(point.time);
    const std::size_t y = y_of(point.value);
    if (before != nullptr && curve.stroke != Stroke::points) {
      const std::size_t was_x = x_of(before->time);
      const std::size_t was_y = y_of(before->value);
      if (curve.is_step) {
        horizontal(was_x, x, was_y, curve);
        vertical(x, was_y, y, curve);
      } else {
        slope(was_x, was_y, x, y, curve);
      }
    }
    dot(x, y, curve);
  }

  void slope(std::size_t x0, std::size_t y0, std::size_t x1, std::size_t y1, const Curve& curve) {
    const auto rise = static_cast<double>(y1) - static_cast<double>(y0);
    for (std::size_t x = x0; x <= x1; ++x) {
      const double share =
          x1 == x0 ? 1 : static_cast<double>(x - x0) / static_cast<double>(x1 - x0);
      const auto y = static_cast<std::size_t>(std::lround(static_cast<double>(y0) + share * rise));
      if (is_drawn(curve.stroke, x)) dot(x, y, curve);
    }
  }

  void legend(Page& page) const {
    std::string text;
    for (const Curve& curve : input_.curves) {
      const std::string_view sample = sample_of(curve.stroke);
      text += text.empty() ? "" : "   ";
      text += options_.ascii
                  ? fmt::format("{}{}{} {}", curve.letter, curve.letter, curve.letter, curve.name)
                  : fmt::format("{} {}", sample, curve.name);
    }
    if (!input_.marks_legend.empty()) text += "   " + input_.marks_legend;
    for (const std::string& line : wrap(text, options_.width)) page.line(line, Role::dim);
  }

  Text line(std::size_t row) const {
    std::string label;
    const bool is_top = row == 0;
    const bool is_bottom = row + 1 == input_.rows;
    if (is_top) label = input_.value_text(top_);
    if (row == input_.rows / 2) {
      const auto below = static_cast<double>(input_.rows - 1 - row);
      label = input_.value_text(top_ * below / static_cast<double>(input_.rows - 1));
    }
    if (is_bottom) label = input_.value_text(0);
    Text text(std::string(kMargin - 1 - std::min(kMargin - 1, views::columns(label)), ' ') + label,
              Role::dim);
    text.add(" ").add(label.empty() ? "│" : "┤", Role::dim);
    for (std::size_t column = 0; column < columns_; ++column) {
      const Cell& cell = cells_[row * columns_ + column];
      if (cell.is_mark || (options_.ascii && cell.dots != 0)) {
        text.add(std::string(1, cell.letter), cell.role);
      } else {
        text.add(cell.dots == 0 ? " " : braille(cell.dots), cell.role);
      }
    }
    return text;
  }

  void axis(Page& page) const {
    Text ruler = Text{}.pad_to(kMargin);
    ruler.add("└", Role::dim);
    Text labels = Text{}.pad_to(kMargin + 1);
    const std::size_t ticks = std::max<std::size_t>(2, columns_ / 16);
    for (std::size_t i = 0; i <= ticks; ++i) {
      const std::size_t column = i * (columns_ - 1) / ticks;
      const auto passed =
          static_cast<Duration::rep>(span_ * static_cast<double>(i) / static_cast<double>(ticks));
      const std::string text = to_text(input_.from + Duration{passed}, 2);
      ruler.pad_to(kMargin + 1 + column, "─", Role::dim).add("┬", Role::dim);
      // The last one stands before its tick: there is no room behind it.
      const std::size_t place = kMargin + 1 + column;
      const bool is_last = i == ticks;
      const std::size_t begin = is_last ? place + 1 - views::columns(text) : place;
      if (begin > labels.columns() || labels.columns() == kMargin + 1) {
        labels.pad_to(begin).add(text, Role::dim);
      }
    }
    page.line(std::move(ruler));
    page.line(std::move(labels));
  }

  const Chart& input_;
  const Options& options_;
  std::size_t columns_;
  std::vector<Cell> cells_;
  double top_ = 1;
  double span_ = 1;
};

}  // namespace

Page chart(const Chart& input, const Options& options) { return Canvas(input, options).draw(); }

}  // namespace strata::views
