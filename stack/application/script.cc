// SPDX-License-Identifier: MIT
// The interpreter of scripted calls: one coroutine that performs them in order and compares.
#include "stack/application/script.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

namespace strata::application::script {
namespace {

// What a call came to.
class Outcome {
 public:
  Outcome() = default;
  template <typename T>
  explicit Outcome(const Result<T>& result) {
    if (!result) error = result.error();
  }

  std::optional<Errc> error;
  std::optional<std::size_t> number;  // octets moved
  bool is_received = false;           // `data` is what arrived, perhaps nothing
  std::string data;
  std::optional<Endpoint> from;
  std::string with;                          // ancillary data, as ancillary_text() tells it
  std::optional<socket::OptionValue> value;  // of an option
};

Outcome moved(const Result<std::size_t>& octets) {
  Outcome outcome(octets);
  if (octets) outcome.number = *octets;
  return outcome;
}

Outcome received(Result<std::string> data) {
  Outcome outcome(data);
  if (!data) return outcome;
  outcome.number = data->size();
  outcome.is_received = true;
  outcome.data = std::move(*data);
  return outcome;
}

std::string quoted(std::string_view octets) {
  constexpr std::size_t kShown = 60;
  std::string text = "\"";
  for (const char c : octets.substr(0, kShown)) {
    const auto octet = static_cast<unsigned char>(c);
    if (c == '\r') {
      text += "\\r";
    } else if (c == '\n') {
      text += "\\n";
    } else if (c == '\t') {
      text += "\\t";
    } else if (c == '"' || c == '\\') {
      text += '\\';
      text += c;
    } else if (octet < 0x20 || octet > 0x7e) {
      text += fmt::format("\\x{:02x}", octet);
    } else {
      text += c;
    }
  }
  text += '"';
  if (octets.size() > kShown) text += fmt::format("... ({} bytes)", octets.size());
  return text;
}

std::string actual_text(const Outcome& outcome) {
  if (outcome.error) return std::string(to_text(*outcome.error));
  std::string text = "ok";
  if (!outcome.data.empty()) {
    text = outcome.is_received ? quoted(outcome.data) : outcome.data;
  } else if (outcome.number) {
    text = std::to_string(*outcome.number);
  }
  if (outcome.value) text = socket::to_text(*outcome.value);
  if (outcome.from) text += " from " + to_text(*outcome.from);
  if (!outcome.with.empty()) text += " with \"" + outcome.with + "\"";
  return text;
}

bool is_from(const Address& expected, const Endpoint& actual, const Process& process) {
  if (!expected.is_any_port && expected.port != actual.port) return false;
  if (expected.host.empty()) return true;
  const Result<IpAddress> address = process.resolve(expected.host);
  return address && *address == actual.address;
}

bool is_met(const Expectation& expected, const Outcome& actual, const Process& process) {
  if (expected.kind == Expectation::Kind::error) {
    const bool is_pending = actual.value == socket::OptionValue(std::optional(expected.error));
    return actual.error == expected.error || is_pending;
  }
  if (actual.error) return false;
  if (actual.with.find(expected.with) == std::string::npos) return false;
  if (expected.from && !(actual.from && is_from(*expected.from, *actual.from, process))) {
    return false;
  }
  switch (expected.kind) {
    case Expectation::Kind::ok:
    case Expectation::Kind::error:
    case Expectation::Kind::address:
      return true;
    case Expectation::Kind::value:
      return actual.value == expected.value;
    case Expectation::Kind::events:
      return actual.data == expected.text;
    case Expectation::Kind::number:
      return actual.number && std::cmp_equal(*actual.number, expected.number);
    case Expectation::Kind::text:
      return actual.is_received && actual.data == expected.text;
    case Expectation::Kind::contains:
      return (actual.value ? socket::to_text(*actual.value) : actual.data).find(expected.text) !=
             std::string::npos;
  }
  return false;
}

class Interpreter {
 public:
  explicit Interpreter(Process process) : process_(process) {}

  // Handles of this object are passed to its coroutines, which run_calls() awaits one by one.
  Task<Outcome> perform(Call call);
  void check(const Call& call, const Outcome& outcome, int line);

