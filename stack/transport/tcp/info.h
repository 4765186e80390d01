// SPDX-License-Identifier: MIT
// The figures of a connection that may be read back (TCP_INFO and more), and the running counts
// behind them. A part that a connection does not use leaves its figures at zero.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stack/base/events.h"
#include "stack/base/result.h"
#include "stack/base/time.h"

namespace strata::tcp {

// What happened since the connection was made. "Data" are segments with text.
struct Counters {
  std::uint64_t segments_sent = 0;
  std::uint64_t segments_received = 0;
  std::uint64_t data_segments_sent = 0;
  std::uint64_t data_segments_received = 0;
  std::uint64_t retransmissions = 0;        // segments
  std::uint64_t octets_sent = 0;            // of text, repetitions included
  std::uint64_t octets_retransmitted = 0;   // of text
  std::uint64_t out_of_order_segments = 0;  // received above a gap
  std::uint64_t duplicates_told = 0;        // segments which the peer told (D-SACK) came twice
  std::uint32_t challenge_acks = 0;         // sent (RFC 5961)
  std::uint32_t probes_sent = 0;            // into a zero window
  std::uint32_t reorderings_seen = 0;       // ACKs which told that something came late
  std::uint32_t keepalives_sent = 0;
  std::uint32_t timeouts = 0;        // of the retransmission timer, a SYN's included
  std::uint32_t timeout_series = 0;  // a series lasts until something is acknowledged
  Duration timeout_series_time{};    // of those that are over
  Instant timeout_series_since{};    // the last one
  Instant last_data_sent{};
  Instant last_data_received{};
  Instant last_ack_received{};
  friend bool operator==(const Counters&, const Counters&) = default;
};

// Figures for tables, tests and TCP_INFO. Stream offsets count octets from 0, SYN and FIN not
// included; sizes are octets unless they say segments.
// Octets of text by the codepoint that they came with.
struct EcnOctets {
  std::uint32_t ect0 = 0;
  std::uint32_t ect1 = 0;
  std::uint32_t ce = 0;
  friend bool operator==(const EcnOctets&, const EcnOctets&) = default;
};

struct Info {
  TcpState state{};
  std::string_view phase;    // of congestion control, as in TcpVariables
  bool is_reducing = false;  // the window is coming down for a mark (RFC 3168)

  // --- what the two ends agreed on ---
  bool uses_window_scaling = false;
  bool uses_timestamps = false;
  bool uses_sack = false;
  bool uses_ecn = false;
  bool used_fast_open = false;  // text on our SYN was taken (RFC 7413)
  std::uint8_t send_shift = 0;
  std::uint8_t receive_shift = 0;
  std::uint32_t mss = 0;             // text per segment we may send now
  std::uint32_t receive_mss = 0;     // largest text seen
  std::uint32_t advertised_mss = 0;  // what our SYN said
  std::uint32_t path_mtu = 0;        // octets of a datagram

  // --- sending ---
  std::uint32_t cwnd = 0;
  std::uint32_t ssthresh = 0;  // 0xffffffff before the first loss
  std::uint32_t flight = 0;
  std::uint32_t snd_wnd = 0;
  std::uint64_t snd_una = 0;
  std::uint64_t snd_nxt = 0;
  std::uint64_t snd_up = 0;            // end of the urgent data; 0: none were sent
  std::uint32_t send_queue_bytes = 0;  // accepted from the user, not acknowledged
  std::uint32_t not_sent_bytes = 0;    // of those
  std::uint32_t unacked_segments = 0;
  std::uint32_t sacked_segments = 0;
  std::uint32_t lost_segments = 0;
  std::uint32_t retransmitted_segments = 0;  // in flight again
  std::uint32_t reordering_segments = 3;     // the most by which one came late, at least 3
  std::uint64_t pacing_rate = 0;             // octets per second; 0: not paced
  std::uint64_t delivery_rate = 0;           // octets per second, last sample; 0: not sampled
  bool is_rate_app_limited = false;          // the user set the pace of it
  std::uint64_t delivered_segments = 0;
  std::uint64_t delivered_ce_segments = 0;
  // Accurate ECN (RFC 9768): what the peer has told of our octets, what has arrived.
  bool uses_accurate_ecn = false;
  std::uint32_t last_timestamp = 0;  // TSval of the latest segment with the option
  EcnOctets delivered_octets;
  EcnOctets received_octets;
  std::uint32_t received_ce_segments = 0;
  std::uint64_t octets_acked = 0;  // FIN and the SYN of a client are counted (Linux)

  // --- receiving ---
  std::uint32_t rcv_wnd = 0;
  std::uint32_t earned_window = 0;  // what slow opening allows for (announced_window.h)
  std::uint64_t rcv_nxt = 0;
  std::uint32_t receive_queue_bytes = 0;   // in order, not yet read
  std::uint32_t out_of_order_bytes = 0;    // above gaps
  std::uint32_t receive_buffer_bytes = 0;  // the bound of the two, as tuned by now
  std::uint64_t urgent_bytes = 0;          // up to the end of urgent data, not yet read (MUST-33)
  std::uint64_t octets_received = 0;
  Duration receive_rtt{};           // the receiver's estimate of the round trip
  std::uint64_t receive_space = 0;  // read by the user in the last round trip

  // --- times ---
  Duration srtt{};
  Duration rttvar{};
  Duration min_rtt{};
  Duration rto{};
  Duration ato{};                    // how long an ACK is delayed
  Duration busy_time{};              // something was to be sent or in flight
  Duration receiver_limited_time{};  // of that: the peer's window held it up
  Duration buffer_limited_time{};    // of that: our send buffer was full
  // What the sender has been doing since when: not yet part of the three.
  std::string_view activity;  // "idle", "busy", "receiver-limited", "buffer-limited"
  Instant activity_since{};

  // --- patience ---
  std::uint8_t timeouts = 0;           // of the retransmission timer in a row
  std::uint8_t timeout_doublings = 0;  // of its interval, now
  std::uint8_t probes_unanswered = 0;  // of the persist timer
  std::uint8_t keepalives_unanswered = 0;
  bool is_path_doubtful = false;  // R1 was reached (RFC 9293 3.8.3)
  // RFC 9293 3.9.1.8 (MUST-47), 3.9.2.2 (SHLD-25): the ICMP soft error that came since data were
  // last acknowledged.
  std::optional<Errc> soft_error;

  Counters counters;
  std::string timers;  // armed ones: "retransmission at 1.02 s, delayed-ack at 60 ms"
  friend bool operator==(const Info&, const Info&) = default;
};

}  // namespace strata::tcp
