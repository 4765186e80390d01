// SPDX-License-Identifier: MIT
#include "sim/inference/sightings.h"

#include <algorithm>

#include "sim/trace/fingerprint.h"

namespace strata::inference {
namespace {

// No network takes longer; a host that sends the same again has waited longer or says so in the
// identification.
constexpr Duration kLongestWay = 1s;

std::uint64_t key_of(const wire::Datagram& datagram) {
  trace::StreamHash hash;
  hash.add(as_bytes(to_text(datagram.source)));
  hash.add(as_bytes(to_text(datagram.destination)));
  hash.add(static_cast<std::uint64_t>(datagram.protocol));
  hash.add(datagram.identification);
  hash.add(datagram.fragment_offset);
  hash.add(datagram.payload_bytes);
  // The header of a transport protocol has a checksum over all the rest, which one of two captures
  // may have cut off.
  constexpr std::size_t kCompared = 20;
  hash.add(datagram.payload.first(std::min(datagram.payload.size(), kCompared)));
  return hash.value();
}

}  // namespace

PacketUid Sightings::first_seen_as(PacketUid uid, Instant time, std::uint32_t interface,
                                   const wire::Datagram& datagram) {
  const auto [found, is_new] = known_.try_emplace(key_of(datagram));
  Known& known = found->second;
  const bool is_sighting = !is_new && time - known.time <= kLongestWay &&
                           std::find(known.interfaces.begin(), known.interfaces.end(), interface) ==
                               known.interfaces.end();
  if (!is_sighting) known = {.first = uid, .time = time, .interfaces = {}};
  known.interfaces.push_back(interface);
  return known.first;
}

}  // namespace strata::inference
