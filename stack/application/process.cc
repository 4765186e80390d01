// SPDX-License-Identifier: MIT
#include "stack/application/process.h"

#include <fmt/format.h>

#include <charconv>

#include "stack/application/process_record.h"

namespace strata::application {
namespace {

std::string_view how_text(socket::How how) {
  switch (how) {
    case socket::How::read:
      return "SHUT_RD";
    case socket::How::write:
      return "SHUT_WR";
    case socket::How::both:
      return "SHUT_RDWR";
  }
  return "";
}

}  // namespace

const std::string& Process::name() const { return record_->name(); }
Instant Process::now() const { return record_->now(); }

// ---- calls that never block --------------------------------------------------------------------

Result<socket::Fd> Process::socket(socket::Type type) {
  const Result<socket::Fd> fd = record_->sockets().socket(type, name(), now());
  if (fd) record_->adopt(*fd);
  record_->note(
      fd.value_or(-1), [&] { return fmt::format("socket({})", to_text(type)); }, fd);
  return fd;
}

Result<void> Process::bind(socket::Fd fd, Endpoint local) {
  const Result<void> result = record_->sockets().bind(fd, local);
  record_->note(
      fd, [&] { return fmt::format("bind({}, {})", fd, address_text(local)); }, result);
  return result;
}

Result<void> Process::listen(socket::Fd fd, int backlog) {
  const Result<void> result = record_->sockets().listen(fd, backlog, now());
  record_->note(
      fd, [&] { return fmt::format("listen({}, {})", fd, backlog); }, result);
  return result;
}

Result<void> Process::set_option(socket::Fd fd, socket::Option option, socket::OptionValue value) {
  const Result<void> result = record_->sockets().set_option(fd, option, value, now());
  record_->note(
      fd,
      [&] {
        return fmt::format("setsockopt({}, {}, {})", fd, to_text(option), socket::to_text(value));
      },
      result);
  return result;
}

Result<socket::OptionValue> Process::option(socket::Fd fd, socket::Option option) {
  const Result<socket::OptionValue> result = record_->sockets().option(fd, option);
  record_->note(
      fd, [&] { return fmt::format("getsockopt({}, {})", fd, to_text(option)); }, result);
  return result;
}

Result<void> Process::set_non_blocking(socket::Fd fd, bool is_non_blocking) {
  const Result<void> result = record_->sockets().set_non_blocking(fd, is_non_blocking);
  record_->note(
      fd, [&] { return fmt::format("fcntl({}, {}O_NONBLOCK)", fd, is_non_blocking ? "" : "~"); },
      result);
  return result;
}

Result<std::int64_t> Process::ioctl(socket::Fd fd, socket::Ioctl request) {
  const Result<std::int64_t> result = record_->sockets().ioctl(fd, request);
  record_->note(
      fd, [&] { return fmt::format("ioctl({}, {})", fd, to_text(request)); },
      result.map([](std::int64_t value) { return static_cast<std::size_t>(value); }));
  return result;
}

Result<void> Process::shutdown(socket::Fd fd, socket::How how) {
  const Result<void> result = record_->sockets().shutdown(fd, how, now());
  record_->note(
      fd, [&] { return fmt::format("shutdown({}, {})", fd, how_text(how)); }, result);
  return result;
}

Result<Endpoint> Process::local_name(socket::Fd fd) const {
  return record_->sockets().local_name(fd);
}
Result<Endpoint> Process::peer_name(socket::Fd fd) const {
  return record_->sockets().peer_name(fd);
}

socket::Readiness Process::readiness(socket::Fd fd) const {
  return record_->sockets().readiness(fd);
}

std::optional<Errc> Process::take_error(socket::Fd fd) { return record_->sockets().take_error(fd); }

std::optional<socket::ErrorReport> Process::take_error_report(socket::Fd fd) {
  return record_->sockets().take_error_report(fd);
}

// ---- awaitable ---------------------------------------------------------------------------------

Call<Accept> Process::accept(socket::Fd fd, Instant deadline) {
  return Call<Accept>(*record_, fd, Accept(), deadline);
}
Call<Connect> Process::connect(socket::Fd fd, Endpoint remote, Instant deadline) {
  return Call<Connect>(*record_, fd, Connect(remote), deadline);
}
Call<Send<std::string>> Process::send(socket::Fd fd, std::string data, Instant deadline,
                                      socket::MessageFlags flags) {
  return Call<Send<std::string>>(*record_, fd, Send<std::string>(std::move(data), flags), deadline);
}
Call<Send<Bytes>> Process::send_from(socket::Fd fd, Bytes data, Instant deadline,
                                     socket::MessageFlags flags) {
  return Call<Send<Bytes>>(*record_, fd, Send<Bytes>(data, flags), deadline);
}
Call<Send<StaticBytes>> Process::send_static(socket::Fd fd, StaticBytes data, Instant deadline) {
  return Call<Send<StaticBytes>>(*record_, fd, Send<StaticBytes>(data), deadline);
}
Call<Recv> Process::recv(socket::Fd fd, std::size_t max, Instant deadline,
                         socket::MessageFlags flags) {
  return Call<Recv>(*record_, fd, Recv(max, flags), deadline);
}
Call<RecvInto> Process::recv_into(socket::Fd fd, MutableBytes into, Instant deadline,
                                  socket::MessageFlags flags) {
  return Call<RecvInto>(*record_, fd, RecvInto(into, flags), deadline);
}
Call<RecvExactly> Process::recv_exactly(socket::Fd fd, std::size_t count, Instant deadline,
                                        socket::MessageFlags flags) {
  return Call<RecvExactly>(*record_, fd, RecvExactly(count, flags), deadline);
}
Call<SendTo<std::string>> Process::sendto(socket::Fd fd, std::string data, Endpoint to,
                                          Instant deadline, socket::MessageFlags flags) {
  return Call<SendTo<std::string>>(*record_, fd, SendTo<std::string>(std::move(data), to, flags),
                                   deadline);
}
Call<SendTo<Bytes>> Process::sendto_from(socket::Fd fd, Bytes data, Endpoint to, Instant deadline,
                                         socket::MessageFlags flags) {
  return Call<SendTo<Bytes>>(*record_, fd, SendTo<Bytes>(data, to, flags), deadline);
}
Call<RecvFrom> Process::recvfrom(socket::Fd fd, std::size_t max, Instant deadline,
                                 socket::MessageFlags flags) {
  return Call<RecvFrom>(*record_, fd, RecvFrom(max, flags), deadline);
}
Call<RecvFromInto> Process::recvfrom_into(socket::Fd fd, MutableBytes into, Instant deadline,
                                          socket::MessageFlags flags) {
  return Call<RecvFromInto>(*record_, fd, RecvFromInto(into, flags), deadline);
}
Call<SendMessage> Process::sendmsg(socket::Fd fd, std::string data, socket::SendRequest request,
                                   Instant deadline, socket::MessageFlags flags) {
  return Call<SendMessage>(*record_, fd, SendMessage(std::move(data), request, flags), deadline);
}
Call<RecvMessage> Process::recvmsg(socket::Fd fd, std::size_t max, Instant deadline,
                                   socket::MessageFlags flags) {
  return Call<RecvMessage>(*record_, fd, RecvMessage(max, flags), deadline);
}
Poll Process::poll(std::vector<socket::PollEntry> entries, Instant deadline) {
  return Poll(*record_, std::move(entries), deadline);
}
Readable Process::wait_readable(socket::Fd fd, Instant deadline) {
  return Readable(*record_, fd, deadline);
}
Call<Close> Process::close(socket::Fd fd) { return Call<Close>(*record_, fd, Close(), kNever); }

Sleep Process::sleep(Duration duration) { return sleep_until(after(now(), duration)); }
Sleep Process::sleep_until(Instant instant) { return Sleep(record_->executor(), instant); }
Sleep Process::yield() { return sleep_until(now()); }

// ---- without waiting ---------------------------------------------------------------------------

Result<socket::Fd> Process::try_accept(socket::Fd fd) {
  Accept operation;
  const Result<socket::Fd> result = operation.attempt(*record_, fd, now());
  record_->note_operation(fd, operation, result);
  return result;
}

Result<void> Process::try_connect(socket::Fd fd, Endpoint remote) {
  const Result<void> result = record_->sockets().connect(fd, remote, now());
  record_->note_operation(fd, Connect(remote), result);
  return result;
}

Result<std::size_t> Process::try_send(socket::Fd fd, Bytes data) {
  const Result<std::size_t> result = record_->sockets().send(fd, data, now());
  record_->note_operation(fd, Send<Bytes>(data), result);
  return result;
}

Result<std::size_t> Process::try_recv(socket::Fd fd, MutableBytes into) {
  RecvInto operation(into);
  const Result<std::size_t> result = operation.attempt(*record_, fd, now());
  record_->note_operation(fd, operation, result);
  return result;
}

Result<std::size_t> Process::try_sendto(socket::Fd fd, Bytes data, Endpoint to) {
  SendTo<Bytes> operation(data, to);
  const Result<std::size_t> result = operation.attempt(*record_, fd, now());
  record_->note_operation(fd, operation, result);
  return result;
}

Result<socket::Received> Process::try_recvfrom(socket::Fd fd, MutableBytes into) {
  RecvFromInto operation(into);
  const Result<socket::Received> result = operation.attempt(*record_, fd, now());
  record_->note_operation(fd, operation, result);
  return result;
}

// ---- the rest of a program's world -------------------------------------------------------------

Result<IpAddress> Process::resolve(const std::string& name) const {
  const auto found = record_->names().find(name);
  if (found != record_->names().end()) return found->second;
  if (const std::optional<IpAddress> literal = IpAddress::parse(name)) return *literal;
  return unexpected(Errc::host_unreachable);
}

Result<Endpoint> Process::resolve_endpoint(const std::string& text) const {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string::npos) return unexpected(Errc::invalid_argument);
  std::string host = text.substr(0, colon);
  const char* const end = text.data() + text.size();
  std::uint16_t port = 0;
  const auto parsed = std::from_chars(text.data() + colon + 1, end, port);
  if (parsed.ec != std::errc{} || parsed.ptr != end) return unexpected(Errc::invalid_argument);
  if (host == "*") return Endpoint{.port = port};
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
  }
  const Result<IpAddress> address = resolve(host);
  if (!address) return unexpected(address.error());
  return Endpoint{.address = *address, .port = port};
}

void Process::print(std::string_view line) { record_->print(line); }
bool Process::is_printing() const { return record_->is_observed<ProcessOutput>(); }

Counter Process::counter(const std::string& figure) {
  return Counter(record_->figures()[name() + "." + figure]);
}

void Process::fail(std::string_view what, Errc error) {
  fail(fmt::format("{}: {}", what, to_text(error)));
}

void Process::fail(std::string_view what) {
  count("errors");
  record_->set_error(what);
  print(what);
}

void Process::report(ScriptResult result) {
  count(result.passed ? "passed" : "failed");
  record_->script_results().push_back(std::move(result));
}

void Process::spawn(Task<void> task) { record_->start(std::move(task)); }

}  // namespace strata::application
