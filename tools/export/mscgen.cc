// SPDX-License-Identifier: MIT
// mscgen: a message sequence chart (mscgen -T svg -i run.msc).
#include <fmt/format.h>

#include "tools/export/sequence.h"

namespace strata::exports {
namespace {

// Between double quotes.
std::string quoted_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c == '\n' ? ' ' : c;
  }
  return out;
}

std::string arc(const SequenceStep& step) {
  if (step.from == step.to) return fmt::format("n{} box n{}", step.from, step.to);
  switch (step.kind) {
    case SequenceStep::Kind::answer:
      return fmt::format("n{} >> n{}", step.from, step.to);
    case SequenceStep::Kind::lost:
      return fmt::format("n{} -x n{}", step.from, step.to);
    case SequenceStep::Kind::retransmission:
      return fmt::format("n{} :> n{}", step.from, step.to);
    default:
      return fmt::format("n{} => n{}", step.from, step.to);
  }
}

// For white paper: a retransmission, a loss.
std::string_view colour(SequenceStep::Kind kind) {
  switch (kind) {
    case SequenceStep::Kind::retransmission:
      return ", linecolour=\"#A96612\", textcolour=\"#A96612\"";
    case SequenceStep::Kind::lost:
      return ", linecolour=\"#6B020D\", textcolour=\"#6B020D\"";
    default:
      return "";
  }
}

}  // namespace

Trouble write_mscgen(const trace::Recording& recording, const Request& request, const Sink& sink) {
  const auto sequence = sequence_of(recording, request);
  if (!sequence) return sequence.error();
  const std::size_t count = sequence->participants.size();
  std::string text =
      fmt::format("# {}, seed {}\nmsc {{\n  width = \"{}\";\n\n  ", quoted_text(request.scenario),
                  recording.seed(), std::max<std::size_t>(900, 240 * count));
  for (std::size_t i = 0; i < count; ++i) {
    text += fmt::format("{}n{} [label=\"{}\"]", i == 0 ? "" : ", ", i,
                        quoted_text(sequence->participants[i]));
  }
  text += ";\n\n";
  for (const SequenceStep& step : sequence->steps) {
    if (step.kind == SequenceStep::Kind::note) {
      text += fmt::format("  --- [label=\"{}\"];\n", quoted_text(step.text));
    } else {
      text += fmt::format("  {} [label=\"{}\"{}];\n", arc(step), quoted_text(step.text),
                          colour(step.kind));
    }
  }
  sink(text + "}\n");
  return std::nullopt;
}

}  // namespace strata::exports
