// SPDX-License-Identifier: MIT
// `strata extcap`: the contract by which Wireshark and tshark find, configure and start a capture
// interface that is a program (extcap(4)), and putting that program where they look for it.
//
// Everything but --capture must answer at once and touch nothing: tshark asks on every start.
#include "tools/strata/extcap.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options/value_semantic.hpp>
#include <filesystem>

#include "tools/strata/files.h"
#include "tools/strata/installation.h"

namespace strata::cli {
namespace fs = std::filesystem;

namespace {

constexpr std::string_view kMark = "Strata";

po::options_description extcap_options() {
  const auto text = [](const char* name) { return po::value<std::string>()->value_name(name); };
  po::options_description options("options");
  options.add_options()("install", "put it where Wireshark and tshark look")(
      "uninstall", "take it away again")("system", "for all users, not for you alone")(
      "extcap-interfaces", "list the interfaces")("extcap-version", text("N"), "of Wireshark")(
      "extcap-interface", text("NAME"), "the interface meant")("extcap-dlts", "its link types")(
      "extcap-config", "its options")("extcap-capture-filter", text("FILTER"), "pcap filter")(
      "capture", "run and capture")("fifo", text("PATH"), "where the capture goes")(
      "scenario", text("FILE"), "the scenario to run")(
      "interface", text("NODE:PORT"), "whose frames to capture; all: of every interface")(
      "seed", text("N"), "seed of the run")("speed", text("FACTOR"),
                                            "1: real time, 10: ten times as fast, fast: at once")(
      "loss", text("PERCENT"), "frames to lose on every link, beside what the scenario says");
  return options;
}

// Options of later versions of the contract are none of ours: they are left out.
Arguments known_arguments(const Arguments& arguments, const po::options_description& options) {
  Arguments known;
  bool skips_value = false;
  for (const std::string& argument : arguments) {
    const std::string name = argument.substr(0, argument.find('='));
    const bool is_option = argument.starts_with("--");
    if (skips_value && !is_option) {
      skips_value = false;
      continue;
    }
    skips_value =
        name.starts_with("--extcap-") && options.find_nothrow(name.substr(2), false) == nullptr;
    if (!skips_value) known.push_back(argument);
    if (argument.find('=') != std::string::npos) skips_value = false;
  }
  return known;
}

// In a sentence of the contract braces end a value.
std::string value_text(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '{' || c == '}' || c == '\n'; }, ' ');
  return text;
}

void print_interfaces() {
  print(fmt::format("extcap {{version={}}}{{display=Strata simulator}}\n", STRATA_VERSION));
  print(fmt::format("interface {{value={}}}{{display=Strata: a simulated network}}\n",
                    kExtcapInterface));
}

void print_config() {
  print(
      fmt::format("arg {{number=0}}{{call=--scenario}}{{display=Scenario}}{{type=fileselect}}"
                  "{{mustexist=true}}{{default={}}}{{tooltip=The scenario file to run}}\n",
                  value_text(extcap_default_scenario())));
  print(
      "arg {number=1}{call=--interface}{display=Interface}{type=string}{default=}"
      "{tooltip=NODE:PORT, for instance client:eth0. Empty: the first host. all: every interface, "
      "which makes Wireshark take each hop of a packet for a retransmission}\n");
  print(
      "arg {number=2}{call=--seed}{display=Seed}{type=unsigned}{range=0,4294967295}"
      "{tooltip=The same seed gives the same frames. Empty: the scenario's own}\n");
  print(
      "arg {number=3}{call=--speed}{display=Speed}{type=string}{default=1}"
      "{tooltip=1: real time, 10: ten times as fast, fast: at once}\n");
  print(
      "arg {number=4}{call=--loss}{display=Loss (%)}{type=double}{range=0,100}{default=0}"
      "{tooltip=Frames to lose on every link, beside what the scenario says}\n");
}

// Where the versions of Wireshark look: 4.0; 4.2 and later; the first of 4.4.
std::vector<fs::path> personal_folders(const fs::path& home, const fs::path& configuration) {
  const fs::path later = home / ".local" / "lib" / "wireshark" / "extcap";
  return {configuration / "wireshark" / "extcap", later, later / "wireshark"};
}

