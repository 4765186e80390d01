// SPDX-License-Identifier: MIT
// What every fuzz target shares. A target is one file, fuzz_NAME.cc, that defines
// STRATA_FUZZ_TARGET(NAME): libFuzzer calls it in a build with STRATA_FUZZERS, the replay test
// calls it for every file of corpus/NAME and for mutations of them in any other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "stack/base/assert.h"
#include "stack/base/bytes.h"

#if defined(STRATA_FUZZER)
// One target per executable; libFuzzer brings main().
#define STRATA_FUZZ_TARGET(name)                                                      \
  static void fuzz_##name(::strata::Bytes input);                                     \
  extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) { \
    fuzz_##name({data, size});                                                        \
    return 0;                                                                         \
  }                                                                                   \
  static void fuzz_##name(::strata::Bytes input)
#else
// All targets in the replay test; each enters itself in its list.
#define STRATA_FUZZ_TARGET(name)                                                               \
  static void fuzz_##name(::strata::Bytes input);                                              \
  [[maybe_unused]] static const bool listed_##name = ::strata::fuzz::list(#name, fuzz_##name); \
  static void fuzz_##name(::strata::Bytes input)
#endif

// A property that must hold for every input; ends the process where it does not.
#define STRATA_FUZZ_EXPECT(expression) STRATA_ASSERT(expression)

namespace strata::fuzz {

struct Target {
  std::string name;
  void (*run)(Bytes input);
};

inline std::vector<Target>& targets() {
  static std::vector<Target> list;
  return list;
}

inline bool list(const char* name, void (*run)(Bytes input)) {
  targets().push_back({name, run});
  return true;
}

// Takes values off the front of the input, zeros when it is used up.
class InputReader {
 public:
  explicit InputReader(Bytes input) : rest_(input) {}
  std::uint8_t u8() {
    if (rest_.empty()) return 0;
    const std::uint8_t value = rest_[0];
    rest_ = rest_.subspan(1);
    return value;
  }
  std::uint16_t u16() { return static_cast<std::uint16_t>(u8() << 8 | u8()); }
  Bytes rest() const { return rest_; }

 private:
  Bytes rest_;
};

}  // namespace strata::fuzz
