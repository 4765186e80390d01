// SPDX-License-Identifier: MIT
#include "stack/base/slabs.h"

#include <algorithm>
#include <cstring>
#include <span>

namespace strata {
namespace {

struct Block {
  std::span<std::uint8_t> octets;
  std::uint8_t content = 0;
};

TEST(Slabs, BlocksAreAlignedAndApart) {
  Slabs slabs;
  std::vector<Block> blocks;
  constexpr std::size_t kSizes[] = {64, 704, 10'432, 66'240, 3 << 20};
  for (std::size_t i = 0; i < 205; ++i) {
    const std::size_t size = kSizes[i % (i < 200 ? 4 : 5)];
    const std::span octets{static_cast<std::uint8_t*>(slabs.take(size)), size};
    void* at = octets.data();
    std::size_t space = size;
    ASSERT_EQ(std::align(Slabs::kAlignment, size, at, space), octets.data());
    blocks.push_back({octets, static_cast<std::uint8_t>(i)});
    std::ranges::fill(octets, blocks.back().content);
  }

  for (const Block& block : blocks) {
    EXPECT_EQ(std::ranges::count(block.octets, block.content), std::ssize(block.octets));
  }
}

TEST(Slabs, AreAtMostTwiceWhatIsNeeded) {
  constexpr std::size_t kBlock = 2240;
  Slabs slabs;
  EXPECT_EQ(slabs.footprint_bytes(), 0U);
  slabs.take(kBlock);
  EXPECT_LE(slabs.footprint_bytes(), std::size_t{64} << 10);
  for (std::size_t i = 1; i < 20'000; ++i) slabs.take(kBlock);
  EXPECT_GE(slabs.footprint_bytes(), 20'000 * kBlock);
  EXPECT_LE(slabs.footprint_bytes(), 2 * 20'000 * kBlock);
}

}  // namespace
}  // namespace strata
