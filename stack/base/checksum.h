// SPDX-License-Identifier: MIT
// The Internet checksum (RFC 1071): ones' complement sum of 16-bit words, carried in a wide
// accumulator and folded once. Adding may be split at any byte; odd lengths are handled as RFC 1071
// section 1 asks. The zero rules of UDP (RFC 768) live with the UDP header, not here.
#pragma once

#include <cstdint>

#include "stack/base/address.h"
#include "stack/base/bytes.h"

namespace strata {

class InternetChecksum {
 public:
  // Adds a run of bytes that continues the previous ones.
  void add(Bytes bytes);
  // Adds one 16-bit word in host order. Only at an even offset (asserted).
  void add16(std::uint16_t word);
  void add32(std::uint32_t words);
  // IPv4 pseudo-header (RFC 9293 3.1, RFC 768) or the IPv6 one (RFC 8200 8.1), by version.
  // `length` is the upper-layer length in octets.
  void add_pseudo_header(const IpAddress& source, const IpAddress& destination,
                         std::uint8_t protocol, std::uint32_t length);
  // Copies `source` to `target` (same size or larger) and adds it, in one pass.
  void add_copy(Bytes source, std::uint8_t* target);

  // The value for the header's checksum field, host order.
  std::uint16_t finish() const;
  // True if everything added, transmitted checksum included, sums to all ones: nothing was damaged.
  bool is_valid() const { return finish() == 0; }

 private:
  std::uint64_t sum_ =
      0;  // of little- or big-endian words as loaded; folded and swapped at the end
  bool odd_ = false;
};

// The checksum field for one contiguous run (a header with its checksum field zeroed).
std::uint16_t internet_checksum(Bytes bytes);

// RFC 1624 equation 3: the checksum after one 16-bit word of the covered data changed.
std::uint16_t update_checksum(std::uint16_t checksum, std::uint16_t old_word,
                              std::uint16_t new_word);

}  // namespace strata
