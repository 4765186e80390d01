// SPDX-License-Identifier: MIT
// Every scenario, byte for byte: the fingerprint of the run and a hash of each output (terminal in
// four widths, plain and ASCII, and every capture) against tests/golden/outputs.txt. All builds
// compare with the same file, so g++, clang, debug, optimised and sanitised runs agree with each
// other. STRATA_UPDATE_GOLDEN=1 rewrites the file: review its diff like code.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "tests/support/command.h"

namespace strata {
namespace {

namespace fs = std::filesystem;

const fs::path kGolden = test::source_root() / "tests/golden/outputs.txt";

// FNV-1a: any hash will do, as long as every build computes the same.
std::string hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  return fmt::format("{:016x}", hash);
}

using Lines = std::map<std::string, std::string>;

test::CommandResult strata(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), test::strata_binary().string());
  return test::run_command(arguments, {.folder = test::source_root(),
                                       .environment = {"LC_ALL=C.UTF-8", "COLUMNS=", "NO_COLOR="}});
}

// What a scenario puts out, one line per output.
Lines outputs_of(const std::string& scenario) {
  Lines lines;
  const test::TemporaryFolder folder;
  const auto captured = strata({"run", scenario, "--quiet", "--pcap", folder.path().string()});
  EXPECT_EQ(captured.exit_status, 0) << scenario << "\n" << captured.out << captured.err;
  for (const auto& entry : fs::directory_iterator(folder.path())) {
    lines[scenario + " " + entry.path().filename().string()] =
        hash_of(test::read_file(entry.path()));
  }
  for (const char* width : {"60", "80", "100", "140"}) {
    const auto shown = strata({"run", scenario, "--width", width, "--color", "never"});
    lines[scenario + " width " + width] = hash_of(shown.out);
  }
  const auto ascii = strata({"run", scenario, "--width", "100", "--color", "always", "--ascii"});
  lines[scenario + " ascii, coloured"] = hash_of(ascii.out);
  return lines;
}

Lines read_golden() {
  Lines lines;
  for (const std::string& line : test::split_lines(test::read_file(kGolden))) {
    const std::size_t tab = line.rfind('\t');
    if (!line.starts_with('#') && tab != std::string::npos) {
      lines[line.substr(0, tab)] = line.substr(tab + 1);
    }
  }
  return lines;
}

TEST(Golden, EveryScenarioPutsOutTheSameBytesInEveryBuild) {
  Lines actual;
  for (const std::string& scenario : test::scenario_files()) actual.merge(outputs_of(scenario));
  if (std::getenv("STRATA_UPDATE_GOLDEN") != nullptr) {
    std::ofstream out(kGolden);
    out << "# Hashes of every output of every scenario; `tools/dev golden` rewrites this file.\n";
    for (const auto& [key, hash] : actual) out << key << '\t' << hash << '\n';
    return;
  }
  const Lines golden = read_golden();
  for (const auto& [key, hash] : actual) {
    const auto found = golden.find(key);
    EXPECT_TRUE(found != golden.end() && found->second == hash) << key << " changed";
  }
  for (const auto& [key, hash] : golden) {
    EXPECT_TRUE(actual.contains(key)) << key << " is no longer made";
  }
}

TEST(Golden, TheSameRunTwiceIsTheSame) {
  const std::vector<std::string> arguments{
      "run", "scenarios/loss/fast-retransmit.yaml", "--width", "100", "--color", "never"};
  EXPECT_EQ(strata(arguments).out, strata(arguments).out);
}

TEST(Golden, WatchingARunDoesNotChangeIt) {
  const std::string scenario = "scenarios/loss/fast-retransmit.yaml";
  const test::TemporaryFolder folder;
  const auto fingerprint = [](const std::string& json) {
    const std::size_t at = json.find("\"fingerprint\"");
    return json.substr(at, json.find('\n', at) - at);
  };
  const auto plain = strata({"run", scenario, "--json"});
  const auto watched = strata({"run", scenario, "--json", "--pcap", folder.path().string()});
  EXPECT_EQ(fingerprint(plain.out), fingerprint(watched.out));
  EXPECT_NE(plain.out.find("\"fingerprint\""), std::string::npos);
}

}  // namespace
}  // namespace strata
