// SPDX-License-Identifier: MIT
// `queue:` of a link: a limit, or a map with the discipline and what belongs to it.
#include <fmt/format.h>

#include <array>

#include "sim/scenario/parse.h"

namespace strata::scenario {
namespace {

constexpr std::uint64_t kTypicalFrame = 1500;

// Which discipline a key belongs to.
struct Owner {
  std::string_view key;
  std::string_view discipline;
};
constexpr std::array kOwners{Owner{"low", "red"},
                             Owner{"high", "red"},
                             Owner{"probability", "red"},
                             Owner{"weight", "red"},
                             Owner{"target", "codel"},
                             Owner{"interval", "codel"},
                             Owner{"threshold", "threshold-mark"}};

std::uint64_t limit_bytes(const sim::QueueConfig& queue) {
  if (queue.bytes_max != 0) return queue.bytes_max;
  return queue.frames_max != 0 ? queue.frames_max * kTypicalFrame : sim::QueueConfig{}.bytes_max;
}

sim::QueueDisciplineConfig parse_red(MapReader& reader, const sim::QueueConfig& queue,
                                     Diagnostics& diagnostics) {
  sim::Red red;
  red.low = reader.bytes("low").value_or(limit_bytes(queue) / 8);
  red.high = reader.bytes("high").value_or(3 * limit_bytes(queue) / 8);
  red.probability_max = reader.probability("probability").value_or(red.probability_max);
  red.weight_bits = static_cast<unsigned>(reader.count("weight").value_or(red.weight_bits));
  if (red.high <= red.low) {
    diagnostics.error(reader.at("high"), "'high' is not more than 'low'");
  }
  return red;
}

sim::QueueDisciplineConfig parse_discipline(const std::string& name, MapReader& reader,
                                            const sim::QueueConfig& queue,
                                            Diagnostics& diagnostics) {
  if (name == "red") return parse_red(reader, queue, diagnostics);
  if (name == "codel") {
    sim::CoDel codel;
    codel.target = reader.duration("target").value_or(codel.target);
    codel.interval = reader.duration("interval").value_or(codel.interval);
    return codel;
  }
  if (name == "threshold-mark") {
    const QueueLimit threshold = reader.queue("threshold").value_or(QueueLimit{});
    return sim::ThresholdMark{.bytes = threshold.bytes, .frames = threshold.frames};
  }
  return sim::DropTail{};
}

}  // namespace

sim::QueueConfig parse_link_queue(MapReader& link, Diagnostics& diagnostics) {
  sim::QueueConfig queue;
  const auto set_limit = [&](const std::optional<QueueLimit>& limit) {
    if (!limit) return;
    queue.bytes_max = limit->bytes;
    queue.frames_max = limit->frames;
  };
  const Entry* entry = link.entry("queue");
  if (entry == nullptr || entry->value.kind != ValueKind::map) {
    set_limit(link.queue("queue"));
    return queue;
  }
  MapReader reader(&entry->value, Section::queue, fmt::format("'queue' of {}", link.subject()),
                   diagnostics);
  set_limit(reader.queue("limit"));
  queue.ecn = reader.boolean("ecn").value_or(true);
  const auto name = reader.choice("discipline");
  if (!name) return queue;
  for (const Owner& owner : kOwners) {
    if (!reader.has(owner.key) || owner.discipline == *name) continue;
    diagnostics.error(reader.entry(owner.key)->at,
                      fmt::format("'{}' goes with 'discipline: {}'", owner.key, owner.discipline));
  }
  queue.discipline = parse_discipline(*name, reader, queue, diagnostics);
  return queue;
}

}  // namespace strata::scenario
