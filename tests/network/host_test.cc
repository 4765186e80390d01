// SPDX-License-Identifier: MIT
// A host with one network layer: what it sends, what it accepts, what it refuses.
#include <gtest/gtest.h>

#include "tests/network/bench.h"

namespace strata::network {
namespace {

// 10.0.1.10/24 on eth0 with a gateway, 10.0.9.10/24 on eth1 without.
class HostTest : public testing::Test {
 protected:
  HostTest() {
    bench.add_port({net("10.0.1.10/24")}, {"10.0.1.1", "10.0.1.99"});
    bench.add_port({net("10.0.9.10/24")}, {"10.0.9.99"});
    bench.network().add_route({.destination = net("0.0.0.0/0"), .gateway = ip("10.0.1.1")}, kStart);
  }
  Bench bench;
  const Octets payload = udp(1000, 2000, counting(20));
};

// ---- sending -----------------------------------------------------------------------------------

TEST_F(HostTest, ADatagramToANeighbourIsSentWithATrueHeader) {
  ASSERT_TRUE(bench.sends("10.0.1.99", payload));

  const auto sent = bench.take_only_sent();
  EXPECT_EQ(sent.to, Bench::mac_of("10.0.1.99"));
  EXPECT_EQ(sent.bytes,
            datagram({.from = "10.0.1.10", .to = "10.0.1.99", .id = sent.word(4)}, payload));
}

// verifies RFC 1122 3.3.1.1-1, 3.3.1.2-3
TEST_F(HostTest, ADatagramToAnotherNetworkGoesToTheGateway) {
  ASSERT_TRUE(bench.sends("192.0.2.1", payload));

  const auto sent = bench.take_only_sent();
  EXPECT_EQ(sent.to, Bench::mac_of("10.0.1.1"));
  EXPECT_EQ(sent.destination(), ip("192.0.2.1"));
}

// verifies RFC 1122 3.2.1.3-2, 3.3.4.3, 4.1.3.6-2
TEST_F(HostTest, TheSourceIsAnAddressOfTheOutgoingInterface) {
  ASSERT_TRUE(bench.sends("10.0.9.99", payload));

  EXPECT_EQ(bench.take_only_sent().source(), ip("10.0.9.10"));
  EXPECT_EQ(bench.network().source_for(ip("10.0.9.99")), IpAddress{ip("10.0.9.10")});
  EXPECT_EQ(bench.network().source_for(ip("192.0.2.1")), IpAddress{ip("10.0.1.10")});
}

TEST_F(HostTest, OfSeveralAddressesTheOneOnTheNextHopsNetworkIsTheSource) {
  bench.add_port({net("10.0.4.10/24"), net("10.0.5.10/24")}, {"10.0.5.99"});

  EXPECT_EQ(bench.network().source_for(ip("10.0.5.99")), IpAddress{ip("10.0.5.10")});
  EXPECT_EQ(bench.network().source_for(ip("10.0.4.99")), IpAddress{ip("10.0.4.10")});
}

// verifies RFC 1122 3.3.4.2-2
TEST_F(HostTest, ABoundSourceIsUsedOnAnyInterface) {  // weak end system, RFC 1122 3.3.4.2
  ASSERT_TRUE(bench.sends("10.0.1.99", payload, {.source = ip("10.0.9.10")}));

  const auto sent = bench.take_only_sent();
  EXPECT_EQ(sent.port, PortId{0});
  EXPECT_EQ(sent.source(), ip("10.0.9.10"));
}

// verifies RFC 1122 3.2.1.6-1, 3.2.1.7-3, 3.4-1
TEST_F(HostTest, TtlTypeOfServiceAndDontFragmentAreTheCallers) {
  ASSERT_TRUE(
      bench.sends("10.0.1.99", payload, {.ttl = 3, .dscp = 46, .ecn = 1, .dont_fragment = true}));

  const auto sent = bench.take_only_sent();
  EXPECT_EQ(sent.at(8), 3);
  EXPECT_EQ(sent.at(1), (46 << 2) | 1);
  EXPECT_EQ(sent.word(6), 0x4000);
}

// verifies RFC 1122 3.2.1.7-1
TEST_F(HostTest, ATtlOfZeroIsNeverSent) {
  ASSERT_TRUE(bench.sends("10.0.1.99", payload, {.ttl = 0}));

  EXPECT_EQ(bench.take_only_sent().at(8), 64);
}

struct RefusedSend {
  const char* name;
  const char* to;
  SendOptions options;
  Errc error;
};

class HostRefuses : public HostTest, public testing::WithParamInterface<RefusedSend> {};

// verifies RFC 1122 3.2.1.3-2, 3.2.1.3-5
TEST_P(HostRefuses, ToSend) {
  const auto result = bench.sends(GetParam().to, payload, GetParam().options);

  ASSERT_FALSE(result);
  EXPECT_EQ(result.error(), GetParam().error);
  EXPECT_TRUE(bench.is_silent());
}

INSTANTIATE_TEST_SUITE_P(
    Cases, HostRefuses,
    testing::Values(
        RefusedSend{"foreign_source",
                    "10.0.1.99",
                    {.source = ip("10.0.1.11")},
                    Errc::address_not_available},
        RefusedSend{"broadcast_source",
                    "10.0.1.99",
                    {.source = ip("10.0.1.255")},
                    Errc::address_not_available},
        // verifies RFC 1122 3.2.1.3
        RefusedSend{"loopback_source_to_a_link",
                    "10.0.1.99",
                    {.source = ip("127.0.0.1")},
                    Errc::invalid_argument},
        RefusedSend{"broadcast_without_leave", "255.255.255.255", {}, Errc::permission_denied},
        RefusedSend{"directed_broadcast_without_leave", "10.0.1.255", {}, Errc::permission_denied},
        RefusedSend{"unspecified", "0.0.0.0", {.allow_broadcast = true}, Errc::invalid_argument},
        RefusedSend{"class_e", "240.0.0.1", {}, Errc::invalid_argument},
        RefusedSend{"group_that_is_none", "224.0.0.0", {}, Errc::invalid_argument},
        RefusedSend{"malformed_options",
                    "10.0.1.99",
                    {.options = wire::OptionBytes{Octets{7, 1, 0, 0}}},
                    Errc::invalid_argument},
        RefusedSend{"unpadded_options",
                    "10.0.1.99",
                    {.options = wire::OptionBytes{Octets{1}}},
                    Errc::invalid_argument}),
    [](const auto& instance) { return std::string{instance.param.name}; });

TEST(HostWithoutGateway, CannotReachAnotherNetwork) {
  Bench bench;
  bench.add_port({net("10.0.1.10/24")}, {});

  EXPECT_EQ(bench.sends("192.0.2.1", counting(28)).error(), Errc::network_unreachable);
  EXPECT_EQ(bench.drops(DropReason::no_route), 1U);
  EXPECT_EQ(bench.network().source_for(ip("192.0.2.1")).error(), Errc::network_unreachable);
}

TEST_F(HostTest, Ipv6IsNotSupported) {
  const IpAddress v6 = IpAddress::parse("2001:db8::1").value();

  EXPECT_EQ(
      bench.network().send(bench.pool().make(8), IpProtocol::udp, v6, {}, bench.now()).error(),
      Errc::not_supported);
  EXPECT_EQ(bench.network().source_for(v6).error(), Errc::not_supported);
}

// verifies RFC 1122 3.3.3-2
TEST_F(HostTest, ALargeDatagramIsFragmented) {
  ASSERT_TRUE(bench.sends("10.0.1.99", counting(3980)));

  const auto sent = bench.take_sent();
  ASSERT_EQ(sent.size(), 3U);
  EXPECT_EQ(sent[0].word(6), 0x2000);
  EXPECT_EQ(sent[1].word(6), 0x2000 | 185);
  EXPECT_EQ(sent[2].word(6), 370);
  EXPECT_EQ(sent[0].word(4), sent[2].word(4));
  const auto fragmented = bench.events<DatagramFragmented>();
  ASSERT_EQ(fragmented.size(), 1U);
  EXPECT_EQ(fragmented[0].bytes, 4000U);
  EXPECT_EQ(fragmented[0].mtu, 1500U);
  EXPECT_EQ(fragmented[0].fragments.size(), 3U);
}

// verifies RFC 1122 3.3.3-3
TEST_F(HostTest, ALargeDatagramThatMayNotBeFragmentedIsRefused) {
  EXPECT_TRUE(bench.sends("10.0.1.99", counting(1480), {.dont_fragment = true}));
  EXPECT_EQ(bench.sends("10.0.1.99", counting(1481), {.dont_fragment = true}).error(),
            Errc::message_size);
}

TEST_F(HostTest, MoreThanADatagramHoldsIsRefused) {
  EXPECT_TRUE(bench.sends("10.0.1.99", counting(65515)));
  EXPECT_EQ(bench.sends("10.0.1.99", counting(65516)).error(), Errc::message_size);
}

TEST_F(HostTest, ReportsTheRouteItChose) {
  ASSERT_TRUE(bench.sends("192.0.2.1", payload));

  const auto chosen = bench.events<RouteChosen>();
  ASSERT_EQ(chosen.size(), 1U);
  EXPECT_EQ(chosen[0].route, net("0.0.0.0/0"));
  EXPECT_EQ(chosen[0].next_hop, IpAddress{ip("10.0.1.1")});
  EXPECT_EQ(chosen[0].source, IpAddress{ip("10.0.1.10")});
  EXPECT_EQ(chosen[0].out, PortId{0});
}

TEST_F(HostTest, APortThatIsDownIsNotUsed) {
  bench.network().set_port_up(PortId{1}, false, bench.now());

  ASSERT_TRUE(bench.sends("10.0.9.99", payload));  // the default route is left
  EXPECT_EQ(bench.take_only_sent().to, Bench::mac_of("10.0.1.1"));
  bench.receives(datagram({.from = "10.0.9.99", .to = "10.0.9.10"}, payload), PortId{1});
  EXPECT_EQ(bench.drops(DropReason::interface_down), 1U);

  bench.network().set_port_up(PortId{1}, true, bench.now());
  ASSERT_TRUE(bench.sends("10.0.9.99", payload));
  EXPECT_EQ(bench.take_only_sent().port, PortId{1});
}

TEST_F(HostTest, ReportsRoutesThatComeAndGo) {
  const std::size_t before = bench.events<RouteChanged>().size();
  EXPECT_EQ(before, 3U);  // two connected, one default

  bench.network().set_port_up(PortId{1}, false, bench.now());

  const auto changes = bench.events<RouteChanged>();
  ASSERT_EQ(changes.size(), before + 1);
  EXPECT_EQ(changes.back().change, TableChange::removed);
  EXPECT_EQ(changes.back().route, net("10.0.9.0/24"));
}

// ---- loopback ----------------------------------------------------------------------------------

TEST_F(HostTest, ADatagramToOurselvesNeverTouchesALink) {  // verifies RFC 1122 3.2.1.3
  for (const char* self : {"127.0.0.1", "127.9.9.9", "10.0.1.10", "10.0.9.10"}) {
    ASSERT_TRUE(bench.sends(self, payload));
  }
  EXPECT_TRUE(bench.delivered.empty());  // not before the next deadline
  EXPECT_LE(bench.network().next_deadline(), bench.now());

  bench.settle();

  EXPECT_TRUE(bench.is_silent());
  ASSERT_EQ(bench.delivered.size(), 4U);
  EXPECT_EQ(bench.delivered[0].info.source, IpAddress{ip("127.0.0.1")});
  EXPECT_EQ(bench.delivered[0].info.port, kNoPort);
  EXPECT_EQ(bench.delivered[1].info.destination, IpAddress{ip("127.9.9.9")});
  EXPECT_EQ(bench.delivered[2].info.source, IpAddress{ip("10.0.1.10")});
  EXPECT_EQ(bench.delivered[2].payload, payload);
  EXPECT_EQ(bench.network().next_deadline(), kNever);
}

TEST_F(HostTest, TheLoopbackQueueIsBounded) {
  std::size_t accepted = 0;
  while (accepted < 100000 && bench.sends("127.0.0.1", payload)) ++accepted;

  EXPECT_EQ(accepted, 4096U);
  EXPECT_EQ(bench.sends("127.0.0.1", payload).error(), Errc::no_buffer_space);
}

// verifies RFC 1122 3.3.3-1
TEST_F(HostTest, LoopbackHasTheLargestMtu) {
  EXPECT_EQ(bench.network().mtu_for(ip("127.0.0.1")), 65535);
  EXPECT_EQ(bench.network().mtu_for(ip("10.0.1.10")), 65535);
  EXPECT_EQ(bench.network().mtu_for(ip("10.0.1.99")), 1500);
}

// ---- broadcast ---------------------------------------------------------------------------------

// verifies RFC 1122 3.3.6-3, 3.3.6-5
TEST_F(HostTest, ALimitedBroadcastLeavesInABroadcastFrame) {
  ASSERT_TRUE(bench.sends("255.255.255.255", payload, {.allow_broadcast = true}));

  const auto sent = bench.take_only_sent();
  EXPECT_TRUE(sent.to.is_broadcast());
  EXPECT_EQ(sent.port, PortId{0});
  EXPECT_EQ(sent.source(), ip("10.0.1.10"));
}

TEST_F(HostTest, ALimitedBroadcastLeavesWhereTheBoundAddressLives) {
  ASSERT_TRUE(bench.sends("255.255.255.255", payload,
                          {.source = ip("10.0.9.10"), .allow_broadcast = true}));

  EXPECT_EQ(bench.take_only_sent().port, PortId{1});
}

TEST_F(HostTest, ADirectedBroadcastLeavesOnItsNetwork) {
  ASSERT_TRUE(bench.sends("10.0.9.255", payload, {.allow_broadcast = true}));

  const auto sent = bench.take_only_sent();
  EXPECT_TRUE(sent.to.is_broadcast());
  EXPECT_EQ(sent.port, PortId{1});
  EXPECT_EQ(sent.source(), ip("10.0.9.10"));
}

// verifies RFC 1122 3.3.6-1
TEST_F(HostTest, EveryFormOfBroadcastIsReceived) {
  for (const char* to : {"255.255.255.255", "10.0.1.255", "10.0.1.0", "0.0.0.0"}) {
    bench.receives_broadcast_frame(datagram({.to = to}, payload));
  }

  ASSERT_EQ(bench.delivered.size(), 4U);
  for (const auto& each : bench.delivered) EXPECT_TRUE(each.info.is_broadcast);
}

// verifies RFC 1122 3.2.1.3-1
TEST_F(HostTest, KnowsBroadcastAddressesByTheirMask) {
  Network& network = bench.network();

  EXPECT_TRUE(network.is_broadcast(ip("255.255.255.255")));
  EXPECT_TRUE(network.is_broadcast(ip("10.0.1.255")));
  EXPECT_TRUE(network.is_broadcast(ip("224.0.0.1")));
  EXPECT_FALSE(network.is_broadcast(ip("10.0.2.255")));
  EXPECT_FALSE(network.is_broadcast(ip("10.0.1.10")));
}

TEST_F(HostTest, APointToPointPrefixHasNoBroadcast) {  // verifies RFC 3021 2.1
  bench.add_port({net("10.0.7.0/31")}, {});

  EXPECT_TRUE(bench.network().is_local(ip("10.0.7.0")));
  EXPECT_FALSE(bench.network().is_broadcast(ip("10.0.7.1")));
}

// ---- receiving ---------------------------------------------------------------------------------

// verifies RFC 1122 3.2.1.6-2, 3.4-2
TEST_F(HostTest, DeliversWhatItsHeaderSays) {
  bench.receives(datagram({.ttl = 7, .tos = (46 << 2) | 2}, payload));

  ASSERT_EQ(bench.delivered.size(), 1U);
  const auto& got = bench.delivered[0];
  EXPECT_EQ(got.info.source, IpAddress{ip("10.0.1.99")});
  EXPECT_EQ(got.info.destination, IpAddress{ip("10.0.1.10")});
  EXPECT_EQ(got.info.protocol, IpProtocol::udp);
  EXPECT_EQ(got.info.ttl, 7);
  EXPECT_EQ(got.info.dscp, 46);
  EXPECT_EQ(got.info.ecn, 2);
  EXPECT_EQ(got.info.port, PortId{0});
  EXPECT_FALSE(got.info.is_broadcast);
  EXPECT_EQ(got.header, slice(datagram({.ttl = 7, .tos = (46 << 2) | 2}, payload), 0, 20));
  EXPECT_EQ(got.payload, payload);
}

TEST_F(HostTest, PaddingOfTheFrameIsCutOff) {
  bench.receives(datagram({}, payload) + Octets(18));

  ASSERT_EQ(bench.delivered.size(), 1U);
  EXPECT_EQ(bench.delivered[0].payload, payload);
}

// verifies RFC 1122 3.2.1.7-2
TEST_F(HostTest, ALowTtlIsNoReasonToRefuseDelivery) {
  bench.receives(datagram({.ttl = 1}, payload));
  bench.receives(datagram({.ttl = 0}, payload));

  EXPECT_EQ(bench.delivered.size(), 2U);
}

TEST_F(HostTest, AnAddressOfAnyInterfaceIsOurs) {  // weak end system, RFC 1122 3.3.4.2
  bench.receives(datagram({.to = "10.0.9.10"}, payload), PortId{0});

  EXPECT_EQ(bench.delivered.size(), 1U);
}

// verifies RFC 1122 3.2.1.4-1, 3.3.2-1, 3.3.2-2
TEST_F(HostTest, FragmentsAreDeliveredWhole) {
  bench.receives(datagram({.offset = 1480}, counting(100)));
  EXPECT_TRUE(bench.delivered.empty());
  bench.receives(datagram({.mf = true}, counting(1480)));

  ASSERT_EQ(bench.delivered.size(), 1U);
  EXPECT_EQ(bench.delivered[0].payload, counting(1480) + counting(100));
  EXPECT_EQ(bench.delivered[0].parentage, Parentage::reassembly);
  const auto events = bench.events<DatagramReassembled>();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].fragments, 2U);
  EXPECT_EQ(events[0].bytes, 1600U);
}

