// SPDX-License-Identifier: MIT
// Packets between the notation of scripts and the octets on the wire.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/packetdrill/flows.h"
#include "sim/packetdrill/machine.h"
#include "sim/packetdrill/script.h"

namespace strata::packetdrill {

// The IPv4 datagram that an inbound packet of a script is,
// signed, where the script says so, with `key`.
std::vector<std::uint8_t> build(const PacketSpec& packet, const Flow& flow, std::string_view key);

// A sent packet in the numbers of the script.
PacketSpec describe(const Sniffed& packet, const Flow& flow);

// "> P. 1:1001(1000) ack 1 win 229 <nop,nop,TS val 100 ecr 200>"
std::string to_text(const PacketSpec& packet);

// What of `actual` is not as `expected` says: "flags, win"; empty when all of it is. With
// `is_merged` the packet stands for several segments and PSH is not looked at.
std::string difference(const PacketSpec& expected, const PacketSpec& actual, bool is_merged);

}  // namespace strata::packetdrill
