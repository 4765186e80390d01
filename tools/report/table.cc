// SPDX-License-Identifier: MIT
#include "tools/report/table.h"

#include <fmt/format.h>

#include <iterator>

#include "stack/base/assert.h"

namespace strata::report {

std::int64_t Strings::id(std::string_view text) {
  const auto [found, is_new] =
      ids_.try_emplace(std::string{text}, static_cast<std::int64_t>(all_.size()));
  if (is_new) all_.emplace_back(text);
  return found->second;
}

Table::Table(std::initializer_list<std::string_view> names) {
  for (std::string_view name : names) {
    Column column;
    column.is_difference = name.starts_with('~');
    if (column.is_difference) name.remove_prefix(1);
    column.name = name;
    columns_.push_back(std::move(column));
  }
}

void Table::add(std::initializer_list<std::int64_t> row) {
  STRATA_ASSERT(row.size() == columns_.size());
  std::size_t at = 0;
  for (const std::int64_t value : row) {
    Column& column = columns_[at++];
    const std::int64_t written = column.is_difference ? value - column.last : value;
    column.last = value;
    if (!column.values.empty()) column.values += ',';
    fmt::format_to(std::back_inserter(column.values), "{}", written);
  }
  ++count_;
}

std::string Table::json() const {
  std::string text = "{";
  for (const Column& column : columns_) {
    if (text.size() > 1) text += ',';
    text += fmt::format("\"{}\":[{}]", column.name, column.values);
  }
  return text += '}';
}

}  // namespace strata::report
