// SPDX-License-Identifier: MIT
// Scripted calls: a process spelled out socket call by socket call, one per line, each with what it
// is expected to come to.
//
//     s = socket stream | datagram | echo
//     bind s 10.0.1.10:5000 | *:5000
//     listen s [5]
//     c = accept s                        -> connection from 10.0.1.10:*
//     connect s server:80                 -> ok | ECONNREFUSED
//     send s "GET / HTTP/1.0\r\n\r\n"     -> 18
//     send s 5000 bytes [MSG_MORE]
//     recv s [at most 100 bytes]          -> "text" | contains "200 OK" | 100 bytes | 0
//     recv s at most 9 bytes MSG_PEEK     -> "text"
//     recv s 1000 bytes                   exactly, fewer only when the stream ends
//     recv s until close                  -> contains "200 OK"
//     sendto s "ping" server:53
//     recvfrom s [at most 100 bytes]      -> "pong" from server:53
//     sendmsg s "ping" [to server:53] [IP_TTL 3] [IP_TOS 184] [IP_PKTINFO 10.0.1.10]
//     recvmsg s [MSG_ERRQUEUE]            -> "pong" from server:53 with "IP_TTL 63"
//     shutdown s read | write | both
//     close s
//     setsockopt s TCP_NODELAY on         or `set s no-delay on`; all options: docs/sockets.md
//     getsockopt s SO_ERROR               -> ECONNREFUSED | 0 | on | 64 kB | contains "mss 1460"
//     getsockname s                       -> 10.0.1.10:*
//     getpeername s                       -> server:80
//     poll s POLLIN|POLLOUT c POLLIN      -> s POLLOUT c POLLIN|POLLRDHUP
//     ioctl s SIOCINQ                     -> 5
//     fcntl s O_NONBLOCK on
//     sleep 10 ms | sleep until 2 s
//
// `try` before accept, connect, send, recv, sendto and recvfrom makes the call not wait (EAGAIN);
// `within 100 ms` after one bounds its wait (ETIMEDOUT; of poll: the result is 0). Escapes in
// strings: \r \n \t \0 \" \\ \xNN. Without an expectation a call is expected not to fail. A failed
// expectation is reported and the script goes on.
//
// The scenario layer parses each line when it loads (parse_call, then NameCheck over all of them)
// and hands the lines, joined by '\n', to the program `calls`.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "stack/application/program.h"

namespace strata::application::script {

enum class Verb : std::uint8_t {
  socket,
  bind,
  listen,
  accept,
  connect,
  send,
  recv,
  sendto,
  recvfrom,
  sendmsg,
  recvmsg,
  shutdown,
  close,
  setsockopt,
  getsockopt,
  getsockname,
  getpeername,
  poll,
  ioctl,
  fcntl,
  sleep,
};

// "server:80", "10.0.1.10:*", "*:5000": a name or address, or any; a port, or any.
struct Address {
  std::string host;  // empty: any
  std::uint16_t port = 0;
  bool is_any_port = false;
};

// What stands after the arrow.
struct Expectation {
  enum class Kind : std::uint8_t {
    ok,        // no error
    error,     // `error`
    number,    // the call returns `number`: a count of octets
    text,      // exactly these octets
    contains,  // these octets somewhere among those received
    value,     // of an option
    events,    // of poll, as poll writes them
    address,   // `from`, of getsockname and getpeername
  };
  Kind kind = Kind::ok;
  Errc error{};
  std::int64_t number = 0;
  std::string text;
  std::optional<Address> from;  // the peer: of accept, recvfrom and recvmsg
  std::string with;             // somewhere in the ancillary data of recvmsg
  socket::OptionValue value;
  std::string written;  // as in the script
};

// A socket of a poll and what is asked about it.
struct Polled {
  std::string socket;
  std::size_t column = 0;
  socket::PollEvents events;
};

struct Call {
  Verb verb{};
  std::string written;  // the line, without blanks around it
  std::string result;   // the name before '=': socket, accept
  std::string socket;   // the name the call is about
  std::size_t socket_column = 0;
  bool is_try = false;
  std::optional<Duration> within;
  socket::Type type{};    // socket
  Address address;        // bind, connect, sendto
  std::string data;       // send, sendto
  std::size_t count = 0;  // recv, recvfrom: octets; listen: the backlog
  bool is_exact = false;  // recv: exactly `count`
  bool is_until_close = false;
  socket::How how = socket::How::both;
  socket::Option option{};
  socket::OptionValue value;
  bool is_on = false;           // fcntl
  socket::MessageFlags flags;   // send, recv and their kin
  socket::SendRequest request;  // sendmsg; its destination is `address`
  Address source;               // sendmsg: IP_PKTINFO
  std::vector<Polled> polled;   // poll
  socket::Ioctl ioctl{};
  Duration duration{};       // sleep
  bool is_absolute = false;  // sleep until
  std::optional<Expectation> expectation;
};

// A mistake in one line: where (columns count from 1), what, and how to mend it.
struct ParseProblem {
  std::size_t column = 0;
  std::string message;
  std::string mend;
};

tl::expected<Call, ParseProblem> parse_call(std::string_view text);

// Checks, call by call in order, that names are given before they are used.
class NameCheck {
 public:
  std::optional<ParseProblem> check(const Call& call);

 private:
  std::set<std::string> names_;
};

// Octets 0, 1, 2, ...: what `send s 5000 bytes` sends.
std::string pattern(std::size_t count);

// The program `calls`: runs the lines of its argument `calls`. Each checked call is reported with
// Process::report(); its figures are `calls`, `passed` and `failed`.
Task<void> run_calls(Process process, Arguments arguments);

}  // namespace strata::application::script
