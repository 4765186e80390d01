// SPDX-License-Identifier: MIT
// NeighbourCache: which MAC address an IPv4 neighbour has, found out by ARP. Read first: RFC 826
// (packet reception), RFC 1122 2.3.2 (validation, flooding, queue), RFC 1812 3.3.2. Whether our own
// addresses may be used at all is address_claim.h.
//
//                 packet to send
//      (none) ---------------------> incomplete --- requests_max unanswered ---> failed
//         |                              |  ^                                      |
//         | ARP packet for us            |  '----------- packet to send -----------'
//         |                any ARP packet from the neighbour
//         '--------------------> reachable <------------------------------.
//                                    |  older than reachable_time, in use  |
//                                    '-----------> stale -----------------'
//                                                    '--- polls_max unanswered ---> failed
//
// Sans-I/O: messages, packets and time in; messages, packets and a deadline out (through
// NeighbourPort). An entry ages without a timer: its age is looked at when a packet wants to use
// it, so a quiet network stays quiet and a simulation of one ends.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

#include "stack/base/deadline_heap.h"
#include "stack/base/tracer.h"
#include "stack/link/address_claim.h"
#include "stack/wire/arp.h"

namespace strata::link {

struct ArpConfig {
  Duration reachable_time{60s};   // RFC 1122 2.3.2.1: "on the order of a minute"
  Duration request_interval{1s};  // RFC 1122 2.3.2.1: at most one request per second per address
  int requests_max = 3;           // broadcast, unanswered, before the neighbour has failed
  int polls_max = 2;              // unicast, unanswered, before a stale entry is deleted
  std::size_t queue_packets_max = 16;  // held per unresolved neighbour; the oldest is dropped
  std::size_t entries_max = 512;       // the least recently used is evicted
  bool announce = false;               // gratuitous ARP on start (RFC 5227 2.3)
  bool probe = false;                  // ask first whether the address is free (RFC 5227 2.1)
};

// One line of the cache, as shown to people.
struct NeighbourEntry {
  IpAddress address;
  MacAddress mac;
  NeighbourState state{};
  Instant updated{};  // when the MAC address was last heard from the neighbour
  std::size_t waiting_packets = 0;
};

// What the cache asks of its interface.
class NeighbourPort {
 public:
  virtual ~NeighbourPort() = default;
  virtual void send_arp(Packet message, const MacAddress& destination, Instant now) = 0;
  // The neighbour of a waiting datagram was found.
  virtual void send_resolved(Packet datagram, const MacAddress& neighbour, Instant now) = 0;
  virtual void on_unresolved(Packet datagram, Instant now) = 0;  // it never answered
  virtual void drop(const Packet& packet, DropReason reason, Instant now) = 0;
};

class NeighbourCache {
 public:
  // `own_addresses` are those we answer for; the first is the sender of our requests. Limits of
  // zero in `config` count as one.
  NeighbourCache(const NodeContext& context, PortId port_id, const MacAddress& own_mac,
                 std::vector<Ipv4Address> own_addresses, const ArpConfig& config,
                 NeighbourPort& port);
  ~NeighbourCache();
  NeighbourCache(const NeighbourCache&) = delete;
  NeighbourCache& operator=(const NeighbourCache&) = delete;

  // The MAC address of a neighbour that is resolved and fresh; nullptr otherwise, and then the
  // datagram goes to resolve(). No allocation; a few nanoseconds.
  const MacAddress* find_fresh(Ipv4Address neighbour, Instant now) {
    Entry* entry = recent_[recent_index(neighbour)];
    if (entry == nullptr || entry->address != neighbour || now >= entry->fresh_until) {
      return nullptr;
    }
    entry->last_used = ++uses_;
    return &entry->mac;
  }
  // Sends `datagram` to `neighbour` when its MAC address is known, or holds it and asks.
  void resolve(Packet datagram, Ipv4Address neighbour, Instant now);

  // Processes an ARP message (RFC 826 "Packet Reception"): `packet` starts with it.
  void receive(const Packet& packet, Instant now);

  Instant next_deadline() const;
  void on_deadline(Instant now);

  // Something above suspects that `neighbour` does not answer any more: its entry goes stale, so
  // the next datagram to it asks whether it is there (RFC 1122 3.3.1.4, negative advice).
  void doubt(Ipv4Address neighbour);

  // Forgets all neighbours (the link went down); waiting packets are returned as unreachable.
  void flush(Instant now);
  std::vector<NeighbourEntry> entries() const;  // ordered by address
  // How often another station claimed one of our addresses (RFC 5227 2.1.1, 2.4).
  std::uint64_t conflicts() const { return conflicts_; }
  // Whether datagrams may leave from `source`: false for an own address that is still being probed
  // or belongs to somebody else (RFC 5227 2.1).
  bool may_use(Ipv4Address source) const { return claim_.may_use(source); }

 private:
  struct Entry {
    Ipv4Address address;
    MacAddress mac;
    NeighbourState state = NeighbourState::incomplete;
    Instant updated{};
    Instant fresh_until = Instant::min();   // when a reachable entry goes stale
    Instant next_request = Instant::min();  // not before this (RFC 1122 2.3.2.1)
    int unanswered = 0;                     // requests or polls since the last answer
    PacketUid first_request = kNoPacket;    // which those after it repeat
    std::uint64_t last_used = 0;
    std::vector<Packet> waiting;  // oldest first
    DeadlineSlot deadline_slot;   // of the next request or of giving up
  };

  static constexpr std::size_t kRecent = 64;
  static constexpr std::size_t recent_index(Ipv4Address address) {
    return (address.value() ^ (address.value() >> 8)) % kRecent;
  }

  Entry* find(Ipv4Address address);
  Entry& insert(Ipv4Address address, Instant now);
  void evict_least_recently_used(Instant now);
  void hold(Entry& entry, Packet datagram, Instant now);
  void go_stale(Entry& entry, const Packet& datagram, Instant now);
  void ask_when_allowed(Entry& entry, Instant now);
  void ask(Entry& entry, Instant now);
  void give_up(Entry& entry, Instant now);
  void learn(Entry* entry, const wire::ArpMessage& message, const Packet& packet, Instant now);
  void answer(const wire::ArpMessage& request, const Packet& packet, Instant now);
  void on_conflict(const wire::ArpMessage& message, const Packet& packet, Instant now);
  void on_refusal(const wire::ArpMessage& message, const Packet& packet, Instant now);
  void ask_about(Ipv4Address own, Ipv4Address sender, Instant now);
  Packet make_message(const wire::ArpMessage& message) const;
  void send(Packet message, const MacAddress& destination, Instant now);
  // `is_kept`: the entry is in the table after this.
  void report(const Entry& entry, std::string_view cause, const Packet* packet, Instant now,
              bool is_kept = true) const;

  NodeContext context_;
  PortId port_id_;
  MacAddress own_mac_;
  ArpConfig config_;
  NeighbourPort& port_;
  AddressClaim claim_;
  std::map<Ipv4Address, Entry> entries_;
  std::array<Entry*, kRecent> recent_{};  // direct-mapped front of entries_
  DeadlineHeap<Entry> deadlines_;
  std::uint64_t uses_ = 0;
  std::uint64_t conflicts_ = 0;
};

}  // namespace strata::link
