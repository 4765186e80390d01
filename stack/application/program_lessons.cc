// SPDX-License-Identifier: MIT
// Programs that exist to show something: `slow-reader` closes the receive window (flow control);
// `message-writer` and `message-reader` show that a stream keeps no boundaries between messages and
// datagrams do.
#include <fmt/format.h>

#include <array>

#include "stack/application/program_support.h"

namespace strata::application {
namespace {

// ---- slow-reader -------------------------------------------------------------------------------

Task<void> run_slow_reader(Process process, Arguments arguments) {
  const Result<socket::Fd> listener =
      open_server(process, socket::Type::stream, arguments.integer("listen"));
  if (!listener) co_return;
  if (arguments.has("receive-buffer")) {
    (void)process.set_option(*listener, socket::Option::receive_buffer,
                             arguments.integer("receive-buffer"));
  }
  process.count("received", 0);
  const Result<socket::Fd> connection = co_await process.accept(*listener);
  if (!connection) {
    process.fail("accept", connection.error());
    co_return;
  }
  std::vector<std::uint8_t> buffer(static_cast<std::size_t>(arguments.integer("bytes")));
  for (;;) {
    co_await process.sleep(arguments.duration("every"));
    const Result<std::size_t> octets = co_await process.recv_into(*connection, buffer);
    if (!octets) process.fail("recv", octets.error());
    if (!octets || *octets == 0) break;
    process.count("reads");
    process.count("received", static_cast<std::int64_t>(*octets));
  }
  co_await process.close(*connection);
  co_await process.close(*listener);
}

constexpr std::array kSlowReaderParameters{
    Parameter{"listen", ParameterKind::port, true, "", "The port; one connection is served."},
    Parameter{"bytes", ParameterKind::bytes, false, "1 kB", "At most so much at a time."}.range(
        1, kAtOnceMost),
    Parameter{"every", ParameterKind::duration, false, "100 ms", "From one read to the next."},
    Parameter{"receive-buffer", ParameterKind::bytes, false, "", "SO_RCVBUF of the connection."}
        .range(1, std::int64_t{1} << 30),
};

// ---- message-writer ----------------------------------------------------------------------------

Task<void> run_writer(Process process, Arguments arguments) {
  const socket::Type type = protocol_argument(arguments);
  const Result<Endpoint> to = endpoint_argument(process, arguments, "to");
  if (!to) co_return;
  const Result<socket::Fd> fd = co_await open_client(process, type, *to);
  if (!fd) co_return;
  if (type == socket::Type::stream && arguments.boolean("no-delay")) {
    (void)process.set_option(*fd, socket::Option::no_delay, true);
  }
  for (std::int64_t i = 1; i <= arguments.integer("count"); ++i) {
    if (i > 1) {
      co_await process.sleep(arguments.duration("interval"));
    }
    const std::string message = fmt::format("{} {}.", arguments.text("text"), i);
    const Result<std::size_t> sent = co_await process.send(*fd, message);
    if (!sent) {
      process.fail("send", sent.error());
      break;
    }
    process.count("writes");
    process.count("sent", static_cast<std::int64_t>(*sent));
    process.print([&] { return fmt::format("wrote \"{}\"", message); });
  }
  if (type == socket::Type::stream) {
    co_await finish_stream(process, *fd);
  } else {
    co_await process.close(*fd);
  }
}

constexpr std::array kWriterParameters{
    Parameter{"to", ParameterKind::endpoint, true, "", "The message reader."},
    Parameter{"protocol", ParameterKind::text, false, "tcp", "'tcp' or 'udp'."}.one_of("tcp udp"),
    Parameter{"text", ParameterKind::text, false, "message",
              "What a message says; a number follows."},
    Parameter{"count", ParameterKind::count, false, "3", "How many messages."},
    Parameter{"interval", ParameterKind::duration, false, "0 s", "Between two messages."},
    Parameter{"no-delay", ParameterKind::boolean, false, "false",
              "Whether TCP sends small segments at once (TCP_NODELAY)."},
};

// ---- message-reader ----------------------------------------------------------------------------

Task<void> read_messages(Process process, socket::Fd fd, socket::Type type, Arguments arguments) {
  const auto max = static_cast<std::size_t>(arguments.integer("bytes"));
  for (;;) {
    const Duration pause = arguments.duration("every");
    if (pause > Duration::zero()) {
      co_await process.sleep(pause);
    }
    const Result<std::string> message = co_await process.recv(fd, max);
    if (!message) process.fail("recv", message.error());
    const bool is_stream = type == socket::Type::stream;
    if (is_stream && (!message || message->empty())) break;
    if (!message) continue;
    process.count("reads");
    process.count("received", static_cast<std::int64_t>(message->size()));
    process.print([&] { return fmt::format("read {} bytes: \"{}\"", message->size(), *message); });
  }
  co_await process.close(fd);
}

Task<void> run_reader(Process process, Arguments arguments) {
  const socket::Type type = protocol_argument(arguments);
  const Result<socket::Fd> fd = open_server(process, type, arguments.integer("listen"));
  if (!fd) co_return;
  process.count("reads", 0);
  if (type == socket::Type::datagram) {
    co_await read_messages(process, *fd, type, arguments);
    co_return;
  }
  for (;;) {
    const socket::Fd connection = co_await next_connection(process, *fd);
    process.spawn(read_messages(process, connection, type, arguments));
  }
}

constexpr std::array kReaderParameters{
    Parameter{"listen", ParameterKind::port, true, "", "The port."},
    Parameter{"protocol", ParameterKind::text, false, "tcp", "'tcp' or 'udp'."}.one_of("tcp udp"),
    Parameter{"bytes", ParameterKind::bytes, false, "1 kB", "At most so much at a time."}.range(
        1, kAtOnceMost),
    Parameter{"every", ParameterKind::duration, false, "0 s", "A pause before each read."},
};

}  // namespace

constexpr Program kSlowReader{"slow-reader", "Reads a little at a time and so closes the window.",
                              kSlowReaderParameters, run_slow_reader, "received reads"};
constexpr Program kMessageWriter{"message-writer", "Writes numbered messages, one per call.",
                                 kWriterParameters, run_writer, "sent writes"};
constexpr Program kMessageReader{"message-reader", "Prints what each single read returns.",
                                 kReaderParameters, run_reader, "received reads"};

}  // namespace strata::application
