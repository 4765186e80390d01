// SPDX-License-Identifier: MIT
#include "tools/strata/terminal.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "sim/scenario/diagnostic.h"
#include "tools/strata/command.h"

namespace strata::cli {
namespace {

int output_error = 0;  // errno of the first failed write

volatile std::sig_atomic_t interrupted = 0;

extern "C" void on_signal(int signal) {
  if (interrupted != 0) {
    std::signal(signal, SIG_DFL);
    ::raise(signal);
  }
  interrupted = 1;
}

std::int64_t milliseconds() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

std::size_t terminal_width() {
  const std::string_view columns = environment("COLUMNS");
  std::size_t width = 0;
  const auto [stop, error] =
      std::from_chars(columns.data(), columns.data() + columns.size(), width);
  if (error == std::errc{} && width > 0) return width;
  winsize size{};
  if (is_output_terminal() && ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) {
    return size.ws_col;
  }
  return 100;
}

// The locale as the C library would choose it; nothing set at all means plain "C".
bool is_utf8_locale() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string_view value = environment(name);
    if (value.empty()) continue;
    return value.find("UTF-8") != std::string_view::npos ||
           value.find("utf8") != std::string_view::npos ||
           value.find("UTF8") != std::string_view::npos ||
           value.find("utf-8") != std::string_view::npos;
  }
  return false;
}

}  // namespace

void print(std::string_view text) {
  if (output_error != 0) return;
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size()) output_error = errno;
}

void flush() {
  if (output_error == 0 && std::fflush(stdout) != 0) output_error = errno;
}

int finish_output(int status) {
  if (output_error == 0 && std::fflush(stdout) != 0) output_error = errno;
  if (output_error == 0 || output_error == EPIPE) return status;
  complain(fmt::format("cannot write to standard output: {}", std::strerror(output_error)), "");
  return kUsage;
}

void complain(std::string_view what, std::string_view mend) {
  note(fmt::format("strata: {}{}{}", what, mend.empty() ? "" : "; ", mend));
}

void complain_about(std::string_view written, const std::vector<std::string>& known,
                    std::string_view what, std::string_view otherwise) {
  const std::string near = scenario::nearest(written, known);
  complain(fmt::format("{} {}", what, scenario::in_quotes(written)),
           near.empty() ? std::string{otherwise} : fmt::format("did you mean '{}'?", near));
}

void note(std::string_view line) {
  std::fflush(stdout);
  const std::string text = std::string{line} + "\n";
  std::fwrite(text.data(), 1, text.size(), stderr);
}

bool is_output_terminal() { return ::isatty(STDOUT_FILENO) == 1; }

views::Options view_options(std::size_t width, When color, bool ascii) {
  views::Options options;
  options.width = std::clamp<std::size_t>(width != 0 ? width : terminal_width(), 60, 1000);
  options.ascii = ascii || !is_utf8_locale();
  const bool wants_color =
      is_output_terminal() && environment("NO_COLOR").empty() && environment("TERM") != "dumb";
  options.color = color == When::always || (color == When::automatic && wants_color);
  return options;
}

Progress::Progress(bool is_wanted)
    : is_wanted_(is_wanted && ::isatty(STDERR_FILENO) == 1), started_ms_(milliseconds()) {}

Progress::~Progress() {
  if (is_drawn_) std::fputs("\r\x1b[K", stderr);
}

void Progress::update(Instant now, Instant end, std::uint64_t events) {
  if (!is_wanted_) return;
  const std::int64_t at = milliseconds();
  if (at - started_ms_ < 1000 || at - drawn_ms_ < 100) return;
  drawn_ms_ = at;
  is_drawn_ = true;
  std::string line = fmt::format("\r{} simulated, {} events", to_text(now), events);
  if (end != kNever && end > kStart) {
    const auto percent = static_cast<int>(100.0 * static_cast<double>((now - kStart).count()) /
                                          static_cast<double>((end - kStart).count()));
    const int filled = std::clamp(percent / 5, 0, 20);
    line = fmt::format("\r[{:<20}] {:>3} %  {}", std::string(static_cast<std::size_t>(filled), '#'),
                       percent, line.substr(1));
  }
  std::fputs((line + "\x1b[K").c_str(), stderr);
  std::fflush(stderr);
}

void catch_interrupts() {
  std::signal(SIGINT, on_signal);
  std::signal(SIGTERM, on_signal);
}

bool is_interrupted() { return interrupted != 0; }

}  // namespace strata::cli