// verifies RFC 1122 3.2.1.8-2, 3.2.1.8-3, 3.2.1.8b-2, 3.4-3
TEST_F(HostTest, UnknownOptionsAreIgnoredAndPassedUp) {
  const Octets options{0x9e, 4, 0xab, 0xcd, 136, 4, 0, 7};  // experimental, stream identifier
  bench.receives(datagram({.options = options}, payload));

  ASSERT_EQ(bench.delivered.size(), 1U);
  EXPECT_EQ(slice(bench.delivered[0].header, 20), options);
}

struct RefusedDatagram {
  const char* name;
  Octets bytes;
  DropReason reason;
};

Octets damaged(Octets bytes, std::size_t at, std::uint8_t value) {
  bytes.at(at) = value;
  return bytes;
}

class HostDrops : public HostTest, public testing::WithParamInterface<RefusedDatagram> {};

// verifies RFC 1122 3.1-8, 3.1-9, 3.2.1.1-1, 3.2.1.2-1, 3.2.1.3-3, 3.2.1.3-4, 4.1.3.6-1
// verifies RFC 9293 MUST-63
TEST_P(HostDrops, Silently) {
  bench.receives(GetParam().bytes);
  bench.settle();

  EXPECT_EQ(bench.drops(GetParam().reason), 1U);
  EXPECT_EQ(bench.drops(), 1U);
  EXPECT_TRUE(bench.delivered.empty());
  EXPECT_TRUE(bench.is_silent());
  const auto events = bench.events<Dropped>();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].reason, GetParam().reason);
  EXPECT_EQ(events[0].layer, Layer::network);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, HostDrops,
    testing::Values(
        RefusedDatagram{"short", Octets(19, 0x45), DropReason::header_truncated},
        // verifies RFC 1122 3.2.1.1
        RefusedDatagram{"version_6", damaged(datagram({}, {}), 0, 0x65), DropReason::bad_version},
        RefusedDatagram{"header_length", damaged(datagram({}, {}), 0, 0x44),
                        DropReason::bad_header_length},
        RefusedDatagram{"total_length", damaged(datagram({}, {}), 3, 21),
                        DropReason::bad_total_length},
        // verifies RFC 1122 3.2.1.2
        RefusedDatagram{"checksum", damaged(datagram({}, {}), 8, 63), DropReason::header_checksum},
        // verifies RFC 1122 3.2.1.3
        RefusedDatagram{"not_for_us", datagram({.to = "10.0.1.11"}, {}), DropReason::not_local},
        RefusedDatagram{"multicast", datagram({.to = "224.0.0.5"}, {}), DropReason::not_local},
        RefusedDatagram{"from_multicast", datagram({.from = "224.0.0.5"}, {}),
                        DropReason::martian_source},
        RefusedDatagram{"from_limited_broadcast", datagram({.from = "255.255.255.255"}, {}),
                        DropReason::martian_source},
        RefusedDatagram{"from_directed_broadcast", datagram({.from = "10.0.1.255"}, {}),
                        DropReason::martian_source},
        RefusedDatagram{"from_class_e", datagram({.from = "250.0.0.1"}, {}),
                        DropReason::martian_source},
        RefusedDatagram{"from_loopback", datagram({.from = "127.0.0.1"}, {}),
                        DropReason::martian_source},
        RefusedDatagram{"from_unspecified", datagram({.from = "0.0.0.0"}, {}),
                        DropReason::martian_source},
        RefusedDatagram{"from_this_network", datagram({.from = "0.1.2.3"}, {}),
                        DropReason::martian_source},
        RefusedDatagram{"from_ourselves", datagram({.from = "10.0.1.10"}, {}),
                        DropReason::martian_source},
        RefusedDatagram{"to_loopback", datagram({.to = "127.0.0.1"}, {}),
                        DropReason::martian_destination},
        RefusedDatagram{"to_class_e", datagram({.to = "240.0.0.1"}, {}),
                        DropReason::martian_destination},
        RefusedDatagram{"to_this_network", datagram({.to = "0.1.2.3"}, {}),
                        DropReason::martian_destination}),
    [](const auto& instance) { return std::string{instance.param.name}; });

