// SPDX-License-Identifier: MIT
#include "stack/wire/udp.h"

#include "stack/base/assert.h"
#include "stack/base/checksum.h"
#include "stack/base/protocol.h"

namespace strata::wire {
namespace {

constexpr auto kUdpNumber = static_cast<std::uint8_t>(IpProtocol::udp);

}  // namespace

Parsed<UdpHeader> UdpHeader::parse(Bytes datagram, const IpAddress& source,
                                   const IpAddress& destination, bool verify) {
  if (datagram.size() < kBytes) return tl::unexpected(DropReason::transport_truncated);
  const std::uint8_t* p = datagram.data();
  const UdpHeader header{
      .source_port = static_cast<std::uint16_t>(read<udp_field::kSourcePort>(p)),
      .destination_port = static_cast<std::uint16_t>(read<udp_field::kDestinationPort>(p)),
      .length = static_cast<std::uint16_t>(read<udp_field::kLength>(p)),
      .checksum = static_cast<std::uint16_t>(read<udp_field::kChecksum>(p))};
  if (header.length < kBytes || header.length > datagram.size()) {
    return tl::unexpected(DropReason::transport_malformed);
  }
  if (!verify) return header;
  // RFC 768: an all zero checksum means that the transmitter generated none; RFC 8200 8.1: over
  // IPv6 it must have.
  if (header.checksum == 0) {
    if (source.is_v4()) return header;
    return tl::unexpected(DropReason::transport_checksum);
  }
  InternetChecksum checksum;
  checksum.add_pseudo_header(source, destination, kUdpNumber, header.length);
  checksum.add(datagram.first(header.length));
  if (!checksum.is_valid()) return tl::unexpected(DropReason::transport_checksum);
  return header;
}

void UdpHeader::emit_without_checksum(MutableBytes datagram) const {
  STRATA_ASSERT(datagram.size() >= kBytes && datagram.size() <= 0xffff);
  std::uint8_t* p = datagram.data();
  write<udp_field::kSourcePort>(p, source_port);
  write<udp_field::kDestinationPort>(p, destination_port);
  write<udp_field::kLength>(p, static_cast<std::uint16_t>(datagram.size()));
  write<udp_field::kChecksum>(p, 0);
}

void UdpHeader::emit(MutableBytes datagram, const IpAddress& source,
                     const IpAddress& destination) const {
  emit_without_checksum(datagram);
  std::uint8_t* p = datagram.data();
  InternetChecksum sum;
  sum.add_pseudo_header(source, destination, kUdpNumber,
                        static_cast<std::uint16_t>(datagram.size()));
  sum.add(datagram);
  // RFC 768: a computed checksum of zero is transmitted as all ones.
  const std::uint16_t computed = sum.finish();
  write<udp_field::kChecksum>(p, computed == 0 ? 0xffff : computed);
}

}  // namespace strata::wire
