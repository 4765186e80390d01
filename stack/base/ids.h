// SPDX-License-Identifier: MIT
// Small strong identifiers: which node, which of its ports, which link, which packet.
#pragma once

#include <cstdint>
#include <type_traits>

namespace strata {

enum class NodeId : std::uint32_t {};
// Index of a port (network interface) within its node, in order of declaration.
enum class PortId : std::uint16_t {};
enum class LinkId : std::uint32_t {};
// Identity of a packet through its whole life, across every hop. A retransmission, fragment, reply
// or duplicate is a new packet that names its parent.
enum class PacketUid : std::uint64_t {};

inline constexpr NodeId kNoNode{0xffffffffU};
inline constexpr PortId kNoPort{0xffff};
inline constexpr LinkId kNoLink{0xffffffffU};
inline constexpr PacketUid kNoPacket{0};

template <typename Id>
constexpr auto raw(Id id) {
  return static_cast<std::underlying_type_t<Id>>(id);
}

}  // namespace strata
