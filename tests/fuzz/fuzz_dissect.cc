// SPDX-License-Identifier: MIT
// The dissector over arbitrary frames: every bit belongs to exactly one field of exactly one layer,
// and every layer lies inside the frame.
#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "stack/wire/datagram.h"
#include "stack/wire/dissect.h"
#include "tests/fuzz/fuzz.h"

namespace strata::fuzz {

// The first byte chooses the link type and whether there is an FCS.
STRATA_FUZZ_TARGET(dissect) {
  using wire::LinkType;
  InputReader reader(input);
  const std::uint8_t choice = reader.u8();
  const Bytes frame = reader.rest();
  constexpr std::array kLinkTypes{LinkType::ethernet,          LinkType::raw_ip,
                                  LinkType::ethernet_physical, LinkType::linux_cooked,
                                  LinkType::linux_cooked_v2,   LinkType::null};
  const LinkType link_type = kLinkTypes[choice % kLinkTypes.size()];
  const wire::DissectOptions options{.link_type = link_type,
                                     .has_fcs = choice < 0x80,
                                     .bytes_left_out = choice >= 0xe0 ? choice : std::size_t{0}};
  const wire::Dissection dissection = wire::dissect(frame, options);
  if (const auto datagram = wire::datagram_in(frame, options)) {
    STRATA_FUZZ_EXPECT(datagram->payload.size() <= datagram->payload_bytes);
  }

  std::vector<std::pair<std::size_t, std::size_t>> runs;
  for (const auto& layer : dissection.layers) {
    STRATA_FUZZ_EXPECT(layer.header_bytes <= layer.total_bytes);
    STRATA_FUZZ_EXPECT(layer.offset + layer.total_bytes <= frame.size());
    for (const auto& field : layer.fields) {
      STRATA_FUZZ_EXPECT(field.bit_width > 0 && field.bit_offset >= layer.offset * 8);
      STRATA_FUZZ_EXPECT(field.bit_offset + field.bit_width <=
                         (layer.offset + layer.header_bytes) * 8);
      runs.emplace_back(field.bit_offset, field.bit_width);
    }
  }
  std::ranges::sort(runs);
  std::size_t next = 0;
  for (const auto& [offset, width] : runs) {
    STRATA_FUZZ_EXPECT(offset == next);
    next += width;
  }
  STRATA_FUZZ_EXPECT(next == frame.size() * 8);
  STRATA_FUZZ_EXPECT(!dissection.line.empty());
}

}  // namespace strata::fuzz
