// SPDX-License-Identifier: MIT
#include "stack/base/bytes.h"

#include <array>

#include "stack/base/crc32.h"

namespace strata {
namespace {

TEST(Bytes, NetworkOrderIsMostSignificantByteFirst) {
  std::array<std::uint8_t, 8> bytes{1, 2, 3, 4, 5, 6, 7, 8};
  EXPECT_EQ(load_be16(bytes.data()), 0x0102);
  EXPECT_EQ(load_be32(bytes.data()), 0x01020304U);
  EXPECT_EQ(load_be64(bytes.data()), 0x0102030405060708U);

  store_be64(bytes.data(), 0x1112131415161718U);
  EXPECT_EQ(to_hex(bytes), "11 12 13 14 15 16 17 18");
  store_be32(bytes.data(), 0xfffefdfcU);
  store_be16(bytes.data() + 4, 0x8001);
  EXPECT_EQ(to_hex(bytes), "ff fe fd fc 80 01 17 18");
}

TEST(Bytes, TextAndBytesAreViewsOfEachOther) {
  EXPECT_EQ(as_text(as_bytes("hello")), "hello");
  EXPECT_EQ(to_hex(as_bytes("\xff")), "ff");
  EXPECT_EQ(to_hex({}), "");
}

// The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
TEST(Crc32, OfTheCheckStringIsTheCatalogueValue) {
  EXPECT_EQ(crc32(as_bytes("123456789")), 0xcbf43926U);
  EXPECT_EQ(crc32({}), 0U);
}

// IEEE 802.3 3.2.9: a frame followed by its FCS leaves a constant remainder.
TEST(Crc32, OverAFrameAndItsFcsIsTheResidue) {
  std::array<std::uint8_t, 64> frame{};
  for (std::size_t i = 0; i < 60; ++i) frame[i] = static_cast<std::uint8_t>(i * 7);
  const std::uint32_t fcs = crc32(Bytes{frame}.first(60));
  for (std::size_t i = 0; i < 4; ++i) frame[60 + i] = static_cast<std::uint8_t>(fcs >> 8 * i);
  EXPECT_EQ(crc32(frame), 0x2144df1cU);
}

}  // namespace
}  // namespace strata
