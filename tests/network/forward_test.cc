// SPDX-License-Identifier: MIT
// A router: what it forwards, what it changes on the way, what it tells the source.
#include <gtest/gtest.h>

#include "stack/base/random.h"
#include "tests/network/bench.h"

namespace strata::network {
namespace {

constexpr PortId kLeft{0};
constexpr PortId kRight{1};

// 10.0.1.1/24 on the left, 10.0.2.1/24 (MTU 600) on the right, 10.0.3.0/24 behind 10.0.2.2.
class Router : public testing::Test {
 protected:
  explicit Router(NetworkConfig config = {}) : bench{with_forwarding(config)} {
    bench.add_port({net("10.0.1.1/24")}, {"10.0.1.10", "10.0.1.2"});
    bench.add_port({net("10.0.2.1/24")}, {"10.0.2.2", "10.0.2.20"}, 600);
    bench.network().add_route(
        {.destination = net("10.0.3.0/24"), .gateway = ip("10.0.2.2"), .port = kRight}, kStart);
    bench.network().add_route(
        {.destination = net("10.0.4.0/24"), .gateway = ip("10.0.1.2"), .port = kLeft}, kStart);
  }
  static NetworkConfig with_forwarding(NetworkConfig config) {
    config.forwarding = true;
    return config;
  }
  // What an ICMP error looks like from its IP header on.
  void expect_error(const Bench::Sent& sent, int type, int code, std::uint32_t rest,
                    const Octets& quote, std::string_view from = "10.0.1.1") {
    EXPECT_EQ(
        sent.bytes,
        datagram({.from = from, .to = "10.0.1.10", .protocol = 1, .id = sent.word(4), .tos = 0xc0},
                 icmp(type, code, rest, quote)));
  }

  Bench bench;
  const Octets payload = udp(1000, 2000, counting(20));
  const Ip transit{.from = "10.0.1.10", .to = "10.0.3.30"};
};

// verifies RFC 1122 3.1-4
TEST_F(Router, ChangesNothingButTtlAndChecksum) {  // verifies RFC 1812 5.2.1.2
  RandomStream random{3, "transit"};
  for (int i = 0; i < 300; ++i) {
    Ip header{.from = "10.0.1.10",
              .to = "10.0.3.30",
              .protocol = static_cast<int>(random.below(256)),
              .ttl = static_cast<int>(random.between(2, 255)),
              .id = static_cast<int>(random.below(65536)),
              .df = random.below(2) == 0,
              .mf = random.below(2) == 0,
              .offset = static_cast<int>(random.below(100)) * 8,
              .tos = static_cast<int>(random.below(256))};
    const Octets body = counting(random.below(580));
    bench.receives(datagram(header, body));
    --header.ttl;

    const auto sent = bench.take_only_sent();
    ASSERT_EQ(sent.bytes, datagram(header, body));
    ASSERT_EQ(sent.to, Bench::mac_of("10.0.2.2"));
    ASSERT_EQ(sent.port, kRight);
  }
}

TEST_F(Router, ReportsWhatItForwards) {
  bench.receives(datagram(transit, payload));

  const auto events = bench.events<DatagramForwarded>();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].in, kLeft);
  EXPECT_EQ(events[0].out, kRight);
  EXPECT_EQ(events[0].route, net("10.0.3.0/24"));
  EXPECT_EQ(events[0].next_hop, IpAddress{ip("10.0.2.2")});
  EXPECT_EQ(events[0].ttl_before, 64);
  EXPECT_EQ(events[0].ttl_after, 63);
}

TEST_F(Router, ForwardsInTheBufferTheDatagramCameIn) {
  const std::uint64_t before = raw(bench.pool().next_uid());
  bench.receives(datagram(transit, payload));

  EXPECT_EQ(raw(bench.pool().next_uid()), before + 2);  // the arriving packet is the only new one
}

TEST_F(Router, DeliversToAConnectedNetworkDirectly) {
  bench.receives(datagram({.from = "10.0.1.10", .to = "10.0.2.20"}, payload));

  EXPECT_EQ(bench.take_only_sent().to, Bench::mac_of("10.0.2.20"));
}

TEST_F(Router, AnExpiredTtlIsReportedToTheSource) {  // verifies RFC 1812 5.3.1
  for (const int ttl : {1, 0}) {
    Ip header = transit;
    header.ttl = ttl;
    bench.receives(datagram(header, payload));

    expect_error(bench.take_only_sent(), 11, 0, 0, datagram(header, payload));
  }
  EXPECT_EQ(bench.drops(DropReason::ttl_exceeded), 2U);
}

TEST_F(Router, AMissingRouteIsReportedToTheSource) {  // verifies RFC 1812 5.2.7.1
  Ip header = transit;
  header.to = "192.0.2.1";
  bench.receives(datagram(header, payload));

  expect_error(bench.take_only_sent(), 3, 0, 0, datagram(header, payload));
  EXPECT_EQ(bench.drops(DropReason::no_route), 1U);
}

