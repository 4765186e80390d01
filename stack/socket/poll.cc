// SPDX-License-Identifier: MIT
#include "stack/socket/poll.h"

#include <algorithm>
#include <array>

#include "stack/socket/sockets.h"

namespace strata::socket {
namespace {

struct EventName {
  std::string_view name;
  PollEvents event;
};
constexpr std::array kEvents{
    EventName{"POLLIN", poll_event::kIn},
    EventName{"POLLPRI", poll_event::kPri},
    EventName{"POLLOUT", poll_event::kOut},
    EventName{"POLLERR", poll_event::kErr},
    EventName{"POLLHUP", poll_event::kHup},
    EventName{"POLLNVAL", poll_event::kInvalid},
    EventName{"POLLRDHUP", poll_event::kReadHangup},
};

}  // namespace

PollEvents poll_events(const tcp::Readiness& readiness) {
  PollEvents events;
  if (readiness.readable) events = events | poll_event::kIn;
  if (readiness.urgent) events = events | poll_event::kPri;
  if (readiness.writable) events = events | poll_event::kOut;
  if (readiness.error) events = events | poll_event::kErr;
  if (readiness.hangup) events = events | poll_event::kHup;
  if (readiness.peer_closed) events = events | poll_event::kReadHangup;
  return events;
}

std::string to_text(PollEvents events) {
  std::string text;
  for (const EventName& each : kEvents) {
    if (!events.has(each.event)) continue;
    if (!text.empty()) text += '|';
    text += each.name;
  }
  return text.empty() ? "0" : text;
}

std::optional<PollEvents> find_poll_event(std::string_view name) {
  const auto* found = std::ranges::find(kEvents, name, &EventName::name);
  if (found == kEvents.end()) return std::nullopt;
  return found->event;
}

int Sockets::poll(std::span<PollEntry> entries) const {
  int ready = 0;
  for (PollEntry& entry : entries) {
    entry.returned = {};
    if (entry.fd < 0) continue;
    entry.returned = find(entry.fd) == nullptr
                         ? poll_event::kInvalid
                         : poll_events(readiness(entry.fd)) & (entry.events | poll_event::kAlways);
    if (!entry.returned.empty()) ++ready;
  }
  return ready;
}

}  // namespace strata::socket
