// SPDX-License-Identifier: MIT
// What the link-layer tests share: bytes from hexadecimal text, a recorder of events, and an
// interface on a bench whose frames and complaints are kept.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "stack/base/node.h"
#include "stack/base/tracer.h"
#include "stack/link/interface.h"

namespace strata::link {

using Octets = std::vector<std::uint8_t>;

inline const MacAddress kOwnMac{{0x02, 0, 0, 0, 0, 0x0a}};
inline const MacAddress kPeerMac{{0x02, 0, 0, 0, 0, 0xfe}};
inline const MacAddress kThirdMac{{0x02, 0, 0, 0, 0, 0x33}};
inline const Ipv4Address kOwnIp{10, 0, 1, 10};
inline const Ipv4Address kPeerIp{10, 0, 1, 254};
inline const Ipv4Address kThirdIp{10, 0, 1, 33};

// "ff ff 02 ..." with any blanks between octets.
Octets from_hex(std::string_view text);
Octets concat(std::initializer_list<Octets> parts);
// `frame` (destination address on) padded to 60 octets, with its FCS behind.
Octets sealed(Octets frame);
// Ethernet header, `payload`, padding, FCS.
Octets ethernet_frame(const MacAddress& destination, const MacAddress& source, std::uint16_t type,
                      const Octets& payload);
// An ARP message of 28 octets, field by field as RFC 826 lists them.
Octets arp_message(std::uint16_t operation, const MacAddress& sender_mac, Ipv4Address sender_ip,
                   const MacAddress& target_mac, Ipv4Address target_ip);

// Keeps events with a copy of the bytes they show.
class EventLog final : public Observer {
 public:
  struct Entry {
    Event event;  // spans in it have ended
    Octets bytes;
  };
  void on_event(const Event& event) override;
  const std::vector<Entry>& entries() const { return entries_; }
  void clear() { entries_.clear(); }
  template <typename E>
  std::vector<E> all() const {
    std::vector<E> found;
    for (const Entry& entry : entries_) {
      if (const E* body = std::get_if<E>(&entry.event.body)) found.push_back(*body);
    }
    return found;
  }

 private:
  std::vector<Entry> entries_;
};

// An interface with everything around it. Time is what the test passes.
class InterfaceBench : public FrameSink, public NeighbourListener {
 public:
  explicit InterfaceBench(InterfaceConfig config = default_config());
  static InterfaceConfig default_config();

  Interface& interface() { return *interface_; }
  EventLog& log() { return log_; }
  const EventLog& log() const { return log_; }
  PacketPool& pool() { return pool_; }

  // Sends a datagram of these octets; returns its uid.
  PacketUid send(Ipv4Address next_hop, Instant now, Octets datagram = {0x45});
  // Gives the interface a frame; the packet afterwards holds what was left of it.
  std::optional<ReceivedFrame> receive(const Octets& frame, Instant now);
  std::optional<ReceivedFrame> receive_arp(const Octets& message, Instant now);
  const Octets& received() const { return received_; }
  // Runs deadlines up to and including `until`.
  void run(Instant until);

  // Frames sent since the last call.
  std::vector<Octets> take_frames();
  std::vector<Packet>& sent() { return sent_; }
  std::vector<Packet>& unreachable() { return unreachable_; }
  // "incomplete request sent", "reachable reply", ...: neighbour events since the last call.
  std::vector<std::string> take_neighbour_events();

 private:
  void transmit(PortId port, Packet frame, Instant now) override;
  void on_neighbour_unreachable(PortId port, Packet datagram, Instant now) override;

  PacketPool pool_;
  Tracer tracer_;
  EventLog log_;
  std::vector<Packet> sent_;
  std::vector<Packet> unreachable_;
  Octets received_;
  std::unique_ptr<Interface> interface_;
};

}  // namespace strata::link
