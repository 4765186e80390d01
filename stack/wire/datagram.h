// SPDX-License-Identifier: MIT
// What is inside a captured frame, without taking all of it apart: the addresses of its link
// header, and the IP datagram it carries. For readers that go through many frames; whoever shows
// one dissects it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "stack/base/address.h"
#include "stack/base/bytes.h"
#include "stack/base/protocol.h"
#include "stack/wire/dissect.h"
#include "stack/wire/parse.h"
#include "stack/wire/tcp.h"

namespace strata::wire {

// "Ethernet"; empty for a link type that is not dissected.
std::string_view name_of(LinkType link_type);

// A link header of any type a capture can have. An address the header does not have is zero.
struct LinkHeader {
  MacAddress source;
  MacAddress destination;
  EtherType type{};
  std::size_t bytes = 0;  // what is inside begins here
};
// Nullopt when the frame is too short for its header, or nobody here knows the link type.
std::optional<LinkHeader> link_header_of(Bytes frame, LinkType link_type);

// An IPv4 or IPv6 datagram, as its header describes it.
struct Datagram {
  IpAddress source;
  IpAddress destination;
  IpProtocol protocol{};
  std::uint32_t identification = 0;  // of IPv4
  bool is_fragment = false;
  std::size_t fragment_offset = 0;  // bytes
  std::size_t payload_bytes = 0;    // as the header says
  Bytes payload;                    // as much of it as the frame holds
};
// Nullopt when there is none, its header is malformed, or it claims more than there is (and was not
// left out by the capture).
std::optional<Datagram> datagram_in(Bytes frame, const DissectOptions& options = {});

// The TCP header of a segment of `segment_bytes` of which a capture holds the beginning. Options
// that do not lie within it are zero. Fails as TcpHeader::parse().
Parsed<TcpHeader> captured_tcp_header(Bytes beginning, std::size_t segment_bytes);

}  // namespace strata::wire
