// SPDX-License-Identifier: MIT
#include "stack/base/crc32.h"

#include <vector>

#include "stack/base/crc32_vector.h"
#include "stack/base/random.h"

namespace strata {
namespace {

// IEEE 802.3 3.2.9 bit by bit, and nothing clever.
std::uint32_t naive_crc(Bytes bytes) {
  std::uint32_t rest = 0xffffffffU;
  for (const std::uint8_t byte : bytes) {
    rest ^= byte;
    for (int bit = 0; bit < 8; ++bit) rest = (rest >> 1) ^ ((rest & 1) != 0 ? 0xedb88320U : 0U);
  }
  return ~rest;
}

std::vector<std::uint8_t> noise(std::size_t size) {
  RandomStream random(1, "crc32");
  std::vector<std::uint8_t> bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
  return bytes;
}

// The check value of CRC-32/ISO-HDLC in the catalogue of parametrised CRC algorithms.
TEST(Crc32, OfTheCheckStringIsTheCatalogueValue) {
  EXPECT_EQ(crc32(as_bytes("123456789")), 0xcbf43926U);
  EXPECT_EQ(crc32({}), 0U);
}

// IEEE 802.3 3.2.9: a frame followed by its FCS leaves a constant remainder.
TEST(Crc32, OverAFrameAndItsFcsIsTheResidue) {
  for (const std::size_t size : {60U, 576U, 1514U}) {
    std::vector<std::uint8_t> frame = noise(size);
    const std::uint32_t fcs = crc32(frame);
    for (unsigned i = 0; i < 4; ++i) frame.push_back(static_cast<std::uint8_t>(fcs >> 8 * i));
    EXPECT_EQ(crc32(frame), 0x2144df1cU) << size;
  }
}

// Values of zlib.
TEST(Crc32, OfRunsOfOneOctetIsWhatZlibSays) {
  EXPECT_EQ(crc32(std::vector<std::uint8_t>(1514, 0x00)), 0xe3d887bbU);
  EXPECT_EQ(crc32(std::vector<std::uint8_t>(1514, 0xff)), 0x814765f4U);
}

TEST(Crc32, EqualsTheNaiveOneAtEveryLengthAndAlignment) {
  const std::vector<std::uint8_t> bytes = noise(1600);
  for (std::size_t begin = 0; begin < 3; ++begin) {
    for (std::size_t length = 0; begin + length <= bytes.size(); ++length) {
      const Bytes run = Bytes{bytes}.subspan(begin, length);
      ASSERT_EQ(crc32(run), naive_crc(run)) << begin << '+' << length;
    }
  }
}

// Down to the shortest run it promises to take, which crc32() leaves to another.
TEST(Crc32, OfTheVectorProcessorEqualsTheNaiveOne) {
  if (!is_crc32_vector_supported()) GTEST_SKIP() << "no VPCLMULQDQ here";
  const std::vector<std::uint8_t> bytes = noise(9000);
  for (std::size_t length = 64; length <= bytes.size(); length += length < 700 ? 1 : 137) {
    const Bytes run = Bytes{bytes}.first(length);
    ASSERT_EQ(crc32_vector(run), naive_crc(run)) << length;
  }
}

}  // namespace
}  // namespace strata
