// SPDX-License-Identifier: MIT
#include "sim/impairment_chain.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "sim/jitter.h"

namespace strata::sim {
namespace {

using Kind = ImpairmentFact::Kind;

// The word for a kind of model in the name of its random stream; empty: it needs none.
struct StreamKind {
  std::string_view operator()(const Loss&) const { return "loss"; }
  std::string_view operator()(const BurstLoss&) const { return "burst-loss"; }
  std::string_view operator()(const DropNth&) const { return {}; }
  std::string_view operator()(const DropBetween&) const { return {}; }
  std::string_view operator()(const BitErrors&) const { return "bit-errors"; }
  std::string_view operator()(const FlipBits&) const { return {}; }
  std::string_view operator()(const Truncate&) const { return "truncate"; }
  std::string_view operator()(const TruncateNth&) const { return {}; }
  std::string_view operator()(const Duplicate&) const { return "duplicate"; }
  std::string_view operator()(const DuplicateNth&) const { return {}; }
  std::string_view operator()(const Reorder&) const { return "reorder"; }
  std::string_view operator()(const DelayNth&) const { return {}; }
  std::string_view operator()(const Jitter&) const { return "jitter"; }
};

// "1st", "2nd", "3rd", "4th", "11th", "21st".
std::string ordinal_text(std::uint64_t number) {
  static constexpr std::array<std::string_view, 4> kEndings{"th", "st", "nd", "rd"};
  const bool teen = number % 100 >= 11 && number % 100 <= 13;
  const std::uint64_t last = number % 10;
  return fmt::format("{}{}", number, kEndings[teen || last > 3 ? 0 : last]);
}

bool contains(const std::vector<std::uint64_t>& ordinals, std::uint64_t ordinal) {
  return std::find(ordinals.begin(), ordinals.end(), ordinal) != ordinals.end();
}

// Name and probability of a decision, for people.
struct ModelText {
  const ImpairmentFact& fact;
  const std::string& match;

  using Text = std::pair<std::string, double>;
  Text operator()(const Loss& loss) const { return {"bernoulli", loss.probability.as_double()}; }
  Text operator()(const BurstLoss& loss) const {
    if (fact.in_bad_state) return {"gilbert-elliott, bad state", loss.loss_in_bad.as_double()};
    return {"gilbert-elliott, good state", loss.loss_in_good.as_double()};
  }
  Text operator()(const DropNth&) const { return {nth(), 0}; }
  Text operator()(const DropBetween&) const {
    return {match.empty() ? "every frame" : fmt::format("every match of {}", match), 0};
  }
  Text operator()(const BitErrors& errors) const {
    return {"bit errors", errors.per_bit.as_double()};
  }
  Text operator()(const FlipBits&) const { return {nth(), 0}; }
  Text operator()(const Truncate& cut) const { return {"truncate", cut.probability.as_double()}; }
  Text operator()(const TruncateNth&) const { return {nth(), 0}; }
  Text operator()(const Duplicate& duplicate) const {
    return {"duplicate", duplicate.probability.as_double()};
  }
  Text operator()(const DuplicateNth&) const { return {nth(), 0}; }
  Text operator()(const Reorder& reorder) const {
    return {"reorder", reorder.probability.as_double()};
  }
  Text operator()(const DelayNth&) const { return {nth(), 0}; }
  Text operator()(const Jitter& jitter) const {
    switch (jitter.shape) {
      case JitterShape::uniform:
        return {"uniform jitter", 0};
      case JitterShape::normal:
        return {"normal jitter", 0};
      case JitterShape::exponential:
        return {"exponential jitter", 0};
    }
    return {"jitter", 0};
  }