// The folders of an installed Wireshark.
std::vector<fs::path> system_folders() {
  std::vector<fs::path> folders;
  std::error_code error;
  for (const char* library : {"/usr/lib", "/usr/lib64", "/usr/libexec", "/usr/local/lib"}) {
    std::vector<fs::path> candidates{fs::path{library} / "wireshark" / "extcap"};
    for (const auto& entry : fs::directory_iterator(library, error)) {
      // Multi-arch: /usr/lib/x86_64-linux-gnu.
      const bool is_triplet = entry.path().filename().string().find("-linux-") != std::string::npos;
      if (is_triplet) candidates.push_back(entry.path() / "wireshark" / "extcap");
    }
    for (const fs::path& candidate : candidates) {
      if (fs::is_directory(candidate.parent_path(), error)) folders.push_back(candidate);
      // The first of 4.4 keep their own in a folder below, and look nowhere else.
      const fs::path later = candidate / "wireshark";
      if (fs::is_directory(later, error)) folders.push_back(later);
    }
  }
  return folders;
}

std::string quoted(const std::string& text) {
  std::string word = "'";
  for (const char c : text) word += c == '\'' ? std::string{"'\\''"} : std::string{c};
  return word + "'";
}

// Writes or removes the program that Wireshark starts.
int change_installation(bool is_install, bool is_system) {
  const auto home = home_folder();
  const auto configuration = configuration_folder();
  if (!is_system && (!home || !configuration)) {
    complain("the environment does not say where home is", "set HOME");
    return kUsage;
  }
  const std::vector<fs::path> folders =
      is_system ? system_folders() : personal_folders(*home, *configuration);
  if (folders.empty()) {
    complain("there is no Wireshark in the usual places",
             "install it first, or leave out --system");
    return kUsage;
  }
  const std::string program = fmt::format(
      "#!/bin/sh\n# Strata as a capture interface of Wireshark (strata extcap --install).\n"
      "exec {} extcap \"$@\"\n",
      quoted(own_path().string()));
  std::vector<InstalledFile> files;
  for (const fs::path& folder : folders) {
    files.push_back({folder / kExtcapInterface, program, /*is_program=*/true});
  }
  if (is_install) {
    if (const auto problem = install(files, kMark)) {
      complain(*problem, is_system ? "this needs the rights of an administrator" : "");
      return kUsage;
    }
    for (const InstalledFile& file : files) print(fmt::format("wrote {}\n", file.path.string()));
    print("try: tshark -D | grep strata; tshark -i strata -a duration:5\n");
    return kOk;
  }
  const Removal removal = uninstall(files, is_system ? folders.front().parent_path() : *home);
  for (const fs::path& path : removal.removed) print(fmt::format("removed {}\n", path.string()));
  for (const fs::path& path : removal.kept) {
    note(fmt::format("{} is of another Strata, or was changed, and stays", path.string()));
  }
  return kOk;
}

}  // namespace

int extcap_command(const Arguments& arguments) {
  const po::options_description options = extcap_options();
  int status = kUsage;
  const auto line = parse_line("extcap", known_arguments(arguments, options), options, status);
  if (!line) return status;
  const bool is_install = line->has("install");
  if (is_install && line->has("uninstall")) {
    complain("--install and --uninstall exclude each other", "give one of them");
    return kUsage;
  }
  if (is_install || line->has("uninstall")) {
    return change_installation(is_install, line->has("system"));
  }
  if (line->has("extcap-interfaces")) {
    print_interfaces();
    return kOk;
  }
  const std::string interface = line->text("extcap-interface");
  const bool asks = line->has("extcap-dlts") || line->has("extcap-config") || line->has("capture");
  if (!asks || interface != kExtcapInterface) {
    complain(asks ? fmt::format("there is no interface {}", scenario::in_quotes(interface))
                  : "an option is missing",
             "'strata extcap --install' makes Wireshark know the interface 'strata'");
    return kUsage;
  }
  if (line->has("extcap-dlts")) {
    print("dlt {number=1}{name=EN10MB}{display=Ethernet}\n");
    return kOk;
  }
  if (line->has("extcap-config")) {
    print_config();
    return kOk;
  }
  return extcap_capture(*line);
}

}  // namespace strata::cli
