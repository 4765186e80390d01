// SPDX-License-Identifier: MIT
#include "tools/views/svg.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace strata::views {
namespace {

// Of a character cell and of the margin around all, in units of the picture.
constexpr std::size_t kCellWidth = 8;
constexpr std::size_t kCellHeight = 17;
constexpr std::size_t kMargin = 12;

// The classes are named after the SGR parameters they stand for; contrast is at least 4.5 to 1.
constexpr std::string_view kStyle =
    "<style>"
    "svg{background:#fff;color:#1b1f24;font:13px ui-monospace,\"DejaVu Sans Mono\",Menlo,Consolas,"
    "monospace}"
    "text{fill:currentColor;white-space:pre}"
    ".s1{font-weight:bold}.s31{fill:#b3261e}.s32{fill:#1a6b35}.s33{fill:#8a5300}.s34{fill:#1256a8}"
    ".s35{fill:#8a2c92}.s90{fill:#5b636d}"
    "@media(prefers-color-scheme:dark){svg{background:#14181d;color:#e6e9ed}"
    ".s31{fill:#ff8a80}.s32{fill:#7ed491}.s33{fill:#f0b860}.s34{fill:#8ab8ff}"
    ".s35{fill:#e39bea}.s90{fill:#9aa4af}}"
    "</style>";

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

}  // namespace

std::string svg(const Page& page, std::string_view title) {
  const std::size_t width = 2 * kMargin + page.columns() * kCellWidth;
  const std::size_t height = 2 * kMargin + page.lines().size() * kCellHeight;
  std::string out = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" width=\"{0}\" height=\"{1}\" "
      "viewBox=\"0 0 {0} {1}\">\n<title>{2}</title>\n{3}\n",
      width, height, in_markup(title), kStyle);
  const Options colour{.width = page.columns(), .ascii = false, .color = true};
  std::size_t y = kMargin + kCellHeight - 4;
  for (const Text& line : page.lines()) {
    write_line(out, line.render(colour), y);
    y += kCellHeight;
  }
  return out + "</svg>\n";
}

}  // namespace strata::views
