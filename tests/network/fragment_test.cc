// SPDX-License-Identifier: MIT
#include "stack/network/fragment.h"

#include <gtest/gtest.h>

#include "tests/network/bench.h"

namespace strata::network {
namespace {

// Fragments the datagram and returns the bytes of the pieces.
std::vector<Octets> pieces_of(const Octets& whole, std::uint16_t mtu) {
  PacketPool pool;
  const Packet packet = pool.make(Bytes{whole});
  std::vector<Octets> pieces;
  for (const Packet& piece :
       fragment(packet, wire::Ipv4Header::parse(packet.bytes()).value(), mtu)) {
    EXPECT_EQ(piece.parent(), packet.uid());
    EXPECT_EQ(piece.parentage(), Parentage::fragment);
    EXPECT_NE(piece.uid(), packet.uid());
    pieces.push_back(octets(piece.bytes()));
  }
  return pieces;
}

TEST(Fragment, FourThousandBytesOverEthernetBecomeThree) {  // verifies RFC 791 3.2
  const Octets payload = counting(3980);
  const auto pieces = pieces_of(datagram({.id = 777}, payload), 1500);

  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(pieces[0], datagram({.id = 777, .mf = true}, slice(payload, 0, 1480)));
  EXPECT_EQ(pieces[1],
            datagram({.id = 777, .mf = true, .offset = 185 * 8}, slice(payload, 1480, 2960)));
  EXPECT_EQ(pieces[2], datagram({.id = 777, .offset = 370 * 8}, slice(payload, 2960)));
  EXPECT_EQ(pieces[2].size(), 20U + 1020U);
}

TEST(Fragment, TheExampleOfTheRfcFitsItsTwoFragments) {
  // RFC 791 appendix A, example 2: 452 data octets, MTU 280: 256 and 196.
  const Octets payload = counting(452);
  const auto pieces = pieces_of(datagram({.protocol = 6, .ttl = 123, .id = 111}, payload), 280);

  ASSERT_EQ(pieces.size(), 2U);
  EXPECT_EQ(pieces[0],
            datagram({.protocol = 6, .ttl = 123, .id = 111, .mf = true}, slice(payload, 0, 256)));
  EXPECT_EQ(pieces[1], datagram({.protocol = 6, .ttl = 123, .id = 111, .offset = 32 * 8},
                                slice(payload, 256)));
}

TEST(Fragment, AFragmentOfAFragmentKeepsItsPlaceAndItsMoreFlag) {
  const Octets payload = counting(1480);
  const auto pieces = pieces_of(datagram({.mf = true, .offset = 1480}, payload), 1000);

  ASSERT_EQ(pieces.size(), 2U);
  EXPECT_EQ(pieces[0], datagram({.mf = true, .offset = 1480}, slice(payload, 0, 976)));
  EXPECT_EQ(pieces[1], datagram({.mf = true, .offset = 1480 + 976}, slice(payload, 976)));
}

TEST(Fragment, OnlyOptionsWithTheCopiedFlagTravelInLaterFragments) {  // verifies RFC 791 3.1
  const Octets record_route{7, 7, 4, 0, 0, 0, 0};
  const Octets router_alert{148, 4, 0, 0};  // RFC 2113, copied
  const Octets both = record_route + router_alert + Octets{0};
  const Octets payload = counting(250);
  const auto pieces = pieces_of(datagram({.options = both}, payload), 132);

  ASSERT_EQ(pieces.size(), 3U);
  EXPECT_EQ(pieces[0], datagram({.mf = true, .options = both}, slice(payload, 0, 96)));
  EXPECT_EQ(pieces[1],
            datagram({.mf = true, .offset = 96, .options = router_alert}, slice(payload, 96, 200)));
  EXPECT_EQ(pieces[2], datagram({.offset = 200, .options = router_alert}, slice(payload, 200)));
}

TEST(Fragment, TheLastFragmentMayUseTheWholeMtu) {
  // 8 + 12 bytes: the last piece takes 12 although 12 is no multiple of eight.
  const auto pieces = pieces_of(datagram({}, counting(20)), 32);

  ASSERT_EQ(pieces.size(), 2U);
  EXPECT_EQ(pieces[0].size(), 28U);
  EXPECT_EQ(pieces[1].size(), 32U);
}

TEST(Fragment, AnMtuWithoutRoomForEightOctetsIsImpossible) {
  EXPECT_TRUE(pieces_of(datagram({}, counting(100)), 27).empty());
  EXPECT_TRUE(pieces_of(datagram({}, counting(100)), 10).empty());
}

}  // namespace
}  // namespace strata::network
