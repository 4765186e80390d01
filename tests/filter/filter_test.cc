// SPDX-License-Identifier: MIT
// The filter language: what it takes, what it says about mistakes, and the fields that only the
// simulator has.
#include "tools/filter/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/command.h"
#include "tests/views/runs.h"

namespace strata::filter {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const trace::Recording& fast_retransmit() {
  static const trace::Recording kRecording =
      views::record(test::read_file(test::source_root() / "scenarios/loss/fast-retransmit.yaml"),
                    "fast-retransmit.yaml");
  return kRecording;
}

std::vector<std::uint64_t> passing(std::string_view text) {
  auto filter = Filter::parse(text);
  EXPECT_TRUE(filter.has_value()) << text << ": " << filter.error().what;
  std::vector<std::uint64_t> uids;
  if (!filter) return uids;
  PacketFilter packets(fast_retransmit(), std::move(*filter));
  views::for_each_packet(fast_retransmit(), [&](PacketUid uid) {
    if (packets.passes(uid)) uids.push_back(raw(uid));
  });
  return uids;
}

Mistake mistake(std::string_view text) {
  const auto filter = Filter::parse(text);
  EXPECT_FALSE(filter.has_value()) << text;
  return filter ? Mistake{} : filter.error();
}

TEST(Filter, WordsAndSymbolsMeanTheSameAndBindTheSame) {
  EXPECT_EQ(passing("tcp.flags.syn == 1 && tcp.flags.ack == 0 || arp"),
            passing("(tcp.flags.syn eq true and tcp.flags.ack eq 0) or arp"));
  EXPECT_EQ(passing("!tcp.len > 0"), passing("not (tcp.len gt 0)"));
  EXPECT_EQ(passing("tcp.srcport in {80, 8000..8080}"), passing("tcp.srcport == 0x50"));
  EXPECT_EQ(passing("").size(), passing("tcp or arp").size());
}

TEST(Filter, KnowsWhatNoCaptureShows) {
  const auto again = passing("strata.event == retx");
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(passing("tcp.analysis.retransmission"), again);
  EXPECT_EQ(passing("strata.retx == \"fast retransmit\""), again);
  EXPECT_EQ(passing("strata.drop").size(), 1U);
  EXPECT_EQ(passing("tcp.analysis.duplicate_ack && strata.node == server").size(), 7U);
  EXPECT_FALSE(passing("strata.cwnd >= 14600 && strata.state == ESTABLISHED").empty());
  EXPECT_THAT(passing("strata.uid == 1"), testing::ElementsAre(1U));
  EXPECT_THAT(passing("strata.corrupt > 0"), IsEmpty());
}

TEST(Filter, SaysInWhichColumnWhatIsWrong) {
  const struct {
    std::string_view text;
    std::size_t column;
    std::string_view says;
  } kCases[] = {
      {"tcp.flags.sin == 1", 1, "did you mean 'tcp.flags.syn'?"},
      {"ip.src == 10.0.0.256", 11, "an IPv4 address"},
      {"ip.src = 10.0.0.1", 8, "write == to compare"},
      {"tcp & udp", 5, "write && or 'and'"},
      {"tcp && ", 8, "a field is missing"},
      {"(tcp || udp", 1, "no closing )"},
      {"tcp == 6", 5, "write 'tcp' alone"},
      {"tcp.flags.syn > 0", 15, "compare it with == or !="},
      {"tcp.payload contains \"GET", 22, "no closing quotation mark"},
      {"tcp.payload matches \"(\"", 21, "not a regular expression"},
      {"tcp.port contains \"8\"", 10, "searches text"},
      {"tcp.port in {90..80}", 14, "ends before it begins"},
      {"tcp.port in {80", 13, "closing }"},
      {"tcp.port == 80 udp", 16, "does not belong here"},
      {"tcp.port == 99999999999999999999", 13, "a number"},
      {"tcp.port ==", 12, "is missing"},
      {"$", 1, "means nothing"},
  };
  for (const auto& each : kCases) {
    const Mistake found = mistake(each.text);
    EXPECT_EQ(found.column, each.column) << each.text;
    EXPECT_THAT(found.what, HasSubstr(std::string{each.says}));
  }
  mistake(std::string(100'000, '('));
  mistake(std::string(100'000, '!'));
}

TEST(Filter, WarnsOfAFlagAlone) {
  EXPECT_THAT(Filter::parse("tcp.flags.syn")->hint(), HasSubstr("== 1"));
  EXPECT_THAT(Filter::parse("tcp.flags.syn == 1")->hint(), IsEmpty());
}

TEST(Filter, EveryFieldIsInThePageAboutTheViews) {
  const std::string page = test::read_file(test::source_root() / "docs" / "views.md");
  for (const FieldInfo& field : fields()) {
    std::string row = "| `" + std::string{field.name} + "` | " + std::string{to_text(field.type)} +
                      " | " + std::string{field.meaning} + " |";
    EXPECT_THAT(page, HasSubstr(row));
  }
}

}  // namespace
}  // namespace strata::filter
