// SPDX-License-Identifier: MIT
#include "sim/congestion_mark.h"

#include "stack/physical/framing.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/ipv4.h"

namespace strata::sim {
namespace {

constexpr std::size_t kTypeOffset = 12;
constexpr std::uint16_t kIpv4 = 0x0800;
constexpr std::uint16_t kVlan = 0x8100;

}  // namespace

bool mark_congestion(MutableBytes frame) {
  std::size_t type_at = kTypeOffset;
  const auto has = [&](std::size_t end) { return frame.size() >= end + physical::kFcsBytes; };
  if (!has(type_at + 2)) return false;
  if (load_be16(&frame[type_at]) == kVlan) type_at += wire::VlanTag::kBytes;
  const std::size_t datagram = type_at + 2;
  if (!has(datagram + wire::Ipv4Header::kBytesMin)) return false;
  if (load_be16(&frame[type_at]) != kIpv4) return false;
  if (!wire::mark_congestion_experienced(frame.subspan(datagram))) return false;
  const std::size_t covered = frame.size() - physical::kFcsBytes;
  physical::store_fcs(&frame[covered], physical::compute_fcs(frame.first(covered)));
  return true;
}

}  // namespace strata::sim
