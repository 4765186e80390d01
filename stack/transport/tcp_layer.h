// SPDX-License-Identifier: MIT
// The TCP layer of a host: owns the connections and listeners, routes segments to them and hands
// their output to the network layer. The protocol machine itself is tcp::Connection; the LISTEN
// state is Listener; the CLOSED state (a segment for nobody) is here (RFC 9293 3.10.7.1).
//
// Work is proportional to what happens: a segment, a user call or a deadline touches one
// connection, whose output is then drained and whose deadline is moved in a heap. Idle connections
// cost nothing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "stack/base/deadline_heap.h"
#include "stack/base/tracer.h"
#include "stack/network/network.h"
#include "stack/transport/demux.h"
#include "stack/transport/endpoint.h"
#include "stack/transport/fast_open.h"
#include "stack/transport/listener.h"
#include "stack/transport/ports.h"
#include "stack/transport/slots.h"
#include "stack/transport/tcp/chunks.h"
#include "stack/transport/tcp/connection.h"
#include "stack/transport/tcp/syn_cookie.h"

namespace strata::transport {

// One stream endpoint: fresh or bound (neither member set), listening, or a connection. It outlives
// its descriptor while the connection still has something to do (FIN, TIME-WAIT). Owned by
// TcpLayer.
struct Stream {
  explicit Stream(EndpointId own_id) : id(own_id) {}

  EndpointId id;
  int descriptor = -1;  // of the socket that refers to it; -1: in a backlog, or closed
  EndpointOptions options;
  wire::OptionBytes return_route;  // the source route its SYN came by, reversed
  Endpoint bound;                  // by bind(); port 0: not bound
  std::optional<PortHold> port_hold;
  std::unique_ptr<Listener> listener;
  std::unique_ptr<tcp::Connection> connection;
  Seq32 isn;                                  // of the connection
  EndpointId parent = kNoEndpoint;            // the listener, until accept() took the connection
  EndpointId fast_open_parent = kNoEndpoint;  // the listener that counts is_fast_open_pending
  bool is_established = false;                // it has been reported to its parent
  bool is_routed = false;                     // its 4-tuple is in the demultiplexer
  bool is_released = false;                   // the user has let go of it
  bool is_fast_open_pending = false;          // given out before its handshake was over (RFC 7413)
  bool is_fast_open_noted = false;            // what it learned of the server is in the cache
  bool is_lingering = false;                  // tell when everything sent has been acknowledged
  Instant deferred_until = kNever;            // TCP_DEFER_ACCEPT; of an established connection
  std::uint32_t mtu_changes = 0;              // of the network layer that it has followed
  tcp::Readiness reported;                    // readiness the listener was last told of
};

class TcpLayer {
 public:
  TcpLayer(const NodeContext& context, tcp::Config defaults, network::Network& network);
  ~TcpLayer();
  void set_readiness_listener(ReadinessListener* listener) { listener_ = listener; }
  // What connections and listeners made from now on begin with; those that are there follow where
  // nothing has been agreed with the peer or set by the user.
  void set_defaults(const tcp::Config& defaults, Instant now);

  // --- user calls; errors as the socket calls of the same names (see stack/socket/sockets.h) ---
  EndpointId open();
  Result<void> bind(EndpointId id, const Endpoint& local);
  Result<void> listen(EndpointId id, int backlog, Instant now);
  Result<EndpointId> accept(EndpointId id);
  // in_progress when the SYN is on its way.
  // With Fast Open and a cookie of the server it succeeds at once: the SYN leaves with the first
  // text.
  Result<void> connect(EndpointId id, const Endpoint& remote, Instant now);
  // connect() with as much of `data` on the SYN as may go with it (RFC 7413 4.2.1): the octets
  // taken. in_progress: nothing was, because no cookie of `remote` is known or `data` is empty.
  Result<std::size_t> send_fast_open(EndpointId id, const Endpoint& remote, Bytes data,
                                     Instant now);
  // What Nagle, TCP_CORK or MSG_MORE hold back leaves now.
  void push(EndpointId id, Instant now);
  void forget_fast_open() { fast_open_cache_ = {}; }
  struct SendHints {
    bool more = false;         // MSG_MORE
    bool urgent = false;       // MSG_OOB
    bool ends_record = false;  // MSG_EOR
    tcp::Keep keep = tcp::Keep::copy;
  };
  Result<std::size_t> send(EndpointId id, Bytes data, SendHints hints, Instant now);
  Result<std::size_t> receive(EndpointId id, MutableBytes into, bool peek, Instant now);
  // MSG_OOB: the urgent octet.
  Result<std::size_t> receive_urgent(EndpointId id, MutableBytes into, bool peek);
  Result<void> shutdown(EndpointId id, bool read, bool write, Instant now);
  // Half of a lingering close(): sends what is queued and FIN; the endpoint stays. is_drained()
  // becomes true, with a readiness notice, when the peer has acknowledged all of it.
  void start_linger(EndpointId id, Instant now);
  bool is_drained(EndpointId id) const;
  // The user lets go. The connection finishes in the background (or with RST: Close::abort).
  void close(EndpointId id, tcp::Close how, Instant now);
  // Ends every connection in `state`, with RST where there is still a peer to tell, as an operator
  // does (tcpdrop(8) of the BSDs).
  void drop_connections(TcpState state, Instant now);
  // The same with all that still have something to say to their peers: neither closed nor in
  // TIME-WAIT; and how many they are.
  void abort_connections(Instant now);
  std::size_t open_connections() const;
  std::optional<Errc> take_error(EndpointId id);
  tcp::Readiness readiness(EndpointId id) const;
  tcp::Info info(EndpointId id) const;
  // The name of the algorithm it uses or would use.
  std::string congestion_control(EndpointId id) const {
    return config_for(stream(id)).congestion_control;
  }
  void set_options(EndpointId id, const EndpointOptions& options, Instant now);
  void set_descriptor(EndpointId id, int descriptor) { stream(id).descriptor = descriptor; }
  // Nullptr when the endpoint is gone.
  const Stream* find(EndpointId id) const { return streams_.find(id); }
  template <typename Visit>
  void for_each(Visit&& visit) const {
    streams_.for_each(visit);
  }

