// SPDX-License-Identifier: MIT
#include "stack/network/reassembly.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "stack/base/assert.h"

namespace strata::network {
namespace {

constexpr std::uint8_t kNotEct = 0;  // RFC 3168 section 5
constexpr std::uint8_t kCongestionExperienced = 3;
// Bookkeeping per datagram, so that remembering refused ones is not free either.
constexpr std::size_t kPartialBytes = 256;

std::size_t buffer_bytes(const Packet& packet) {
  return packet.headroom() + packet.size() + packet.tailroom();
}

}  // namespace

Reassembler::Reassembler(const NodeContext& context, DropLog& drops, Duration timeout,
                         std::size_t bytes_max)
    : context_(context), drops_(drops), timeout_(timeout), bytes_max_(bytes_max) {}

std::optional<Packet> Reassembler::add(Packet packet, const wire::Ipv4Header& header, PortId port,
                                       Instant now) {
  Fragment fragment{
      .begin = header.fragment_offset,
      .end = static_cast<std::uint32_t>(header.fragment_offset + header.payload_bytes()),
      .header_bytes = static_cast<std::uint16_t>(header.header_bytes()),
      .ecn = header.ecn,
      .packet = std::move(packet)};
  const bool is_last = !header.more_fragments;
  // RFC 791 3.2: all fragments but the last carry a multiple of eight octets; none is empty. A
  // datagram that would exceed 65535 octets is an attack on the buffer.
  if (fragment.begin == fragment.end || (!is_last && header.payload_bytes() % 8 != 0) ||
      header.header_bytes() + fragment.end > wire::Ipv4Header::kDatagramBytesMax) {
    drops_.drop(fragment.packet, DropReason::fragment_malformed, port, now);
    return std::nullopt;
  }

  Partial& partial = find_or_add(
      {header.source, header.destination, header.protocol, header.identification}, port, now);
  if (partial.refused) {
    drops_.drop(fragment.packet, *partial.refused, port, now);
    return std::nullopt;
  }
  switch (fit(partial, fragment, is_last)) {
    case Fit::duplicate:
      return std::nullopt;
    case Fit::overlap:
      drops_.drop(fragment.packet, DropReason::fragment_overlap, port, now);
      refuse(partial, DropReason::fragment_overlap, now);
      return std::nullopt;
    case Fit::malformed:
      drops_.drop(fragment.packet, DropReason::fragment_malformed, port, now);
      refuse(partial, DropReason::fragment_malformed, now);
      return std::nullopt;
    case Fit::fits:
      break;
  }

  const Instant arrival = fragment.packet.arrival();
  if (is_last) partial.total = fragment.end;
  partial.octets += fragment.end - fragment.begin;
  bytes_held_ += buffer_bytes(fragment.packet);
  const auto position =
      std::ranges::upper_bound(partial.fragments, fragment.begin, {}, &Fragment::begin);
  partial.fragments.insert(position, std::move(fragment));
  if (partial.octets == partial.total) return complete(partial, arrival, now);
  evict(now);
  return std::nullopt;
}

Reassembler::Fit Reassembler::fit(const Partial& partial, const Fragment& fragment, bool is_last) {
  if (partial.total &&
      (is_last ? fragment.end != *partial.total : fragment.end >= *partial.total)) {
    return Fit::malformed;
  }
  if (is_last && !partial.fragments.empty() && partial.fragments.back().end > fragment.end) {
    return Fit::malformed;
  }
  const auto next =
      std::ranges::lower_bound(partial.fragments, fragment.begin, {}, &Fragment::begin);
  if (next != partial.fragments.end() && next->begin < fragment.end) {
    const bool is_same =
        next->begin == fragment.begin && std::ranges::equal(next->payload(), fragment.payload());
    return is_same ? Fit::duplicate : Fit::overlap;
  }
  if (next != partial.fragments.begin() && std::prev(next)->end > fragment.begin) {
    return Fit::overlap;
  }
  return Fit::fits;
}

Reassembler::Partial& Reassembler::find_or_add(const Key& key, PortId port, Instant now) {
  const auto found = index_.find(key);
  if (found != index_.end()) return *found->second;
  partials_.push_back({.key = key, .deadline = after(now, timeout_), .port = port});
  index_.emplace(key, std::prev(partials_.end()));
  bytes_held_ += kPartialBytes;
  return partials_.back();
}

std::optional<Packet> Reassembler::complete(Partial& partial, Instant arrival, Instant now) {
  const Fragment& first = partial.fragments.front();
  const auto parsed = wire::Ipv4Header::parse_quoted(first.packet.bytes());
  STRATA_ASSERT(parsed.has_value());  // it was parsed when it arrived
  wire::Ipv4Header header = *parsed;
  bool has_not_ect = false;
  bool has_congestion = false;
  for (const Fragment& fragment : partial.fragments) {
    has_not_ect |= fragment.ecn == kNotEct;
    has_congestion |= fragment.ecn == kCongestionExperienced;
  }
  // RFC 3168 5.3: congestion seen by any fragment must not be lost; a mix with fragments that
  // cannot carry the mark makes no sense and is dropped. The options of the first fragment may be
  // longer than those of the one that was measured.
  if ((has_congestion && has_not_ect) ||
      header.header_bytes() + *partial.total > wire::Ipv4Header::kDatagramBytesMax) {
    refuse(partial, DropReason::fragment_malformed, now);
    return std::nullopt;
  }
  if (has_congestion) header.ecn = kCongestionExperienced;
  header.total_length = static_cast<std::uint16_t>(header.header_bytes() + *partial.total);
  header.more_fragments = false;

  Packet datagram = context_.pool->make(*partial.total);
  std::uint8_t* target = datagram.mutable_bytes().data();
  for (const Fragment& fragment : partial.fragments) {
    const Bytes payload = fragment.payload();
    std::memcpy(target + fragment.begin, payload.data(), payload.size());
  }
  header.emit(datagram.push_front(header.header_bytes(), Protocol::ipv4).data());
  datagram.set_parent(first.packet.uid(), Parentage::reassembly);
  datagram.set_arrival(arrival);
  context_.trace(now, datagram, [&] {
    return DatagramReassembled{.fragments = static_cast<std::uint32_t>(partial.fragments.size()),
                               .bytes = header.total_length,
                               .datagram = datagram.bytes()};
  });
  remove(partial);
  return datagram;
}

// RFC 5722 section 4: "the entire datagram (and any constituent fragments, including those not yet
// received) MUST be silently discarded": it stays listed, empty, until its time is up.
void Reassembler::refuse(Partial& partial, DropReason reason, Instant now) {
  drop_fragments(partial, reason, now);
  partial.refused = reason;
  evict(now);
}

void Reassembler::drop_fragments(Partial& partial, DropReason reason, Instant now) {
  for (const Fragment& fragment : partial.fragments) {
    drops_.drop(fragment.packet, reason, partial.port, now);
    bytes_held_ -= buffer_bytes(fragment.packet);
  }
  partial.fragments.clear();
  partial.octets = 0;
}

void Reassembler::remove(Partial& partial) {
  for (const Fragment& fragment : partial.fragments) bytes_held_ -= buffer_bytes(fragment.packet);
  bytes_held_ -= kPartialBytes;
  const auto found = index_.find(partial.key);
  const Partials::iterator position = found->second;
  index_.erase(found);
  partials_.erase(position);
}

// The oldest go first: they have had the longest chance to be completed.
void Reassembler::evict(Instant now) {
  while (bytes_held_ > bytes_max_ && !partials_.empty()) {
    drop_fragments(partials_.front(), DropReason::reassembly_limit, now);
    remove(partials_.front());
  }
}

std::optional<Reassembler::Expired> Reassembler::pop_expired(Instant now) {
  if (partials_.empty() || partials_.front().deadline > now) return std::nullopt;
  Partial& oldest = partials_.front();
  for (const Fragment& fragment : oldest.fragments) {
    drops_.drop(fragment.packet, DropReason::reassembly_timeout, oldest.port, now);
  }
  Expired expired;
  if (!oldest.fragments.empty() && oldest.fragments.front().begin == 0) {
    bytes_held_ -= buffer_bytes(oldest.fragments.front().packet);
    expired.first_fragment = std::move(oldest.fragments.front().packet);
    oldest.fragments.erase(oldest.fragments.begin());
  }
  remove(oldest);
  return expired;
}

Instant Reassembler::next_deadline() const {
  return partials_.empty() ? kNever : partials_.front().deadline;
}

}  // namespace strata::network
