// SPDX-License-Identifier: MIT
// The language of packetdrill scripts, from text to model.
#include "sim/packetdrill/parser.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "sim/packetdrill/packets.h"
#include "sim/packetdrill/symbols.h"

namespace strata::packetdrill {
namespace {

Event one(std::string_view text) {
  auto script = parse(text);
  EXPECT_TRUE(script.has_value()) << text << ": " << script.error().text;
  if (!script || script->events.size() != 1) return {};
  return script->events.front();
}
PacketSpec packet(std::string_view text) {
  Event event = one(text);
  const auto* found = std::get_if<PacketSpec>(&event.action);
  EXPECT_NE(found, nullptr) << text;
  return found == nullptr ? PacketSpec{} : *found;
}
TcpSpec segment(std::string_view text) { return std::get<TcpSpec>(packet(text).body); }
Problem mistake(std::string_view text) {
  auto script = parse(text);
  EXPECT_FALSE(script.has_value()) << text;
  return script ? Problem{} : script.error();
}

TEST(PacketdrillParser, ReadsEveryFormOfTime) {
  using Kind = EventTime::Kind;
  EXPECT_EQ(one("+.25 `true`").time.at, 250ms);
  EXPECT_EQ(one("1.5 `true`").time.kind, Kind::absolute);
  EXPECT_EQ(one("* > . 1:1(0) ack 1").time.kind, Kind::any);
  EXPECT_EQ(one("0.1~0.2 > . 1:1(0) ack 1").time.kind, Kind::absolute_range);
  EXPECT_EQ(one("+.1~+.2 > . 1:1(0) ack 1").time.until, 200ms);
  EXPECT_EQ(one("+1.000001 `true`").time.at, 1s + 1us);
}

TEST(PacketdrillParser, WritesAPacketAsItReadsIt) {
  for (const std::string_view text :
       {"> S. 0:0(0) ack 1 win 65535 <mss 1460,sackOK,TS val 100 ecr 200,nop,wscale 8>",
        "< SEWA 0:0(0) win 100 <mss 1460>", "> . 1:1(0) ack 1 <nop,nop,sack 5:6 1:2>",
        "< FPU. 1:11(10) ack 5 win 1 urg 4", "> R 5:5(0)", "> - 0:0(0)",
        "> [ect0] . 1:1001(1000) ack 1", "> [ect01] . 1:2(1) ack 1", "> . 1:1(0) ack 1 <...>",
        "> 80 > 1234 . 1:1(0) ack 1", "> udp (1000)", "< icmp unreachable frag_needed mtu 1200",
        "< S 0:0(0) win 1 <FO 0a1b2c3d,nop,nop>", "< S 0:0(0) win 1 <FOEXP 0102>",
        "> SW. 0:0(0) ack 1 <mss 1460,ECN e1b 1 ceb 0 e0b 1,nop>"}) {
    EXPECT_EQ(to_text(packet("0 " + std::string(text))), text);
  }
}

TEST(PacketdrillParser, ReadsTheAccurateEcnCounterInBothNotations) {
  EXPECT_TRUE(segment("0 > P.5 1:2(1) ack 1").accurate_ecn);
  EXPECT_TRUE(segment("0 > P5. 1:2(1) ack 1").accurate_ecn);
  EXPECT_TRUE(segment("0 > 5. 1:2(1) ack 1").accurate_ecn);
  EXPECT_EQ(segment("0 > F2. 1:2(1) ack 1").flags,
            wire::tcp_flag::kFin | wire::tcp_flag::kCwr | wire::tcp_flag::kAck);
}

TEST(PacketdrillParser, ReadsIpFieldsInRoundAndSquareBrackets) {
  EXPECT_EQ(packet("0 > (tos 0x20) . 1:1(0) ack 1").ip.tos, 0x20);
  EXPECT_EQ(packet("0 >[noecn] . 1:1(0) ack 1").ip.ecn, 0);
  EXPECT_EQ(packet("0 < [ttl 3] . 1:1(0) ack 1 win 1").ip.ttl, 3);
  EXPECT_EQ(packet("0 < [ce, tos 0x1] . 1:1(0) ack 1 win 1").ip.ecn, 3);
}

TEST(PacketdrillParser, ReadsTheQuotedPacketOnEitherSideOfTheMessage) {
  const auto linux_way =
      std::get<IcmpSpec>(packet("0 < icmp unreachable frag_needed mtu 1500 [1:1461(1460)]").body);
  const auto freebsd_way = std::get<IcmpSpec>(
      packet("0 < [4294967295:4294967295(0)] icmp time_exceeded ttl_exceeded_in_transit").body);

  EXPECT_EQ(linux_way.mtu, 1500);
  EXPECT_EQ(linux_way.quoted_length, 1460U);
  EXPECT_EQ(freebsd_way.type, 11);
  EXPECT_EQ(freebsd_way.quoted_sequence, 4294967295U);
}

TEST(PacketdrillParser, ATimeStampMayBeAnything) {
  const TcpSpec tcp = segment("0 > S 0:0(0) <mss 1460,nop,wscale 6,sackOK,TS val ... ecr 0>");

  EXPECT_TRUE(tcp.options.back().any_value);
  EXPECT_FALSE(tcp.options.back().any_echo);
}

TEST(PacketdrillParser, ReadsCallsWithStructures) {
  const Event event =
      one("+0 sendmsg(4, {msg_name(...)=..., msg_iov(2)=[{..., 0}, {..., 40}], msg_flags=0},\n"
          "           MSG_DONTWAIT|MSG_MORE) = -1 EAGAIN (Resource temporarily unavailable)");
  const Call& call = std::get<Call>(event.action);

  EXPECT_EQ(call.name, "sendmsg");
  ASSERT_EQ(call.arguments.size(), 3U);
  ASSERT_NE(call.arguments[1].member("msg_iov"), nullptr);
  EXPECT_EQ(call.arguments[1].member("msg_iov")->items.size(), 2U);
  EXPECT_EQ(value_of(call.arguments[2]), 0x8040);
  EXPECT_EQ(value_of(call.result), -1);
  EXPECT_EQ(call.error, "EAGAIN");
}

TEST(PacketdrillParser, ReadsWhenABlockingCallReturns) {
  EXPECT_EQ(std::get<Call>(one("+.01...0.011 connect(3, ..., ...) = 0").action).blocks_until, 11ms);
  EXPECT_EQ(std::get<Call>(one("+.002 ... 0.004 connect(3, ..., ...) = 0").action).blocks_until,
            4ms);
}

TEST(PacketdrillParser, SubstitutesDefinedWords) {
  auto script = parse("0 getsockopt(3, LEVEL, SO_ERROR, [0], [4]) = 0", {{"LEVEL", "SOL_SOCKET"}});

  ASSERT_TRUE(script.has_value());
  EXPECT_EQ(std::get<Call>(script->events[0].action).arguments[1].text, "SOL_SOCKET");
}

TEST(PacketdrillParser, ReadsConditionalPartsOfItsSystemOnly) {
  constexpr std::string_view kText = "#ifdef Linux\n0 `a`\n#endif\n#ifdef FreeBSD\n0 `b`\n#endif\n";

  EXPECT_EQ(std::get<Command>(parse(kText)->events.at(0).action).text, "a");
  EXPECT_EQ(std::get<Command>(parse(kText, {}, "FreeBSD")->events.at(0).action).text, "b");
}

TEST(PacketdrillParser, ReadsOptionsBeforeTheFirstEvent) {
  const auto script = parse("--tolerance_usecs=7000 // wide\n--ip_version=ipv4\n0 `true`");

  ASSERT_TRUE(script.has_value());
  ASSERT_EQ(script->options.size(), 2U);
  EXPECT_EQ(script->options[0].name, "tolerance_usecs");
  EXPECT_EQ(script->options[0].value, "7000");
}

TEST(PacketdrillParser, PointsAtAMistakeAndSaysHowToMendIt) {
  const Problem length = mistake("0 `x`\n+0 < . 1:1001(100) ack 1 win 5\n");
  EXPECT_EQ(length.at.line, 2);
  EXPECT_EQ(length.at.column, 8);
  EXPECT_EQ(length.text, "1:1001 is not 100 octets long");
  EXPECT_EQ(length.hint, "write 1:101(100)");

  EXPECT_EQ(mistake("0 < X 0:0(0) win 1").text, "'X' is no TCP flag");
  EXPECT_EQ(mistake("0 < S 0:0(0) win 1 <...>").hint, "name the options of a packet that arrives");
  EXPECT_EQ(mistake("0 < S 0:0(0) win 70000").text, "a window is out of range");
  EXPECT_EQ(mistake("0 < S 0:0(0) win 1 <msss 5>").text, "'msss' is no TCP option");
  EXPECT_EQ(mistake("read(3, ..., 5) = 5").hint,
            "an event begins with its time, as in '+0 < S 0:0(0) win 1000'");
  EXPECT_EQ(mistake("0 read(3, ..., 5)").text,
            "expected '=' between the call and its result, not the end of the script");
  EXPECT_EQ(mistake("0 `never closed").hint, "close it with `");
  EXPECT_EQ(mistake("-1 `x`").text, "a time is not negative");
  EXPECT_EQ(mistake("--ip_version=ipv4\n// nothing else\n").text, "the script has no event");
}

TEST(PacketdrillParser, SaysWhatIsNotSupported) {
  for (const std::string_view text :
       {"0 < ipv4 1.2.3.4 > 5.6.7.8: . 1:1(0) ack 1", "0 > sctp: INIT[flgs=0]",
        "0 < . 1:1(0) ack 1 win 5/udp(1 > 2)", "0 > [flowlabel 0x1] . 1:1(0) ack 1"}) {
    EXPECT_TRUE(mistake(text).unsupported) << text;
  }
}

}  // namespace
}  // namespace strata::packetdrill
