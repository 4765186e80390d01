// SPDX-License-Identifier: MIT
// The models of `impair:`: exactly one in each item of the list.
#include <fmt/format.h>

#include <array>

#include "sim/scenario/parse.h"

namespace strata::scenario {
namespace {

constexpr std::array<std::string_view, 8> kModels{"loss",     "burst-loss", "drop",    "corrupt",
                                                  "truncate", "duplicate",  "reorder", "jitter"};
constexpr std::uint64_t kBitMost = 9216 * 8;  // of the largest frame anything here can carry

std::optional<sim::ImpairmentModel> parse_burst(MapReader& reader) {
  reader.check_required();
  const auto enter = reader.probability("enter");
  const auto leave = reader.probability("leave");
  const auto bad = reader.probability("loss");
  const auto good = reader.probability("loss-otherwise");
  if (!enter || !leave || !bad || !good) return std::nullopt;
  return sim::BurstLoss{*enter, *leave, *bad, *good};
}

std::optional<sim::ImpairmentModel> parse_drop(MapReader& reader) {
  const Entry* entry = reader.entry("drop");
  if (entry->value.kind == ValueKind::scalar && entry->value.text == "all") {
    return sim::DropBetween{};
  }
  auto ordinals = reader.ordinals("drop");
  if (!ordinals) return std::nullopt;
  return sim::DropNth{std::move(*ordinals)};
}

std::optional<std::vector<std::uint32_t>> parse_bits(MapReader& reader, Diagnostics& diagnostics) {
  std::vector<std::uint32_t> bits;
  for (const Value* item : reader.texts("bits")) {
    auto value = parse_count(item->text);
    if (value && *value >= kBitMost) {
      value = mistake(fmt::format("{} lies beyond every frame", in_quotes(item->text)));
    }
    if (!value) {
      value.error().what = "'bits': " + value.error().what;
      diagnostics.error(item->at, std::move(value.error()));
      return std::nullopt;
    }
    bits.push_back(static_cast<std::uint32_t>(*value));
  }
  return bits;
}

std::optional<sim::ImpairmentModel> parse_corrupt(MapReader& reader, Diagnostics& diagnostics) {
  const bool is_random = reader.has("bit-error-rate");
  if (is_random == (reader.has("frames") || reader.has("bits"))) {
    diagnostics.error(reader.at(), "'corrupt' says how: at random or which bits",
                      "write '{ bit-error-rate: 1e-6 }' or '{ frames: 3rd, bits: [96] }'");
    return std::nullopt;
  }
  if (is_random) {
    const auto rate = reader.probability("bit-error-rate");
    if (!rate) return std::nullopt;
    return sim::BitErrors{*rate};
  }
  auto ordinals = reader.ordinals("frames");
  auto bits = parse_bits(reader, diagnostics);
  if (!reader.has("frames") || (bits && bits->empty())) {
    diagnostics.error(reader.at(), "'corrupt' needs both 'frames' and 'bits'",
                      "write for instance '{ frames: 3rd, bits: [96] }'");
    return std::nullopt;
  }
  if (!ordinals || !bits) return std::nullopt;
  return sim::FlipBits{std::move(*ordinals), std::move(*bits)};
}

// Either a share of the frames or certain ones; false after reporting that it is neither or both.
bool check_choice(const MapReader& reader, Diagnostics& diagnostics) {
  if (reader.has("share") != reader.has("frames")) return true;
  diagnostics.error(
      reader.at(),
      fmt::format("{} says which frames: a share of them or certain ones", reader.subject()),
      "give either 'share: 1 %' or 'frames: 3rd'");
  return false;
}

std::optional<sim::ImpairmentModel> parse_truncate(MapReader& reader, Diagnostics& diagnostics) {
  if (!check_choice(reader, diagnostics)) return std::nullopt;
  std::optional<std::uint32_t> to;
  if (reader.has("to")) {
    const auto bytes = reader.bytes("to");
    if (!bytes) return std::nullopt;
    to = static_cast<std::uint32_t>(*bytes);
  }
  if (reader.has("share")) {
    const auto share = reader.probability("share");
    if (!share) return std::nullopt;
    return sim::Truncate{*share, to};
  }
  auto ordinals = reader.ordinals("frames");
  if (ordinals && !to) {
    diagnostics.error(reader.at(), "'truncate' of certain frames says how much of them arrives",
                      "write for instance '{ frames: 3rd, to: 40 B }'");
  }
  if (!ordinals || !to) return std::nullopt;
  return sim::TruncateNth{std::move(*ordinals), *to};
}

std::optional<sim::ImpairmentModel> parse_duplicate(MapReader& reader, Diagnostics& diagnostics) {
  if (!check_choice(reader, diagnostics)) return std::nullopt;
  const auto after = reader.duration("after");
  if (reader.has("share")) {
    const auto share = reader.probability("share");
    if (!share || !after) return std::nullopt;
    return sim::Duplicate{*share, *after};
  }
  auto ordinals = reader.ordinals("frames");
  if (!ordinals || !after) return std::nullopt;
  return sim::DuplicateNth{std::move(*ordinals), *after};
}

std::optional<sim::ImpairmentModel> parse_reorder(MapReader& reader, Diagnostics& diagnostics) {
  reader.check_required();
  if (!check_choice(reader, diagnostics)) return std::nullopt;
  const auto by = reader.duration("by");
  if (reader.has("share")) {
    const auto share = reader.probability("share");
    if (!share || !by) return std::nullopt;
    return sim::Reorder{*share, *by};
  }
  auto ordinals = reader.ordinals("frames");
  if (!ordinals || !by) return std::nullopt;
  return sim::DelayNth{std::move(*ordinals), *by};
}

std::optional<sim::ImpairmentModel> parse_jitter(MapReader& reader, Diagnostics& diagnostics) {
  struct Shape {
    std::string_view key;
    sim::JitterShape shape;
    int mean_in_deviations;  // where no mean is given
  };
  static constexpr std::array kShapes{Shape{"uniform", sim::JitterShape::uniform, 1},
                                      Shape{"normal", sim::JitterShape::normal, 2},
                                      Shape{"exponential", sim::JitterShape::exponential, 0}};
  const Shape* chosen = nullptr;
  int given = 0;
  for (const Shape& shape : kShapes) {
    if (!reader.has(shape.key)) continue;
    chosen = &shape;
    ++given;
  }
  if (given != 1) {
    diagnostics.error(reader.at(), "'jitter' has one shape: uniform, normal or exponential",
                      "write for instance '{ normal: 1 ms }'");
    return std::nullopt;
  }
  const auto width = reader.duration(chosen->key);
  const auto keep_order = reader.boolean("keep-order");
  if (!width || !keep_order) return std::nullopt;
  if (chosen->shape == sim::JitterShape::exponential) {
    if (reader.has("mean")) {
      diagnostics.error(reader.entry("mean")->at, "'exponential' already gives the mean",
                        "remove 'mean'");
      return std::nullopt;
    }
    return sim::Jitter{chosen->shape, *width, Duration{}, *keep_order};
  }
  if (*width > 1h) {
    diagnostics.error(reader.at(chosen->key), "more than an hour of jitter is no jitter");
    return std::nullopt;
  }
  const Duration mean = reader.has("mean") ? reader.duration("mean").value_or(Duration{})
                                           : Duration{width->count() * chosen->mean_in_deviations};
  return sim::Jitter{chosen->shape, mean, *width, *keep_order};
}

std::optional<sim::ImpairmentModel> parse_map_model(std::string_view name, const Value& value,
                                                    Diagnostics& diagnostics) {
  const Key* key = find_key(Section::impairment, name);
  MapReader reader(&value, key->child, fmt::format("'{}'", name), diagnostics);
  if (!reader.is_readable()) return std::nullopt;
  switch (key->child) {
    case Section::burst_loss:
      return parse_burst(reader);
    case Section::corrupt:
      return parse_corrupt(reader, diagnostics);
    case Section::truncate:
      return parse_truncate(reader, diagnostics);
    case Section::duplicate:
      return parse_duplicate(reader, diagnostics);
    case Section::reorder:
      return parse_reorder(reader, diagnostics);
    case Section::jitter:
      return parse_jitter(reader, diagnostics);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<sim::ImpairmentModel> parse_impairment_model(MapReader& reader,
                                                           Diagnostics& diagnostics) {
  if (reader.lacks_values()) return std::nullopt;
  const Entry* chosen = nullptr;
  for (const std::string_view name : kModels) {
    const Entry* entry = reader.entry(name);
    if (entry == nullptr) continue;
    if (chosen != nullptr) {
      diagnostics.error(entry->at,
                        fmt::format("'{}' and '{}' are two impairments", chosen->key, entry->key),
                        "make them two items of the list, in the order they apply");
      return std::nullopt;
    }
    chosen = entry;
  }
  if (chosen == nullptr) {
    diagnostics.error(reader.at(), "this impairment does nothing",
                      "say what goes wrong, for instance 'loss: 1 %' or 'drop: 3rd'");
    return std::nullopt;
  }
  if (chosen->key == "loss") {
    const auto probability = reader.probability("loss");
    if (!probability) return std::nullopt;
    return sim::Loss{*probability};
  }
  if (chosen->key == "drop") return parse_drop(reader);
  if (chosen->key == "duplicate" && chosen->value.kind == ValueKind::scalar) {
    const auto probability = reader.probability("duplicate");
    if (!probability) return std::nullopt;
    return sim::Duplicate{*probability};
  }
  return parse_map_model(chosen->key, chosen->value, diagnostics);
}

}  // namespace strata::scenario
