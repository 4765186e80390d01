// SPDX-License-Identifier: MIT
// `strata step`: goes through a run event by event and looks at it in any view. On a terminal by
// keys; with commands on standard input, one to a line, each answered with a screen.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "tools/strata/command.h"
#include "tools/strata/execute.h"
#include "tools/strata/live.h"
#include "tools/strata/options.h"
#include "tools/strata/raw_terminal.h"
#include "tools/strata/stepper.h"

namespace strata::cli {
namespace {

// The command a key stands for; keys that want words ask for them on the last line.
std::string command_of(const std::string& key) {
  if (key == "right" || key == "down" || key == "enter" || key == " ") return "n";
  if (key == "left" || key == "up" || key == "backspace") return "b";
  if (key == "escape" || key.starts_with("?unknown")) return "";
  return key;
}

// Reads the words behind `prompt`; nullopt when the user thinks better of it.
std::optional<std::string> ask(RawTerminal& terminal, const std::string& screen,
                               std::string_view prompt) {
  std::string words;
  while (true) {
    // The prompt takes the place of the last line.
    const std::size_t last = screen.rfind('\n', screen.size() - 2);
    terminal.show(
        fmt::format("{}\n{}{}_\n", screen.substr(0, last), prompt, views::printable(words)));
    const auto key = terminal.key();
    if (!key || *key == "escape") return std::nullopt;
    if (*key == "enter") return words;
    if (*key == "backspace") {
      if (words.empty()) return std::nullopt;
      words.pop_back();
    } else if (key->size() == 1) {
      words += *key;
    }
  }
}

void by_keys(RawTerminal& terminal, Stepper& stepper, views::Options options, bool has_width) {
  while (!stepper.is_done()) {
    const RawTerminal::Size size = terminal.size();
    if (!has_width) options.width = std::clamp<std::size_t>(size.columns, 60, 1000);
    const std::string screen = stepper.screen(options, size.rows).render(options);
    terminal.show(screen);
    const auto key = terminal.key();
    if (!key) return;
    if (*key == "resize") continue;
    if (*key == "g" || *key == "/" || *key == "u" || *key == "v") {
      const std::string prompt = *key == "g"   ? "go to time: "
                                 : *key == "/" ? "find: "
                                 : *key == "u" ? "run until: "
                                               : "view: ";
      const auto words = ask(terminal, screen, prompt);
      if (words) stepper.command(*key + " " + *words);
      continue;
    }
    stepper.command(command_of(*key));
  }
}

void by_lines(Stepper& stepper, const views::Options& options) {
  print(stepper.screen(options, 0).render(options));
  std::string line;
  while (!stepper.is_done() && !is_interrupted() && std::getline(std::cin, line)) {
    stepper.command(line);
    if (!stepper.is_done()) print("\n" + stepper.screen(options, 0).render(options));
  }
}

}  // namespace

int step_command(const Arguments& arguments) {
  int status = kUsage;
  po::options_description own("options");
  add_scenario_options(own);
  add_view_options(own);
  const auto line = parse_line("step", arguments, own, status);
  if (!line) return status;
  if (line->positional.empty() || line->positional.size() > 2) {
    complain(line->positional.empty() ? "which scenario?" : "one scenario at a time",
             "write 'strata step FILE' or 'strata step FILE VIEW'");
    return kUsage;
  }
  const auto options = read_view_options(*line);
  if (!options) return kUsage;
  const std::string& file = line->positional.front();
  const auto scenario = load_scenario(file, *line);
  if (!scenario || !is_simulation(*scenario, file)) return kUsage;
  if (line->positional.size() == 2) {
    const std::vector<std::string> known = scenario::view_names();
    if (std::find(known.begin(), known.end(), line->positional[1]) == known.end()) {
      complain_about(line->positional[1], known, "there is no view", "'strata help' lists them");
      return kUsage;
    }
  }
  ExecuteOptions execute_options;
  execute_options.progress = true;
  execute_options.record = true;
  const Execution execution = execute(*scenario, execute_options);
  if (is_interrupted()) return kInterrupted;
  Stepper stepper(execution, file, [&](Instant at) {
    ExecuteOptions again;
    again.socket_times.push_back(at);
    return execute(*scenario, again).socket_tables;
  });
  if (line->positional.size() == 2) stepper.command("v " + line->positional[1]);
  if (auto terminal = RawTerminal::open()) {
    by_keys(*terminal, stepper, *options, line->has("width"));
  } else {
    by_lines(stepper, *options);
  }
  return is_interrupted() ? kInterrupted : kOk;
}

}  // namespace strata::cli
