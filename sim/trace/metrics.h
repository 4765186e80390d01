// SPDX-License-Identifier: MIT
// Metrics: the figures of a run, as `run --json` and the expectations of a scenario read them.
//
// Totals of links are kept by the links themselves. The observer counts what only events tell:
// drops by node and reason, and TCP and UDP conversations. It asks for plain events only (no
// strings are built for it), so a run with metrics costs little more than one without.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "sim/link_config.h"
#include "sim/run_result.h"
#include "sim/trace/flow_table.h"
#include "stack/base/events.h"
#include "stack/base/tracer.h"
#include "stack/base/uint128.h"

namespace strata::sim {
class World;
}

namespace strata::trace {

inline constexpr std::size_t kRetransmitCauses =
    static_cast<std::size_t>(RetransmitCause::path_mtu) + 1;

// What is told of the round-trip times that one sender measured. The samples themselves are not
// kept: a live run may go on for days.
class RttFigures {
 public:
  void add(Duration sample);
  std::uint64_t count() const { return count_; }
  // All are zero without samples.
  Duration min() const { return min_; }
  Duration max() const { return max_; }
  Duration mean() const;

 private:
  std::uint64_t count_ = 0;
  Uint128 sum_ = 0;
  Duration min_{};
  Duration max_{};
};

// One direction of a flow: what one side sent and what the other side got of it.
struct FlowSide {
  NodeId node = kNoNode;                 // the sender
  std::uint64_t segments_sent = 0;       // segments or datagrams, all kinds
  std::uint64_t data_segments_sent = 0;  // with payload, retransmissions included
  std::uint64_t bytes_sent = 0;          // payload, retransmissions included
  std::uint64_t bytes_delivered = 0;  // TCP: in-order octets at the receiver; UDP: payload received
  std::uint64_t bytes_delivered_now = 0;  // TCP: of them, on the present connection
  std::uint64_t datagrams_delivered = 0;  // UDP
  std::uint64_t bytes_acked = 0;          // TCP: octets the sender knows delivered
  std::uint64_t retransmissions = 0;
  std::uint64_t bytes_retransmitted = 0;
  std::array<std::uint64_t, kRetransmitCauses> retransmissions_by_cause{};
  std::uint64_t duplicate_acks = 0;         // received by the sender
  std::uint64_t segments_out_of_order = 0;  // at the receiver
  std::uint64_t segments_duplicate = 0;     // at the receiver
  RttFigures rtt;                           // as the sender measured it
  std::optional<Instant> first_byte_sent;
  std::optional<Instant> last_byte_sent;
  std::optional<Instant> first_byte_delivered;
  std::optional<Instant> last_byte_delivered;

  // Octets delivered per second, in bits, between the first octet sent and the last delivered; 0
  // where there is no such time.
  std::uint64_t goodput_bps() const;
};

struct FlowMetrics {
  std::uint32_t number = 0;  // from 1, in order of appearance; the same as Recording's
  Protocol protocol = Protocol::tcp;
  Endpoint opener;  // sent the first segment or datagram
  Endpoint responder;
  FlowSide forward;  // opener to responder
  FlowSide backward;
  std::optional<Instant> opened_at;  // TCP: active open; UDP: first datagram sent
  // TCP: from the active open to ESTABLISHED at the opener.
  std::optional<Duration> handshake_time;
  TcpState opener_state = TcpState::closed;
  TcpState responder_state = TcpState::closed;
};

struct NodeMetrics {
  DropCounters drops;  // of packets that ended at this node; those of links are the links'
  std::uint64_t replayed_frames = 0;  // that entered here from a capture file
  std::uint64_t replayed_short = 0;   // of them, those that were cut short when captured
};

struct LinkMetrics {
  sim::LinkCounters a_to_b;
  sim::LinkCounters b_to_a;
  std::uint64_t in_flight_frames = 0;
};

// All figures of one run.
struct RunMetrics {
  sim::RunResult result;
  Instant last_frame{};  // when the last transmitter fell silent
  std::uint64_t frames_sent = 0;
  std::uint64_t frames_delivered = 0;
  std::uint64_t frames_dropped = 0;   // on links
  std::uint64_t packets_dropped = 0;  // in nodes
  std::uint64_t retransmissions = 0;
  std::array<std::uint64_t, kRetransmitCauses> retransmissions_by_cause{};
  std::vector<LinkMetrics> links;  // by LinkId
  std::vector<NodeMetrics> nodes;  // by NodeId
  std::deque<FlowMetrics> flows;   // by number - 1

  // Share of the time until the last frame in which the transmitter was busy, in parts per million.
  // What follows the last frame, mostly TIME-WAIT, says nothing about the load of a link.
  std::uint64_t utilisation_ppm(const sim::LinkCounters& counters) const;
  // Drops for one reason, on links and in nodes together.
  std::uint64_t drops(DropReason reason) const;
  // Null when there is none.
  const FlowMetrics* find_flow(const Endpoint& opener, const Endpoint& responder) const;
};

// Totals of all links as they stand now.
std::vector<LinkMetrics> link_metrics(const sim::World& world);

class Metrics final : public Observer {
 public:
  // The kinds on_event() understands; attach with it: tracer.attach(metrics, Metrics::kWanted).
  static constexpr EventMask kWanted =
      FlowTable::kWanted |
      event_mask<Dropped, TcpStateChanged, TcpSegmentSent, TcpSegmentReceived, RttSampled>();

  void on_event(const Event& event) override;
  // The figures, which are handed over: those of a live run's flows are hundreds of megabytes.
  // `links` are the totals of the links, by LinkId.
  RunMetrics collect(std::vector<LinkMetrics> links, std::size_t nodes,
                     const sim::RunResult& result) &&;
  RunMetrics collect(const sim::World& world, const sim::RunResult& result) &&;

 private:
  // The flow an event belongs to, seen from the event's node.
  struct View {
    FlowMetrics* flow = nullptr;  // null: none
    FlowSide* outgoing = nullptr;
    FlowSide* incoming = nullptr;
    bool is_opener = false;
  };

  View view(FlowTable::Place place);
  void on_dropped(const Event& event, const Dropped& dropped);
  static void on_state(const View& view, Instant now, const TcpStateChanged& change);
  static void on_sent(const View& view, Instant now, const TcpSegmentSent& segment);
  static void on_received(const View& view, Instant now, const TcpSegmentReceived& segment);
  static void on_sent(const View& view, Instant now, const UdpDatagramSent& datagram);
  static void on_received(const View& view, Instant now, const UdpDatagramReceived& datagram);

  FlowTable table_;
  std::deque<FlowMetrics> flows_;         // by number - 1; grows without being moved
  std::vector<DropCounters> node_drops_;  // by node
};

}  // namespace strata::trace
