// SPDX-License-Identifier: MIT
// Reno: slow start, congestion avoidance and the halving of RFC 5681, counting octets rather than
// ACKs (RFC 3465), so that delayed or split ACKs change nothing. Tahoe, Reno and NewReno (RFC 6582)
// differ only in what follows a fast retransmit.
#pragma once

#include <cstdint>
#include <string_view>

#include "stack/transport/tcp/congestion.h"

namespace strata::tcp {

class Reno : public CongestionControl {
 public:
  Reno(std::string_view name, const CongestionTraits& wanted)
      : CongestionControl(wanted), name_(name) {}

  std::string_view name() const override { return name_; }
  void on_ack(CongestionWindow& window, const AckSample& sample) override;
  std::uint32_t ssthresh_after(CongestionEvent event, const CongestionWindow& window,
                               std::uint64_t flight, Instant now) override;
  void on_reduced(CongestionEvent, CongestionWindow&) override { bytes_acked_ = 0; }

 private:
  void grow_as_linux(CongestionWindow& window, std::uint64_t octets);

  std::string_view name_;
  std::uint64_t bytes_acked_ = 0;  // RFC 3465 2.1, since cwnd last grew in congestion avoidance
};

}  // namespace strata::tcp
