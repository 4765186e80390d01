// SPDX-License-Identifier: MIT
// A table for terminals: cells in columns as wide as their widest cell. Where the terminal is
// narrow some columns are left out, and what is then too long goes on below.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "tools/views/text.h"

namespace strata::views {

class Table {
 public:
  struct Column {
    std::string_view title;
    bool is_right = false;          // aligned
    std::size_t dropped_below = 0;  // left out on terminals narrower than this
  };
  struct Cell {
    std::string text;
    Role role = Role::plain;
  };

  explicit Table(std::vector<Column> columns) : columns_(std::move(columns)) {}
  // One cell for each column.
  void row(std::vector<Cell> cells) { rows_.push_back(std::move(cells)); }
  bool is_empty() const { return rows_.empty(); }
  // Appends the titles and the rows, no line wider than the terminal.
  void write(Page& page, const Options& options) const;

 private:
  // The columns there is room for, and how wide each of them is.
  struct Layout {
    std::vector<std::size_t> shown;
    std::vector<std::size_t> widths;  // of all columns
  };
  Layout layout(std::size_t width) const;
  void write_row(Page& page, const Layout& layout, const std::vector<Cell>& cells) const;

  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace strata::views
