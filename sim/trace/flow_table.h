// SPDX-License-Identifier: MIT
// FlowTable: numbers conversations from 1 in order of appearance. Recording, metrics and captures
// all ask it, so a flow has the same number in every view.
//
// A TCP flow appears with the first segment (or the move to SYN-SENT) of its active opener, a UDP
// flow with its first datagram. The opener is who sent that. Where the opener is outside the trace
// - a live run, whose other end is an operating system - the flow appears with what arrives from
// it, or at the latest with the answer: neither SYN,ACK nor RST begins a conversation.
//
// Strangers can name any number of flows: those beyond kFlowsMost get no number.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "stack/base/events.h"
#include "stack/base/tracer.h"
#include "stack/transport/hash_table.h"

namespace strata::trace {

// A conversation of two transport endpoints.
struct Flow {
  std::uint32_t number = 0;
  Protocol protocol = Protocol::tcp;
  Endpoint opener;  // sent the first segment or datagram
  Endpoint responder;
  NodeId opener_node = kNoNode;     // kNoNode until it was heard of
  NodeId responder_node = kNoNode;  // likewise
};

class FlowTable {
 public:
  // The kinds of events that observe() learns from.
  static constexpr EventMask kWanted =
      event_mask<TcpStateChanged, TcpSegmentSent, TcpSegmentReceived, UdpDatagramSent,
                 UdpDatagramReceived>();

  static constexpr std::size_t kFlowsMost = 500'000;

  // The conversation an event is part of, and from which side.
  struct Place {
    std::uint32_t number = 0;  // 0: none
    bool is_opener = false;    // the event's node is the opener's side
  };
  // Learns from an event and places it, if it names a flow. Every event of the kinds wanted must
  // pass here, in order.
  Place observe(const Event& event);
  // Where the two endpoints talk to each other, seen from `key.local`; number 0 when they never
  // did.
  Place find(Protocol protocol, const FlowKey& key) const;

  const std::vector<Flow>& flows() const { return flows_; }  // by number - 1

 private:
  using Key = std::pair<Protocol, FlowKey>;
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return FlowKeyHash{}(key.second) + static_cast<std::size_t>(key.first);
    }
  };

  // Whose first word an event is, if it is the first of its flow.
  enum class Opens : std::uint8_t { nobody, local, remote };

  static Opens opens(const TcpSegmentSent& segment);
  static Opens opens(const TcpSegmentReceived& segment);
  Place place(Protocol protocol, const FlowKey& key, NodeId node, Opens opens);
  // As the public one, for an event of `node`.
  Place find(Protocol protocol, const FlowKey& key, NodeId node);
  Place open(Protocol protocol, const FlowKey& key, Opens opens);

  std::vector<Flow> flows_;
  transport::HashTable<Key, Place, KeyHash> places_;  // of either side's key
  // What was placed last, by node: most events of a node come in runs.
  struct Remembered {
    Key key;
    Place place;
  };
  static constexpr std::size_t kRemembered = 64;
  std::array<Remembered, kRemembered> remembered_{};
};

// The flow that an event names by itself; null when it names none.
const FlowKey* flow_key(const Event& event);

}  // namespace strata::trace
