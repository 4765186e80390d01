// SPDX-License-Identifier: MIT
#include "stack/base/address.h"

#include "stack/base/random.h"

namespace strata {
namespace {

TEST(MacAddress, ParsesColonsAndHyphensAndPrintsColons) {
  const auto address = MacAddress::parse("02:00:5E:10:00:fF");
  ASSERT_TRUE(address);
  EXPECT_EQ(to_text(*address), "02:00:5e:10:00:ff");
  EXPECT_EQ(MacAddress::parse("02-00-5e-10-00-ff"), address);
}

TEST(MacAddress, NothingElseIsAccepted) {
  for (const char* text :
       {"", "02:00:5e:10:00", "02:00:5e:10:00:ff:", "02:00:5e:10:00-ff", "02:00:5e:10:00:fg",
        "2:0:5e:10:0:ff", "0200.5e10.00ff", "+2:00:5e:10:00:ff", " 2:00:5e:10:00:ff"}) {
    EXPECT_FALSE(MacAddress::parse(text)) << text;
  }
}

TEST(MacAddress, KnowsGroupAddresses) {
  EXPECT_TRUE(MacAddress::broadcast().is_group());
  EXPECT_TRUE(MacAddress::broadcast().is_broadcast());
  EXPECT_TRUE(MacAddress::parse("01:80:c2:00:00:00")->is_group());
  EXPECT_FALSE(MacAddress::parse("02:00:00:00:00:01")->is_group());
}

TEST(Ipv4Address, ParsesAndPrintsDottedDecimal) {
  for (const char* text : {"0.0.0.0", "10.0.1.10", "255.255.255.255", "192.0.2.1"}) {
    const auto address = Ipv4Address::parse(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(to_text(*address), text);
  }
}

TEST(Ipv4Address, NothingElseIsAccepted) {
  for (const char* text :
       {"", "10", "10.0.1", "10.0.1.10.1", "10.0.1.256", "10.0.1.010", "10.0.1.-1", "10.0.1.",
        ".10.0.1", "10..0.1", "10.0.1.1 ", "0x0a.0.0.1", "10.0.1.99999999999"}) {
    EXPECT_FALSE(Ipv4Address::parse(text)) << text;
  }
}

TEST(Ipv4Address, KnowsTheSpecialBlocks) {
  EXPECT_TRUE(Ipv4Address(127, 0, 0, 1).is_loopback());
  EXPECT_TRUE(Ipv4Address(224, 0, 0, 1).is_multicast());
  EXPECT_TRUE(Ipv4Address(239, 255, 255, 255).is_multicast());
  EXPECT_FALSE(Ipv4Address(240, 0, 0, 1).is_multicast());
  EXPECT_TRUE(Ipv4Address(240, 0, 0, 1).is_class_e());
  EXPECT_FALSE(Ipv4Address::limited_broadcast().is_class_e());
  EXPECT_TRUE(Ipv4Address(0, 1, 2, 3).is_this_network());
}

TEST(Ipv4Address, StoresAndLoadsNetworkOrder) {
  std::array<std::uint8_t, 4> bytes{};
  Ipv4Address(10, 0, 2, 20).store(bytes.data());
  EXPECT_EQ(bytes, (std::array<std::uint8_t, 4>{10, 0, 2, 20}));
  EXPECT_EQ(Ipv4Address::load(bytes.data()), Ipv4Address(10, 0, 2, 20));
}

// The examples of RFC 5952, sections 1 to 5, and of RFC 4291 2.2.
TEST(Ipv6Address, PrintsTheCanonicalForm) {
  const struct {
    const char* given;
    const char* canonical;
  } cases[] = {
      {"2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"2001:0db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"2001:db8::1:0:0:1", "2001:db8::1:0:0:1"},
      {"2001:db8::0:1:0:0:1", "2001:db8::1:0:0:1"},
      {"2001:0db8::1:0:0:1", "2001:db8::1:0:0:1"},
      {"2001:db8:0:0:1::1", "2001:db8::1:0:0:1"},
      {"2001:DB8:0:0:1::1", "2001:db8::1:0:0:1"},
      {"2001:db8:aaaa:bbbb:cccc:dddd:eeee:0001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:1"},
      {"2001:db8:0:0:0:0:2:1", "2001:db8::2:1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"2001:0:0:1:0:0:0:1", "2001:0:0:1::1"},
      {"::", "::"},
      {"::1", "::1"},
      {"1::", "1::"},
      {"0:0:0:0:0:0:0:0", "::"},
      {"FF01:0:0:0:0:0:0:101", "ff01::101"},
      {"fe80::1:2:3:4", "fe80::1:2:3:4"},
      {"::ffff:192.0.2.1", "::ffff:c000:201"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
      {"1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:102:304"},
      {"1:2:3:4:5:6::", "1:2:3:4:5:6::"},
      {"::3:4:5:6:7:8", "::3:4:5:6:7:8"},
  };
  for (const auto& test : cases) {
    const auto address = Ipv6Address::parse(test.given);
    ASSERT_TRUE(address) << test.given;
    EXPECT_EQ(to_text(*address), test.canonical);
  }
}

TEST(Ipv6Address, NothingElseIsAccepted) {
  for (const char* text : {"",
                           ":",
                           ":::",
                           "1",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1::2::3",
                           "12345::",
                           "g::",
                           "1:2:3:4:5:6:7:8::",
                           "::1:2:3:4:5:6:7:8",
                           ":1::2",
                           "1::2:",
                           "1.2.3.4::",
                           "::1.2.3",
                           "::1.2.3.4:5",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "::1%eth0",
                           "::-1",
                           "fe80::/10",
                           "1.2.3.4"}) {
    EXPECT_FALSE(Ipv6Address::parse(text)) << text;
  }
}

TEST(Ipv6Address, WhatIsPrintedIsReadBack) {
  RandomStream random(1, "ipv6");
  for (int i = 0; i < 2000; ++i) {
    std::array<std::uint8_t, 16> octets{};
    for (auto& octet : octets) {
      octet = random.below(3) == 0 ? static_cast<std::uint8_t>(random.below(256)) : std::uint8_t{0};
    }
    const Ipv6Address address{octets};
    EXPECT_EQ(Ipv6Address::parse(to_text(address)), address) << to_text(address);
  }
}

TEST(IpAddress, IsOneOfTheTwo) {
  EXPECT_TRUE(IpAddress::parse("10.0.1.1")->is_v4());
  EXPECT_FALSE(IpAddress::parse("2001:db8::1")->is_v4());
  EXPECT_FALSE(IpAddress::parse("server"));
  EXPECT_TRUE(IpAddress{}.is_unspecified());
  EXPECT_TRUE(IpAddress{Ipv6Address{}}.is_unspecified());
  EXPECT_NE(IpAddress{}, IpAddress{Ipv6Address{}});
}

// verifies RFC 1122 3.2.1.3-1
TEST(Prefix, ContainsExactlyItsBlock) {
  const auto prefix = Prefix::parse("10.0.1.10/24");
  ASSERT_TRUE(prefix);
  EXPECT_EQ(to_text(*prefix), "10.0.1.10/24");
  EXPECT_EQ(to_text(prefix->network()), "10.0.1.0/24");
  EXPECT_TRUE(prefix->contains(Ipv4Address(10, 0, 1, 255)));
  EXPECT_FALSE(prefix->contains(Ipv4Address(10, 0, 2, 0)));
  EXPECT_FALSE(prefix->contains(*Ipv6Address::parse("::10.0.1.1")));
}

TEST(Prefix, OfLengthZeroContainsEverythingOfItsVersion) {
  EXPECT_TRUE(Prefix::parse("0.0.0.0/0")->contains(Ipv4Address(255, 1, 2, 3)));
  EXPECT_TRUE(Prefix::parse("::/0")->contains(*Ipv6Address::parse("ffff::1")));
  EXPECT_FALSE(Prefix::parse("::/0")->contains(Ipv4Address(1, 2, 3, 4)));
}

TEST(Prefix, OfAnyLengthAgreesWithAComparisonBitByBit) {
  RandomStream random(1, "prefix");
  for (int i = 0; i < 3000; ++i) {
    const auto length = static_cast<std::uint8_t>(random.below(33));
    const Ipv4Address address{static_cast<std::uint32_t>(random.next())};
    const auto flipped_bit = static_cast<unsigned>(random.below(32));
    const Ipv4Address other{address.value() ^ (0x80000000U >> flipped_bit)};
    const Prefix prefix{.address = address, .length = length};
    EXPECT_EQ(prefix.contains(other), flipped_bit >= length);
    EXPECT_TRUE(prefix.contains(address));
  }
}

TEST(Prefix, WorksForIpv6) {
  const auto prefix = Prefix::parse("2001:db8:aaaa:bbbb::1/62");
  ASSERT_TRUE(prefix);
  EXPECT_EQ(to_text(prefix->network()), "2001:db8:aaaa:bbb8::/62");
  EXPECT_TRUE(prefix->contains(*IpAddress::parse("2001:db8:aaaa:bbba::5")));
  EXPECT_FALSE(prefix->contains(*IpAddress::parse("2001:db8:aaaa:bbbc::5")));
}

// verifies RFC 1122 3.2.2.9-8
TEST(Prefix, NothingElseIsAccepted) {
  for (const char* text : {"10.0.1.0", "10.0.1.0/", "10.0.1.0/33", "::/129", "10.0.1.0/-1",
                           "10.0.1.0/24 ", "/24", "10.0.1.0/2 4", "10.0.1.0/24/1"}) {
    EXPECT_FALSE(Prefix::parse(text)) << text;
  }
}

// verifies RFC 1122 3.2.1.3 (d), RFC 3021
TEST(Prefix, HasADirectedBroadcastUnlessItIsTooSmall) {
  EXPECT_EQ(Prefix::parse("10.0.1.10/24")->directed_broadcast(), Ipv4Address(10, 0, 1, 255));
  EXPECT_EQ(Prefix::parse("10.0.1.10/30")->directed_broadcast(), Ipv4Address(10, 0, 1, 11));
  EXPECT_EQ(Prefix::parse("0.0.0.0/0")->directed_broadcast(), Ipv4Address::limited_broadcast());
  EXPECT_EQ(Prefix::parse("10.0.1.10/31")->directed_broadcast(), std::nullopt);
  EXPECT_EQ(Prefix::parse("10.0.1.10/32")->directed_broadcast(), std::nullopt);
  EXPECT_EQ(Prefix::parse("2001:db8::/64")->directed_broadcast(), std::nullopt);
}

TEST(Endpoint, PrintsIpv6InBrackets) {
  EXPECT_EQ(to_text(Endpoint{Ipv4Address(10, 0, 1, 10), 80}), "10.0.1.10:80");
  EXPECT_EQ(to_text(Endpoint{*Ipv6Address::parse("2001:db8::1"), 80}), "[2001:db8::1]:80");
}

TEST(FlowKey, ReversesAndPrintsLocalFirst) {
  const FlowKey flow{{Ipv4Address(10, 0, 1, 10), 40000}, {Ipv4Address(10, 0, 2, 20), 80}};
  EXPECT_EQ(to_text(flow), "10.0.1.10:40000 > 10.0.2.20:80");
  EXPECT_EQ(to_text(flow.reversed()), "10.0.2.20:80 > 10.0.1.10:40000");
  EXPECT_NE(FlowKeyHash{}(flow), FlowKeyHash{}(flow.reversed()));
}

}  // namespace
}  // namespace strata
