// SPDX-License-Identifier: MIT
#include "stack/physical/framing.h"

#include <algorithm>

#include "stack/base/crc32.h"
#include "stack/base/uint128.h"

namespace strata::physical {
namespace {

constexpr std::uint64_t kNanosecondsPerSecond = 1'000'000'000;

Duration clamp(Uint128 nanoseconds) {
  constexpr auto longest = static_cast<Uint128>(Duration::max().count());
  return Duration{static_cast<Duration::rep>(std::min(nanoseconds, longest))};
}

}  // namespace

std::uint32_t compute_fcs(Bytes covered) { return crc32(covered); }

std::uint32_t stored_fcs(Bytes frame) {
  STRATA_ASSERT(frame.size() >= kFcsBytes);
  const std::uint8_t* p = frame.data() + frame.size() - kFcsBytes;
  return std::uint32_t{p[0]} | (std::uint32_t{p[1]} << 8) | (std::uint32_t{p[2]} << 16) |
         (std::uint32_t{p[3]} << 24);
}

bool has_valid_fcs(Bytes frame) {
  return frame.size() >= kFcsBytes &&
         compute_fcs(frame.first(frame.size() - kFcsBytes)) == stored_fcs(frame);
}

void store_fcs(std::uint8_t* target, std::uint32_t fcs) {
  for (std::size_t i = 0; i < kFcsBytes; ++i) {
    target[i] = static_cast<std::uint8_t>(fcs >> (8 * i));
  }
}

void append_fcs(Packet& packet) {
  const std::uint32_t fcs = compute_fcs(packet.bytes());
  store_fcs(packet.push_back(kFcsBytes).data(), fcs);
}

void append_no_fcs(Packet& packet) {
  std::ranges::fill(packet.push_back(kFcsBytes), std::uint8_t{0});
}

std::size_t pad(Packet& packet, std::size_t bytes_min) {
  if (packet.size() >= bytes_min) return 0;
  const std::size_t missing = bytes_min - packet.size();
  std::ranges::fill(packet.push_back(missing), std::uint8_t{0});
  return missing;
}

std::vector<std::uint8_t> with_preamble(Bytes frame) {
  std::vector<std::uint8_t> octets;
  octets.reserve(kPreambleAndStartBytes + frame.size());
  octets.assign(kPreambleBytes, kPreambleOctet);
  octets.push_back(kStartDelimiter);
  octets.insert(octets.end(), frame.begin(), frame.end());
  return octets;
}

std::optional<Bytes> without_preamble(Bytes octets) {
  const auto start =
      std::ranges::find_if(octets, [](std::uint8_t octet) { return octet != kPreambleOctet; });
  if (start == octets.end() || *start != kStartDelimiter) return std::nullopt;
  return octets.subspan(static_cast<std::size_t>(start - octets.begin()) + 1);
}

Duration TransmissionClock::transmit(std::uint64_t bits) {
  if (rate_bps_ == 0) return Duration::zero();
  constexpr std::uint64_t kBitsOfAnyFrame = std::uint64_t{1} << 32;
  if (bits < kBitsOfAnyFrame && remainder_ < std::uint64_t{1} << 62) [[likely]] {
    const std::uint64_t scaled = bits * kNanosecondsPerSecond + remainder_;
    remainder_ = scaled % rate_bps_;
    return Duration{static_cast<Duration::rep>(scaled / rate_bps_)};
  }
  const auto scaled = static_cast<Uint128>(bits) * kNanosecondsPerSecond + remainder_;
  remainder_ = static_cast<std::uint64_t>(scaled % rate_bps_);
  return clamp(scaled / rate_bps_);
}

}  // namespace strata::physical
