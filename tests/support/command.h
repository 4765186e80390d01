// SPDX-License-Identifier: MIT
// Runs another program (the strata binary, tshark) without a shell and collects what it says.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace strata::test {

struct CommandResult {
  int exit_status = -1;  // 128 + signal number when a signal ended it; 127: could not be started
  std::string out;
  std::string err;
  bool timed_out = false;
};

struct CommandOptions {
  std::string input;                        // given on standard input
  std::filesystem::path folder;             // to run in; empty: here
  std::vector<std::string> environment;     // "NAME=value", added to ours
  std::chrono::milliseconds limit{60'000};  // then it is killed
};

CommandResult run_command(const std::vector<std::string>& arguments,
                          const CommandOptions& options = {});

// Is the program on the PATH?
bool has_program(std::string_view name);
// Tests that need a tool may skip on a laptop, never in continuous integration, which sets this.
bool tools_are_required();

// A fresh folder that vanishes with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

std::string read_file(const std::filesystem::path& path);
std::vector<std::string> split_lines(std::string_view text);

// Every *.yaml below scenarios/ that runs in virtual time, sorted, relative to the root of the
// tree: all but those of scenarios/live/, which need a device.
std::vector<std::string> scenario_files();
// Root of the source tree, and the strata binary of this build.
std::filesystem::path source_root();
std::filesystem::path strata_binary();

}  // namespace strata::test
