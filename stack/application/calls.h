// SPDX-License-Identifier: MIT
// The awaiters behind the blocking calls of Process. An operation is a non-blocking socket call and
// how it reads in a trace; Call<Operation> repeats it, whenever its descriptor is ready, until it
// does not say would_block. It does not wait on a non-blocking socket or with MSG_DONTWAIT, and no
// longer than SO_RCVTIMEO or SO_SNDTIMEO allow. It lives in the frame of the awaiting coroutine:
// waiting allocates nothing.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "stack/application/executor.h"
#include "stack/base/address.h"
#include "stack/base/bytes.h"
#include "stack/base/result.h"
#include "stack/socket/sockets.h"

namespace strata::application {

class ProcessRecord;

// A datagram with its sender.
struct Datagram {
  std::string data;
  Endpoint from;
  std::size_t bytes = 0;  // full size (larger than `data`: it was truncated)
  std::uint8_t ttl = 0;
};

// A message with its ancillary data.
struct Message {
  std::string data;
  socket::ReceivedMessage info;
};

// ---- operations --------------------------------------------------------------------------------
// attempt() is one try; text() the call ("send(5, 7 bytes)"); data() the octets it moved;
// progress() what a call that must stop waiting has achieved so far.

// What operations have in common unless they say otherwise.
struct ReceivingOperation {
  static constexpr bool kIsSending = false;
  socket::MessageFlags flags;
  bool waits_after(Errc error) const { return error == Errc::would_block; }
};
struct SendingOperation : ReceivingOperation {
  static constexpr bool kIsSending = true;
};

class Accept : public ReceivingOperation {
 public:
  using Value = socket::Fd;
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;
  Bytes data(const Value&) const { return {}; }
};

class Connect : public SendingOperation {
 public:
  using Value = void;
  explicit Connect(const Endpoint& remote) : remote_(remote) {}
  bool waits_after(Errc error) const {
    return error == Errc::in_progress || error == Errc::already;
  }
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;

 private:
  Endpoint remote_;
  bool is_under_way_ = false;
};

// All of `data`, which is a std::string (kept here), Bytes or StaticBytes (of the caller).
template <typename Buffer>
class Send : public SendingOperation {
 public:
  using Value = std::size_t;
  explicit Send(Buffer data, socket::MessageFlags how = {}) : data_(std::move(data)) {
    flags = how;
  }
  std::optional<Value> progress() { return sent_ > 0 ? std::optional(sent_) : std::nullopt; }
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;
  Bytes data(const Value& sent) const;

 private:
  Buffer data_;
  std::size_t sent_ = 0;
};

template <typename Buffer>
class SendTo : public SendingOperation {
 public:
  using Value = std::size_t;
  SendTo(Buffer data, const Endpoint& to, socket::MessageFlags how = {})
      : data_(std::move(data)), to_(to) {
    flags = how;
  }
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;
  Bytes data(const Value& sent) const;

 private:
  Buffer data_;
  Endpoint to_;
};

class SendMessage : public SendingOperation {
 public:
  using Value = std::size_t;
  SendMessage(std::string data, const socket::SendRequest& request, socket::MessageFlags how)
      : data_(std::move(data)), request_(request) {
    flags = how;
  }
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;
  Bytes data(const Value& sent) const { return as_bytes(data_).first(sent); }

 private:
  std::string data_;
  socket::SendRequest request_;
};

class RecvInto : public ReceivingOperation {
 public:
  using Value = std::size_t;
  explicit RecvInto(MutableBytes into, socket::MessageFlags how = {}) : into_(into) { flags = how; }
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;
  Bytes data(const Value& received) const { return into_.first(std::min(received, into_.size())); }

 private:
  MutableBytes into_;
};

class Recv : public ReceivingOperation {
 public:
  using Value = std::string;
  explicit Recv(std::size_t max, socket::MessageFlags how = {}) : max_(max) { flags = how; }
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;
  Bytes data(const Value& received) const { return as_bytes(received); }

 private:
  std::size_t max_;
  std::string buffer_;
};

// Exactly `count` octets, fewer only at the end of the stream.
class RecvExactly : public ReceivingOperation {
 public:
  using Value = std::string;
  explicit RecvExactly(std::size_t count, socket::MessageFlags how = {}) : count_(count) {
    flags = how;
  }
  std::optional<Value> progress() {
    return received_.empty() ? std::nullopt : std::optional(std::move(received_));
  }
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;
  Bytes data(const Value& received) const { return as_bytes(received); }

 private:
  std::size_t count_;
  std::string received_;
};

class RecvFromInto : public ReceivingOperation {
 public:
  using Value = socket::Received;
  explicit RecvFromInto(MutableBytes into, socket::MessageFlags how = {}) : into_(into) {
    flags = how;
  }
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;
  Bytes data(const Value& received) const { return into_.first(received.bytes); }

