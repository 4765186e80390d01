// SPDX-License-Identifier: MIT
// Random Early Detection: Floyd and Jacobson, "Random Early Detection Gateways for Congestion
// Avoidance" (1993), in octets, with the gentle region of 2000. All in integers.
#include <algorithm>

#include "sim/queue_discipline.h"

namespace strata::sim {
namespace {

constexpr unsigned kFractionBits = 16;                  // of the average
constexpr std::uint64_t kOne = std::uint64_t{1} << 32;  // probability 1
constexpr std::uint64_t kTypicalFrameBits = 8 * 1000;   // what an idle line could have sent

class RandomEarlyDetection final : public QueueDiscipline {
 public:
  RandomEarlyDetection(const Red& config, std::uint64_t rate_bps, std::uint64_t seed,
                       const std::string& stream)
      : config_(config),
        rate_bps_(rate_bps),
        stream_(stream + "/red"),
        random_(seed, stream_),
        probability_max_(
            config.probability_max.is_always() ? kOne : config.probability_max.threshold() >> 32) {}

  bool on_arrival(const QueueOccupancy& queue, Instant now) override;
  bool on_departure(const QueueOccupancy& left, Duration, Instant now) override {
    if (left.frames == 0) idle_since_ = now;
    return false;
  }
  DecisionDetail describe() const override {
    return {.model = "red, average queue " + std::to_string(average_ >> kFractionBits) + " octets",
            .probability = probability_,
            .draw = draw_.value,
            .stream = draw_.index == 0 && draw_.value == 0 ? std::string{} : stream_,
            .index = draw_.index};
  }

 private:
  void follow(const QueueOccupancy& queue, Instant now);
  // The probability before spreading, as a fraction of two numbers below 2^63.
  struct Fraction {
    std::uint64_t numerator;
    std::uint64_t denominator;
  };
  Fraction initial_probability(std::uint64_t average) const;

  Red config_;
  std::uint64_t rate_bps_;
  std::string stream_;
  RandomStream random_;
  std::uint64_t probability_max_;  // in units of 2^-32
  std::uint64_t average_ = 0;      // octets, kFractionBits of fraction
  std::uint64_t since_last_ = 0;   // frames passed since one was singled out
  Instant idle_since_ = kStart;
  RandomStream::Draw draw_;
  double probability_ = 0;  // for display
};

// avg += w * (q - avg) per arrival; over an idle time as many steps towards zero as frames could
// have been sent.
void RandomEarlyDetection::follow(const QueueOccupancy& queue, Instant now) {
  if (queue.frames == 0 && rate_bps_ != 0 && now > idle_since_) {
    const auto idle = static_cast<std::uint64_t>((now - idle_since_).count());
    constexpr std::uint64_t kNanoseconds = 1'000'000'000;
    const std::uint64_t per_frame =
        std::max<std::uint64_t>(kTypicalFrameBits * kNanoseconds / rate_bps_, 1);
    std::uint64_t steps = std::min<std::uint64_t>(idle / per_frame, 64U << config_.weight_bits);
    std::uint64_t factor = kOne - (kOne >> config_.weight_bits);
    for (; steps > 0; steps /= 2) {
      if (steps % 2 != 0) average_ = (average_ >> 8) * (factor >> 8) >> 16;
      factor = factor * factor >> 32;
    }
    idle_since_ = now;
  }
  const auto target = static_cast<std::int64_t>(queue.bytes << kFractionBits);
  const auto difference = target - static_cast<std::int64_t>(average_);
  average_ = static_cast<std::uint64_t>(static_cast<std::int64_t>(average_) +
                                        difference / (std::int64_t{1} << config_.weight_bits));
}

RandomEarlyDetection::Fraction RandomEarlyDetection::initial_probability(
    std::uint64_t average) const {
  if (average < config_.high) {
    return {probability_max_ * (average - config_.low), (config_.high - config_.low) * kOne};
  }
  return {probability_max_ * config_.high + (kOne - probability_max_) * (average - config_.high),
          config_.high * kOne};
}

bool RandomEarlyDetection::on_arrival(const QueueOccupancy& queue, Instant now) {
  follow(queue, now);
  const std::uint64_t average = average_ >> kFractionBits;
  if (average < config_.low) {
    since_last_ = 0;
    return false;
  }
  draw_ = {};
  probability_ = 1;
  if (average < 2 * config_.high) {
    // p = p_b / (1 - count * p_b): the gaps between those singled out are spread evenly.
    const Fraction base = initial_probability(average);
    const std::uint64_t room =
        base.numerator == 0 ? base.denominator : base.denominator / base.numerator;
    if (since_last_ < room) {
      const Probability spread = Probability::ratio(
          base.numerator, base.denominator - std::min(since_last_ * base.numerator,
                                                      base.denominator - base.numerator));
      probability_ = spread.as_double();
      draw_ = random_.draw(spread);
      if (!draw_.hit) {
        ++since_last_;
        return false;
      }
    }
  }
  since_last_ = 0;
  return true;
}

}  // namespace

std::unique_ptr<QueueDiscipline> make_red(const Red& config, std::uint64_t rate_bps,
                                          std::uint64_t seed, const std::string& stream) {
  return std::make_unique<RandomEarlyDetection>(config, rate_bps, seed, stream);
}

}  // namespace strata::sim
