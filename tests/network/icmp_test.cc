// SPDX-License-Identifier: MIT
// ICMP at a host: echo, errors received, errors sent, redirects, path MTU.
#include <gtest/gtest.h>

#include "tests/network/bench.h"

namespace strata::network {
namespace {

class IcmpTest : public testing::Test {
 protected:
  explicit IcmpTest(NetworkConfig config = {}) : bench{config} {
    bench.add_port({net("10.0.1.10/24")}, {"10.0.1.1", "10.0.1.2", "10.0.1.99"});
    bench.add_port({net("10.0.9.10/24")}, {"10.0.9.1"});
    bench.network().add_route({.destination = net("0.0.0.0/0"), .gateway = ip("10.0.1.1")}, kStart);
  }
  // An ICMP message from the gateway.
  void gateway_says(const Octets& message) {
    bench.receives(datagram({.from = "10.0.1.1", .protocol = 1}, message));
  }
  Bench bench;
  const Octets payload = udp(1000, 2000, counting(20));
  const Octets ours = datagram({.from = "10.0.1.10", .to = "192.0.2.1", .df = true}, payload);
};

// ---- echo --------------------------------------------------------------------------------------

// verifies RFC 1122 3.1-1, 3.2.2.6-1, 3.2.2.6-6
TEST_F(IcmpTest, AnEchoRequestIsAnsweredWithItsData) {
  const Octets data = counting(56);
  bench.receives(datagram({.protocol = 1, .tos = 46 << 2}, icmp(8, 0, 0x00070001, data)));

  const auto sent = bench.take_only_sent();
  EXPECT_EQ(sent.bytes, datagram({.from = "10.0.1.10",
                                  .to = "10.0.1.99",
                                  .protocol = 1,
                                  .id = sent.word(4),
                                  .tos = 46 << 2},
                                 icmp(0, 0, 0x00070001, data)));
}

// verifies RFC 1122 3.2.2.6-5, 3.3.4.2-1
TEST_F(IcmpTest, TheReplyComesFromTheAddressThatWasAsked) {
  bench.receives(datagram({.to = "10.0.9.10", .protocol = 1}, icmp(8, 0, 1, {})));

  const auto sent = bench.take_only_sent();
  EXPECT_EQ(sent.source(), ip("10.0.9.10"));
  EXPECT_EQ(sent.port, PortId{0});
}

// verifies RFC 1122 3.2.2.6-6
TEST_F(IcmpTest, AFragmentedEchoRequestIsAnsweredInFull) {
  const Octets message = icmp(8, 0, 1, counting(2000));
  bench.receives(datagram({.protocol = 1, .mf = true}, slice(message, 0, 1480)));
  bench.receives(datagram({.protocol = 1, .offset = 1480}, slice(message, 1480)));

  const auto sent = bench.take_sent();
  ASSERT_EQ(sent.size(), 2U);
  EXPECT_EQ(slice(sent[0].bytes, 20) + slice(sent[1].bytes, 20), icmp(0, 0, 1, counting(2000)));
}

// verifies RFC 1122 3.2.2.6-3
TEST_F(IcmpTest, AnEchoRequestByBroadcastIsNotAnswered) {
  bench.receives_broadcast_frame(datagram({.to = "10.0.1.255", .protocol = 1}, icmp(8, 0, 1, {})));

  EXPECT_TRUE(bench.is_silent());
  EXPECT_EQ(bench.drops(DropReason::broadcast_not_allowed), 1U);
}

class BroadcastEcho : public IcmpTest {
 protected:
  BroadcastEcho() : IcmpTest{{.answer_broadcast_echo = true}} {}
};

TEST_F(BroadcastEcho, IsAnsweredIfConfiguredByTheInterfacesAddress) {  // RFC 1122 3.2.2.6
  bench.receives_broadcast_frame(datagram({.to = "10.0.1.255", .protocol = 1}, icmp(8, 0, 1, {})));

  EXPECT_EQ(bench.take_only_sent().source(), ip("10.0.1.10"));
}

// verifies RFC 1122 3.2.1.8d-1, 3.2.1.8e-1, 3.2.2.6-8
TEST_F(IcmpTest, RecordRouteAndTimestampsReturnWithTheReply) {
  const Octets route{7, 11, 8, 10, 0, 1, 1, 0, 0, 0, 0};
  const Octets time{68, 12, 9, 0, 0, 0, 0, 5, 0, 0, 0, 0};
  bench.receives(datagram({.protocol = 1, .options = route + time + Octets{0}}, icmp(8, 0, 1, {})));

  const auto sent = bench.take_only_sent();
  const Octets stamped{68, 12, 13, 0, 0, 0, 0, 5, 0x80, 0, 0, 1};  // 1 ms
  // The option is full by now: as the sender of the reply we count an overflow.
  Octets returned = stamped;
  returned[3] = 0x10;
  EXPECT_EQ(slice(sent.bytes, 20, 44),
            (Octets{7, 11, 12, 10, 0, 1, 1, 10, 0, 1, 10}) + returned + Octets{0});
}

// verifies RFC 1122 3.2.2.6-2, 3.2.2.6-7
TEST_F(IcmpTest, AnEchoRequestOfOursIsSentAndItsReplyPassedUp) {
  const auto uid =
      bench.network().send_echo_request(ip("10.0.1.99"), 7, 3, counting(10), {}, bench.now());
  ASSERT_TRUE(uid);
  EXPECT_EQ(slice(bench.take_only_sent().bytes, 20), icmp(8, 0, 0x00070003, counting(10)));

  bench.receives(datagram({.protocol = 1, .ttl = 61}, icmp(0, 0, 0x00070003, counting(10))));

  ASSERT_EQ(bench.echo_replies.size(), 1U);
  EXPECT_EQ(bench.echo_replies[0].info.source, IpAddress{ip("10.0.1.99")});
  EXPECT_EQ(bench.echo_replies[0].info.identifier, 7);
  EXPECT_EQ(bench.echo_replies[0].info.sequence, 3);
  EXPECT_EQ(bench.echo_replies[0].info.ttl, 61);
  EXPECT_EQ(bench.echo_replies[0].data, counting(10));
}

TEST_F(IcmpTest, AHostCanPingItself) {
  ASSERT_TRUE(
      bench.network().send_echo_request(ip("127.0.0.1"), 7, 1, counting(4), {}, bench.now()));
  bench.settle();

  EXPECT_EQ(bench.echo_replies.size(), 1U);
  EXPECT_TRUE(bench.is_silent());
}

TEST(EchoRequest, WithoutARouteIsNeitherSentNorReported) {
  Bench bench;
  bench.add_port({net("10.0.1.10/24")}, {});

  const auto result = bench.network().send_echo_request(ip("192.0.2.1"), 7, 1, {}, {}, bench.now());

  EXPECT_EQ(result.error(), Errc::network_unreachable);
  EXPECT_TRUE(bench.events<IcmpSent>().empty());
}

// ---- errors received ---------------------------------------------------------------------------

struct PassedError {
  const char* name;
  int type;
  int code;
  std::uint32_t rest;
};

class IcmpPassesUp : public IcmpTest, public testing::WithParamInterface<PassedError> {};

// verifies RFC 1122 3.2.2.1-2, 3.2.2.4-1, 3.2.2.5-2, 3.4-5, 3.4-6
TEST_P(IcmpPassesUp, AnErrorAboutOurDatagram) {
  gateway_says(icmp(GetParam().type, GetParam().code, GetParam().rest, slice(ours, 0, 28)));

  ASSERT_EQ(bench.icmp_errors.size(), 1U);
  const auto& error = bench.icmp_errors[0];
  EXPECT_EQ(error.info.reporter, IpAddress{ip("10.0.1.1")});
  EXPECT_EQ(static_cast<int>(error.info.type), GetParam().type);
  EXPECT_EQ(error.info.code, GetParam().code);
  EXPECT_EQ(error.info.rest, GetParam().rest);
  EXPECT_EQ(error.info.quoted.destination, ip("192.0.2.1"));
  EXPECT_EQ(error.info.quoted.protocol, IpProtocol::udp);
  EXPECT_EQ(error.quoted_payload, slice(payload, 0, 8));
  EXPECT_EQ(bench.drops(), 0U);
}

INSTANTIATE_TEST_SUITE_P(Cases, IcmpPassesUp,
                         testing::Values(PassedError{"network_unreachable", 3, 0, 0},
                                         PassedError{"host_unreachable", 3, 1, 0},
                                         PassedError{"port_unreachable", 3, 3, 0},
                                         PassedError{"fragmentation_needed", 3, 4, 1400},
                                         PassedError{"unknown_code", 3, 99, 0},
                                         PassedError{"time_exceeded", 11, 0, 0},
                                         PassedError{"parameter_problem", 12, 0, 0x14000000}),
                         [](const auto& instance) { return std::string{instance.param.name}; });

TEST_F(IcmpTest, AnErrorAboutADatagramThatWasNotOursIsDropped) {
  gateway_says(icmp(3, 1, 0, datagram({.from = "10.0.1.11", .to = "192.0.2.1"}, payload)));

  EXPECT_TRUE(bench.icmp_errors.empty());
  EXPECT_EQ(bench.drops(DropReason::icmp_malformed), 1U);
}

TEST_F(IcmpTest, AnErrorFromOutsideAboutALoopbackDatagramIsDropped) {
  gateway_says(icmp(3, 3, 0, datagram({.from = "127.0.0.1", .to = "127.0.0.1"}, payload)));
  gateway_says(icmp(3, 3, 0, datagram({.from = "10.0.1.10", .to = "10.0.9.10"}, payload)));

  EXPECT_TRUE(bench.icmp_errors.empty());
  EXPECT_EQ(bench.drops(DropReason::icmp_malformed), 2U);
}

TEST_F(IcmpTest, AnErrorByBroadcastIsDropped) {
  bench.receives_broadcast_frame(
      datagram({.from = "10.0.1.1", .to = "10.0.1.255", .protocol = 1}, icmp(3, 1, 0, ours)));

  EXPECT_TRUE(bench.icmp_errors.empty());
}

TEST_F(IcmpTest, SourceQuenchIsIgnored) {  // verifies RFC 6633 section 3
  gateway_says(icmp(4, 0, 0, ours));

  EXPECT_TRUE(bench.icmp_errors.empty());
}

// verifies RFC 1122 3.2.2-1
TEST_F(IcmpTest, AnUnknownTypeIsDiscardedSilently) {
  gateway_says(icmp(200, 0, 0, counting(20)));

  EXPECT_EQ(bench.drops(DropReason::unknown_protocol), 1U);
  EXPECT_TRUE(bench.is_silent());
}

TEST_F(IcmpTest, AMessageThatIsShortOrDamagedIsDropped) {
  gateway_says(counting(7));
  Octets damaged = icmp(8, 0, 1, counting(8));
  damaged[10] ^= 1;
  gateway_says(damaged);

  EXPECT_EQ(bench.drops(DropReason::icmp_malformed), 1U);
  EXPECT_EQ(bench.drops(DropReason::icmp_checksum), 1U);
  EXPECT_TRUE(bench.is_silent());
}

// verifies RFC 1122 3.2.2-6
TEST_F(IcmpTest, NestedErrorsAreNotFollowed) {
  Octets nest = ours;
  for (int depth = 0; depth < 15; ++depth) {
    nest = datagram({.from = "10.0.1.10", .to = "10.0.1.99", .protocol = 1}, icmp(3, 1, 0, nest));
  }
  gateway_says(icmp(3, 1, 0, nest));

  EXPECT_EQ(bench.icmp_errors.size(), 1U);
  EXPECT_TRUE(bench.is_silent());
}

// ---- errors sent -------------------------------------------------------------------------------

// verifies RFC 1122 3.2.2-2, 3.2.2-3, 3.2.2-5, 3.2.2.1-1, 3.3.8-1
TEST_F(IcmpTest, AnUnknownProtocolIsReported) {
  const Octets unknown = datagram({.protocol = 132, .tos = 0xb8}, counting(40));
  bench.receives(unknown);

  const auto sent = bench.take_only_sent();
  // TOS zero (RFC 1122 3.2.2); from the address it was sent to.
  EXPECT_EQ(sent.bytes,
            datagram({.from = "10.0.1.10", .to = "10.0.1.99", .protocol = 1, .id = sent.word(4)},
                     icmp(3, 2, 0, unknown)));
  EXPECT_EQ(bench.drops(DropReason::unknown_protocol), 1U);
}

// verifies RFC 1122 3.2.2.1-1, 3.4-4
TEST_F(IcmpTest, AnUnreachablePortIsReportedForTheTransportLayer) {
  bench.answer_port_unreachable = true;
  const Octets received = datagram({.to = "10.0.9.10"}, payload);
  bench.receives(received);

  const auto sent = bench.take_only_sent();
  EXPECT_EQ(slice(sent.bytes, 20), icmp(3, 3, 0, received));
  EXPECT_EQ(sent.source(), ip("10.0.9.10"));
  const auto events = bench.events<IcmpSent>();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].type, 3);
  EXPECT_EQ(events[0].code, 3);
  EXPECT_EQ(events[0].because_of, bench.delivered[0].uid);
}

