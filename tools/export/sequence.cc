// SPDX-License-Identifier: MIT
#include "tools/export/sequence.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tools/views/ladder_rows.h"

namespace strata::exports {
namespace {

using trace::Recording;
using views::LadderRow;

constexpr Duration kIdleGap{100ms};

SequenceStep::Kind kind_of(const LadderRow& row) {
  if (!row.fate.empty()) return SequenceStep::Kind::lost;
  if (row.label.role == views::Role::retransmission) return SequenceStep::Kind::retransmission;
  if (row.label.text.starts_with("ACK")) return SequenceStep::Kind::answer;
  return SequenceStep::Kind::message;
}

// Whom a packet was for. One that died before anybody got it: who stands at the end of that link.
NodeId target_of(const Recording& recording, const std::optional<views::FlowEnds>& ends,
                 const LadderRow& row) {
  if (ends) return ends->is_forward(row) ? ends->responder : ends->opener;
  if (row.to != row.from || !row.end || row.end->link == kNoLink) return row.to;
  const auto peer = recording.directory().peer_of(row.end->link, row.end->node, row.end->port);
  return peer ? peer->node : row.to;
}

NodeId source_of(const std::optional<views::FlowEnds>& ends, const LadderRow& row) {
  if (ends) return ends->is_forward(row) ? ends->opener : ends->responder;
  return row.from;
}

// "21.442": milliseconds.
std::string clock_text(Instant instant) {
  const auto us = (instant - kStart).count() / 1000;
  return fmt::format("{}.{:03}", us / 1000, us % 1000);
}

SequenceStep note(std::string text) {
  return {.kind = SequenceStep::Kind::note, .from = 0, .to = 0, .text = std::move(text)};
}

class Builder {
 public:
  Builder(const Recording& recording, std::optional<views::FlowEnds> ends)
      : recording_(recording), ends_(std::move(ends)) {}

  Sequence build(const std::vector<LadderRow>& rows) {
    place(rows);
    std::optional<Instant> previous;
    std::size_t drawn = 0;
    for (const LadderRow& row : rows) {
      if (drawn == kSequenceStepsMost) {
        sequence_.steps.push_back(
            note(fmt::format("{} more packets are not shown", rows.size() - drawn)));
        break;
      }
      if (previous && row.sent - *previous > kIdleGap) {
        sequence_.steps.push_back(note(fmt::format("{} pass", to_text(row.sent - *previous))));
      }
      previous = row.sent;
      ++drawn;
      sequence_.steps.push_back(row.folded > 0 ? folded(row) : arrow(row));
    }
    return std::move(sequence_);
  }

 private:
  // Columns for those who take part, in order of declaration.
  void place(const std::vector<LadderRow>& rows) {
    for (const LadderRow& row : rows) {
      columns_.try_emplace(source_of(ends_, row), 0);
      columns_.try_emplace(target_of(recording_, ends_, row), 0);
    }
    if (ends_) columns_ = {{ends_->opener, 0}, {ends_->responder, 0}};
    std::vector<NodeId> order;
    for (const auto& [node, column] : columns_) order.push_back(node);
    // The opener stands left, whoever was declared first.
    if (ends_) order = {ends_->opener, ends_->responder};
    for (std::size_t i = 0; i < order.size(); ++i) {
      columns_[order[i]] = i;
      sequence_.participants.emplace_back(recording_.directory().node_name(order[i]));
    }
  }

  SequenceStep arrow(const LadderRow& row) const {
    SequenceStep step;
    step.kind = kind_of(row);
    step.from = columns_.at(source_of(ends_, row));
    step.to = columns_.at(target_of(recording_, ends_, row));
    step.text = fmt::format("{} ms  {}", clock_text(row.sent), row.label.text);
    if (row.damaged) step.text += ", damaged";
    if (!row.fate.empty()) step.text += fmt::format(", {}", row.fate);
    return step;
  }

  static SequenceStep folded(const LadderRow& row) {
    return note(fmt::format("{} more packets, data and ACKs in order", row.folded));
  }

  const Recording& recording_;
  std::optional<views::FlowEnds> ends_;
  std::map<NodeId, std::size_t> columns_;
  Sequence sequence_;
};

}  // namespace

tl::expected<Sequence, std::string> sequence_of(const Recording& recording,
                                                const Request& request) {
  views::LadderSelection selection{
      .flow = request.flow, .from = request.from, .until = request.until, .keep = request.keep};
  if (!selection.flow && recording.flows().size() == 1) selection.flow = 1;
  std::optional<views::FlowEnds> ends;
  if (selection.flow) {
    const auto flow = flow_of(recording, {.flow = selection.flow});
    if (!flow) return tl::unexpected(flow.error());
    ends = views::flow_ends(recording, **flow);
  }
  std::vector<LadderRow> rows = views::ladder_rows(recording, selection);
  std::stable_sort(rows.begin(), rows.end(),
                   [](const LadderRow& a, const LadderRow& b) { return a.sent < b.sent; });
  if (rows.empty()) return tl::unexpected(std::string{"there are no packets to show"});
  return Builder(recording, ends).build(views::fold_rows(std::move(rows)));
}

}  // namespace strata::exports
