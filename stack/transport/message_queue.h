// SPDX-License-Identifier: MIT
// MessageQueue: what a datagram or echo endpoint holds for its user: received messages, queued ICMP
// errors and the pending error. All of it is bounded.
#pragma once

#include <cstddef>
#include <optional>
#include <utility>

#include "stack/base/packet.h"
#include "stack/base/result.h"
#include "stack/base/ring.h"
#include "stack/transport/endpoint.h"

namespace strata::transport {

class MessageQueue {
 public:
  static constexpr std::size_t kBytesDefault = 212'992;  // Linux's net.core.rmem_default
  static constexpr std::size_t kMessagesMax = 4096;
  static constexpr std::size_t kErrorsMax = 64;

  // An empty queue takes a message of any size.
  bool has_room(std::size_t message_bytes) const {
    return messages_.empty() ||
           (messages_.size() < kMessagesMax && bytes_ + message_bytes <= bytes_max_);
  }
  // Requires has_room().
  void push(Packet payload, const DatagramOrigin& origin);
  // The pending error first, then the oldest message; would_block when there is neither. What does
  // not fit into `into` is lost, as datagram sockets do, unless peeking.
  Result<Received> receive(MutableBytes into, bool peek);

  void set_bytes_max(std::size_t bytes) { bytes_max_ = bytes; }
  std::size_t bytes() const { return bytes_; }
  // Octets of the oldest message; 0 when there is none (SIOCINQ).
  std::size_t next_bytes() const {
    return messages_.empty() ? 0 : messages_.front().payload.size();
  }
  bool has_message() const { return !messages_.empty(); }
  bool has_error() const { return pending_error_.has_value() || !errors_.empty(); }
  bool has_pending_error() const { return pending_error_.has_value(); }

  void set_error(Errc error) { pending_error_ = error; }
  std::optional<Errc> take_error() { return std::exchange(pending_error_, std::nullopt); }
  // The newest report is lost when the queue is full.
  void push_report(ErrorReport report);
  std::optional<ErrorReport> take_report();

 private:
  struct Message {
    Packet payload;
    DatagramOrigin origin;
  };

  Ring<Message> messages_;
  std::size_t bytes_ = 0;
  std::size_t bytes_max_ = kBytesDefault;
  Ring<ErrorReport> errors_;
  std::optional<Errc> pending_error_;
};

}  // namespace strata::transport
