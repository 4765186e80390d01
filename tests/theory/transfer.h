// SPDX-License-Identifier: MIT
// One bulk transfer over one link, as the published figures were made: a sender that always has
// data, a path of fixed delay, unlimited rate, losses towards the receiver.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "sim/world.h"
#include "stack/base/tracer.h"

namespace strata::theory {

inline constexpr std::uint64_t kSegment = 1460;  // octets of text in a full segment

struct Transfer {
  std::string control = "newreno";
  std::string tcp;  // further keys of `tcp`, each with a leading ", "
  unsigned round_trip_ms = 100;
  std::string loss;                  // "1 %": each frame at random
  std::vector<std::uint64_t> drops;  // ordinals of frames towards the receiver
  unsigned warm_up_s = 0;            // not measured
  unsigned measured_s = 100;
  std::uint64_t seed = 1;
};

// "3rd, 14th": ordinals as the `drop` of an impairment wants them.
std::string drop_list(const std::vector<std::uint64_t>& ordinals);

// The sender's congestion window in segments, averaged over the time it is not in recovery.
class WindowMeter final : public Observer {
 public:
  explicit WindowMeter(Instant from) : from_(from) {}
  void on_event(const Event& event) override;
  double average() const { return seconds_ > 0 ? sum_ / seconds_ : 0; }

 private:
  Instant from_;
  Instant since_{};
  double window_ = 0;  // zero in recovery
  double sum_ = 0;     // of windows times seconds
  double seconds_ = 0;
};

// Segments per second that arrived at the receiver. `window`, if given, watches the run.
double measure(const Transfer& transfer, WindowMeter* window = nullptr);

// The world of a scenario; null, and the test failed, when it has mistakes. Nothing observes it:
// what links count is enough.
std::unique_ptr<sim::World> world_of(const std::string& text);

}  // namespace strata::theory
