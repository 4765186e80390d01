// SPDX-License-Identifier: MIT
// Expectations: what must hold at the end of a run, in the words of its figures.
//
//     tcp.retransmissions == 1              link.access.dropped <= 3
//     server.received == 14600 bytes        flow.1.goodput between 8 Mbit/s and 10 Mbit/s
//     finished before 500 ms                client.output contains "200 OK"
//     server.received == client.sent        stop == "idle"
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/figures.h"
#include "sim/scenario/model.h"

namespace strata::scenario {

enum class Comparison : std::uint8_t {
  equal,
  not_equal,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
  between,   // two operands, both included
  contains,  // of texts
};

// The right-hand side: a quantity, a text, or the name of another figure.
struct Operand {
  enum class Kind : std::uint8_t { quantity, text, figure } kind = Kind::quantity;
  Quantity quantity;
  std::string text;  // the text, or the figure's name
};

struct Expectation {
  std::string written;
  Position at;
  std::string figure;
  Comparison comparison{};
  std::vector<Operand> operands;  // two for `between`, else one
};

// Reads one expectation; figures and units are not looked at.
Parsed<Expectation> parse_expectation(std::string_view text);

// Reads those of a model and checks that the figures exist and can be compared with their operands.
std::vector<Expectation> parse_expectations(const Model& model, Diagnostics& diagnostics);

struct ExpectationOutcome {
  std::string written;
  bool passed = false;
  std::string actual;   // "3", "never", "'HTTP/1.1 404'"
  std::string others;   // the figures it was compared with: "flow.2.goodput was 5 Mbit/s"
  std::string problem;  // why it could not be decided; empty: it could
  std::string hint;     // arguments of `strata show FILE` that tell why; empty: none
};

ExpectationOutcome evaluate(const Expectation& expectation, const FigureTable& figures);

}  // namespace strata::scenario