// verifies RFC 1122 3.2.2-7, 3.2.2-8
TEST_F(IcmpTest, NoPortIsReportedToTheSourceOfABroadcast) {
  bench.answer_port_unreachable = true;
  bench.receives_broadcast_frame(datagram({.to = "10.0.1.255"}, payload));
  bench.receives(datagram({.to = "10.0.1.255"}, payload));

  EXPECT_EQ(bench.delivered.size(), 2U);
  EXPECT_TRUE(bench.is_silent());
}

// verifies RFC 1122 3.2.2-10
TEST_F(IcmpTest, NothingIsReportedToAStationWithoutAddress) {
  bench.answer_port_unreachable = true;
  bench.receives_broadcast_frame(datagram({.from = "0.0.0.0", .to = "255.255.255.255"}, payload));

  EXPECT_EQ(bench.delivered.size(), 1U);
  EXPECT_TRUE(bench.is_silent());
}

TEST_F(IcmpTest, AnErrorWithinThisHostIsLoopedBack) {
  bench.answer_port_unreachable = true;
  ASSERT_TRUE(bench.sends("127.0.0.1", payload));
  bench.settle();

  ASSERT_EQ(bench.icmp_errors.size(), 1U);
  EXPECT_EQ(bench.icmp_errors[0].info.code, 3);
  EXPECT_EQ(bench.icmp_errors[0].quoted_payload, payload);
  EXPECT_TRUE(bench.is_silent());
}

