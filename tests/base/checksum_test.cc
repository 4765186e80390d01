// SPDX-License-Identifier: MIT
#include "stack/base/checksum.h"

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "stack/base/checksum_paths.h"
#include "stack/base/random.h"

namespace strata {
namespace {

// RFC 1071 section 4.1, word by word, and nothing clever.
std::uint16_t naive(Bytes bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const std::uint32_t low = i + 1 < bytes.size() ? bytes[i + 1] : 0U;
    sum += (std::uint32_t{bytes[i]} << 8) | low;
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<std::uint16_t>(~sum);
}

std::vector<std::uint8_t> noise(std::size_t size, std::string_view name) {
  RandomStream random(1, name);
  std::vector<std::uint8_t> bytes(size);
  for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random.next());
  return bytes;
}

// The example of RFC 1071 section 3: the sum is ddf2.
TEST(InternetChecksum, TheExampleOfRfc1071) {
  const std::vector<std::uint8_t> bytes{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  EXPECT_EQ(internet_checksum(bytes), static_cast<std::uint16_t>(~0xddf2));
}

TEST(InternetChecksum, EqualsTheNaiveOneAtEveryLengthAndAlignment) {
  const auto bytes = noise(700, "lengths");
  for (std::size_t begin = 0; begin < 9; ++begin) {
    for (std::size_t length = 0; begin + length <= bytes.size(); ++length) {
      const Bytes run = Bytes{bytes}.subspan(begin, length);
      ASSERT_EQ(internet_checksum(run), naive(run)) << begin << '+' << length;
    }
  }
}

TEST(InternetChecksum, EachWayOfThisProcessorSumsAndCopiesTheSame) {
  const auto bytes = noise(700, "paths");
  for (const ChecksumPath& path : checksum_paths()) {
    SCOPED_TRACE(std::string(path.name));
    for (std::size_t begin = 0; begin < 9; ++begin) {
      for (std::size_t length = path.bytes_min; begin + length <= bytes.size(); ++length) {
        const Bytes run = Bytes{bytes}.subspan(begin, length);
        const auto checksum = [&](std::uint64_t sum) {
          return static_cast<std::uint16_t>(~detail::to_native(detail::fold(sum)));
        };
        std::vector<std::uint8_t> copy(length + 1, 0x5a);
        ASSERT_EQ(checksum(path.sum(run, nullptr)), naive(run)) << begin << '+' << length;
        ASSERT_EQ(checksum(path.sum_and_copy(run, copy.data())), naive(run))
            << begin << '+' << length;
        ASSERT_TRUE(std::equal(run.begin(), run.end(), copy.begin())) << begin << '+' << length;
        ASSERT_EQ(copy.back(), 0x5a) << "wrote beyond the run of " << length;
      }
    }
  }
}

TEST(InternetChecksum, OfAllOnesNeverLosesACarry) {
  const std::vector<std::uint8_t> bytes(65535, 0xff);
  for (const std::size_t length : {2U, 64U, 127U, 128U, 1460U, 65534U, 65535U}) {
    const Bytes run = Bytes{bytes}.first(length);
    EXPECT_EQ(internet_checksum(run), naive(run)) << length;
  }
}

TEST(InternetChecksum, MayBeSplitAnywhere) {
  const auto bytes = noise(331, "splits");
  for (std::size_t first = 0; first <= bytes.size(); ++first) {
    for (std::size_t second = first; second <= bytes.size(); second += 13) {
      InternetChecksum sum;
      sum.add(Bytes{bytes}.first(first));
      sum.add(Bytes{bytes}.subspan(first, second - first));
      sum.add(Bytes{bytes}.subspan(second));
      ASSERT_EQ(sum.finish(), naive(bytes)) << first << ' ' << second;
    }
  }
}

TEST(InternetChecksum, CopyingWhileAddingCopiesAndAddsTheSame) {
  const auto bytes = noise(600, "copies");
  for (std::size_t length = 0; length < bytes.size(); length += 7) {
    for (std::size_t prefix = 0; prefix < 3; ++prefix) {
      std::vector<std::uint8_t> target(length + 1, 0xee);
      InternetChecksum copying;
      InternetChecksum adding;
      copying.add(Bytes{bytes}.first(prefix));
      adding.add(Bytes{bytes}.first(prefix));
      const Bytes run = Bytes{bytes}.subspan(0, length);
      copying.add_copy(run, target.data());
      adding.add(run);
      EXPECT_EQ(copying.finish(), adding.finish());
      EXPECT_TRUE(std::ranges::equal(run, Bytes{target}.first(length)));
      EXPECT_EQ(target.back(), 0xee) << "wrote beyond the end";
    }
  }
}

TEST(InternetChecksum, WordsAreAddedInHostOrder) {
  InternetChecksum words;
  words.add16(0x1234);
  words.add_words(std::uint64_t{0x56789abc} + 0xffffffff + 0xdef0);
  const std::vector<std::uint8_t> bytes{0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc,
                                        0xff, 0xff, 0xff, 0xff, 0xde, 0xf0};
  EXPECT_EQ(words.finish(), naive(bytes));
}

TEST(InternetChecksum, IsValidOverDataAndItsChecksumUntilABitFlips) {
  auto bytes = noise(41, "valid");
  bytes[10] = bytes[11] = 0;
  const std::uint16_t checksum = internet_checksum(bytes);
  store_be16(&bytes[10], checksum);
  InternetChecksum good;
  good.add(bytes);
  EXPECT_TRUE(good.is_valid());
  for (std::size_t bit = 0; bit < bytes.size() * 8; ++bit) {
    auto damaged = bytes;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(1 << bit % 8);
    InternetChecksum bad;
    bad.add(damaged);
    EXPECT_FALSE(bad.is_valid());
  }
}

// RFC 9293 3.1: source, destination, zero and protocol, length.
TEST(InternetChecksum, ThePseudoHeaderOfIpv4) {
  InternetChecksum sum;
  sum.add_pseudo_header(Ipv4Address{10, 0, 1, 10}, Ipv4Address{10, 0, 2, 20}, 6, 39);
  const std::vector<std::uint8_t> bytes{10, 0, 1, 10, 10, 0, 2, 20, 0, 6, 0, 39};
  EXPECT_EQ(sum.finish(), naive(bytes));
}

// RFC 8200 8.1: source, destination, 32-bit length, three zero octets and the next header.
TEST(InternetChecksum, ThePseudoHeaderOfIpv6) {
  const auto octets = noise(32, "ipv6");
  std::array<std::uint8_t, 16> source{};
  std::array<std::uint8_t, 16> destination{};
  std::copy_n(octets.begin(), 16, source.begin());
  std::copy_n(octets.begin() + 16, 16, destination.begin());
  InternetChecksum sum;
  sum.add_pseudo_header(Ipv6Address{source}, Ipv6Address{destination}, 17, 0x12345);
  auto bytes = octets;
  const std::array<std::uint8_t, 8> rest{0, 1, 0x23, 0x45, 0, 0, 0, 17};
  bytes.insert(bytes.end(), rest.begin(), rest.end());
  EXPECT_EQ(sum.finish(), naive(bytes));
}

// The example of RFC 1624 section 4: 0xdd2f, one word from 0x5555 to 0x3285, gives zero where the
// equation of RFC 1141 gave 0xffff.
TEST(UpdateChecksum, TheExampleOfRfc1624) {
  EXPECT_EQ(update_checksum(0xdd2f, 0x5555, 0x3285), 0x0000);
}

TEST(UpdateChecksum, EqualsARecomputation) {
  RandomStream random(1, "update");
  auto bytes = noise(20, "update");
  for (int i = 0; i < 5000; ++i) {
    const std::size_t word = 2 * random.below(10);
    const std::uint16_t before = internet_checksum(bytes);
    const std::uint16_t old_word = load_be16(&bytes[word]);
    const auto new_word = static_cast<std::uint16_t>(random.next());
    store_be16(&bytes[word], new_word);
    EXPECT_EQ(update_checksum(before, old_word, new_word), internet_checksum(bytes));
  }
}

}  // namespace
}  // namespace strata
