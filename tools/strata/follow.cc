// SPDX-License-Identifier: MIT
#include "tools/strata/follow.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <thread>

#include "tools/strata/render.h"
#include "tools/strata/selection.h"
#include "tools/strata/stepper.h"
#include "tools/strata/terminal.h"
#include "tools/views/log.h"

namespace strata::cli {
namespace {

using scenario::View;

constexpr double kSpeedLeast = 1e-9;
constexpr double kSpeedMost = 1e9;
constexpr std::chrono::milliseconds kFrame{100};  // between two drawings, at least

// Wall-clock time that runs along with the run.
class Pace {
 public:
  explicit Pace(double speed) : speed_(speed), began_(std::chrono::steady_clock::now()) {}

  // Waits until the run would be at `time`; false when the user has had enough.
  bool wait_until(Instant time) const { return sleep_until(due(time)); }
  bool is_due(Instant time) const { return std::chrono::steady_clock::now() >= due(time); }
  // Lets the eye rest on what was drawn.
  bool rest() const { return sleep_until(std::chrono::steady_clock::now() + kFrame); }

 private:
  using Clock = std::chrono::steady_clock;

  Clock::time_point due(Instant time) const {
    const double wait_ns = static_cast<double>((time - kStart).count()) / speed_;
    constexpr double kLongest = 1e18;
    return began_ +
           std::chrono::nanoseconds(static_cast<std::int64_t>(std::min(wait_ns, kLongest)));
  }
  // In short naps, so that Ctrl-C ends it soon.
  static bool sleep_until(Clock::time_point due) {
    while (!is_interrupted()) {
      const auto now = Clock::now();
      if (now >= due) return true;
      std::this_thread::sleep_for(std::min<Clock::duration>(due - now, kFrame));
    }
    return false;
  }

  double speed_;
  std::chrono::steady_clock::time_point began_;
};

void print_line(const trace::Directory& names, const views::Text& line,
                const views::Options& options) {
  views::Page page;
  page.wrap(line, options.width, views::log_indent(names));
  print(page.render(options));
}

void follow_log(const scenario::ShowRequest& request, const Execution& execution, const Pace& pace,
                const views::Options& options) {
  const trace::Recording& recording = execution.recording;
  const views::LogSelection selection{
      .flow = request.flow,
      .node = request.node.empty() ? kNoNode : recording.directory().find_node(request.node),
      .from = request.from,
      .until = request.until,
      .keep = packet_filter(request.filter, recording).value_or(nullptr)};
  views::Labeller labeller(recording);
  const views::LogWriter writer(recording.directory(),
                                [&](PacketUid uid, Bytes) { return labeller.label(uid); });
  print(views::log_title(recording.directory()).render(options) + "\n");
  for (const trace::EventIndex index : views::logged_events(recording, selection)) {
    flush();
    if (!pace.wait_until(recording.event(index).time)) return;
    auto line = writer.line(recording.event(index));
    if (line) print_line(recording.directory(), *line, options);
  }
}

scenario::Parsed<bool> follow_screen(const scenario::ShowRequest& request,
                                     const Execution& execution, const Pace& pace,
                                     const views::Options& options) {
  const trace::Recording& recording = execution.recording;
  Execution partial;
  const auto count = static_cast<trace::EventIndex>(recording.events().size());
  for (trace::EventIndex done = 0; done < count && !is_interrupted();) {
    // All that happens until the next drawing is in it.
    if (!pace.wait_until(recording.event(done).time)) break;
    const Instant now = recording.event(done).time;
    done = recording.count_until(now);
    while (done < count && pace.is_due(recording.event(done).time)) ++done;
    partial.recording = beginning_of(recording, done);
    const auto page = render(request, partial, options);
    views::Page screen;
    screen.line("t=" + to_text(partial.recording.end()));
    if (page) {
      screen.append(*page);
    } else {
      screen.line(page.error().what);
    }
    print("\x1b[H\x1b[2J" + screen.render(options));
    flush();
    if (!pace.rest()) break;
  }
  return true;
}

}  // namespace

std::optional<double> parse_speed(std::string_view text) {
  double speed = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), speed);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  if (!(speed >= kSpeedLeast && speed <= kSpeedMost)) return std::nullopt;
  return speed;
}

scenario::Parsed<bool> follow(const scenario::ShowRequest& request, const Execution& execution,
                              double speed, const views::Options& options) {
  const Pace pace(speed);
  if (request.view == View::log) {
    follow_log(request, execution, pace, options);
    return true;
  }
  if (!is_output_terminal()) {
    return scenario::mistake(fmt::format("only the log can be followed without a terminal, not {}",
                                         to_text(request.view)),
                             "write 'strata show FILE log --follow'");
  }
  return follow_screen(request, execution, pace, options);
}

void print_as_it_happens(const trace::Directory& names, const Event& event,
                         const views::Options& options) {
  const views::LogWriter writer(names, views::words_of_frame);
  auto line = writer.line(event);
  if (!line) return;
  print_line(names, *line, options);
  flush();
}

}  // namespace strata::cli
