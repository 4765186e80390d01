// SPDX-License-Identifier: MIT
// Random but valid headers for the round-trip laws. Everything comes from the stream given.
#pragma once

#include <vector>

#include "stack/base/random.h"
#include "stack/wire/arp.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/icmpv4.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/tcp.h"
#include "stack/wire/udp.h"

namespace strata::wire {

class RandomHeaders {
 public:
  explicit RandomHeaders(std::string_view name) : random_(20'261'121, name) {}

  template <typename Integer>
  Integer number(std::uint64_t bound) {
    return static_cast<Integer>(random_.below(bound));
  }
  std::uint8_t u8() { return number<std::uint8_t>(256); }
  std::uint16_t u16() { return number<std::uint16_t>(65536); }
  std::uint32_t u32() { return static_cast<std::uint32_t>(random_.next()); }
  bool flip() { return random_.below(2) == 1; }
  Ipv4Address ip() { return Ipv4Address{u32()}; }
  MacAddress mac() { return MacAddress{{u8(), u8(), u8(), u8(), u8(), u8()}}; }
  std::vector<std::uint8_t> bytes(std::size_t size) {
    std::vector<std::uint8_t> octets(size);
    for (std::uint8_t& octet : octets) octet = u8();
    return octets;
  }
  OptionBytes options() { return OptionBytes{bytes(4 * random_.below(11))}; }

  EthernetHeader ethernet() {
    return {.destination = mac(), .source = mac(), .type = static_cast<EtherType>(u16())};
  }
  VlanTag vlan() {
    return {.priority = number<std::uint8_t>(8),
            .drop_eligible = flip(),
            .vlan = number<std::uint16_t>(4096),
            .type = static_cast<EtherType>(u16())};
  }
  ArpMessage arp() {
    return {.operation = static_cast<ArpOperation>(u16()),
            .sender_mac = mac(),
            .sender_ip = ip(),
            .target_mac = mac(),
            .target_ip = ip()};
  }
  Ipv4Header ipv4(std::size_t payload_bytes) {
    Ipv4Header header{.dscp = number<std::uint8_t>(64),
                      .ecn = number<std::uint8_t>(4),
                      .identification = u16(),
                      .dont_fragment = flip(),
                      .more_fragments = flip(),
                      .fragment_offset = static_cast<std::uint16_t>(8 * random_.below(8192)),
                      .ttl = u8(),
                      .protocol = static_cast<IpProtocol>(u8()),
                      .source = ip(),
                      .destination = ip(),
                      .options = options()};
    header.total_length = static_cast<std::uint16_t>(header.header_bytes() + payload_bytes);
    return header;
  }
  Icmpv4Message icmp() {
    return {.type = static_cast<IcmpType>(u8()), .code = u8(), .checksum = 0, .rest = u32()};
  }
  TcpHeader tcp() {
    return {.source_port = u16(),
            .destination_port = u16(),
            .sequence = Seq32{u32()},
            .acknowledgement = Seq32{u32()},
            .reserved = number<std::uint8_t>(16),
            .flags = u8(),
            .window = u16(),
            .checksum = 0,
            .urgent_pointer = u16(),
            .options = options()};
  }

 private:
  RandomStream random_;
};

}  // namespace strata::wire
