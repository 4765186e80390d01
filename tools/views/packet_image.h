// SPDX-License-Identifier: MIT
// One packet as it was at one place: its octets there and what they mean, with the names of this
// run beside the addresses. What the boxes draw and what the JSON of a packet says.
#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "sim/trace/recording.h"
#include "stack/wire/dissect.h"
#include "tools/views/journey.h"
#include "tools/views/label.h"

namespace strata::views {

struct PacketImage {
  PacketUid uid = kNoPacket;
  Label label;
  NodeId origin = kNoNode;
  Instant time{};            // it was sent, was received, or (off every link) was first heard of
  std::optional<Hop> hop;    // none: it never was on a link
  bool as_received = false;  // of the hop: after the medium had its way with it
  Bytes octets;
  wire::Dissection dissection;              // of exactly these octets
  std::vector<std::uint32_t> flipped_bits;  // of these octets (most significant first)
};

// What a frame of the packet `uid` means: its fields, with relative sequence numbers and whose
// addresses they are. `labeller` is of the same recording.
wire::Dissection dissect_frame(const trace::Recording& recording, Labeller& labeller, PacketUid uid,
                               Bytes frame);

// The packet as it was sent on `link`; without one where it was damaged, else where it was first
// sent. Errors: a sentence for people.
tl::expected<PacketImage, std::string> packet_image(const trace::Recording& recording,
                                                    PacketUid uid, std::optional<LinkId> link);
// The same packet at the other end of that link; as it was sent when it was not received there.
PacketImage received_image(const trace::Recording& recording, PacketImage sent);

}  // namespace strata::views
