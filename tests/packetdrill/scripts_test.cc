// SPDX-License-Identifier: MIT
// The conformance scripts of this folder, each a packetdrill script that must pass.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "sim/packetdrill/runner.h"

namespace strata::packetdrill {
namespace {

std::vector<std::filesystem::path> scripts() {
  std::vector<std::filesystem::path> found;
  for (const auto& entry : std::filesystem::directory_iterator(STRATA_PACKETDRILL_SCRIPTS)) {
    if (entry.path().extension() == ".pkt") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

class Script : public ::testing::TestWithParam<std::filesystem::path> {};

TEST_P(Script, Passes) {
  std::ifstream file(GetParam(), std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};

  // What they expect of time is exact.
  const RunOptions options{.options = {{{}, "tolerance_percent", "0"}}};
  const Report report = run(text, options);

  std::string told;
  for (const std::string& detail : report.details) told += "\n  " + detail;
  EXPECT_EQ(report.verdict, Verdict::passed)
      << GetParam().filename().string() << ":" << report.at.line << ": " << report.problem << told;
}

INSTANTIATE_TEST_SUITE_P(Folder, Script, ::testing::ValuesIn(scripts()), [](const auto& script) {
  std::string name = script.param.stem().string();
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
});

}  // namespace
}  // namespace strata::packetdrill
