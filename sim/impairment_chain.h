// SPDX-License-Identifier: MIT
// ImpairmentChain: the impairments of one direction of a link at work. For each frame it decides,
// before the frame is launched, everything the medium will do to it and to its copies. It touches
// neither the frame nor the trace: the link carries the decisions out and reports them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/frame_filter.h"
#include "sim/impairment.h"
#include "stack/base/drop_reason.h"
#include "stack/base/events.h"
#include "stack/base/random.h"
#include "stack/physical/bit_errors.h"

namespace strata::sim {

// One thing a model did, in the order of the models.
struct ImpairmentFact {
  enum class Kind : std::uint8_t { lost, corrupted, truncated, duplicated, delayed };
  Kind kind{};
  std::uint16_t model = 0;        // position in the chain
  std::uint32_t frame = 0;        // which of the outcome's frames it happened to
  std::uint32_t copy = 0;         // of a duplication: which of the outcome's frames is the copy
  Duration extra{};               // of a delay
  std::uint32_t flips_begin = 0;  // of a corruption: a range of the outcome's flips
  std::uint32_t flips_end = 0;
  std::uint32_t to_bytes = 0;  // of a truncation: what arrives
  RandomStream::Draw draw;     // index and value are meaningless for scripted models
  std::uint64_t ordinal = 0;   // of this frame among those that match; scripted models only
  bool in_bad_state = false;   // of the Gilbert-Elliott chain
};

// What becomes of one frame and the copies the medium makes of it.
struct ImpairmentOutcome {
  struct Frame {
    bool lost = false;
    DropReason reason{};
    Duration extra{};  // later than propagation alone
  };
  std::vector<Frame> frames;  // the original first
  std::vector<ImpairmentFact> facts;
  std::vector<std::uint32_t> flips;  // bit offsets, or symbol offsets: see decide()

  void clear() {
    frames.clear();
    facts.clear();
    flips.clear();
  }
};

class ImpairmentChain {
 public:
  // `stream_prefix` is "link/NAME/A>B"; models of the other direction are left out but counted, so
  // that the two directions number their streams alike.
  ImpairmentChain(const std::vector<ImpairmentConfig>& configs, Direction direction,
                  std::uint64_t seed, const std::string& stream_prefix);

  bool empty() const { return models_.empty(); }
  // Decides about `frame`, whose first bit leaves at `now` and whose last would arrive at `arrival`
  // without delays. Under a line code `symbols` is the number of symbols on the medium and random
  // errors flip symbols; with 0 they flip bits of the frame. The result is valid until the next
  // call.
  const ImpairmentOutcome& decide(Bytes frame, Instant now, Instant arrival, std::size_t symbols);
  // Whether the model of a corruption is BitErrors, whose flips are symbols under a line code.
  bool is_random(const ImpairmentFact& fact) const {
    return std::holds_alternative<BitErrors>(models_[fact.model].config.model);
  }
  // Whether the model of a delay means to change the order of frames.
  bool is_reordering(const ImpairmentFact& fact) const {
    return !std::holds_alternative<Jitter>(models_[fact.model].config.model);
  }
  // For the trace: builds strings.
  DecisionDetail describe(const ImpairmentFact& fact) const;

 private:
  struct Model {
    ImpairmentConfig config;
    FrameFilter filter;
    std::optional<RandomStream> random;
    std::string stream;         // its name
    std::uint64_t matches = 0;  // frames seen by a scripted model
    bool bad = false;           // state of BurstLoss
    Instant latest{};           // latest arrival given by Jitter
    std::optional<physical::BitErrorModel> bit_errors;
  };
  struct Subject {  // the frame a model is looking at
    Bytes bytes;
    Instant arrival;
    std::size_t symbols = 0;
    std::uint32_t index = 0;
  };

  void apply(Model& model, const Subject& subject);
  void apply(Model& model, const Loss& loss, const Subject& subject);
  void apply(Model& model, const BurstLoss& loss, const Subject& subject);
  void apply(Model& model, const DropNth& drop, const Subject& subject);
  void apply(Model& model, const DropBetween& drop, const Subject& subject);
  void apply(Model& model, const BitErrors& errors, const Subject& subject);
  void apply(Model& model, const FlipBits& flip, const Subject& subject);
  void apply(Model& model, const Truncate& cut, const Subject& subject);
  void apply(Model& model, const TruncateNth& cut, const Subject& subject);
  void apply(Model& model, const Duplicate& duplicate, const Subject& subject);
  void apply(Model& model, const DuplicateNth& duplicate, const Subject& subject);
  void apply(Model& model, const Reorder& reorder, const Subject& subject);
  void apply(Model& model, const DelayNth& delay, const Subject& subject);
  void apply(Model& model, const Jitter& jitter, const Subject& subject);

  ImpairmentFact fact(ImpairmentFact::Kind kind, const Model& model, const Subject& subject) const;
  void lose(ImpairmentFact fact, DropReason reason);
  void truncate(ImpairmentFact fact, std::uint32_t to_bytes, const Subject& subject);
  void duplicate(ImpairmentFact fact, Duration after);
  void delay(ImpairmentFact fact, Duration extra);

  std::vector<Model> models_;
  ImpairmentOutcome outcome_;
};

}  // namespace strata::sim
