// SPDX-License-Identifier: MIT
// SYN cookies as numbers (RFC 4987 3.6); what a listener does with them is in tests/socket.
#include "stack/transport/tcp/syn_cookie.h"

#include <gtest/gtest.h>

namespace strata::tcp {
namespace {

const SecretKey kKey = derive_key(1, "host");
const FlowKey kFlow{.local = {Ipv4Address{10, 0, 0, 1}, 80},
                    .remote = {Ipv4Address{10, 0, 0, 2}, 4000}};
constexpr Seq32 kPeer{12345};
constexpr Instant kThen{1000s};

TEST(SynCookie, ReturnsTheTermsThatWentIntoIt) {
  const CookieTerms terms[] = {
      {.mss = 1460, .window_scale = 7, .sack_permitted = true, .ecn_setup = false},
      {.mss = 536, .window_scale = std::nullopt, .sack_permitted = false, .ecn_setup = true},
      {.mss = 1400, .window_scale = 0, .sack_permitted = true, .ecn_setup = true},
      {.mss = 48, .window_scale = 10, .sack_permitted = false, .ecn_setup = false}};
  for (const CookieTerms& wanted : terms) {
    const Seq32 cookie = make_syn_cookie(kKey, kFlow, kPeer, wanted, kThen);
    EXPECT_EQ(open_syn_cookie(kKey, kFlow, kPeer, cookie, kThen), wanted);
  }
}

TEST(SynCookie, RoundsMssAndWindowScaleDown) {
  const Seq32 cookie =
      make_syn_cookie(kKey, kFlow, kPeer, {.mss = 1455, .window_scale = 14}, kThen);
  const auto terms = open_syn_cookie(kKey, kFlow, kPeer, cookie, kThen);
  ASSERT_TRUE(terms.has_value());
  EXPECT_EQ(terms->mss, 1452);
  EXPECT_EQ(terms->window_scale, 10);

  const Seq32 least = make_syn_cookie(kKey, kFlow, kPeer, {.mss = 1}, kThen);
  EXPECT_EQ(open_syn_cookie(kKey, kFlow, kPeer, least, kThen)->mss, 48);
}

TEST(SynCookie, IsGoodForAtLeastOneAndAtMostTwoSlots) {
  const Seq32 cookie = make_syn_cookie(kKey, kFlow, kPeer, {.mss = 1460}, kThen);

  EXPECT_TRUE(open_syn_cookie(kKey, kFlow, kPeer, cookie, kThen + 64s).has_value());
  EXPECT_FALSE(open_syn_cookie(kKey, kFlow, kPeer, cookie, kThen + 128s).has_value());
  EXPECT_FALSE(open_syn_cookie(kKey, kFlow, kPeer, cookie, kThen - 64s).has_value());
}

TEST(SynCookie, BelongsToOneFlowOnePeerNumberAndOneKey) {
  const Seq32 cookie = make_syn_cookie(kKey, kFlow, kPeer, {.mss = 1460}, kThen);
  FlowKey other = kFlow;
  other.remote.port = 4001;

  EXPECT_FALSE(open_syn_cookie(kKey, other, kPeer, cookie, kThen).has_value());
  EXPECT_FALSE(open_syn_cookie(kKey, kFlow, kPeer + 1, cookie, kThen).has_value());
  EXPECT_FALSE(open_syn_cookie(derive_key(2, "host"), kFlow, kPeer, cookie, kThen).has_value());
  EXPECT_FALSE(open_syn_cookie(kKey, kFlow, kPeer, cookie + 256, kThen).has_value());
}

// 2^24 guesses for one hit: of a hundred thousand none should pass, whatever the low octet.
TEST(SynCookie, GuessesAreNotAccepted) {
  int hits = 0;
  for (std::uint32_t guess = 0; guess < 100'000; ++guess) {
    if (open_syn_cookie(kKey, kFlow, kPeer, Seq32{guess * 42949U}, kThen)) ++hits;
  }
  EXPECT_EQ(hits, 0);
}

}  // namespace
}  // namespace strata::tcp
