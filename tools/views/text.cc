// SPDX-License-Identifier: MIT
#include "tools/views/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/locale/utf.hpp>

namespace strata::views {
namespace {

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

// Length in bytes of the first `width` columns of `utf8`.
std::size_t bytes_of_columns(std::string_view utf8, std::size_t width) {
  std::size_t i = 0;
  while (i < utf8.size() && width > 0) {
    ++i;
    while (i < utf8.size() && continues(utf8[i])) ++i;
    --width;
  }
  return i;
}

// One column each, so that the layout is the same in both modes.
struct Glyph {
  std::string_view unicode;
  char ascii;
};
constexpr std::array kGlyphs{
    Glyph{"│", '|'}, Glyph{"─", '-'}, Glyph{"┌", '+'}, Glyph{"┐", '+'}, Glyph{"└", '+'},
    Glyph{"┘", '+'}, Glyph{"├", '+'}, Glyph{"┤", '+'}, Glyph{"┬", '+'}, Glyph{"┴", '+'},
    Glyph{"┼", '+'}, Glyph{"▶", '>'}, Glyph{"◀", '<'}, Glyph{"▲", '^'}, Glyph{"▼", 'v'},
    Glyph{"═", '='}, Glyph{"┄", '.'}, Glyph{"✗", 'X'}, Glyph{"✓", '*'}, Glyph{"→", '>'},
    Glyph{"←", '<'}, Glyph{"⋮", ':'}, Glyph{"↯", '!'}, Glyph{"≈", '~'}, Glyph{"…", '.'},
    Glyph{"·", '.'}, Glyph{"×", 'x'}, Glyph{"µ", 'u'}, Glyph{"−", '-'}, Glyph{"▸", '>'},
    Glyph{"∞", '~'}, Glyph{"–", '-'}, Glyph{"█", '#'}, Glyph{"▒", '%'}, Glyph{"≥", '>'},
    Glyph{"≠", '!'},
};

std::string to_ascii(std::string_view utf8) {
  std::string text;
  for (std::size_t i = 0; i < utf8.size();) {
    const std::size_t length = bytes_of_columns(utf8.substr(i), 1);
    const std::string_view glyph = utf8.substr(i, length);
    i += length;
    if (glyph.size() == 1) {
      text += glyph;
      continue;
    }
    const auto* known = std::find_if(kGlyphs.begin(), kGlyphs.end(), [&](const Glyph& candidate) {
      return candidate.unicode == glyph;
    });
    text += known == kGlyphs.end() ? '?' : known->ascii;
  }
  return text;
}

// The 16 colours of the terminal's own theme, so that light and dark both work.
std::string_view escape_of(Role role) {
  switch (role) {
    case Role::plain:
      return "";
    case Role::heading:
      return "\x1b[1m";
    case Role::dim:
    case Role::physical:
      return "\x1b[90m";
    case Role::link:
      return "\x1b[33m";
    case Role::network:
      return "\x1b[32m";
    case Role::transport:
    case Role::data:
      return "\x1b[34m";
    case Role::application:
      return "\x1b[35m";
    case Role::acknowledgement:
      return "";
    case Role::retransmission:
      return "\x1b[33m";
    case Role::drop:
      return "\x1b[1;31m";
    case Role::damaged:
      return "\x1b[35m";
    case Role::good:
      return "\x1b[32m";
    case Role::bad:
      return "\x1b[31m";
  }
  return "";
}

// Octets of the first word of `text`, which begins with none or more blanks; a number and its unit
// are one word.
std::size_t first_word(std::string_view text) {
  const auto end_of_word = [text](std::size_t from) {
    return std::min(text.find(' ', text.find_first_not_of(' ', from)), text.size());
  };
  const std::size_t end = end_of_word(0);
  if (end == 0 || end == text.size() || text[end - 1] < '0' || text[end - 1] > '9') return end;
  const std::size_t end_of_next = end_of_word(end);
  std::string_view next = text.substr(end + 1, end_of_next - end - 1);
  next = next.substr(0, next.find_last_not_of(",;:.)") + 1);
  constexpr std::array<std::string_view, 15> kUnits{
      "ns",     "µs",     "us",    "ms",     "s",        "%",      "B",     "bit/s",
      "kbit/s", "Mbit/s", "bytes", "octets", "segments", "frames", "Gbit/s"};
  return std::ranges::find(kUnits, next) == kUnits.end() ? end : end_of_next;
}

// Octets of the character beyond ASCII that `text` begins with; 0: it is not well-formed UTF-8 (the
// shortest form, no surrogate), or one that shows nothing or changes the direction of others.
std::size_t octets_of_letter(std::string_view text) {
  using Utf8 = boost::locale::utf::utf_traits<char>;
  const char* next = text.data();
  const boost::locale::utf::code_point code = Utf8::decode(next, text.data() + text.size());
  if (!boost::locale::utf::is_valid_codepoint(code)) return 0;
  const auto within = [code](char32_t first, char32_t last) {
    return code >= first && code <= last;
  };
  const bool is_hidden = code < 0xa0 || within(0x200b, 0x200f) || within(0x2028, 0x202e) ||
                         within(0x2060, 0x206f) || code == 0x61c || code == 0xfeff;
  return is_hidden ? 0 : static_cast<std::size_t>(next - text.data());
}

}  // namespace

std::string clock_text(Instant instant) {
  const auto us = (instant - kStart).count() / 1000;
  return fmt::format("{}.{:03}", us / 1000, us % 1000);
}

Role role_of(Layer layer) {
  switch (layer) {
    case Layer::physical:
      return Role::physical;
    case Layer::link:
      return Role::link;
    case Layer::network:
      return Role::network;
    case Layer::transport:
      return Role::transport;
    case Layer::application:
      return Role::application;
  }
  return Role::plain;
}

std::size_t columns(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char byte) { return !continues(byte); }));
}

