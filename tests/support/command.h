// SPDX-License-Identifier: MIT
// Runs another program (the strata binary, tshark) as a shell would, without a shell: arguments,
// input, both outputs, exit status, signals.
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
  bool has_clean_environment = false;       // ours is left out, but for PATH
  std::chrono::milliseconds limit{60'000};  // then it is killed
  std::string output_to;                    // standard output goes to this file instead
  bool close_output = false;                // nobody reads standard output
  // Sends SIGINT as soon as this file or folder exists and is not empty, and at the latest after a
  // second.
  std::filesystem::path interrupt_when_written;
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
  // The path of a file in it.
  std::string file(std::string_view name) const { return (path_ / name).string(); }
  // Writes a file and returns its path.
  std::string write(std::string_view name, std::string_view text) const;
  std::vector<std::string> files() const;  // at any depth, sorted, relative to it

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