TEST_F(HostTest, AStationWithoutAddressMayAskByBroadcast) {  // verifies RFC 1122 3.2.1.3 (a)
  bench.receives_broadcast_frame(
      datagram({.from = "0.0.0.0", .to = "255.255.255.255"}, udp(68, 67, {})));

  EXPECT_EQ(bench.delivered.size(), 1U);
}

// verifies RFC 1122 3.3.6-6
TEST_F(HostTest, AUnicastDatagramInABroadcastFrameIsDropped) {
  bench.receives_broadcast_frame(datagram({}, payload));

  EXPECT_TRUE(bench.delivered.empty());
  EXPECT_EQ(bench.drops(DropReason::broadcast_not_allowed), 1U);
}

TEST_F(HostTest, ReportsEachHeaderItPutsOnAndTakesOff) {
  const std::size_t pushed_before = bench.events<HeaderPushed>().size();
  const std::size_t pulled_before = bench.events<HeaderPulled>().size();
  ASSERT_TRUE(bench.sends("127.0.0.1", payload));
  bench.settle();

  const auto pushed = bench.events<HeaderPushed>();
  const auto pulled = bench.events<HeaderPulled>();
  ASSERT_EQ(pushed.size(), pushed_before + 1);
  ASSERT_EQ(pulled.size(), pulled_before + 1);
  EXPECT_EQ(pushed.back().protocol, Protocol::ipv4);
  EXPECT_EQ(pushed.back().header_bytes, 20);
  EXPECT_EQ(pulled.back().protocol, Protocol::ipv4);
}

