// SPDX-License-Identifier: MIT
// The stack under test, one host on one cable, and the other end of the cable: virtual time, what
// the host has sent so far, and a peer that answers address resolution and nothing else. Every
// other packet that arrives is injected by the script.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "sim/packetdrill/cable.h"
#include "stack/base/tracer.h"
#include "stack/host/host.h"
#include "stack/wire/icmpv4.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/tcp.h"
#include "stack/wire/udp.h"

namespace strata::packetdrill {

// A packet that the host has sent.
struct Sniffed {
  Instant at{};
  wire::Ipv4Header ip;
  std::optional<wire::TcpHeader> tcp;
  std::optional<wire::UdpHeader> udp;
  std::optional<wire::Icmpv4Message> icmp;
  std::uint32_t payload_bytes = 0;  // of the transport protocol
  bool is_signed = false;           // with the key of the script (RFC 2385)
};

struct MachineConfig {
  Ipv4Address local{192, 168, 0, 1};
  std::uint8_t prefix_bits = 16;
  Ipv4Address gateway{192, 168, 0, 2};
  std::uint16_t mtu = 1500;
  std::uint64_t seed = 1;
  std::string signature_key;  // that the script knows (--tcp_md5_secret)
  tcp::Config tcp;
  network::NetworkConfig network;
};

class Machine {
 public:
  explicit Machine(const MachineConfig& config);

  Instant now() const { return now_; }
  socket::Sockets& sockets() { return host_.sockets(); }
  transport::Transport& transport() { return host_.transport(); }
  // Who observes it sees everything that happens, the frames on the cable included.
  Tracer& tracer() { return tracer_; }
  const Cable& cable() const { return cable_; }
  // Names for what is observed; the peer has the address `remote` and those around it.
  trace::Directory directory(Ipv4Address remote) const;
  // A call of the script returned.
  void note_call(int socket, std::string call, std::string result);

  // An IPv4 datagram arrives now. It may exceed the MTU, as what a card with receive offload hands
  // up does.
  void inject(Bytes datagram);
  // The MTU of its interface becomes another.
  void set_mtu(std::uint16_t mtu) { host_.set_port_mtu(PortId{0}, mtu); }
  // Takes what the host has to send now. To be called after each socket call.
  void transmit();
  // Moves time to `instant`; timers that expire before it are served, one that expires with it is
  // not yet.
  void advance(Instant instant);
  // When step() would have something to do; kNever: never.
  Instant next_deadline() const { return host_.next_deadline(); }
  // Serves the next timer if it expires by `limit`. False: there is none (and time stands).
  bool step(Instant limit);

  // What was sent and not yet looked at, oldest first.
  std::deque<Sniffed>& sniffed() { return sniffed_; }

 private:
  void on_frame(const OutgoingFrame& frame);
  void answer_arp(Bytes message);
  void put_frame(EtherType type, Bytes payload);

  PacketPool pool_;
  Tracer tracer_;
  Cable cable_{tracer_};
  host::Host host_;
  std::string signature_key_;
  Instant now_ = kStart;
  std::deque<Sniffed> sniffed_;
};

}  // namespace strata::packetdrill
