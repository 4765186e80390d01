// SPDX-License-Identifier: MIT
#include "tools/views/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>
#include <vector>

namespace strata::views {
namespace {

// Of a character cell and of the margin around all, in units of the picture.
constexpr std::size_t kCellWidth = 8;
constexpr std::size_t kCellHeight = 17;
constexpr std::size_t kMargin = 12;

// The classes are named after the SGR parameters they stand for; contrast is at least 4.5 to 1.
constexpr std::string_view kStyle =
    "svg{background:#fff;color:#1b1f24;font:13px ui-monospace,\"DejaVu Sans Mono\",Menlo,Consolas,"
    "monospace}"
    "text{fill:currentColor;white-space:pre}"
    ".s1{font-weight:bold}.s31{fill:#b3261e}.s32{fill:#1a6b35}.s33{fill:#8a5300}.s34{fill:#1256a8}"
    ".s35{fill:#8a2c92}.s90{fill:#5b636d}"
    "@media(prefers-color-scheme:dark){svg{background:#14181d;color:#e6e9ed}"
    ".s31{fill:#ff8a80}.s32{fill:#7ed491}.s33{fill:#f0b860}.s34{fill:#8ab8ff}"
    ".s35{fill:#e39bea}.s90{fill:#9aa4af}}";

// Of a picture that moves: how long each screen is seen, and for how many of them the last one is.
constexpr double kSeconds = 1.5;
constexpr std::size_t kLastFor = 3;

// "1;31" as class names.
std::string classes_of(std::string_view parameters) {
  std::string classes;
  while (!parameters.empty() && parameters != "0") {
    const std::size_t end = std::min(parameters.find(';'), parameters.size());
    classes += fmt::format("{}s{}", classes.empty() ? "" : " ", parameters.substr(0, end));
    parameters.remove_prefix(std::min(end + 1, parameters.size()));
  }
  return classes;
}

// One line with its escape sequences, each run of one style at its column: whatever the width of a
// glyph in the font, columns stay columns.
void write_line(std::string& out, std::string_view line, std::size_t y) {
  std::string style;
  std::size_t column = 0;
  while (!line.empty()) {
    const std::size_t end = std::min(line.find("\x1b["), line.size());
    const std::string_view run = line.substr(0, end);
    line.remove_prefix(end);
    if (run.find_first_not_of(' ') != std::string_view::npos) {
      const std::string attribute = style.empty() ? "" : fmt::format(" class=\"{}\"", style);
      fmt::format_to(
          std::back_inserter(out), "<text x=\"{}\" y=\"{}\" textLength=\"{}\"{}>{}</text>\n",
          kMargin + column * kCellWidth, y, columns(run) * kCellWidth, attribute, in_markup(run));
    }
    column += columns(run);
    if (line.empty()) break;
    const std::size_t stop = line.find('m');
    if (stop == std::string_view::npos) break;
    style = classes_of(line.substr(2, stop - 2));
    line.remove_prefix(stop + 1);
  }
}

std::string opening(std::size_t columns, std::size_t rows, std::string_view title,
                    std::string_view motion) {
  return fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{0}\" height=\"{1}\" "
      "viewBox=\"0 0 {0} {1}\">\n<title>{2}</title>\n<style>{3}{4}</style>\n",
      2 * kMargin + columns * kCellWidth, 2 * kMargin + rows * kCellHeight, in_markup(title),
      kStyle, motion);
}

// Where a row of text stands.
std::size_t height_of(std::size_t row) { return kMargin + (row + 1) * kCellHeight - 4; }

// One row of the screen as long as it says the same.
struct Stretch {
  std::size_t row = 0;
  std::string line;  // with escape sequences
  std::size_t first = 0;
  std::size_t end = 0;  // number of the screen that says something else
};

std::vector<Stretch> stretches_of(std::span<const Page> screens, std::size_t rows,
                                  const Options& options) {
  std::vector<Stretch> stretches;
  for (std::size_t row = 0; row < rows; ++row) {
    std::string before;
    for (std::size_t i = 0; i < screens.size(); ++i) {
      const std::vector<Text>& lines = screens[i].lines();
      std::string line = row < lines.size() ? lines[row].render(options) : "";
      if (i > 0 && line == before) {
        stretches.back().end = i + 1;
      } else {
        stretches.push_back({.row = row, .line = line, .first = i, .end = i + 1});
      }
      before = std::move(line);
    }
  }
  std::erase_if(stretches, [](const Stretch& stretch) { return stretch.line.empty(); });
  return stretches;
}

}  // namespace

std::string svg(const Page& page, std::string_view title) {
  std::string out = opening(page.columns(), page.lines().size(), title, "");
  const Options colour{.width = page.columns(), .ascii = false, .color = true};
  std::size_t row = 0;
  for (const Text& line : page.lines()) write_line(out, line.render(colour), height_of(row++));
  return out + "</svg>\n";
}

std::string moving_svg(std::span<const Page> screens, std::string_view title) {
  std::size_t columns = 0;
  std::size_t rows = 0;
  for (const Page& screen : screens) {
    columns = std::max(columns, screen.columns());
    rows = std::max(rows, screen.lines().size());
  }
  const Options colour{.width = columns, .ascii = false, .color = true};
  const std::vector<Stretch> stretches = stretches_of(screens, rows, colour);
  const std::size_t turns = screens.size() - 1 + kLastFor;

  // What is seen for n turns shares the keyframes k<n>; where it begins is a delay of its own.
  std::string motion =
      ".m{visibility:hidden}.last{visibility:visible}"
      "@media(prefers-reduced-motion:no-preference){";
  fmt::format_to(std::back_inserter(motion),
                 ".m{{visibility:hidden;animation:{}s step-end infinite}}",
                 kSeconds * static_cast<double>(turns));
  std::set<std::size_t> lengths;
  std::string body;
  for (const Stretch& stretch : stretches) {
    const bool is_last = stretch.end == screens.size();
    if (stretch.first == 0 && is_last) {
      write_line(body, stretch.line, height_of(stretch.row));
      continue;
    }
    const std::size_t length = stretch.end - stretch.first + (is_last ? kLastFor - 1 : 0);
    lengths.insert(length);
    fmt::format_to(std::back_inserter(body),
                   "<g class=\"m{}\" style=\"animation-name:k{};animation-delay:{}s\">\n",
                   is_last ? " last" : "", length, kSeconds * static_cast<double>(stretch.first));
    write_line(body, stretch.line, height_of(stretch.row));
    body += "</g>\n";
  }
  for (const std::size_t length : lengths) {
    fmt::format_to(std::back_inserter(motion),
                   "@keyframes k{}{{0%{{visibility:visible}}{:.4f}%,100%{{visibility:hidden}}}}",
                   length, 100.0 * static_cast<double>(length) / static_cast<double>(turns));
  }
  return opening(columns, rows, title, motion + "}") + body + "</svg>\n";
}

}  // namespace strata::views
