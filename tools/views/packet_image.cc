// SPDX-License-Identifier: MIT
#include "tools/views/packet_image.h"

#include <fmt/format.h>

#include <utility>

#include "stack/wire/tcp.h"

namespace strata::views {
namespace {

// The hop to show: the one asked for, else one that damaged the frame, else the first.
const Hop* hop_of(const Journey& journey, std::optional<LinkId> link) {
  for (const Hop& hop : journey.hops) {
    if (link ? hop.link == *link : hop.is_damaged()) return &hop;
  }
  return link || journey.hops.empty() ? nullptr : &journey.hops.front();
}

// Whose address it is, beside the address.
void add_owners(wire::Dissection& dissection, const trace::Directory& names) {
  for (wire::DissectedLayer& layer : dissection.layers) {
    for (wire::DissectedField& field : layer.fields) {
      if (!field.note.empty()) continue;
      std::optional<sim::LinkEnd> owner;
      if (const auto mac = MacAddress::parse(field.value)) {
        owner = names.owner_of(*mac);
        if (mac->is_broadcast()) field.note = "broadcast";
      } else if (const auto address = IpAddress::parse(field.value)) {
        owner = names.owner_of(*address);
      }
      if (owner) field.note = names.interface_name(owner->node, owner->port);
    }
  }
}

// Wireshark's relative numbers beside the real ones.
void add_relative_numbers(wire::Dissection& dissection,
                          const std::optional<Labeller::RelativeNumbers>& numbers) {
  if (!numbers) return;
  for (wire::DissectedLayer& layer : dissection.layers) {
    if (layer.protocol != Protocol::tcp) continue;
    for (wire::DissectedField& field : layer.fields) {
      if (field.name == wire::tcp_field::kSequence.name) {
        field.note = fmt::format("relative {}", numbers->sequence);
      } else if (field.name == wire::tcp_field::kAcknowledgement.name && field.raw != 0) {
        field.note = fmt::format("relative {}", numbers->acknowledgement);
      }
    }
    return;
  }
}

// What the octets of a packet that never became a frame on a link mean.
wire::Dissection dissect_unsent(const PacketOctets& packet) {
  if (packet.outermost == Protocol::ethernet) return wire::dissect(packet.octets);
  if (packet.outermost == Protocol::ipv4) {
    return wire::dissect(packet.octets, {.link_type = wire::LinkType::raw_ip, .has_fcs = false});
  }
  // A segment without a datagram around it: nobody knows how to check it.
  wire::Dissection dissection;
  wire::DissectedLayer layer;
  layer.protocol = Protocol::data;
  layer.header_bytes = layer.total_bytes = packet.octets.size();
  layer.summary = fmt::format("{} segment without a datagram", to_text(packet.outermost));
  dissection.layers.push_back(std::move(layer));
  return dissection;
}

// Reads image.octets.
void interpret(const trace::Recording& recording, PacketImage& image) {
  Labeller labeller(recording);
  image.dissection = dissect_frame(recording, labeller, image.uid, image.octets);
}

}  // namespace

wire::Dissection dissect_frame(const trace::Recording& recording, Labeller& labeller, PacketUid uid,
                               Bytes frame) {
  wire::Dissection dissection = wire::dissect(frame, recording.format_of(uid));
  add_relative_numbers(dissection, labeller.relative_numbers(uid));
  add_owners(dissection, recording.directory());
  return dissection;
}

tl::expected<PacketImage, std::string> packet_image(const trace::Recording& recording,
                                                    PacketUid uid, std::optional<LinkId> link) {
  const Journey journey = journey_of(recording, uid);
  const PacketOctets packet = octets_of(recording, uid);
  if (journey.visits.empty() || packet.octets.empty()) {
    return tl::unexpected(fmt::format("packet #{} has no bytes in this run", raw(uid)));
  }
  const Hop* hop = hop_of(journey, link);
  if (hop == nullptr && !journey.hops.empty()) {
    return tl::unexpected(fmt::format("packet #{} did not cross that link", raw(uid)));
  }
  PacketImage image;
  image.uid = uid;
  image.label = Labeller(recording).label(uid);
  image.origin = journey.record.origin;
  if (hop == nullptr) {
    image.time = journey.started;
    image.octets = packet.octets;
    image.dissection = dissect_unsent(packet);
    add_owners(image.dissection, recording.directory());
    return image;
  }
  image.hop = *hop;
  image.time = hop->sent;
  image.octets = hop->sent_frame;
  interpret(recording, image);
  return image;
}

PacketImage received_image(const trace::Recording& recording, PacketImage sent) {
  if (!sent.hop || sent.hop->received_frame.empty()) return sent;
  PacketImage image = std::move(sent);
  image.as_received = true;
  image.time = *image.hop->received;
  image.octets = image.hop->received_frame;
  image.flipped_bits = image.hop->flipped_bits;
  interpret(recording, image);
  return image;
}

}  // namespace strata::views
