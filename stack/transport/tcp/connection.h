// SPDX-License-Identifier: MIT
// One TCP connection (RFC 9293) as a sans-I/O state machine: segments and time in, segments and a
// deadline out. It does not know sockets, listeners or the IP layer.
//
// The owner's loop is the one of node.h, one level down:
//
//     connection.on_segment(header, payload, uid, arrival, now);   // or a user call, or
//     connection.on_deadline(now);                                 // its deadline has come
//
//     while (auto segment = connection.poll_segment(now)) network.send(std::move(*segment));
//     heap.set(connection, connection.next_deadline());
//     if (connection.is_finished()) destroy it
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "stack/base/address.h"
#include "stack/base/bytes.h"
#include "stack/base/deadline_heap.h"
#include "stack/base/result.h"
#include "stack/base/seq32.h"
#include "stack/base/tracer.h"
#include "stack/transport/tcp/announced_window.h"
#include "stack/transport/tcp/arrival.h"
#include "stack/transport/tcp/challenge.h"
#include "stack/transport/tcp/chronograph.h"
#include "stack/transport/tcp/chunks.h"
#include "stack/transport/tcp/config.h"
#include "stack/transport/tcp/congestion.h"
#include "stack/transport/tcp/delivery_rate.h"
#include "stack/transport/tcp/ecn.h"
#include "stack/transport/tcp/fast_open.h"
#include "stack/transport/tcp/info.h"
#include "stack/transport/tcp/keepalive.h"
#include "stack/transport/tcp/options.h"
#include "stack/transport/tcp/pacer.h"
#include "stack/transport/tcp/path_mtu.h"
#include "stack/transport/tcp/receive_buffer.h"
#include "stack/transport/tcp/receive_memory.h"
#include "stack/transport/tcp/receive_tuning.h"
#include "stack/transport/tcp/recovery.h"
#include "stack/transport/tcp/retransmit_queue.h"
#include "stack/transport/tcp/rtt.h"
#include "stack/transport/tcp/sack_report.h"
#include "stack/transport/tcp/send_buffer.h"
#include "stack/transport/tcp/send_memory.h"
#include "stack/transport/tcp/signature.h"
#include "stack/transport/tcp/tcb.h"
#include "stack/transport/tcp/timers.h"
#include "stack/transport/tcp/timestamps.h"
#include "stack/transport/tcp/urgent.h"
#include "stack/transport/tcp/window_validation.h"
#include "stack/wire/tcp.h"

namespace strata::tcp {

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
  // and RST clear), `ecn` is the codepoint of its IP header. Text it carries is kept for delivery
  // once the connection is established.
  void open_passive(const wire::TcpHeader& syn, Bytes payload, PacketUid uid, Instant arrival,
                    Instant now, std::uint8_t ecn = 0);

  // As open_passive(), for a SYN whose Fast Open cookie is good (RFC 7413 4.2.2): the user may read
  // its text and answer before the handshake is over.
  void open_passive_fast(const wire::TcpHeader& syn, Bytes payload, PacketUid uid, Instant arrival,
                         Instant now, std::uint8_t ecn = 0);
  // SYN-RECEIVED after a SYN,ACK that was sent statelessly, with our `isn` as its number: `syn` is
  // what its cookie remembers (RFC 4987 3.6). The ACK that brought it comes next.
  void resume_passive(const wire::TcpHeader& syn, Instant now);

  // --- Fast Open, before open_active() or open_passive() (fast_open.cc) ---
  // The SYN carries `cookie`; with an empty one it asks for a cookie, else it waits for the first
  // text and takes it along. `peer_mss`: what the server announced last time, 0 if unknown.
  void request_fast_open(const FastOpenCookie& cookie, std::uint16_t peer_mss);
  // The SYN,ACK gives the peer this cookie.
  void grant_fast_open(const FastOpenCookie& cookie) { fast_open_.option = cookie; }
  const FastOpen& fast_open() const { return fast_open_; }
  // What the peer has announced.
  std::uint16_t peer_mss() const { return fast_open_.peer_mss; }

