// SPDX-License-Identifier: MIT
// (contract; the owner completes the private part and splits concerns into files of their own)
#pragma once
#include <optional>
#include <string>

#include "stack/base/deadline_heap.h"
#include "stack/base/result.h"
#include "stack/base/tracer.h"
#include "stack/wire/tcp.h"

namespace strata::tcp {

struct Config {
  std::uint32_t send_buffer_bytes = 256 * 1024;
  std::uint32_t receive_buffer_bytes = 256 * 1024;
  std::uint16_t mss_max = 0;          // cap on the MSS we announce and use; 0: from the MTU
  bool window_scaling = true;         // RFC 7323 2
  bool nagle = true;                  // RFC 9293 3.7.4
  Duration delayed_ack{40ms};         // RFC 9293 3.8.6.3: below 0.5 s; zero: every segment at once
  Duration rto_initial{1s};           // RFC 6298 2.1
  Duration rto_min{1s};               // RFC 6298 2.4
  Duration rto_max{60s};              // RFC 6298 2.5
  Duration msl{30s};                  // TIME-WAIT lasts twice this
  std::uint8_t syn_retries_max = 6;
  std::uint8_t retries_max = 15;      // R2, RFC 9293 3.8.3
  std::uint8_t initial_window_segments = 10;  // RFC 6928; RFC 5681 when 0
  std::string congestion_control = "newreno";  // a name from congestion.h's registry
  Duration fin_wait_2_timeout{60s};   // after close() only
};

// Readiness as poll() reports it.
struct Readiness {
  bool readable = false;  // data, end of stream or an error is waiting
  bool writable = false;
  bool error = false;
  bool hangup = false;  // both directions are shut
  friend bool operator==(const Readiness&, const Readiness&) = default;
};

// Figures for tables and tests, stream offsets count from 0 without SYN and FIN.
struct Info {
  TcpState state{};
  std::uint32_t mss = 0;
  std::uint32_t cwnd = 0;
  std::uint32_t ssthresh = 0;
  std::uint32_t flight = 0;
  std::uint32_t snd_wnd = 0;
  std::uint32_t rcv_wnd = 0;
  std::uint64_t snd_una = 0;
  std::uint64_t snd_nxt = 0;
  std::uint64_t rcv_nxt = 0;
  std::uint32_t send_queue_bytes = 0;     // accepted from the user, not acknowledged
  std::uint32_t receive_queue_bytes = 0;  // in order, not yet read
  std::uint32_t out_of_order_bytes = 0;
  Duration srtt{};
  Duration rttvar{};
  Duration rto{};
  std::uint64_t segments_sent = 0;
  std::uint64_t segments_received = 0;
  std::uint64_t retransmissions = 0;
  std::string timers;  // "retransmission 1.000 s, delayed-ack 40 ms"
};

enum class Close : std::uint8_t { graceful, abort };

// One TCP connection (RFC 9293): a sans-I/O state machine. Segments and time in, segments and a
// deadline out. It does not know sockets, listeners or the IP layer.
class Connection {
 public:
  // `isn` is the initial sequence number, already chosen by RFC 6528. `mss_local` is what fits the
  // outgoing interface (MTU - 40).
  Connection(const NodeContext& context, const FlowKey& flow, const Config& config, Seq32 isn,
             std::uint16_t mss_local);
  ~Connection();

  void open_active(Instant now);                         // CLOSED -> SYN-SENT
  // LISTEN received a SYN: -> SYN-RECEIVED. `syn` has been validated by the listener.
  void open_passive(const wire::TcpHeader& syn, Bytes payload, PacketUid uid, Instant arrival,
                    Instant now);

  // The eight steps of RFC 9293 3.10.7.4 (and 3.10.7.3 in SYN-SENT). `arrival` is when the last bit
  // of the frame arrived at this host.
  void on_segment(const wire::TcpHeader& header, Bytes payload, PacketUid uid, Instant arrival,
                  Instant now);
  // The next segment to hand to the network layer: TCP header (checksummed) and payload. nullopt:
  // nothing may be sent now.
  std::optional<Packet> poll_segment(Instant now);
  Instant next_deadline() const;
  void on_deadline(Instant now);
  // A soft (remembered, RFC 9293 3.9.2.2) or hard ICMP error about a segment whose sequence number is
  // outstanding; ignored otherwise.
  void on_icmp_error(Errc error, bool hard, Seq32 quoted_sequence, Instant now);

  // --- user calls (RFC 9293 3.9.1) ---
  // Octets accepted; would_block when the send buffer is full; broken_pipe after shutdown_send().
  Result<std::size_t> send(Bytes data, Instant now);
  // Octets read; 0 at end of stream; would_block when nothing is there.
  Result<std::size_t> receive(MutableBytes into, bool peek, Instant now);
  void shutdown_send(Instant now);
  void shutdown_receive(Instant now);
  // graceful: FIN after the queued data (RST if unread data is discarded, RFC 9293 SHLD-3 /
  // RFC 2525 2.17); abort: RST now. The user has let go: nobody will read.
  void close(Close how, Instant now);
  // The pending error (SO_ERROR), cleared by the call.
  std::optional<Errc> take_error();

  const FlowKey& flow() const;
  TcpState state() const;
  Readiness readiness() const;
  Info info() const;
  // Nothing more will ever happen: CLOSED and everything emitted. The owner may destroy it.
  bool is_finished() const;
  void set_nagle(bool enabled, Instant now);

  DeadlineSlot deadline_slot;  // for the owner's DeadlineHeap
};

}  // namespace strata::tcp
