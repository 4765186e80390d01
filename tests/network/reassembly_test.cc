// SPDX-License-Identifier: MIT
#include "stack/network/reassembly.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "stack/base/random.h"
#include "tests/network/bench.h"

namespace strata::network {
namespace {

class Reassembly : public testing::Test {
 protected:
  std::optional<Octets> add(const Octets& bytes, Instant now = kStart) {
    Packet packet = pool.make(Bytes{bytes});
    const auto header = wire::Ipv4Header::parse(packet.bytes()).value();
    const auto whole = reassembler.add(std::move(packet), header, PortId{0}, now);
    if (!whole) return std::nullopt;
    EXPECT_EQ(whole->parentage(), Parentage::reassembly);
    return octets(whole->bytes());
  }
  std::uint64_t dropped(DropReason reason) const { return drops.counters().count(reason); }

  PacketPool pool;
  Tracer tracer;
  NodeContext context{.node = NodeId{1}, .pool = &pool, .tracer = &tracer};
  DropLog drops{context};
  Reassembler reassembler{context, drops, 60s, 1U << 20};
  const Octets payload = counting(3980);
  const std::vector<Octets> three{
      datagram({.mf = true}, slice(payload, 0, 1480)),
      datagram({.mf = true, .offset = 1480}, slice(payload, 1480, 2960)),
      datagram({.offset = 2960}, slice(payload, 2960)),
  };
};

TEST_F(Reassembly, AnyOrderOfFragmentsGivesTheDatagram) {  // verifies RFC 791 3.2
  const Octets small = counting(40);
  std::vector<Octets> five;
  for (int i = 0; i < 5; ++i) {
    const auto at = static_cast<std::size_t>(8 * i);
    five.push_back(datagram({.mf = i < 4, .offset = 8 * i}, slice(small, at, at + 8)));
  }
  std::vector<std::size_t> order{0, 1, 2, 3, 4};
  do {
    for (std::size_t i = 0; i < 4; ++i) ASSERT_FALSE(add(five[order[i]]));
    ASSERT_EQ(add(five[order[4]]), datagram({}, small));
  } while (std::ranges::next_permutation(order).found);
  EXPECT_EQ(reassembler.bytes_held(), 0U);
  EXPECT_EQ(drops.counters().total(), 0U);
}

TEST_F(Reassembly, TheHeaderIsThatOfTheFirstFragment) {
  const Octets options{148, 4, 0, 0};
  add(datagram({.ttl = 9, .offset = 8}, counting(4)));
  const auto whole =
      add(datagram({.ttl = 63, .mf = true, .tos = 0x10, .options = options}, counting(8, 100)));

  EXPECT_EQ(whole,
            datagram({.ttl = 63, .tos = 0x10, .options = options}, counting(8, 100) + counting(4)));
}

TEST_F(Reassembly, DatagramsThatDifferInAnyKeyFieldAreKeptApart) {
  const Octets half = counting(8);
  add(datagram({.mf = true}, half));

  EXPECT_FALSE(add(datagram({.from = "10.0.1.98", .offset = 8}, half)));
  EXPECT_FALSE(add(datagram({.to = "10.0.1.11", .offset = 8}, half)));
  EXPECT_FALSE(add(datagram({.protocol = 6, .offset = 8}, half)));
  EXPECT_FALSE(add(datagram({.id = 0x1235, .offset = 8}, half)));
  EXPECT_EQ(reassembler.datagrams(), 5U);
  EXPECT_TRUE(add(datagram({.offset = 8}, half)));
}

TEST_F(Reassembly, AnExactDuplicateIsIgnored) {
  add(three[0]);
  add(three[2]);
  add(three[0]);
  add(three[2]);

  EXPECT_EQ(add(three[1]), datagram({}, payload));
  EXPECT_EQ(drops.counters().total(), 0U);
}

TEST_F(Reassembly, AnOverlapDropsTheWholeDatagramAndWhatFollows) {  // verifies RFC 5722 section 4
  add(three[0]);
  add(datagram({.mf = true, .offset = 1472}, counting(16)));
  EXPECT_EQ(dropped(DropReason::fragment_overlap), 2U);

  EXPECT_FALSE(add(three[1]));
  EXPECT_FALSE(add(three[2]));
  EXPECT_FALSE(add(three[0]));
  EXPECT_EQ(dropped(DropReason::fragment_overlap), 5U);
}

struct OverlapCase {
  const char* name;
  int offset;
  std::size_t length;
};

class ReassemblyOverlap : public Reassembly, public testing::WithParamInterface<OverlapCase> {};

TEST_P(ReassemblyOverlap, IsDetected) {
  add(datagram({.mf = true, .offset = 80}, counting(80)));
  add(datagram({.mf = true, .offset = GetParam().offset}, counting(GetParam().length, 1)));

  EXPECT_EQ(dropped(DropReason::fragment_overlap), 2U);
}

INSTANTIATE_TEST_SUITE_P(Shapes, ReassemblyOverlap,
                         testing::Values(OverlapCase{"front", 72, 16}, OverlapCase{"back", 152, 16},
                                         OverlapCase{"inside", 96, 8},
                                         OverlapCase{"around", 0, 240},
                                         OverlapCase{"same_start", 80, 8},
                                         OverlapCase{"same_end", 152, 8},
                                         OverlapCase{"same_range_other_data", 80, 80}),
                         [](const auto& instance) { return std::string{instance.param.name}; });

// verifies RFC 1122 3.3.2-6
TEST_F(Reassembly, TheTimeRunsFromTheFirstFragmentAndIsNotExtended) {
  add(three[0], kStart);
  add(three[1], kStart + 59s);

  EXPECT_EQ(reassembler.next_deadline(), kStart + 60s);
  EXPECT_FALSE(reassembler.pop_expired(kStart + 59s));
  const auto expired = reassembler.pop_expired(kStart + 60s);
  ASSERT_TRUE(expired);
  EXPECT_EQ(octets(expired->first_fragment.bytes()), three[0]);
  EXPECT_EQ(dropped(DropReason::reassembly_timeout), 2U);
  EXPECT_EQ(reassembler.bytes_held(), 0U);
  EXPECT_EQ(reassembler.next_deadline(), kNever);
}

TEST_F(Reassembly, WithNothingHeldNothingExpires) { EXPECT_FALSE(reassembler.pop_expired(kNever)); }

TEST_F(Reassembly, WithoutFragmentZeroNothingIsHandedBackToQuote) {
  add(three[1]);

  const auto expired = reassembler.pop_expired(kStart + 60s);
  ASSERT_TRUE(expired);
  EXPECT_FALSE(expired->first_fragment.has_value());
}

TEST_F(Reassembly, ARefusedDatagramExpiresSilently) {
  add(three[0]);
  add(datagram({.mf = true, .offset = 8}, counting(8)));

  const auto expired = reassembler.pop_expired(kStart + 60s);
  ASSERT_TRUE(expired);
  EXPECT_FALSE(expired->first_fragment.has_value());
  EXPECT_EQ(reassembler.datagrams(), 0U);
}

TEST_F(Reassembly, AFragmentThatIsNoMultipleOfEightIsMalformedUnlessTheLast) {
  EXPECT_FALSE(add(datagram({.mf = true}, counting(12))));
  EXPECT_EQ(dropped(DropReason::fragment_malformed), 1U);
  EXPECT_EQ(reassembler.datagrams(), 0U);
}

TEST_F(Reassembly, AnEmptyFragmentIsMalformed) {
  EXPECT_FALSE(add(datagram({.mf = true}, {})));
  EXPECT_FALSE(add(datagram({.offset = 8}, {})));
  EXPECT_EQ(dropped(DropReason::fragment_malformed), 2U);
}

TEST_F(Reassembly, ADatagramOfMoreThan65535OctetsIsMalformed) {
  // Offset 65528 and 8 octets: 65536 with no header at all ("ping of death").
  EXPECT_FALSE(add(datagram({.offset = 65528}, counting(8))));
  // 65515 is the most a header of 20 octets leaves.
  EXPECT_FALSE(add(datagram({.offset = 65512}, counting(4))));
  EXPECT_EQ(dropped(DropReason::fragment_malformed), 2U);

  EXPECT_FALSE(add(datagram({.id = 2, .offset = 65512}, counting(3))));
  EXPECT_EQ(dropped(DropReason::fragment_malformed), 2U);
}

TEST_F(Reassembly, TheHeaderOfTheFirstFragmentCountsToo) {
  // The last fragment fits behind 20 octets of header, but the first has 24.
  const std::size_t rest = 65512 - 32768;
  add(datagram({.offset = 65512}, counting(3)));
  add(datagram({.mf = true, .offset = 32768}, counting(rest)));
  EXPECT_FALSE(add(datagram({.mf = true, .options = {1, 1, 1, 0}}, counting(32768))));

  EXPECT_EQ(dropped(DropReason::fragment_malformed), 3U);
}

TEST_F(Reassembly, DataBehindTheEndIsMalformed) {
  add(three[2]);
  add(datagram({.mf = true, .offset = 4000}, counting(8)));

  EXPECT_EQ(dropped(DropReason::fragment_malformed), 2U);
}

TEST_F(Reassembly, TwoDifferentEndsAreMalformed) {
  add(three[2]);
  add(datagram({.offset = 4800}, counting(8)));

  EXPECT_EQ(dropped(DropReason::fragment_malformed), 2U);
}

TEST_F(Reassembly, AnEndBeforeWhatIsHeldIsMalformed) {
  add(three[1]);
  add(datagram({.offset = 800}, counting(8)));

  EXPECT_EQ(dropped(DropReason::fragment_malformed), 2U);
}

TEST_F(Reassembly, CongestionExperiencedByOneFragmentIsKept) {  // verifies RFC 3168 5.3
  add(datagram({.mf = true, .tos = 2}, counting(8)));
  const auto whole = add(datagram({.offset = 8, .tos = 3}, counting(8)));

  ASSERT_TRUE(whole);
  EXPECT_EQ((*whole)[1], 3);
}

TEST_F(Reassembly, CongestionMarksAmongFragmentsThatCannotBearThemAreRefused) {
  add(datagram({.mf = true, .tos = 0}, counting(8)));
  EXPECT_FALSE(add(datagram({.offset = 8, .tos = 3}, counting(8))));

  EXPECT_EQ(dropped(DropReason::fragment_malformed), 2U);
}

TEST_F(Reassembly, TheOldestDatagramMakesRoom) {
  Reassembler small{context, drops, 60s, 8000};
  const auto add_to_small = [&](int id, int offset, bool mf) {
    Packet packet =
        pool.make(Bytes{datagram({.id = id, .mf = mf, .offset = offset}, counting(1000))});
    const auto header = wire::Ipv4Header::parse(packet.bytes()).value();
    return small.add(std::move(packet), header, PortId{0}, kStart).has_value();
  };
  for (int id = 1; id <= 4; ++id) add_to_small(id, 0, true);

  EXPECT_LE(small.bytes_held(), 8000U);
  EXPECT_EQ(dropped(DropReason::reassembly_limit), 1U);
  EXPECT_FALSE(add_to_small(1, 1000, false));  // its first half is gone
  EXPECT_TRUE(add_to_small(4, 1000, false));   // the newest was spared
}

// Whatever arrives: nothing breaks, memory stays bounded, and every datagram that comes out is one
// that a correct sender could have meant.
TEST_F(Reassembly, SurvivesFragmentSoup) {
  RandomStream random{11, "soup"};
  constexpr std::size_t kLimit = 64 * 1024;
  Reassembler soup{context, drops, 60s, kLimit};
  Instant now = kStart;
  int completed = 0;
  for (int i = 0; i < 20000; ++i) {
    now += Duration{static_cast<std::int64_t>(random.below(40'000'000))};
    const Ip header{.id = static_cast<int>(random.below(40)),
                    .mf = random.below(3) != 0,
                    .offset = static_cast<int>(8 * random.below(random.below(50) == 0 ? 8192 : 4)),
                    .tos = random.below(20) == 0 ? 3 : 2};
    const Octets bytes =
        datagram(header, counting(random.below(4) == 0 ? random.below(40) : 8 + 8 * random.below(2),
                                  static_cast<std::uint8_t>(header.offset)));
    Packet packet = pool.make(Bytes{bytes});
    const auto parsed = wire::Ipv4Header::parse(packet.bytes()).value();
    const auto whole = soup.add(std::move(packet), parsed, PortId{0}, now);
    if (whole) {
      ++completed;
      const auto result = wire::Ipv4Header::parse(whole->bytes());
      ASSERT_TRUE(result);
      ASSERT_FALSE(result->is_fragment());
      ASSERT_EQ(octets(whole->bytes().subspan(20)), counting(result->payload_bytes()));
    }
    ASSERT_LE(soup.bytes_held(), kLimit);
    ASSERT_LE(pool.outstanding(), kLimit / 512 + 2);
    while (soup.pop_expired(now)) {
    }
  }
  EXPECT_GT(completed, 20);
  while (soup.pop_expired(now + 60s)) {
  }
  EXPECT_EQ(soup.bytes_held(), 0U);
}

}  // namespace
}  // namespace strata::network
