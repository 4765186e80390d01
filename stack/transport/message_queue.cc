// SPDX-License-Identifier: MIT
#include "stack/transport/message_queue.h"

#include <algorithm>

#include "stack/base/assert.h"

namespace strata::transport {

void MessageQueue::push(Packet payload, const DatagramOrigin& origin) {
  STRATA_ASSERT(has_room(payload.size()));
  bytes_ += payload.size();
  messages_.push_back({.payload = std::move(payload), .origin = origin});
}

Result<Received> MessageQueue::receive(MutableBytes into, bool peek) {
  if (const std::optional<Errc> error = take_error()) return unexpected(*error);
  if (messages_.empty()) return unexpected(Errc::would_block);
  const Message& message = messages_.front();
  const Bytes payload = message.payload.bytes();
  Received received{message.origin, std::min(payload.size(), into.size()), payload.size()};
  std::copy_n(payload.begin(), received.bytes, into.begin());
  if (!peek) {
    bytes_ -= payload.size();
    messages_.pop_front();
  }
  return received;
}

void MessageQueue::push_report(ErrorReport report) {
  if (errors_.size() < kErrorsMax) errors_.push_back(std::move(report));
}

std::optional<ErrorReport> MessageQueue::take_report() {
  if (errors_.empty()) return std::nullopt;
  return errors_.pop_front();
}

}  // namespace strata::transport
