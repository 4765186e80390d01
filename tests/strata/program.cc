// SPDX-License-Identifier: MIT
#include "tests/strata/program.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace strata::cli_tests {
namespace fs = std::filesystem;

const char* const kPing =
    "nodes:\n  a: { address: 10.0.0.1/24 }\n  b: { address: 10.0.0.2/24 }\n"
    "links:\n  wire: { ends: [a, b], delay: 5 ms }\n"
    "processes: [ { on: a, run: ping, to: b, count: 2 } ]\n";

namespace {

struct Pipe {
  std::array<int, 2> ends{-1, -1};
  Pipe() {
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) std::abort();
  }
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  void close_end(std::size_t end) {
    if (ends[end] >= 0) ::close(ends[end]);
    ends[end] = -1;
  }
};

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> result;
  for (std::string& text : texts) result.push_back(text.data());
  result.push_back(nullptr);
  return result;
}

// In the child: never returns.
[[noreturn]] void become(const Invocation& invocation, Pipe& in, Pipe& out, Pipe& err) {
  ::dup2(in.ends[0], STDIN_FILENO);
  int target = out.ends[1];
  if (!invocation.output_to.empty()) {
    target = ::open(invocation.output_to.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  }
  ::dup2(target, STDOUT_FILENO);
  ::dup2(err.ends[1], STDERR_FILENO);
  if (!invocation.working_folder.empty() && ::chdir(invocation.working_folder.c_str()) != 0) {
    ::_exit(126);
  }
  std::vector<std::string> arguments{STRATA_BINARY};
  arguments.insert(arguments.end(), invocation.arguments.begin(), invocation.arguments.end());
  std::vector<std::string> environment = invocation.environment;
  environment.emplace_back("PATH=/usr/bin:/bin");
  ::execve(STRATA_BINARY, pointers(arguments).data(), pointers(environment).data());
  ::_exit(127);
}

bool is_written(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return !fs::is_empty(path, error);
  return fs::exists(path, error) && fs::file_size(path, error) > 0;
}

// Reads both outputs to their ends, sending the interrupt when its time has come.
void collect(const Invocation& invocation, pid_t child, Pipe& out, Pipe& err, Result& result) {
  struct Stream {
    Pipe* pipe;
    std::string* text;
  };
  std::vector<Stream> streams{{&err, &result.err}};
  if (!invocation.close_output) streams.push_back({&out, &result.out});
  bool must_interrupt = invocation.interrupt_when_written.has_value();
  int waited_ms = 0;
  while (!streams.empty()) {
    std::vector<pollfd> polled;
    for (const Stream& stream : streams) polled.push_back({stream.pipe->ends[0], POLLIN, 0});
    if (::poll(polled.data(), polled.size(), must_interrupt ? 10 : -1) == 0) waited_ms += 10;
    if (must_interrupt && (is_written(*invocation.interrupt_when_written) || waited_ms > 1000)) {
      ::kill(child, SIGINT);
      must_interrupt = false;
    }
    for (std::size_t i = streams.size(); i-- > 0;) {
      if (polled[i].revents == 0) continue;
      std::array<char, 65536> buffer{};
      const ssize_t got = ::read(polled[i].fd, buffer.data(), buffer.size());
      if (got > 0) streams[i].text->append(buffer.data(), static_cast<std::size_t>(got));
      if (got <= 0) streams.erase(streams.begin() + static_cast<std::ptrdiff_t>(i));
    }
  }
}

}  // namespace

Result run(const Invocation& invocation) {
  Pipe in;
  Pipe out;
  Pipe err;
  const pid_t child = ::fork();
  if (child == 0) become(invocation, in, out, err);
  in.close_end(0);
  out.close_end(1);
  err.close_end(1);
  if (invocation.close_output) out.close_end(0);
  std::signal(SIGPIPE, SIG_IGN);
  if (!invocation.input.empty()) {
    [[maybe_unused]] const ssize_t written =
        ::write(in.ends[1], invocation.input.data(), invocation.input.size());
  }
  in.close_end(1);
  Result result;
  collect(invocation, child, out, err, result);
  int status = 0;
  ::waitpid(child, &status, 0);
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

Result strata(std::vector<std::string> arguments) {
  return run({.arguments = std::move(arguments)});
}

Folder::Folder() {
  std::string name = fs::temp_directory_path() / "strata-cli-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) std::abort();
  path_ = name;
}

Folder::~Folder() {
  std::error_code ignored;
  fs::permissions(path_, fs::perms::owner_all, ignored);
  fs::remove_all(path_, ignored);
}

std::string Folder::path(const std::string& name) const {
  return name.empty() ? path_ : path_ + "/" + name;
}

std::string Folder::write(const std::string& name, const std::string& text) const {
  std::ofstream(path(name), std::ios::binary) << text;
  return path(name);
}

std::vector<std::string> Folder::files() const {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(path_)) {
    if (entry.is_regular_file()) found.push_back(fs::relative(entry.path(), path_));
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string scenario(const std::string& name) {
  return std::string{STRATA_SOURCE_DIR} + "/scenarios/" + name;
}

}  // namespace strata::cli_tests
