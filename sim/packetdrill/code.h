// SPDX-License-Identifier: MIT
// The part of Python that scripts use in %{ }%: assert, print, assignments and expressions of
// numbers. Names that are not assigned are asked for (tcpi_snd_cwnd and the like).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace strata::packetdrill {

// The value of a name; nullopt when there is none.
using Lookup = std::function<std::optional<std::int64_t>(std::string_view)>;

struct CodeOutcome {
  bool passed = true;
  bool unsupported = false;  // the code is beyond the subset
  std::string text;          // what failed, with the values involved
};

// A number of the code: whole, or with a fraction.
struct CodeValue {
  bool whole = true;
  std::int64_t integer = 0;
  double real = 0;

  double as_real() const { return whole ? static_cast<double>(integer) : real; }
  bool truth() const { return whole ? integer != 0 : real != 0; }
};
// What has been assigned; the blocks of a script share it.
using CodeNames = std::map<std::string, CodeValue, std::less<>>;

CodeOutcome run_code(std::string_view code, const Lookup& lookup, CodeNames& names);

}  // namespace strata::packetdrill