// verifies RFC 1122 3.3.5-4
TEST_F(Router, ADatagramTooLargeToGoOnUnfragmentedIsReportedWithTheMtu) {  // verifies RFC 1191 4
  Ip header = transit;
  header.df = true;
  const Octets large = counting(600);
  bench.receives(datagram(header, large));

  // RFC 1812 4.3.2.3: the whole error has 576 bytes.
  const auto sent = bench.take_only_sent();
  expect_error(sent, 3, 4, 600, slice(datagram(header, large), 0, 548));
  EXPECT_EQ(sent.bytes.size(), 576U);
  EXPECT_EQ(bench.drops(DropReason::fragmentation_needed), 1U);
}

TEST_F(Router, FragmentsWhatIsTooLarge) {  // verifies RFC 1812 4.2.2.7
  const Octets large = counting(1000);
  bench.receives(datagram(transit, large));

  Ip header = transit;
  --header.ttl;
  header.mf = true;
  const auto sent = bench.take_sent();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(sent[0].bytes, datagram(header, slice(large, 0, 576)));
  header.mf = false;
  header.offset = 576;
  EXPECT_EQ(sent[1].bytes, datagram(header, slice(large, 576)));
}

TEST_F(Router, AnUnresolvedNeighbourIsReportedToTheSource) {  // verifies RFC 1812 5.2.7.1
  Ip header = transit;
  header.to = "10.0.2.77";
  bench.receives(datagram(header, payload));
  bench.advance(1min);

  --header.ttl;  // it was ready to go
  expect_error(bench.take_only_sent(), 3, 1, 0, datagram(header, payload));
}

TEST_F(Router, AcceptsWhatIsAddressedToIt) {
  bench.receives(datagram({.from = "10.0.1.10", .to = "10.0.2.1"}, payload));

  EXPECT_EQ(bench.delivered.size(), 1U);
  EXPECT_TRUE(bench.is_silent());
}

TEST_F(Router, DoesNotForwardMartians) {  // verifies RFC 1812 5.3.7
  for (const char* from : {"127.0.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1",
                           "10.0.2.255", "10.0.1.1"}) {
    bench.receives(datagram({.from = from, .to = "10.0.3.30"}, payload));
  }
  EXPECT_EQ(bench.drops(DropReason::martian_source), 7U);
  for (const char* to : {"127.0.0.1", "0.1.2.3", "240.0.0.1"}) {
    bench.receives(datagram({.from = "10.0.1.10", .to = to}, payload));
  }
  EXPECT_EQ(bench.drops(DropReason::martian_destination), 3U);
  EXPECT_TRUE(bench.is_silent());
}

TEST_F(Router, DoesNotForwardWhatCameInABroadcastFrame) {  // verifies RFC 1812 5.3.4
  bench.receives_broadcast_frame(datagram(transit, payload));

  EXPECT_TRUE(bench.is_silent());
  EXPECT_EQ(bench.drops(DropReason::broadcast_not_allowed), 1U);
}

TEST_F(Router, DoesNotForwardLimitedBroadcasts) {  // verifies RFC 1812 5.3.5.1
  bench.receives_broadcast_frame(datagram({.from = "10.0.1.10", .to = "255.255.255.255"}, payload));

  EXPECT_TRUE(bench.is_silent());
  EXPECT_EQ(bench.delivered.size(), 1U);
}

TEST_F(Router, DirectedBroadcastsAreNotForwardedByDefault) {  // verifies RFC 2644 section 2
  bench.receives(datagram({.from = "10.0.1.10", .to = "10.0.2.255"}, payload));

  EXPECT_TRUE(bench.is_silent());
  EXPECT_TRUE(bench.delivered.empty());
  EXPECT_EQ(bench.drops(DropReason::broadcast_not_allowed), 1U);
}

class BroadcastRouter : public Router {
 protected:
  BroadcastRouter() : Router{{.forward_directed_broadcast = true}} {}
};

TEST_F(BroadcastRouter, ForwardsDirectedBroadcastsIfAsked) {  // verifies RFC 1812 5.3.5.2
  bench.receives(datagram({.from = "10.0.1.10", .to = "10.0.2.255"}, payload));

  const auto sent = bench.take_only_sent();
  EXPECT_TRUE(sent.to.is_broadcast());
  EXPECT_EQ(sent.port, kRight);
  EXPECT_EQ(sent.bytes, datagram({.from = "10.0.1.10", .to = "10.0.2.255", .ttl = 63}, payload));
  EXPECT_EQ(bench.delivered.size(), 1U);  // it is a station of that network too
}

// verifies RFC 1122 3.2.2-9
TEST_F(Router, ALaterFragmentProvokesNoError) {  // verifies RFC 1812 4.3.2.7
  Ip header = transit;
  header.ttl = 1;
  header.offset = 8;
  bench.receives(datagram(header, payload));

  EXPECT_TRUE(bench.is_silent());
  EXPECT_EQ(bench.drops(DropReason::ttl_exceeded), 1U);
}

// ---- redirects ---------------------------------------------------------------------------------