  // The eight steps of RFC 9293 3.10.7.4 (and 3.10.7.3 in SYN-SENT). `arrival` is when the last bit
  // of the frame arrived at this host; `uid` names its packet, `ecn` is the codepoint of its IP
  // header (RFC 3168 5). The packet that `payload` lies in, `carrier`, may be kept with it until
  // the user has read it. Returns why the segment was rejected, if it was (traced already), for the
  // owner to count.
  std::optional<DropReason> on_segment(const wire::TcpHeader& header, Bytes payload, PacketUid uid,
                                       Instant arrival, Instant now, std::uint8_t ecn = 0,
                                       Packet* carrier = nullptr);
  // The next segment to hand to the network layer: TCP header (checksummed) and payload. nullopt:
  // nothing may be sent now. A segment returned counts as sent.
  std::optional<Packet> poll_segment(Instant now);
  // The codepoint that the segment poll_segment() gave last wants in its IP header.
  std::uint8_t ecn_codepoint() const { return codepoint_; }
  // Nothing is to be done but to acknowledge text that came in its order: poll_segment() may wait
  // until segments that arrived at the same instant have been processed (RFC 9293 MUST-59).
  bool may_answer_later() const;
  // Nor is there anything to acknowledge: poll_segment() would give nothing and change nothing.
  bool is_quiet() const { return !ack_now_ && !urgent_.is_set() && may_answer_later(); }
  // When to call on_deadline(); kNever when no timer is armed. It may be earlier than the first
  // timer, never later: a timer that moved back is looked at again when its old instant comes.
  Instant next_deadline() const;
  void on_deadline(Instant now);
  // A soft (remembered, RFC 9293 3.9.2.2) or hard ICMP error about a segment whose sequence number
  // is outstanding; ignored otherwise. A hard error ends a connection that is not yet synchronised
  // and counts as soft afterwards (RFC 5927 5.2).
  void on_icmp_error(Errc error, bool hard, Seq32 quoted_sequence, Instant now);
  // No route to the peer, says ICMP of a segment of ours (RFC 6069).
  void on_route_lost(Seq32 quoted_sequence, Instant now);

  // A router reported that the segment with `quoted_sequence` does not fit: segments carry at most
  // `mss` octets of text from now on (RFC 1191 6.5), and what was too large goes out again in
  // pieces. Ignored if nothing outstanding is meant or `mss` is no smaller than what is in use.
  void on_path_mtu(std::uint16_t mss, Seq32 quoted_sequence, Instant now);

  // The interface that segments leave through takes at most `mss` octets of text now. Ignored if
  // that is no smaller than what is in use; it may grow again with on_path_mtu_expired().
  void on_interface_mtu(std::uint16_t mss, Instant now);
  // Before the handshake: the path is known to take segments of `mss` octets only, whatever we
  // announce.
  void start_with_path(std::uint16_t mss) { path_mss_ = mss; }

  // Segments are smaller than both ends could take, because of what routers said.
  bool is_path_narrowed() const { return path_mtu_.is_narrowed(); }
  // That was long ago: `mss` may be tried again (RFC 1191 6.3).
  void on_path_mtu_expired(std::uint16_t mss, Instant now);