 private:
  MutableBytes into_;
};

class RecvFrom : public ReceivingOperation {
 public:
  using Value = Datagram;
  explicit RecvFrom(std::size_t max, socket::MessageFlags how = {}) : max_(max) { flags = how; }
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;
  Bytes data(const Value& received) const { return as_bytes(received.data); }

 private:
  std::size_t max_;
  std::string buffer_;
};

class RecvMessage : public ReceivingOperation {
 public:
  using Value = Message;
  explicit RecvMessage(std::size_t max, socket::MessageFlags how) : max_(max) { flags = how; }
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;
  Bytes data(const Value& received) const { return as_bytes(received.data); }

 private:
  std::size_t max_;
  std::string buffer_;
};

// Waits while the socket lingers, whatever the socket's timeouts say.
class Close : public SendingOperation {
 public:
  using Value = void;
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;
  // When a lingering close stops waiting.
  Instant deadline(const ProcessRecord& process, socket::Fd fd) const;
};

// ---- how calls and results read in a trace -----------------------------------------------------

std::string address_text(const Endpoint& endpoint);  // "10.0.2.20:80", "*:80"
std::string outcome_text(socket::Fd fd);
std::string outcome_text(std::size_t octets);
std::string outcome_text(const std::string& received);
std::string outcome_text(const socket::Received& received);
std::string outcome_text(const Datagram& received);
std::string outcome_text(const Message& received);
std::string outcome_text(const socket::OptionValue& value);

// ---- awaiters ----------------------------------------------------------------------------------

// A wait for something to happen at a descriptor.
class SocketWait : public Waiter {
 protected:
  SocketWait(ProcessRecord& process, socket::Fd fd, Instant deadline);
  WaitList* place() override;

  ProcessRecord& process_;
  socket::Fd fd_;
};

template <typename Operation>
class [[nodiscard]] Call final : public SocketWait {
 public:
  using Value = typename Operation::Value;
  Call(ProcessRecord& process, socket::Fd fd, Operation operation, Instant deadline)
      : SocketWait(process, fd, deadline),
        operation_(std::move(operation)),
        caller_deadline_(deadline) {}

  Result<Value> await_resume();
  std::string describe() const override { return operation_.text(fd_); }

 private:
  bool attempt() override;
  bool expire() override;
  void abandon() override { result_ = unexpected(Errc::bad_descriptor); }
  Instant patience();
  void keep_progress();

  Operation operation_;
  Instant caller_deadline_;
  std::optional<Instant> timeout_at_;  // by the socket's own timeout; set when it first waits
  Result<Value> result_ = unexpected(Errc::would_block);
};

// All members are in calls.cc.
extern template class Call<Accept>;
extern template class Call<Connect>;
extern template class Call<Send<std::string>>;
extern template class Call<Send<Bytes>>;
extern template class Call<Send<StaticBytes>>;
extern template class Call<SendTo<std::string>>;
extern template class Call<SendTo<Bytes>>;
extern template class Call<SendMessage>;
extern template class Call<RecvMessage>;
extern template class Call<Recv>;
extern template class Call<RecvInto>;
extern template class Call<RecvExactly>;
extern template class Call<RecvFrom>;
extern template class Call<RecvFromInto>;
extern template class Call<Close>;

// Until a descriptor can be read from or an error is pending; not a call of its own in the trace.
class [[nodiscard]] Readable final : public SocketWait {
 public:
  Readable(ProcessRecord& process, socket::Fd fd, Instant deadline)
      : SocketWait(process, fd, deadline) {}
  Result<void> await_resume() const { return result_; }
  std::string describe() const override { return "poll(" + std::to_string(fd_) + ")"; }

 private:
  bool attempt() override;
  bool expire() override;
  void abandon() override { result_ = unexpected(Errc::bad_descriptor); }

  Result<void> result_;
};

// poll(2): until any of the entries has an event, or the deadline.
class [[nodiscard]] Poll final : public Waiter {
 public:
  Poll(ProcessRecord& process, std::vector<socket::PollEntry> entries, Instant deadline);
  // The entries that have events, in the order given; none when the deadline came first.
  std::vector<socket::PollEntry> await_resume();
  std::string describe() const override;

 private:
  bool attempt() override;
  bool expire() override { return true; }
  WaitList* place() override;

  ProcessRecord& process_;
  std::vector<socket::PollEntry> entries_;
};

// Until an instant; one that is not in the future means: after everybody who is ready now.
class [[nodiscard]] Sleep final : public Waiter {
 public:
  Sleep(Executor& executor, Instant until) : Waiter(executor, until), until_(until) {
    if (until <= executor.now()) yield_first();
  }
  void await_resume() const {}
  std::string describe() const override;

 private:
  bool attempt() override { return executor().now() >= until_; }
  bool expire() override { return true; }

  Instant until_;
};

}  // namespace strata::application
