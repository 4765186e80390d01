// SPDX-License-Identifier: MIT
// Values as people write them in a filter. One value is a range of one; an address with a prefix
// length is a range of addresses.
#pragma once

#include <optional>
#include <string_view>

#include "tools/filter/fields.h"

namespace strata::filter {

// From and to, both included.
struct Range {
  Value from;
  Value to;
};

// Nullopt when the words are no value of that type.
std::optional<Range> parse_value(FieldType type, std::string_view text);
// What a value of the type looks like, for people: "a number such as 80 or 0x50".
std::string_view example_of(FieldType type);

}  // namespace strata::filter