  // --- user calls (RFC 9293 3.9.1) ---
  // Octets accepted; would_block when the send buffer is full; broken_pipe after shutdown_send() or
  // when the connection is closed; a pending error first.
  Result<std::size_t> send(Bytes data, Instant now, Keep keep = Keep::copy);
  // Octets read; 0 at end of stream; would_block when nothing is there; a pending error once what
  // arrived before it has been read. `peek` leaves the octets in the buffer.
  Result<std::size_t> receive(MutableBytes into, bool peek, Instant now);
  // As send(); what was accepted becomes urgent data up to its last octet (RFC 9293 3.8.5), which a
  // socket peer takes for the out-of-band one.
  Result<std::size_t> send_urgent(Bytes data, Instant now);
  // The out-of-band octet (MSG_OOB). would_block: announced, not here yet; invalid_argument: none
  // was announced, it has been taken, or it stays in the stream (oob_inline).
  Result<std::uint8_t> receive_urgent(bool peek);
  // SIOCATMARK: what receive() returns next begins at the urgent mark.
  bool is_at_mark() const;
  // True once after each advance of the urgent pointer (MUST-32): tell the user.
  bool take_urgent_notice() { return urgent_.take_notice(); }
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
  // accept() has given it to a user.
  void on_accepted() { is_accepted_ = true; }
  // Takes over the settings that socket options change in passing. The segment size and what has
  // been agreed with the peer stay as they are, and so does the window it was promised.
  void reconfigure(const Config& config, Instant now);
  // A SYN that waits for text to take along (Fast Open) leaves without.
  void release_syn() { fast_open_.is_held = false; }
  // The next send() follows at once (MSG_MORE): what does not fill a segment waits for it.
  void expect_more(bool more) { more_coming_ = more; }
  // What send() has taken so far is a record (MSG_EOR): no segment goes beyond its end.
  void end_record();
  // What waits for more goes out now (TCP_NODELAY is set, even if it was).
  void push_pending() { override_sws_ = pushes_pending_ = has_unsent(); }
  std::size_t readable_octets() const { return receive_buffer_.readable(); }  // SIOCINQ
  std::size_t unacknowledged_octets() const { return send_buffer_.size(); }   // SIOCOUTQ
  std::size_t unsent_octets() const;                                          // SIOCOUTQNSD
  // True once each time R1 is reached: the route to the peer is in doubt (RFC 9293 3.8.3, MUST-20).
  bool take_path_doubt() { return std::exchange(is_path_doubt_due_, false); }

  void set_keepalive(const KeepaliveSettings& settings, Instant now);
  // In TIME-WAIT: may `syn` open a new incarnation (RFC 9293 3.6.1 MAY-2, RFC 6191)? The owner then
  // destroys this connection and gives the SYN to the listener.
  bool may_be_replaced_by(const wire::TcpHeader& syn) const;
  // Since when it has been in TIME-WAIT, if time stamps tell its segments from those of another
  // incarnation (RFC 6191); nullopt otherwise.
  std::optional<Instant> stamped_time_wait_since() const;
  // Before the SYN: this is the incarnation after `old`.
  void resume_timestamps(const Timestamps& old) { timestamps_.resume(old); }
  const Timestamps& timestamps() const { return timestamps_; }
  // Aborts the program when the state contradicts itself, e.g. data outstanding without a timer
  // that would ever resend it. Holds after each poll_segment() that returned nullopt.
  void check_invariants() const;

  // Octets of memory held beyond sizeof(Connection): buffers and queue.
  std::size_t footprint_bytes() const;

  DeadlineSlot deadline_slot;  // for the owner's DeadlineHeap

 private:
  enum class Disposition : std::uint8_t { proceed, drop };

  // What to put into the next packet.
  struct Outgoing {
    std::uint64_t seq = 0;     // absolute
    std::uint32_t length = 0;  // of the text
    std::uint8_t flags = 0;
    SegmentKind kind{};
    RetransmitCause cause = RetransmitCause::none;
    PacketUid first_sent_as = kNoPacket;
    bool is_new_octet = false;  // of a window probe: not sent before
  };
  // A RST to send; its numbers do not always come from our variables.
  struct PendingReset {
    Seq32 sequence;
    Seq32 acknowledgement;
    std::uint8_t flags = 0;
    std::uint16_t window = 0;
    PacketUid because_of = kNoPacket;
  };

  // --- input.cc, acknowledgement.cc: the steps of RFC 9293 3.10.7.3 and 3.10.7.4, in order ---
  void process_syn_sent(Arrival& segment);
  void process_other_states(Arrival& segment);
  Disposition check_timestamps(Arrival& segment);
  Disposition judge_outdated(Arrival& segment, TimestampValue value);
  Disposition check_sequence(Arrival& segment);
  Disposition check_rst(Arrival& segment);
  Disposition check_security(Arrival& segment);
  Disposition check_time_wait(Arrival& segment);
  Disposition check_syn(Arrival& segment);
  Disposition check_ack(Arrival& segment);
  void process_text(Arrival& segment);
  void process_fin(Arrival& segment);

