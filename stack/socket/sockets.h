// SPDX-License-Identifier: MIT
// (contract; the owner completes the private part)
#pragma once
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "stack/base/result.h"
#include "stack/transport/transport.h"

namespace strata::socket {

using Fd = int;

enum class Type : std::uint8_t { stream, datagram, icmp_echo };
enum class How : std::uint8_t { read, write, both };
using Readiness = tcp::Readiness;

// Socket options (POSIX and common practice). Values are given as bool, integer or duration.
enum class Option : std::uint8_t {
  reuse_address,   // SO_REUSEADDR
  broadcast,       // SO_BROADCAST
  send_buffer,     // SO_SNDBUF, bytes
  receive_buffer,  // SO_RCVBUF, bytes
  linger,          // SO_LINGER: duration; zero: reset on close. Unset: close in the background
  no_delay,        // TCP_NODELAY
  max_segment,     // TCP_MAXSEG, bytes
  ttl,             // IP_TTL
  type_of_service,  // IP_TOS: DSCP and ECN byte
  dont_fragment,    // IP_MTU_DISCOVER = DO
  receive_errors,   // IP_RECVERR: ICMP errors are queued for receive_error()
};
using OptionValue = std::variant<bool, std::int64_t, Duration>;

struct Received {
  std::size_t bytes = 0;      // copied into the buffer
  std::size_t datagram = 0;   // full size of the datagram (larger: it was truncated)
  Endpoint from;
  std::uint8_t ttl = 0;       // of the datagram (IP_RECVTTL)
  std::uint16_t sequence = 0;  // of an echo reply
};

// One entry of a socket's error queue (IP_RECVERR).
struct ErrorReport {
  Errc error{};
  IpAddress reporter;
  wire::IcmpType type{};
  std::uint8_t code = 0;
  Endpoint destination;  // where our datagram was going
};

// A row of the socket table, in ss(8)'s manner.
struct SocketInfo {
  Fd fd = -1;  // -1: no descriptor any more (TIME-WAIT, closing) or not yet (in the backlog)
  std::string process;
  Type type{};
  Endpoint local;
  Endpoint remote;
  std::string state;  // "LISTEN", "ESTABLISHED", "bound", "connected"
  std::size_t receive_queue = 0;  // bytes; of a listener: connections waiting for accept()
  std::size_t send_queue = 0;     // bytes; of a listener: the backlog limit
  std::optional<tcp::Info> tcp;
};

// Called when an operation on `fd` that would have blocked may now succeed. Must not call back into
// the stack: mark the task runnable and return.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_ready(Fd fd) = 0;
};

// The BSD socket calls of one host, non-blocking throughout (would_block instead of waiting).
class Sockets {
 public:
  Result<Fd> socket(Type type, const std::string& process, Instant now);
  Result<void> bind(Fd fd, const Endpoint& local);
  Result<void> listen(Fd fd, int backlog, Instant now);
  // A connection from the accept queue, or would_block.
  Result<Fd> accept(Fd fd, Instant now);
  // Stream: in_progress, then writable (or error). Datagram: fixes the peer at once.
  Result<void> connect(Fd fd, const Endpoint& remote, Instant now);
  Result<std::size_t> send(Fd fd, Bytes data, Instant now);
  Result<std::size_t> send_to(Fd fd, Bytes data, const Endpoint& to, Instant now);
  Result<std::size_t> receive(Fd fd, MutableBytes into, bool peek, Instant now);
  Result<Received> receive_from(Fd fd, MutableBytes into, bool peek, Instant now);
  Result<void> shutdown(Fd fd, How how, Instant now);
  Result<void> close(Fd fd, Instant now);
  Result<void> set_option(Fd fd, Option option, OptionValue value, Instant now);
  Result<OptionValue> option(Fd fd, Option option) const;
  std::optional<Errc> take_error(Fd fd);                  // SO_ERROR
  std::optional<ErrorReport> take_error_report(Fd fd);    // MSG_ERRQUEUE
  Result<Endpoint> local_name(Fd fd) const;               // getsockname
  Result<Endpoint> peer_name(Fd fd) const;                // getpeername
  Readiness readiness(Fd fd) const;
  // At most one watcher per socket; nullptr removes it.
  void watch(Fd fd, Watcher* watcher);
  std::vector<SocketInfo> table() const;  // listeners first, then by protocol, local, remote
};

}  // namespace strata::socket
