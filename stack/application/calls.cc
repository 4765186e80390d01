// SPDX-License-Identifier: MIT
#include "stack/application/calls.h"

#include <fmt/format.h>

#include <type_traits>

#include "stack/application/process_record.h"

namespace strata::application {
namespace {

Bytes bytes_of(const std::string& data) { return as_bytes(data); }
Bytes bytes_of(Bytes data) { return data; }
Bytes bytes_of(StaticBytes data) { return data.bytes; }

Bytes rest_of(const std::string& data, std::size_t sent) { return as_bytes(data).subspan(sent); }
Bytes rest_of(Bytes data, std::size_t sent) { return data.subspan(sent); }
StaticBytes rest_of(StaticBytes data, std::size_t sent) { return {data.bytes.subspan(sent)}; }

std::string flags_text(socket::MessageFlags flags) {
  return flags.empty() ? "" : ", " + to_text(flags);
}

// A recv() that may wait does so until SO_RCVLOWAT is reached.
bool waits_for_more(ProcessRecord& process, socket::Fd fd, socket::MessageFlags flags,
                    std::size_t wanted) {
  const socket::Sockets& sockets = process.sockets();
  return !flags.has(socket::msg::kDontWait) && !sockets.is_non_blocking(fd) &&
         sockets.is_below_low_water(fd, wanted);
}

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
std::string outcome_text(const Message& received) {
  const std::string ancillary = ancillary_text(received.info);
  return fmt::format("{} from {}{}{}", received.data.size(), to_text(received.info.from),
                     ancillary.empty() ? "" : ", ", ancillary);
}
std::string outcome_text(const socket::OptionValue& value) { return socket::to_text(value); }

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
  if (is_under_way_ && result.error() == Errc::is_connected) return {};
  if (is_under_way_ && waits_after(result.error())) return unexpected(Errc::in_progress);
  is_under_way_ = waits_after(result.error());
  return result;
}
std::string Connect::text(socket::Fd fd) const {
  return fmt::format("connect({}, {})", fd, to_text(remote_));
}

template <typename Buffer>
Result<std::size_t> Send<Buffer>::attempt(ProcessRecord& process, socket::Fd fd, Instant now) {
  do {  // at least once: an empty datagram is a datagram
    const Result<std::size_t> part = process.sockets().send(fd, rest_of(data_, sent_), flags, now);
    if (!part) return part;
    sent_ += *part;
  } while (sent_ < bytes_of(data_).size());
  return sent_;
}
template <typename Buffer>
std::string Send<Buffer>::text(socket::Fd fd) const {
  return fmt::format("send({}, {} bytes{})", fd, bytes_of(data_).size(), flags_text(flags));
}
template <typename Buffer>
Bytes Send<Buffer>::data(const std::size_t& sent) const {
  return bytes_of(data_).first(sent);
}

template <typename Buffer>
Result<std::size_t> SendTo<Buffer>::attempt(ProcessRecord& process, socket::Fd fd, Instant now) {
  return process.sockets().send_to(fd, bytes_of(data_), to_, flags, now);
}
template <typename Buffer>
std::string SendTo<Buffer>::text(socket::Fd fd) const {
  return fmt::format("sendto({}, {} bytes, {}{})", fd, bytes_of(data_).size(), to_text(to_),
                     flags_text(flags));
}
template <typename Buffer>
Bytes SendTo<Buffer>::data(const std::size_t& sent) const {
  return bytes_of(data_).first(sent);
}

Result<std::size_t> SendMessage::attempt(ProcessRecord& process, socket::Fd fd, Instant now) {
  return process.sockets().send_message(fd, as_bytes(data_), request_, flags, now);
}
std::string SendMessage::text(socket::Fd fd) const {
  const bool has_destination = request_.to.port != 0;
  return fmt::format("sendmsg({}, {} bytes{}{}{})", fd, data_.size(), has_destination ? ", " : "",
                     has_destination ? to_text(request_.to) : "", flags_text(flags));
}

Result<std::size_t> RecvInto::attempt(ProcessRecord& process, socket::Fd fd, Instant now) {
  if (waits_for_more(process, fd, flags, into_.size())) return unexpected(Errc::would_block);
  return process.sockets().receive(fd, into_, flags, now);
}
std::string RecvInto::text(socket::Fd fd) const {
  return fmt::format("recv({}, {}{})", fd, into_.size(), flags_text(flags));
}

Result<std::string> Recv::attempt(ProcessRecord& process, socket::Fd fd, Instant now) {
  if (waits_for_more(process, fd, flags, max_)) return unexpected(Errc::would_block);
  buffer_.resize(max_);
  const auto received = process.sockets().receive_from(fd, as_mutable_bytes(buffer_), flags, now);
  if (!received) return unexpected(received.error());
  buffer_.resize(received->bytes);
  return std::move(buffer_);
}
std::string Recv::text(socket::Fd fd) const {
  return fmt::format("recv({}, {}{})", fd, max_, flags_text(flags));
}

Result<std::string> RecvExactly::attempt(ProcessRecord& process, socket::Fd fd, Instant now) {
  while (received_.size() < count_) {
    const std::size_t before = received_.size();
    received_.resize(count_);
    const MutableBytes rest = as_mutable_bytes(received_).subspan(before);
    const Result<std::size_t> part = process.sockets().receive(fd, rest, flags, now);
    received_.resize(before + part.value_or(0));
    if (!part) return unexpected(part.error());
    if (*part == 0) break;
  }
  return std::move(received_);
}
std::string RecvExactly::text(socket::Fd fd) const {
  return fmt::format("recv({}, {}, {})", fd, count_, to_text(flags | socket::msg::kWaitAll));
}

Result<socket::Received> RecvFromInto::attempt(ProcessRecord& process, socket::Fd fd, Instant now) {
  return process.sockets().receive_from(fd, into_, flags, now);
}
std::string RecvFromInto::text(socket::Fd fd) const {
  return fmt::format("recvfrom({}, {}{})", fd, into_.size(), flags_text(flags));
}

Result<Datagram> RecvFrom::attempt(ProcessRecord& process, socket::Fd fd, Instant now) {
  buffer_.resize(max_);
  const auto received = process.sockets().receive_from(fd, as_mutable_bytes(buffer_), flags, now);
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
  return fmt::format("recvfrom({}, {}{})", fd, max_, flags_text(flags));
}

Result<Message> RecvMessage::attempt(ProcessRecord& process, socket::Fd fd, Instant now) {
  buffer_.resize(max_);
  const auto received =
      process.sockets().receive_message(fd, as_mutable_bytes(buffer_), flags, now);
  if (!received) return unexpected(received.error());
  Message message;
  message.info = *received;
  buffer_.resize(received->bytes);
  message.data = std::move(buffer_);
  return message;
}
std::string RecvMessage::text(socket::Fd fd) const {
  return fmt::format("recvmsg({}, {}{})", fd, max_, flags_text(flags));
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
  if (result_ || !operation_.waits_after(result_.error())) return true;
  if constexpr (Lingering<Operation>) {
    set_deadline(operation_.deadline(process_, fd_));
  } else {
    if (operation_.flags.has(socket::msg::kDontWait) || process_.sockets().is_non_blocking(fd_)) {
      keep_progress();
      return true;
    }
    set_deadline(patience());
  }
  return false;
}

// The caller's deadline or the socket's timeout, whichever comes first.
template <typename Operation>
Instant Call<Operation>::patience() {
  if (!timeout_at_) {
    const socket::Sockets& sockets = process_.sockets();
    const Duration limit =
        Operation::kIsSending ? sockets.send_timeout(fd_) : sockets.receive_timeout(fd_);
    timeout_at_ = limit > Duration::zero() ? after(executor().now(), limit) : kNever;
  }
  return std::min(caller_deadline_, *timeout_at_);
}

// POSIX: a call that has moved some octets returns their number.
template <typename Operation>
void Call<Operation>::keep_progress() {
  if constexpr (requires { operation_.progress(); }) {
    if (auto progress = operation_.progress()) result_ = std::move(*progress);
  }
}

template <typename Operation>
bool Call<Operation>::expire() {
  if constexpr (Lingering<Operation>) {
    return false;
  } else {
    if (executor().now() >= caller_deadline_) {
      result_ = unexpected(Errc::timed_out);
    } else {
      keep_progress();  // else as the last attempt said: EAGAIN, EINPROGRESS
    }
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
template class Send<StaticBytes>;
template class SendTo<std::string>;
template class SendTo<Bytes>;

template class Call<Accept>;
template class Call<Connect>;
template class Call<Send<std::string>>;
template class Call<Send<Bytes>>;
template class Call<Send<StaticBytes>>;
template class Call<SendTo<std::string>>;
template class Call<SendTo<Bytes>>;
template class Call<SendMessage>;
template class Call<RecvMessage>;
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

Poll::Poll(ProcessRecord& process, std::vector<socket::PollEntry> entries, Instant deadline)
    : Waiter(process.executor(), deadline), process_(process), entries_(std::move(entries)) {}

WaitList* Poll::place() { return &process_.pollers(); }

bool Poll::attempt() { return process_.sockets().poll(entries_) > 0; }

std::vector<socket::PollEntry> Poll::await_resume() {
  std::vector<socket::PollEntry> ready;
  for (const socket::PollEntry& entry : entries_) {
    if (!entry.returned.empty()) ready.push_back(entry);
  }
  process_.note(
      -1, [&] { return describe(); }, Result<std::size_t>(ready.size()));
  return ready;
}

std::string Poll::describe() const {
  std::string text = "poll(";
  for (const socket::PollEntry& entry : entries_) {
    text += fmt::format("{}{} {}", text.size() > 5 ? ", " : "", entry.fd, to_text(entry.events));
  }
  return text + ")";
}

std::string Sleep::describe() const { return "sleep until " + to_text(until_); }

}  // namespace strata::application