  Disposition check_ack_of_syn(Arrival& segment);
  void trim_front(Arrival& segment);
  void trim_back(Arrival& segment);
  bool is_acceptable(const Arrival& segment) const;
  bool is_repeated_fin(const Arrival& segment) const;
  void answer_unacceptable(Arrival& segment);
  bool may_answer(const Arrival& segment);
  void count_received(Bytes payload, Instant arrival);
  std::size_t whole_segments(std::size_t octets) const;
  void round_buffers();
  void adopt_peer_syn(const wire::TcpHeader& syn, std::uint8_t codepoint, Instant arrival);
  bool is_duplicate_ack(const Arrival& segment) const;
  void apply_ack(Arrival& segment);
  void apply_sack(const Arrival& segment, AckEvent& event);
  Acknowledged advance_una(Arrival& segment, AckEvent& event);
  void on_delivered(const SegmentRecord& record, AckEvent& event);
  void read_marks(Arrival& segment, AckEvent& event);
  void on_syn_acked(bool was_lost, Instant now);
  void restart_timers(bool restart, Instant now);
  void sample_rtt(const Acknowledged& acknowledged, const Arrival& segment, const AckEvent& event,
                  std::uint64_t flight);
  void sample_each_rtt(const Acknowledged& acknowledged, const Arrival& segment,
                       const AckEvent& event);
  void note_dialogue(Instant now);
  void on_rtt_sampled(Duration sample, Instant now);
  std::optional<Duration> echoed_rtt(const Arrival& segment) const;
  void update_send_window(const Arrival& segment);
  void on_fin_acked(Instant now);
  void schedule_ack(ReceiveBuffer::Outcome outcome, std::size_t octets, Instant now);
  void acknowledge_fin(Instant now);
  void advance_receive_next();
  void report_duplicate(std::uint64_t begin, std::uint64_t end);
  void challenge(const Arrival& segment);
  void reset_with_its_ack(Arrival& segment, DropReason reason);
  void reject(Arrival& segment, DropReason reason);
  void report_arrival(const Arrival& segment);

  // --- congestion_feedback.cc: what the connection does for congestion control ---
  AckSample ack_sample(const AckEvent& event, const Acknowledged& acknowledged,
                       std::uint64_t flight_before);
  void reduce_for_mark(const Arrival& segment);
  void note_phase_change(Recovery::Phase before);
  void note_codepoint(const Arrival& segment);
  void count_duplicate(const Arrival& segment, std::int64_t end);
  Packet emit_early_ack(Instant now);
  bool must_wait_for_pace(Instant now);
  std::uint64_t pacing_rate() const;
  void note_departure(std::uint64_t end, std::uint32_t length, Instant now);
  void watch_rates();
  void tell_losses(Instant now);
  void note_app_limit();
  void restart_window_after_idle(Instant now);

  // --- path_mtu.cc ---
  void suspect_black_hole();
  std::uint64_t path_probe_text(std::uint64_t queued, std::uint64_t usable, Instant now);
  void on_path_probe_sent(std::uint64_t text);
  void judge_path_probe(const AckEvent& event, Instant now);
  void lose_path_probe(Instant now);
  void give_up_path_probe(Instant now);
  Duration path_probe_interval() const;
  void use_segment_size(std::uint32_t smss);
  std::uint16_t text_of(std::uint16_t mss) const;
  // Of the options that every segment carries.
  std::uint32_t constant_option_bytes() const {
    return (terms_.timestamps ? kTimestampsBytes : 0U) +
           (offer_.is_signed ? static_cast<std::uint32_t>(kSignatureBytes) : 0U);
  }
  void push_header(Packet& packet, wire::TcpHeader& header,
                   const InternetChecksum& text_sum = {}) const;
  bool has_signature(const wire::TcpHeader& header, Bytes text) const;

