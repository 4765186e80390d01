// SPDX-License-Identifier: MIT
#include "stack/link/address_claim.h"

#include <algorithm>
#include <array>
#include <utility>

namespace strata::link {
namespace {

// RFC 5227 1.1.
constexpr Duration kProbeWait{1s};
constexpr int kProbeNum = 3;
constexpr Duration kProbeMin{1s};
constexpr Duration kProbeMax{2s};
constexpr Duration kAnnounceWait{2s};
constexpr int kAnnounceNum = 2;
constexpr Duration kAnnounceInterval{2s};
constexpr Duration kDefendInterval{10s};

}  // namespace

AddressClaim::AddressClaim(std::vector<Ipv4Address> addresses, const Config& config,
                           const SecretKey& key, const MacAddress& own_mac)
    : addresses_(std::move(addresses)), key_(key), own_mac_(own_mac) {
  if (addresses_.empty()) return;
  if (config.probe || config.announce) announcements_left_ = kAnnounceNum;
  if (config.announce) next_ = kStart;
  if (config.probe) {
    is_probing_ = true;
    probes_left_ = kProbeNum;
    next_ = kStart + random_up_to(kProbeWait, 0);
  }
}

bool AddressClaim::is_own(Ipv4Address address) const {
  return std::ranges::find(addresses_, address) != addresses_.end();
}

bool AddressClaim::may_use(Ipv4Address address) const {
  if (is_probing_ && is_own(address)) return false;
  return std::ranges::find(refused_, address) == refused_.end();
}

// RFC 5227 2.1.1: "any ARP packet (Request *or* Reply) [...] where the packet's 'sender IP address'
// is the address being probed for", and any probe of another station for it.
bool AddressClaim::contradicts(const wire::ArpMessage& message) const {
  if (!is_probing_ || message.sender_mac == own_mac_) return false;
  return is_own(message.sender_ip) ||
         (message.sender_ip.is_unspecified() && is_own(message.target_ip));
}

void AddressClaim::refuse(Ipv4Address address) {
  if (std::erase(addresses_, address) == 0) return;
  refused_.push_back(address);
  if (!addresses_.empty()) return;
  is_probing_ = false;
  next_ = kNever;
}

bool AddressClaim::should_defend(Ipv4Address address, Instant now) {
  const auto [last, is_first] = last_conflict_.try_emplace(address, now);
  const bool is_recent = !is_first && now - last->second < kDefendInterval;
  last->second = now;
  return !is_recent;
}

AddressClaim::Step AddressClaim::take_step(Instant now) {
  if (probes_left_ > 0) {
    --probes_left_;
    const auto step = static_cast<std::uint8_t>(kProbeNum - probes_left_);
    const Duration wait =
        probes_left_ > 0 ? kProbeMin + random_up_to(kProbeMax - kProbeMin, step) : kAnnounceWait;
    next_ = after(now, wait);
    return Step::probe;
  }
  is_probing_ = false;
  next_ = --announcements_left_ > 0 ? after(now, kAnnounceInterval) : kNever;
  return Step::announce;
}

// Stations that start together must not probe together: each has random delays of its own.
Duration AddressClaim::random_up_to(Duration limit, std::uint8_t step) const {
  std::array<std::uint8_t, MacAddress::kBytes + 1> name{};
  own_mac_.store(name.data());
  name.back() = step;
  const std::uint64_t limit_count = static_cast<std::uint64_t>(limit.count());
  return Duration{static_cast<std::int64_t>(keyed_hash(key_, name) % (limit_count + 1))};
}

}  // namespace strata::link
