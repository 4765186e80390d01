// SPDX-License-Identifier: MIT
#include "tests/scenario/support.h"

namespace strata::scenario {

std::string diagnose(std::string_view text, const std::vector<std::string>& overrides) {
  Diagnostics diagnostics;
  std::vector<std::string> sources;
  load(text, "x.yaml", overrides, diagnostics, sources);
  std::string lines;
  for (const Diagnostic& diagnostic : diagnostics.all()) {
    lines += to_text(diagnostic, sources) + "\n";
  }
  return lines;
}

Scenario load_good(std::string_view text, const std::vector<std::string>& overrides) {
  Diagnostics diagnostics;
  std::vector<std::string> sources;
  auto loaded = load(text, "x.yaml", overrides, diagnostics, sources);
  EXPECT_TRUE(loaded) << diagnose(text, overrides) << text;
  return loaded ? std::move(*loaded) : Scenario{};
}

}  // namespace strata::scenario
