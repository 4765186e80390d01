// SPDX-License-Identifier: MIT
// Marking at a threshold of the instantaneous queue (RFC 8257 3.1).
#include <fmt/format.h>

#include "sim/queue_discipline.h"

namespace strata::sim {
namespace {

class ThresholdMarking final : public QueueDiscipline {
 public:
  explicit ThresholdMarking(const ThresholdMark& config) : config_(config) {}

  bool on_arrival(const QueueOccupancy& queue, Instant) override {
    seen_ = queue;
    return config_.bytes != 0 ? queue.bytes > config_.bytes : queue.frames > config_.frames;
  }
  bool spares_the_unmarkable() const override { return true; }
  DecisionDetail describe() const override {
    return {.model =
                fmt::format("threshold, {} octets in {} frames wait", seen_.bytes, seen_.frames)};
  }

 private:
  ThresholdMark config_;
  QueueOccupancy seen_;
};

}  // namespace

std::unique_ptr<QueueDiscipline> make_threshold_mark(const ThresholdMark& config) {
  return std::make_unique<ThresholdMarking>(config);
}

}  // namespace strata::sim
