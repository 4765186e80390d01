// SPDX-License-Identifier: MIT
// One question, one answer, one datagram each, as DNS does it: `query-client` and `query-server`.
// There is no connection; who asks must repeat the question when no answer comes.
//
// A message is a 16-bit number in network byte order, chosen by the client and repeated in the
// answer, and text: the name asked for, or the answer.
#include <array>

#include "stack/application/program_support.h"

namespace strata::application {
namespace {

constexpr std::size_t kNumberBytes = 2;
constexpr std::size_t kMessageMax = 512;

std::string make_message(std::uint16_t number, std::string_view text) {
  std::string message(kNumberBytes, '\0');
  store_be16(as_mutable_bytes(message).data(), number);
  message += text;
  return message;
}

// ---- server ------------------------------------------------------------------------------------

Task<void> answer(Process process, socket::Fd fd, Datagram question, Duration delay) {
  const std::string name = question.data.substr(kNumberBytes);
  const Result<IpAddress> address = process.resolve(name);
  process.count(address ? "found" : "not-found");
  if (delay > Duration::zero()) {
    co_await process.sleep(delay);
  }
  const std::string text = address ? to_text(*address) : "not found";
  std::string message = make_message(load_be16(as_bytes(question.data).data()), text);
  const Result<std::size_t> sent = co_await process.sendto(fd, std::move(message), question.from);
  if (sent) process.count("replies");
  if (!sent) process.fail("sendto", sent.error());
}

Task<void> run_query_server(Process process, Arguments arguments) {
  const Result<socket::Fd> fd =
      open_server(process, socket::Type::datagram, arguments.integer("listen"));
  if (!fd) co_return;
  for (;;) {
    Result<Datagram> question = co_await process.recvfrom(*fd, kMessageMax);
    if (!question) {
      process.fail("recvfrom", question.error());
      continue;
    }
    process.count("queries");
    if (question->data.size() < kNumberBytes) {
      process.count("malformed");
      continue;
    }
    process.spawn(answer(process, *fd, std::move(*question), arguments.duration("delay")));
  }
}

constexpr std::array kQueryServerParameters{
    Parameter{"listen", ParameterKind::port, false, "53", "The port."},
    Parameter{"delay", ParameterKind::duration, false, "0 s", "How long finding an answer takes."},
};

// ---- client ------------------------------------------------------------------------------------

// Sends the question once and waits; answers to other questions are passed over.
Task<Result<std::string>> ask_once(Process process, socket::Fd fd, std::uint16_t number,
                                   std::string name, Instant deadline) {
  const Result<std::size_t> sent = co_await process.send(fd, make_message(number, name));
  if (!sent) co_return unexpected(sent.error());
  for (;;) {
    Result<std::string> message = co_await process.recv(fd, kMessageMax, deadline);
    if (!message) co_return unexpected(message.error());
    if (message->size() < kNumberBytes || load_be16(as_bytes(*message).data()) != number) {
      process.count("unexpected");
      continue;
    }
    co_return message->substr(kNumberBytes);
  }
}

Task<void> ask(Process process, socket::Fd fd, std::uint16_t number, std::string name,
               Arguments arguments) {
  const Instant start = process.now();
  Duration timeout = arguments.duration("timeout");
  process.count("queries");
  for (std::int64_t attempt = 0; attempt <= arguments.integer("retries"); ++attempt) {
    if (attempt > 0) process.count("retries");
    const Instant deadline = after(process.now(), timeout);
    const Result<std::string> text = co_await ask_once(process, fd, number, name, deadline);
    if (text) {
      process.count("replies");
      process.print(
          [&] { return name + " is " + *text + " (" + to_text(process.now() - start) + ")"; });
      co_return;
    }
    if (text.error() != Errc::timed_out && process.now() < deadline) {
      process.count("errors");  // an ICMP error: the server may come up meanwhile
      co_await process.sleep_until(deadline);
    }
    if (timeout < 1h) timeout *= 2;
  }
  process.count("unanswered");
  process.print(name + ": no answer");
}

Task<void> run_query_client(Process process, Arguments arguments) {
  const Result<Endpoint> to = endpoint_argument(process, arguments, "to");
  if (!to) co_return;
  const Result<socket::Fd> fd = co_await open_client(process, socket::Type::datagram, *to);
  if (!fd) co_return;
  process.count("replies", 0);
  process.count("retries", 0);
  process.count("unanswered", 0);
  DurationFigures times;
  std::uint16_t number = 0;
  for (std::int64_t round = 0; round < arguments.integer("count"); ++round) {
    for (const std::string& name : split_list(arguments.text("names"))) {
      const Instant start = process.now();
      const std::int64_t replies = process.counter("replies").value();
      co_await ask(process, *fd, ++number, name, arguments);
      if (process.counter("replies").value() > replies) times.add(process.now() - start);
    }
  }
  times.publish(process, "time");
  co_await process.close(*fd);
}

constexpr std::array kQueryClientParameters{
    Parameter{"to", ParameterKind::endpoint, true, "", "The query server."},
    Parameter{"names", ParameterKind::text, true, "", "The names to ask for, one after another."},
    Parameter{"count", ParameterKind::count, false, "1", "How often to ask for each."},
    Parameter{"timeout", ParameterKind::duration, false, "1 s",
              "How long to wait for the first answer; doubles with each attempt."},
    Parameter{"retries", ParameterKind::count, false, "3", "How often to repeat a question."},
};

}  // namespace

constexpr Program kQueryServer{"query-server", "Answers questions for names, one datagram each.",
                               kQueryServerParameters, run_query_server,
                               "queries replies found not-found malformed"};
constexpr Program kQueryClient{
    "query-client", "Asks a query server for names and repeats unanswered questions.",
    kQueryClientParameters, run_query_client,
    "queries replies retries unanswered unexpected time-min time-average time-max"};

}  // namespace strata::application
