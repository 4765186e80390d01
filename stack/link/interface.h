// SPDX-License-Identifier: MIT
// An Ethernet interface of a host or router. Read first: RFC 894 (IP over Ethernet), RFC 1122 2.3,
// IEEE 802.3 clauses 3 and 4, IEEE 802.1Q 9.
//
// Down: a datagram gets the Ethernet header (and 802.1Q tag), padding to the minimum frame and the
// FCS, and goes to the FrameSink. Up: length, FCS and destination are checked, FCS and headers come
// off, ARP is handled here, and what is left is the network layer's. The frame is real bytes at
// every step; each step is a HeaderPushed or HeaderPulled event.
//
// Not here: queueing and transmission time, which are the link model's; and padding on the way up,
// because only the network layer knows where its datagram ends.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stack/base/tracer.h"
#include "stack/link/arp_cache.h"
#include "stack/wire/ethernet.h"

namespace strata::link {

// Where finished frames go: the node's output queue.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  // `frame` is complete: Ethernet header to FCS.
  virtual void transmit(PortId port, Packet frame, Instant now) = 0;
  // next_deadline() of the interface may have changed: whoever keeps the earliest of many asks it
  // again. Not called for each packet, only when address resolution is at work.
  virtual void on_deadline_moved(PortId /*port*/) {}
};

// Told when queued datagrams could not be delivered because the neighbour never answered
// (RFC 1122 2.4 with 3.3.1.2: the network layer may then send ICMP host unreachable).
class NeighbourListener {
 public:
  virtual ~NeighbourListener() = default;
  virtual void on_neighbour_unreachable(PortId port, Packet datagram, Instant now) = 0;
};

struct InterfaceConfig {
  std::string name;  // "eth0"
  MacAddress mac;
  std::uint16_t mtu = 1500;           // largest datagram, bytes
  std::optional<std::uint16_t> vlan;  // 802.1Q VID: frames are sent tagged, others are not accepted
  bool verify_fcs = true;             // off: a lesson in what the checksums above catch
  // Datagrams beyond the MTU are accepted, as a card that merges segments on receipt hands them up.
  bool large_receive = false;
  bool promiscuous = false;            // frames for other stations are accepted too
  std::vector<Ipv4Address> addresses;  // answered by ARP
  ArpConfig arp;
};

struct ReceivedFrame {
  EtherType type{};
  MacAddress source;
  MacAddress destination;
  bool is_broadcast = false;
  bool is_group = false;  // broadcast or multicast
  // Addressed to another station and accepted because the interface is promiscuous: to be looked
  // at, never forwarded or answered.
  bool is_for_other = false;
};

// An Ethernet interface of a host or router with its ARP cache. Same four-call shape as a node:
// receive(), transmit() through the sink, next_deadline(), on_deadline().
class Interface final : private NeighbourPort {
 public:
  // `sink` and `listener` must outlive the interface.
  Interface(const NodeContext& context, PortId port, InterfaceConfig config, FrameSink& sink,
            NeighbourListener& listener);
  const InterfaceConfig& config() const { return config_; }
  PortId port() const { return port_; }
  // The largest datagram from now on, for what is sent and what is accepted.
  void set_mtu(std::uint16_t mtu) { config_.mtu = mtu; }
  // From now on the FCS of frames is neither made nor checked: four octets of zero stand for it.
  // Only for a medium that cannot change a frame and that nobody looks at, and for both of its
  // ends.
  void trust_medium() { trusts_medium_ = true; }

  // Sends an IPv4 datagram to the neighbour `next_hop`: resolves it by ARP first if need be,
  // holding a bounded number of packets per unresolved neighbour. A multicast or limited broadcast
  // `next_hop` needs no resolution (RFC 1112 6.4). A datagram larger than the MTU is dropped: the
  // network layer fragments.
  void send(Packet datagram, Ipv4Address next_hop, Instant now);
  // Sends to the link-layer broadcast address (RFC 1122 3.3.6).
  void send_broadcast(Packet datagram, Instant now);
  // Checks FCS, length and destination, strips the header (padding stays: only the network layer
  // knows the length) and handles ARP itself. Returns what the network layer must process; nullopt
  // when the frame was consumed or dropped (counted, traced).
  std::optional<ReceivedFrame> receive(Packet& packet, Instant now);

  // Unanswered requests, and announcements at the start if they are configured.
  Instant next_deadline() const { return neighbours_.next_deadline(); }
  void on_deadline(Instant now) {
    neighbours_.on_deadline(now);
    sink_.on_deadline_moved(port_);
  }

  // See NeighbourCache::doubt().
  void doubt_neighbour(Ipv4Address neighbour) { neighbours_.doubt(neighbour); }
  // Forgets what was learned (the link went down).
  void flush_neighbours(Instant now) {
    neighbours_.flush(now);
    sink_.on_deadline_moved(port_);
  }
  std::vector<NeighbourEntry> neighbours() const { return neighbours_.entries(); }
  // How often another station used one of our addresses (RFC 5227 2.4).
  std::uint64_t address_conflicts() const { return neighbours_.conflicts(); }
  const DropCounters& drops() const { return drops_; }

 private:
  // What check() has found around the datagram, the Ethernet header aside.
  struct Encapsulation {
    std::size_t tag_bytes = 0;  // of an 802.1Q tag
    bool is_snap = false;       // 802.3 with LLC and SNAP headers (RFC 1042)
    std::size_t snap_payload_bytes = 0;
  };

  void send_arp(Packet message, const MacAddress& destination, Instant now) override;
  void send_resolved(Packet datagram, const MacAddress& neighbour, Instant now) override;
  void on_unresolved(Packet datagram, Instant now) override;
  void drop(const Packet& packet, DropReason reason, Instant now) override;

  void transmit(Packet packet, EtherType type, const MacAddress& destination, Instant now);
  void push_header(Packet& packet, EtherType type, const MacAddress& destination, Instant now);
  void push_trailer(Packet& packet, Instant now);
  std::optional<DropReason> check(const Packet& packet, ReceivedFrame& frame,
                                  Encapsulation& around) const;
  static bool open_snap(Bytes frame, EtherType& type, Encapsulation& around);
  void pull_headers(Packet& packet, const Encapsulation& around, Instant now);

  NodeContext context_;
  PortId port_;
  InterfaceConfig config_;
  FrameSink& sink_;
  NeighbourListener& listener_;
  NeighbourCache neighbours_;
  bool trusts_medium_ = false;
  DropCounters drops_;
};

}  // namespace strata::link
