// SPDX-License-Identifier: MIT
#include "stack/wire/tcp.h"

#include <optional>

#include "stack/base/protocol.h"

namespace strata::wire {
namespace {

constexpr auto kTcpNumber = static_cast<std::uint8_t>(IpProtocol::tcp);

// Everything but the checksum, which is left zero.
void emit_fields(const TcpHeader& header, MutableBytes segment) {
  STRATA_ASSERT(header.options.size() % 4 == 0 && segment.size() >= header.header_bytes());
  std::uint8_t* p = segment.data();
  write<tcp_field::kSourcePort>(p, header.source_port);
  write<tcp_field::kDestinationPort>(p, header.destination_port);
  write<tcp_field::kSequence>(p, header.sequence.raw());
  write<tcp_field::kAcknowledgement>(p, header.acknowledgement.raw());
  write<tcp_field::kDataOffset>(p, header.header_bytes() / 4);
  write<tcp_field::kReserved>(p, header.reserved);
  write<tcp_field::kFlags>(p, header.flags);
  write<tcp_field::kWindow>(p, header.window);
  write<tcp_field::kChecksum>(p, 0);
  write<tcp_field::kUrgentPointer>(p, header.urgent_pointer);
  if (!header.options.empty()) {
    const Bytes bytes = header.options.bytes();
    std::copy(bytes.begin(), bytes.end(), p + TcpHeader::kBytesMin);
  }
}

// Why a segment cannot be one; nullopt if it can.
std::optional<DropReason> fault_of(Bytes segment, const IpAddress& source,
                                   const IpAddress& destination, bool verify) {
  if (segment.size() < TcpHeader::kBytesMin) return DropReason::transport_truncated;
  const std::size_t header_bytes = read<tcp_field::kDataOffset>(segment.data()) * 4;
  if (header_bytes < TcpHeader::kBytesMin || header_bytes > segment.size()) {
    return DropReason::transport_malformed;
  }
  if (!verify) return std::nullopt;
  // RFC 9293 3.1 (MUST-3): the receiver MUST check the checksum.
  InternetChecksum checksum;
  checksum.add_pseudo_header(source, destination, kTcpNumber,
                             static_cast<std::uint32_t>(segment.size()));
  checksum.add(segment);
  if (!checksum.is_valid()) return DropReason::transport_checksum;
  return std::nullopt;
}

}  // namespace

Parsed<TcpHeader> TcpHeader::parse(Bytes segment, const IpAddress& source,
                                   const IpAddress& destination, bool verify) {
  Parsed<TcpHeader> header;
  if (const auto fault = fault_of(segment, source, destination, verify)) {
    header = tl::unexpected(*fault);
    return header;
  }
  const std::uint8_t* p = segment.data();
  header->source_port = static_cast<std::uint16_t>(read<tcp_field::kSourcePort>(p));
  header->destination_port = static_cast<std::uint16_t>(read<tcp_field::kDestinationPort>(p));
  header->sequence = Seq32{static_cast<std::uint32_t>(read<tcp_field::kSequence>(p))};
  header->acknowledgement = Seq32{static_cast<std::uint32_t>(read<tcp_field::kAcknowledgement>(p))};
  header->reserved = static_cast<std::uint8_t>(read<tcp_field::kReserved>(p));
  header->flags = static_cast<std::uint8_t>(read<tcp_field::kFlags>(p));
  header->window = static_cast<std::uint16_t>(read<tcp_field::kWindow>(p));
  header->checksum = static_cast<std::uint16_t>(read<tcp_field::kChecksum>(p));
  header->urgent_pointer = static_cast<std::uint16_t>(read<tcp_field::kUrgentPointer>(p));
  const std::size_t header_bytes = read<tcp_field::kDataOffset>(p) * 4;
  if (header_bytes > kBytesMin) {
    header->options = OptionBytes{segment.subspan(kBytesMin, header_bytes - kBytesMin)};
  }
  return header;
}

void TcpHeader::emit(MutableBytes segment, const IpAddress& source,
                     const IpAddress& destination) const {
  emit_fields(*this, segment);
  InternetChecksum sum;
  sum.add_pseudo_header(source, destination, kTcpNumber,
                        static_cast<std::uint32_t>(segment.size()));
  sum.add(segment);
  write<tcp_field::kChecksum>(segment.data(), sum.finish());
}

void TcpHeader::emit(MutableBytes segment, const IpAddress& source, const IpAddress& destination,
                     const InternetChecksum& payload_sum) const {
  emit_fields(*this, segment);
  InternetChecksum sum;
  sum.add_pseudo_header(source, destination, kTcpNumber,
                        static_cast<std::uint32_t>(segment.size()));
  sum.add(segment.first(header_bytes()));
  // The header has an even length, so the payload's folded sum is one more 16-bit word.
  sum.add16(static_cast<std::uint16_t>(~payload_sum.finish()));
  write<tcp_field::kChecksum>(segment.data(), sum.finish());
}

}  // namespace strata::wire