// verifies RFC 1122 3.3.2-5, 3.3.2-6
TEST_F(IcmpTest, AReassemblyThatTimesOutIsReportedIfItsStartWasSeen) {
  const Octets first = datagram({.mf = true}, counting(16));
  bench.receives(first);
  bench.receives(datagram({.id = 2, .offset = 16}, counting(16)));
  bench.advance(59s);
  EXPECT_TRUE(bench.is_silent());
  bench.advance(2s);

  EXPECT_EQ(slice(bench.take_only_sent().bytes, 20), icmp(11, 1, 0, first));
  EXPECT_EQ(bench.drops(DropReason::reassembly_timeout), 2U);
  EXPECT_EQ(bench.network().next_deadline(), kNever);
}

class LimitedIcmp : public IcmpTest {
 protected:
  LimitedIcmp() : IcmpTest{{.icmp_errors_per_second = 10, .icmp_error_burst = 2}} {}
};

TEST_F(LimitedIcmp, ErrorsAreRateLimited) {  // verifies RFC 1812 4.3.2.8
  for (int i = 0; i < 100; ++i) bench.receives(datagram({.protocol = 132}, counting(8)));
  EXPECT_EQ(bench.take_sent().size(), 2U);

  bench.advance(100ms);
  for (int i = 0; i < 100; ++i) bench.receives(datagram({.protocol = 132}, counting(8)));
  EXPECT_EQ(bench.take_sent().size(), 1U);
  EXPECT_EQ(bench.drops(DropReason::unknown_protocol), 200U);
}