  // --- from the network layer ---
  void on_segment(Packet packet, const network::DatagramInfo& info, Instant now);
  // Segments that arrive in between are all processed before they are answered (RFC 9293 3.10.7.4,
  // MUST-59): the answers are made at the end.
  void begin_batch() { is_in_batch_ = true; }
  void end_batch(Instant now);
  void on_icmp_error(const network::IcmpErrorInfo& error, Instant now);
  Instant next_deadline() const { return deadlines_.earliest(); }
  void on_deadline(Instant now);

  const DropCounters& drops() const { return drops_; }

 private:
  struct Arrival;  // a parsed segment on its way to an endpoint

  Stream& stream(EndpointId id);
  const Stream& stream(EndpointId id) const;
  void on_connection_segment(Stream& stream, const Arrival& arrival, Instant now);
  void on_listener_segment(Stream& stream, const Arrival& arrival, Instant now);
  static bool lacks_signature(const Stream& listener, const Arrival& arrival);
  void on_path_too_narrow(Stream& stream, const network::IcmpErrorInfo& error,
                          Seq32 quoted_sequence, Instant now);
  bool reopen_time_wait(Stream& old, const Arrival& arrival, Instant now);
  Stream& make_child(Stream& parent, const Arrival& arrival, Seq32 isn);
  void learn_return_route(Stream& stream, const Arrival& arrival) const;
  void open_child(Stream& parent, const Arrival& arrival, Seq32 isn, Instant now);
  void send_cookie(Stream& parent, const Arrival& arrival, Instant now);
  std::optional<tcp::CookieTerms> cookie_in(const Stream& listener, const Arrival& arrival,
                                            Instant now) const;
  void open_from_cookie(Stream& parent, const Arrival& arrival, const tcp::CookieTerms& terms,
                        Instant now);
  bool replace_by_cookie(Stream& half_open, const Arrival& arrival, Instant now);
  bool must_wait_for_accept(const Stream& child, const Arrival& arrival) const;
  void send_alone(const Arrival& arrival, Packet packet, int flags, SegmentKind kind, Instant now);
  void refuse(const Arrival& arrival, Instant now);
  void send_reset(const Arrival& arrival, Instant now);
  void drop(DropReason reason, const Packet& packet, const network::DatagramInfo& info,
            Instant now);
  void trace_pulled(const Arrival& arrival, Instant now);
  void trace_demux(const Arrival& arrival, int socket, std::string_view outcome, Instant now);

  Result<void> forget_failed_attempt(Stream& stream);
  Result<FlowKey> choose_flow(const Stream& stream, const Endpoint& remote, Instant now);
  bool is_free(const FlowKey& flow, bool is_bound, Instant now);
  static Seq32 isn_after(const Stream& old, Seq32 wanted);
  void retire(Stream& old, Instant now);
  tcp::Config config_for(const Stream& stream) const;
  std::uint16_t mss_for(const Stream& stream, const IpAddress& remote) const;
  std::uint16_t announced_mss_for(const Stream& stream, const IpAddress& remote) const;
  std::uint16_t mss_of(const Stream& stream, std::uint16_t mtu) const;
  void note_fast_open(Stream& stream, Instant now);
  tcp::FastOpenCookie fast_open_cookie_for(const Stream& listener, const FlowKey& flow) const;
  void start_connection(Stream& stream, const FlowKey& flow, Seq32 isn);
  void abort_children(EndpointId parent, Instant now);
  template <typename Condition>
  void abort_where(Condition&& holds, Instant now);
  // After anything happened to a connection: its output, deadline, parent, readiness and end. The
  // stream may be gone afterwards.
  void settle(Stream& stream, Instant now);
  void follow_mtu(Stream& stream, Instant now);
  void drain(Stream& stream, Instant now);
  void tell_parent(Stream& stream, Instant now);
  void notify(Stream& stream, Instant now);
  void detach(Stream& stream);
  void destroy(Stream& stream);
  void hold_port(Stream& stream, const PortHold& hold);
  void release_port(Stream& stream);

  NodeContext context_;
  tcp::Config defaults_;
  network::Network& network_;
  ReadinessListener* listener_ = nullptr;
  tcp::ChunkPool chunks_;  // before the connections that give their chunks back
  Slots<Stream> streams_{EndpointKind::stream};
  Demux demux_;
  PortTable ports_;
  EphemeralPorts ephemeral_;
  FastOpenCache fast_open_cache_;
  DeadlineHeap<tcp::Connection> deadlines_;
  std::vector<EndpointId> unsettled_;  // whose segments end_batch() has to answer
  bool is_in_batch_ = false;
  DropCounters drops_;
};

}  // namespace strata::transport
