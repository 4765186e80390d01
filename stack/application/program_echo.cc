// SPDX-License-Identifier: MIT
// Echo (RFC 862) and discard (RFC 863), over TCP and UDP: the oldest services and the first
// programs of every course on sockets.
#include <array>

#include "stack/application/program_support.h"

namespace strata::application {
namespace {

constexpr std::size_t kPiece = 65'536;

// One connection: sends back whatever arrives (or not), until its end.
Task<void> serve_connection(Process process, socket::Fd fd, bool echoes) {
  std::vector<std::uint8_t> buffer(kPiece);
  Counter received = process.counter("received");
  for (;;) {
    const Result<std::size_t> octets = co_await process.recv_into(fd, buffer);
    if (!octets) process.fail("recv", octets.error());
    if (!octets || *octets == 0) break;
    received.add(static_cast<std::int64_t>(*octets));
    if (!echoes) continue;
    const Bytes data = Bytes(buffer).first(*octets);
    const Result<std::size_t> sent = co_await process.send_from(fd, data);
    if (!sent) {
      process.fail("send", sent.error());
      break;
    }
    process.count("sent", static_cast<std::int64_t>(*sent));
  }
  co_await process.close(fd);
}

Task<void> serve_stream(Process process, socket::Fd listener, bool echoes) {
  for (;;) {
    const socket::Fd connection = co_await next_connection(process, listener);
    process.count("connections");
    process.spawn(serve_connection(process, connection, echoes));
  }
}

Task<void> serve_datagrams(Process process, socket::Fd fd, bool echoes) {
  std::vector<std::uint8_t> buffer(kDatagramMax);
  for (;;) {
    const Result<socket::Received> datagram = co_await process.recvfrom_into(fd, buffer);
    if (!datagram) {
      process.fail("recvfrom", datagram.error());
      continue;
    }
    process.count("datagrams");
    process.count("received", static_cast<std::int64_t>(datagram->bytes));
    if (!echoes) continue;
    const Bytes data = Bytes(buffer).first(datagram->bytes);
    const Result<std::size_t> sent = co_await process.sendto_from(fd, data, datagram->from);
    if (!sent) {
      process.fail("sendto", sent.error());
      continue;
    }
    process.count("sent", static_cast<std::int64_t>(*sent));
  }
}

Task<void> run_echo_or_discard(Process process, Arguments arguments, bool echoes) {
  const socket::Type type = protocol_argument(arguments);
  const Result<socket::Fd> fd = open_server(process, type, arguments.integer("listen"));
  if (!fd) co_return;
  process.count("received", 0);
  if (type == socket::Type::stream) {
    co_await serve_stream(process, *fd, echoes);
  } else {
    co_await serve_datagrams(process, *fd, echoes);
  }
}

Task<void> run_echo_server(Process process, Arguments arguments) {
  return run_echo_or_discard(process, std::move(arguments), /*echoes=*/true);
}
Task<void> run_discard_server(Process process, Arguments arguments) {
  return run_echo_or_discard(process, std::move(arguments), /*echoes=*/false);
}

constexpr std::array kEchoServerParameters{
    Parameter{"listen", ParameterKind::port, false, "7", "The port."},
    Parameter{"protocol", ParameterKind::text, false, "tcp", "'tcp' or 'udp'."}.one_of("tcp udp"),
};
constexpr std::array kDiscardServerParameters{
    Parameter{"listen", ParameterKind::port, false, "9", "The port."},
    Parameter{"protocol", ParameterKind::text, false, "tcp", "'tcp' or 'udp'."}.one_of("tcp udp"),
};

// Reads one echo: as many octets as were sent over TCP, one datagram over UDP.
Task<Result<std::string>> receive_echo(Process process, socket::Fd fd, socket::Type type,
                                       std::size_t size, Instant deadline) {
  Result<std::string> echo;
  if (type == socket::Type::stream) {
    echo = co_await process.recv_exactly(fd, size, deadline);
  } else {
    echo = co_await process.recv(fd, kDatagramMax, deadline);
  }
  co_return echo;
}

// Sends one message and waits for its echo. False: the stream is of no use any more.
Task<bool> exchange(Process process, socket::Fd fd, socket::Type type, std::string message,
                    Duration timeout) {
  const Instant start = process.now();
  const Result<std::size_t> sent = co_await process.send(fd, message);
  if (!sent) {
    process.fail("send", sent.error());
    co_return type == socket::Type::datagram;
  }
  process.count("sent", static_cast<std::int64_t>(*sent));
  const Instant deadline = after(start, timeout);
  const auto echo = co_await receive_echo(process, fd, type, message.size(), deadline);
  if (!echo) {
    process.count(echo.error() == Errc::timed_out ? "timeouts" : "errors");
    co_return type == socket::Type::datagram;
  }
  process.count("received", static_cast<std::int64_t>(echo->size()));
  if (*echo != message) {
    process.count("mismatches");
    co_return type == socket::Type::datagram;
  }
  process.count("replies");
  process.print([&] {
    return "echo of " + std::to_string(echo->size()) + " bytes after " +
           to_text(process.now() - start);
  });
  co_return true;
}

Task<void> run_echo_client(Process process, Arguments arguments) {
  const socket::Type type = protocol_argument(arguments);
  const Result<Endpoint> to = endpoint_argument(process, arguments, "to");
  if (!to) co_return;
  const Result<socket::Fd> fd = co_await open_client(process, type, *to);
  if (!fd) co_return;
  process.count("replies", 0);
  std::string message(static_cast<std::size_t>(arguments.integer("size")), '\0');
  fill_pattern(as_mutable_bytes(message), 0);
  if (arguments.has("message")) message = arguments.text("message");
  DurationFigures times;
  for (std::int64_t i = 0; i < arguments.integer("count"); ++i) {
    const Instant start = process.now();
    const std::int64_t replies = process.counter("replies").value();
    const bool may_go_on =
        co_await exchange(process, *fd, type, message, arguments.duration("timeout"));
    if (process.counter("replies").value() > replies) times.add(process.now() - start);
    if (!may_go_on) break;
    const Instant next = after(start, arguments.duration("interval"));
    if (next > process.now() && i + 1 < arguments.integer("count")) {
      co_await process.sleep_until(next);
    }
  }
  times.publish(process, "rtt");
  co_await process.close(*fd);
}

constexpr std::array kEchoClientParameters{
    Parameter{"to", ParameterKind::endpoint, true, "", "The echo server."},
    Parameter{"protocol", ParameterKind::text, false, "tcp", "'tcp' or 'udp'."}.one_of("tcp udp"),
    Parameter{"message", ParameterKind::text, false, "", "What to send, instead of a pattern."},
    Parameter{"size", ParameterKind::bytes, false, "64 B", "The size of a pattern message."}.range(
        0, kAtOnceMost),
    Parameter{"count", ParameterKind::count, false, "1", "How many messages to send."},
    Parameter{"interval", ParameterKind::duration, false, "0 s",
              "From the start of one message to the start of the next, at least."},
    Parameter{"timeout", ParameterKind::duration, false, "1 min", "How long to wait for an echo."},
};

}  // namespace

constexpr Program kEchoServer{"echo-server", "Sends back whatever it receives (RFC 862).",
                              kEchoServerParameters, run_echo_server,
                              "received sent connections datagrams"};
constexpr Program kDiscardServer{"discard-server", "Reads and forgets (RFC 863).",
                                 kDiscardServerParameters, run_discard_server,
                                 "received connections datagrams"};
constexpr Program kEchoClient{
    "echo-client", "Sends messages to an echo server and compares what comes back.",
    kEchoClientParameters, run_echo_client,
    "sent received replies timeouts mismatches rtt-min rtt-average rtt-max"};

}  // namespace strata::application
