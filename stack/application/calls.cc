// SPDX-License-Identifier: MIT
#include "stack/application/calls.h"

#include <fmt/format.h>

#include <type_traits>

#include "stack/application/process_record.h"

namespace strata::application {
namespace {

Bytes bytes_of(const std::string& data) { return as_bytes(data); }
Bytes bytes_of(Bytes data) { return data; }

}  // namespace

std::string address_text(const Endpoint& endpoint) {
  return endpoint.address.is_unspecified() ? fmt::format("*:{}", endpoint.port) : to_text(endpoint);
}

std::string outcome_text(socket::Fd fd) { return std::to_string(fd); }
std::string outcome_text(std::size_t octets) { return std::to_string(octets); }
std::string outcome_text(const std::string& received) { return std::to_string(received.size()); }
std::string outcome_text(const socket::Received& received) {
  return fmt::format("{} from {}", received.bytes, to_text(received.from));
}
std::string outcome_text(const Datagram& received) {
  return fmt::format("{} from {}", received.data.size(), to_text(received.from));
}

// ---- operations --------------------------------------------------------------------------------

Result<socket::Fd> Accept::attempt(ProcessRecord& process, socket::Fd fd, Instant now) {
  const Result<socket::Fd> connection = process.sockets().accept(fd, now);
  if (connection) process.adopt(*connection);
  return connection;
}
std::string Accept::text(socket::Fd fd) const { return fmt::format("accept({})", fd); }

Result<void> Connect::attempt(ProcessRecord& process, socket::Fd fd, Instant now) {
  const Result<void> result = process.sockets().connect(fd, remote_, now);
  if (result) return {};
  const bool goes_on = result.error() == Errc::in_progress || result.error() == Errc::already;
  if (goes_on) {
    is_under_way_ = true;
    return unexpected(Errc::would_block);
  }
  if (is_under_way_ && result.error() == Errc::is_connected) return {};
  return result;
}
std::string Connect::text(socket::Fd fd) const {
  return fmt::format("connect({}, {})", fd, to_text(remote_));
}

template <typename Buffer>
Result<std::size_t> Send<Buffer>::attempt(ProcessRecord& process, socket::Fd fd, Instant now) {
  const Bytes all = bytes_of(data_);
  do {  // at least once: an empty datagram is a datagram
    const Result<std::size_t> part = process.sockets().send(fd, all.subspan(sent_), now);
    if (!part) return part;
    sent_ += *part;
  } while (sent_ < all.size());
  return sent_;
}
template <typename Buffer>
std::string Send<Buffer>::text(socket::Fd fd) const {
  return fmt::format("send({}, {} bytes)", fd, bytes_of(data_).size());
}
template <typename Buffer>
Bytes Send<Buffer>::data(const std::size_t& sent) const {
  return bytes_of(data_).first(sent);
}

template <typename Buffer>
Result<std::size_t> SendTo<Buffer>::attempt(ProcessRecord& process, socket::Fd fd, Instant now) {
  return process.sockets().send_to(fd, bytes_of(data_), to_, now);
}
template <typename Buffer>
std::string SendTo<Buffer>::text(socket::Fd fd) const {
  return fmt::format("sendto({}, {} bytes, {})", fd, bytes_of(data_).size(), to_text(to_));
}
template <typename Buffer>
Bytes SendTo<Buffer>::data(const std::size_t& sent) const {
  return bytes_of(data_).first(sent);
}

Result<std::size_t> RecvInto::attempt(ProcessRecord& process, socket::Fd fd, Instant now) {
  return process.sockets().receive(fd, into_, /*peek=*/false, now);
}
std::string RecvInto::text(socket::Fd fd) const {
  return fmt::format("recv({}, {})", fd, into_.size());
}

Result<std::string> Recv::attempt(ProcessRecord& process, socket::Fd fd, Instant now) {
  buffer_.resize(max_);
  const auto received = process.sockets().receive(fd, as_mutable_bytes(buffer_), false, now);
  if (!received) return unexpected(received.error());
  buffer_.resize(*received);
  return std::move(buffer_);
}
std::string Recv::text(socket::Fd fd) const { return fmt::format("recv({}, {})", fd, max_); }

Result<std::string> RecvExactly::attempt(ProcessRecord& process, socket::Fd fd, Instant now) {
  while (received_.size() < count_) {
    const std::size_t before = received_.size();
    received_.resize(count_);
    const MutableBytes rest = as_mutable_bytes(received_).subspan(before);
    const Result<std::size_t> part = process.sockets().receive(fd, rest, false, now);
    received_.resize(before + part.value_or(0));
    if (!part) return unexpected(part.error());
    if (*part == 0) break;
  }
  return std::move(received_);
}
std::string RecvExactly::text(socket::Fd fd) const {
  return fmt::format("recv({}, {}, MSG_WAITALL)", fd, count_);
}

Result<socket::Received> RecvFromInto::attempt(ProcessRecord& process, socket::Fd fd, Instant now) {
  return process.sockets().receive_from(fd, into_, false, now);
}
std::string RecvFromInto::text(socket::Fd fd) const {
  return fmt::format("recvfrom({}, {})", fd, into_.size());
}

Result<Datagram> RecvFrom::attempt(ProcessRecord& process, socket::Fd fd, Instant now) {
  buffer_.resize(max_);
  const auto received = process.sockets().receive_from(fd, as_mutable_bytes(buffer_), false, now);
  if (!received) return unexpected(received.error());
  Datagram datagram;
  buffer_.resize(received->bytes);
  datagram.data = std::move(buffer_);
  datagram.from = received->from;
  datagram.bytes = received->datagram;
  datagram.ttl = received->ttl;
  return datagram;
}
std::string RecvFrom::text(socket::Fd fd) const {
  return fmt::format("recvfrom({}, {})", fd, max_);
}

Result<void> Close::attempt(ProcessRecord& process, socket::Fd fd, Instant now) {
  const Result<void> closed = process.sockets().close(fd, now);
  if (closed) process.release(fd);
  return closed;
}
std::string Close::text(socket::Fd fd) const { return fmt::format("close({})", fd); }
Instant Close::deadline(const ProcessRecord& process, socket::Fd fd) const {
  return process.sockets().linger_deadline(fd);
}

// ---- awaiters ----------------------------------------------------------------------------------

SocketWait::SocketWait(ProcessRecord& process, socket::Fd fd, Instant deadline)
    : Waiter(process.executor(), deadline), process_(process), fd_(fd) {}

WaitList* SocketWait::place() { return &process_.waiters(fd_); }

// A lingering close has its own deadline; tried again then, it succeeds.
template <typename Operation>
concept Lingering = std::is_same_v<Operation, Close>;

template <typename Operation>
bool Call<Operation>::attempt() {
  result_ = operation_.attempt(process_, fd_, executor().now());
  const bool is_over = result_ || result_.error() != Errc::would_block;
  if constexpr (Lingering<Operation>) {
    if (!is_over) set_deadline(operation_.deadline(process_, fd_));
  }
  return is_over;
}

template <typename Operation>
bool Call<Operation>::expire() {
  if constexpr (Lingering<Operation>) {
    return false;
  } else {
    result_ = unexpected(Errc::timed_out);
    return true;
  }
}

template <typename Operation>
Result<typename Operation::Value> Call<Operation>::await_resume() {
  process_.note_operation(fd_, operation_, result_);
  return std::move(result_);
}

template class Send<std::string>;
template class Send<Bytes>;
template class SendTo<std::string>;
template class SendTo<Bytes>;

template class Call<Accept>;
template class Call<Connect>;
template class Call<Send<std::string>>;
template class Call<Send<Bytes>>;
template class Call<SendTo<std::string>>;
template class Call<SendTo<Bytes>>;
template class Call<Recv>;
template class Call<RecvInto>;
template class Call<RecvExactly>;
template class Call<RecvFrom>;
template class Call<RecvFromInto>;
template class Call<Close>;

bool Readable::attempt() {
  const socket::Readiness readiness = process_.sockets().readiness(fd_);
  return readiness.readable || readiness.error || readiness.hangup;
}

bool Readable::expire() {
  result_ = unexpected(Errc::timed_out);
  return true;
}

std::string Sleep::describe() const { return "sleep until " + to_text(until_); }

}  // namespace strata::application
