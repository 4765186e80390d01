// SPDX-License-Identifier: MIT
// Controlled Delay (RFC 8289): the queue is judged by how long frames wait in it, at departure.
#include <fmt/format.h>

#include "sim/queue_discipline.h"

namespace strata::sim {
namespace {

constexpr std::size_t kLargestFrame = 1518;  // a queue of one frame is none (RFC 8289 5.4)

std::uint64_t integer_square_root(std::uint64_t value) {
  std::uint64_t root = 0;
  for (std::uint64_t bit = std::uint64_t{1} << 31; bit != 0; bit >>= 1) {
    if ((root + bit) * (root + bit) <= value) root += bit;
  }
  return root;
}

class ControlledDelay final : public QueueDiscipline {
 public:
  explicit ControlledDelay(const CoDel& config) : config_(config) {}

  bool on_departure(const QueueOccupancy& left, Duration sojourn, Instant now) override;
  DecisionDetail describe() const override {
    return {.model = fmt::format("codel, number {} of this phase after {} us in the queue", count_,
                                 sojourn_.count() / 1000)};
  }

 private:
  bool is_above_target(const QueueOccupancy& left, Duration sojourn, Instant now);
  Instant next_after(Instant from) const;

  CoDel config_;
  Instant first_above_ = kNever;  // kNever: below the target
  Instant next_ = kStart;         // when the next frame is singled out
  std::uint64_t count_ = 0;       // singled out in this phase
  std::uint64_t last_count_ = 0;  // of the phase before
  bool is_dropping_ = false;
  Duration sojourn_{};
};

// RFC 8289 5.5: above the target for a whole interval?
bool ControlledDelay::is_above_target(const QueueOccupancy& left, Duration sojourn, Instant now) {
  if (sojourn < config_.target || left.bytes <= kLargestFrame) {
    first_above_ = kNever;
    return false;
  }
  if (first_above_ == kNever) {
    first_above_ = after(now, config_.interval);
    return false;
  }
  return now >= first_above_;
}

// RFC 8289 5.5: the control law, interval / sqrt(count).
Instant ControlledDelay::next_after(Instant from) const {
  const std::uint64_t root = integer_square_root(count_ << 32);  // 16 bits of fraction
  const auto interval = static_cast<std::uint64_t>(config_.interval.count());
  return after(from, Duration{static_cast<std::int64_t>((interval << 16) / root)});
}

bool ControlledDelay::on_departure(const QueueOccupancy& left, Duration sojourn, Instant now) {
  sojourn_ = sojourn;
  const bool is_above = is_above_target(left, sojourn, now);
  if (is_dropping_) {
    if (!is_above) {
      is_dropping_ = false;
      return false;
    }
    if (now < next_) return false;
    ++count_;
    next_ = next_after(next_);
    return true;
  }
  if (!is_above) return false;
  is_dropping_ = true;
  // RFC 8289 5.5: soon after the last phase, go on at about the rate it had reached.
  const std::uint64_t gained = count_ - last_count_;
  const bool is_recent = now - next_ < 16 * config_.interval;
  count_ = gained > 1 && is_recent ? gained : 1;
  last_count_ = count_;
  next_ = next_after(now);
  return true;
}

}  // namespace

std::unique_ptr<QueueDiscipline> make_codel(const CoDel& config) {
  return std::make_unique<ControlledDelay>(config);
}

}  // namespace strata::sim
