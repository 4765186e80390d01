// SPDX-License-Identifier: MIT
#include "stack/link/mac_table.h"

#include <algorithm>

namespace strata::link {

std::uint64_t MacTable::key(const MacAddress& address, std::uint16_t vlan) {
  std::uint64_t value = vlan;
  for (const std::uint8_t octet : address.octets()) value = (value << 8) | octet;
  return value;
}

MacTable::Learned MacTable::learn(const MacAddress& address, std::uint16_t vlan, PortId port,
                                  Instant now) {
  const std::uint64_t key = MacTable::key(address, vlan);
  const auto found = index_.find(key);
  if (found == index_.end()) {
    if (index_.size() >= entries_max_) return Learned::table_full;
    index_.emplace(key, order_.insert(order_.end(), {address, vlan, port, now}));
    return Learned::added;
  }
  MacTableEntry& entry = *found->second;
  if (entry.last_seen != now) {
    entry.last_seen = now;
    order_.splice(order_.end(), order_, found->second);
  }
  if (entry.port == port) return Learned::known;
  entry.port = port;
  return Learned::moved;
}

const MacTableEntry* MacTable::find(const MacAddress& address, std::uint16_t vlan) const {
  const auto found = index_.find(key(address, vlan));
  return found == index_.end() ? nullptr : &*found->second;
}

bool MacTable::expire_one(Instant now, MacTableEntry& expired) {
  if (order_.empty() || now < after(order_.front().last_seen, ageing_)) return false;
  expired = order_.front();
  index_.erase(key(expired.address, expired.vlan));
  order_.pop_front();
  return true;
}

std::vector<MacTableEntry> MacTable::remove_port(PortId port) {
  std::vector<MacTableEntry> removed;
  for (auto entry = order_.begin(); entry != order_.end();) {
    if (entry->port != port) {
      ++entry;
      continue;
    }
    removed.push_back(*entry);
    index_.erase(key(entry->address, entry->vlan));
    entry = order_.erase(entry);
  }
  return removed;
}

std::vector<MacTableEntry> MacTable::entries() const {
  std::vector<MacTableEntry> sorted(order_.begin(), order_.end());
  std::ranges::sort(sorted, {},
                    [](const MacTableEntry& entry) { return key(entry.address, entry.vlan); });
  return sorted;
}

}  // namespace strata::link
