// SPDX-License-Identifier: MIT
#include "tools/export/json.h"

namespace strata::exports {

std::string hex_of(Bytes octets) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(octets.size() * 2);
  for (const std::uint8_t octet : octets) {
    text += kDigits[octet >> 4U];
    text += kDigits[octet & 0xfU];
  }
  return text;
}

std::string text_of(const Json& json, bool is_indented) {
  return json.dump(is_indented ? 2 : -1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace strata::exports
