// SPDX-License-Identifier: MIT
// Reassembly of IPv4 fragments (RFC 791 3.2, RFC 1122 3.3.2). Fragments are kept as they arrived,
// sorted by offset; no hole list is needed, since a datagram is complete when its last fragment is
// known and the octets held add up (overlaps never enter the list).
//
// Overlapping fragments serve attacks only: the whole datagram is dropped, and what still arrives
// of it, until its time is up (RFC 5722 section 4, applied to IPv4). An exact duplicate is ignored.
// The clock of a datagram starts with its first fragment and is never restarted (RFC 1122 3.3.2).
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <vector>

#include "stack/base/packet.h"
#include "stack/network/drop_log.h"
#include "stack/wire/ipv4.h"

namespace strata::network {

class Reassembler {
 public:
  // `drops` must outlive the reassembler. `bytes_max` bounds the buffers held; the oldest
  // datagrams make room.
  Reassembler(const NodeContext& context, DropLog& drops, Duration timeout, std::size_t bytes_max);

  // Takes a fragment: packet.bytes() is the datagram, header included, trimmed to its length, and
  // `header` is that header parsed. Returns the whole datagram if it is complete now: the header of
  // the first fragment with the flags and offset cleared, and all the payload. A fragment that is
  // refused is counted and traced here.
  std::optional<Packet> add(Packet fragment, const wire::Ipv4Header& header, PortId port,
                            Instant now);

  struct Expired {
    Packet first_fragment;  // the one with offset zero; empty if it never came
  };
  // Takes out one datagram whose time is up, oldest first; its fragments are counted and traced.
  std::optional<Expired> pop_expired(Instant now);
  Instant next_deadline() const;

  std::size_t bytes_held() const { return bytes_held_; }
  std::size_t datagrams() const { return partials_.size(); }

 private:
  // RFC 791 3.2: "identification, source, destination, and protocol fields"; RFC 1122 3.3.2.
  struct Key {
    Ipv4Address source;
    Ipv4Address destination;
    IpProtocol protocol{};
    std::uint16_t identification = 0;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Fragment {
    std::uint32_t begin = 0;  // of the payload, bytes
    std::uint32_t end = 0;
    std::uint16_t header_bytes = 0;
    std::uint8_t ecn = 0;
    Packet packet;
    Bytes payload() const { return packet.bytes().subspan(header_bytes); }
  };
  struct Partial {  // a datagram some of whose fragments are here
    Key key;
    Instant deadline{};
    PortId port{};
    std::vector<Fragment> fragments;     // sorted by begin, disjoint
    std::uint32_t octets = 0;            // payload held
    std::optional<std::uint32_t> total;  // payload of the datagram, once its last fragment came
    std::optional<DropReason> refused;   // dropped for this; what still arrives follows it
  };
  using Partials = std::list<Partial>;  // oldest first

  enum class Fit { fits, duplicate, overlap, malformed };
  static Fit fit(const Partial& partial, const Fragment& fragment, bool is_last);
  Partial& find_or_add(const Key& key, PortId port, Instant now);
  std::optional<Packet> complete(Partial& partial, Instant arrival, Instant now);
  void refuse(Partial& partial, DropReason reason, Instant now);
  void drop_fragments(Partial& partial, DropReason reason, Instant now);
  void remove(Partial& partial);
  void evict(Instant now);

  NodeContext context_;
  DropLog& drops_;
  Duration timeout_;
  std::size_t bytes_max_;
  std::size_t bytes_held_ = 0;
  Partials partials_;
  std::map<Key, Partials::iterator> index_;
};

}  // namespace strata::network
