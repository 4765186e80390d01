// SPDX-License-Identifier: MIT
// One packet in a few words, as the ladder shows it: "SYN seq 0 <mss 1460>", "DATA 1:1461",
// "RETX 1461:2921 (fast retransmit)", "ARP who has 10.0.1.1". TCP numbers are relative to the
// initial sequence numbers, as Wireshark counts them.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "sim/trace/recording.h"
#include "stack/base/seq32.h"
#include "stack/wire/datagram.h"
#include "stack/wire/tcp.h"
#include "tools/views/text.h"

namespace strata::views {

struct Label {
  std::string text;
  Role role = Role::plain;
  IpAddress source;          // unspecified when it is no datagram
  bool is_ordinary = false;  // in-order data or a plain ACK: a run of them may be folded
};

// The octets of a packet and what they begin with: ethernet for a frame, ipv4 or a protocol above
// it for a packet that never became one; physical when there are none.
struct PacketOctets {
  Bytes octets;
  Protocol outermost = Protocol::physical;
  wire::DissectOptions format;  // of a frame
};
PacketOctets octets_of(const trace::Recording& recording, PacketUid uid);

// Labels packets; remembers the initial sequence numbers of the flows it has met.
class Labeller {
 public:
  explicit Labeller(const trace::Recording& recording) : recording_(recording) {}
  Label label(PacketUid uid);
  // Of a frame with a TCP segment: its numbers counted from the initial ones, as in the label.
  struct RelativeNumbers {
    std::uint32_t sequence = 0;
    std::uint32_t acknowledgement = 0;
  };
  std::optional<RelativeNumbers> relative_numbers(PacketUid uid);

 private:
  // One SYN (or, where none was recorded, the first segment) of one side of a flow. An address and
  // port pair may be used again: the last one before a packet counts.
  struct Beginning {
    trace::EventIndex index = 0;
    Endpoint sender;
    Seq32 sequence;
  };

  const std::vector<Beginning>& beginnings_of(const trace::Flow& flow);
  static bool knows(const std::vector<Beginning>& all, const Endpoint& sender);
  // Adds what an event says about where a side of the flow began.
  void add_beginnings(trace::EventIndex index, std::vector<Beginning>& all) const;
  RelativeNumbers relative_numbers(PacketUid uid, const FlowKey& key, const wire::TcpHeader& tcp);
  std::uint32_t relative(const FlowKey& key, trace::EventIndex at, Seq32 number);
  std::string tcp_text(PacketUid uid, const wire::Datagram& datagram, Label& label);

  const trace::Recording& recording_;
  std::map<std::uint32_t, std::vector<Beginning>> beginnings_;  // by flow
};

}  // namespace strata::views