  // --- fast_open.cc: RFC 7413 ---
  std::uint32_t syn_text_octets() const;
  bool awaits_text_for_syn() const;
  void conclude_fast_open(const wire::TcpHeader& syn_ack);
  // The user may exchange text: the handshake is over, or need not be waited for.
  bool is_open_to_user() const { return is_synchronised() || fast_open_.is_accepted; }

  // --- urgent.cc: RFC 9293 3.8.5 ---
  void process_urg(const Arrival& segment);
  void divert_urgent_octet();
  std::size_t read_text(MutableBytes into, bool peek);
  bool is_urgent_pending() const;

  // --- patience.cc: when to ask the peer for a sign of life, when to give up ---
  bool is_given_up(Instant now) const;
  Instant retransmission_deadline(Instant now) const;
  bool is_probing_in_vain(Instant now);
  void doubt_path();
  void on_keepalive_timeout(Instant now);
  void arm_keepalive(Instant now);

  // --- the room for text that the user sends ---
  // Of `offered` octets as many as there is room for, which is theirs now.
  std::size_t take_room(std::size_t offered);
  void grow_send_buffer(std::size_t offered);
  bool has_send_room() const;  // enough to wake a writer
  bool is_send_full() const {
    return send_memory_ != nullptr ? send_memory_->is_starved() : send_buffer_.room() == 0;
  }
  std::uint64_t send_limit() const;  // octets of memory
  void grow_send_memory();
  std::uint64_t next_burst_octets() const;
  void find_send_space();
  std::uint64_t burst_segments() const;

  void discard_unwanted();

  // --- receive_window.cc ---
  ReceiveMemory* receive_memory();  // none unless the persona charges for segments
  std::uint64_t receive_limit() const;
  std::uint64_t receive_room();
  std::uint64_t right_edge() const;
  // Of the window announced last; may be below the right edge.
  std::uint64_t offered_edge() const;
  std::uint32_t offered_window() const {
    return static_cast<std::uint32_t>(offered_edge() - rcv_.nxt);
  }
  bool is_refused_overrun(const Arrival& segment) const;
  bool is_beyond_memory(const Arrival& segment);
  void charge_for(const Arrival& segment, std::uint64_t octets);
  void grow_for_gap(std::uint64_t end);
  void measure_segment(const Arrival& segment);
  bool is_window_worth_telling();
  void shrink_receive_buffer();
  void tune_receive_buffer(Instant now);
  std::uint16_t first_window() const;
  std::uint64_t window_most() const;
  std::uint16_t window_field(bool scaled, std::uint64_t ack);
  void offer_up_to(std::uint64_t edge);
  std::uint64_t window_units(std::uint64_t ack, std::uint8_t shift, std::uint64_t room,
                             std::uint64_t edge);
  std::uint64_t buffer_edge() const;
  std::uint64_t reader_room() const;
  std::uint64_t next_window(std::uint64_t ack, std::uint64_t unit, std::uint64_t room,
                            std::uint64_t edge);
  void update_window_after_read();

