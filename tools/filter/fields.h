// SPDX-License-Identifier: MIT
// The fields a display filter may name: Wireshark's names and meanings where Wireshark has them,
// and `strata.*` for what only the simulator knows. docs/views.md is made of this table.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace strata::filter {

// How a value is written and compared. Numbers, booleans (0 or 1), seconds (kept as nanoseconds),
// IPv4 addresses (32 bits) and MAC addresses (48 bits) are numbers; text is text. A protocol is
// there or it is not: it has no value to compare.
enum class FieldType : std::uint8_t { number, boolean, seconds, ipv4, mac, text, protocol };
std::string_view to_text(FieldType type);

struct FieldInfo {
  std::string_view name;
  FieldType type{};
  std::string_view meaning;
};

const std::vector<FieldInfo>& fields();
// Nullptr when there is none of that name.
const FieldInfo* find_field(std::string_view name);
std::vector<std::string> field_names();

// A value of a field of text, else of any other: see FieldType.
struct Value {
  std::uint64_t number = 0;
  std::string text;
  friend auto operator<=>(const Value&, const Value&) = default;
};

}  // namespace strata::filter
