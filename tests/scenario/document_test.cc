// SPDX-License-Identifier: MIT
// Files that are no YAML, or more of it than anyone needs.
#include "tests/scenario/support.h"

namespace strata::scenario {
namespace {

TEST(Document, YamlIsExplainedWithPositions) {
  expect_cases({
      {"nodes: { a: { address: 10.0.0.1/24 }\nlinks: {}\n",
       "x.yaml:2:1: not valid YAML: end of map flow not found; close the '{' with '}', and put ',' "
       "between its entries"},
      {"nodes:\n\ta: {}\n",
       "x.yaml:2:3: not valid YAML: illegal map value; indent with blanks, not with "
       "tabs"},
      {"seed: 1\nseed: 2\n",
       "x.yaml:7:1: 'seed' is given twice (first at line 6); remove one of the two"},
      {"---\nnodes: {}\n---\nnodes: {}\n",
       "x.yaml: the file holds more than one YAML document; a scenario is one document: remove "
       "what "
       "follows '---'"},
      {"title: !!map/strange x\nabout: !mine y\n",
       "x.yaml:7:8: a scenario has no tags such as '!mine'; leave it out"},
      {"about: *missing\n", "x.yaml:6:8: not valid YAML: the referenced anchor is not defined"},
  });
  EXPECT_EQ(diagnose("- nodes\n"),
            "x.yaml:1:1: a scenario is a map of keys, not a list; begin with 'nodes:'\n");
  EXPECT_EQ(diagnose("just text"),
            "x.yaml:1:1: a scenario is a map of keys, not a single value; begin with 'nodes:'\n");
  EXPECT_EQ(diagnose(""),
            "x.yaml: the scenario lacks 'nodes'; 'nodes' is names, each with a map\n");
  EXPECT_EQ(diagnose(std::string_view("nodes: \0", 8)), "x.yaml: this is not a text file\n");
  EXPECT_EQ(diagnose("title: caf\u00e9\nabout: caf\xe9 noir\nnodes:\n"),
            "x.yaml:2:11: what begins here is not UTF-8; save the file in that encoding\n");
}

TEST(Document, HostileFilesAreBounded) {
  EXPECT_EQ(diagnose(std::string(2U << 20, 'x')), "x.yaml: the file is larger than 1 MiB\n");
  EXPECT_EQ(diagnose("a: " + std::string(40, '[') + std::string(40, ']')),
            "x.yaml:1:35: nested more than 32 levels deep\n");
  std::string laughs = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string before = "*a" + std::to_string(i - 1);
    laughs += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int k = 0; k < 10; ++k) laughs += (k > 0 ? "," : "") + before;
    laughs += "]\n";
  }
  EXPECT_THAT(diagnose(laughs), testing::HasSubstr("more than 100000 values"));
}

TEST(Document, NestingAndAliasesWithoutEndAreReportedOnce) {
  EXPECT_EQ(diagnose(std::string(100'000, '[')), "x.yaml:1:1: nested too deeply\n");
  std::string bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n";
  for (char c = 'b'; c < 'k'; ++c) {
    const char previous = static_cast<char>(c - 1);
    bomb += std::string{c} + ": &" + c + " [";
    for (int i = 0; i < 9; ++i) bomb += std::string{i == 0 ? "*" : ",*"} + previous;
    bomb += "]\n";
  }
  EXPECT_EQ(diagnose(bomb), "x.yaml:6:8: more than 100000 values\n");
}

TEST(Document, ControlCharactersOfAFileNeverReachTheTerminal) {
  EXPECT_EQ(
      diagnose(std::string{kPair} + "\"a\\e[31mb\": 1\n"),
      "x.yaml:6:1: unknown key 'a\\x1b[31mb' in the scenario; 'strata check --reference' lists "
      "the keys\n");
}

}  // namespace
}  // namespace strata::scenario
