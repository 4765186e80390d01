// SPDX-License-Identifier: MIT
// The awaiters behind the blocking calls of Process. An operation is a non-blocking socket call and
// how it reads in a trace; Call<Operation> repeats it, whenever its descriptor is ready, until it
// does not say would_block. It lives in the frame of the awaiting coroutine: waiting allocates
// nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

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

// ---- operations --------------------------------------------------------------------------------
// attempt() is one try; text() the call ("send(5, 7 bytes)"); data() the octets it moved.

class Accept {
 public:
  using Value = socket::Fd;
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;
  Bytes data(const Value&) const { return {}; }
};

class Connect {
 public:
  using Value = void;
  explicit Connect(const Endpoint& remote) : remote_(remote) {}
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;

 private:
  Endpoint remote_;
  bool is_under_way_ = false;
};

// All of `data`, which is a std::string (kept here) or Bytes (of the caller).
template <typename Buffer>
class Send {
 public:
  using Value = std::size_t;
  explicit Send(Buffer data) : data_(std::move(data)) {}
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;
  Bytes data(const Value& sent) const;

 private:
  Buffer data_;
  std::size_t sent_ = 0;
};

template <typename Buffer>
class SendTo {
 public:
  using Value = std::size_t;
  SendTo(Buffer data, const Endpoint& to) : data_(std::move(data)), to_(to) {}
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;
  Bytes data(const Value& sent) const;

 private:
  Buffer data_;
  Endpoint to_;
};

class RecvInto {
 public:
  using Value = std::size_t;
  explicit RecvInto(MutableBytes into) : into_(into) {}
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;
  Bytes data(const Value& received) const { return into_.first(received); }

 private:
  MutableBytes into_;
};

class Recv {
 public:
  using Value = std::string;
  explicit Recv(std::size_t max) : max_(max) {}
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;
  Bytes data(const Value& received) const { return as_bytes(received); }

 private:
  std::size_t max_;
  std::string buffer_;
};

// Exactly `count` octets, fewer only at the end of the stream.
class RecvExactly {
 public:
  using Value = std::string;
  explicit RecvExactly(std::size_t count) : count_(count) {}
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;
  Bytes data(const Value& received) const { return as_bytes(received); }

 private:
  std::size_t count_;
  std::string received_;
};

class RecvFromInto {
 public:
  using Value = socket::Received;
  explicit RecvFromInto(MutableBytes into) : into_(into) {}
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;
  Bytes data(const Value& received) const { return into_.first(received.bytes); }

 private:
  MutableBytes into_;
};

class RecvFrom {
 public:
  using Value = Datagram;
  explicit RecvFrom(std::size_t max) : max_(max) {}
  Result<Value> attempt(ProcessRecord& process, socket::Fd fd, Instant now);
  std::string text(socket::Fd fd) const;
  Bytes data(const Value& received) const { return as_bytes(received.data); }

 private:
  std::size_t max_;
  std::string buffer_;
};

class Close {
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
      : SocketWait(process, fd, deadline), operation_(std::move(operation)) {}

  Result<Value> await_resume();
  std::string describe() const override { return operation_.text(fd_); }

 private:
  bool attempt() override;
  bool expire() override;
  void abandon() override { result_ = unexpected(Errc::bad_descriptor); }

  Operation operation_;
  Result<Value> result_ = unexpected(Errc::would_block);
};

// All members are in calls.cc.
extern template class Call<Accept>;
extern template class Call<Connect>;
extern template class Call<Send<std::string>>;
extern template class Call<Send<Bytes>>;
extern template class Call<SendTo<std::string>>;
extern template class Call<SendTo<Bytes>>;
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
