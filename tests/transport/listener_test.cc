// SPDX-License-Identifier: MIT
// verifies RFC 9293 3.10.7.2 and the backlog.
#include "stack/transport/listener.h"

#include <gtest/gtest.h>

namespace strata::transport {
namespace {

using wire::tcp_flag::kAck;
using wire::tcp_flag::kCwr;
using wire::tcp_flag::kEce;
using wire::tcp_flag::kFin;
using wire::tcp_flag::kPsh;
using wire::tcp_flag::kRst;
using wire::tcp_flag::kSyn;
using wire::tcp_flag::kUrg;
using Verdict = Listener::Verdict;

Listener listener(int backlog = 5) { return Listener(backlog); }
wire::TcpHeader segment(int flags) { return {.flags = static_cast<std::uint8_t>(flags)}; }
EndpointId child(std::uint64_t number) { return EndpointId{number}; }

TEST(Listener, IgnoresAResetWhateverElseIsSet) {
  EXPECT_EQ(listener().judge(segment(kRst)), Verdict::ignore_reset);
  EXPECT_EQ(listener().judge(segment(kRst | kAck)), Verdict::ignore_reset);
  EXPECT_EQ(listener().judge(segment(kRst | kSyn)), Verdict::ignore_reset);
}

TEST(Listener, RefusesAnyAcknowledgement) {
  EXPECT_EQ(listener().judge(segment(kAck)), Verdict::refuse);
  EXPECT_EQ(listener().judge(segment(kSyn | kAck)), Verdict::refuse);
  EXPECT_EQ(listener().judge(segment(kFin | kAck)), Verdict::refuse);
}

TEST(Listener, OpensOnASynEvenWithDataOrFin) {
  EXPECT_EQ(listener().judge(segment(kSyn)), Verdict::open);
  EXPECT_EQ(listener().judge(segment(kSyn | kFin)), Verdict::open);
  EXPECT_EQ(listener().judge(segment(kSyn | kEce | kCwr)), Verdict::open);
}

TEST(Listener, DiscardsWhatHasNoneOfThem) {
  EXPECT_EQ(listener().judge(segment(0)), Verdict::discard);
  EXPECT_EQ(listener().judge(segment(kFin | kPsh | kUrg)), Verdict::discard);
}

TEST(Listener, HandshakesDoNotUseUpTheBacklogOfAccept) {
  Listener full = listener(1);
  for (int i = 0; i < 10; ++i) full.on_child_opened();
  EXPECT_EQ(full.judge(segment(kSyn)), Verdict::open);

  full.on_child_established(child(1));
  EXPECT_TRUE(full.is_full());
  EXPECT_EQ(full.judge(segment(kSyn)), Verdict::overflow);

  EXPECT_EQ(full.take(), child(1));
  EXPECT_EQ(full.judge(segment(kSyn)), Verdict::open);
}

TEST(Listener, BeyondItsHalfOpenConnectionsItDropsOrAnswersByCookieAsConfigured) {
  const auto judge = [](tcp::SynCookies cookies, int handshakes) {
    Listener listener(5, {.half_open = 2, .cookies = cookies});
    for (int i = 0; i < handshakes; ++i) listener.on_child_opened();
    return listener.judge(segment(kSyn));
  };
  EXPECT_EQ(judge(tcp::SynCookies::off, 1), Verdict::open);
  EXPECT_EQ(judge(tcp::SynCookies::off, 2), Verdict::overflow);
  EXPECT_EQ(judge(tcp::SynCookies::overflow, 1), Verdict::open);
  EXPECT_EQ(judge(tcp::SynCookies::overflow, 2), Verdict::cookie);
  EXPECT_EQ(judge(tcp::SynCookies::always, 0), Verdict::cookie);
}

TEST(Listener, BelievesCookiesOnlyForAsLongAsOneCanBeOut) {
  Listener any = listener();
  EXPECT_FALSE(any.may_hold_cookie(kStart + 1s));
  any.on_cookie_sent(kStart + 1s);
  EXPECT_TRUE(any.may_hold_cookie(kStart + 100s));
  EXPECT_FALSE(any.may_hold_cookie(kStart + 129s));
}

TEST(Listener, ForgetsAHandshakeThatFailed) {
  Listener full(5, {.half_open = 1, .cookies = tcp::SynCookies::off});
  full.on_child_opened();
  EXPECT_EQ(full.judge(segment(kSyn)), Verdict::overflow);

  full.on_child_failed();

  EXPECT_EQ(full.judge(segment(kSyn)), Verdict::open);
}

TEST(Listener, GivesConnectionsOutInTheOrderTheyWereEstablished) {
  Listener queue = listener();
  for (std::uint64_t i = 1; i <= 3; ++i) {
    queue.on_child_opened();
    queue.on_child_established(child(i));
  }
  EXPECT_EQ(queue.take(), child(1));
  EXPECT_EQ(queue.take(), child(2));
  EXPECT_EQ(queue.take(), child(3));
  EXPECT_EQ(queue.take(), kNoEndpoint);
}

TEST(Listener, HasABacklogOfAtLeastOneAndAtMost4096) {
  EXPECT_EQ(listener(0).backlog(), 1U);
  EXPECT_EQ(listener(-3).backlog(), 1U);
  EXPECT_EQ(listener(1 << 30).backlog(), 4096U);
}

}  // namespace
}  // namespace strata::transport