TEST_F(LimitedIcmp, EchoRepliesAreNot) {
  for (int i = 0; i < 100; ++i) bench.receives(datagram({.protocol = 1}, icmp(8, 0, 1, {})));

  EXPECT_EQ(bench.take_sent().size(), 100U);
}

// ---- redirects ---------------------------------------------------------------------------------

// verifies RFC 1122 3.2.2.2-2, 3.2.2.2-3, 3.3.1.2-1, 3.3.1.2-2, 3.3.1.3-1
TEST_F(IcmpTest, ARedirectFromTheFirstHopIsFollowed) {
  for (const int code : {0, 1, 2, 3}) {
    const std::string target = "192.0.2." + std::to_string(code + 1);
    gateway_says(icmp(5, code, ip("10.0.1.2").value(),
                      datagram({.from = "10.0.1.10", .to = target}, payload)));
    ASSERT_TRUE(bench.sends(target, payload));
    EXPECT_EQ(bench.take_only_sent().to, Bench::mac_of("10.0.1.2")) << code;
  }
  ASSERT_TRUE(bench.sends("192.0.2.99", payload));
  EXPECT_EQ(bench.take_only_sent().to, Bench::mac_of("10.0.1.1"));
  EXPECT_EQ(bench.network().routes().front().origin, RouteOrigin::redirect);
}

