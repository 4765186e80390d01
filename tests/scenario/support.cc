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

std::string whole(std::string_view text) {
  const bool has_nodes = text.find("nodes:") != std::string_view::npos;
  return (has_nodes ? "" : std::string{kPair}) + std::string{text};
}

void expect_cases(std::initializer_list<Case> cases) {
  for (const Case& row : cases) {
    EXPECT_EQ(diagnose(whole(row.text)), std::string{row.message} + "\n") << whole(row.text);
  }
}

Scenario load_good(std::string_view text, const std::vector<std::string>& overrides) {
  Diagnostics diagnostics;
  std::vector<std::string> sources;
  auto loaded = load(text, "x.yaml", overrides, diagnostics, sources);
  EXPECT_TRUE(loaded) << diagnose(text, overrides) << text;
  return loaded ? std::move(*loaded) : Scenario{};
}

}  // namespace strata::scenario