std::string printable(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      safe += "\\n";
    } else if (c == '\r') {
      safe += "\\r";
    } else if (c == '\t') {
      safe += "\\t";
    } else if (byte < 0x20 || byte >= 0x7f) {
      safe += fmt::format("\\x{:02x}", byte);
    } else {
      safe += c;
    }
  }
  return safe;
}

std::string legible(std::string_view text, bool ascii) {
  std::string safe;
  while (!text.empty()) {
    const std::size_t octets = ascii ? 0 : octets_of_letter(text);
    safe += octets > 0 ? std::string{text.substr(0, octets)} : printable(text.substr(0, 1));
    text.remove_prefix(std::max<std::size_t>(octets, 1));
  }
  return safe;
}

std::string counted(std::uint64_t number, std::string_view one) {
  return fmt::format("{} {}{}", number, one, number == 1 ? "" : "s");
}

std::string in_markup(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    switch (c) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      case '\t':
      case '\n':
      case '\r':
        safe += c;
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          safe += "\xef\xbf\xbd";
        } else {
          safe += c;
        }
    }
  }
  return safe;
}

Text& Text::add(std::string_view text, Role role) {
  if (text.empty()) return *this;
  columns_ += views::columns(text);
  if (!runs_.empty() && runs_.back().role == role) {
    runs_.back().text += text;
  } else {
    runs_.push_back({std::string{text}, role});
  }
  return *this;
}

Text& Text::add(const Text& other) {
  for (const Run& run : other.runs_) add(run.text, run.role);
  return *this;
}

Text& Text::pad_to(std::size_t width, std::string_view fill, Role role) {
  std::string padding;
  for (std::size_t i = columns_; i < width; ++i) padding += fill;
  return add(padding, role);
}

std::vector<Text> Text::wrapped(std::size_t width, std::size_t indent) const {
  indent = std::min(indent, width / 2);
  std::vector<Text> lines(1);
  std::size_t margin = 0;  // of the last line
  const auto next_line = [&] {
    lines.emplace_back().pad_to(indent);
    margin = indent;
  };
  for (const Run& run : runs_) {
    std::string_view rest = run.text;
    while (!rest.empty()) {
      const std::size_t word = std::min(rest.find_first_not_of(' '), rest.size());
      std::string_view piece = rest.substr(0, first_word(rest));  // with the blanks before it
      rest.remove_prefix(piece.size());
      if (lines.back().columns() + views::columns(piece) > width &&
          lines.back().columns() > margin) {
        next_line();
        piece.remove_prefix(word);
      }
      while (lines.back().columns() + views::columns(piece) > width) {  // longer than a line
        const std::size_t fits = bytes_of_columns(piece, width - lines.back().columns());
        lines.back().add(piece.substr(0, fits), run.role);
        piece.remove_prefix(fits);
        next_line();
      }
      lines.back().add(piece, run.role);
    }
  }
  return lines;
}

std::string Text::render(const Options& options) const {
  std::string plain;
  for (const Run& run : runs_) plain += run.text;
  // Blanks at the end carry nothing and make output harder to compare.
  std::size_t visible = plain.find_last_not_of(' ');
  visible = visible == std::string::npos ? 0 : visible + 1;

  std::string rendered;
  std::size_t done = 0;
  for (const Run& run : runs_) {
    const std::string_view text =
        std::string_view{run.text}.substr(0, visible > done ? visible - done : 0);
    done += run.text.size();
    if (text.empty()) break;
    const std::string shown = options.ascii ? to_ascii(text) : std::string{text};
    const std::string_view escape = options.color ? escape_of(run.role) : "";
    rendered += escape.empty() ? shown : fmt::format("{}{}\x1b[0m", escape, shown);
  }
  return rendered;
}

void Page::wrap(const Text& text, std::size_t width, std::size_t indent) {
  for (Text& line : text.wrapped(width, indent)) lines_.push_back(std::move(line));
}

void Page::append(const Page& other) {
  lines_.insert(lines_.end(), other.lines_.begin(), other.lines_.end());
}

std::size_t Page::columns() const {
  std::size_t widest = 0;
  for (const Text& text : lines_) widest = std::max(widest, text.columns());
  return widest;
}

std::string Page::render(const Options& options) const {
  std::string text;
  for (const Text& line : lines_) {
    text += line.render(options);
    text += '\n';
  }
  return text;
}

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  std::string line;
  while (!text.empty()) {
    const std::size_t blank = text.front() == ' ' ? 0 : first_word(text);
    std::string_view word = text.substr(0, blank);
    text.remove_prefix(std::min(blank + 1, text.size()));
    const std::size_t needed = columns(word) + (line.empty() ? 0 : columns(line) + 1);
    if (needed > width && !line.empty()) {
      lines.push_back(std::move(line));
      line.clear();
    }
    while (columns(word) > width && width > 0) {
      const std::size_t piece = bytes_of_columns(word, width);
      lines.emplace_back(word.substr(0, piece));
      word.remove_prefix(piece);
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty() || lines.empty()) lines.push_back(std::move(line));
  return lines;
}

}  // namespace strata::views
