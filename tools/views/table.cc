// SPDX-License-Identifier: MIT
#include "tools/views/table.h"

#include <algorithm>

namespace strata::views {

void Table::write(Page& page, const Options& options) const {
  std::vector<std::size_t> shown;
  std::vector<std::size_t> widths(columns_.size());
  for (std::size_t c = 0; c < columns_.size(); ++c) {
    if (options.width >= columns_[c].dropped_below) shown.push_back(c);
    widths[c] = views::columns(columns_[c].title);
    for (const auto& row : rows_) widths[c] = std::max(widths[c], views::columns(row[c].text));
  }
  const auto add = [&](Text& text, std::size_t c, std::string_view cell, Role role) {
    const std::string blanks(widths[c] - views::columns(cell), ' ');
    if (columns_[c].is_right) text.add(blanks);
    text.add(cell, role);
    if (!columns_[c].is_right) text.add(blanks);
    text.add("  ");
  };
  Text heading;
  for (const std::size_t c : shown) add(heading, c, columns_[c].title, Role::heading);
  page.line(heading.cut_to(options.width));
  for (const auto& row : rows_) {
    Text line;
    for (const std::size_t c : shown) add(line, c, row[c].text, row[c].role);
    page.line(line.cut_to(options.width));
  }
}

}  // namespace strata::views
