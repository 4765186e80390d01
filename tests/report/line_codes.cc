// SPDX-License-Identifier: MIT
// Prints what stack/physical puts on a line for some octets, as JSON: the judge of the waveforms
// that the report draws (unit/line_code.test.ts). Octets come as hexadecimal arguments.
#include <fmt/core.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stack/physical/line_code.h"

namespace {

int digit(char c) { return c <= '9' ? c - '0' : c - 'a' + 10; }

std::vector<std::uint8_t> octets_of(std::string_view hex) {
  std::vector<std::uint8_t> octets;
  for (std::size_t i = 0; i + 1 < hex.size(); i += 2) {
    octets.push_back(static_cast<std::uint8_t>(digit(hex[i]) * 16 + digit(hex[i + 1])));
  }
  return octets;
}

}  // namespace

int main(int argc, char** argv) {
  using strata::physical::LineCodeKind;
  std::string out;
  for (int i = 1; i < argc; ++i) {
    for (const LineCodeKind kind :
         {LineCodeKind::nrz, LineCodeKind::nrzi, LineCodeKind::manchester, LineCodeKind::mlt3}) {
      std::string levels;
      for (const std::int8_t level : strata::physical::encode(kind, octets_of(argv[i]))) {
        levels += level < 0 ? '-' : level > 0 ? '+' : '0';
      }
      out +=
          fmt::format("{}{{\"octets\":\"{}\",\"code\":\"{}\",\"levels\":\"{}\"}}",
                      out.empty() ? "" : ",\n", argv[i], strata::physical::to_text(kind), levels);
    }
  }
  fmt::print("[{}]\n", out);
}
