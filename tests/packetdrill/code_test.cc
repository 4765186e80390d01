// SPDX-License-Identifier: MIT
// The subset of Python in %{ }%; expectations are what Python 3 answers.
#include "sim/packetdrill/code.h"

#include <gtest/gtest.h>

namespace strata::packetdrill {
namespace {

std::optional<std::int64_t> lookup(std::string_view name) {
  if (name == "tcpi_snd_cwnd") return 10;
  if (name == "tcpi_rtt") return 20000;
  return std::nullopt;
}

CodeOutcome evaluate(std::string_view code) {
  CodeNames names;
  return run_code(code, lookup, names);
}

TEST(PacketdrillCode, WhatOneBlockAssignsTheNextOneKnows) {
  CodeNames names;
  EXPECT_TRUE(run_code("limit = 0x7fffffff", lookup, names).passed);
  EXPECT_TRUE(run_code("assert limit == 2147483647", lookup, names).passed);
  EXPECT_TRUE(evaluate("assert limit == 2147483647").unsupported);
}

TEST(PacketdrillCode, EvaluatesAsPythonDoes) {
  for (const std::string_view code : {"assert 1 + 2 * 3 == 7",
                                      "assert (1 + 2) * 3 == 9",
                                      "assert -7 // 2 == -4",
                                      "assert -7 % 3 == 2",
                                      "assert 7 / 2 == 3.5",
                                      "assert 2 < 3 < 4",
                                      "assert not 3 < 2 < 1",
                                      "assert 1 | 6 == 7",
                                      "assert (6 & 3) == 2",
                                      "assert 1 << 4 == 16",
                                      "assert 0x10 == 16",
                                      "assert 1 == 2 or 3 == 3",
                                      "assert not (1 == 1 and 2 == 3)",
                                      "assert abs(-5) == 5",
                                      "assert min(3, 1, 2) == 1",
                                      "assert 3 in (1, 2, 3)",
                                      "assert True and not False",
                                      "assert ~0 == -1",
                                      "assert (1 if 2 > 1 else 0) == 1",
                                      "x = 5; assert x * 2 == 10",
                                      "x = 5; x += 2 * 3; x -= 1; x //= 3; assert x == 3",
                                      "assert 95*1000 <= tcpi_rtt * 5 <= 105*1000"}) {
    const CodeOutcome outcome = evaluate(code);
    EXPECT_TRUE(outcome.passed) << code << ": " << outcome.text;
  }
}

TEST(PacketdrillCode, SkipsPrintAndMessages) {
  EXPECT_TRUE(evaluate("print(tcpi_snd_cwnd)\nprint tcpi_nothing").passed);
  EXPECT_TRUE(evaluate("assert tcpi_snd_cwnd == 10, 'cwnd=%d' % (tcpi_unknown, 3)").passed);
  EXPECT_TRUE(evaluate("assert tcpi_snd_cwnd == 10; \\\n assert tcpi_rtt > 0 # a comment").passed);
}

TEST(PacketdrillCode, AnUntrueConditionSkipsItsBlock) {
  EXPECT_TRUE(
      evaluate("if (tcpi_rtt == 1):\n  print 'so'\n  assert tcpi_rtt == 1\nassert 1").passed);
  EXPECT_FALSE(evaluate("if tcpi_rtt == 20000:\n  assert tcpi_rtt == 1\n").passed);
  EXPECT_FALSE(evaluate("if tcpi_rtt == 1:\n  pass\nassert tcpi_rtt == 1").passed);
}

TEST(PacketdrillCode, TellsTheValuesOfWhatDoesNotHold) {
  const CodeOutcome outcome = evaluate("assert tcpi_snd_cwnd == 7, tcpi_snd_cwnd");

  EXPECT_FALSE(outcome.passed);
  EXPECT_FALSE(outcome.unsupported);
  EXPECT_EQ(outcome.text, "tcpi_snd_cwnd == 7 does not hold: tcpi_snd_cwnd = 10");
}

TEST(PacketdrillCode, SaysWhatItDoesNotUnderstand) {
  EXPECT_TRUE(evaluate("assert tcpi_unknown == 1").unsupported);
  EXPECT_TRUE(evaluate("for x in y: pass").unsupported);
  EXPECT_TRUE(evaluate("assert 1 / 0 == 1").unsupported);
  EXPECT_TRUE(evaluate("assert (1 == 1").unsupported);
}

}  // namespace
}  // namespace strata::packetdrill
