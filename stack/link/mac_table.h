// SPDX-License-Identifier: MIT
// The filtering database of a learning switch (IEEE 802.1D 7.9): behind which port each MAC address
// was last seen, per VLAN.
//
// Entries are kept in the order they were last seen, so the expired ones are always at the front:
// ageing costs O(1) per entry and needs no timer. Expiry is applied before any lookup that could
// depend on it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <unordered_map>
#include <vector>

#include "stack/base/address.h"
#include "stack/base/ids.h"
#include "stack/base/time.h"

namespace strata::link {

struct MacTableEntry {
  MacAddress address;
  std::uint16_t vlan = 0;
  PortId port{};
  Instant last_seen{};
};

class MacTable {
 public:
  MacTable(Duration ageing, std::size_t entries_max) : ageing_(ageing), entries_max_(entries_max) {}

  enum class Learned : std::uint8_t { known, added, moved, table_full };
  // Notes that `address` was seen on `port`. Requires expire(now) before and a `now` that does not
  // go backwards.
  Learned learn(const MacAddress& address, std::uint16_t vlan, PortId port, Instant now);
  // The entry of an address; nullptr when it is unknown.
  const MacTableEntry* find(const MacAddress& address, std::uint16_t vlan) const;

  // Removes the entry that expired first and returns it in `expired`; false when none has.
  bool expire_one(Instant now, MacTableEntry& expired);
  // Removes and returns the entries of a port, oldest first.
  std::vector<MacTableEntry> remove_port(PortId port);

  std::vector<MacTableEntry> entries() const;  // ordered by VLAN, address
  std::size_t size() const { return index_.size(); }

 private:
  using Order = std::list<MacTableEntry>;  // least recently seen first
  static std::uint64_t key(const MacAddress& address, std::uint16_t vlan);

  Duration ageing_;
  std::size_t entries_max_;
  Order order_;
  std::unordered_map<std::uint64_t, Order::iterator> index_;  // looked up, never walked
};

}  // namespace strata::link
