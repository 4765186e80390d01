// SPDX-License-Identifier: MIT
#include "sim/attachment.h"

#include <utility>

#include "stack/physical/framing.h"
#include "stack/wire/ethernet.h"

namespace strata::sim {

Attachment::Attachment(const NodeContext& context, AttachmentConfig config)
    : context_(context), config_(std::move(config)) {}

void Attachment::inject(Bytes frame, Instant now) {
  Packet packet = context_.pool->make(frame);
  packet.set_arrival(now);
  if (frame.size() < wire::EthernetHeader::kBytes) {
    return drop(packet, DropReason::frame_too_short, now);
  }
  if (frame.size() > config_.frame_bytes_max) {
    return drop(packet, DropReason::frame_too_long, now);
  }
  physical::pad(packet, physical::kFrameBytesMin - physical::kFcsBytes);
  physical::append_fcs(packet);
  entering_.push_back(std::move(packet));
}

void Attachment::receive(PortId, Packet packet, Instant now) {
  if (!physical::has_valid_fcs(packet.bytes())) return drop(packet, DropReason::fcs_error, now);
  const Bytes frame = packet.bytes().first(packet.size() - physical::kFcsBytes);
  if (outside_ == nullptr) return drop(packet, DropReason::link_down, now);
  if (!outside_->deliver(frame, now)) drop(packet, DropReason::queue_full, now);
}

std::optional<OutgoingFrame> Attachment::poll_transmit(Instant) {
  if (entering_.empty()) return std::nullopt;
  OutgoingFrame out{.port = PortId{0}, .packet = std::move(entering_.front())};
  entering_.pop_front();
  return out;
}

void Attachment::drop(const Packet& packet, DropReason reason, Instant now) {
  drops_.add(reason);
  context_.trace(now, packet, [&] {
    return Dropped{
        .layer = Layer::link, .reason = reason, .port = PortId{0}, .packet = packet.bytes()};
  });
}

}  // namespace strata::sim
