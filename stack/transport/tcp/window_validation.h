// SPDX-License-Identifier: MIT
// Whether the congestion window reflects what the path has lately been seen to carry. Two rules:
// RFC 5681 4.1 restarts an idle sender with the initial window; RFC 7661 (new CWV) keeps the window
// of a sender that uses less of it for a while, does not let it grow, and halves what is left when
// congestion is met or the while has passed.
#pragma once

#include <cstdint>
#include <optional>

#include "stack/transport/tcp/config.h"
#include "stack/transport/tcp/congestion.h"
#include "stack/transport/tcp/windowed_max.h"

namespace strata::tcp {

class WindowValidator {
 public:
  // `by_usage`: see Persona::growth_by_usage.
  explicit WindowValidator(WindowValidation rule, bool by_usage = false)
      : rule_(rule), by_usage_(by_usage) {}

  // New text left; `flight` octets are in flight with it, sequence numbers are [una, nxt).
  void on_sent(const CongestionWindow& window, std::uint64_t flight, std::uint64_t una,
               std::uint64_t nxt);

  // May an ACK that found `flight_before` octets in flight let the window grow?
  bool permits_growth(const CongestionWindow& window, std::uint64_t flight_before) const;
  // An ACK outside of recovery up to `una`. Reduces a window that has not been used for too long.
  void on_ack(CongestionWindow& window, std::uint64_t una, Duration srtt, std::uint32_t initial,
              Instant now);
  // Sending begins again, `idle` after the last segment; `initial` is the initial window.
  void on_transmission_start(CongestionWindow& window, Duration idle, Duration rto,
                             std::uint32_t initial, Instant now);
  // Recovery begins or ends: what was measured before means nothing any more.
  void reset(CongestionWindow& window);

  // RFC 7661 4.3: octets acknowledged per round trip lately; none: not measured yet.
  std::optional<std::uint64_t> pipe_ack() const;
  bool is_validated(const CongestionWindow& window) const;

 private:
  void expire(CongestionWindow& window, std::uint32_t initial, Instant now);

  WindowValidation rule_;
  bool by_usage_;
  bool was_full_ = false;          // in the window measured now
  std::uint64_t most_ = 0;         // in flight in it, octets
  std::uint64_t usage_until_ = 0;  // it ends when this is acknowledged
  bool has_sample_ = false;
  WindowedMax pipe_ack_;           // by time in nanoseconds
  std::uint64_t sample_from_ = 0;  // SND.UNA when the present sample began; 0: none begun
  Instant sample_began_{};
  Instant last_validated_{};
};

}  // namespace strata::tcp
