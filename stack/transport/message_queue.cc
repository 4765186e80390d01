// SPDX-License-Identifier: MIT
#include "stack/transport/message_queue.h"

#include <algorithm>

#include "stack/base/assert.h"

namespace strata::transport {

void MessageQueue::push(Packet payload, const Endpoint& from, std::uint8_t ttl,
                        std::uint16_t sequence) {
  STRATA_ASSERT(has_room(payload.size()));
  bytes_ += payload.size();
  messages_.push_back(
      {.payload = std::move(payload), .from = from, .ttl = ttl, .sequence = sequence});
}

Result<Received> MessageQueue::receive(MutableBytes into, bool peek) {
  if (const std::optional<Errc> error = take_error()) return unexpected(*error);
  if (messages_.empty()) return unexpected(Errc::would_block);
  const Message& message = messages_.front();
  const Bytes payload = message.payload.bytes();
  const Received received{.bytes = std::min(payload.size(), into.size()),
                          .datagram = payload.size(),
                          .from = message.from,
                          .ttl = message.ttl,
                          .sequence = message.sequence};
  std::copy_n(payload.begin(), received.bytes, into.begin());
  if (!peek) {
    bytes_ -= payload.size();
    messages_.pop_front();
  }
  return received;
}

void MessageQueue::push_report(const ErrorReport& report) {
  if (errors_.size() < kErrorsMax) errors_.push_back(report);
}

std::optional<ErrorReport> MessageQueue::take_report() {
  if (errors_.empty()) return std::nullopt;
  return errors_.pop_front();
}

}  // namespace strata::transport
