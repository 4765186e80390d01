// SPDX-License-Identifier: MIT
// Reno: slow start, congestion avoidance and the halving of RFC 5681, counting octets rather than
// ACKs (RFC 3465), so that delayed or split ACKs change nothing.
#pragma once

#include <cstdint>
#include <string_view>

#include "stack/transport/tcp/congestion.h"

namespace strata::tcp {

class Reno : public CongestionControl {
 public:
  std::string_view name() const override { return "reno"; }
  void on_ack(CongestionWindow& window, const AckSample& sample) override;
  std::uint32_t ssthresh_after_loss(const CongestionWindow& window, std::uint64_t flight) override;
  void on_window_reset(const CongestionWindow&) override { bytes_acked_ = 0; }
  bool repairs_on_partial_ack() const override { return false; }

 private:
  std::uint64_t bytes_acked_ = 0;  // RFC 3465 2.1, since cwnd last grew in congestion avoidance
};

}  // namespace strata::tcp
