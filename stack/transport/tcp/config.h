// SPDX-License-Identifier: MIT
// What a user of TCP may set, and the figures it may read back.
#pragma once

#include <cstdint>
#include <string>

#include "stack/base/events.h"
#include "stack/base/time.h"
#include "stack/transport/tcp/persona.h"

namespace strata::tcp {

// Explicit congestion notification (RFC 3168): never, always asked for, or only when the peer asks.
enum class EcnUse : std::uint8_t { off, on, passive };

// What becomes of a congestion window that is not used (window_validation.h).
enum class WindowValidation : std::uint8_t { off, rfc5681, rfc7661 };

// Settings of one connection. The defaults follow the RFCs named. Connection::reconfigure() says
// which may change during its life.
struct Config {
  std::uint32_t send_buffer_bytes = 256 * 1024;
  std::uint32_t receive_buffer_bytes = 256 * 1024;
  std::uint16_t mss_max = 0;         // cap on the MSS we announce and use; 0: from the MTU
  bool window_scaling = true;        // RFC 7323 2
  bool nagle = true;                 // RFC 9293 3.7.4
  Duration delayed_ack{40ms};        // RFC 9293 3.8.6.3: below 0.5 s; zero: every segment at once
  Duration rto_initial{1s};          // RFC 6298 2.1
  Duration rto_min{1s};              // RFC 6298 2.4
  Duration rto_max{60s};             // RFC 6298 2.5
  Duration msl{30s};                 // TIME-WAIT lasts twice this
  std::uint8_t syn_retries_max = 7;  // R2 of a SYN: 183 s; at least 3 minutes (RFC 9293 MUST-23)
  std::uint8_t retries_max = 15;     // R2, RFC 9293 3.8.3
  std::uint8_t initial_window_segments = 10;   // RFC 6928; RFC 5681 when 0
  std::string congestion_control = "newreno";  // a name from congestion.h's registry
  std::uint8_t abc_limit = 1;                  // L of RFC 3465 2.2, 1 or 2
  WindowValidation window_validation = WindowValidation::rfc5681;
  EcnUse ecn = EcnUse::off;
  bool pacing = false;                   // also algorithms that give no rate of their own
  Duration fin_wait_2_timeout{60s};      // after close() only
  bool cork = false;                     // TCP_CORK: full segments only, for a while
  std::uint32_t not_sent_low_water = 0;  // TCP_NOTSENT_LOWAT; 0: the buffer alone decides
  Persona persona;                       // what tells systems apart on the wire
};

// Readiness as poll() reports it.
struct Readiness {
  bool readable = false;  // data, end of stream or an error is waiting
  bool writable = false;
  bool error = false;
  bool hangup = false;       // both directions are shut
  bool peer_closed = false;  // nothing more will arrive
  bool urgent = false;       // urgent data is waiting
  friend bool operator==(const Readiness&, const Readiness&) = default;
};

// Figures for tables and tests; stream offsets count octets from 0, SYN and FIN not included.
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
  std::string timers;  // armed ones: "retransmission at 1.02 s, delayed-ack at 60 ms"
  friend bool operator==(const Info&, const Info&) = default;
};

enum class Close : std::uint8_t { graceful, abort };

}  // namespace strata::tcp
