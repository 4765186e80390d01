// SPDX-License-Identifier: MIT
// One TCP connection (RFC 9293) as a sans-I/O state machine: segments and time in, segments and a
// deadline out. It does not know sockets, listeners or the IP layer.
//
// The owner's loop is the one of node.h, one level down:
//
//     connection.on_segment(header, payload, uid, arrival, now);   // or a user call, or
//     connection.on_deadline(now);                                 // its deadline has come
//     while (auto segment = connection.poll_segment(now)) network.send(std::move(*segment));
//     heap.set(connection, connection.next_deadline());
//     if (connection.is_finished()) destroy it
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "stack/base/address.h"
#include "stack/base/bytes.h"
#include "stack/base/deadline_heap.h"
#include "stack/base/result.h"
#include "stack/base/seq32.h"
#include "stack/base/tracer.h"
#include "stack/transport/tcp/config.h"
#include "stack/wire/tcp.h"

namespace strata::tcp {

class ChunkPool;

// The RST that answers a segment for which there is no connection (RFC 9293 3.10.7.1), ports
// already exchanged; nullopt when the segment is itself a RST. `payload_bytes` is its text length.
std::optional<wire::TcpHeader> reset_for(const wire::TcpHeader& segment, std::size_t payload_bytes);

class Connection {
 public:
  // `isn` is the initial sequence number, already chosen by RFC 6528 (isn.h). `mss_local` is what
  // fits the outgoing interface (MTU - 40). `context` must outlive the connection, and so must
  // `chunks`, the recycler of buffer memory that the connections of a node share; without one each
  // chunk of buffer is allocated and freed on its own.
  Connection(const NodeContext& context, const FlowKey& flow, const Config& config, Seq32 isn,
             std::uint16_t mss_local, ChunkPool* chunks = nullptr);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // CLOSED -> SYN-SENT. The next poll_segment() gives the SYN.
  void open_active(Instant now);
  // LISTEN received a SYN: -> SYN-RECEIVED. `syn` has been validated by the listener (SYN set, ACK
  // and RST clear). Text it carries is kept for delivery once the connection is established.
  void open_passive(const wire::TcpHeader& syn, Bytes payload, PacketUid uid, Instant arrival,
                    Instant now);

  // The eight steps of RFC 9293 3.10.7.4 (and 3.10.7.3 in SYN-SENT). `arrival` is when the last bit
  // of the frame arrived at this host; `uid` names its packet.
  void on_segment(const wire::TcpHeader& header, Bytes payload, PacketUid uid, Instant arrival,
                  Instant now);
  // The next segment to hand to the network layer: TCP header (checksummed) and payload. nullopt:
  // nothing may be sent now. A segment returned counts as sent.
  std::optional<Packet> poll_segment(Instant now);
  // When to call on_deadline(); kNever when no timer is armed. It may be earlier than the first
  // timer, never later: a timer that moved back is looked at again when its old instant comes.
  Instant next_deadline() const;
  void on_deadline(Instant now);
  // A soft (remembered, RFC 9293 3.9.2.2) or hard ICMP error about a segment whose sequence number
  // is outstanding; ignored otherwise. A hard error ends a connection that is not yet synchronised
  // and counts as soft afterwards (RFC 5927 5.2).
  void on_icmp_error(Errc error, bool hard, Seq32 quoted_sequence, Instant now);

  // --- user calls (RFC 9293 3.9.1) ---
  // Octets accepted; would_block when the send buffer is full; broken_pipe after shutdown_send() or
  // when the connection is closed; a pending error first.
  Result<std::size_t> send(Bytes data, Instant now);
  // Octets read; 0 at end of stream; would_block when nothing is there; a pending error once what
  // arrived before it has been read. `peek` leaves the octets in the buffer.
  Result<std::size_t> receive(MutableBytes into, bool peek, Instant now);
  // Half close: FIN after the queued data.
  void shutdown_send(Instant now);
  // What arrives from now on is acknowledged and thrown away; receive() reports end of stream.
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
  // CLOSED, everything emitted, and nothing left for the user to collect (text, error): the owner
  // may destroy it.
  bool is_finished() const;
  void set_nagle(bool enabled, Instant now);
  // In TIME-WAIT: may `syn` open a new incarnation (RFC 9293 3.6.1 MAY-2)? The owner then destroys
  // this connection and gives the SYN to the listener.
  bool may_be_replaced_by(const wire::TcpHeader& syn) const;
  // Aborts the program when the state contradicts itself, e.g. data outstanding without a timer
  // that would ever resend it. Holds after each poll_segment() that returned nullopt.
  void check_invariants() const;

  DeadlineSlot deadline_slot;  // for the owner's DeadlineHeap
};

}  // namespace strata::tcp
