// SPDX-License-Identifier: MIT
#include "tests/support/frame_repair.h"

#include "stack/base/checksum.h"
#include "stack/base/crc32.h"

namespace strata::test {
namespace {

constexpr std::size_t kEthernetBytes = 14;
constexpr std::size_t kFcsBytes = 4;

void repair_transport(MutableBytes datagram, std::size_t header_bytes) {
  const std::uint8_t protocol = datagram[9];
  const MutableBytes payload = datagram.subspan(header_bytes);
  std::size_t field = 0;
  switch (protocol) {
    case 1:
      field = 2;
      break;
    case 6:
      field = 16;
      break;
    case 17:
      field = 6;
      break;
    default:
      return;
  }
  if (payload.size() < field + 2) return;
  store_be16(&payload[field], 0);
  InternetChecksum checksum;
  checksum.add(payload);
  if (protocol != 1) {
    checksum = InternetChecksum{};
    checksum.add_pseudo_header(Ipv4Address::load(&datagram[12]), Ipv4Address::load(&datagram[16]),
                               protocol, static_cast<std::uint32_t>(payload.size()));
    checksum.add(payload);
  }
  store_be16(&payload[field], checksum.finish());
}

void repair_ipv4(MutableBytes datagram) {
  if (datagram.size() < 20) return;
  const std::size_t header_bytes = (datagram[0] & 0x0fU) * std::size_t{4};
  const std::size_t total = load_be16(&datagram[2]);
  if (header_bytes < 20 || header_bytes > datagram.size() || total < header_bytes ||
      total > datagram.size()) {
    return;
  }
  const bool is_fragment = (load_be16(&datagram[6]) & 0x3fffU) != 0;
  if (!is_fragment) repair_transport(datagram.first(total), header_bytes);
  store_be16(&datagram[10], 0);
  store_be16(&datagram[10], internet_checksum(datagram.first(header_bytes)));
}

}  // namespace

void repair_fcs(MutableBytes frame) {
  if (frame.size() < kFcsBytes) return;
  const std::uint32_t fcs = crc32(frame.first(frame.size() - kFcsBytes));
  for (std::size_t i = 0; i < kFcsBytes; ++i) {
    frame[frame.size() - kFcsBytes + i] = static_cast<std::uint8_t>(fcs >> (8 * i));
  }
}

void repair_frame(MutableBytes frame) {
  if (frame.size() > kEthernetBytes + kFcsBytes && load_be16(&frame[12]) == 0x0800) {
    repair_ipv4(frame.subspan(kEthernetBytes, frame.size() - kEthernetBytes - kFcsBytes));
  }
  repair_fcs(frame);
}

}  // namespace strata::test
