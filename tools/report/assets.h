// SPDX-License-Identifier: MIT
// The page of the report as the build made it of tools/report/src: part of the program.
#pragma once

#include <string_view>

#include "stack/base/bytes.h"

namespace strata::report {

struct Assets {
  std::string_view script;       // bundled and minified
  std::string_view style;        // likewise
  std::string_view page;         // HTML with @names@ where the parts go
  std::string_view script_hash;  // SHA-256 in base64, for the content security policy
  std::string_view style_hash;
};
const Assets& assets();

}  // namespace strata::report
