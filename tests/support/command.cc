// SPDX-License-Identifier: MIT
#include "tests/support/command.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

namespace strata::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

struct Pipe {
  int read_end = -1;
  int write_end = -1;
  Pipe() {
    std::array<int, 2> ends{-1, -1};
    if (pipe2(ends.data(), O_CLOEXEC) == 0) {
      read_end = ends[0];
      write_end = ends[1];
    }
  }
  ~Pipe() {
    close_read();
    close_write();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_read() { close_one(read_end); }
  void close_write() { close_one(write_end); }

 private:
  static void close_one(int& fd) {
    if (fd >= 0) close(fd);
    fd = -1;
  }
};

[[noreturn]] void become(const std::vector<std::string>& arguments, const CommandOptions& options,
                         const Pipe& in, const Pipe& out, const Pipe& err) {
  dup2(in.read_end, STDIN_FILENO);
  int target = out.write_end;
  if (!options.output_to.empty()) {
    target = open(options.output_to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  }
  dup2(target, STDOUT_FILENO);
  dup2(err.write_end, STDERR_FILENO);
  if (!options.folder.empty() && chdir(options.folder.c_str()) != 0) _exit(127);
  if (options.has_clean_environment) {
    clearenv();
    setenv("PATH", "/usr/bin:/bin", 1);
  }
  for (std::string entry : options.environment) {
    const std::size_t equals = entry.find('=');
    setenv(entry.substr(0, equals).c_str(), entry.substr(equals + 1).c_str(), 1);
  }
  std::vector<char*> argv;
  for (const std::string& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
  argv.push_back(nullptr);
  execvp(argv[0], argv.data());
  _exit(127);
}

bool is_written(const fs::path& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) return !fs::is_empty(path, error);
  return fs::exists(path, error) && fs::file_size(path, error) > 0;
}

// Feeds and drains the pipes until the child has closed its ends or the limit has passed.
void converse(const CommandOptions& options, pid_t child, Pipe& in, Pipe& out, Pipe& err,
              CommandResult& result) {
  const Clock::time_point start = Clock::now();
  std::size_t written = 0;
  bool must_interrupt = !options.interrupt_when_written.empty();
  if (options.input.empty()) in.close_write();
  if (options.close_output) out.close_read();
  while (out.read_end >= 0 || err.read_end >= 0) {
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - start);
    if (passed > options.limit) {
      kill(child, SIGKILL);
      result.timed_out = true;
      return;
    }
    if (must_interrupt &&
        (is_written(options.interrupt_when_written) || passed > std::chrono::seconds{1})) {
      kill(child, SIGINT);
      must_interrupt = false;
    }
    std::array<pollfd, 3> waits{pollfd{out.read_end, POLLIN, 0}, pollfd{err.read_end, POLLIN, 0},
                                pollfd{in.write_end, POLLOUT, 0}};
    if (poll(waits.data(), waits.size(), 20) <= 0) continue;
    const auto drain = [](Pipe& pipe, std::string& into) {
      std::array<char, 65536> buffer;
      const ssize_t count = read(pipe.read_end, buffer.data(), buffer.size());
      if (count > 0) into.append(buffer.data(), static_cast<std::size_t>(count));
      if (count == 0) pipe.close_read();
    };
    if (waits[0].revents != 0) drain(out, result.out);
    if (waits[1].revents != 0) drain(err, result.err);
    if (waits[2].revents != 0) {
      const ssize_t count =
          write(in.write_end, options.input.data() + written, options.input.size() - written);
      if (count > 0) written += static_cast<std::size_t>(count);
      if (count < 0 || written == options.input.size()) in.close_write();
    }
  }
}

}  // namespace

CommandResult run_command(const std::vector<std::string>& arguments,
                          const CommandOptions& options) {
  CommandResult result;
  std::signal(SIGPIPE, SIG_IGN);
  Pipe in;
  Pipe out;
  Pipe err;
  const pid_t child = fork();
  if (child < 0) return result;
  if (child == 0) {
    std::signal(SIGPIPE, SIG_DFL);
    become(arguments, options, in, out, err);
  }
  in.close_read();
  out.close_write();
  err.close_write();
  converse(options, child, in, out, err, result);
  int status = 0;
  waitpid(child, &status, 0);
  result.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

bool has_program(std::string_view name) {
  const char* path = std::getenv("PATH");
  if (path == nullptr) return false;
  std::istringstream folders{std::string{path}};
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (access((fs::path{folder} / name).c_str(), X_OK) == 0) return true;
  }
  return false;
}

bool tools_are_required() { return std::getenv("STRATA_REQUIRE_TOOLS") != nullptr; }

TemporaryFolder::TemporaryFolder() {
  std::string name = (fs::temp_directory_path() / "strata-test-XXXXXX").string();
  path_ = mkdtemp(name.data());
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  fs::permissions(path_, fs::perms::owner_all, ignored);
  fs::remove_all(path_, ignored);
}

std::string TemporaryFolder::write(std::string_view name, std::string_view text) const {
  std::ofstream(file(name), std::ios::binary) << text;
  return file(name);
}

std::vector<std::string> TemporaryFolder::files() const {
  std::vector<std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(path_)) {
    if (entry.is_regular_file()) found.push_back(fs::relative(entry.path(), path_).string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<std::string> split_lines(std::string_view text) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::vector<std::string> scenario_files() {
  std::vector<std::string> files;
  for (const auto& entry : fs::recursive_directory_iterator(source_root() / "scenarios")) {
    if (entry.path().extension() == ".yaml" && entry.path().parent_path().filename() != "live") {
      files.push_back(fs::relative(entry.path(), source_root()).string());
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

fs::path source_root() { return STRATA_SOURCE_DIR; }
fs::path strata_binary() { return STRATA_BINARY; }

}  // namespace strata::test
