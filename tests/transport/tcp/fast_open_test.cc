// SPDX-License-Identifier: MIT
// Text on a SYN (RFC 7413), one connection at a time; cookies of hosts are in tests/socket.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>

#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

const std::string kCookie = "12345678";

// verifies RFC 7413 4.1.3
TEST(TcpFastOpen, ClientWithoutACookieAsksForOneAndKeepsItsTextForLater) {
  Conversation tcp;

  tcp.opens_fast("");
  tcp.host_sends(syn().seq(100).fast_open("").length(0));
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(1000).fast_open(kCookie));

  ASSERT_TRUE(tcp.connection().fast_open().granted.has_value());
  EXPECT_EQ(as_text(tcp.connection().fast_open().granted->octets()), kCookie);
  tcp.host_sends(ack().seq(101).ack(301));
}

// verifies RFC 7413 4.2.1
TEST(TcpFastOpen, ClientWithACookieSendsItsFirstTextOnTheSyn) {
  Conversation tcp;

  tcp.opens_fast(kCookie);
  tcp.is_silent();  // until there is text
  EXPECT_TRUE(tcp.connection().readiness().writable);
  tcp.writes("hello");
  tcp.host_sends(syn().seq(100).fast_open(kCookie).text("hello"));
  tcp.peer_sends(syn_ack().seq(300).ack(106).mss(1000));

  tcp.host_sends(ack().seq(106).ack(301));
  tcp.is_silent();
  EXPECT_TRUE(tcp.connection().info().used_fast_open);
  EXPECT_EQ(tcp.connection().info().snd_una, 5U);
}

TEST(TcpFastOpen, NoMoreTextThanTheServersMssGoesOnTheSyn) {
  Conversation tcp;
  tcp.opens_fast(kCookie, 500);

  tcp.writes(2000);

  tcp.host_sends(syn().seq(100).length(460));  // 40 octets are kept for options
  tcp.is_silent();
  tcp.peer_sends(syn_ack().seq(300).ack(561).mss(500));
  tcp.host_sends(ack().seq(561).length(500));
  tcp.ignore_sent();
}

// verifies RFC 7413 4.2.1: what the SYN,ACK does not acknowledge is sent again
TEST(TcpFastOpen, TextThatTheServerDidNotTakeFollowsTheHandshake) {
  Conversation tcp;
  tcp.opens_fast(kCookie);
  tcp.writes("hello");
  tcp.ignore_sent();

  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(1000));

  tcp.host_sends(ack().seq(101).ack(301).text("hello"));
  tcp.is_silent();
  EXPECT_FALSE(tcp.connection().info().used_fast_open);
  EXPECT_EQ(tcp.connection().info().cwnd, 10000U);
}

TEST(TcpFastOpen, SynOfThePeerIsAnsweredThoughOursWaitsForText) {
  Conversation tcp;
  tcp.opens_fast(kCookie);
  tcp.is_silent();

  tcp.peer_sends(syn().seq(300).mss(1000));

  tcp.host_sends(syn_ack().seq(100).ack(301));
  tcp.is_in(TcpState::syn_received);
}

// Text on a SYN goes out before the client knows a window; its repetition keeps to the window.
TEST(TcpFastOpen, TextThatTheServersWindowHadNoRoomForIsRepeatedWithinIt) {
  Conversation tcp;
  tcp.opens_fast(kCookie);
  tcp.writes(700);
  tcp.ignore_sent();

  tcp.peer_sends(syn_ack().seq(300).ack(301).window(200).mss(1000));

  tcp.host_sends(ack().seq(301).length(200));
  tcp.is_silent();
}

// verifies RFC 7413 4.2.1: after a time-out the SYN goes alone
TEST(TcpFastOpen, RepeatedSynCarriesNeitherCookieNorText) {
  Conversation tcp;
  tcp.opens_fast(kCookie);
  tcp.writes("hello");
  tcp.ignore_sent();

  tcp.advance(1s);

  const wire::TcpHeader& again = tcp.newest_sent();
  EXPECT_FALSE(wire::TcpOptionValues::from(again.options.bytes()).fast_open.has_value());
  tcp.host_sends(syn().seq(100).length(0));
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(1000));
  tcp.host_sends(ack().seq(101).text("hello"));
}

// The first SYN arrived after all: its text may be acknowledged late.
TEST(TcpFastOpen, TextOfALateFirstSynIsTakenForDelivered) {
  Conversation tcp;
  tcp.opens_fast(kCookie);
  tcp.writes("hello");
  tcp.advance(1s);
  tcp.ignore_sent();

  tcp.peer_sends(syn_ack().seq(300).ack(106).mss(1000));

  tcp.host_sends(ack().seq(106).ack(301));
  tcp.is_silent();
}

