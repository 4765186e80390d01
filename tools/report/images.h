// SPDX-License-Identifier: MIT
// The octets of frames, each distinct one once, and what they mean: the fields that the dissector
// found. Frames of the same shape share a template (which fields, where); what differs are cells.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "stack/base/bytes.h"
#include "stack/wire/dissect.h"
#include "tools/report/table.h"

namespace strata::report {

class Images {
 public:
  explicit Images(Strings& strings) : strings_(strings) {}

  // The image with these octets, or kNone.
  std::int64_t find(Bytes octets) const;
  // Adds an image; `octets` must outlive this. `dissection` is of exactly these octets.
  std::int64_t add(Bytes octets, const wire::Dissection& dissection);

  const Table& table() const { return table_; }
  const std::string& octets() const { return octets_; }
  std::string templates_json() const;
  std::string cells_json() const;
  std::string field_values_json() const;

 private:
  std::int64_t template_of(const wire::Dissection& dissection);
  std::int64_t field_value(const wire::DissectedField& field);

  Strings& strings_;
  Table table_{"~offset", "length", "template", "~cells"};
  std::string octets_;
  std::unordered_map<std::string_view, std::int64_t> images_;
  std::unordered_map<std::string, std::int64_t> templates_;  // by their shape
  std::vector<std::string> template_order_;                  // JSON
  std::vector<std::int64_t> cells_;
  std::map<std::tuple<std::int64_t, std::int64_t, std::int64_t>, std::int64_t> values_;
  std::vector<std::string> value_order_;
};

}  // namespace strata::report
