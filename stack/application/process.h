// SPDX-License-Identifier: MIT
// (contract; the owner completes the private part; task.h and scheduler.h beside it)
#pragma once
#include <functional>
#include <string>

#include "stack/application/task.h"
#include "stack/socket/sockets.h"

namespace strata::application {

// What a running process may use: cheap to copy, passed by value to coroutines. Blocking-style calls
// are awaitable and end in the result of the socket call; every one of them records a SocketCalled
// event.
class Process {
 public:
  const std::string& name() const;
  Instant now() const;

  Result<socket::Fd> socket(socket::Type type);
  Result<void> bind(socket::Fd fd, Endpoint local);
  Result<void> listen(socket::Fd fd, int backlog);
  Result<void> set_option(socket::Fd fd, socket::Option option, socket::OptionValue value);
  Result<void> shutdown(socket::Fd fd, socket::How how);
  // --- awaitable; use only as `auto result = co_await process.recv(fd, 4096);` ---
  // accept(fd) -> Result<Fd>; connect(fd, endpoint) -> Result<void>;
  // send(fd, std::string data) -> Result<size_t> (all of it, unless an error intervenes);
  // recv(fd, max) -> Result<std::string> (empty: end of stream);
  // sendto(fd, data, endpoint), recvfrom(fd, max) -> Result<Datagram>;
  // close(fd) -> Result<void> (waits only when lingering); sleep(duration); yield().
  // Each takes an optional deadline; timed_out when it passes.

  // Resolves a node name or a literal address, as the hosts file of the scenario would.
  Result<IpAddress> resolve(const std::string& name) const;
  // A line for people (event ProcessOutput).
  void print(std::string line);
  // Adds to a named figure of this process, readable by expectations as `PROCESS.figure`.
  void count(const std::string& figure, std::int64_t amount);
  // Starts another task of the same process (one process per connection).
  void spawn(Task<void> task);
};

}  // namespace strata::application
