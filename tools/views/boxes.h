// SPDX-License-Identifier: MIT
// One frame as nested boxes: every layer a box inside the one that carries it, every byte shown
// with the field it belongs to. Below 80 columns the same rows stand in a flat tree.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "stack/base/bytes.h"
#include "stack/base/protocol.h"
#include "stack/wire/dissect.h"
#include "tools/views/text.h"

namespace strata::views {

// What is known about a frame beside its bytes.
struct BoxesInput {
  Bytes frame;                              // Ethernet header to FCS; a datagram if !on_link
  bool on_link = true;                      // draw the physical layer around it
  wire::Dissection dissection;              // of exactly these bytes
  Text title;                               // above the boxes
  std::string medium;                       // "10 Mbit/s, Manchester"; empty when unknown
  std::uint64_t rate_bps = 0;               // 0: unknown or infinitely fast
  std::vector<std::uint32_t> flipped_bits;  // the medium flipped these (most significant first)
  std::set<Protocol> collapsed;             // only the title of these boxes
  std::size_t data_rows_max = 8;            // rows of payload shown; 0: all
};

Page boxes(const BoxesInput& input, const Options& options);

}  // namespace strata::views