TEST_F(Router, TellsANeighbourOfABetterGatewayAndForwardsAllTheSame) {  // RFC 1812 5.2.7.2
  Ip header = transit;
  header.to = "10.0.4.40";  // behind 10.0.1.2, where it came from
  bench.receives(datagram(header, payload));

  const auto sent = bench.take_sent();
  ASSERT_EQ(sent.size(), 2U);
  expect_error(sent[0], 5, 1, ip("10.0.1.2").value(), datagram(header, payload));
  --header.ttl;
  EXPECT_EQ(sent[1].bytes, datagram(header, payload));
  EXPECT_EQ(sent[1].to, Bench::mac_of("10.0.1.2"));
}

TEST_F(Router, DoesNotRedirectSourcesOfOtherNetworks) {  // verifies RFC 1812 5.2.7.2
  bench.receives(datagram({.from = "10.0.3.30", .to = "10.0.4.40"}, payload), kLeft);

  EXPECT_EQ(bench.take_only_sent().to, Bench::mac_of("10.0.1.2"));
}

class RouterWithoutRedirects : public Router {
 protected:
  RouterWithoutRedirects() : Router{{.send_redirects = false}} {}
};

TEST_F(RouterWithoutRedirects, OnlyForwards) {
  bench.receives(datagram({.from = "10.0.1.10", .to = "10.0.4.40"}, payload));

  EXPECT_EQ(bench.take_only_sent().to, Bench::mac_of("10.0.1.2"));
}

TEST_F(Router, ObeysNoRedirects) {  // verifies RFC 1812 5.2.7.2
  const Octets quote = datagram({.from = "10.0.1.1", .to = "10.0.3.30"}, payload);
  bench.receives(datagram({.from = "10.0.2.2", .to = "10.0.2.1", .protocol = 1},
                          icmp(5, 1, ip("10.0.2.20").value(), quote)),
                 kRight);
  bench.receives(datagram(transit, payload));

  EXPECT_EQ(bench.take_only_sent().to, Bench::mac_of("10.0.2.2"));
}

// ---- options -----------------------------------------------------------------------------------

TEST_F(Router, RecordsItselfInTheRecordRouteOption) {  // verifies RFC 1812 5.3.13.5
  Ip header = transit;
  header.options = {7, 11, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0};
  bench.receives(datagram(header, payload));

  --header.ttl;
  header.options = {7, 11, 8, 10, 0, 2, 1, 0, 0, 0, 0, 0};
  EXPECT_EQ(bench.take_only_sent().bytes, datagram(header, payload));
}

TEST_F(Router, AFullRecordRouteOptionGoesOnUnchanged) {  // verifies RFC 791 3.1
  Ip header = transit;
  header.options = {7, 7, 8, 1, 2, 3, 4, 0};
  bench.receives(datagram(header, payload));

  --header.ttl;
  EXPECT_EQ(bench.take_only_sent().bytes, datagram(header, payload));
}

TEST_F(Router, WritesTheTimeAndItsAddressInTheTimestampOption) {  // verifies RFC 1812 5.3.13.6
  bench.advance(1500ms);
  Ip header = transit;
  header.options = {68, 12, 5, 1, 0, 0, 0, 0, 0, 0, 0, 0};
  bench.receives(datagram(header, payload));

  --header.ttl;
  header.options = {68, 12, 13, 1, 10, 0, 2, 1, 0x80, 0, 0x05, 0xdd};  // 1501 ms
  EXPECT_EQ(bench.take_only_sent().bytes, datagram(header, payload));
}

TEST_F(Router, WritesNoTimeWhereAnotherNodeIsAwaited) {  // verifies RFC 791 3.1
  Ip header = transit;
  header.options = {68, 12, 5, 3, 10, 0, 9, 9, 0, 0, 0, 0};
  bench.receives(datagram(header, payload));

  --header.ttl;
  EXPECT_EQ(bench.take_only_sent().bytes, datagram(header, payload));
}

TEST_F(Router, ATimestampOptionWhoseOverflowCountIsFullIsAnError) {  // verifies RFC 791 3.1
  Ip header = transit;
  header.options = {68, 8, 9, 0xf0, 0, 0, 0, 0};
  bench.receives(datagram(header, payload));

  EXPECT_EQ(bench.drops(DropReason::bad_option), 1U);
  EXPECT_EQ(bench.take_only_sent().at(20), 12);
}

TEST_F(Router, UnknownOptionsGoOnUnchanged) {  // verifies RFC 1812 4.2.2.6
  Ip header = transit;
  header.options = {0x9e, 4, 0xab, 0xcd};
  bench.receives(datagram(header, payload));

  --header.ttl;
  EXPECT_EQ(bench.take_only_sent().bytes, datagram(header, payload));
}

// verifies RFC 1122 3.2.2.5-1
TEST_F(Router, MalformedOptionsAreReportedWithTheOffendingOctet) {  // verifies RFC 1812 4.3.3.5
  Ip header = transit;
  header.options = {1, 7, 1, 0};  // record route of length 1, the length at octet 22
  bench.receives(datagram(header, payload));

  expect_error(bench.take_only_sent(), 12, 0, 22U << 24, datagram(header, payload));
  EXPECT_EQ(bench.drops(DropReason::bad_option), 1U);
}

}  // namespace
}  // namespace strata::network
