// SPDX-License-Identifier: MIT
// The ground truth: one plain struct per observable fact. Views, captures, metrics and tests are
// observers of these and of nothing else. Spans and string views inside an event are valid only
// during the call; an observer that keeps them copies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "stack/base/address.h"
#include "stack/base/bytes.h"
#include "stack/base/drop_reason.h"
#include "stack/base/ids.h"
#include "stack/base/packet.h"
#include "stack/base/protocol.h"
#include "stack/base/time.h"

namespace strata {

// ---- physical layer and medium -----------------------------------------------------------------

// A frame was put behind others in a port's transmit queue (it counts itself).
struct FrameQueued {
  PortId port{};
  LinkId link{};
  std::uint32_t frame_bytes = 0;
  std::uint32_t queued_frames = 0;
  std::uint32_t queued_bytes = 0;
};

// The first bit of a frame leaves. `frame` is what the sender puts on the wire, FCS included.
struct FrameSent {
  PortId port{};
  LinkId link{};
  Bytes frame;
  Instant last_bit_out;     // when the transmitter falls silent
  Instant last_bit_in;      // when the last bit reaches the other end, were it not lost
  bool will_arrive = true;  // false: the medium has already decided to drop it (see Dropped)
};

enum class FrameError : std::uint8_t { none, crc, symbol, too_short, too_long };

// The last bit of a frame arrived; reported for damaged frames too, as a capture would.
struct FrameReceived {
  PortId port{};
  LinkId link{};
  Bytes frame;  // as decoded from the medium, FCS included
  FrameError error = FrameError::none;
};

// How a random or scripted decision was made.
struct DecisionDetail {
  std::string model;        // "bernoulli", "gilbert-elliott", "3rd match of ..."
  double probability = 0;   // of this decision; 0 where none applies
  double draw = 0;          // the number drawn, in [0, 1)
  std::string stream;       // name of the random stream
  std::uint64_t index = 0;  // position in that stream
};

// A packet ended here.
struct Dropped {
  Layer layer = Layer::physical;
  DropReason reason{};
  PortId port = kNoPort;
  LinkId link = kNoLink;
  Bytes packet;  // what was left of it, as the dropping layer saw it
  std::optional<DecisionDetail> decision;
};

// The medium flipped bits of a frame in flight.
struct FrameCorrupted {
  LinkId link{};
  std::vector<std::uint32_t> flipped_bits;  // bit offsets from the start of the frame (MSB first)
  std::optional<DecisionDetail> decision;
};

// The medium delivers only the beginning of a frame.
struct FrameTruncated {
  LinkId link{};
  std::uint32_t sent_bytes = 0;
  std::uint32_t arriving_bytes = 0;
  std::optional<DecisionDetail> decision;
};

struct FrameDuplicated {
  LinkId link{};
  PacketUid copy{};
  std::optional<DecisionDetail> decision;
};

// The medium delivered a frame later than propagation alone would have.
struct FrameDelayed {
  LinkId link{};
  Duration extra{};
  bool reordered = false;  // held back to be overtaken, rather than jitter
  std::optional<DecisionDetail> decision;
};

// The transmit queue marked the datagram in a frame "congestion experienced" (RFC 3168).
struct FrameMarked {
  PortId port = kNoPort;
  LinkId link{};
  std::optional<DecisionDetail> decision;
};

// A frame of a capture file enters the network again.
struct FrameReplayed {
  PortId port{};
  std::uint64_t number = 0;          // in its file, from 1
  std::uint32_t bytes_left_out = 0;  // by whoever captured it: what enters lacks them
};

struct LinkStateChanged {
  LinkId link{};
  bool up = true;
};

// The hosts and routers at both ends of a link send datagrams of at most `mtu` octets from now on.
struct LinkMtuChanged {
  LinkId link{};
  std::uint16_t mtu = 0;
};

// ---- encapsulation ----------------------------------------------------------------------------

// A layer put its header in front of (FCS, padding: behind) the packet.
struct HeaderPushed {
  Protocol protocol{};
  std::uint16_t header_bytes = 0;
  Bytes packet;  // after the push
};

// A layer accepted and removed its header.
struct HeaderPulled {
  Protocol protocol{};
  std::uint16_t header_bytes = 0;
  Bytes packet;  // before the pull
};

// ---- link layer --------------------------------------------------------------------------------

struct SwitchForwarded {
  PortId in{};
  std::vector<PortId> out;
  MacAddress source;
  MacAddress destination;
  bool flooded = false;
};

enum class TableChange : std::uint8_t { added, updated, removed, expired };
std::string_view to_text(TableChange change);

struct MacTableChanged {
  TableChange change{};
  MacAddress address;
  PortId port{};
  std::uint16_t vlan = 0;
};

enum class NeighbourState : std::uint8_t { incomplete, reachable, stale, failed };
std::string_view to_text(NeighbourState state);

struct NeighbourChanged {
  PortId port{};
  IpAddress address;
  MacAddress mac;
  NeighbourState state{};
  std::string_view cause;  // "request sent", "reply", "merged from request", "timed out", ...
  std::uint32_t waiting_packets = 0;
  bool is_kept = true;  // false: this is no entry of the table, or not any more
};

// ---- network layer -----------------------------------------------------------------------------

// A host chose where a datagram of its own goes.
struct RouteChosen {
  PortId out{};
  IpAddress source;
  IpAddress destination;
  Prefix route;
  IpAddress next_hop;
};

struct DatagramForwarded {
  PortId in{};
  PortId out{};
  IpAddress destination;
  Prefix route;
  IpAddress next_hop;
  std::uint8_t ttl_before = 0;
  std::uint8_t ttl_after = 0;
};

struct DatagramFragmented {
  std::uint32_t bytes = 0;
  std::uint32_t mtu = 0;
  std::vector<PacketUid> fragments;
};

struct DatagramReassembled {
  std::uint32_t fragments = 0;
  std::uint32_t bytes = 0;
  Bytes datagram;  // header of the first fragment and the whole payload
};

enum class RouteOrigin : std::uint8_t {
  configured,
  connected,  // the network of an interface address
  redirect,   // learned from an ICMP redirect, a host route
};
std::string_view to_text(RouteOrigin origin);

// A route came into use or went out of it; those of the beginning are added as the run starts.
struct RouteChanged {
  TableChange change{};
  Prefix route;
  IpAddress next_hop;  // unspecified: on the link
  PortId port{};
  std::uint32_t metric = 0;
  RouteOrigin origin{};
};

struct IcmpSent {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  IpAddress destination;
  PacketUid because_of{};
};

struct IcmpReceived {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  IpAddress source;
};

// ---- transport layer ---------------------------------------------------------------------------

enum class DemuxOutcome : std::uint8_t { hit, miss, not_tried };

// One rule of the demultiplexer and what it found.
struct DemuxStep {
  std::string_view rule;  // "exact 4-tuple", "listener address:port", "listener *:port", ...
  std::string candidate;  // the key looked up: "10.0.2.20:80 < 10.0.1.10:40000"
  DemuxOutcome outcome = DemuxOutcome::not_tried;
  std::uint32_t entries = 0;  // entries of the table this rule searches
};

// A segment or datagram was routed to a socket, or to none.
struct Demultiplexed {
  Protocol protocol{};
  Endpoint local;
  Endpoint remote;
  std::vector<DemuxStep> steps;
  int socket = -1;           // descriptor of the socket that gets it, -1 for none
  std::string_view outcome;  // "delivered", "new connection", "reset sent", "port unreachable", ...
};

enum class TcpState : std::uint8_t {
  closed,
  listen,
  syn_sent,
  syn_received,
  established,
  fin_wait_1,
  fin_wait_2,
  close_wait,
  closing,
  last_ack,
  time_wait,
};
// RFC 9293 names: "LISTEN", "SYN-SENT", "ESTABLISHED", ...
std::string_view to_text(TcpState state);

struct TcpStateChanged {
  FlowKey flow;
  TcpState from{};
  TcpState to{};
  std::string_view cause;  // "active open", "SYN received", "ACK of FIN", ...
};

enum class SegmentKind : std::uint8_t { control, data, retransmission, pure_ack, probe, reset };
std::string_view to_text(SegmentKind kind);

enum class RetransmitCause : std::uint8_t {
  none,
  timeout,          // RFC 6298
  fast_retransmit,  // third duplicate ACK, RFC 5681
  partial_ack,      // NewReno, RFC 6582
  sack,             // RFC 6675
  rescue,           // RFC 6675, NextSeg() rule (4)
  rack,             // RFC 8985
  tail_loss_probe,  // RFC 8985
  window_probe,     // persist timer
  path_mtu,         // the segment was too large for the path
};
std::string_view to_text(RetransmitCause cause);

// What a sender goes by, as in TcpVariables.
struct TcpSender {
  TcpState state{};
  std::uint32_t cwnd = 0;
  std::uint32_t ssthresh = 0;
  std::uint32_t flight = 0;
};

// A segment was handed to the network layer. Offsets count octets of the stream from 0, SYN and FIN
// not included.
struct TcpSegmentSent {
  FlowKey flow;
  std::uint64_t offset = 0;
  std::uint32_t length = 0;
  std::uint8_t flags = 0;        // as in the header
  std::uint64_t ack_offset = 0;  // next octet expected from the peer
  SegmentKind kind{};
  RetransmitCause cause{};
  PacketUid first_sent_as{};  // of a retransmission: the packet that first carried these octets
  PacketUid because_of{};     // the packet whose arrival provoked this one, if any
  TcpSender sender{};         // the segment counted; zero when no connection sent it
};

enum class SegmentVerdict : std::uint8_t {
  in_order,      // delivered to the receive buffer
  out_of_order,  // kept above a gap
  duplicate,     // nothing new
  acknowledgement,
  control,  // SYN, FIN, RST
  rejected,
};
std::string_view to_text(SegmentVerdict verdict);

// A segment was processed by a connection.
struct TcpSegmentReceived {
  FlowKey flow;
  std::uint64_t offset = 0;
  std::uint32_t length = 0;
  std::uint8_t flags = 0;
  std::uint64_t ack_offset = 0;      // of our stream
  std::uint64_t newly_acked = 0;     // octets
  std::uint32_t duplicate_acks = 0;  // after this segment; 0 when it is not a duplicate ACK
  SegmentVerdict verdict{};
};

// Octets of the stream entered the send buffer of a connection.
struct StreamWritten {
  FlowKey flow;
  std::uint64_t offset = 0;
  std::uint32_t length = 0;
};

// Octets of the stream left the receive buffer of a connection for the user. Those that nobody read
// in between are one urgent octet, which has its own call (RFC 9293 3.8.5).
struct StreamRead {
  FlowKey flow;
  std::uint64_t offset = 0;
  std::uint32_t length = 0;
};

// A UDP datagram was handed to the network layer; `length` counts the octets of its payload.
struct UdpDatagramSent {
  FlowKey flow;
  std::uint32_t length = 0;
};

// A UDP datagram was put into the receive queue of a socket.
struct UdpDatagramReceived {
  FlowKey flow;
  std::uint32_t length = 0;
};

// The variables a student watches; reported whenever one of them changed.
struct TcpVariables {
  FlowKey flow;
  TcpState state{};
  std::string_view phase;  // of congestion control: "slow start", "avoidance", "recovery", "loss"
  std::uint32_t mss = 0;
  std::uint32_t cwnd = 0;      // octets
  std::uint32_t ssthresh = 0;  // octets; 0xffffffff before the first loss
  std::uint32_t flight = 0;    // octets sent and not acknowledged
  std::uint32_t snd_wnd = 0;   // octets the peer offers
  std::uint32_t rcv_wnd = 0;   // octets we offer
  std::uint64_t snd_una = 0;   // stream offsets
  std::uint64_t snd_nxt = 0;
  std::uint64_t rcv_nxt = 0;
  std::uint64_t out_of_order = 0;  // octets held above a gap
  Duration srtt{};                 // zero before the first sample
  Duration rttvar{};
  Duration rto{};
  std::string_view cause;
};

struct RttSampled {
  FlowKey flow;
  Duration sample{};
  Duration srtt{};
  Duration rttvar{};
  Duration rto{};
};

enum class TimerAction : std::uint8_t { set, cancelled, fired };
std::string_view to_text(TimerAction action);

struct TimerChanged {
  FlowKey flow;
  std::string_view timer;  // "retransmission", "persist", "delayed-ack", "time-wait", ...
  TimerAction action{};
  Instant deadline{};
};

// ---- sockets and applications ------------------------------------------------------------------

// A socket call of a process returned.
struct SocketCalled {
  std::string_view process;
  int socket = -1;
  std::string call;    // "send(5, 7 bytes)"
  std::string result;  // "7", "ECONNREFUSED"
  Bytes data;          // octets sent or received by the call
};

struct ProcessStarted {
  std::string_view process;
};
struct ProcessEnded {
  std::string_view process;
  std::string_view error;  // empty: it returned normally
};

// A line a process wrote for people ("64 bytes from 10.0.2.20: icmp_seq=1 ttl=63 time=20.1 ms").
struct ProcessOutput {
  std::string_view process;
  std::string_view line;
};

using EventBody =
    std::variant<FrameQueued, FrameSent, FrameReceived, Dropped, FrameCorrupted, FrameDuplicated,
                 FrameDelayed, LinkStateChanged, HeaderPushed, HeaderPulled, SwitchForwarded,
                 MacTableChanged, NeighbourChanged, RouteChosen, DatagramForwarded,
                 DatagramFragmented, DatagramReassembled, RouteChanged, IcmpSent, IcmpReceived,
                 Demultiplexed, TcpStateChanged, TcpSegmentSent, TcpSegmentReceived, TcpVariables,
                 RttSampled, TimerChanged, SocketCalled, ProcessStarted, ProcessEnded,
                 ProcessOutput, FrameMarked, UdpDatagramSent, UdpDatagramReceived, StreamWritten,
                 StreamRead, FrameReplayed, FrameTruncated, LinkMtuChanged>;

struct Event {
  Instant time{};
  NodeId node = kNoNode;
  PacketUid uid = kNoPacket;  // the packet this is about, if any
  PacketUid parent = kNoPacket;
  Parentage parentage = Parentage::none;
  EventBody body;
};

}  // namespace strata