  // --- output.cc: what may be sent now ---
  Packet emit_first_syn(Instant now);
  std::optional<Packet> next_segment(Instant now);
  std::optional<Packet> lose_to_card(Instant now);
  std::optional<Packet> poll_retransmission(Instant now);
  std::optional<Packet> poll_tail_probe(Instant now);
  std::optional<Packet> poll_last_resort(Instant now);
  std::optional<Packet> poll_probe(Instant now);
  Packet send_new(std::uint64_t length, Instant now);
  Packet send_again(SegmentRecord& record, std::uint32_t length, RetransmitCause cause,
                    Instant now);
  std::optional<Packet> poll_new(Instant now);
  Packet emit_ack(Instant now);
  Packet emit_keepalive(Instant now);
  Packet emit_reset(Instant now);
  void count_sent(const Outgoing& segment, Instant now);
  void note_activity(Instant now);
  Packet emit(Outgoing segment, Instant now);
  EcnMarks mark(const Outgoing& segment);
  void write_syn_options(wire::TcpHeader& header, Instant now);
  void report_sent(const Packet& packet, const Outgoing& segment, std::size_t header_bytes,
                   Instant now);
  bool may_send_now(std::uint64_t length, std::uint64_t queued, std::uint64_t usable) const;
  bool has_unsent() const;
  std::uint32_t text_most() const;
  std::uint64_t whole_packet(std::uint32_t text) const;
  std::uint64_t octets_of_record();
  void on_sequence_sent(std::uint64_t end, std::uint32_t length, Instant now);
  void arm_persist(Instant now);
  void arm_loss_probe(Instant now);
  std::span<const OffsetRange> held_above_gaps(std::vector<OffsetRange>& with_fin) const;
  std::size_t write_ecn_option(wire::TcpOptionWriter& writer, std::size_t room,
                               std::size_t sack_blocks);
  bool write_options(wire::TcpHeader& header, std::uint32_t text_bytes, Instant now);

  // --- lifecycle.cc: states, timers, errors ---
  void set_state(TcpState to, std::string_view cause, Instant now);
  void on_synchronised(Instant now);
  void enter_time_wait(std::string_view cause, Instant now);
  void enter_closed(std::string_view cause, Instant now);
  void fail(Errc error, std::string_view cause, Instant now);
  void reset_peer();
  void queue_fin(Instant now);
  void set_timer(Timer timer, Instant deadline, Instant now);
  void cancel_timer(Timer timer, Instant now);
  void on_timer(Timer timer, Instant now);
  void on_reordering_timeout(Instant now);
  void on_loss_probe_timeout(Instant now);
  void on_retransmission_timeout(Instant now);
  void count_timeout(Instant now);
  void on_persist_timeout(Instant now);
  void put_off_probe(Instant now);
  bool is_outstanding(Seq32 sequence) const;
  void report_variables(std::string_view cause, Instant now) {
    if (context_->tracer->wants<TcpVariables>()) [[unlikely]]
      report_changed_variables(cause, now);
  }
  void report_changed_variables(std::string_view cause, Instant now);
  TcpVariables variables(std::string_view cause) const;
  void describe_terms(Info& info) const;  // info.cc
  void describe_sending(Info& info) const;
  void describe_receiving(Info& info) const;
  void describe_accurate_ecn(Info& info) const;

  bool is_synchronised() const { return snd_.una > 0; }  // our SYN has been acknowledged
  std::uint64_t fin_sequence() const { return send_buffer_.end() + 1; }
  bool is_fin_acked() const { return fin_queued_ && snd_.una > fin_sequence(); }
  std::uint64_t stream_offset_sent(std::uint64_t absolute) const;
  std::uint64_t stream_offset_received() const;

  // Emits an event about the packet `uid` that is not in our hands any more.
  template <typename Build>
  void trace_about(PacketUid uid, Instant now, Build&& build) const;

  const NodeContext* context_;
  FlowKey flow_;
  Config config_;
  TcpState state_ = TcpState::closed;

  Offer offer_;
  Terms terms_;
  Timestamps timestamps_;
  SendSequence snd_;
  ReceiveSequence rcv_;
  SendBuffer send_buffer_;
  std::uint64_t burst_end_ = 0;  // while a writer waits: of what leaves as one
  Instant time_wait_since_{};
  std::unique_ptr<SendMemory> send_memory_;  // of a persona that charges for more than octets
  ReceiveBuffer receive_buffer_;
  std::unique_ptr<ReceiveMemory> receive_memory_;  // likewise
  SackReport sack_report_;
  RetransmitQueue queue_;
  TimerTable timers_;
  RttEstimator rtt_;
  std::unique_ptr<CongestionControl> control_;
  CongestionWindow window_;
  Recovery recovery_;
  WindowValidator validator_;
  EcnEndpoint ecn_;
  Pacer pacer_;
  std::unique_ptr<DeliveryRateSampler> rates_;  // only for who asks for them
  UrgentMark urgent_;
  FastOpen fast_open_;
  PathMtu path_mtu_;
  std::uint16_t path_mss_ = 0xffff;  // known of the path before the handshake
  ReceiveTuning tuning_;
  WindowOpening opening_;
  Keepalive keepalive_;

