// SPDX-License-Identifier: MIT
// Mermaid: a `sequenceDiagram` to paste into a Markdown page (```mermaid).
#include <fmt/format.h>

#include "tools/export/sequence.h"

namespace strata::exports {
namespace {

// Text behind a colon. Mermaid reads '#' and ';' as entities and ends of statements, and angle
// brackets as HTML.
std::string message_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '#':
        out += "#35;";
        break;
      case ';':
        out += "#59;";
        break;
      case '<':
        out += "#lt;";
        break;
      case '>':
        out += "#gt;";
        break;
      case '\n':
        out += ' ';
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string_view arrow_text(SequenceStep::Kind kind) {
  switch (kind) {
    case SequenceStep::Kind::answer:
      return "-->>";
    case SequenceStep::Kind::lost:
      return "-x";
    default:
      return "->>";
  }
}

}  // namespace

Trouble write_mermaid(const trace::Recording& recording, const Request& request, const Sink& sink) {
  const auto sequence = sequence_of(recording, request);
  if (!sequence) return sequence.error();
  std::string text = fmt::format("%% {}, seed {}\nsequenceDiagram\n",
                                 message_text(request.scenario), recording.seed());
  for (std::size_t i = 0; i < sequence->participants.size(); ++i) {
    text += fmt::format("    participant n{} as {}\n", i, message_text(sequence->participants[i]));
  }
  const std::size_t last = sequence->participants.size() - 1;
  for (const SequenceStep& step : sequence->steps) {
    if (step.kind == SequenceStep::Kind::note) {
      text += fmt::format("    Note over n0{}: {}\n", last == 0 ? "" : fmt::format(",n{}", last),
                          message_text(step.text));
    } else {
      const std::string_view again =
          step.kind == SequenceStep::Kind::retransmission ? "again: " : "";
      text += fmt::format("    n{}{}n{}: {}{}\n", step.from, arrow_text(step.kind), step.to, again,
                          message_text(step.text));
    }
  }
  sink(text);
  return std::nullopt;
}

}  // namespace strata::exports
