// SPDX-License-Identifier: MIT
// Congestion control: how the window grows with acknowledgements and what is left of it after a
// loss. Finding out what was lost and repairing it is recovery.h's part.
//
// To add an algorithm: one file with a CongestionControl and its maker, one test, one line in the
// table of congestion.cc. Most need on_ack() and ssthresh_after() alone; everything else has a body
// that does nothing, and what its CongestionTraits do not ask for is not computed.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "stack/base/time.h"

namespace strata::tcp {

// The variables of RFC 5681, in octets.
struct CongestionWindow {
  static constexpr std::uint32_t kUnlimited = 0xffffffffU;  // ssthresh before the first loss
  static constexpr std::uint32_t kMax = 0x7fffffffU;        // of cwnd

  std::uint32_t smss = 0;
  std::uint32_t cwnd = 0;
  std::uint32_t ssthresh = kUnlimited;
  // L of RFC 3465 2.2: segments by which one ACK may enlarge the window in the first slow start.
  std::uint8_t abc_limit = 1;
  std::uint32_t most = kMax;     // it does not grow beyond
  bool fast_convergence = true;  // of CUBIC (RFC 9438 4.7)
  // As Linux counts: slow start by all that an ACK tells of, up to ssthresh, congestion avoidance
  // by whole segments; CUBIC has the HyStart of 2008 in place of RFC 9406.
  bool of_linux = false;
  // Slow start as FreeBSD does it: where cwnd is ssthresh, too (RFC 5681 3.1: either), and by L
  // segments after a loss as well, but not while a time-out is repaired (RFC 3465 2.3).
  bool of_freebsd = false;
  bool repairs_timeout = false;
  // What RFC 7661 counts as in flight, at least, when congestion is met; 0: FlightSize alone.
  std::uint32_t pipe_ack = 0;

  bool is_slow_start() const { return cwnd < ssthresh || (of_freebsd && cwnd == ssthresh); }
  // Adds to cwnd, up to `most`.
  void enlarge(std::uint64_t octets);
};

// How fast the network delivered: what was delivered during `interval` (delivery_rate.h).
struct DeliveryRate {
  std::uint64_t delivered = 0;        // octets, during `interval`
  Duration interval{};                // zero: no valid sample
  std::uint64_t prior_delivered = 0;  // the connection's total when the newest segment was sent
  std::uint64_t total_delivered = 0;  // ... and now
  bool is_app_limited = false;        // the user, not the network, set the pace
  std::uint64_t in_flight_then = 0;   // octets, when the newest segment had been sent
  std::uint64_t lost = 0;             // octets taken for lost since
};

// A segment that is taken for lost, [begin, end) in absolute sequence numbers.
struct LostSegment {
  Instant now{};
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t in_flight_then = 0;  // octets, when it had been sent
  std::uint64_t lost_since = 0;      // octets taken for lost since, it included
  bool is_app_limited = false;       // the user set the pace when it was sent
  bool has_sack = true;              // losses are told one by one (RFC 2018)
};

// What one acknowledgement says.
struct AckSample {
  Instant now{};
  std::uint64_t newly_acked = 0;      // octets, cumulatively
  std::uint64_t newly_delivered = 0;  // octets: newly_acked without what SACK had told before, and
                                      // what it tells now
  std::uint64_t newly_lost = 0;       // octets taken for lost because of it
  std::uint64_t flight_before = 0;    // octets in flight when it arrived
  std::uint64_t flight = 0;           // ... and now
  std::uint64_t una = 0;              // absolute sequence numbers, SND.UNA after it
  std::uint64_t nxt = 0;              // SND.NXT
  Duration rtt{};  // of the newest segment it acknowledges; zero: not to be timed
  Duration srtt{};
  // The window was in use, so that the ACK says something about the path. A window that the sender
  // does not fill must not grow (RFC 7661, RFC 9438 5.8).
  bool is_cwnd_limited = false;
  bool ece = false;            // ECN-Echo (RFC 3168)
  bool is_recovering = false;  // fast recovery or the repair after a time-out goes on
  bool has_sack = true;        // losses are told one by one (RFC 2018)
  DeliveryRate rate{};         // only with CongestionTraits::delivery_rate
};

enum class CongestionEvent : std::uint8_t { loss, timeout, ecn };

// Where fast retransmit leads.
enum class FastRecovery : std::uint8_t {
  none,           // to slow start from one segment (Tahoe)
  until_new_ack,  // any new ACK ends fast recovery (RFC 5681 3.2)
  until_recover,  // partial ACKs repair the next hole, until all that was outstanding is in
                  // (RFC 6582)
};

// What an algorithm asks of the connection.
struct CongestionTraits {
  FastRecovery fast_recovery = FastRecovery::until_recover;  // without SACK
  // The algorithm rules cwnd in recovery and after a time-out too: nobody else touches it, and
  // on_ack() is called for every ACK.
  bool owns_window = false;
  bool observes = false;       // call observe() for every ACK
  bool delivery_rate = false;  // fill in AckSample::rate
  bool paces = false;          // pacing_rate() says when segments may leave
  bool weighs_losses = false;  // call on_lost() for each segment; needs delivery_rate
  // Nothing is gained by waiting for a time-out in recovery: the window is full without regard to
  // the network, so that neither limited transmit nor RACK has anything to show losses by.
  bool probes_in_recovery = false;
  bool exact_ecn = false;  // negotiate ECN and echo each CE mark as it is (RFC 8257)
};

class CongestionControl {
 public:
  explicit CongestionControl(const CongestionTraits& wanted = {}) : traits(wanted) {}
  virtual ~CongestionControl() = default;

