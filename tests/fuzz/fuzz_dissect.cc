// SPDX-License-Identifier: MIT
// The dissector over arbitrary frames: every bit belongs to exactly one field of exactly one layer,
// and every layer lies inside the frame.
#include <algorithm>
#include <utility>
#include <vector>

#include "stack/wire/dissect.h"
#include "tests/fuzz/fuzz.h"

namespace strata::fuzz {

// The first byte chooses the link type and whether there is an FCS.
STRATA_FUZZ_TARGET(dissect) {
  using wire::LinkType;
  InputReader reader(input);
  const std::uint8_t choice = reader.u8();
  const Bytes frame = reader.rest();
  const LinkType link_type = choice % 3 == 0   ? LinkType::ethernet
                             : choice % 3 == 1 ? LinkType::raw_ip
                                               : LinkType::ethernet_physical;
  const wire::Dissection dissection =
      wire::dissect(frame, {.link_type = link_type, .has_fcs = choice < 0x80});

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
