// SPDX-License-Identifier: MIT
#include "sim/attachment.h"

#include <algorithm>
#include <utility>

#include "stack/physical/framing.h"
#include "stack/wire/ethernet.h"

namespace strata::sim {
namespace {

// Gives a unicast frame another destination. A sound FCS is taken off, since it covers the
// destination, and a damaged one stays damaged. Returns whether the frame still has one.
bool redirect(Packet& packet, const MacAddress& to, bool has_fcs) {
  if (packet.size() < MacAddress::kBytes || MacAddress::load(packet.bytes().data()).is_group()) {
    return has_fcs;
  }
  const bool is_sound = has_fcs && physical::has_valid_fcs(packet.bytes());
  to.store(packet.mutable_bytes().data());
  if (is_sound) packet.trim_back(physical::kFcsBytes);
  return has_fcs && !is_sound;
}

}  // namespace

Attachment::Attachment(const NodeContext& context, AttachmentConfig config)
    : context_(context), config_(std::move(config)) {
  if (config_.replay) replay_.emplace(*config_.replay);
}

void Attachment::inject(Bytes frame, Instant now) {
  enter(context_.pool->make(frame), /*has_fcs=*/false, now);
}

void Attachment::enter(Packet packet, bool has_fcs, Instant now) {
  packet.set_arrival(now);
  const std::size_t fcs_bytes = has_fcs ? physical::kFcsBytes : 0;
  if (packet.size() < wire::EthernetHeader::kBytes + fcs_bytes) {
    return drop(packet, DropReason::frame_too_short, now);
  }
  if (packet.size() > config_.frame_bytes_max + fcs_bytes) {
    return drop(packet, DropReason::frame_too_long, now);
  }
  if (!has_fcs) {
    physical::pad(packet, physical::kFrameBytesMin - physical::kFcsBytes);
    if (trusts_medium_) {
      physical::append_no_fcs(packet);
    } else {
      physical::append_fcs(packet);
    }
  }
  entering_.push_back(std::move(packet));
}

// One frame at a time: whatever is due at the same instant is asked for again.
void Attachment::on_deadline(Instant now) {
  if (!replay_ || replay_->due() > now) return;
  const CapturedFrames::Frame& frame = replay_->frame();
  Packet packet = context_.pool->make(replay_->config().capture->octets_of(frame));
  bool has_fcs = frame.has_fcs;
  if (replay_->config().to) has_fcs = redirect(packet, *replay_->config().to, has_fcs);
  context_.trace(now, packet, [&] {
    return FrameReplayed{
        .port = PortId{0}, .number = frame.number, .bytes_left_out = frame.bytes_left_out};
  });
  ++replayed_.frames;
  if (frame.bytes_left_out > 0) ++replayed_.cut_short;
  const std::size_t on_the_link =
      has_fcs ? packet.size()
              : std::max(packet.size() + physical::kFcsBytes, physical::kFrameBytesMin);
  enter(std::move(packet), has_fcs, now);
  replay_->advance(now, on_the_link);
}

void Attachment::receive(PortId, Packet packet, Instant now) {
  if (!trusts_medium_ && !physical::has_valid_fcs(packet.bytes())) {
    return drop(packet, DropReason::fcs_error, now);
  }
  if (replay_) return;  // nobody reads what arrives at a capture
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
