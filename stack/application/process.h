// SPDX-License-Identifier: MIT
// Process: what a running program may use. The calls read like the textbook's socket / bind /
// listen / accept / connect / send / recv / shutdown / close; those that would block are awaitable
// and end in the result of the call. Each records a SocketCalled event when it returns; its texts
// are built only when somebody listens.
//
// The awaitable ones are used only as `const auto result = co_await process.recv(fd, 4096);` (see
// docs/hacking.md). Each takes a deadline after which it ends in timed_out. Calls on
// a buffer of the caller (send_from, recv_into, ...) allocate nothing.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "stack/application/calls.h"
#include "stack/application/executor.h"
#include "stack/application/task.h"
#include "stack/base/result.h"
#include "stack/socket/sockets.h"

namespace strata::application {

class ProcessRecord;

// What one expectation of a scripted call came to.
struct ScriptResult {
  std::string process;
  int line = 0;          // of the script, from 1
  std::string call;      // as written: "recv s -> contains \"200 OK\""
  std::string expected;  // as written after the arrow; empty: any result that is not an error
  std::string actual;    // "ECONNREFUSED", "\"HTTP/1.1 404\"..."
  bool passed = false;
  Instant when;
};

// A named figure of a process, found once and then added to without a search.
class Counter {
 public:
  explicit Counter(std::int64_t& value) : value_(&value) {}
  void add(std::int64_t amount = 1) { *value_ += amount; }
  void set(std::int64_t value) { *value_ = value; }
  // Keeps the larger (or smaller) of the figure and `value`.
  void raise_to(std::int64_t value) { *value_ = *value_ < value ? value : *value_; }
  std::int64_t value() const { return *value_; }

 private:
  std::int64_t* value_;
};

// A handle: cheap to copy, passed by value to coroutines. The scheduler it came from outlives it.
class Process {
 public:
  explicit Process(ProcessRecord& record) : record_(&record) {}

  const std::string& name() const;
  Instant now() const;

  // ---- calls that never block ----
  Result<socket::Fd> socket(socket::Type type);
  Result<void> bind(socket::Fd fd, Endpoint local);
  Result<void> listen(socket::Fd fd, int backlog);
  Result<void> set_option(socket::Fd fd, socket::Option option, socket::OptionValue value);
  Result<socket::OptionValue> option(socket::Fd fd, socket::Option option);
  // fcntl(O_NONBLOCK): the calls below that may block return EAGAIN (EINPROGRESS) instead.
  Result<void> set_non_blocking(socket::Fd fd, bool is_non_blocking);
  Result<std::int64_t> ioctl(socket::Fd fd, socket::Ioctl request);
  Result<void> shutdown(socket::Fd fd, socket::How how);
  Result<Endpoint> local_name(socket::Fd fd) const;
  Result<Endpoint> peer_name(socket::Fd fd) const;
  socket::Readiness readiness(socket::Fd fd) const;
  // The pending error of a socket (SO_ERROR); reading clears it.
  std::optional<Errc> take_error(socket::Fd fd);
  // A queued ICMP error (option receive_errors), if there is one.
  std::optional<socket::ErrorReport> take_error_report(socket::Fd fd);

