// SPDX-License-Identifier: MIT
// What a user of TCP may set. What it may read back is in info.h.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>

#include "stack/base/time.h"
#include "stack/transport/tcp/keepalive.h"
#include "stack/transport/tcp/path_mtu.h"
#include "stack/transport/tcp/persona.h"
#include "stack/transport/tcp/prr.h"

namespace strata::tcp {

// Explicit congestion notification (RFC 3168): never, always asked for, or only when the peer asks.
// Accurate ECN (RFC 9768): asked for; agreed to while our own opens ask for the classic one; only
// when the peer asks.
enum class EcnUse : std::uint8_t {
  off,
  on,
  passive,
  accurate,
  accurate_incoming,
  accurate_passive,
};

// What becomes of a congestion window that is not used (window_validation.h).
enum class WindowValidation : std::uint8_t { off, rfc5681, rfc7661 };

// What a listener does about SYNs when too many handshakes are under way (RFC 4987).
enum class SynCookies : std::uint8_t { off, overflow, always };

// Settings of one connection. The defaults follow the RFCs named. Connection::reconfigure() says
// which may change during its life.
struct Config {
  std::uint32_t send_buffer_bytes = 256 * 1024;
  std::uint32_t receive_buffer_bytes = 256 * 1024;
  std::uint32_t receive_buffer_max_bytes = 0;  // the buffer grows up to this with a fast reader
  std::uint32_t window_clamp = 0;              // the largest window offered; 0: the buffer's
  bool no_options = false;                     // none is sent, and those of the peer are ignored
  std::uint16_t advertised_mss_max = 0;        // cap on the MSS we announce alone; 0: none
  std::uint16_t mss_max = 0;     // cap on the MSS we announce and use; 0: from the MTU
  bool window_scaling = true;    // RFC 7323 2
  bool timestamps = false;       // RFC 7323 3
  bool sack = true;              // RFC 2018
  bool d_sack = true;            // report duplicates (RFC 2883)
  bool fast_retransmit = true;   // false: only the time-out detects losses
  bool limited_transmit = true;  // RFC 3042
  // Each partial ACK restarts the timer, not the first alone (RFC 3782 4: the "slow-but-steady"
  // variant of NewReno instead of the "impatient" one).
  bool slow_but_steady = false;
  bool rack = true;  // detect losses by RACK (RFC 8985); false: by RFC 6675
  // With SACK: recovery as it was first simulated (Fall and Floyd 1996, "Simulation-based
  // Comparisons of Tahoe, Reno, and SACK TCP"): `pipe` is counted up and down, not derived from
  // the scoreboard as in RFC 6675. Takes the place of `rack` and of PRR.
  bool counted_pipe = false;
  bool tail_loss_probe = true;  // RFC 8985 7
  // Probes during recovery too, which RFC 8985 7.2 leaves to the time-out (RFC 9002 6.2 does not):
  // a retransmission that is lost while nothing else may be sent, or the update of a shut window.
  // Unset: as the congestion control would have it (CongestionTraits::probes_in_recovery).
  std::optional<bool> probe_in_recovery;
  ReductionBound prr = ReductionBound::slow_start;  // RFC 6937
  bool f_rto = true;                                // RFC 5682
  bool undo = true;                  // take back what was spurious (RFC 3522, 3708, 4015)
  bool nagle = true;                 // RFC 9293 3.7.4
  Duration delayed_ack{40ms};        // RFC 9293 3.8.6.3: below 0.5 s; zero: every segment at once
  Duration rto_initial{1s};          // RFC 6298 2.1
  Duration rto_min{1s};              // RFC 6298 2.4
  Duration rto_max{60s};             // RFC 6298 2.5
  Duration msl{30s};                 // TIME-WAIT lasts twice this
  std::uint8_t syn_retries_max = 7;  // R2 of a SYN: 183 s; at least 3 minutes (RFC 9293 MUST-23)
  // A listener's child takes no ACK without text before so many time-outs of its SYN,ACK, and does
  // not repeat that while an ACK has come; 0: it takes each (Persona::defers_in_handshake).
  std::uint8_t deferred_timeouts = 0;
  // How long a handshake may take in all; zero: the count of retries alone decides.
  Duration handshake_timeout{};
  std::uint8_t retries_max = 15;               // R2, RFC 9293 3.8.3
  std::uint8_t initial_window_segments = 10;   // RFC 6928; RFC 5681 when 0
  std::uint32_t window_segments_max = 0;       // cwnd does not grow beyond so many; 0: no limit
  std::string congestion_control = "newreno";  // a name from congestion.h's registry
  std::uint8_t abc_limit = 1;                  // L of RFC 3465 2.2, 1 or 2
  // CUBIC leaves room for newcomers when its saturation point has come down (RFC 9438 4.7).
  bool fast_convergence = true;
  WindowValidation window_validation = WindowValidation::rfc5681;
  EcnUse ecn = EcnUse::off;
  bool pacing = false;                   // also algorithms that give no rate of their own
  std::uint64_t pacing_rate_max = 0;     // octets per second (SO_MAX_PACING_RATE); 0: no limit
  std::uint8_t pacing_burst = 0;         // segments that leave together, evenly; 0: as the persona
  bool card_is_full = false;             // nothing that is sent gets into the queue of the card
  std::uint16_t joined_segment = 0;      // length of what the card joins (GRO); 0: unknown
  Duration fin_wait_2_timeout{60s};      // after close() only
  bool cork = false;                     // TCP_CORK: full segments only, for a while
  std::uint32_t not_sent_low_water = 0;  // TCP_NOTSENT_LOWAT; 0: the buffer alone decides
  Persona persona;                       // what tells systems apart on the wire
  bool time_wait_ignores_rst = false;    // RFC 1337 3, fix F1
  bool oob_inline = false;               // urgent data stay in the stream (RFC 6093 recommends it)
  bool path_mtu_discovery = true;        // RFC 1191: segments forbid routers to fragment them
  PathMtuProbing path_mtu_probing = PathMtuProbing::off;  // RFC 4821
  std::uint32_t path_mtu_base = PathMtu::kBase;           // where a search from the start begins
  // Listeners: connections in SYN-RECEIVED at most, and what becomes of the SYNs beyond.
  std::uint32_t syn_backlog = 256;
  SynCookies syn_cookies = SynCookies::overflow;
  // RFC 7413: a client asks for cookies and sends text on its SYN, a server gives them out and
  // takes it.
  bool fast_open = false;
  std::uint32_t fast_open_pending_max = 64;  // RFC 7413 5.1
  // The key of the cookies, as Linux's net.ipv4.tcp_fastopen_key; none: one of the host.
  std::optional<std::array<std::uint64_t, 2>> fast_open_key;
  std::string signature_key;              // of MD5 signatures (signature.h); empty: none
  bool fast_open_needs_cookie = true;     // a server takes text on SYNs with a valid cookie only
  bool fast_open_without_cookie = false;  // a client sends text to servers it has no cookie of
  KeepaliveSettings keepalive;            // RFC 9293 3.8.4
  // Retransmissions before the network layer is told to doubt the route (R1, SHLD-10).
  std::uint8_t retries_before_doubt = 3;
  // How long sent data may stay unacknowledged before the connection is given up (RFC 5482); takes
  // the place of the counts of retries. Zero: the counts decide (R2).
  Duration user_timeout{};
  friend bool operator==(const Config&, const Config&) = default;
};

// Readiness as poll() reports it.
struct Readiness {
  bool readable : 1 = false;  // data, end of stream or an error is waiting
  bool writable : 1 = false;
  bool error : 1 = false;
  bool hangup : 1 = false;       // both directions are shut
  bool peer_closed : 1 = false;  // nothing more will arrive
  bool urgent : 1 = false;       // urgent data not read yet (POLLPRI)
  friend bool operator==(const Readiness&, const Readiness&) = default;
};

enum class Close : std::uint8_t { graceful, abort };

}  // namespace strata::tcp
