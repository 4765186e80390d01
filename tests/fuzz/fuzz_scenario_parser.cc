// SPDX-License-Identifier: MIT
// A scenario file of arbitrary text: it is read or refused in words, each of one printable line;
// what is accepted can be explained, and the explanation is accepted, too; and a small one can be
// built.
#include <string>

#include "sim/scenario/build.h"
#include "sim/scenario/explain.h"
#include "sim/scenario/run.h"
#include "tests/fuzz/fuzz.h"

STRATA_FUZZ_TARGET(scenario_parser) {
  using strata::scenario::Diagnostics;
  constexpr std::size_t kNodesMost = 50;
  const std::string text(input.begin(), input.end());
  Diagnostics diagnostics;
  std::vector<std::string> sources;
  const auto scenario = strata::scenario::load(text, "x.yaml", {}, diagnostics, sources);
  STRATA_FUZZ_EXPECT(scenario.has_value() != diagnostics.has_errors());
  for (const auto& diagnostic : diagnostics.all()) {
    const std::string line = strata::scenario::to_text(diagnostic, sources);
    for (const char c : line) STRATA_FUZZ_EXPECT(static_cast<unsigned char>(c) >= 0x20);
  }
  if (!scenario) return;
  Diagnostics again;
  const auto document = strata::scenario::parse_document(text, "x.yaml", again);
  const std::string explained = strata::scenario::explain(*document);
  STRATA_FUZZ_EXPECT(strata::scenario::load(explained, "x.yaml", {}, again, sources).has_value());
  if (scenario->model.nodes.size() <= kNodesMost) strata::scenario::build(scenario->model);
}
