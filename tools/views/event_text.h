// SPDX-License-Identifier: MIT
// One event in a sentence for people, as `why` and the tree of causes use it. Packets are named by
// number and label ("#9 DATA 1461:2921").
#pragma once

#include <string>

#include "sim/trace/recording.h"
#include "tools/views/label.h"
#include "tools/views/text.h"

namespace strata::views {

struct EventSentence {
  std::string text;
  Role role = Role::plain;
};

// What happened, where and when.
EventSentence sentence_of(const trace::Recording& recording, trace::EventIndex index,
                          Labeller& labeller);

// "cwnd 14600 → 7300, ssthresh ∞ → 7300": what is different in `after`; empty when nothing is.
// `before` may be null: then all that is not zero.
std::string changes_text(const TcpVariables* before, const TcpVariables& after);

// "bernoulli, p 0.1, drew 0.0342 (number 5 of link0#tx)", "" for none.
std::string decision_text(const std::optional<DecisionDetail>& decision);

}  // namespace strata::views
