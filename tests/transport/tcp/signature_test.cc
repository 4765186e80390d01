// SPDX-License-Identifier: MIT
// MD5 signatures (RFC 2385). The digests were computed by another program (Python's hashlib) over
// octets laid out by hand.
#include "stack/transport/tcp/signature.h"

#include <gtest/gtest.h>

#include "stack/base/ascii.h"

namespace strata::tcp::testing {
namespace {

const IpAddress kFrom{Ipv4Address{10, 0, 0, 1}};
const IpAddress kTo{Ipv4Address{10, 0, 0, 2}};

wire::TcpHeader header() {
  return {.source_port = 179,
          .destination_port = 34567,
          .sequence = Seq32{0x01020304},
          .acknowledgement = Seq32{0x0a0b0c0d},
          .flags = wire::tcp_flag::kAck | wire::tcp_flag::kPsh,
          .window = 4096};
}

// verifies RFC 2385 2.0
TEST(TcpSignature, IsTheDigestOfHeaderTextAndKey) {
  wire::TcpHeader signed_header = header();
  sign(signed_header, as_bytes(std::string_view{"hello"}), kFrom, kTo, "secret");

  constexpr std::array<std::uint8_t, kSignatureBytes> kOptions{
      1,    1,    19,   18,   0x65, 0xd8, 0xfe, 0x81, 0x60, 0x27,
      0x83, 0xcc, 0xf2, 0x0d, 0xad, 0xc2, 0x6e, 0x64, 0xe6, 0xb2};
  EXPECT_TRUE(std::ranges::equal(signed_header.options.bytes(), kOptions));
}

// RFC 2385 2.0: of the options only how many octets they take counts.
TEST(TcpSignature, CountsOtherOptionsByTheirLength) {
  wire::TcpHeader signed_header = header();
  signed_header.options = wire::TcpOptionWriter{}.mss(1460).finish();
  sign(signed_header, {}, kFrom, kTo, "secret");

  const auto values = wire::TcpOptionValues::from(signed_header.options.bytes());
  EXPECT_EQ(values.mss, 1460);
  ASSERT_TRUE(values.signature.has_value());
  EXPECT_EQ((*values.signature)[0], 0xd0);
  EXPECT_EQ((*values.signature)[15], 0x4f);
  EXPECT_TRUE(is_signed(signed_header, {}, kFrom, kTo, "secret"));
}

TEST(TcpSignature, WhateverIsChangedMakesItInvalid) {
  wire::TcpHeader good = header();
  const Bytes text = as_bytes(std::string_view{"hello"});
  sign(good, text, kFrom, kTo, "secret");
  EXPECT_TRUE(is_signed(good, text, kFrom, kTo, "secret"));
  EXPECT_FALSE(is_signed(good, text, kFrom, kTo, "Secret"));
  EXPECT_FALSE(is_signed(good, text, kTo, kFrom, "secret"));
  EXPECT_FALSE(is_signed(good, as_bytes(std::string_view{"hellO"}), kFrom, kTo, "secret"));
  EXPECT_FALSE(is_signed(header(), text, kFrom, kTo, "secret"));
  wire::TcpHeader moved = good;
  moved.sequence = moved.sequence + 1;
  EXPECT_FALSE(is_signed(moved, text, kFrom, kTo, "secret"));
}

}  // namespace
}  // namespace strata::tcp::testing