  const CongestionTraits traits;

  // The name under which a configuration asks for it.
  virtual std::string_view name() const = 0;
  // The handshake is over and cwnd is the initial window. `srtt` is zero when the SYN gave no
  // sample.
  virtual void on_start(CongestionWindow&, Instant, Duration /*srtt*/) {}
  // An ACK that acknowledges new data outside recovery (every ACK for the owner of the window):
  // grows cwnd in slow start and congestion avoidance.
  virtual void on_ack(CongestionWindow& window, const AckSample& sample) = 0;
  // A segment is taken for lost; only with CongestionTraits::weighs_losses. on_ack() follows when
  // an ACK told of it.
  virtual void on_lost(CongestionWindow&, const LostSegment&) {}
  // Every ACK, before on_ack(); only with CongestionTraits::observes.
  virtual void observe(const AckSample&) {}
  // The new ssthresh when congestion is found with `flight` octets in flight. Asked once per event;
  // what of it is done to cwnd is recovery's matter, and on_reduced() follows.
  virtual std::uint32_t ssthresh_after(CongestionEvent event, const CongestionWindow& window,
                                       std::uint64_t flight, Instant now) = 0;
  // cwnd and ssthresh have been changed because of `event`. The owner of the window sets cwnd here.
  virtual void on_reduced(CongestionEvent, CongestionWindow&) {}
  // Fast recovery, or the repair after a time-out, is complete.
  virtual void on_recovered(CongestionWindow&, Instant) {}
  // The last reduction was a mistake; cwnd and ssthresh are again what they were before it (or
  // larger, if they have grown).
  virtual void on_undo(CongestionWindow&, Instant) {}
  // Sending begins again with nothing in flight, `idle` after the last segment.
  virtual void on_transmission_start(CongestionWindow&, Instant, Duration /*idle*/) {}
  // Octets per second at which segments may leave; only with CongestionTraits::paces.
  virtual std::uint64_t pacing_rate(const CongestionWindow&) const { return 0; }
  // The window is small on purpose: what is sent now says nothing about the path's bandwidth.
  virtual bool is_holding_back() const { return false; }
};

// nullptr when no algorithm has this name.
std::unique_ptr<CongestionControl> make_congestion_control(std::string_view name);
// The names that make_congestion_control() knows.
std::span<const std::string_view> congestion_control_names();

// The initial window in octets: RFC 6928 with `segments` (10), or RFC 5681 3.1 when it is 0.
std::uint32_t initial_window(std::uint32_t smss, std::uint8_t segments);
// RFC 5681 3.1 (2), RFC 3465 2.2: one ACK's growth in slow start.
void grow_in_slow_start(CongestionWindow& window, std::uint64_t newly_acked);
// RFC 5681 (4): half of what was in flight, at least two segments.
std::uint32_t half_of_flight(const CongestionWindow& window, std::uint64_t flight);

// The makers behind the table.
std::unique_ptr<CongestionControl> make_bbr();
std::unique_ptr<CongestionControl> make_bbr3();
std::unique_ptr<CongestionControl> make_cubic();
std::unique_ptr<CongestionControl> make_dctcp();
std::unique_ptr<CongestionControl> make_fixed();
std::unique_ptr<CongestionControl> make_newreno();
std::unique_ptr<CongestionControl> make_none();
std::unique_ptr<CongestionControl> make_reno();
std::unique_ptr<CongestionControl> make_tahoe();
std::unique_ptr<CongestionControl> make_vegas();

}  // namespace strata::tcp
