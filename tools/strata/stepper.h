// SPDX-License-Identifier: MIT
// Stepping through a run: where one stands, which view is looked at, and what a key or a command
// does. It neither reads nor prints; `strata step` gives it words and shows its screens.
//
// What is shown at a step is the view of the run up to there: a recording of the events so far.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/trace/recording.h"
#include "tools/strata/execute.h"
#include "tools/views/text.h"

namespace strata::cli {

class Stepper {
 public:
  // The socket tables at an instant: of another run up to there, as exact as the first.
  using SocketsAt = std::function<std::vector<SocketTables>(Instant at)>;

  // `execution` has the recording of the whole run and outlives the stepper.
  Stepper(const Execution& execution, std::string title, SocketsAt sockets_at);

  // Does what a command says:
  //     n [COUNT]   the next event, or so many on    g TIME   to the last event until then
  //     b [COUNT]   back                             / TEXT   on to the next event that says TEXT
  //     home, end   the first, the last              tab      the next view; v NAME: that view
  //     u FILTER    on to the next frame that passes   ?        the keys
  //     q           done
  void command(std::string_view line);
  bool is_done() const { return is_done_; }

  // The screen, `rows` lines at most; 0: as many as it takes.
  views::Page screen(const views::Options& options, std::size_t rows);

  std::size_t position() const { return position_; }  // of steps(), from 0
  std::size_t steps() const { return events_.size(); }

 private:
  void move(std::ptrdiff_t steps);
  void go_to(std::string_view time);
  void find(std::string_view text);
  void run_until(std::string_view filter);
  void choose_view(std::string_view name);
  const Event& event() const;
  views::Page body(const views::Options& options);
  const Execution& so_far(bool with_sockets);

  const Execution& whole_;
  std::string title_;
  SocketsAt sockets_at_;
  std::vector<trace::EventIndex> events_;  // those a step stops at
  std::size_t position_ = 0;
  std::size_t view_ = 0;
  std::string message_;      // what came of the last command, if there is something to say
  std::string last_text_;    // looked for last
  std::string last_filter_;  // run to last
  bool shows_help_ = false;
  bool is_done_ = false;
  Execution partial_;                  // the run up to partial_events_
  std::size_t partial_events_ = 0;     // 0: not made yet
  std::optional<Instant> sockets_of_;  // what partial_.socket_tables are of
};

// The first `count` events of a recording as a recording of their own.
trace::Recording beginning_of(const trace::Recording& recording, trace::EventIndex count);

}  // namespace strata::cli
