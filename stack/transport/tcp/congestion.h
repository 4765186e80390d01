// SPDX-License-Identifier: MIT
// Congestion control: how the window grows with acknowledgements and what is left of it after a
// loss. Finding out what was lost and repairing it is recovery.h's part.
//
// To add an algorithm: one file with a CongestionControl and its maker, one line in the table of
// congestion.cc.
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

  std::uint32_t smss = 0;
  std::uint32_t cwnd = 0;
  std::uint32_t ssthresh = kUnlimited;

  bool is_slow_start() const { return cwnd < ssthresh; }
};

// An acknowledgement of new data outside fast recovery.
struct AckSample {
  Instant now{};
  std::uint64_t newly_acked = 0;  // octets
  // What was in flight when it arrived. A sender that did not use its window learns nothing about
  // the path from the ACK.
  std::uint64_t flight_before = 0;
};

class CongestionControl {
 public:
  virtual ~CongestionControl() = default;

  // The name under which a configuration asks for it.
  virtual std::string_view name() const = 0;
  // Grows the window in slow start and congestion avoidance.
  virtual void on_ack(CongestionWindow& window, const AckSample& sample) = 0;
  // The new ssthresh when `flight` octets were in flight at a loss.
  virtual std::uint32_t ssthresh_after_loss(const CongestionWindow& window,
                                            std::uint64_t flight) = 0;
  // Fast recovery or a time-out changed the window behind the algorithm's back.
  virtual void on_window_reset(const CongestionWindow& window) = 0;
  // True: a partial ACK in fast recovery repairs the next hole (RFC 6582). False: any new ACK ends
  // fast recovery (RFC 5681).
  virtual bool repairs_on_partial_ack() const = 0;
};

// nullptr when no algorithm has this name.
std::unique_ptr<CongestionControl> make_congestion_control(std::string_view name);
// The names that make_congestion_control() knows.
std::span<const std::string_view> congestion_control_names();

// The initial window in octets: RFC 6928 with `segments` (10), or RFC 5681 3.1 when it is 0.
std::uint32_t initial_window(std::uint32_t smss, std::uint8_t segments);

// The makers behind the table.
std::unique_ptr<CongestionControl> make_reno();
std::unique_ptr<CongestionControl> make_newreno();

}  // namespace strata::tcp
