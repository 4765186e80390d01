// SPDX-License-Identifier: MIT
// `strata step`: goes through a run event by event and looks at it in any view. On a terminal by
// keys; with commands on standard input, one to a line, each answered with a screen.
#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "sim/scenario/units.h"
#include "tools/strata/command.h"
#include "tools/strata/execute.h"
#include "tools/strata/live.h"
#include "tools/strata/options.h"
#include "tools/strata/raw_terminal.h"
#include "tools/strata/stepper.h"
#include "tools/views/svg.h"

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
  const auto show = [&](std::string_view opening) {
    print(std::string{opening} + stepper.screen(options, 0).render(options));
    flush();  // whoever writes the commands reads what came of the last
  };
  show("");
  std::string line;
  while (!stepper.is_done() && !is_interrupted() && std::getline(std::cin, line)) {
    stepper.command(line);
    if (!stepper.is_done()) show("\n");
  }
}

// The session as a picture that moves: each screen, then the same with the command that comes next.
void record(Stepper& stepper, const views::Options& options, std::size_t rows,
            const std::string& title) {
  std::vector<views::Page> screens;
  const auto add = [&](std::string_view typed) {
    views::Page screen = stepper.screen(options, rows);
    screen.line(views::Text("> ", views::Role::dim).add(typed, views::Role::heading));
    screens.push_back(std::move(screen));
  };
  add("");
  std::string line;
  while (!stepper.is_done() && !is_interrupted() && std::getline(std::cin, line)) {
    add(views::printable(line));
    stepper.command(line);
    add("");
  }
  print(views::moving_svg(screens, title));
}

// Nullopt after a complaint.
std::optional<std::size_t> read_rows(const ParsedLine& line) {
  if (!line.has("rows")) return 24;
  const auto rows = scenario::parse_count(line.text("rows"));
  if (line.has("svg") && rows && *rows >= 10 && *rows <= 200)
    return static_cast<std::size_t>(*rows);
  complain(fmt::format("--rows {} is not for this", line.text("rows")),
           "it is for --svg, from 10 to 200");
  return std::nullopt;
}

}  // namespace

int step_command(const Arguments& arguments) {
  int status = kUsage;
  po::options_description own("options");
  add_scenario_options(own);
  add_view_options(own);
  own.add_options()("svg",
                    "print the session as one moving picture, for documents; commands come "
                    "from standard input")("rows", po::value<std::string>()->value_name("N"),
                                           "with --svg: rows of each screen; without it 24");
  const auto line = parse_line("step", arguments, own, status);
  if (!line) return status;
  if (line->positional.empty() || line->positional.size() > 2) {
    complain(line->positional.empty() ? "a scenario is missing" : "one scenario at a time",
             "write 'strata step FILE' or 'strata step FILE VIEW'");
    return kUsage;
  }
  const auto options = read_view_options(*line);
  const auto rows = read_rows(*line);
  if (!options || !rows) return kUsage;
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
  if (line->has("svg")) {
    record(stepper, *options, *rows, "strata step " + file);
  } else if (auto terminal = RawTerminal::open()) {
    by_keys(*terminal, stepper, *options, line->has("width"));
  } else {
    by_lines(stepper, *options);
  }
  return is_interrupted() ? kInterrupted : kOk;
}

}  // namespace strata::cli
