// SPDX-License-Identifier: MIT
// The retransmission queue as scoreboard: the functions of RFC 6675 4, by hand and against a model
// that computes them octet by octet from their definitions.
#include "stack/transport/tcp/retransmit_queue.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "stack/base/random.h"

namespace strata::tcp::testing {
namespace {

constexpr auto ignore = [](const SegmentRecord&) {};

// Twenty records of 100 octets.
class TcpRetransmitQueue : public ::testing::Test {
 protected:
  void SetUp() override {
    for (std::uint64_t i = 0; i < 20; ++i) {
      queue_.push({.begin = 100 * i, .length = 100, .last_sent = kStart + Duration{i}});
    }
  }
  void resend_next() { queue_.on_resent(*queue_.next_lost(), kStart + 1s); }
  std::uint64_t pipe() { return queue_.pipe(queue_.front().begin, 2000); }
  RetransmitQueue queue_;
};

TEST_F(TcpRetransmitQueue, LostRecordsAreSentInOrderAndFollowAcknowledgements) {
  queue_.mark_all_lost(RetransmitCause::timeout);
  EXPECT_EQ(queue_.lost_octets(), 2000U);
  EXPECT_EQ(queue_.next_lost()->begin, 0U);
  resend_next();
  EXPECT_EQ(queue_.lost_octets(), 1900U);
  const Acknowledged acknowledged = queue_.acknowledge(1050, ignore);

  EXPECT_TRUE(acknowledged.any_record);
  EXPECT_EQ(acknowledged.last_begin, 900U);
  EXPECT_EQ(queue_.front().begin, 1050U);
  EXPECT_EQ(queue_.front().length, 50U);
  EXPECT_EQ(queue_.next_lost()->begin, 1050U);
  EXPECT_EQ(queue_.lost_octets(), 950U);
  queue_.acknowledge(2000, ignore);
  EXPECT_TRUE(queue_.empty());
  EXPECT_EQ(queue_.next_lost(), nullptr);
}

TEST_F(TcpRetransmitQueue, RecordsAreCutAnewUpToTheSegmentSize) {
  queue_.push({.begin = 2000, .length = 1, .fin = true, .pushed = true});
  queue_.acknowledge(50, ignore);
  queue_.repack(300);

  ASSERT_EQ(queue_.size(), 7U);
  EXPECT_EQ(queue_.front().begin, 50U);
  EXPECT_EQ(queue_.front().length, 300U);
  EXPECT_FALSE(queue_.front().fin);
  EXPECT_EQ(queue_.back().begin, 1850U);
  EXPECT_EQ(queue_.back().length, 151U);
  EXPECT_TRUE(queue_.back().fin);
  EXPECT_TRUE(queue_.back().pushed);
  queue_.mark_all_lost(RetransmitCause::timeout);
  EXPECT_EQ(queue_.lost_octets(), 1951U);
}

// verifies RFC 2018 5: only segments wholly contained in a block
TEST_F(TcpRetransmitQueue, BlockCountsOnlyForSegmentsItContainsWholly) {
  queue_.sack(150, 450, ignore);
  EXPECT_EQ(queue_.sacked_octets(), 200U);
  EXPECT_EQ(queue_.sacked_count(), 2U);
}

// verifies RFC 6675 4: IsLost() by more than (DupThresh - 1) * SMSS octets, SetPipe(), NextSeg()
TEST_F(TcpRetransmitQueue, ThreeSegmentsSackedMakeWhatIsBelowLost) {
  queue_.sack(300, 500, ignore);
  queue_.mark_lost_below_sacked(3, 200);
  EXPECT_FALSE(queue_.has_lost());
  EXPECT_EQ(pipe(), 1800U);

  queue_.sack(500, 600, ignore);
  queue_.mark_lost_below_sacked(3, 200);

  EXPECT_EQ(queue_.lost_octets(), 300U);
  EXPECT_EQ(pipe(), 1400U);
  EXPECT_EQ(queue_.next_lost()->begin, 0U);
  resend_next();
  EXPECT_EQ(queue_.next_lost()->begin, 100U);
  EXPECT_EQ(pipe(), 1500U);
}

// verifies RFC 6675 4: IsLost() by DupThresh discontiguous sequences
TEST_F(TcpRetransmitQueue, ThreeSeparateRunsMakeWhatIsBelowLost) {
  for (const std::uint64_t begin : {300U, 700U, 1100U}) queue_.sack(begin, begin + 100, ignore);
  queue_.mark_lost_below_sacked(3, 10'000);
  EXPECT_EQ(queue_.lost_octets(), 300U);
}

// verifies RFC 6675 4: NextSeg() (3) and (4)
TEST_F(TcpRetransmitQueue, LastResortsAreBelowTheHighestBlockAndAtTheEnd) {
  queue_.sack(300, 400, ignore);
  queue_.begin_recovery();
  EXPECT_EQ(queue_.next_below_sacked()->begin, 0U);
  for (int i = 0; i < 3; ++i) queue_.on_resent(*queue_.next_below_sacked(), kStart + 1s);
  EXPECT_EQ(queue_.next_below_sacked(), nullptr);
  // Sent again without being lost: counted twice.
  EXPECT_EQ(pipe(), 2000U - 100U + 300U);
  queue_.sack(1900, 2000, ignore);
  EXPECT_EQ(queue_.last_unsacked()->begin, 1800U);
}

TEST_F(TcpRetransmitQueue, UncountedRepetitionIsInFlightOnce) {
  SegmentRecord& last = *queue_.last_unsacked();
  queue_.on_resent(last, kStart + 1s, Repeat::uncounted);
  EXPECT_EQ(pipe(), 2000U);
  EXPECT_TRUE(last.is_retransmitted());
  queue_.mark_lost(last, RetransmitCause::sack);
  queue_.on_resent(last, kStart + 2s, Repeat::uncounted);
  EXPECT_EQ(queue_.lost_octets(), 0U) << "what was lost has been sent again";
}

// verifies RFC 2018 8: what was sacked counts again as outstanding after reneging
TEST_F(TcpRetransmitQueue, ForgottenBlocksAreOutstandingAgain) {
  queue_.sack(0, 1000, ignore);
  queue_.forget_sacks();
  EXPECT_EQ(queue_.sacked_octets(), 0U);
  EXPECT_EQ(pipe(), 2000U);
  queue_.mark_all_lost(RetransmitCause::timeout);
  EXPECT_EQ(queue_.lost_octets(), 2000U);
}

TEST_F(TcpRetransmitQueue, ForgivenRecordsAreInFlight) {
  queue_.sack(500, 600, ignore);
  queue_.mark_all_lost(RetransmitCause::timeout);
  resend_next();
  queue_.forgive();
  EXPECT_FALSE(queue_.has_lost());
  EXPECT_EQ(pipe(), 1900U);
}

// verifies RFC 8985 6.2: the order of transmission
TEST_F(TcpRetransmitQueue, ResentRecordsMoveToTheEndOfTheOrderOfTransmission) {
  queue_.mark_first_lost(RetransmitCause::rack);
  resend_next();
  queue_.sack(100, 200, ignore);
  std::vector<std::uint64_t> order;
  for (SegmentRecord* r = queue_.oldest_sent(); r != nullptr; r = queue_.sent_after(*r)) {
    order.push_back(r->begin);
  }
  ASSERT_EQ(order.size(), 19U);
  EXPECT_EQ(order.front(), 200U);
  EXPECT_EQ(order.back(), 0U);
}

// A queue whose every figure is computed anew from the definitions.
struct Model {
  struct Record {
    std::uint64_t begin, end;
    bool sacked, lost, resent;
  };
  std::vector<Record> records;

  bool is_lost(std::size_t i) const {
    std::uint64_t octets = 0;
    int runs = 0;
    for (std::size_t k = i + 1; k < records.size(); ++k) {
      if (!records[k].sacked) continue;
      octets += records[k].end - records[k].begin;
      if (!records[k - 1].sacked || k == i + 1) ++runs;
    }
    return octets > 200 || runs >= 3;
  }
  std::uint64_t pipe() const {
    std::uint64_t sum = 0;
    for (const Record& r : records) {
      if (r.sacked) continue;
      const std::uint64_t length = r.end - r.begin;
      if (!r.lost) sum += length;
      if (r.resent) sum += length;
    }
    return sum;
  }
};

TEST(TcpScoreboard, AgreesWithTheDefinitionsUnderRandomEvents) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    RandomStream random{seed, "scoreboard"};
    RetransmitQueue queue;
    Model model;
    std::uint64_t una = 0;
    std::uint64_t nxt = 0;
    for (int step = 0; step < 400; ++step) {
      const std::uint64_t event = random.below(10);
      if (event < 4) {
        const std::uint64_t length = 1 + random.below(100);
        queue.push({.begin = nxt, .length = static_cast<std::uint32_t>(length)});
        model.records.push_back({nxt, nxt + length, false, false, false});
        nxt += length;
      } else if (event < 7 && nxt > una) {
        const std::uint64_t begin = una + random.below(nxt - una);
        const std::uint64_t end =
            begin + random.below(std::min<std::uint64_t>(nxt - begin, 300) + 1);
        queue.sack(begin, end, ignore);
        for (Model::Record& r : model.records) {
          if (begin <= r.begin && r.end <= end && !r.sacked)
            r = {r.begin, r.end, true, false, false};
        }
        queue.mark_lost_below_sacked(3, 200);
        for (std::size_t i = 0; i < model.records.size(); ++i) {
          if (!model.records[i].sacked && model.is_lost(i)) model.records[i].lost = true;
        }
      } else if (event == 7 && queue.next_lost() != nullptr) {
        SegmentRecord* next = queue.next_lost();
        const auto wanted =
            std::find_if(model.records.begin(), model.records.end(),
                         [](const Model::Record& r) { return r.lost && !r.resent; });
        ASSERT_NE(wanted, model.records.end());
        ASSERT_EQ(next->begin, wanted->begin) << "seed " << seed;
        queue.on_resent(*next, kStart);
        wanted->resent = true;
      } else if (event == 8 && nxt > una) {
        una += random.below(std::min<std::uint64_t>(nxt - una, 150) + 1);
        queue.acknowledge(una, ignore);
        std::erase_if(model.records, [&](const Model::Record& r) { return r.end <= una; });
        if (!model.records.empty()) {
          model.records[0].begin = std::max(model.records[0].begin, una);
        }
      } else if (event == 9 && random.below(20) == 0 && nxt > una) {
        queue.mark_all_lost(RetransmitCause::timeout);
        for (Model::Record& r : model.records) {
          if (!r.sacked) r.lost = true, r.resent = false;
        }
      }
      ASSERT_EQ(queue.pipe(una, nxt), model.pipe()) << "seed " << seed << " step " << step;
    }
  }
}

}  // namespace
}  // namespace strata::tcp::testing
