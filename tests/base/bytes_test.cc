// SPDX-License-Identifier: MIT
#include "stack/base/bytes.h"

#include <array>

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

}  // namespace
}  // namespace strata
