// SPDX-License-Identifier: MIT
#include "stack/network/ip_options.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace strata::network {
namespace {

constexpr std::uint8_t kRouteHeader = 3;      // type, length, pointer
constexpr std::uint8_t kTimestampHeader = 4;  // type, length, pointer, overflow and flags
constexpr std::size_t kAddress = Ipv4Address::kBytes;

enum TimestampFlag : std::uint8_t { times_only = 0, with_addresses = 1, listed_addresses = 3 };

std::uint8_t octet(std::size_t value) { return static_cast<std::uint8_t>(value); }

std::size_t timestamp_slot_bytes(std::uint8_t flag) { return flag == times_only ? 4 : 8; }

// A pointer counts octets from the type octet, from one: the slot it names begins one before.
bool has_room(Bytes option) { return option[2] <= option[1]; }

// Checks the option `option` (its length octet is sound) as far as this layer acts on it. Returns
// the offset of the octet in error.
std::optional<std::uint8_t> problem_in_route(Bytes option) {
  if (option.size() < kRouteHeader) return octet(1);
  const std::size_t pointer = option[2];
  // RFC 791 3.1: the smallest legal value is 4; room for part of an address only is an error.
  const bool is_partial = pointer <= option.size() && pointer + kAddress - 1 > option.size();
  if (pointer <= kRouteHeader || is_partial) return octet(2);
  return std::nullopt;
}

std::optional<std::uint8_t> problem_in_timestamp(Bytes option) {
  if (option.size() < kTimestampHeader) return octet(1);
  const std::uint8_t flag = option[3] & 0x0f;
  if (flag != times_only && flag != with_addresses && flag != listed_addresses) return octet(3);
  const std::size_t pointer = option[2];
  const bool is_partial =
      pointer <= option.size() && pointer + timestamp_slot_bytes(flag) - 1 > option.size();
  if (pointer <= kTimestampHeader || is_partial) return octet(2);
  return std::nullopt;
}

// Calls visit(offset, option) for each option but padding, as long as lengths are sound and it
// returns true. Returns the offset of an unsound length.
template <typename Visit>
std::optional<std::uint8_t> walk(Bytes options, Visit&& visit) {
  std::size_t at = 0;
  while (at < options.size()) {
    const auto kind = IpOption{options[at]};
    if (kind == IpOption::end) break;
    if (kind == IpOption::no_operation) {
      ++at;
      continue;
    }
    if (at + 1 == options.size()) return octet(at);
    const std::size_t length = options[at + 1];
    // RFC 1122 3.2.1.8: must not crash on a length outside the possible range.
    if (length < 2 || length > options.size() - at) return octet(at + 1);
    if (!visit(at, options.subspan(at, length))) break;
    at += length;
  }
  return std::nullopt;
}

// Collects options for a header of ours and pads them.
class OptionCollector {
 public:
  void add(Bytes option) {
    if (option.size() > bytes_.size() - size_) return;
    std::ranges::copy(option, bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
    size_ += option.size();
  }
  wire::OptionBytes finish() const {
    return wire::OptionBytes{Bytes{bytes_}.first((size_ + 3) / 4 * 4)};
  }

 private:
  std::array<std::uint8_t, wire::OptionBytes::kBytesMax> bytes_{};  // zero is end of list
  std::size_t size_ = 0;
};

// RFC 1122 3.2.1.8 (c): a recorded route read backwards; `requester` itself, which some hosts
// wrongly put first, is left out. Empty if nothing was recorded.
wire::OptionBytes reversed_route(Bytes option, Ipv4Address requester) {
  std::array<std::uint8_t, wire::OptionBytes::kBytesMax> reversed{};
  const std::size_t recorded = std::min<std::size_t>(option[2] - 1U, option.size());
  std::size_t size = kRouteHeader;
  for (std::size_t end = recorded; end >= kRouteHeader + kAddress; end -= kAddress) {
    const Ipv4Address hop = Ipv4Address::load(&option[end - kAddress]);
    if (hop == requester && end == kRouteHeader + kAddress) break;
    hop.store(&reversed[size]);
    size += kAddress;
  }
  if (size == kRouteHeader) return {};
  reversed[0] = option[0];
  reversed[1] = octet(size);
  reversed[2] = kRouteHeader + 1;
  return wire::OptionBytes{Bytes{reversed}.first(size)};
}

}  // namespace

OptionMap map_options(Bytes options) {
  OptionMap map;
  std::optional<std::uint8_t> inner_problem;
  const auto unsound = walk(options, [&](std::size_t at, Bytes option) {
    std::optional<std::uint8_t> problem;
    switch (IpOption{option[0]}) {
      case IpOption::record_route:
        problem = problem_in_route(option);
        if (!map.record_route) map.record_route = octet(at);
        break;
      case IpOption::timestamp:
        problem = problem_in_timestamp(option);
        if (!map.timestamp) map.timestamp = octet(at);
        break;
      case IpOption::loose_source_route:
      case IpOption::strict_source_route:
        // RFC 1812 5.2.4.1: of two source routes, the second is the error.
        problem = map.source_route ? octet(0) : problem_in_route(option);
        map.source_route = octet(at);
        map.is_strict = IpOption{option[0]} == IpOption::strict_source_route;
        break;
      case IpOption::end:
      case IpOption::no_operation:
        break;
      default:  // RFC 1122 3.2.1.8, RFC 1812 4.2.2.6: ignore what is not understood
        break;
    }
    if (problem) inner_problem = octet(at + *problem);
    return !problem;
  });
  map.problem = unsound ? unsound : inner_problem;
  return map;
}

std::optional<Ipv4Address> next_source_route_hop(Bytes options, std::size_t at) {
  const Bytes option = options.subspan(at);
  if (!has_room(option)) return std::nullopt;
  return Ipv4Address::load(&option[option[2] - 1U]);
}

std::optional<Ipv4Address> begin_source_route(MutableBytes options, std::size_t at,
                                              Ipv4Address destination) {
  const MutableBytes route =
      options.subspan(at + kRouteHeader, std::size_t{options[at + 1]} - kRouteHeader);
  if (route.size() < kAddress || route.size() % kAddress != 0) return std::nullopt;
  const Ipv4Address first = Ipv4Address::load(route.data());
  std::memmove(route.data(), route.data() + kAddress, route.size() - kAddress);
  destination.store(route.last(kAddress).data());
  options[at + 2] = kRouteHeader + 1;
  return first;
}

void record_route(MutableBytes options, std::size_t at, Ipv4Address own) {
  const MutableBytes option = options.subspan(at);
  if (!has_room(option)) return;
  own.store(&option[option[2] - 1U]);
  option[2] = octet(option[2] + kAddress);
}

std::optional<Ipv4Address> awaited_timestamp_address(Bytes options, std::size_t at) {
  const Bytes option = options.subspan(at);
  if ((option[3] & 0x0f) != listed_addresses || !has_room(option)) return std::nullopt;
  return Ipv4Address::load(&option[option[2] - 1U]);
}

bool record_timestamp(MutableBytes options, std::size_t at, Ipv4Address own, Instant now) {
  const MutableBytes option = options.subspan(at);
  if (!has_room(option)) {
    if ((option[3] >> 4) == 15) return false;
    option[3] = octet(option[3] + 0x10U);
    return true;
  }
  std::uint8_t* slot = &option[option[2] - 1U];
  const std::uint8_t flag = option[3] & 0x0f;
  if (flag == with_addresses) own.store(slot);
  if (flag != times_only) slot += kAddress;
  // RFC 791 3.1: time that is not relative to midnight UT has the high bit set.
  constexpr std::uint32_t kNotUniversalTime = 0x80000000U;
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(now - kStart);
  store_be32(slot, kNotUniversalTime | static_cast<std::uint32_t>(elapsed.count() % 86'400'000));
  option[2] = octet(option[2] + timestamp_slot_bytes(flag));
  return true;
}

wire::OptionBytes copied_options(Bytes options) {
  OptionCollector collector;
  walk(options, [&](std::size_t, Bytes option) {
    if ((option[0] & kOptionCopied) != 0) collector.add(option);
    return true;
  });
  return collector.finish();
}

wire::OptionBytes return_route(Bytes options, Ipv4Address requester) {
  const OptionMap map = map_options(options);
  if (map.problem || !map.source_route) return {};
  if (next_source_route_hop(options, *map.source_route)) return {};
  const Bytes option = options.subspan(*map.source_route);
  OptionCollector collector;
  collector.add(reversed_route(option.first(option[1]), requester).bytes());
  return collector.finish();
}

wire::OptionBytes reply_options(Bytes options, Ipv4Address requester, Ipv4Address own) {
  const OptionMap map = map_options(options);
  OptionCollector collector;
  if (map.source_route) {
    const Bytes option = options.subspan(*map.source_route);
    collector.add(reversed_route(option.first(option[1]), requester).bytes());
  }
  if (map.record_route) {
    std::array<std::uint8_t, wire::OptionBytes::kBytesMax> copy{};
    const Bytes option = options.subspan(*map.record_route);
    const MutableBytes recorded = MutableBytes{copy}.first(option[1]);
    std::ranges::copy(option.first(option[1]), recorded.begin());
    record_route(recorded, 0, own);
    collector.add(recorded);
  }
  if (map.timestamp) {
    const Bytes option = options.subspan(*map.timestamp);
    collector.add(option.first(option[1]));
  }
  return collector.finish();
}

}  // namespace strata::network
