// SPDX-License-Identifier: MIT
// `strata help`, and the table of all subcommands.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

#include "sim/scenario/show.h"
#include "stack/application/program.h"
#include "tools/strata/command.h"
#include "tools/strata/terminal.h"

namespace strata::cli {
namespace {

void print_overview() {
  print("Strata simulates a layered protocol stack and shows what it does.\n\ncommands\n");
  for (const Command& command : commands()) {
    print(fmt::format("  strata {:<28} {}\n", command.synopsis, command.summary));
  }
  print("\nviews for 'strata show' and the key 'show:'\n");
  const std::vector<std::string> views = scenario::view_names();
  for (std::size_t i = 0; i < views.size(); ++i) {
    print(fmt::format("  {:<12} {}\n", views[i], scenario::help(static_cast<scenario::View>(i))));
  }
  print("\nprograms for 'run:'\n");
  for (const application::Program& program : application::programs()) {
    if (program.name == "calls") continue;  // a key of its own
    print(fmt::format("  {:<16} {}\n", program.name, program.help));
  }
  print(
      "\n'strata help COMMAND' shows its options, 'strata help PROGRAM' its parameters,\n'strata "
      "help VIEW' what a view takes.\n");
}

void print_program(const application::Program& program) {
  print(fmt::format("{}: {}\n\n", program.name, program.help));
  for (const application::Parameter& parameter : program.parameters) {
    const std::string note = parameter.required ? " (required)"
                             : parameter.fallback.empty()
                                 ? ""
                                 : fmt::format(" (default {})", parameter.fallback);
    print(fmt::format("  {:<16} {}{}\n", parameter.name, parameter.help, note));
  }
}

// The option that says what the clause of a view does.
std::string option_of(const std::string& clause) {
  static const std::map<std::string, std::string> kOptions{
      {"packet", "--of PACKET"}, {"flow", "--flow N"},    {"at", "--at TIME"},
      {"on", "--on NODE"},       {"link", "--link LINK"}, {"from", "--from TIME"},
      {"until", "--to TIME"},    {"code", "--code CODE"}, {"bytes", "--bytes FIRST-LAST"}};
  return kOptions.at(clause);
}

void print_view(scenario::View view) {
  print(fmt::format("{}: {}\n\nusage: strata show FILE {}", to_text(view), help(view),
                    to_text(view)));
  const std::vector<std::string> subjects = subjects_of(view);
  if (!subjects.empty()) print(fmt::format(" [{}]", fmt::join(subjects, "|")));
  for (const std::string& clause : clauses_of(view)) {
    const std::string option = option_of(clause);
    const bool is_needed = clause == "packet" && needs_packet(view);
    print(is_needed ? " " + option : " [" + option + "]");
  }
  print("\n\n'strata help show' explains the options, docs/views.md the view.\n");
}

}  // namespace

const std::vector<Command>& commands() {
  static const std::vector<Command> kCommands{
      {"run", "run FILE [options]", "Run a scenario and tell what happened.", run_command},
      {"live", "live FILE [options]", "Run it in real time on the devices it names.", live_command},
      {"report", "report FILE [-o OUT.html]", "Run it and write one HTML file to look through.",
       report_command},
      {"show", "show FILE VIEW [options]", "Run it again and show one view of it.", show_command},
      {"export", "export FILE FORMAT [options]", "Write it in the format of another program.",
       export_command},
      {"compare", "compare A [B] [options]", "Lay two runs side by side.", compare_command},
      {"step", "step FILE [VIEW]", "Go through it event by event, in any view.", step_command},
      {"dissect", "dissect FILE [VIEW] [options]",
       "Show a capture made by anyone in the same views.", dissect_command},
      {"extcap", "extcap --install|--uninstall", "Make simulations an interface of Wireshark.",
       extcap_command},
      {"wireshark", "wireshark --install|--uninstall",
       "Give Wireshark the fields, colours and profile.", wireshark_command},
      {"check", "check FILE... [options]", "Tell what is wrong without running.", check_command},
      {"test", "test FILE|FOLDER...", "Run for the expectations only.", test_command},
      {"list", "list [FOLDER]", "List scenarios with their titles.", list_command},
      {"new", "new NAME", "Write a commented scenario to begin with.", new_command},
      {"help", "help [COMMAND|PROGRAM|VIEW]", "Explain a command, a program or a view.",
       help_command},
  };
  return kCommands;
}

int help_command(const Arguments& arguments) {
  if (arguments.empty()) {
    print_overview();
    return kOk;
  }
  const std::string& topic = arguments.front();
  std::vector<std::string> topics;
  for (const Command& command : commands()) {
    if (command.name == topic && topic != "help") return command.run({"--help"});
    topics.emplace_back(command.name);
  }
  if (topic == "help" || topic == "--help" || topic == "-h") {
    print_overview();
    return kOk;
  }
  for (const application::Program& program : application::programs()) {
    if (program.name == topic) {
      print_program(program);
      return kOk;
    }
    topics.emplace_back(program.name);
  }
  const std::vector<std::string> views = scenario::view_names();
  for (std::size_t i = 0; i < views.size(); ++i) {
    if (views[i] == topic) {
      print_view(static_cast<scenario::View>(i));
      return kOk;
    }
    topics.push_back(views[i]);
  }
  complain_about(topic, topics, "there is no help about", "try 'strata help'");
  return kUsage;
}

}  // namespace strata::cli
