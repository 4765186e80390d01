// SPDX-License-Identifier: MIT
#include "sim/queue_discipline.h"

namespace strata::sim {

std::unique_ptr<QueueDiscipline> make_queue_discipline(const QueueConfig& config,
                                                       std::uint64_t rate_bps, std::uint64_t seed,
                                                       const std::string& stream) {
  struct Make {
    std::uint64_t rate;
    std::uint64_t seed;
    const std::string& stream;

    std::unique_ptr<QueueDiscipline> operator()(const DropTail&) const { return nullptr; }
    std::unique_ptr<QueueDiscipline> operator()(const Red& red) const {
      return make_red(red, rate, seed, stream);
    }
    std::unique_ptr<QueueDiscipline> operator()(const CoDel& codel) const {
      return make_codel(codel);
    }
    std::unique_ptr<QueueDiscipline> operator()(const ThresholdMark& mark) const {
      return make_threshold_mark(mark);
    }
  };
  return std::visit(Make{rate_bps, seed, stream}, config.discipline);
}

}  // namespace strata::sim
