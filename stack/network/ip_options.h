// SPDX-License-Identifier: MIT
// IPv4 options (RFC 791 3.1, RFC 1122 3.2.1.8, RFC 1812 4.2.2.1 and 5.2.4.1). Unknown options are
// skipped by their length and passed on; record route and timestamps are filled in as the datagram
// passes; source routes are found here and judged by the caller's policy (RFC 7126).
#pragma once

#include <algorithm>
#include <array>
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
// For the sender of a datagram to `destination`: takes out the first gateway of the route, which
// becomes the header's destination, and puts `destination` last. Nullopt for an empty route.
std::optional<Ipv4Address> begin_source_route(MutableBytes options, std::size_t at,
                                              Ipv4Address destination);

// Writes `own` in the next slot and moves the pointer on; nothing if there is none left. For record
// route, and for a source route after its next hop was taken: the layout is the same (RFC 791 3.1).
void record_route(MutableBytes options, std::size_t at, Ipv4Address own);
// The address whose owner alone may write the next timestamp, if the sender listed addresses.
std::optional<Ipv4Address> awaited_timestamp_address(Bytes options, std::size_t at);
// Writes the time (milliseconds, marked as not being universal time) in the next slot, after `own`
// if the option asks for addresses; counts an overflow when it is full. False if the overflow
// counter is full too: the datagram is in error then (RFC 791 3.1).
bool record_timestamp(MutableBytes options, std::size_t at, Ipv4Address own, Instant now);

// The options of fragments after the first: those with the copied flag, padded.
wire::OptionBytes copied_options(Bytes options);
// The way back to `requester` by the source route that a datagram came by, reversed, as
// SendOptions::options wants it (RFC 1122 3.2.1.8 (c)). Empty without a completed source route and
// for options that are not well formed.
wire::OptionBytes return_route(Bytes options, Ipv4Address requester);
// What the reply to an echo request carries (RFC 1122 3.2.2.6): its record route, with `own` added,
// its timestamps, and a completed source route reversed (as SendOptions::options wants it).
// Anything else is left out. `options` are well formed; `requester` is where the reply goes.
wire::OptionBytes reply_options(Bytes options, Ipv4Address requester, Ipv4Address own);

// Lets `change` rewrite the options of `header`.
template <typename Change>
void edit_options(wire::Ipv4Header& header, Change&& change) {
  std::array<std::uint8_t, wire::OptionBytes::kBytesMax> copy{};
  const MutableBytes options = MutableBytes{copy}.first(header.options.size());
  std::ranges::copy(header.options.bytes(), options.begin());
  change(options);
  header.options = wire::OptionBytes{options};
}

}  // namespace strata::network
