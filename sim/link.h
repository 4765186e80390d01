// SPDX-License-Identifier: MIT
// LinkDirection: one half of a full-duplex link, from a transmit queue to the far end's port.
//
//     offer() -> | transmit queue | -> transmitter -> | frames on the wire | -> take_arrival()
//                  full: dropped       one at a time     in order of arrival
//                                      impairments
//
// Timing (IEEE 802.3): a frame whose first preamble bit leaves at t has left after 8 octets of
// preamble and its own, and arrives one propagation delay later; the transmitter is free again when
// the inter-frame gap of 12 octets has passed too. Everything that goes wrong is decided at t.
//
// Events scheduled: one for the earliest frame on the wire, and one for the transmitter only while
// frames wait. Each frame takes its place in the order of insertion when it is launched, so the
// order of events is the same as if each had an entry of its own.
//
// What the trace shows: FrameQueued (only if the frame has to wait), FrameSent at the first bit and
// right after it, at the same instant, what the medium decides (Dropped, FrameCorrupted,
// FrameTruncated, FrameDuplicated, FrameDelayed; node and port are the sender's), FrameReceived at
// the last bit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "sim/event_queue.h"
#include "sim/impairment_chain.h"
#include "sim/link_config.h"
#include "sim/queue_discipline.h"
#include "stack/base/ring.h"
#include "stack/base/tracer.h"
#include "stack/physical/framing.h"

namespace strata::sim {

class LinkDirection {
 public:
  struct Wiring {
    LinkId link{};
    Direction direction{};  // a_to_b or b_to_a
    NodeContext sender;
    PortId sender_port{};
    NodeContext receiver;
    PortId receiver_port{};
    EventQueue* queue = nullptr;
    std::uint32_t tag = 0;      // of this direction's entries in the queue
    std::string stream_prefix;  // "link/NAME/A>B"
    std::uint64_t seed = 0;
  };
  LinkDirection(const LinkConfig& config, const Wiring& wiring);

  // The sending node put a frame on its port: it is transmitted, queued or dropped.
  void offer(Packet frame, Instant now);
  // Whether an entry of this direction that came up is still meant. It is not when the link has
  // failed since.
  bool expects(const QueuedEvent& event) const;
  // The transmitter is free and frames wait: transmits the next one.
  void on_transmitter_free(Instant now);
  // The earliest frame on the wire has arrived, to be handed to the receiving node; empty when it
  // was not fit to be handed over.
  Packet take_arrival(Instant now);
  // The earliest frame on the wire arrives next: asks the processor to have it at hand. Changes
  // nothing.
  void prefetch_arrival() const;
  // Going down drops what waits in the queue and what is on the wire.
  void set_up(bool up, Instant now);

  NodeId receiver() const { return receiver_.node; }
  PortId receiver_port() const { return receiver_port_; }
  const LinkCounters& counters() const { return counters_; }
  // Waiting or on the wire.
  std::size_t frames_in_flight() const { return waiting_.size() + wire_.size(); }

 private:
  struct InFlight {  // on the wire
    Instant arrival;
    std::uint64_t sequence = 0;
    Packet frame;
    FrameError error = FrameError::none;
    bool is_scheduled = false;  // has an entry in the event queue
  };

  // What is being launched: one frame and the copies the medium makes of it.
  struct Launch {
    Packet frame;
    FrameError error = FrameError::none;
  };

  bool has_room_for(const Packet& frame) const;
  bool admit(Packet& frame, Instant now);
  bool signal_congestion(Packet& frame, Instant now);
  Packet take_waiting(Instant now);
  QueueOccupancy occupancy() const { return {waiting_bytes_, waiting_.size()}; }
  void enqueue(Packet frame, Instant now);
  void transmit(Packet frame, Instant now);
  void launch_impaired(Packet frame, Instant now, Instant last_bit_out, Instant arrival);
  void carry_out(const ImpairmentFact& fact, Instant now);
  void corrupt(const ImpairmentFact& fact, Instant now);
  void truncate(const ImpairmentFact& fact, Instant now);
  FrameError corrupt_symbols(Packet& frame, std::span<const std::uint32_t> symbols,
                             std::vector<std::uint32_t>& flipped_bits) const;
  void launch(Packet frame, FrameError error, Instant arrival);
  void schedule_first();
  void trace_sent(const Packet& frame, Instant now, Instant last_bit_out, Instant arrival,
                  bool will_arrive) const;
  void drop(const Packet& frame, DropReason reason, const ImpairmentFact* fact, Instant now);

  NodeContext sender_;
  NodeContext receiver_;
  PortId sender_port_;
  PortId receiver_port_;
  LinkId link_;
  EventQueue* queue_;
  std::uint32_t tag_;
  Duration delay_;
  QueueConfig limits_;
  std::optional<physical::LineCodeKind> line_code_;
  ImpairmentChain impairments_;
  physical::TransmissionClock clock_;
  LinkCounters counters_;

  bool is_up_ = true;
  Instant free_at_{};                            // the transmitter may start the next frame
  std::uint64_t free_sequence_ = 0;              // its entry in the event queue; 0: none
  std::unique_ptr<QueueDiscipline> discipline_;  // null: drop-tail
  Ring<Packet> waiting_;
  Ring<Instant> waiting_since_;  // only with a discipline
  std::size_t waiting_bytes_ = 0;
  Ring<InFlight> wire_;  // ordered by (arrival, sequence)
  // Of launch_impaired(), while it runs.
  std::vector<Launch> launches_;
  const ImpairmentOutcome* outcome_ = nullptr;
};

}  // namespace strata::sim
