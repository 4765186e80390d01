// SPDX-License-Identifier: MIT
// The reader of citations and the checks, on a few lines each.
#include "tests/conformance/page.h"

namespace strata::conformance {
namespace {

using References = std::vector<Reference>;

TEST(Citations, LabelsAndSectionsOfOneRfc) {
  EXPECT_EQ(parse_references("RFC 9293 3.10.7.4 (MUST-58): aggregate as in 3.9"),
            (References{{9293, "3.10.7.4"}, {9293, "MUST-58"}}));
}

TEST(Citations, ListsOfSectionsAndOfRfcs) {
  EXPECT_EQ(parse_references("RFC 6298 5.1, 5.4 to 5.6, RFC 1122 3.2.1.3-2"),
            (References{{6298, "5.1"}, {6298, "5.4"}, {6298, "5.6"}, {1122, "3.2.1.3-2"}}));
}

TEST(Citations, ASingleNumberIsASectionOnlyDirectlyBehindTheRfc) {
  EXPECT_EQ(parse_references("RFC 1191 section 3"), (References{{1191, "3"}}));
  EXPECT_EQ(parse_references("RFC 5681 3.2 steps 2 and 3"), (References{{5681, "3.2"}}));
  EXPECT_EQ(parse_references("RFC 9293 figure 6"), References{});
}

TEST(Citations, LetteredPartsOfASection) {
  EXPECT_EQ(parse_references("RFC 1122 3.2.1.8 (c)"), (References{{1122, "3.2.1.8c"}}));
  EXPECT_EQ(parse_references("RFC 1122 3.2.1.8c-3"), (References{{1122, "3.2.1.8c-3"}}));
}

TEST(Citations, WordingBehindTheColonIsNoCitationButALaterRfcIs) {
  EXPECT_EQ(parse_references("RFC 791 3.2: 4.5 octets; RFC 1122 3.3.2."),
            (References{{791, "3.2"}, {1122, "3.3.2"}}));
}

TEST(Citations, AVerifyingLineBelongsToTheTestAroundOrBelow) {
  const std::string text =
      "// verifies RFC 793 1.1\n"
      "\n"
      "// verifies RFC 793 1.2,\n"
      "// 1.3\n"
      "TEST(A, Below) {\n"
      "}\n"
      "TEST_F(LongName,\n"
      "       Around) {\n"
      "  // verifies RFC 793 1.4\n"
      "}\n"
      "void helper() {\n"
      "  // verifies RFC 793 1.5\n"
      "}\n";
  std::vector<std::string> tests;
  for (const Citation& citation : verified_in("tests/a_test.cc", text)) {
    tests.push_back(citation.reference.place + " " + citation.test);
  }
  EXPECT_EQ(tests, (std::vector<std::string>{"1.1 ", "1.2 A.Below", "1.3 A.Below",
                                             "1.4 LongName.Around", "1.5 "}));
}

TEST(Citations, OnlyCommentsCount) {
  EXPECT_TRUE(cited_in_code("a.cc", "const char* text = \"RFC 793 1.1\";\n").empty());
  EXPECT_EQ(cited_in_code("a.cc", "x();  // RFC 793 1.1\n").size(), 1U);
  EXPECT_EQ(verified_in("a.pkt", "# verifies RFC 793 1.1\n").size(), 1U);
  const auto script = verified_in("tests/conversation/close/a.pkt", "// verifies RFC 793 1.1\n");
  ASSERT_EQ(script.size(), 1U);
  EXPECT_EQ(script.front().test, "close/a.pkt");
}

Record record_of_one(const char* level) {
  Record record;
  record.requirements = {{9293, "MUST-1", level, "3.1", "A requirement."}};
  return record;
}

TEST(Faults, ABindingRequirementNeedsATestOrAnException) {
  Record record = record_of_one("MUST NOT");
  EXPECT_EQ(faults_of(record).size(), 1U);
  record.tests = {{{9293, "MUST-1"}, "a_test.cc", 1, "A.B"}};
  EXPECT_TRUE(faults_of(record).empty());
  record.tests.clear();
  record.exceptions["RFC 9293 MUST-1"] = "a reason of more than a few words";
  EXPECT_TRUE(faults_of(record).empty());
  EXPECT_TRUE(faults_of(record_of_one("MAY")).empty());
}

TEST(Faults, AnExceptionNeedsAReasonAndNoTest) {
  Record record = record_of_one("MUST");
  record.exceptions["RFC 9293 MUST-1"] = "no";
  EXPECT_EQ(faults_of(record).size(), 1U);
  record.exceptions["RFC 9293 MUST-1"] = "a reason of more than a few words";
  record.tests = {{{9293, "MUST-1"}, "a_test.cc", 1, "A.B"}};
  EXPECT_EQ(faults_of(record).size(), 1U);
}

TEST(Faults, WhatDoesNotExistCannotBeCited) {
  Record record = record_of_one("MAY");
  record.tests = {{{9293, "MUST-70"}, "a_test.cc", 1, "A.B"}, {{9293, "3.1"}, "a_test.cc", 2, ""}};
  record.exceptions["RFC 9293 MUST-71"] = "a reason of more than a few words";
  record.open = {"RFC 9293 MUST-72"};
  EXPECT_EQ(faults_of(record).size(), 3U);
}

TEST(Faults, TheListOfOpenRequirementsOnlyShrinks) {
  Record record = record_of_one("MUST");
  record.open = {"RFC 9293 MUST-1"};
  EXPECT_TRUE(faults_of(record).empty());
  EXPECT_EQ(still_open(record), record.open);
  record.tests = {{{9293, "MUST-1"}, "a_test.cc", 1, "A.B"}};
  EXPECT_EQ(faults_of(record).size(), 1U);
  EXPECT_TRUE(still_open(record).empty());
}

TEST(Page, LinesThatMoveDoNotMakeItStale) {
  Record record = record_of_one("MUST");
  record.code = {{{9293, "MUST-1"}, "stack/a.cc", 10, ""}};
  const std::string before = render_page(record);
  record.code[0].line = 11;
  EXPECT_NE(render_page(record), before);
  EXPECT_EQ(without_line_numbers(render_page(record)), without_line_numbers(before));
  record.code[0].path = "stack/b.cc";
  EXPECT_NE(without_line_numbers(render_page(record)), without_line_numbers(before));
}

}  // namespace
}  // namespace strata::conformance
