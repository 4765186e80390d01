// SPDX-License-Identifier: MIT
// AddressClaim: whether an interface may use its IPv4 addresses (RFC 5227). Probing asks three
// times whether anybody has them (2.1.1), announcing says twice that we have (2.3), defending says
// it once more when another station claims one (2.4).
//
//      probe, probe, probe -- 2 s of silence --> announce, announce --> in use
//            '-- heard of by another station --> refused, for good
//
// Both are off unless configured: an address is in use from the start then. Sans-I/O: the cache
// asks what to send and tells what it heard.
#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "stack/base/address.h"
#include "stack/base/random.h"
#include "stack/base/time.h"
#include "stack/wire/arp.h"

namespace strata::link {

class AddressClaim {
 public:
  struct Config {
    bool probe = false;     // implies announce (RFC 5227 2.3)
    bool announce = false;  // gratuitous ARP
  };
  // `key` makes the random delays of this station (RFC 5227 2.1.1).
  AddressClaim(std::vector<Ipv4Address> addresses, const Config& config, const SecretKey& key,
               const MacAddress& own_mac);

  // Those that were not refused; the first is the one requests are sent from.
  const std::vector<Ipv4Address>& addresses() const { return addresses_; }
  bool is_own(Ipv4Address address) const;
  // While probing no address may be used in any message.
  bool is_probing() const { return is_probing_; }
  // False for an address of ours that is being probed or was refused.
  bool may_use(Ipv4Address address) const;

  // A message that arrived claims or probes for an address that we are probing: it is refused.
  bool contradicts(const wire::ArpMessage& message) const;
  void refuse(Ipv4Address address);
  // Another station uses `address`, which is in use here. True: defend it (RFC 5227 2.4 c).
  bool should_defend(Ipv4Address address, Instant now);

  Instant next_deadline() const { return next_; }
  enum class Step : std::uint8_t { probe, announce };
  // What to send for each of the addresses; next_deadline() must have come.
  Step take_step(Instant now);

 private:
  Duration random_up_to(Duration limit, std::uint8_t step) const;

  std::vector<Ipv4Address> addresses_;
  std::vector<Ipv4Address> refused_;
  SecretKey key_;
  MacAddress own_mac_;
  bool is_probing_ = false;
  int probes_left_ = 0;
  int announcements_left_ = 0;
  Instant next_ = kNever;
  std::map<Ipv4Address, Instant> last_conflict_;
};

}  // namespace strata::link
