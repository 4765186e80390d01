// SPDX-License-Identifier: MIT
#include "stack/wire/ipv4.h"

#include <optional>

#include "stack/base/checksum.h"

namespace strata::wire {
namespace {

constexpr std::uint8_t kVersion4 = 4;

// What is wrong with the first octets, the total length and the checksum aside, which a quoted
// datagram may fail.
std::optional<DropReason> fault_of(Bytes datagram) {
  if (datagram.size() < Ipv4Header::kBytesMin) return DropReason::header_truncated;
  const std::uint8_t* p = datagram.data();
  if (read<ipv4_field::kVersion>(p) != kVersion4) return DropReason::bad_version;
  const std::size_t header_bytes = read<ipv4_field::kHeaderLength>(p) * 4;
  if (header_bytes < Ipv4Header::kBytesMin) return DropReason::bad_header_length;
  if (header_bytes > datagram.size()) return DropReason::header_truncated;
  if (read<ipv4_field::kTotalLength>(p) < header_bytes) return DropReason::bad_total_length;
  return std::nullopt;
}

Parsed<Ipv4Header> parse_fields(Bytes datagram) {
  Parsed<Ipv4Header> header;
  if (const std::optional<DropReason> fault = fault_of(datagram)) {
    header = tl::unexpected(*fault);
    return header;
  }
  const std::uint8_t* p = datagram.data();
  const auto flags = static_cast<std::uint8_t>(read<ipv4_field::kFlags>(p));
  header->dscp = static_cast<std::uint8_t>(read<ipv4_field::kDscp>(p));
  header->ecn = static_cast<std::uint8_t>(read<ipv4_field::kEcn>(p));
  header->total_length = static_cast<std::uint16_t>(read<ipv4_field::kTotalLength>(p));
  header->identification = static_cast<std::uint16_t>(read<ipv4_field::kIdentification>(p));
  header->dont_fragment = (flags & ipv4_flag::kDontFragment) != 0;
  header->more_fragments = (flags & ipv4_flag::kMoreFragments) != 0;
  header->fragment_offset = static_cast<std::uint16_t>(read<ipv4_field::kFragmentOffset>(p) * 8);
  header->ttl = static_cast<std::uint8_t>(read<ipv4_field::kTimeToLive>(p));
  header->protocol = static_cast<IpProtocol>(read<ipv4_field::kProtocol>(p));
  header->checksum = static_cast<std::uint16_t>(read<ipv4_field::kChecksum>(p));
  header->source = Ipv4Address{static_cast<std::uint32_t>(read<ipv4_field::kSource>(p))};
  header->destination = Ipv4Address{static_cast<std::uint32_t>(read<ipv4_field::kDestination>(p))};
  const std::size_t header_bytes = read<ipv4_field::kHeaderLength>(p) * 4;
  if (header_bytes > Ipv4Header::kBytesMin) {
    header->options =
        OptionBytes{datagram.subspan(Ipv4Header::kBytesMin, header_bytes - Ipv4Header::kBytesMin)};
  }
  return header;
}

// Of the header as emit() writes it: from the fields, since reading back what has just been written
// in other pieces makes the processor wait (see Parsed).
std::uint16_t checksum_of(const Ipv4Header& header, unsigned flags) {
  const unsigned first = unsigned{kVersion4} << 12 |
                         static_cast<unsigned>(header.header_bytes() / 4) << 8 |
                         unsigned{header.dscp} << 2 | header.ecn;
  const unsigned fragment = flags << 13 | header.fragment_offset / 8U;
  const unsigned ttl_and_protocol =
      unsigned{header.ttl} << 8 | static_cast<unsigned>(header.protocol);
  InternetChecksum sum;
  sum.add_words(std::uint64_t{first} + header.total_length + header.identification + fragment +
                ttl_and_protocol + header.source.value() + header.destination.value());
  sum.add(header.options.bytes());
  return sum.finish();
}

}  // namespace

Parsed<Ipv4Header> Ipv4Header::parse(Bytes datagram) {
  Parsed<Ipv4Header> header = parse_fields(datagram);
  if (!header) return header;
  if (header->total_length > datagram.size()) {
    header = tl::unexpected(DropReason::bad_total_length);
  } else if (internet_checksum(datagram.first(header->header_bytes())) != 0) {
    // RFC 1122 3.2.1.2: the checksum MUST be verified, and a bad datagram silently discarded.
    header = tl::unexpected(DropReason::header_checksum);
  }
  return header;
}

Parsed<Ipv4Header> Ipv4Header::parse_quoted(Bytes datagram) { return parse_fields(datagram); }

void Ipv4Header::emit(std::uint8_t* target) const {
  STRATA_ASSERT(options.size() % 4 == 0 && total_length >= header_bytes());
  const unsigned flags = (dont_fragment ? ipv4_flag::kDontFragment : 0U) |
                         (more_fragments ? ipv4_flag::kMoreFragments : 0U);
  write<ipv4_field::kVersion>(target, kVersion4);
  write<ipv4_field::kHeaderLength>(target, header_bytes() / 4);
  write<ipv4_field::kDscp>(target, dscp);
  write<ipv4_field::kEcn>(target, ecn);
  write<ipv4_field::kTotalLength>(target, total_length);
  write<ipv4_field::kIdentification>(target, identification);
  write<ipv4_field::kFlags>(target, flags);
  write<ipv4_field::kFragmentOffset>(target, fragment_offset / 8U);
  write<ipv4_field::kTimeToLive>(target, ttl);
  write<ipv4_field::kProtocol>(target, static_cast<std::uint8_t>(protocol));
  write<ipv4_field::kChecksum>(target, checksum_of(*this, flags));
  write<ipv4_field::kSource>(target, source.value());
  write<ipv4_field::kDestination>(target, destination.value());
  if (!options.empty()) {
    const Bytes bytes = options.bytes();
    std::copy(bytes.begin(), bytes.end(), target + kBytesMin);
  }
}

void decrement_ttl(MutableBytes header) {
  STRATA_ASSERT(header.size() >= Ipv4Header::kBytesMin);
  // The 16-bit word that changes holds the TTL in its high byte and the protocol in its low byte.
  std::uint8_t* word = header.data() + ipv4_field::kTimeToLive.bit_offset / 8;
  const std::uint16_t before = load_be16(word);
  STRATA_ASSERT(before >> 8 != 0);
  const auto after = static_cast<std::uint16_t>(before - 0x0100);
  store_be16(word, after);
  const auto checksum = static_cast<std::uint16_t>(read<ipv4_field::kChecksum>(header.data()));
  write<ipv4_field::kChecksum>(header.data(), update_checksum(checksum, before, after));
}

bool mark_congestion_experienced(MutableBytes header) {
  STRATA_ASSERT(header.size() >= Ipv4Header::kBytesMin);
  constexpr std::uint64_t kNotEct = 0;
  constexpr std::uint64_t kCe = 3;
  if (read<ipv4_field::kVersion>(header.data()) != 4) return false;
  const std::uint64_t ecn = read<ipv4_field::kEcn>(header.data());
  if (ecn == kNotEct) return false;
  // The first 16-bit word holds version, length, DSCP and ECN.
  const std::uint16_t before = load_be16(header.data());
  write<ipv4_field::kEcn>(header.data(), kCe);
  const std::uint16_t after = load_be16(header.data());
  const auto checksum = static_cast<std::uint16_t>(read<ipv4_field::kChecksum>(header.data()));
  write<ipv4_field::kChecksum>(header.data(), update_checksum(checksum, before, after));
  return true;
}

}  // namespace strata::wire
