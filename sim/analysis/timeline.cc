// SPDX-License-Identifier: MIT
#include "sim/analysis/timeline.h"

#include <algorithm>
#include <map>

namespace strata::analysis {
namespace {

class Builder {
 public:
  explicit Builder(Timeline& timeline) : timeline_(timeline) {}

  void read(const Event& event) {
    std::visit([&](const auto& body) { on(event.time, body); }, event.body);
  }

  void finish(Instant end) {
    close_state(end);
    close_phase(end);
    for (auto& [name, running] : running_) {
      running.until = end;
      timeline_.timers.push_back(running);
    }
    std::stable_sort(timeline_.timers.begin(), timeline_.timers.end(),
                     [](const TimerSpan& a, const TimerSpan& b) { return a.set < b.set; });
  }

 private:
  void on(Instant now, const TcpStateChanged& change) {
    close_state(now);
    close_phase_if_closed(now, change.to);
    // What is closed takes no time, also where the same addresses are used again.
    if (change.to == TcpState::closed) return;
    timeline_.states.push_back(
        {.state = change.to, .from = now, .until = kNever, .cause = change.cause});
  }
  void on(Instant now, const TcpVariables& variables) {
    if (variables.state == TcpState::closed) return;
    if (!timeline_.phases.empty() && timeline_.phases.back().until == kNever &&
        timeline_.phases.back().phase == variables.phase) {
      return;
    }
    close_phase(now);
    timeline_.phases.push_back({.phase = variables.phase, .from = now, .until = kNever});
  }
  void on(Instant now, const TimerChanged& change) {
    const auto running = running_.find(change.timer);
    if (change.action == TimerAction::set) {
      if (running == running_.end()) {
        running_[change.timer] = {.timer = change.timer, .set = now, .deadline = change.deadline};
      } else {
        ++running->second.resets;
        running->second.deadline = change.deadline;
      }
      return;
    }
    if (running == running_.end()) return;
    running->second.until = now;
    running->second.end = change.action;
    timeline_.timers.push_back(running->second);
    running_.erase(running);
  }
  template <typename Other>
  void on(Instant, const Other&) {}

  void close_state(Instant now) {
    if (!timeline_.states.empty() && timeline_.states.back().until == kNever) {
      timeline_.states.back().until = now;
    }
  }
  void close_phase(Instant now) {
    if (!timeline_.phases.empty() && timeline_.phases.back().until == kNever) {
      timeline_.phases.back().until = now;
    }
  }
  void close_phase_if_closed(Instant now, TcpState to) {
    if (to == TcpState::closed) close_phase(now);
  }

  Timeline& timeline_;
  std::map<std::string_view, TimerSpan> running_;
};

// The listener that made this end, if one did: it holds the port, not the conversation.
std::optional<Instant> listening_since(const trace::Recording& recording, const FlowEnd& end,
                                       Instant until) {
  std::optional<Instant> since;
  for (const trace::EventIndex index : recording.of_node(end.node)) {
    const Event& event = recording.event(index);
    if (event.time > until) break;
    const auto* change = std::get_if<TcpStateChanged>(&event.body);
    if (change == nullptr || change->flow.local.port != end.key.local.port) continue;
    if (change->to == TcpState::listen) since = event.time;
    if (change->from == TcpState::listen && change->to == TcpState::closed) since.reset();
  }
  return since;
}

}  // namespace

Timeline timeline_of(const trace::Recording& recording, const FlowEnd& end) {
  Timeline timeline;
  timeline.end = end;
  Builder builder(timeline);
  for (const trace::EventIndex index : recording.of_flow(end.flow)) {
    const Event& event = recording.event(index);
    if (end.reported(event)) builder.read(event);
  }
  builder.finish(recording.end());
  if (!end.is_opener && !timeline.states.empty()) {
    timeline.listening_since = listening_since(recording, end, timeline.states.front().from);
  }
  return timeline;
}

}  // namespace strata::analysis
