// SPDX-License-Identifier: MIT
#include "stack/transport/ports.h"

#include "stack/base/assert.h"
#include "stack/base/bytes.h"
#include "stack/transport/tcp/flow_octets.h"

namespace strata::transport {
namespace {

constexpr std::size_t kAddressBytes = 16;
constexpr std::size_t kMessageBytes = 1 + 2 * kAddressBytes + 2;

}  // namespace

std::size_t PortTable::PortHash::operator()(std::uint16_t port) const {
  return static_cast<std::size_t>(std::uint64_t{port} * 0x9e3779b97f4a7c15U) ^ (port >> 3);
}

PortTable::Use PortTable::use_of(const Endpoint& local) const {
  if (local.address.is_unspecified()) {
    const Use* all = ports_.find(local.port);
    return all == nullptr ? Use{} : *all;
  }
  Use sum;
  for (const Endpoint& overlapping : {local, wildcard_of(local)}) {
    if (const Use* use = locals_.find(overlapping)) {
      sum.total += use->total;
      sum.keeps_address += use->keeps_address;
      sum.keeps_port += use->keeps_port;
      sum.bound += use->bound;
    }
  }
  return sum;
}

bool PortTable::can_bind(const PortHold& wanted) const {
  const Use use = use_of(wanted.local);
  return use.total == 0 || (wanted.reuses_address && use.keeps_address == 0) ||
         (wanted.reuses_port && use.keeps_port == 0);
}

void PortTable::hold(const PortHold& hold) {
  for (Use* use : {&locals_[hold.local], &ports_[hold.local.port]}) {
    ++use->total;
    if (!hold.reuses_address) ++use->keeps_address;
    if (!hold.reuses_port) ++use->keeps_port;
    if (hold.is_bound) ++use->bound;
  }
}

void PortTable::release(const PortHold& hold) {
  Use* local = locals_.find(hold.local);
  Use* port = ports_.find(hold.local.port);
  STRATA_ASSERT(local != nullptr && port != nullptr);
  for (Use* use : {local, port}) {
    --use->total;
    if (!hold.reuses_address) --use->keeps_address;
    if (!hold.reuses_port) --use->keeps_port;
    if (hold.is_bound) --use->bound;
  }
  if (local->total == 0) locals_.erase(hold.local);
  if (port->total == 0) ports_.erase(hold.local.port);
}

EphemeralPorts::EphemeralPorts(const SecretKey& key) : key_(key) {
  for (std::size_t i = 0; i < increments_.size(); ++i) {
    const std::array<std::uint8_t, 2> message{0xff, static_cast<std::uint8_t>(i)};
    increments_[i] = static_cast<std::uint16_t>(keyed_hash(key_, message));
  }
}

EphemeralPorts::Sequence EphemeralPorts::sequence_of(const IpAddress& local,
                                                     const Endpoint& remote) const {
  std::array<std::uint8_t, kMessageBytes> message{};
  tcp::store_address(local, &message[1]);
  tcp::store_address(remote.address, &message[1 + kAddressBytes]);
  store_be16(&message[1 + 2 * kAddressBytes], remote.port);
  // RFC 6056 3.3.4: F and G are independent; the first octet tells them apart.
  message[0] = 1;
  const std::uint64_t f = keyed_hash(key_, message);
  message[0] = 2;
  const std::uint64_t g = keyed_hash(key_, message);
  return {.offset = static_cast<std::uint32_t>(f >> 32),
          .index = static_cast<std::size_t>(g % kIncrements)};
}

}  // namespace strata::transport