 private:
  std::string nth() const {
    return match.empty() ? fmt::format("{} frame", ordinal_text(fact.ordinal))
                         : fmt::format("{} match of {}", ordinal_text(fact.ordinal), match);
  }
};

}  // namespace

ImpairmentChain::ImpairmentChain(const std::vector<ImpairmentConfig>& configs, Direction direction,
                                 std::uint64_t seed, const std::string& stream_prefix) {
  std::array<unsigned, std::variant_size_v<ImpairmentModel>> kind_counts{};
  for (const ImpairmentConfig& config : configs) {
    const unsigned number = kind_counts[config.model.index()]++;
    if (config.direction != Direction::both && config.direction != direction) continue;
    Model model{.config = config, .filter = FrameFilter{config.match}};
    const std::string_view kind = std::visit(StreamKind{}, config.model);
    if (!kind.empty()) {
      model.stream = fmt::format("{}/{}#{}", stream_prefix, kind, number);
      model.random.emplace(seed, model.stream);
    }
    if (const auto* errors = std::get_if<BitErrors>(&config.model)) {
      model.bit_errors.emplace(errors->per_bit);
    }
    models_.push_back(std::move(model));
  }
}

const ImpairmentOutcome& ImpairmentChain::decide(Bytes frame, Instant now, Instant arrival,
                                                 std::size_t symbols) {
  outcome_.clear();
  outcome_.frames.emplace_back();
  for (Model& model : models_) {
    if (now < model.config.from || now >= model.config.until) continue;
    if (!model.filter.matches(frame)) continue;
    // Copies that this model makes do not pass through it again.
    const std::size_t present = outcome_.frames.size();
    for (std::size_t index = 0; index < present; ++index) {
      if (outcome_.frames[index].lost) continue;
      apply(model, {.bytes = frame,
                    .arrival = arrival,
                    .symbols = symbols,
                    .index = static_cast<std::uint32_t>(index)});
    }
  }
  return outcome_;
}

DecisionDetail ImpairmentChain::describe(const ImpairmentFact& fact) const {
  const Model& model = models_[fact.model];
  auto [name, probability] = std::visit(ModelText{fact, model.config.match}, model.config.model);
  return {.model = std::move(name),
          .probability = probability,
          .draw = fact.draw.value,
          .stream = model.stream,
          .index = fact.draw.index};
}

void ImpairmentChain::apply(Model& model, const Subject& subject) {
  std::visit([&](const auto& config) { apply(model, config, subject); }, model.config.model);
}

void ImpairmentChain::apply(Model& model, const Loss& loss, const Subject& subject) {
  ImpairmentFact decision = fact(Kind::lost, model, subject);
  decision.draw = model.random->draw(loss.probability);
  if (decision.draw.hit) lose(decision, DropReason::loss);
}

void ImpairmentChain::apply(Model& model, const BurstLoss& loss, const Subject& subject) {
  if (model.random->chance(model.bad ? loss.leave : loss.enter)) model.bad = !model.bad;
  ImpairmentFact decision = fact(Kind::lost, model, subject);
  decision.in_bad_state = model.bad;
  decision.draw = model.random->draw(model.bad ? loss.loss_in_bad : loss.loss_in_good);
  if (decision.draw.hit) lose(decision, DropReason::burst_loss);
}

void ImpairmentChain::apply(Model& model, const DropNth& drop, const Subject& subject) {
  ImpairmentFact decision = fact(Kind::lost, model, subject);
  decision.ordinal = ++model.matches;
  if (contains(drop.ordinals, decision.ordinal)) lose(decision, DropReason::chosen);
}

void ImpairmentChain::apply(Model& model, const DropBetween&, const Subject& subject) {
  ImpairmentFact decision = fact(Kind::lost, model, subject);
  decision.ordinal = ++model.matches;
  lose(decision, DropReason::chosen);
}

void ImpairmentChain::apply(Model& model, const BitErrors& errors, const Subject& subject) {
  const std::uint64_t positions =
      subject.symbols != 0 ? subject.symbols : std::uint64_t{8} * subject.bytes.size();
  const bool always = errors.per_bit.is_always();
  ImpairmentFact decision = fact(Kind::corrupted, model, subject);
  decision.draw.index = model.random->draws();
  decision.flips_begin = static_cast<std::uint32_t>(outcome_.flips.size());
  std::uint64_t number = model.random->next();
  decision.draw.value = static_cast<double>(number >> 11) * 0x1p-53;
  for (std::uint64_t at = 0; at < positions; ++at, number = model.random->next()) {
    if (!always) at += model.bit_errors->run_length(number);
    if (at >= positions) break;
    outcome_.flips.push_back(static_cast<std::uint32_t>(at));
  }
  decision.flips_end = static_cast<std::uint32_t>(outcome_.flips.size());
  if (decision.flips_end != decision.flips_begin) outcome_.facts.push_back(decision);
}

void ImpairmentChain::apply(Model& model, const FlipBits& flip, const Subject& subject) {
  ImpairmentFact decision = fact(Kind::corrupted, model, subject);
  decision.ordinal = ++model.matches;
  if (!contains(flip.ordinals, decision.ordinal)) return;
  decision.flips_begin = static_cast<std::uint32_t>(outcome_.flips.size());
  for (const std::uint32_t bit : flip.bits) {
    if (bit < 8 * subject.bytes.size()) outcome_.flips.push_back(bit);
  }
  decision.flips_end = static_cast<std::uint32_t>(outcome_.flips.size());
  if (decision.flips_end != decision.flips_begin) outcome_.facts.push_back(decision);
}

void ImpairmentChain::apply(Model& model, const Truncate& cut, const Subject& subject) {
  ImpairmentFact decision = fact(Kind::truncated, model, subject);
  decision.draw = model.random->draw(cut.probability);
  if (!decision.draw.hit) return;
  const std::uint64_t most = std::max<std::size_t>(subject.bytes.size(), 2) - 1;
  const std::uint64_t random = 1 + model.random->below(most);
  truncate(decision, cut.to_bytes.value_or(static_cast<std::uint32_t>(random)), subject);
}

void ImpairmentChain::apply(Model& model, const TruncateNth& cut, const Subject& subject) {
  ImpairmentFact decision = fact(Kind::truncated, model, subject);
  decision.ordinal = ++model.matches;
  if (contains(cut.ordinals, decision.ordinal)) truncate(decision, cut.to_bytes, subject);
}

void ImpairmentChain::apply(Model& model, const Duplicate& copy, const Subject& subject) {
  ImpairmentFact decision = fact(Kind::duplicated, model, subject);
  decision.draw = model.random->draw(copy.probability);
  if (decision.draw.hit) duplicate(decision, copy.after);
}

void ImpairmentChain::apply(Model& model, const DuplicateNth& copy, const Subject& subject) {
  ImpairmentFact decision = fact(Kind::duplicated, model, subject);
  decision.ordinal = ++model.matches;
  if (contains(copy.ordinals, decision.ordinal)) duplicate(decision, copy.after);
}

void ImpairmentChain::apply(Model& model, const Reorder& reorder, const Subject& subject) {
  ImpairmentFact decision = fact(Kind::delayed, model, subject);
  decision.draw = model.random->draw(reorder.probability);
  if (decision.draw.hit) delay(decision, reorder.by);
}

void ImpairmentChain::apply(Model& model, const DelayNth& late, const Subject& subject) {
  ImpairmentFact decision = fact(Kind::delayed, model, subject);
  decision.ordinal = ++model.matches;
  if (contains(late.ordinals, decision.ordinal)) delay(decision, late.by);
}

void ImpairmentChain::apply(Model& model, const Jitter& jitter, const Subject& subject) {
  ImpairmentFact decision = fact(Kind::delayed, model, subject);
  decision.draw.index = model.random->draws();
  Duration extra = draw_jitter(jitter, *model.random);
  const Instant expected =
      after(subject.arrival, outcome_.frames[subject.index].extra);  // by the models before this
  if (jitter.keep_order) {
    model.latest = std::max(model.latest, after(expected, extra));
    extra = model.latest - expected;
  }
  if (extra > Duration{0}) delay(decision, extra);
}

ImpairmentFact ImpairmentChain::fact(Kind kind, const Model& model, const Subject& subject) const {
  return {.kind = kind,
          .model = static_cast<std::uint16_t>(&model - models_.data()),
          .frame = subject.index};
}

void ImpairmentChain::lose(ImpairmentFact fact, DropReason reason) {
  outcome_.frames[fact.frame].lost = true;
  outcome_.frames[fact.frame].reason = reason;
  outcome_.facts.push_back(fact);
}

void ImpairmentChain::truncate(ImpairmentFact fact, std::uint32_t to_bytes,
                               const Subject& subject) {
  if (to_bytes >= subject.bytes.size()) return;
  fact.to_bytes = to_bytes;
  outcome_.facts.push_back(fact);
}

void ImpairmentChain::duplicate(ImpairmentFact fact, Duration after) {
  fact.copy = static_cast<std::uint32_t>(outcome_.frames.size());
  const ImpairmentOutcome::Frame original = outcome_.frames[fact.frame];
  outcome_.frames.push_back({.extra = original.extra + after});
  outcome_.facts.push_back(fact);
}

void ImpairmentChain::delay(ImpairmentFact fact, Duration extra) {
  fact.extra = extra;
  outcome_.frames[fact.frame].extra += extra;
  outcome_.facts.push_back(fact);
}

}  // namespace strata::sim