TEST(TcpFastOpen, CloseBeforeAnyTextReleasesTheSyn) {
  Conversation tcp;
  tcp.opens_fast(kCookie);

  tcp.shuts_down_sending();

  tcp.host_sends(syn().seq(100).length(0));
}

// verifies RFC 7413 4.2.2
TEST(TcpFastOpen, ServerDeliversTheTextAndAnswersBeforeTheHandshakeIsOver) {
  Conversation tcp;

  tcp.opens_passively_fast(syn().seq(300).mss(1000).fast_open(kCookie).text("request"));
  tcp.host_sends(syn_ack().seq(100).ack(308));
  EXPECT_EQ(tcp.reads(), "request");
  tcp.writes("answer");
  tcp.host_sends(ack().seq(101).ack(308).text("answer"));
  tcp.is_in(TcpState::syn_received);
  tcp.peer_sends(ack().seq(308).ack(107));

  tcp.is_in(TcpState::established);
  tcp.is_silent();
}

TEST(TcpFastOpen, ServerSendsTheInitialWindowBeforeTheHandshakeIsOver) {
  Conversation tcp;
  tcp.opens_passively_fast(syn().seq(300).mss(1000).window(60000).fast_open(kCookie).text("get"));
  tcp.host_sends(syn_ack().ack(304));

  tcp.writes(20000);

  for (std::uint32_t i = 0; i < 10; ++i) tcp.host_sends(ack().seq(101 + 1000 * i).length(1000));
  tcp.is_silent();
}

TEST(TcpFastOpen, LostSynAckIsRepeatedAloneAndTheTextFollowsItsAck) {
  Conversation tcp;
  tcp.opens_passively_fast(syn().seq(300).mss(1000).fast_open(kCookie).text("get"));
  tcp.writes("answer");
  tcp.ignore_sent();

  tcp.advance(1s);
  tcp.host_sends(syn_ack().seq(100).ack(304).length(0));
  tcp.is_silent();
  tcp.peer_sends(ack().seq(304).ack(107));

  tcp.is_in(TcpState::established);
}

TEST(TcpFastOpen, ResetOfAConnectionTheUserHasAlreadyIsAnError) {
  Conversation tcp;
  tcp.opens_passively_fast(syn().seq(300).mss(1000).fast_open(kCookie).text("get"));
  tcp.ignore_sent();

  tcp.peer_sends(rst().seq(304));

  tcp.is_in(TcpState::closed);
  EXPECT_EQ(tcp.reads(), "get");
  EXPECT_EQ(tcp.connection().take_error(), Errc::connection_reset);
}

TEST(TcpFastOpen, ServerGrantsACookieWithTheSynAck) {
  Conversation tcp;
  tcp.connection().grant_fast_open(FastOpenCookie{as_bytes(kCookie)});

  tcp.opens_passively(syn().seq(300).mss(1000).fast_open(""));

  tcp.host_sends(syn_ack().ack(301).fast_open(kCookie));
}

// verifies RFC 7413 4.1.1: options of illegal lengths are ignored
TEST(TcpFastOpen, CookieOfAnIllegalLengthIsNoCookie) {
  for (const std::size_t length : {1U, 3U, 5U, 17U, 18U}) {
    wire::TcpOptionWriter writer;
    writer.raw(34, as_bytes(std::string(length, 'x')));
    EXPECT_FALSE(fast_open_option(writer.finish().bytes()).has_value()) << length;
  }
  for (const std::size_t length : {0U, 4U, 6U, 16U}) {
    wire::TcpOptionWriter writer;
    writer.raw(34, as_bytes(std::string(length, 'x')));
    EXPECT_TRUE(fast_open_option(writer.finish().bytes()).has_value()) << length;
  }
}

// RFC 6994 3: the experiment's number in front; before RFC 7413 cookies travelled so.
TEST(FastOpenOption, OfTheExperimentIsReadAndWrittenInKind) {
  const std::array<std::uint8_t, 8> octets{254, 8, 0xf9, 0x89, 1, 2, 3, 4};
  const auto cookie = fast_open_option(octets);
  ASSERT_TRUE(cookie);
  EXPECT_TRUE(cookie->is_experimental);
  EXPECT_EQ(*cookie, FastOpenCookie{Bytes{octets}.subspan(4)});

  const wire::OptionBytes written = with_fast_open({}, *cookie, false);
  EXPECT_TRUE(std::ranges::equal(written.bytes(), octets));
}

TEST(FastOpenOption, OfAnotherExperimentOrOfIllegalLengthIsNone) {
  EXPECT_FALSE(fast_open_option(std::array<std::uint8_t, 8>{254, 8, 0xf9, 0x88, 1, 2, 3, 4}));
  EXPECT_FALSE(fast_open_option(std::array<std::uint8_t, 8>{254, 7, 0xf9, 0x89, 1, 2, 3, 0}));
}

}  // namespace
}  // namespace strata::tcp::testing
