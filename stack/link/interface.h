// SPDX-License-Identifier: MIT
// (contract; the owner completes the private part)
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "stack/base/tracer.h"
#include "stack/wire/ethernet.h"

namespace strata::link {

// Where finished frames go: the node's output queue.
class FrameSink {
 public:
  virtual ~FrameSink() = default;
  // `frame` is complete: Ethernet header to FCS.
  virtual void transmit(PortId port, Packet frame, Instant now) = 0;
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
  bool promiscuous = false;
  std::vector<Ipv4Address> addresses;  // answered by ARP
};

struct ReceivedFrame {
  EtherType type{};
  MacAddress source;
  MacAddress destination;
  bool is_broadcast = false;
  bool is_group = false;  // broadcast or multicast
};

struct NeighbourEntry {
  IpAddress address;
  MacAddress mac;
  NeighbourState state{};
  Instant updated{};
  std::size_t waiting_packets = 0;
};

// An Ethernet interface of a host or router with its ARP cache. Same four-call shape as a node:
// receive(), transmit() through the sink, next_deadline(), on_deadline().
class Interface {
 public:
  Interface(const NodeContext& context, PortId port, InterfaceConfig config, FrameSink& sink,
            NeighbourListener& listener);
  const InterfaceConfig& config() const;
  PortId port() const;

  // Sends an IPv4 datagram to the neighbour `next_hop`: resolves it by ARP first if need be, holding
  // a bounded number of packets per unresolved neighbour.
  void send(Packet datagram, Ipv4Address next_hop, Instant now);
  // Sends to the link-layer broadcast address (RFC 1122 3.3.6).
  void send_broadcast(Packet datagram, Instant now);
  // Checks FCS, length and destination, strips the header (padding stays: only the network layer
  // knows the length) and handles ARP itself. Returns what the network layer must process; nullopt
  // when the frame was consumed or dropped (counted, traced).
  std::optional<ReceivedFrame> receive(Packet& packet, Instant now);

  Instant next_deadline() const;
  void on_deadline(Instant now);

  std::vector<NeighbourEntry> neighbours() const;  // ordered by address
  const DropCounters& drops() const;
};

}  // namespace strata::link
