// SPDX-License-Identifier: MIT
// What tells one system's TCP from another's on the wire where the RFCs leave a choice or a system
// takes one. The defaults are what the RFCs recommend; profile.h has those of known systems.
#pragma once

#include <cstdint>

#include "stack/base/time.h"

namespace strata::tcp {

// In which order the options of a SYN stand and where their padding is.
enum class OptionOrder : std::uint8_t {
  sack_first,   // mss, sackOK, TS, nop, wscale: as Linux does it
  scale_first,  // mss, nop, wscale, sackOK, TS, eol: as the BSDs do it
};

// How the announced window follows the room in the receive buffer.
enum class WindowRule : std::uint8_t {
  worthwhile_steps,  // RFC 9293 3.8.6.2.2: the edge moves by a segment or half of the buffer
  slow_opening,      // Linux: all the room that has been earned by text, rounded up to the scale
  shrinking,         // Linux, tcp_shrink_window: the edge moves back when memory gets short
  all_the_room,      // the BSDs: whatever the buffer has, unless it is a silly window
};

// Which ICMP errors end a connection whose SYN is not yet answered (RFC 1122 4.2.3.9 names the
// hard ones; RFC 5461 describes the others).
enum class HandshakeErrors : std::uint8_t {
  hard,      // port and protocol unreachable
  all,       // Linux: each that means an error
  lasting,   // Linux since 6.9: those that RFC 1122 4.2.3.9 does not call soft
  refusals,  // the BSDs: the hard ones, what is prohibited, and time exceeded
  none,      // the BSDs with icmp_may_rst off
};

// What beside new text goes out as ECN-capable: nothing (RFC 3168 6.1.1), the SYN,ACK (RFC 5562),
// or every packet, as generalized ECN proposes.
enum class GeneralizedEcn : std::uint8_t { off, syn_ack, everything };

// What a segment to a port where nobody listens gets (RFC 9293 3.10.7.1: a RST).
enum class ClosedPorts : std::uint8_t {
  reset,
  ignore_syns,  // the BSDs with blackhole 1
  ignore_all,   // with blackhole 2
};

// Recovery with SACK and without PRR as FreeBSD does it (hole_recovery.cc).
enum class HoleRecovery : std::uint8_t {
  off,      // RFC 6675
  by_top,   // in flight is what was sent above the highest SACK block (rfc6675_pipe 0)
  by_pipe,  // and what is not sacked below it; three sacked segments show a loss (rfc6675_pipe 1)
};

// Which options the SYN,ACK of a simultaneous open has.
enum class CrossingOptions : std::uint8_t {
  agreed,                // what both SYNs had
  offered,               // Linux: those of our SYN, whatever the other one had
  offered_but_for_sack,  // FreeBSD before 12: the same, but sackOK only if both had it
};

// What ECN leaves to the system.
struct EcnHabits {
  // So many repeated SYNs still ask for ECN (RFC 3168 6.1.1.1 leaves it open).
  std::uint8_t syn_repeats = 0;
  GeneralizedEcn generalized = GeneralizedEcn::off;
  bool acks_cwr : 1 = false;             // text with CWR and a new ACK is acknowledged at once
  bool accurate_everywhere : 1 = false;  // with accurate ECN, all but SYNs are ECN-capable
  bool tells_octets : 1 = true;          // the option of RFC 9768 3.2.3 is sent
  bool distrusts_zero : 1 = true;        // RFC 9768 3.2.2.1, note 1
  bool acks_first_mark : 1 = true;       // RFC 9768 3.2.2.5.1: a mark after none is told at once
  bool answers_marked_syn : 1 = true;  // RFC 9768 3.2.2.2: our SYN came with CE, so we start slowly
  bool counts_marked_syn : 1 = false;  // a SYN with CE is in the count (drafts of RFC 9768)
  bool marks_new_probes : 1 = false;   // a window probe with an octet that was not sent before is
                                       // ECN-capable, as other text is (FreeBSD)
  bool reads_refused_acks : 1 =
      false;  // flags and codepoint count even on an ACK of what was not sent
  bool counts_in_time_wait : 1 = true;  // the ACE field; false: TIME-WAIT has forgotten it
  friend bool operator==(const EcnHabits&, const EcnHabits&) = default;
};

// Where Linux takes another way with tail loss probes than RFC 8985 7.
struct ProbeHabits {
  // A probe leaves so many milliseconds after two round trips, or RTO.min where a single segment is
  // out; 0: as TailLossProbe::timeout() has it.
  std::uint8_t margin_ms = 0;
  bool counts_once : 1 = false;       // what it repeats is in flight once, not twice
  bool needs_round_trip : 1 = true;   // RFC 8985 7.3: one has been measured since the last probe
  bool holds_up_time_out : 1 = true;  // where none may leave, the time-out starts again; false: it
                                      // runs from the departure of the first segment
  friend bool operator==(const ProbeHabits&, const ProbeHabits&) = default;
};

// What is long comes first, and a switch is a bit: there is a persona in every connection.
struct Persona {
  // Added to each time-out but the first one of a SYN (FreeBSD: rexmit_slop).
  Duration rto_slop{};
  Duration persist_min{};              // between window probes, at least (FreeBSD: persmin)
  Duration time_wait_reuse_delay{1s};  // see reuses_time_wait
  // Text that leaves within so long after text has come makes a dialogue, whose ACKs wait for the
  // next answer, however many were to be quick; an ACK that has waited in vain ends it (Linux:
  // "pingpong"). Zero: never.
  Duration dialogue_within{};
  // A full send buffer whose text could all leave within the window grows by so many octets, up to
  // the second number (FreeBSD: sendbuf_inc, sendbuf_max); 0: it stays as it is.
  std::uint32_t send_buffer_step = 0;
  std::uint32_t send_buffer_most = 0;
  // A writer that found the send buffer full makes it grow with the window, up to so many octets
  // (Linux: the largest of tcp_wmem); 0: the buffer stays as it is.
  std::uint32_t send_memory_most = 0;
  // The largest window that our shift allows for, bytes; 0: the receive buffer.
  std::uint32_t window_scale_bytes = 0;
  std::uint16_t first_window_most = 0xffff;  // see whole_segments_first
  WindowRule window_rule = WindowRule::worthwhile_steps;
  HandshakeErrors handshake_errors = HandshakeErrors::hard;
  ClosedPorts closed_ports = ClosedPorts::reset;
  HoleRecovery holes = HoleRecovery::off;
  // After so many time-outs a SYN is repeated with no option but the MSS; 0: never.
  std::uint8_t plain_syn_after = 0;
  EcnHabits ecn;
  // The window may grow while the most that was in flight in the last window has filled it,
  // whatever the ACK at hand finds (Linux: tcp_cwnd_validate()).
  bool growth_by_usage : 1 = false;
  // PRR without SACK as well: duplicate ACKs tell what was delivered (Linux).
  bool prr_by_duplicates : 1 = false;
  // What ICMP says of a lost route takes back the doubling of the time-out (RFC 6069).
  bool reverts_backoff : 1 = false;
  // Text that is not acknowledged when its time-out finds the window shut counts as lost to
  // congestion, and so at each probe with it (Linux, tcp_retransmit_timer()); false: the peer has
  // thrown it away (RFC 9293 3.8.6.1), and the window stays.
  bool shut_window_is_loss : 1 = false;
  // An ACK that leaves the window shut puts the next probe off.
  bool acks_put_off_probes : 1 = false;
  // An empty segment with an old time stamp may have been overtaken, which calls for no answer; and
  // if it is a duplicate ACK it counts (Linux, tcp_disordered_ack_check()).
  bool takes_overtaken_acks : 1 = false;
  // An ACK of what was never sent is answered (RFC 9293 3.10.7.4 fifth); false: not in ESTABLISHED,
  // where Linux drops it (tcp_ack()).
  bool answers_unsent_acks : 1 = true;
  CrossingOptions crossing_options = CrossingOptions::agreed;
  // The SYN,ACK of a simultaneous open is a SYN in the window, which is challenged; the handshake
  // is over with the next ACK (Linux before 6.11). False: it completes it (RFC 9293 3.5 figure 7).
  bool challenges_crossing_syn_ack : 1 = false;
  // Pacing starts after ten segments, lets whole bursts go, and makes up for half of what an idle
  // sender did not use (Linux: tcp_update_skb_after_send()).
  bool paces_bursts : 1 = false;
  // The least time-out bounds its variance term, not the whole: SRTT + max(4*RTTVAR, minimum).
  bool rto_min_on_variance : 1 = false;
  // A loss reduces the window, in use or not (Linux), where RFC 5681 3.1 (4) reduces what is in
  // flight.
  bool reduces_unused_window : 1 = false;
  // The echo of an older time stamp shows a recovery to be unnecessary though nothing is
  // outstanding any more (Linux: tcp_may_undo()); false: only if the peer uses D-SACK (RFC 3522 3.2
  // step 5).
  bool trusts_echo : 1 = false;
  // A mark of congestion brings the window down by PRR, as a loss does (Linux: CWR), and not at
  // once.
  bool marks_reduce_gradually : 1 = false;
  // Padding behind the Fast Open option: NOPs (Linux) or end of list.
  bool pads_with_nop : 1 = false;
  // Segments without the timestamps option are taken on a connection that has it (RFC 7323 3.2:
  // SHOULD be dropped).
  bool needs_timestamps : 1 = true;
  // CWR goes on whatever text leaves next, a retransmission too (RFC 3168 6.1.2: on new data).
  bool cwr_on_retransmission : 1 = false;
  // Linux: a segment that goes beyond the window is taken whole while the user has nothing to read,
  // and refused whole else. False: what fits is taken (RFC 9293 3.10.7.4).
  bool takes_overrun_whole : 1 = false;
  // A window that is no multiple of the scale's unit is rounded up, not down (FreeBSD since 13).
  bool rounds_window_up : 1 = false;
  // The window of the SYN is a multiple of the segment size, and no larger than first_window_most.
  bool whole_segments_first : 1 = false;
  // TIME-WAIT remembers the last numbers only and judges what arrives by them (the BSDs; see
  // time_wait.cc).
  bool time_wait_by_numbers : 1 = false;
  // What TIME-WAIT announces is what is left of the last window: the FIN has taken one octet of it
  // (FreeBSD before 14).
  bool time_wait_keeps_edge : 1 = false;
  // A FIN ends the duty to report what came twice.
  bool fin_forgets_duplicates : 1 = false;
  // A segment with both SYN and FIN is ignored (the BSDs: drop_synfin).
  bool ignores_syn_fin : 1 = false;
  // So many time-outs of a SYN do not double the next one (Linux since 6.5).
  std::uint8_t linear_syn_timeouts = 0;
  // Text on a SYN to a server of unknown MSS is cut to ours, not to the default of 536.
  bool fast_open_trusts_own_mss : 1 = false;
  // A request for a cookie that is not answered is repeated, by the next connection to that server,
  // with the option of experiments (RFC 6994), as servers older than RFC 7413 know it.
  bool fast_open_tries_experiment : 1 = false;
  // A cookie goes with text only; a SYN without asks for one, known or not (newer Linuxes).
  bool cookie_needs_text : 1 = false;
  // In SYN-SENT a segment that echoes a time stamp which was not sent gets a RST.
  bool checks_syn_echo : 1 = false;
  // A window probe is empty and below SND.UNA, as a keep-alive is, in place of an octet.
  bool empty_window_probe : 1 = false;
  // Nagle's algorithm waits for the last small segment only (Minshall), not for whatever is in
  // flight.
  bool nagle_minds_small_only : 1 = false;
  // Nagle's algorithm looks at what is in flight when the user sends, not again for each segment:
  // the last one of what began with nothing in flight leaves with the others (BSDs).
  bool nagle_looks_once : 1 = false;
  // Every second segment is acknowledged at once, however small, and one that is longer than an MSS
  // (BSDs); false: every second full-sized one.
  bool acks_second_segment : 1 = false;
  // Slow start goes on where cwnd is ssthresh (RFC 5681 3.1 leaves the choice), and an ACK counts
  // for L segments unless a time-out is being repaired (RFC 3465 2.3), not only before the first
  // loss (FreeBSD).
  bool slow_start_of_freebsd : 1 = false;
  // Without time stamps a round trip is that of one segment, the first of new text that leaves
  // while none is timed, up to the ACK that covers it; what is sent again ends it (BSDs). False:
  // that of the last segment acknowledged, once per window.
  bool times_one_segment : 1 = false;
  // Every ACK that tells of new octets gives one, and the deviation is followed as Linux does it
  // (RttEstimator::sample_each()); false: the rules of RFC 6298.
  bool times_each_ack : 1 = false;
  // Nor does the handshake of a server give one (FreeBSD: the SYN cache).
  bool times_syn_ack : 1 = true;
  // The MSS of a SYN,ACK is no larger than the peer's (FreeBSD before 13).
  bool mss_of_peer : 1 = false;
  // What close() finds unread is answered with a RST (RFC 2525 2.17); false: it is forgotten.
  bool close_resets_unread : 1 = true;
  // Text and FIN of a SYN,ACK count only where text went with our SYN; else they have to be sent
  // again (Linux: tcp_rcv_fastopen_synack()).
  bool syn_ack_text_answers_ours : 1 = false;
  // What close() of a listener finds half open is forgotten without a RST (Linux, whose request
  // sockets are no connections yet); only the next segment of the peer gets one.
  bool forgets_half_open : 1 = false;
  // While a listener defers connections without text, a handshake is over only with text, or with
  // the ACK of a SYN,ACK repeated at the end of that time (Linux: tcp_check_req()); false: the
  // connection is open, but is not given out.
  bool defers_in_handshake : 1 = false;
  // A SYN held for text (Fast Open) goes without when its user reads first.
  bool read_releases_syn : 1 = true;
  // Slow start counts what an ACK newly delivered; what duplicate ACKs told before, it does not.
  bool growth_by_delivery : 1 = false;
  // connect() takes over a 4-tuple in TIME-WAIT that had time stamps: at once where the user has
  // bound the port, else after time_wait_reuse_delay (Linux: tcp_tw_reuse, tcp_tw_reuse_delay).
  bool reuses_time_wait : 1 = false;
  // How fast the network delivers is sampled for the user to read, whatever the congestion control
  // (Linux: tcp_rate.c); false: only for an algorithm that asks for it.
  bool samples_rates : 1 = false;
  // The window grows as Linux counts (CongestionWindow::of_linux).
  bool counts_segments : 1 = false;
  // After shutdown() for reading, what still arrives may be read (Linux); false: it is dropped.
  bool reads_after_shutdown : 1 = false;
  OptionOrder option_order = OptionOrder::sack_first;
  // So many segments at the start are acknowledged at once, before ACKs are delayed.
  std::uint8_t quick_acks = 0;
  // The ACK of a FIN may be delayed like any other.
  bool delays_ack_of_fin : 1 = false;
  // The buffers are rounded up to whole segments, and what fits that for receiving is accepted even
  // where it was not announced.
  bool whole_segment_buffer : 1 = false;
  bool keeps_syn_text : 1 = true;  // RFC 9293 3.10.7.2; false: text on a SYN has to be sent again
  // Of a SYN that crosses ours the text is kept, but acknowledged only once ours is (BSDs).
  bool holds_crossing_text : 1 = false;
  bool reset_needs_edge : 1 = true;  // RFC 5961 3.2; false: a RST anywhere in the window resets
  bool challenge_syn : 1 = true;     // RFC 5961 4.2; false: a SYN in the window resets (RFC 793)
  // The send buffer is a limit on memory: a block of text costs something beside its octets, and is
  // filled once it is begun (Linux; send_memory.h).
  bool charges_for_blocks : 1 = false;
  // The receive buffer is one as well: a segment costs the block it came in, whatever its text
  // (Linux; receive_memory.h).
  bool charges_for_segments : 1 = false;
  std::uint8_t burst_segments_min = 2;  // a card is given no fewer at once
  // RACK.rtt is that of the delivered segment with the highest number (Linux), where RFC 8985 6.2
  // wants the one that was sent last.
  bool rack_by_sequence : 1 = false;
  // The user learns of a RST in CLOSING and LAST-ACK, too (RFC 9293 3.10.7.4 second has it not).
  bool closing_tells_reset : 1 = false;
  // A RST of ours has the window in it as any other segment; false: zero.
  bool reset_tells_window : 1 = false;
  // ACKs repeat a FIN that is not acknowledged, challenge ACKs excepted.
  bool acks_repeat_fin : 1 = false;
  // A server whose SYN,ACK neither takes the text of our SYN nor brings a cookie is not asked for
  // Fast Open again for a while (FreeBSD: fastopen.path_disable_time); false: it is, without text.
  bool fast_open_gives_up : 1 = false;
  // With a key that is set, cookies are made of the client's address alone (FreeBSD), not of the
  // server's as well (Linux).
  bool fast_open_cookie_of_client : 1 = false;
  // ICMP that tells of a narrower path before the peer has answered lowers the MSS of the SYNs to
  // come, too (FreeBSD with IPv6); false: it announces what the interface takes (RFC 9293 3.7.1).
  bool syn_follows_path_mtu : 1 = false;
  // What is sent again is cut from the buffer anew (BSDs): it is pushed only if nothing waits
  // behind it, and after a time-out segments are as long as they may be. False: they are as they
  // were.
  bool cuts_anew : 1 = false;
  // A server that has taken the text of a SYN waits with its SYN,ACK for text to go along, as long
  // as an ACK may be delayed, and repeats the cookie in it (FreeBSD).
  bool fast_open_awaits_text : 1 = false;
  ProbeHabits probe;
  friend bool operator==(const Persona&, const Persona&) = default;
};

}  // namespace strata::tcp
