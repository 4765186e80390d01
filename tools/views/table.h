// SPDX-License-Identifier: MIT
// A table for terminals: cells in columns as wide as their widest cell, some of which are left out
// where the terminal is narrow.
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
  // Appends the titles and the rows, cut at the width of the terminal.
  void write(Page& page, const Options& options) const;

 private:
  std::vector<Column> columns_;
  std::vector<std::vector<Cell>> rows_;
};

}  // namespace strata::views