  bool is_receive_buffer_set_ = false;  // by the user, of this connection
  bool is_accepted_ = false;
  bool was_syn_ack_answered_ = false;  // by an ACK that was not taken (Config::deferred_timeouts)
  bool opened_actively_ = false;
  bool fin_queued_ = false;                 // the user has closed its sending side
  bool user_gone_ = false;                  // close() was called
  bool receive_shut_ = false;               // shutdown_receive() was called
  bool peer_fin_received_ = false;          // in order; RCV.NXT is beyond it
  bool more_coming_ = false;                // MSG_MORE
  std::vector<std::uint64_t> record_ends_;  // absolute, of what was not sent yet
  std::uint64_t idle_burst_end_ = 0;        // the last octet of what began to leave with nothing in
                                            // flight and is still leaving; 0: nothing
  std::uint64_t small_until_ = 0;           // behind the last segment sent that was not full
  std::uint64_t pushed_ = 0;                // the stream offset up to which send() calls said PUSH
  std::size_t posted_ = 0;                  // octets that a reader who waits for text takes at once
  Instant readable_since_{};                // the oldest text that has not been read
  bool ack_now_ = false;
  bool challenging_ = false;  // the ACK to send is a challenge (RFC 5961)
  bool probe_now_ = false;
  bool keepalive_now_ = false;
  bool is_path_doubtful_ = false;
  bool is_path_doubt_due_ = false;
  bool tail_probe_now_ = false;
  bool pushes_pending_ = false;            // push_pending() set the next
  bool override_sws_ = false;              // RFC 9293 3.8.6.2.1 rule (4): the time-out has come
  std::optional<std::uint64_t> peer_fin_;  // its absolute number, once seen, maybe above a gap
  std::optional<PendingReset> pending_reset_;
  std::optional<std::uint64_t> early_ack_;  // leaves before anything else, up to this octet
  EcnMarks early_marks_;                    // ... with the marks of then
  std::uint8_t codepoint_ = 0;              // of the last segment
  std::optional<Errc> error_;
  std::optional<Errc> soft_error_;

  std::uint8_t quick_acks_left_ = 0;
  bool in_dialogue_ = false;                 // see Persona::dialogue_within
  std::uint32_t unacked_octets_ = 0;         // received since our last ACK
  std::uint32_t peer_segment_estimate_ = 0;  // largest text seen: what a full segment is
  std::uint8_t timeouts_ = 0;                // of the retransmission timer in a row
  std::uint8_t persist_doublings_ = 0;
  std::uint8_t probes_unanswered_ = 0;
  Instant probing_since_{};            // when the first unanswered probe was due
  std::uint64_t timed_from_ = 0;       // only what is sent from here on gives the next RTT sample
  std::optional<SegmentTimed> timed_;  // the one segment that gives it (persona)
  Instant last_sent_{};                // when sequence space was last sent
  PacketUid probe_uid_ = kNoPacket;    // first probe of the octet now being probed
  PacketUid because_of_ = kNoPacket;   // the arrival now being answered
  ChallengeLimiter challenges_;        // RFC 5961
  ChallengeLimiter empty_replies_;     // to unacceptable segments without text
  ChallengeLimiter keepalive_replies_;

  Counters counters_;
  Chronograph chronograph_;
  std::unique_ptr<TcpVariables> reported_;  // last TcpVariables, only while observed
};

template <typename Build>
void Connection::trace_about(PacketUid uid, Instant now, Build&& build) const {
  using E = std::invoke_result_t<Build>;
  if (context_->tracer->wants<E>()) [[unlikely]] {
    context_->tracer->emit(Event{
        .time = now, .node = context_->node, .uid = uid, .body = std::forward<Build>(build)()});
  }
}

}  // namespace strata::tcp
