// SPDX-License-Identifier: MIT
#include "stack/base/seq32.h"

#include "stack/base/random.h"

namespace strata {
namespace {

TEST(Seq32, WrapsAround) {
  EXPECT_EQ(Seq32{0xffffffffU} + 1, Seq32{0});
  EXPECT_EQ(Seq32{0} - 1U, Seq32{0xffffffffU});
  EXPECT_EQ(Seq32{5} - Seq32{0xfffffffeU}, 7);
  EXPECT_EQ(Seq32{0xfffffffeU} - Seq32{5}, -7);
}

TEST(Seq32, IsOrderedRelativeToAnotherWithinHalfTheSpace) {
  EXPECT_TRUE(Seq32{0xffffffffU}.before(Seq32{0}));
  EXPECT_TRUE(Seq32{0}.after(Seq32{0xffffffffU}));
  EXPECT_TRUE(Seq32{0}.before(Seq32{0x7fffffffU}));
  EXPECT_FALSE(Seq32{7}.before(Seq32{7}));
  EXPECT_FALSE(Seq32{7}.after(Seq32{7}));
}

TEST(Seq32, ANumberIsBeforeAnotherExactlyWhenTheOtherIsAfterIt) {
  RandomStream random(1, "seq");
  for (int i = 0; i < 5000; ++i) {
    const Seq32 a{static_cast<std::uint32_t>(random.next())};
    const auto distance = static_cast<std::uint32_t>(random.between(1, 0x7fffffff));
    EXPECT_TRUE(a.before(a + distance));
    EXPECT_TRUE((a + distance).after(a));
    EXPECT_FALSE((a + distance).before(a));
    EXPECT_EQ((a + distance) - a, static_cast<std::int32_t>(distance));
  }
}

TEST(Seq32, UnwrappingUndoesWrappingNearTheTruth) {
  RandomStream random(1, "unwrap");
  for (int i = 0; i < 20000; ++i) {
    const Seq32 zero{static_cast<std::uint32_t>(random.next())};
    const std::uint64_t offset = random.below(std::uint64_t{1} << 40);
    const std::int64_t off_by = random.between(-0x7fffffff, 0x7fffffff);
    const auto near = static_cast<std::int64_t>(offset) + off_by;
    if (near < 0) continue;
    EXPECT_EQ(Seq32::wrap(offset, zero).unwrap(zero, static_cast<std::uint64_t>(near)),
              static_cast<std::int64_t>(offset));
  }
}

TEST(Seq32, ANumberBeforeTheStartUnwrapsToANegativeOffset) {
  EXPECT_EQ(Seq32{999}.unwrap(Seq32{1000}, 0), -1);
  EXPECT_EQ(Seq32{0xfffffff0U}.unwrap(Seq32{0x10}, 5), -32);
}

}  // namespace
}  // namespace strata
