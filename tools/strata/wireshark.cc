// SPDX-License-Identifier: MIT
// `strata wireshark`: puts the Lua fields, the colour rules and the profile "Strata" where
// Wireshark and tshark look for them, and takes them away again.
#include <fmt/format.h>

#include "tools/strata/command.h"
#include "tools/strata/installation.h"
#include "tools/strata/options.h"
#include "tools/strata/wireshark_files.h"

namespace strata::cli {
namespace {

// In every file, and in none that others wrote.
constexpr std::string_view kMark = "Strata";

std::vector<InstalledFile> files_for(const std::filesystem::path& home,
                                     const std::filesystem::path& configuration) {
  const std::filesystem::path profile = configuration / "wireshark" / "profiles" / "Strata";
  return {
      {home / ".local" / "lib" / "wireshark" / "plugins" / "strata.lua",
       std::string{kWiresharkLua}},
      {profile / "colorfilters", std::string{kWiresharkColorfilters}},
      {profile / "preferences", std::string{kWiresharkPreferences}},
      {profile / "dfilter_buttons", std::string{kWiresharkButtons}},
  };
}

}  // namespace

int wireshark_command(const Arguments& arguments) {
  po::options_description options("options");
  options.add_options()("install", "put the fields and the profile in place")(
      "uninstall", "take them away again");
  int status = kUsage;
  const auto line = parse_line("wireshark", arguments, options, status);
  if (!line) return status;
  if (line->has("install") && line->has("uninstall")) {
    complain("--install and --uninstall exclude each other", "give one of them");
    return kUsage;
  }
  if (!line->positional.empty() || line->has("install") == line->has("uninstall")) {
    complain("an option is missing", "write 'strata wireshark --install' or '--uninstall'");
    return kUsage;
  }
  const auto home = home_folder();
  const auto configuration = configuration_folder();
  if (!home || !configuration) {
    complain("the environment does not say where home is", "set HOME");
    return kUsage;
  }
  const std::vector<InstalledFile> files = files_for(*home, *configuration);
  if (line->has("install")) {
    if (const auto problem = install(files, kMark)) {
      complain(*problem, "move it away, or take it out of the way of Strata");
      return kUsage;
    }
    for (const InstalledFile& file : files) print(fmt::format("wrote {}\n", file.path.string()));
    print(
        "try: tshark -C Strata -r FILE.pcapng -Y strata.drop; in Wireshark: Edit, "
        "Configuration Profiles, Strata\n");
    return kOk;
  }
  const Removal removal = uninstall(files, *home);
  for (const auto& path : removal.removed) print(fmt::format("removed {}\n", path.string()));
  for (const auto& path : removal.kept) {
    note(fmt::format("{} was changed since it was installed and stays", path.string()));
  }
  return kOk;
}

}  // namespace strata::cli
