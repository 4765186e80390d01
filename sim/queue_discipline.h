// SPDX-License-Identifier: MIT
// Active queue management: what the link asks at each arrival to and departure from a transmit
// queue. The queue itself, and whether a frame singled out is marked or dropped, are the link's.
// One file per discipline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "sim/queue_config.h"
#include "stack/base/events.h"

namespace strata::sim {

// What waits, the frame in question not counted.
struct QueueOccupancy {
  std::size_t bytes = 0;
  std::size_t frames = 0;
};

class QueueDiscipline {
 public:
  virtual ~QueueDiscipline() = default;

  // A frame that will be queued or sent at once. True: its sender has to hear of congestion.
  virtual bool on_arrival(const QueueOccupancy&, Instant) { return false; }
  // A frame leaves the queue to be transmitted, after waiting for `sojourn`. True as above.
  virtual bool on_departure(const QueueOccupancy&, Duration /*sojourn*/, Instant) { return false; }
  // A frame singled out that cannot be marked passes all the same.
  virtual bool spares_the_unmarkable() const { return false; }
  // Of the last frame singled out, for the trace.
  virtual DecisionDetail describe() const = 0;
};

// nullptr for DropTail. `rate_bps` is that of the link; `stream` names the random stream.
std::unique_ptr<QueueDiscipline> make_queue_discipline(const QueueConfig& config,
                                                       std::uint64_t rate_bps, std::uint64_t seed,
                                                       const std::string& stream);

// The makers behind it.
std::unique_ptr<QueueDiscipline> make_red(const Red& config, std::uint64_t rate_bps,
                                          std::uint64_t seed, const std::string& stream);
std::unique_ptr<QueueDiscipline> make_codel(const CoDel& config);
std::unique_ptr<QueueDiscipline> make_threshold_mark(const ThresholdMark& config);

}  // namespace strata::sim
