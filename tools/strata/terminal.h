// SPDX-License-Identifier: MIT
// Standard output and standard error: what goes there, and what happens when nobody listens or the
// disk is full. Nothing else in tools/strata prints.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stack/base/time.h"
#include "tools/views/text.h"

namespace strata::cli {

enum class When : std::uint8_t { automatic, always, never };

// Writes to standard output. After a failed write everything else is ignored; finish_output() tells
// the shell.
void print(std::string_view text);
// What was printed is seen now.
void flush();
// Flushes standard output. Returns `status`, or the exit status of a failed write; a reader that
// has gone away is none.
int finish_output(int status);

// "strata: what; mend" on standard error, one line.
void complain(std::string_view what, std::string_view mend);
// The same with the nearest of `known` as the mend, or `otherwise`.
void complain_about(std::string_view written, const std::vector<std::string>& known,
                    std::string_view what, std::string_view otherwise);
// A line on standard error, as it is.
void note(std::string_view line);

bool is_output_terminal();
// Columns, colour and glyphs for the views: as asked for, else as the terminal and the environment
// (COLUMNS, NO_COLOR, LC_ALL, LC_CTYPE, LANG) say.
views::Options view_options(std::size_t width, When color, bool ascii);

// A line on standard error that shows how far a long run is; silent unless that is a terminal.
class Progress {
 public:
  explicit Progress(bool is_wanted);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // `end` is kNever when the run has no known end. Draws at most ten times a second, and only after
  // the first.
  void update(Instant now, Instant end, std::uint64_t events);

 private:
  bool is_wanted_;
  bool is_drawn_ = false;
  std::int64_t started_ms_ = 0;
  std::int64_t drawn_ms_ = 0;
};

// Ctrl-C (SIGINT) and SIGTERM set a flag instead of ending the program; a second one ends it.
void catch_interrupts();
bool is_interrupted();

}  // namespace strata::cli
