// SPDX-License-Identifier: MIT
// Line codes against levels worked out by hand from the definitions in IEEE 802.3.
#include "stack/physical/line_code.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#include "stack/base/random.h"
#include "stack/physical/code_groups.h"
#include "stack/physical/framing.h"

namespace strata::physical {
namespace {

constexpr std::array kKinds{LineCodeKind::nrz, LineCodeKind::nrzi, LineCodeKind::manchester,
                            LineCodeKind::mlt3};

// Levels as '-', '0' and '+'; blanks are for the eye.
std::string picture(const Symbols& symbols) {
  std::string text;
  for (const std::int8_t level : symbols) text += "-0+"[level + 1];
  return text;
}
std::string levels(std::string text) {
  std::erase(text, ' ');
  return text;
}
Symbols symbols_of(const std::string& text) {
  Symbols symbols;
  for (const char c : levels(text)) {
    symbols.push_back(static_cast<std::int8_t>(c == '+' ? 1 : c == '-' ? -1 : 0));
  }
  return symbols;
}
std::string encoded(LineCodeKind kind, const std::vector<std::uint8_t>& octets) {
  return picture(encode(kind, octets));
}

std::vector<std::uint8_t> random_frame(RandomStream& stream, std::size_t bytes) {
  std::vector<std::uint8_t> frame(bytes);
  for (std::uint8_t& octet : frame) octet = static_cast<std::uint8_t>(stream.below(256));
  return with_preamble(frame);
}

// 0x55 is 1010 1010 and 0xd5 is 1010 1011 in order of transmission.
TEST(Nrz, LevelIsTheBitLeastSignificantFirst) {
  EXPECT_EQ(encoded(LineCodeKind::nrz, {0x55, 0xd5}), levels("+-+-+-+- +-+-+-++"));
}

TEST(Nrzi, OneChangesTheLevelAndZeroKeepsIt) {
  EXPECT_EQ(encoded(LineCodeKind::nrzi, {0x55, 0xd5}), levels("++--++-- ++--++-+"));
  EXPECT_EQ(encoded(LineCodeKind::nrzi, {0x00, 0xff}), levels("-------- +-+-+-+-"));
}

TEST(Manchester, OneRisesAndZeroFallsInMidBit) {
  EXPECT_EQ(encoded(LineCodeKind::manchester, {0x55}), levels("-+ +- -+ +- -+ +- -+ +-"));
  EXPECT_EQ(encoded(LineCodeKind::manchester, {0xd5}), levels("-+ +- -+ +- -+ +- -+ -+"));
  EXPECT_EQ(encoded(LineCodeKind::manchester, {0x01}), levels("-+ +- +- +- +- +- +- +-"));
}

TEST(Manchester, HasATransitionInEveryBitAndNoDirectCurrent) {
  RandomStream stream{1, "manchester"};
  const Symbols symbols = encode(LineCodeKind::manchester, random_frame(stream, 100));
  for (std::size_t i = 0; i < symbols.size(); i += 2) EXPECT_EQ(symbols[i] + symbols[i + 1], 0);
}

TEST(Manchester, BitWithoutTransitionIsAViolation) {
  EXPECT_FALSE(decode(LineCodeKind::manchester, symbols_of("-+ +- -+ ++ -+ +- -+ +-")));
  EXPECT_FALSE(decode(LineCodeKind::manchester, symbols_of("-+ +- -+ -- -+ +- -+ +-")));
  EXPECT_FALSE(decode(LineCodeKind::manchester, symbols_of("-+ +- -+ 0- -+ +- -+ +-")));
  EXPECT_FALSE(decode(LineCodeKind::manchester, symbols_of("-+ +- -+ +- -+ +- -+ +")));
}

TEST(CodeGroups, AreThoseOfTable24_1) {
  EXPECT_EQ(code_group(0x0), 0b11110);
  EXPECT_EQ(code_group(0x1), 0b01001);
  EXPECT_EQ(code_group(0x5), 0b01011);
  EXPECT_EQ(code_group(0x8), 0b10010);
  EXPECT_EQ(code_group(0xd), 0b11011);
  EXPECT_EQ(code_group(0xf), 0b11101);
}

TEST(CodeGroups, AreSixteenForDataAndSixForControl) {
  std::string names;
  for (CodeGroup group = 0; group < 32; ++group) names += group_name(group);
  EXPECT_EQ(std::ranges::count(names, 'V'), 10);
  for (const char name : std::string{"0123456789ABCDEFIJKTRH"}) {
    EXPECT_EQ(std::ranges::count(names, name), 1) << name;
  }
}

TEST(CodeGroups, OfDataHaveAtLeastTwoOnes) {
  for (std::uint8_t nibble = 0; nibble < 16; ++nibble) {
    EXPECT_GE(__builtin_popcount(code_group(nibble)), 2);
    EXPECT_EQ(data_nibble(code_group(nibble)), nibble);
  }
}

TEST(Mlt3, FramesTheStreamWithIdleAndDelimiters) {
  // Idle 11111, J 11000, K 10001, T 01101, R 00111, idle 11111, stepping through 0 + 0 - from 0.
  EXPECT_EQ(encoded(LineCodeKind::mlt3, {0x55}), levels("+0-0+ 0---- 0000+ +0--0 00+0- 0+0-0"));
}

TEST(Mlt3, SendsTheLowNibbleFirst) {
  // 0xd5 between K, which ends at +, and T: 5 is 01011, D is 11011.
  EXPECT_EQ(encoded(LineCodeKind::mlt3, {0x55, 0xd5}),
            levels("+0-0+ 0---- 0000+  +00-0 +00-0  0+00- --0+0 -0+0-"));
}

TEST(Mlt3, ChangesOneStepAtATimeAndRepeatsTheCycle) {
  RandomStream stream{2, "mlt3"};
  const Symbols symbols = encode(LineCodeKind::mlt3, random_frame(stream, 200));
  int level = 0;
  int last_extreme = 0;
  for (const std::int8_t next : symbols) {
    EXPECT_LE(std::abs(next - level), 1);
    if (next != 0 && next != level) {
      EXPECT_NE(next, last_extreme) << "plus and minus take turns";
      last_extreme = next;
    }
    level = next;
  }
}

TEST(Mlt3, NeverStandsStillForMoreThanThreeZeros) {
  RandomStream stream{3, "mlt3"};
  const Symbols symbols = encode(LineCodeKind::mlt3, random_frame(stream, 500));
  std::size_t longest = 0;
  std::size_t run = 0;
  for (std::size_t i = 1; i < symbols.size(); ++i) {
    run = symbols[i] == symbols[i - 1] ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  EXPECT_LE(longest, 3U);
}

TEST(Mlt3, JumpOverZeroIsAViolation) {
  const std::string good = levels("+0-0+ 0---- 0000+ +0--0 00+0- 0+0-0");
  ASSERT_TRUE(decode(LineCodeKind::mlt3, symbols_of(good)));
  std::string jump = good;
  jump[1] = '-';  // + to -
  EXPECT_FALSE(decode(LineCodeKind::mlt3, symbols_of(jump)));
  std::string back = good;
  back[2] = '+';  // + 0 +
  EXPECT_FALSE(decode(LineCodeKind::mlt3, symbols_of(back)));
}

TEST(Mlt3, InvalidGroupIsAViolation) {
  // Idle J K, then H (00100) and D where data belongs, T R idle: every step is a legal one.
  EXPECT_FALSE(
      decode(LineCodeKind::mlt3, symbols_of("+0-0+ 0---- 0000+  ++000 -00+0  0-00+ ++0-0 +0-0+")));
}

TEST(Mlt3, MissingDelimiterIsAViolation) {
  // Idle groups only, and a stream cut off before T R.
  EXPECT_FALSE(decode(LineCodeKind::mlt3, symbols_of("+0-0+ 0-0+0 -0+0- 0+0-0 +0-0+ 0-0+0")));
  Symbols cut = encode(LineCodeKind::mlt3, std::vector<std::uint8_t>{0x55, 0xd5, 0x01, 0x02});
  cut.resize(cut.size() - 10);
  EXPECT_FALSE(decode(LineCodeKind::mlt3, cut));
  EXPECT_FALSE(decode(LineCodeKind::mlt3, Symbols{}));
}

TEST(LineCode, RoundTripsEveryOctetValue) {
  std::vector<std::uint8_t> octets = with_preamble({});
  for (int value = 0; value < 256; ++value) octets.push_back(static_cast<std::uint8_t>(value));
  for (const LineCodeKind kind : kKinds) {
    EXPECT_EQ(decode(kind, encode(kind, octets)), octets) << to_text(kind);
  }
}

TEST(LineCode, RoundTripsRandomFrames) {
  RandomStream stream{4, "frames"};
  for (int round = 0; round < 20; ++round) {
    const auto octets = random_frame(stream, 64 + stream.below(200));
    for (const LineCodeKind kind : kKinds) {
      EXPECT_EQ(decode(kind, encode(kind, octets)), octets) << to_text(kind);
    }
  }
}

TEST(LineCode, CorruptedSymbolIsAViolationOrChangesTheOctets) {
  RandomStream stream{5, "corruption"};
  const auto octets = random_frame(stream, 30);
  for (const LineCodeKind kind : kKinds) {
    const Symbols good = encode(kind, octets);
    for (std::size_t i = 0; i < good.size(); ++i) {
      for (const std::int8_t level : Symbols{-1, 0, 1}) {
        if (level == good[i]) continue;
        Symbols bad = good;
        bad[i] = level;
        const auto decoded = decode(kind, bad);
        EXPECT_TRUE(!decoded || *decoded != octets) << to_text(kind) << " symbol " << i;
      }
    }
  }
}

TEST(LineCode, LevelsOutsideTheCodeAreAViolation) {
  for (const LineCodeKind kind : {LineCodeKind::nrz, LineCodeKind::nrzi}) {
    EXPECT_FALSE(decode(kind, symbols_of("+-+-0-+-")));
    EXPECT_FALSE(decode(kind, symbols_of("+-+-")));  // half an octet
  }
}

TEST(LineCode, OctetsWithoutPreambleComeBackWithOneFromMlt3) {
  const std::vector<std::uint8_t> octets{0xab, 0xcd};
  const std::vector<std::uint8_t> expected{0x55, 0xab, 0xcd};
  EXPECT_EQ(decode(LineCodeKind::mlt3, encode(LineCodeKind::mlt3, octets)), expected);
}

TEST(LineCode, BaudFollowsFromTheSymbolRatio) {
  EXPECT_EQ(baud(LineCodeKind::nrz, 10'000'000), 10'000'000U);
  EXPECT_EQ(baud(LineCodeKind::manchester, 10'000'000), 20'000'000U);  // 10BASE-T
  EXPECT_EQ(baud(LineCodeKind::mlt3, 100'000'000), 125'000'000U);      // 100BASE-TX
}

TEST(LineCode, NamesParseBack) {
  for (const LineCodeKind kind : kKinds) EXPECT_EQ(parse_line_code(to_text(kind)), kind);
  EXPECT_EQ(to_text(LineCodeKind::manchester), "manchester");
  EXPECT_EQ(title(LineCodeKind::mlt3), "4B5B + MLT-3");
  EXPECT_FALSE(parse_line_code("morse"));
}

}  // namespace
}  // namespace strata::physical
