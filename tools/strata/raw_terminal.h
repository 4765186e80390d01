// SPDX-License-Identifier: MIT
// The terminal as a screen: keys come one by one and are not echoed, the screen is another than the
// one the shell was on. All is put back on any way out, also on a signal that ends the program.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace strata::cli {

class RawTerminal {
 public:
  // Nullopt when standard input or output is no terminal.
  static std::optional<RawTerminal> open();
  RawTerminal(RawTerminal&& other) noexcept;
  RawTerminal& operator=(RawTerminal&&) = delete;
  RawTerminal(const RawTerminal&) = delete;
  ~RawTerminal();

  struct Size {
    std::size_t columns = 80;
    std::size_t rows = 24;
  };
  Size size() const;
  // Shows a screen of lines that end in '\n', from the top; what is left of the one before goes.
  void show(std::string_view screen);
  // The next key: a character, or "left", "right", "up", "down", "home", "end", "tab", "back-tab",
  // "enter", "backspace", "escape". "resize" when the size has changed; nullopt when the input has
  // ended or the user wants out (Ctrl-C).
  std::optional<std::string> key();

 private:
  RawTerminal() = default;
  bool is_open_ = false;
};

}  // namespace strata::cli
