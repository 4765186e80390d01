// SPDX-License-Identifier: MIT
// Cuts a packetdrill script into tokens. White space, // and # comments and /* */ comments
// separate tokens and mean nothing else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "sim/packetdrill/script.h"

namespace strata::packetdrill {

struct Token {
  enum class Kind : std::uint8_t {
    end,
    number,    // 12, 0x1f, -1: integer
    fraction,  // .1, 0.25: microseconds in `integer` if it is a time
    word,
    text,      // "..." without the quotes
    command,   // `...` without the quotes
    code,      // %{ ... }% without the braces
    option,    // --name=value: text is name, value is value
    address,   // 192.0.2.1 or an IPv6 address
    ellipsis,  // ...
    sign,      // one character
  };
  Kind kind = Kind::end;
  Position at;
  std::string text;  // as written, without delimiters
  std::string value;
  std::int64_t integer = 0;
  bool glued = false;  // no white space in front

  bool is(char c) const { return kind == Kind::sign && text[0] == c; }
  bool is(std::string_view word) const { return kind == Kind::word && text == word; }
};

// The tokens of a script, the last of kind `end`. Fails at a delimiter that is never closed and at
// a number that does not fit. What stands between `#ifdef NAME` and `#endif` counts only for the
// system `system` ("Linux", "FreeBSD").
tl::expected<std::vector<Token>, Problem> tokenize(std::string_view script,
                                                   std::string_view system = "Linux");

}  // namespace strata::packetdrill
