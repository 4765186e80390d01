// SPDX-License-Identifier: MIT
// Which connection a packet of a script belongs to, and how the numbers of the script and those on
// the wire are related. A script counts from the initial sequence numbers and may leave out ports;
// the stack chooses its own. The number of the peer's SYN is the script's to choose.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <utility>

#include "sim/packetdrill/machine.h"
#include "sim/packetdrill/script.h"

namespace strata::packetdrill {

struct Flow {
  Endpoint local;   // of the stack, as on the wire
  Endpoint remote;  // of the peer
  // What a script that names ports calls them.
  std::optional<std::uint16_t> script_local_port;
  std::optional<std::uint16_t> script_remote_port;
  // The stack's initial sequence number on the wire; none until its SYN was seen. Its numbers are
  // relative to it, except on SYNs, which carry what the script calls it.
  std::optional<std::uint32_t> offset;
  std::uint32_t script_isn = 0;
  // The same of the peer, from the last SYN that it sent: its numbers are relative after that.
  std::uint32_t peer_offset = 0;
  bool syn_arrived = false;  // since `offset` was learnt: the next SYN,ACK may have another number
  // Time stamps of the stack: what the script called them and what they were.
  std::map<std::uint32_t, std::uint32_t> stamps;
  std::optional<std::pair<std::uint32_t, std::uint32_t>> first_stamp;  // script, wire
  std::optional<std::pair<std::uint32_t, std::uint32_t>> last_stamp;

  // The peer's SYN that came last; it begins its numbering once the stack has answered it.
  std::uint32_t peer_syn = 0;
  bool is_numbered = false;
  void on_sent(const wire::TcpHeader& header) {
    const bool is_syn = header.has(wire::tcp_flag::kSyn);
    if (!header.has(wire::tcp_flag::kAck) || header.has(wire::tcp_flag::kRst)) return;
    if (!is_syn && is_numbered) return;
    is_numbered = true;
    peer_offset = peer_syn;
  }
  // What to add to a number of the stack in the script, on a SYN or on another segment.
  std::uint32_t shift(bool on_syn = false) const {
    return offset.value_or(0) - (on_syn ? script_isn : 0);
  }
  // A time stamp of the stack by its name in the script; by distance from the last one if that
  // name has not occurred.
  std::uint32_t stamp_on_wire(std::uint32_t script) const;
};

class Flows {
 public:
  Flows(Ipv4Address local, Ipv4Address remote) : local_(local), remote_(remote) {}

  // listen() was called: the next SYN without ports begins a connection of its own.
  void on_listen(std::uint16_t port);
  // connect() or the like has chosen a local port.
  void on_connect(const Endpoint& local, const Endpoint& remote);
  // A datagram socket has a local port.
  void on_datagram_socket(std::uint16_t port);

  // The flow of a packet that the script injects.
  Flow& inbound(const PacketSpec& packet);
  // The flow of a packet that the stack has sent.
  Flow& of(const Sniffed& packet);
  // The stack has sent this; a flow that is known counts from it.
  void on_sent(const Sniffed& packet);
  // The packet belongs to a connection that the script has left behind for another.
  bool is_left_behind(const Sniffed& packet);

 private:
  Flow* find(const Sniffed& packet);
  Flow& add(const Flow& flow);
  Flow& current();

  Ipv4Address local_;
  Ipv4Address remote_;
  std::deque<Flow> flows_;
  Flow* current_ = nullptr;
  bool is_listening_ = false;
  std::uint16_t listen_port_ = 8080;
  std::uint16_t next_remote_port_ = 53055;
};

}  // namespace strata::packetdrill
