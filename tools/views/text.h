// SPDX-License-Identifier: MIT
// Styled text for terminals: runs of UTF-8 with a role each, measured in columns, rendered with or
// without colour and in Unicode or ASCII. What is too long for a line goes on in the next one;
// nothing here cuts text. Roles are what a thing is (a layer, a retransmission),
// not a colour; without colour nothing is lost, because every role also has a glyph or a word.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stack/base/protocol.h"
#include "stack/base/time.h"

namespace strata::views {

struct Options {
  std::size_t width = 100;  // columns; views adapt down to 60
  bool ascii = false;       // glyphs of 7 bits only
  bool color = false;       // ANSI escape sequences
};

enum class Role : std::uint8_t {
  plain,
  heading,
  dim,
  physical,
  link,
  network,
  transport,
  application,
  data,  // a data segment
  acknowledgement,
  retransmission,
  drop,
  damaged,  // corrupted or duplicated
  good,
  bad,
};
Role role_of(Layer layer);

// Columns a UTF-8 string takes: one per code point (views use single-width glyphs only, and text
// from packets and scenarios passes printable() first).
std::size_t columns(std::string_view utf8);

// Text that is safe and one column per character on any terminal: control characters become \n, \r,
// \t or \xNN, bytes beyond ASCII \xNN.
std::string printable(std::string_view text);
// The same, but letters of every language stay: for words of the user's own that nothing is aligned
// to, such as a title. What is no UTF-8, and what hides or turns round text, still becomes \xNN.
std::string legible(std::string_view text, bool ascii);
// "1 frame", "2 frames".
std::string counted(std::uint64_t number, std::string_view one);
// The content of an element or of a quoted attribute of HTML or XML. Control characters, which XML
// 1.0 cannot say, become U+FFFD; octets that are no UTF-8 are for the reader to replace.
std::string in_markup(std::string_view text);

// "21.442": milliseconds with three decimals.
std::string clock_text(Instant instant);

// One line of styled text.
class Text {
 public:
  Text() = default;
  explicit Text(std::string text, Role role = Role::plain) { add(std::move(text), role); }

  Text& add(std::string_view text, Role role = Role::plain);
  Text& add(const Text& other);
  // Appends `fill` (one column) until the text is `width` columns wide; longer text stays.
  Text& pad_to(std::size_t width, std::string_view fill = " ", Role role = Role::plain);
  // Broken at blanks into lines of at most `width` columns, all but the first `indent` to the
  // right.
  std::vector<Text> wrapped(std::size_t width, std::size_t indent) const;
  std::size_t columns() const { return columns_; }

  // With colour and glyphs as the options say; trailing blanks removed, no newline.
  std::string render(const Options& options) const;

 private:
  struct Run {
    std::string text;
    Role role;
  };
  std::vector<Run> runs_;
  std::size_t columns_ = 0;
};

// Lines of a view.
class Page {
 public:
  void line(Text text) { lines_.push_back(std::move(text)); }
  void line(std::string text, Role role = Role::plain) { line(Text(std::move(text), role)); }
  // A line, or as many as it takes: nothing of it is lost on a narrow terminal.
  void wrap(const Text& text, std::size_t width, std::size_t indent = 4);
  void blank() { lines_.emplace_back(); }
  void append(const Page& other);
  const std::vector<Text>& lines() const { return lines_; }
  std::size_t columns() const;                       // of the widest line
  std::string render(const Options& options) const;  // every line ends in '\n'

 private:
  std::vector<Text> lines_;
};

// Text broken at blanks into lines of at most `width` columns; a longer word is cut.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

}  // namespace strata::views
