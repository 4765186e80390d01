// SPDX-License-Identifier: MIT
#include "sim/device/restore_on_exit.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

namespace strata::device {
namespace {

// Closes every descriptor but these: a device that the helper held would outlive its owner.
void close_all_but(std::vector<int> kept) {
  std::sort(kept.begin(), kept.end());
  unsigned from = 0;
  for (const int descriptor : kept) {
    const auto next = static_cast<unsigned>(descriptor);
    if (next > from) ::close_range(from, next - 1, 0);
    from = next + 1;
  }
  ::close_range(from, ~0U, 0);
}

// The whole life of the helper.
[[noreturn]] void restore_after(int lifeline, std::vector<InterfaceSetup>& setups) {
  // What ends the process group must not end the helper: it has to outlive the others.
  ::setsid();
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) std::signal(signal, SIG_IGN);
  std::vector<int> kept{lifeline};
  for (const InterfaceSetup& setup : setups) {
    for (const int descriptor : setup.descriptors()) kept.push_back(descriptor);
  }
  close_all_but(std::move(kept));
  ::prctl(PR_SET_NAME, "strata-restore");
  std::array<char, 1> octet{};
  while (::read(lifeline, octet.data(), octet.size()) < 0 && errno == EINTR) {
  }
  for (InterfaceSetup& setup : setups) setup.undo();
  ::_exit(0);
}

}  // namespace

tl::expected<RestoreOnExit, std::string> RestoreOnExit::start(std::vector<InterfaceSetup> setups) {
  if (setups.empty()) return RestoreOnExit(Descriptor{}, -1);
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
    return tl::unexpected(fmt::format("cannot make a pipe: {}", std::strerror(errno)));
  }
  Descriptor read_end(ends[0]);
  Descriptor write_end(ends[1]);
  const pid_t helper = ::fork();
  if (helper < 0) {
    return tl::unexpected(fmt::format("cannot start a process: {}", std::strerror(errno)));
  }
  if (helper == 0) {
    ::close(write_end.release());
    restore_after(read_end.get(), setups);
  }
  return RestoreOnExit(std::move(write_end), helper);
}

RestoreOnExit::~RestoreOnExit() {
  if (lifeline_.get() < 0) return;
  ::close(lifeline_.release());
  int status = 0;
  while (::waitpid(helper_, &status, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace strata::device
