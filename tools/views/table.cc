// SPDX-License-Identifier: MIT
#include "tools/views/table.h"

#include <algorithm>

namespace strata::views {
namespace {

constexpr std::size_t kGap = 2;     // between columns
constexpr std::size_t kNarrow = 6;  // no column is made narrower than this

std::size_t indent_of(std::string_view text) {
  return std::min(text.find_first_not_of(' '), text.size());
}

// How wide the text has to be for no word of it to be broken.
std::size_t longest_word(std::string_view text) {
  const std::size_t indent = indent_of(text);
  std::size_t longest = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    longest = std::max(longest, columns(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return indent + longest;
}

// Takes one column from the widest that has some to spare beyond `floors`; false: none has.
bool narrow(std::vector<std::size_t>& widths, const std::vector<std::size_t>& floors) {
  std::size_t chosen = widths.size();
  for (std::size_t c = 0; c < widths.size(); ++c) {
    if (widths[c] > floors[c] && (chosen == widths.size() || widths[c] > widths[chosen]))
      chosen = c;
  }
  if (chosen == widths.size()) return false;
  --widths[chosen];
  return true;
}

}  // namespace

Table::Layout Table::layout(std::size_t width) const {
  Layout result{{}, std::vector<std::size_t>(columns_.size())};
  std::vector<std::size_t>& widths = result.widths;
  std::size_t total = 0;
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (width < columns_[c].dropped_below) continue;
    widths[c] = views::columns(columns_[c].title);
    for (const auto& row : rows_) widths[c] = std::max(widths[c], views::columns(row[c].text));
    total += widths[c] + (result.shown.empty() ? 0 : kGap);
    result.shown.push_back(c);
  }
  std::vector<std::size_t> words(columns_.size());
  for (const std::size_t c : result.shown) {
    words[c] = longest_word(columns_[c].title);
    for (const auto& row : rows_) words[c] = std::max(words[c], longest_word(row[c].text));
  }
  // Rather lines between words than within them, rather within them than over the edge.
  const std::vector<std::size_t> least(columns_.size(), kNarrow);
  while (total > width && (narrow(widths, words) || narrow(widths, least))) --total;
  return result;
}

void Table::write_row(Page& page, const Layout& layout, const std::vector<Cell>& cells) const {
  std::vector<std::vector<Text>> parts(cells.size());
  std::size_t height = 1;
  for (const std::size_t c : layout.shown) {
    const std::string& text = cells[c].text;
    parts[c] = Text(text, cells[c].role).wrapped(layout.widths[c], indent_of(text));
    height = std::max(height, parts[c].size());
  }
  for (std::size_t i = 0; i < height; ++i) {
    Text line;
    std::size_t begin = 0;
    for (const std::size_t c : layout.shown) {
      line.pad_to(begin);
      begin += layout.widths[c] + kGap;
      if (i >= parts[c].size()) continue;
      if (columns_[c].is_right) line.pad_to(begin - kGap - parts[c][i].columns());
      line.add(parts[c][i]);
    }
    page.line(std::move(line));
  }
}

void Table::write(Page& page, const Options& options) const {
  const Layout fitted = layout(options.width);
  std::vector<Cell> titles;
  for (const Column& column : columns_)
    titles.push_back({std::string{column.title}, Role::heading});
  write_row(page, fitted, titles);
  for (const auto& row : rows_) write_row(page, fitted, row);
}

}  // namespace strata::views
