// SPDX-License-Identifier: MIT
#include "tools/views/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

namespace strata::views {
namespace {

using testing::ElementsAre;

// Every glyph a view may draw.
constexpr std::string_view kGlyphs = "│─┌┐└┘├┤┬┴┼▶◀▲▼═┄✗✓→←⋮↯≈…·×µ−▸∞–█▒≥";

std::string without_escapes(const std::string& text) {
  static const std::regex escape("\x1b\\[[0-9;]*m");
  return std::regex_replace(text, escape, "");
}

TEST(Text, CountsCodePointsAsColumns) {
  EXPECT_EQ(columns(""), 0U);
  EXPECT_EQ(columns("abc"), 3U);
  EXPECT_EQ(columns("┌─▶"), 3U);
  EXPECT_EQ(columns("a µ"), 3U);
}

TEST(Text, MakesTextFromPacketsSafeForATerminal) {
  EXPECT_EQ(printable("GET /\r\n\t"), "GET /\\r\\n\\t");
  EXPECT_EQ(printable("\x1b[31m"), "\\x1b[31m");
  EXPECT_EQ(printable(std::string_view("\0\x7f\xff", 3)), "\\x00\\x7f\\xff");
}

TEST(Text, LeavesLettersOfEveryLanguageInWordsOfTheUsers) {
  EXPECT_EQ(legible("Zürich — 東京 😀", false), "Zürich — 東京 😀");
  EXPECT_EQ(legible("Zürich", true), "Z\\xc3\\xbcrich");
  EXPECT_EQ(legible("Z\xfcrich\x1b[31m\xe2", false), "Z\\xfcrich\\x1b[31m\\xe2");
  EXPECT_EQ(legible("\xc2\x9b"
                    "1m \xc0\xaf \xed\xa0\x80",
                    false),
            "\\xc2\\x9b1m \\xc0\\xaf \\xed\\xa0\\x80");  // a C1 control, too long, a surrogate
  EXPECT_EQ(legible("a\u202eb\u200bc", false), "a\\xe2\\x80\\xaeb\\xe2\\x80\\x8bc");
}

TEST(Text, CountsOneAndMany) {
  EXPECT_EQ(counted(0, "frame"), "0 frames");
  EXPECT_EQ(counted(1, "frame"), "1 frame");
  EXPECT_EQ(counted(2, "frame"), "2 frames");
}

TEST(Text, PadsToAWidthAndLeavesLongerTextAlone) {
  EXPECT_EQ(Text("ab").pad_to(4, "─").render({}), "ab──");
  EXPECT_EQ(Text("abcdef").pad_to(4, "─").render({}), "abcdef");
}

TEST(Text, LeavesOutBlanksAtTheEnd) {
  EXPECT_EQ(Text("a").add("   ", Role::drop).render({}), "a");
  EXPECT_EQ(Text("   ").render({}), "");
}

TEST(Text, WrapsAtBlanksAndCutsLongWords) {
  EXPECT_THAT(wrap("one two three", 7), ElementsAre("one two", "three"));
  EXPECT_THAT(wrap("abcdefgh ij", 3), ElementsAre("abc", "def", "gh", "ij"));
  EXPECT_THAT(wrap("", 5), ElementsAre(""));
  EXPECT_THAT(wrap("mean 47.3 ms, in 5 rounds", 9),
              ElementsAre("mean", "47.3 ms,", "in 5", "rounds"));
}

TEST(Text, NoWrappedLineIsWiderThanAsked) {
  const std::string text = "frame check sequence 0xd945d32c ✓ (CRC-32), computed over every octet";
  for (std::size_t width = 1; width < 40; ++width) {
    for (const std::string& line : wrap(text, width)) EXPECT_LE(columns(line), width);
  }
}

TEST(Text, NothingIsLostInSeveralLines) {
  Text text("one two ", Role::heading);
  text.add("three fourteen", Role::dim).add(" 5");
  const auto lines_at = [&](std::size_t width, std::size_t indent) {
    std::vector<std::string> lines;
    for (const Text& line : text.wrapped(width, indent)) {
      EXPECT_LE(line.columns(), width);
      lines.push_back(line.render({}));
    }
    return lines;
  };
  EXPECT_THAT(lines_at(40, 2), ElementsAre("one two three fourteen 5"));
  EXPECT_THAT(lines_at(14, 2), ElementsAre("one two three", "  fourteen 5"));
  EXPECT_THAT(lines_at(6, 1), ElementsAre("one", " two", " three", " fourt", " een 5"));
  EXPECT_EQ(text.wrapped(14, 2).back().render({.color = true}), "  \x1b[90mfourteen\x1b[0m 5");
}

TEST(Text, InMarkupIsInertAndSaysNoControlCharacter) {
  EXPECT_EQ(in_markup("<a b='\"&\">\n"), "&lt;a b=&#39;&quot;&amp;&quot;&gt;\n");
  EXPECT_EQ(in_markup(std::string_view("\x1b[1m\0", 5)), "\ufffd[1m\ufffd");
}

TEST(Text, EveryGlyphBecomesOneCharacterInAscii) {
  const std::string ascii = Text(std::string{kGlyphs}).render({.ascii = true});
  EXPECT_EQ(ascii.size(), columns(kGlyphs));
  EXPECT_THAT(ascii, testing::Not(testing::HasSubstr("?")));
}

TEST(Text, ColourAddsEscapesAndNothingElse) {
  Text text;
  for (int role = 0; role <= static_cast<int>(Role::bad); ++role) {
    text.add("x" + std::to_string(role), static_cast<Role>(role));
  }
  const std::string plain = text.render({.color = false});
  const std::string coloured = text.render({.color = true});
  EXPECT_EQ(plain.find('\x1b'), std::string::npos);
  EXPECT_NE(coloured, plain);
  EXPECT_EQ(without_escapes(coloured), plain);
}

TEST(Page, EveryLineEndsWithANewline) {
  Page page;
  page.line("a");
  page.blank();
  page.line("bcd");
  EXPECT_EQ(page.render({}), "a\n\nbcd\n");
  EXPECT_EQ(page.columns(), 3U);
}

}  // namespace
}  // namespace strata::views
