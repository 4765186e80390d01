// SPDX-License-Identifier: MIT
// Runs the built `strata` as a shell would, without a shell: arguments, input, both outputs, exit
// status, signals.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace strata::cli_tests {

struct Result {
  int status = -1;  // exit status; 128 + signal when a signal ended it
  std::string out;
  std::string err;
};

struct Invocation {
  std::vector<std::string> arguments;
  std::string input;                     // what standard input holds
  std::string output_to;                 // standard output goes to this file instead
  bool close_output = false;             // nobody reads standard output
  std::string working_folder;            // empty: the test's own
  std::vector<std::string> environment;  // NAME=VALUE beside PATH; the rest is empty
  // Sends SIGINT as soon as this file exists and is not empty, and at the latest after a second.
  std::optional<std::string> interrupt_when_written;
};

Result run(const Invocation& invocation);
Result strata(std::vector<std::string> arguments);

// A fresh folder that disappears with the object.
class Folder {
 public:
  Folder();
  ~Folder();
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string path(const std::string& name = {}) const;
  std::string write(const std::string& name, const std::string& text) const;  // its path
  std::vector<std::string> files() const;                                     // at any depth

 private:
  std::string path_;
};

std::string read(const std::string& path);
// A scenario of the tree: "loss/fast-retransmit.yaml".
std::string scenario(const std::string& name);

// Two hosts, one link, a ping: fast, and nothing goes wrong.
extern const char* const kPing;

}  // namespace strata::cli_tests