struct IgnoredRedirect {
  const char* name;
  const char* from;
  const char* gateway;
  const char* quoted_source;
};

class IcmpIgnoresRedirect : public IcmpTest, public testing::WithParamInterface<IgnoredRedirect> {};

// verifies RFC 1122 3.2.2.2-4
TEST_P(IcmpIgnoresRedirect, ThatIsNotSane) {
  bench.receives(
      datagram({.from = GetParam().from, .protocol = 1},
               icmp(5, 1, ip(GetParam().gateway).value(),
                    datagram({.from = GetParam().quoted_source, .to = "192.0.2.1"}, payload))));

  ASSERT_TRUE(bench.sends("192.0.2.1", payload));
  EXPECT_EQ(bench.take_only_sent().to, Bench::mac_of("10.0.1.1"));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, IcmpIgnoresRedirect,
    testing::Values(IgnoredRedirect{"not_from_the_first_hop", "10.0.1.99", "10.0.1.2", "10.0.1.10"},
                    IgnoredRedirect{"to_another_network", "10.0.1.1", "10.0.5.1", "10.0.1.10"},
                    IgnoredRedirect{"to_another_port", "10.0.1.1", "10.0.9.1", "10.0.1.10"},
                    IgnoredRedirect{"to_ourselves", "10.0.1.1", "10.0.1.10", "10.0.1.10"},
                    IgnoredRedirect{"to_a_broadcast", "10.0.1.1", "10.0.1.255", "10.0.1.10"},
                    IgnoredRedirect{"about_anothers", "10.0.1.1", "10.0.1.2", "10.0.1.11"}),
    [](const auto& instance) { return std::string{instance.param.name}; });

TEST_F(IcmpTest, ASecondRedirectReplacesTheFirst) {
  const Octets quote = datagram({.from = "10.0.1.10", .to = "192.0.2.1"}, payload);
  gateway_says(icmp(5, 1, ip("10.0.1.2").value(), quote));
  bench.receives(
      datagram({.from = "10.0.1.2", .protocol = 1}, icmp(5, 1, ip("10.0.1.99").value(), quote)));

  ASSERT_TRUE(bench.sends("192.0.2.1", payload));
  EXPECT_EQ(bench.take_only_sent().to, Bench::mac_of("10.0.1.99"));
  EXPECT_EQ(bench.network().routes().size(), 4U);
}

