// SPDX-License-Identifier: MIT
#include "tools/strata/raw_terminal.h"

#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include "tools/strata/terminal.h"

namespace strata::cli {
namespace {

// The other screen, no cursor; and back.
constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l";
constexpr std::string_view kLeave = "\x1b[?25h\x1b[?1049l";

termios before{};  // as the shell had it
volatile std::sig_atomic_t is_raw = 0;
volatile std::sig_atomic_t is_resized = 0;

void write_all(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDOUT_FILENO, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

// Only what a signal handler may call.
void restore() {
  if (is_raw == 0) return;
  is_raw = 0;
  write_all(kLeave);
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
}

extern "C" void on_end(int signal) {
  restore();
  std::signal(signal, SIG_DFL);
  ::raise(signal);
}
extern "C" void on_resize(int) { is_resized = 1; }

// Escape sequences of the keys that have no character.
std::string name_of(std::string_view sequence) {
  constexpr std::array<std::pair<std::string_view, const char*>, 12> kSequences{{
      {"[A", "up"},
      {"[B", "down"},
      {"[C", "right"},
      {"[D", "left"},
      {"OC", "right"},
      {"OD", "left"},
      {"[H", "home"},
      {"[F", "end"},
      {"[1~", "home"},
      {"[4~", "end"},
      {"[Z", "back-tab"},
      {"", "escape"},
  }};
  for (const auto& [known, name] : kSequences) {
    if (known == sequence) return name;
  }
  return "?unknown";
}

bool has_input(int wait_ms) {
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  return ::poll(&input, 1, wait_ms) > 0;
}

}  // namespace

std::optional<RawTerminal> RawTerminal::open() {
  if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDOUT_FILENO) != 1) return std::nullopt;
  if (::tcgetattr(STDIN_FILENO, &before) != 0) return std::nullopt;
  termios raw = before;
  // Ctrl-C stays a signal; Ctrl-Z and Ctrl-\ would leave the screen as it is.
  raw.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | IEXTEN);
  raw.c_iflag &= ~static_cast<tcflag_t>(IXON | ICRNL);
  raw.c_cc[VSUSP] = _POSIX_VDISABLE;
  raw.c_cc[VQUIT] = _POSIX_VDISABLE;
  raw.c_cc[VMIN] = 1;
  raw.c_cc[VTIME] = 0;
  if (::tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw) != 0) return std::nullopt;
  is_raw = 1;
  for (const int signal : {SIGHUP, SIGTERM, SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGQUIT}) {
    std::signal(signal, on_end);
  }
  std::signal(SIGWINCH, on_resize);
  write_all(kEnter);
  RawTerminal terminal;
  terminal.is_open_ = true;
  return terminal;
}

RawTerminal::RawTerminal(RawTerminal&& other) noexcept
    : is_open_(std::exchange(other.is_open_, false)) {}

RawTerminal::~RawTerminal() {
  if (is_open_) restore();
}

RawTerminal::Size RawTerminal::size() const {
  winsize window{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0) return {};
  return {.columns = window.ws_col, .rows = window.ws_row};
}

void RawTerminal::show(std::string_view screen) {
  std::string text = "\x1b[H";
  while (!screen.empty()) {
    const std::size_t end = screen.find('\n');
    text += screen.substr(0, end);
    text += "\x1b[K";  // what the line before had here
    if (end == std::string_view::npos) break;
    screen.remove_prefix(end + 1);
    if (!screen.empty()) text += "\r\n";
  }
  text += "\x1b[J";
  write_all(text);
}

std::optional<std::string> RawTerminal::key() {
  while (true) {
    if (is_interrupted()) return std::nullopt;
    if (std::exchange(is_resized, 0) != 0) return "resize";
    if (!has_input(500)) continue;
    char c = 0;
    if (::read(STDIN_FILENO, &c, 1) != 1) return std::nullopt;
    if (c == '\t') return "tab";
    if (c == '\r' || c == '\n') return "enter";
    if (c == 0x7f || c == 0x08) return "backspace";
    if (c == 0x04) return std::nullopt;  // Ctrl-D
    if (c != 0x1b) return std::string(1, c);
    std::string sequence;
    while (sequence.size() < 8 && has_input(20) && ::read(STDIN_FILENO, &c, 1) == 1) {
      sequence += c;
      const bool is_final = sequence.size() > 1 && c >= 0x40 && c <= 0x7e;
      if (is_final) break;
    }
    return name_of(sequence);
  }
}

}  // namespace strata::cli