// ---- neighbours that do not answer --------------------------------------------------------------

// verifies RFC 1122 2.4-3
TEST_F(HostTest, AnUnresolvedNeighbourIsReportedToTheLayerAbove) {
  ASSERT_TRUE(bench.sends("10.0.1.77", payload));
  bench.advance(1min);

  EXPECT_TRUE(bench.is_silent());
  ASSERT_EQ(bench.icmp_errors.size(), 1U);
  const auto& error = bench.icmp_errors[0];
  EXPECT_EQ(error.info.type, wire::IcmpType::destination_unreachable);
  EXPECT_EQ(error.info.code, 1);
  EXPECT_EQ(error.info.reporter, IpAddress{ip("10.0.1.10")});
  EXPECT_EQ(error.info.quoted.destination, ip("10.0.1.77"));
  EXPECT_EQ(error.quoted_payload, payload);
}

// verifies RFC 1122 3.3.1.2-4, 3.3.1.4-1, 3.3.1.4-2, 3.3.1.5-1
TEST(HostWithTwoGateways, UsesTheOtherWhenOneDoesNotAnswer) {
  Bench bench;
  bench.add_port({net("10.0.1.10/24")}, {"10.0.1.1"});
  const Octets payload = udp(1000, 2000, counting(20));
  bench.network().add_route({.destination = net("0.0.0.0/0"), .gateway = ip("10.0.1.2")},
                            bench.now());
  bench.network().add_route({.destination = net("0.0.0.0/0"), .gateway = ip("10.0.1.1")},
                            bench.now());
  ASSERT_TRUE(bench.sends("192.0.2.1", payload));
  bench.advance(10s);
  EXPECT_TRUE(bench.is_silent());

  ASSERT_TRUE(bench.sends("192.0.2.1", payload));
  EXPECT_EQ(bench.take_only_sent().to, Bench::mac_of("10.0.1.1"));
}

}  // namespace
}  // namespace strata::network