// verifies RFC 1122 3.3.1.4-1, 3.3.1.5
TEST_F(IcmpTest, ARedirectToADeadGatewayIsForgotten) {
  gateway_says(icmp(5, 1, ip("10.0.1.77").value(),
                    datagram({.from = "10.0.1.10", .to = "192.0.2.1"}, payload)));
  ASSERT_TRUE(bench.sends("192.0.2.1", payload));
  bench.advance(1min);
  EXPECT_TRUE(bench.is_silent());

  ASSERT_TRUE(bench.sends("192.0.2.1", payload));
  EXPECT_EQ(bench.take_only_sent().to, Bench::mac_of("10.0.1.1"));
}

TEST_F(IcmpTest, RedirectsAreBounded) {
  for (int i = 0; i < 500; ++i) {
    const std::string target =
        "198.51." + std::to_string(100 + i / 250) + "." + std::to_string(i % 250);
    gateway_says(
        icmp(5, 1, ip("10.0.1.2").value(), datagram({.from = "10.0.1.10", .to = target}, payload)));
  }

  EXPECT_EQ(bench.network().routes().size(), 3U + 64U);
}

// ---- path MTU ----------------------------------------------------------------------------------

TEST_F(IcmpTest, FragmentationNeededLowersThePathMtu) {  // verifies RFC 1191 section 3
  const Octets large =
      datagram({.from = "10.0.1.10", .to = "192.0.2.1", .df = true}, counting(1480));
  gateway_says(icmp(3, 4, 1400, slice(large, 0, 100)));

  EXPECT_EQ(bench.network().mtu_for(ip("192.0.2.1")), 1400);
  EXPECT_EQ(bench.network().mtu_for(ip("192.0.2.2")), 1500);
  EXPECT_EQ(bench.sends("192.0.2.1", counting(1381), {.dont_fragment = true}).error(),
            Errc::message_size);
  ASSERT_TRUE(bench.sends("192.0.2.1", counting(1381)));
  EXPECT_EQ(bench.take_sent().size(), 2U);
  EXPECT_EQ(bench.icmp_errors.size(), 1U);
}

TEST_F(IcmpTest, FragmentationNeededOfADatagramWithoutDfIsNotBelieved) {
  gateway_says(
      icmp(3, 4, 1400, datagram({.from = "10.0.1.10", .to = "192.0.2.1"}, counting(1480))));

  EXPECT_EQ(bench.network().mtu_for(ip("192.0.2.1")), 1500);
}

TEST_F(IcmpTest, FragmentationNeededOfASegmentIsForTcpToJudge) {  // verifies RFC 5927 section 4
  gateway_says(icmp(3, 4, 1400,
                    datagram({.from = "10.0.1.10", .to = "192.0.2.1", .protocol = 6, .df = true},
                             counting(1480))));
  EXPECT_EQ(bench.network().mtu_for(ip("192.0.2.1")), 1500);
  ASSERT_EQ(bench.icmp_errors.size(), 1U);

  bench.network().reduce_path_mtu(ip("192.0.2.1"), 1400, 1500, bench.now());
  EXPECT_EQ(bench.network().mtu_for(ip("192.0.2.1")), 1400);
}

TEST_F(IcmpTest, ThePathMtuIsForgottenInTime) {  // verifies RFC 1191 6.3
  bench.network().reduce_path_mtu(ip("192.0.2.1"), 1400, 1500, bench.now());
  bench.advance(10min);
  ASSERT_TRUE(bench.sends("192.0.2.1", counting(1480), {.dont_fragment = true}));

  EXPECT_EQ(bench.network().mtu_for(ip("192.0.2.1")), 1500);
}

}  // namespace
}  // namespace strata::network