  // ---- calls that may block: awaitable ----
  // A connection that belongs to this process from now on.
  Call<Accept> accept(socket::Fd fd, Instant deadline = kNever);
  Call<Connect> connect(socket::Fd fd, Endpoint remote, Instant deadline = kNever);
  // All of the data, unless an error intervenes. `send_from` reads it in place: it must stay valid
  // until the call ends. `send_static` is for what stays unchanged for good; streams do not copy
  // it.
  Call<Send<std::string>> send(socket::Fd fd, std::string data, Instant deadline = kNever,
                               socket::MessageFlags flags = {});
  Call<Send<Bytes>> send_from(socket::Fd fd, Bytes data, Instant deadline = kNever,
                              socket::MessageFlags flags = {});
  Call<Send<StaticBytes>> send_static(socket::Fd fd, StaticBytes data, Instant deadline = kNever);
  // What is there, at most `max` octets; nothing at the end of the stream.
  Call<Recv> recv(socket::Fd fd, std::size_t max, Instant deadline = kNever,
                  socket::MessageFlags flags = {});
  Call<RecvInto> recv_into(socket::Fd fd, MutableBytes into, Instant deadline = kNever,
                           socket::MessageFlags flags = {});
  // Exactly `count` octets (MSG_WAITALL), fewer only when the stream ends or a timeout comes.
  Call<RecvExactly> recv_exactly(socket::Fd fd, std::size_t count, Instant deadline = kNever,
                                 socket::MessageFlags flags = {});
  Call<SendTo<std::string>> sendto(socket::Fd fd, std::string data, Endpoint to,
                                   Instant deadline = kNever, socket::MessageFlags flags = {});
  Call<SendTo<Bytes>> sendto_from(socket::Fd fd, Bytes data, Endpoint to, Instant deadline = kNever,
                                  socket::MessageFlags flags = {});
  Call<RecvFrom> recvfrom(socket::Fd fd, std::size_t max, Instant deadline = kNever,
                          socket::MessageFlags flags = {});
  Call<RecvFromInto> recvfrom_into(socket::Fd fd, MutableBytes into, Instant deadline = kNever,
                                   socket::MessageFlags flags = {});
  // With ancillary data: another TTL, type of service or source for this datagram; what the options
  // IP_RECVTTL, IP_PKTINFO, ... asked for; queued errors (MSG_ERRQUEUE).
  Call<SendMessage> sendmsg(socket::Fd fd, std::string data, socket::SendRequest request,
                            Instant deadline = kNever, socket::MessageFlags flags = {});
  Call<RecvMessage> recvmsg(socket::Fd fd, std::size_t max, Instant deadline = kNever,
                            socket::MessageFlags flags = {});
  // Until any of the entries has an event; gives those that have. Nothing: the deadline came first
  // (kStart: look and do not wait).
  Poll poll(std::vector<socket::PollEntry> entries, Instant deadline = kNever);
  // Until something can be read or an error is pending (as poll(2) with POLLIN).
  Readable wait_readable(socket::Fd fd, Instant deadline = kNever);
  // Waits only when the socket lingers and its peer has not acknowledged everything.
  Call<Close> close(socket::Fd fd);
  Sleep sleep(Duration duration);
  Sleep sleep_until(Instant instant);
  // Lets every task that is ready have a turn.
  Sleep yield();

  // ---- the same without waiting: would_block instead ----
  Result<socket::Fd> try_accept(socket::Fd fd);
  Result<void> try_connect(socket::Fd fd, Endpoint remote);
  Result<std::size_t> try_send(socket::Fd fd, Bytes data);  // perhaps a part of it
  Result<std::size_t> try_recv(socket::Fd fd, MutableBytes into);
  Result<std::size_t> try_sendto(socket::Fd fd, Bytes data, Endpoint to);
  Result<socket::Received> try_recvfrom(socket::Fd fd, MutableBytes into);

  // ---- the rest of a program's world ----
  // Resolves a node name or a literal address, as the hosts file of the scenario would. Errors:
  // host_unreachable when the name is not known.
  Result<IpAddress> resolve(const std::string& name) const;
  // "server:80", "10.0.2.20:80", "[2001:db8::1]:80"; invalid_argument when the port is missing or
  // not one. "*" stands for the unspecified address.
  Result<Endpoint> resolve_endpoint(const std::string& text) const;
  // A line for people (event ProcessOutput).
  void print(std::string_view line);
  // The same, built only when somebody reads it.
  template <std::invocable Build>
  void print(Build&& build) {
    if (is_printing()) print(std::string_view(build()));
  }
  bool is_printing() const;
  // Adds to a named figure of this process, readable by expectations as `PROCESS.figure`.
  // Durations are counted in nanoseconds.
  void count(const std::string& figure, std::int64_t amount = 1) { counter(figure).add(amount); }
  void set_figure(const std::string& figure, std::int64_t value) { counter(figure).set(value); }
  Counter counter(const std::string& figure);
  // The process has failed: `what` and the error become its ProcessEnded error (the first one
  // wins), and `errors` is counted. The task itself goes on or returns as it likes.
  void fail(std::string_view what, Errc error);
  void fail(std::string_view what);
  // One expectation of a script was checked; counted in the figures `passed` and `failed`.
  void report(ScriptResult result);
  // Starts another task of the same process (one task per connection).
  void spawn(Task<void> task);

 private:
  ProcessRecord* record_;
};

}  // namespace strata::application
