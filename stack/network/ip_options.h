// SPDX-License-Identifier: MIT
// IPv4 options (RFC 791 3.1, RFC 1122 3.2.1.8, RFC 1812 4.2.2.1 and 5.2.4.1). Unknown options are
// skipped by their length and passed on; record route and timestamps are filled in as the datagram
// passes; source routes are found here and judged by the caller's policy (RFC 7126).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "stack/base/address.h"
#include "stack/base/bytes.h"
#include "stack/base/time.h"
#include "stack/wire/ipv4.h"

namespace strata::network {

// The whole type octet: copied flag, class and number.
enum class IpOption : std::uint8_t {
  end = 0,
  no_operation = 1,
  record_route = 7,
  timestamp = 68,
  loose_source_route = 131,
  strict_source_route = 137,
};
inline constexpr std::uint8_t kOptionCopied = 0x80;

// Where the options that this layer acts on begin. Offsets count from the first option byte.
struct OptionMap {
  std::optional<std::uint8_t> record_route;
  std::optional<std::uint8_t> timestamp;
  std::optional<std::uint8_t> source_route;
  bool is_strict = false;
  // The options are malformed at this offset (RFC 1122 3.2.2.5: the pointer of a parameter
  // problem); nothing after it was read.
  std::optional<std::uint8_t> problem;
};
OptionMap map_options(Bytes options);

// The next address of a source route, or nullopt when it is used up (this is the final
// destination). `options` are well formed and have a source route at `at`, as map_options() found.
std::optional<Ipv4Address> next_source_route_hop(Bytes options, std::size_t at);
// Puts `own` in place of the hop just taken and moves the pointer on (RFC 791 3.1).
void advance_source_route(MutableBytes options, std::size_t at, Ipv4Address own);
// For the sender of a datagram to `destination`: takes out the first gateway of the route, which
// becomes the header's destination, and puts `destination` last. Nullopt for an empty route.
std::optional<Ipv4Address> begin_source_route(MutableBytes options, std::size_t at,
                                              Ipv4Address destination);

// Writes `own` in the next free slot; nothing if there is none (RFC 791 3.1).
void record_route(MutableBytes options, std::size_t at, Ipv4Address own);
// Writes the time (milliseconds, marked as not being universal time) in the next slot, with `own`
// if the option asks for addresses; counts an overflow when full. False if the overflow counter
// itself is full: the datagram is in error then (RFC 791 3.1). `is_own(a)` says whether an address
// listed by the sender is one of this node's.
template <typename IsOwn>
bool record_timestamp(MutableBytes options, std::size_t at, Ipv4Address own, IsOwn&& is_own,
                      Instant now);

// The options of fragments after the first: those with the copied flag, padded.
wire::OptionBytes copied_options(Bytes options);
// What an echo reply carries (RFC 1122 3.2.2.6): record route and timestamp as received, a
// completed source route reversed so that it leads back; `first_hop` receives its first gateway.
// Everything else is left out. Nullopt: no options.
struct ReplyOptions {
  wire::OptionBytes options;
  std::optional<Ipv4Address> first_hop;
};
ReplyOptions reply_options(Bytes options, Ipv4Address requester);

}  // namespace strata::network
