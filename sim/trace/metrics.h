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
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/link_config.h"
#include "sim/run_result.h"
#include "sim/trace/directory.h"
#include "stack/base/events.h"
#include "stack/base/tracer.h"

namespace strata::trace {

inline constexpr std::size_t kRetransmitCauses =
    static_cast<std::size_t>(RetransmitCause::path_mtu) + 1;

// One direction of a flow: what one side sent and what the other side got of it.
struct FlowSide {
  NodeId node = kNoNode;                 // the sender
  std::uint64_t segments_sent = 0;       // segments or datagrams, all kinds
  std::uint64_t data_segments_sent = 0;  // with payload, retransmissions included
  std::uint64_t bytes_sent = 0;          // payload, retransmissions included
  std::uint64_t bytes_delivered = 0;  // TCP: in-order octets at the receiver; UDP: payload received
  std::uint64_t datagrams_delivered = 0;  // UDP
  std::uint64_t bytes_acked = 0;          // TCP: octets the sender knows delivered
  std::uint64_t retransmissions = 0;
  std::uint64_t bytes_retransmitted = 0;
  std::array<std::uint64_t, kRetransmitCauses> retransmissions_by_cause{};
  std::uint64_t duplicate_acks = 0;         // received by the sender
  std::uint64_t segments_out_of_order = 0;  // at the receiver
  std::uint64_t segments_duplicate = 0;     // at the receiver
  std::vector<Duration> rtt_samples;        // of the sender, in order
  std::optional<Instant> first_byte_sent;
  std::optional<Instant> last_byte_sent;
  std::optional<Instant> first_byte_delivered;
  std::optional<Instant> last_byte_delivered;

  Duration rtt_min() const;  // zero without samples
  Duration rtt_max() const;
  Duration rtt_mean() const;
  // The smallest sample that is not less than `percent` % of the samples (nearest rank).
  Duration rtt_percentile(unsigned percent) const;
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
  std::optional<Instant> opened_at;  // TCP: active open; UDP: first datagram delivered
  // TCP: from the active open to ESTABLISHED at the opener.
  std::optional<Duration> handshake_time;
  TcpState opener_state = TcpState::closed;
  TcpState responder_state = TcpState::closed;
};

struct NodeMetrics {
  DropCounters drops;  // of packets that ended at this node; those of links are the links'
};

struct LinkMetrics {
  sim::LinkCounters a_to_b;
  sim::LinkCounters b_to_a;
  std::uint64_t in_flight_frames = 0;
};

// All figures of one run.
struct RunMetrics {
  sim::RunResult result;
  std::uint64_t frames_sent = 0;
  std::uint64_t frames_delivered = 0;
  std::uint64_t frames_dropped = 0;   // on links
  std::uint64_t packets_dropped = 0;  // in nodes
  DropCounters drops;                 // links and nodes together
  std::vector<LinkMetrics> links;     // by LinkId
  std::vector<NodeMetrics> nodes;     // by NodeId
  std::vector<FlowMetrics> flows;     // by number - 1
  std::uint64_t retransmissions = 0;
  std::array<std::uint64_t, kRetransmitCauses> retransmissions_by_cause{};
  // Null when there is none.
  const FlowMetrics* find_flow(const Endpoint& opener, const Endpoint& responder) const;
};

class Metrics final : public Observer {
 public:
  // The kinds on_event() understands; attach with it: tracer.attach(metrics, Metrics::kWanted).
  static constexpr EventMask kWanted = event_mask<Dropped, TcpStateChanged, TcpSegmentSent,
                                                  TcpSegmentReceived, RttSampled, HeaderPulled>();

  void on_event(const Event& event) override;
  // The figures so far, with the totals of the world's links.
  RunMetrics collect(const sim::World& world, const sim::RunResult& result) const;
  const std::vector<FlowMetrics>& flows() const { return flows_; }

 private:
  struct Place {  // which flow, and which side is the event's local one
    FlowMetrics* flow = nullptr;
    FlowSide* outgoing = nullptr;
    FlowSide* incoming = nullptr;
    bool is_opener = false;
  };
  // The source and destination of the IP header that was pulled last.
  struct LastDatagram {
    PacketUid uid = kNoPacket;
    NodeId node = kNoNode;
    IpAddress source;
    IpAddress destination;
  };

  Place place(Protocol protocol, const FlowKey& key);
  void on_dropped(const Event& event, const Dropped& dropped);
  void on_state(const Event& event, const TcpStateChanged& change);
  void on_sent(const Event& event, const TcpSegmentSent& segment);
  void on_received(const Event& event, const TcpSegmentReceived& segment);
  void on_pulled(const Event& event, const HeaderPulled& pulled);

  std::vector<FlowMetrics> flows_;
  std::map<std::pair<Protocol, FlowKey>, std::uint32_t> numbers_;  // both orientations
  std::vector<DropCounters> node_drops_;                           // by node
  std::pair<Protocol, FlowKey> last_key_;  // the conversation of the last event, looked up once
  std::uint32_t last_number_ = 0;
  LastDatagram last_datagram_;
};

}  // namespace strata::trace
