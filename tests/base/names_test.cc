// SPDX-License-Identifier: MIT
// The stable names of enumerations: they appear in JSON, captures and expectations.
#include <set>
#include <string_view>

#include "stack/base/drop_reason.h"
#include "stack/base/events.h"
#include "stack/base/protocol.h"
#include "stack/base/result.h"

namespace strata {
namespace {

template <typename Enum>
void expect_distinct_names(int count) {
  std::set<std::string_view> names;
  for (int i = 0; i < count; ++i) {
    const std::string_view name = to_text(static_cast<Enum>(i));
    EXPECT_FALSE(name.empty() || name == "?" || name == "E?") << i;
    EXPECT_TRUE(names.insert(name).second) << name;
  }
}

TEST(Names, EveryEnumeratorHasOneOfItsOwn) {
  expect_distinct_names<DropReason>(static_cast<int>(kDropReasons));
  expect_distinct_names<Layer>(static_cast<int>(Layer::application) + 1);
  expect_distinct_names<Protocol>(static_cast<int>(Protocol::fcs) + 1);
  expect_distinct_names<Errc>(static_cast<int>(Errc::protocol_error) + 1);
  expect_distinct_names<TcpState>(static_cast<int>(TcpState::time_wait) + 1);
  expect_distinct_names<RetransmitCause>(static_cast<int>(RetransmitCause::path_mtu) + 1);
  expect_distinct_names<SegmentKind>(static_cast<int>(SegmentKind::reset) + 1);
  expect_distinct_names<SegmentVerdict>(static_cast<int>(SegmentVerdict::rejected) + 1);
  expect_distinct_names<TimerAction>(static_cast<int>(TimerAction::fired) + 1);
  expect_distinct_names<TableChange>(static_cast<int>(TableChange::expired) + 1);
  expect_distinct_names<NeighbourState>(static_cast<int>(NeighbourState::failed) + 1);
}

TEST(Names, OfStatesAreThoseOfTheRfc) {
  EXPECT_EQ(to_text(TcpState::syn_received), "SYN-RECEIVED");
  EXPECT_EQ(to_text(TcpState::fin_wait_2), "FIN-WAIT-2");
}

TEST(Names, OfErrorsAreThoseOfPosix) {
  EXPECT_EQ(to_text(Errc::would_block), "EAGAIN");
  EXPECT_EQ(to_text(Errc::connection_refused), "ECONNREFUSED");
}

TEST(DropCounters, CountByReasonAndInTotal) {
  DropCounters counters;
  counters.add(DropReason::loss);
  counters.add(DropReason::loss);
  counters.add(DropReason::memory_limit);
  EXPECT_EQ(counters.count(DropReason::loss), 2U);
  EXPECT_EQ(counters.count(DropReason::no_route), 0U);
  EXPECT_EQ(counters.total(), 3U);
}

TEST(Protocol, EveryOneBelongsToALayer) {
  EXPECT_EQ(layer_of(Protocol::physical), Layer::physical);
  EXPECT_EQ(layer_of(Protocol::arp), Layer::link);
  EXPECT_EQ(layer_of(Protocol::icmpv4), Layer::network);
  EXPECT_EQ(layer_of(Protocol::udp), Layer::transport);
  EXPECT_EQ(layer_of(Protocol::http), Layer::application);
}

}  // namespace
}  // namespace strata
