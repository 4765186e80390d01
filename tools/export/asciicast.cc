// SPDX-License-Identifier: MIT
// asciicast v2: the ladder drawing itself line by line, for asciinema and its web player. Virtual
// time is slowed down so that the whole takes about twenty seconds, and no pause is longer than
// one.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "tools/export/format.h"
#include "tools/export/json.h"
#include "tools/views/ladder.h"

namespace strata::exports {
namespace {

constexpr double kSeconds = 20;
constexpr double kPauseMost = 1;
constexpr std::size_t kRows = 40;

// When each line appears, in seconds. Several at one instant follow each other quickly.
std::vector<double> schedule(const std::vector<Instant>& times) {
  constexpr double kTogether = 0.02;
  const double span =
      times.empty() ? 0.0 : static_cast<double>((times.back() - times.front()).count());
  const double scale = span > 0 ? kSeconds / span : 0;
  std::vector<double> shown;
  double now = 0;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const auto gap = i == 0 ? 0.0 : static_cast<double>((times[i] - times[i - 1]).count());
    now += std::clamp(gap * scale, kTogether, kPauseMost);
    shown.push_back(now);
  }
  return shown;
}

}  // namespace

Trouble write_asciicast(const trace::Recording& recording, const Request& request,
                        const Sink& sink) {
  views::LadderSelection selection{
      .flow = request.flow, .from = request.from, .until = request.until, .keep = request.keep};
  if (!selection.flow && recording.flows().size() == 1) selection.flow = 1;
  if (selection.flow) {
    const auto flow = flow_of(recording, request);
    if (!flow) return flow.error();
  }
  const views::Options options{.width = request.width, .ascii = false, .color = true};
  const views::TimedPage ladder = views::timed_ladder(recording, selection, options);
  const std::vector<double> shown = schedule(ladder.times);
  const Json head{{"version", 2},
                  {"width", request.width},
                  {"height", std::min(kRows, ladder.page.lines().size() + 3)},
                  {"title", fmt::format("{}, seed {}", request.scenario, recording.seed())},
                  {"env", {{"TERM", "xterm-256color"}}}};
  std::string text = text_of(head, false) + "\n";
  const std::string prompt = fmt::format("$ strata show {} ladder\r\n", request.scenario);
  text += fmt::format("[0.0,\"o\",{}]\n", text_of(Json(prompt), false));
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const std::string line = ladder.page.lines()[i].render(options) + "\r\n";
    fmt::format_to(std::back_inserter(text), "[{:.3f},\"o\",{}]\n", shown[i] + 0.5,
                   text_of(Json(line), false));
  }
  sink(text);
  return std::nullopt;
}

}  // namespace strata::exports