 private:
  Outcome perform_now(const Call& call);
  Outcome try_now(const Call& call);
  Task<Outcome> perform_waiting(Call call);
  Task<Outcome> send(Call call, Instant deadline);
  Task<Outcome> receive(Call call, Instant deadline);
  Task<Outcome> poll(Call call, Instant deadline);

  socket::Fd fd(const std::string& name) const {
    const auto found = sockets_.find(name);
    return found == sockets_.end() ? -1 : found->second;
  }
  socket::Fd fd(const Call& call) const { return fd(call.socket); }
  Outcome named(const Result<Endpoint>& name) const;
  Outcome keep(const Call& call, const Result<socket::Fd>& result);
  Outcome accepted(const Call& call, const Result<socket::Fd>& result);
  Result<Endpoint> endpoint(const Address& address) const;

  Process process_;
  std::map<std::string, socket::Fd> sockets_;
};

Result<Endpoint> Interpreter::endpoint(const Address& address) const {
  if (address.host.empty()) return Endpoint{.port = address.port};
  const Result<IpAddress> host = process_.resolve(address.host);
  if (!host) return unexpected(host.error());
  return Endpoint{.address = *host, .port = address.port};
}

Outcome Interpreter::keep(const Call& call, const Result<socket::Fd>& result) {
  if (result) sockets_[call.result] = *result;
  return Outcome(result);
}

Outcome Interpreter::accepted(const Call& call, const Result<socket::Fd>& result) {
  Outcome outcome = keep(call, result);
  if (!result) return outcome;
  const Result<Endpoint> peer = process_.peer_name(*result);
  if (peer) outcome.from = *peer;
  return outcome;
}

Outcome Interpreter::named(const Result<Endpoint>& name) const {
  Outcome outcome(name);
  if (name) outcome.from = *name;
  return outcome;
}

Outcome Interpreter::perform_now(const Call& call) {
  switch (call.verb) {
    case Verb::socket:
      return keep(call, process_.socket(call.type));
    case Verb::bind: {
      const Result<Endpoint> local = endpoint(call.address);
      if (!local) return Outcome(local);
      return Outcome(process_.bind(fd(call), *local));
    }
    case Verb::listen:
      return Outcome(process_.listen(fd(call), static_cast<int>(call.count)));
    case Verb::shutdown:
      return Outcome(process_.shutdown(fd(call), call.how));
    case Verb::setsockopt:
      return Outcome(process_.set_option(fd(call), call.option, call.value));
    case Verb::getsockopt: {
      const Result<socket::OptionValue> value = process_.option(fd(call), call.option);
      Outcome outcome(value);
      if (value) outcome.value = *value;
      return outcome;
    }
    case Verb::getsockname:
      return named(process_.local_name(fd(call)));
    case Verb::getpeername:
      return named(process_.peer_name(fd(call)));
    case Verb::ioctl:
      return moved(process_.ioctl(fd(call), call.ioctl).map([](std::int64_t value) {
        return static_cast<std::size_t>(value);
      }));
    case Verb::fcntl:
      return Outcome(process_.set_non_blocking(fd(call), call.is_on));
    case Verb::accept:
    case Verb::connect:
    case Verb::send:
    case Verb::recv:
    case Verb::sendto:
    case Verb::recvfrom:
    case Verb::sendmsg:
    case Verb::recvmsg:
    case Verb::poll:
    case Verb::close:
    case Verb::sleep:
      break;
  }
  return try_now(call);
}

Outcome Interpreter::try_now(const Call& call) {
  if (call.verb == Verb::accept) return accepted(call, process_.try_accept(fd(call)));
  if (call.verb == Verb::send) return moved(process_.try_send(fd(call), as_bytes(call.data)));
  if (call.verb == Verb::connect || call.verb == Verb::sendto) {
    const Result<Endpoint> remote = endpoint(call.address);
    if (!remote) return Outcome(remote);
    if (call.verb == Verb::connect) return Outcome(process_.try_connect(fd(call), *remote));
    return moved(process_.try_sendto(fd(call), as_bytes(call.data), *remote));
  }
  std::string buffer(call.count, '\0');
  const MutableBytes into = as_mutable_bytes(buffer);
  if (call.verb == Verb::recv) {
    const Result<std::size_t> octets = process_.try_recv(fd(call), into);
    if (!octets) return Outcome(octets);
    buffer.resize(*octets);
    return received(std::move(buffer));
  }
  const Result<socket::Received> datagram = process_.try_recvfrom(fd(call), into);
  if (!datagram) return Outcome(datagram);
  buffer.resize(datagram->bytes);
  Outcome outcome = received(std::move(buffer));
  outcome.from = datagram->from;
  return outcome;
}

Task<Outcome> Interpreter::perform(Call call) {
  Outcome outcome;
  const bool waits =
      call.verb == Verb::accept || call.verb == Verb::connect || call.verb == Verb::send ||
      call.verb == Verb::recv || call.verb == Verb::sendto || call.verb == Verb::recvfrom ||
      call.verb == Verb::sendmsg || call.verb == Verb::recvmsg || call.verb == Verb::poll;
  if (call.verb == Verb::sleep) {
    const Instant until =
        call.is_absolute ? kStart + call.duration : after(process_.now(), call.duration);
    co_await process_.sleep_until(until);
  } else if (call.verb == Verb::close) {
    const Result<void> closed = co_await process_.close(fd(call));
    outcome = Outcome(closed);
  } else if (waits && !call.is_try) {
    outcome = co_await perform_waiting(std::move(call));
  } else {
    outcome = perform_now(call);
  }
  co_return outcome;
}

Task<Outcome> Interpreter::perform_waiting(Call call) {
  Outcome outcome;
  const Instant deadline = call.within ? after(process_.now(), *call.within) : kNever;
  if (call.verb == Verb::accept) {
    const Result<socket::Fd> connection = co_await process_.accept(fd(call), deadline);
    outcome = accepted(call, connection);
  } else if (call.verb == Verb::connect) {
    const Result<Endpoint> remote = endpoint(call.address);
    if (!remote) co_return Outcome(remote);
    const Result<void> connected = co_await process_.connect(fd(call), *remote, deadline);
    outcome = Outcome(connected);
  } else if (call.verb == Verb::poll) {
    outcome = co_await poll(std::move(call), deadline);
  } else if (call.verb == Verb::recv || call.verb == Verb::recvfrom || call.verb == Verb::recvmsg) {
    outcome = co_await receive(std::move(call), deadline);
  } else {
    outcome = co_await send(std::move(call), deadline);
  }
  co_return outcome;
}

Task<Outcome> Interpreter::send(Call call, Instant deadline) {
  Outcome outcome;
  if (call.verb == Verb::send) {
    const Result<std::size_t> sent =
        co_await process_.send(fd(call), std::move(call.data), deadline, call.flags);
    co_return moved(sent);
  }
  const bool has_destination = call.verb == Verb::sendto || call.address.port != 0;
  const Result<Endpoint> remote =
      has_destination ? endpoint(call.address) : Result<Endpoint>(Endpoint());
  if (!remote) co_return Outcome(remote);
  if (call.verb == Verb::sendto) {
    const Result<std::size_t> sent =
        co_await process_.sendto(fd(call), std::move(call.data), *remote, deadline, call.flags);
    co_return moved(sent);
  }
  socket::SendRequest request = call.request;
  request.to = *remote;
  if (!call.source.host.empty()) {
    const Result<IpAddress> source = process_.resolve(call.source.host);
    if (!source) co_return Outcome(source);
    request.source = *source;
  }
  const Result<std::size_t> sent =
      co_await process_.sendmsg(fd(call), std::move(call.data), request, deadline, call.flags);
  outcome = moved(sent);
  co_return outcome;
}

Task<Outcome> Interpreter::receive(Call call, Instant deadline) {
  if (call.verb == Verb::recvfrom) {
    Result<Datagram> datagram =
        co_await process_.recvfrom(fd(call), call.count, deadline, call.flags);
    if (!datagram) co_return Outcome(datagram);
    Outcome outcome = received(std::move(datagram->data));
    outcome.from = datagram->from;
    co_return outcome;
  }
  if (call.verb == Verb::recvmsg) {
    Result<Message> message = co_await process_.recvmsg(fd(call), call.count, deadline, call.flags);
    if (!message) co_return Outcome(message);
    Outcome outcome = received(std::move(message->data));
    outcome.from = message->info.from;
    outcome.with = ancillary_text(message->info);
    co_return outcome;
  }
  if (call.is_exact || call.flags.has(socket::msg::kWaitAll)) {
    Result<std::string> exactly =
        co_await process_.recv_exactly(fd(call), call.count, deadline, call.flags);
    co_return received(std::move(exactly));
  }
  std::string all;
  for (;;) {
    Result<std::string> part = co_await process_.recv(fd(call), call.count, deadline, call.flags);
    if (!call.is_until_close || !part) co_return received(std::move(part));
    if (part->empty()) break;
    all += *part;
  }
  co_return received(std::move(all));
}

Task<Outcome> Interpreter::poll(Call call, Instant deadline) {
  Outcome outcome;
  std::vector<socket::PollEntry> entries;
  for (const Polled& polled : call.polled) {
    entries.push_back({.fd = fd(polled.socket), .events = polled.events});
  }
  const std::vector<socket::PollEntry> ready = co_await process_.poll(std::move(entries), deadline);
  outcome.number = ready.size();
  for (const socket::PollEntry& entry : ready) {
    const auto polled = std::ranges::find_if(
        call.polled, [&](const Polled& each) { return fd(each.socket) == entry.fd; });
    if (!outcome.data.empty()) outcome.data += ' ';
    outcome.data += polled->socket + " " + to_text(entry.returned);
  }
  co_return outcome;
}

void Interpreter::check(const Call& call, const Outcome& outcome, int line) {
  ScriptResult result{.process = process_.name(), .line = line, .call = call.written};
  result.actual = actual_text(outcome);
  result.when = process_.now();
  result.passed = !outcome.error;
  if (call.expectation) {
    result.expected = call.expectation->written;
    result.passed = is_met(*call.expectation, outcome, process_);
  } else if (result.passed) {
    return;  // nothing was expected and nothing failed
  }
  if (!result.passed) {
    process_.fail(fmt::format("line {}: {}: got {}", line, call.written, result.actual));
  }
  process_.report(std::move(result));
}

}  // namespace

std::string pattern(std::size_t count) {
  std::string octets(count, '\0');
  for (std::size_t i = 0; i < count; ++i) octets[i] = static_cast<char>(i & 0xff);
  return octets;
}

std::optional<ParseProblem> NameCheck::check(const Call& call) {
  const auto is_unknown = [&](const std::string& name) {
    return !name.empty() && !names_.contains(name);
  };
  const auto problem = [](std::size_t column, const std::string& name) {
    return ParseProblem{column, fmt::format("no socket is called '{}'", name),
                        fmt::format("write '{} = socket stream' before", name)};
  };
  if (is_unknown(call.socket)) return problem(call.socket_column, call.socket);
  for (const Polled& polled : call.polled) {
    if (is_unknown(polled.socket)) return problem(polled.column, polled.socket);
  }
  if (!call.result.empty()) names_.insert(call.result);
  return std::nullopt;
}

Task<void> run_calls(Process process, Arguments arguments) {
  Interpreter interpreter(process);
  const std::string lines = arguments.text("calls");
  std::size_t start = 0;
  for (int line = 1; start < lines.size(); ++line) {
    const std::size_t end = std::min(lines.find('\n', start), lines.size());
    auto call = parse_call(std::string_view(lines).substr(start, end - start));
    start = end + 1;
    if (!call) {
      process.fail(fmt::format("line {}: {}", line, call.error().message));
      break;
    }
    process.count("calls");
    const Outcome outcome = co_await interpreter.perform(*call);
    interpreter.check(*call, outcome, line);
  }
}

}  // namespace strata::application::script
