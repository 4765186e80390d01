// SPDX-License-Identifier: MIT
// ICMP without a network: when errors may be sent, how they are built, how often.
#include <gtest/gtest.h>

#include "stack/network/icmp.h"
#include "tests/network/bench.h"

namespace strata::network {
namespace {

struct ErrorCase {
  const char* name;
  Ip header;
  Octets payload;
  bool is_allowed;
};

class MayProvokeError : public testing::TestWithParam<ErrorCase> {};

// verifies RFC 1122 3.2.2-6, 3.2.2-7, 3.2.2-9, 3.2.2-10, RFC 1812 4.3.2.7
TEST_P(MayProvokeError, FollowsTheRules) {
  const Octets bytes = datagram(GetParam().header, GetParam().payload);
  const auto header = wire::Ipv4Header::parse(bytes).value();

  EXPECT_EQ(may_provoke_error(header, Bytes{bytes}.subspan(20)), GetParam().is_allowed);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, MayProvokeError,
    testing::Values(ErrorCase{"udp", {}, Octets(8), true},
                    ErrorCase{"first_fragment", {.mf = true}, Octets(8), true},
                    ErrorCase{"later_fragment", {.mf = true, .offset = 8}, Octets(8), false},
                    ErrorCase{"last_fragment", {.offset = 8}, Octets(8), false},
                    ErrorCase{"echo_request", {.protocol = 1}, icmp(8, 0, 0, {}), true},
                    ErrorCase{"echo_reply", {.protocol = 1}, icmp(0, 0, 0, {}), true},
                    ErrorCase{"unreachable", {.protocol = 1}, icmp(3, 1, 0, {}), false},
                    ErrorCase{"source_quench", {.protocol = 1}, icmp(4, 0, 0, {}), false},
                    ErrorCase{"redirect", {.protocol = 1}, icmp(5, 1, 0, {}), false},
                    ErrorCase{"time_exceeded", {.protocol = 1}, icmp(11, 0, 0, {}), false},
                    ErrorCase{"parameter_problem", {.protocol = 1}, icmp(12, 0, 0, {}), false},
                    ErrorCase{"icmp_without_a_type", {.protocol = 1}, {}, false},
                    ErrorCase{"to_limited_broadcast", {.to = "255.255.255.255"}, Octets(8), false},
                    ErrorCase{"to_multicast", {.to = "224.0.0.1"}, Octets(8), false},
                    ErrorCase{"from_zero", {.from = "0.0.0.0"}, Octets(8), false},
                    ErrorCase{"from_this_network", {.from = "0.0.0.9"}, Octets(8), false},
                    ErrorCase{"from_broadcast", {.from = "255.255.255.255"}, Octets(8), false},
                    ErrorCase{"from_multicast", {.from = "239.1.1.1"}, Octets(8), false},
                    ErrorCase{"from_class_e", {.from = "241.0.0.1"}, Octets(8), false}),
    [](const auto& instance) { return std::string{instance.param.name}; });

TEST(IcmpError, QuotesAsMuchAsFits576Bytes) {  // verifies RFC 1812 4.3.2.3
  PacketPool pool;
  const Octets original = datagram({}, counting(1000));
  const Packet cause = pool.make(Bytes{original});
  const Packet message = make_error(cause, IcmpError::time_exceeded_in_transit(),
                                    cause.bytes().first(20), cause.bytes().subspan(20));

  EXPECT_EQ(octets(message.bytes()), icmp(11, 0, 0, slice(original, 0, 548)));
  EXPECT_EQ(message.parent(), cause.uid());
  EXPECT_EQ(message.parentage(), Parentage::reply);
}

TEST(IcmpError, QuotesAShortDatagramWhole) {
  PacketPool pool;
  const Octets original = datagram({}, counting(3));
  const Packet cause = pool.make(Bytes{original});
  const Packet message = make_error(cause, IcmpError::unreachable(wire::UnreachableCode::port),
                                    cause.bytes().first(20), cause.bytes().subspan(20));

  EXPECT_EQ(octets(message.bytes()), icmp(3, 3, 0, original));
}

// verifies RFC 1122 3.4-6
TEST(QuotedDatagram, NeedsTheHeaderAndEightOctets) {
  const Octets original = datagram({}, counting(100));

  EXPECT_TRUE(quoted_datagram(icmp(3, 3, 0, slice(original, 0, 28))));
  EXPECT_FALSE(quoted_datagram(icmp(3, 3, 0, slice(original, 0, 27))));
  EXPECT_FALSE(quoted_datagram(icmp(3, 3, 0, slice(original, 0, 19))));
  EXPECT_FALSE(quoted_datagram(icmp(3, 3, 0, {})));
}

TEST(QuotedDatagram, MayBeShortIfTheDatagramWas) {
  const Octets message = icmp(3, 3, 0, datagram({}, counting(3)));
  const auto quote = quoted_datagram(message);

  ASSERT_TRUE(quote);
  EXPECT_EQ(octets(quote->payload), counting(3));
}

TEST(QuotedDatagram, EndsWhereTheDatagramEnded) {
  const Octets message = icmp(3, 3, 0, datagram({}, counting(10)) + Octets(90));
  const auto quote = quoted_datagram(message);

  ASSERT_TRUE(quote);
  EXPECT_EQ(octets(quote->payload), counting(10));
}

TEST(QuotedDatagram, OfALaterFragmentNamesNoSocket) {
  EXPECT_FALSE(quoted_datagram(icmp(3, 3, 0, datagram({.offset = 8}, counting(10)))));
}

TEST(QuotedDatagram, TruncatedAnywhereNeverReadsBeyond) {
  const Octets whole = icmp(3, 3, 0, datagram({.options = {1, 1, 1, 0}}, counting(20)));
  for (std::size_t size = 8; size <= whole.size(); ++size) {
    const auto quote = quoted_datagram(Bytes{whole}.first(size));
    EXPECT_EQ(quote.has_value(), size >= 8 + 24 + 8) << size;
  }
}

TEST(TokenBucket, AllowsABurstAndThenTheRate) {  // verifies RFC 1812 4.3.2.8
  TokenBucket bucket{10, 3};
  EXPECT_TRUE(bucket.take(kStart));
  EXPECT_TRUE(bucket.take(kStart));
  EXPECT_TRUE(bucket.take(kStart));
  EXPECT_FALSE(bucket.take(kStart));

  EXPECT_FALSE(bucket.take(kStart + 99ms));
  EXPECT_TRUE(bucket.take(kStart + 100ms));
  EXPECT_FALSE(bucket.take(kStart + 199ms));
  EXPECT_TRUE(bucket.take(kStart + 200ms));
}

TEST(TokenBucket, DoesNotSaveUpMoreThanTheBurst) {
  TokenBucket bucket{10, 3};
  const Instant late = kStart + 24h * 365 * 100;
  int allowed = 0;
  while (bucket.take(late)) ++allowed;

  EXPECT_EQ(allowed, 3);
}

TEST(TokenBucket, ARateOfZeroAllowsNothing) {
  TokenBucket bucket{0, 10};

  EXPECT_FALSE(bucket.take(kStart));
  EXPECT_FALSE(bucket.take(kStart + 1h));
}

}  // namespace
}  // namespace strata::network
