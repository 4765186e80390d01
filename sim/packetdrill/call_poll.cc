// SPDX-License-Identifier: MIT
// poll() and epoll: readiness of several descriptors, with a time-out.
#include <fmt/format.h>

#include <algorithm>

#include "sim/packetdrill/calls.h"
#include "sim/packetdrill/symbols.h"

namespace strata::packetdrill {
namespace {

constexpr std::int64_t kIn = 0x1;
constexpr std::int64_t kUrgent = 0x2;
constexpr std::int64_t kOut = 0x4;
constexpr std::int64_t kError = 0x8;
constexpr std::int64_t kHangUp = 0x10;
constexpr std::int64_t kInvalid = 0x20;
constexpr std::int64_t kReadNormal = 0x40;
constexpr std::int64_t kWriteNormal = 0x100;
constexpr std::int64_t kReadHangUp = 0x2000;
constexpr std::int64_t kOneShot = 0x40000000;
constexpr std::int64_t kEdge = 0x80000000;
constexpr std::int64_t kAlways = kError | kHangUp;  // told without being asked for

std::string events_text(std::int64_t events) {
  constexpr std::pair<std::int64_t, std::string_view> kNames[] = {
      {kIn, "IN"},           {kUrgent, "PRI"},   {kOut, "OUT"},           {kError, "ERR"},
      {kHangUp, "HUP"},      {kInvalid, "NVAL"}, {kReadNormal, "RDNORM"}, {kWriteNormal, "WRNORM"},
      {kReadHangUp, "RDHUP"}};
  std::string text;
  for (const auto& [bit, name] : kNames) {
    if ((events & bit) != 0) text += fmt::format("{}{}", text.empty() ? "" : "|", name);
  }
  return text.empty() ? "0" : text;
}

std::int64_t member(const Expression& structure, std::string_view name) {
  const Expression* found = structure.member(name);
  return found == nullptr ? 0 : value_of(*found).value_or(0);
}

}  // namespace

std::int64_t Calls::ready_events(int fd) const {
  const auto found = descriptors_.find(fd);
  if (found == descriptors_.end()) return kInvalid;
  const socket::Readiness ready = machine_.sockets().readiness(found->second.live);
  std::int64_t events = 0;
  if (ready.readable) events |= kIn | kReadNormal;
  if (ready.writable) events |= kOut | kWriteNormal;
  const Descriptor& descriptor = found->second;
  if (ready.error || !descriptor.completed.empty() || !descriptor.stamps.empty()) events |= kError;
  if (ready.hangup) events |= kHangUp;
  if (ready.urgent) events |= kUrgent;
  if (ready.peer_closed) events |= kReadHangUp;
  return events;
}

// Nothing is ready: waits, until the time-out if there is one (negative: for ever).
Calls::Returned Calls::wait(std::int64_t timeout_ms) {
  if (timeout_ms == 0) return {};
  if (timeout_ms > 0 && deadline_ == kNever) {
    deadline_ = after(machine_.now(), std::chrono::milliseconds{timeout_ms});
  }
  if (machine_.now() >= deadline_) return {};
  return blocked();
}

Calls::Returned Calls::call_poll(const Call& call) {
  std::int64_t count = 0;
  Returned returned;
  for (const Expression& item : call.arguments[0].items) {
    const std::int64_t asked = member(item, "events");
    const std::int64_t ready =
        ready_events(static_cast<int>(member(item, "fd"))) & (asked | kAlways | kInvalid);
    if (ready != 0) ++count;
    const Expression* wanted = item.member("revents");
    if (wanted == nullptr || wanted->kind == Expression::Kind::ellipsis) continue;
    const std::int64_t expected = value_of(*wanted).value_or(0);
    if (expected != ready && returned.problem.empty()) {
      returned.problem = fmt::format("poll() told other events of fd {}: expected {}, it was {}",
                                     member(item, "fd"), events_text(expected), events_text(ready));
    }
  }
  if (count == 0) {
    const Returned waiting = wait(number(call, 2));
    if (waiting.blocked) return waiting;
  }
  returned.value = count;
  return returned;
}

Calls::Returned Calls::call_epoll_create(const Call& call) {
  const int script = expected_descriptor(call);
  adopt(script, {.is_epoll = true});
  epolls_[script];
  return {.value = script};
}

Calls::Returned Calls::call_epoll_ctl(const Call& call) {
  const auto epoll = epolls_.find(static_cast<int>(number(call, 0)));
  if (epoll == epolls_.end()) return failed(Errc::bad_descriptor);
  const std::int64_t operation = number(call, 1);
  const int fd = static_cast<int>(number(call, 2));
  std::vector<Interest>& interests = epoll->second;
  std::erase_if(interests, [fd](const Interest& interest) { return interest.fd == fd; });
  if (operation == symbol("EPOLL_CTL_DEL")) return {};
  Interest interest{.fd = fd, .events = member(call.arguments[3], "events")};
  for (const Expression& item : call.arguments[3].items) {
    if (item.name == "events") continue;
    interest.key = item.name;
    interest.data = value_of(item).value_or(0);
  }
  interests.push_back(std::move(interest));
  return {};
}

std::uint64_t Calls::octets_received(int fd) const {
  const auto found = descriptors_.find(fd);
  const auto info = found == descriptors_.end() ? std::nullopt : info_of(found->second);
  return info ? info->octets_received : 0;
}

// Edge-triggered: what is not true any more may be told again; and text that arrives is an edge of
// everything that is true, whether what came before has been read or not (epoll(7)).
void Calls::note_edges(Interest& interest) {
  interest.told &= ready_events(interest.fd);
  const bool minds_text = (interest.events & kEdge) != 0 && (interest.events & kIn) != 0;
  if (interest.told == 0 || !minds_text) return;
  if (octets_received(interest.fd) > interest.received) interest.told = 0;
}

// Edge-triggered: who got less than he offered is told of room, whenever it comes.
void Calls::expect_room(int fd) {
  for (auto& [epoll, interests] : epolls_) {
    for (Interest& interest : interests) {
      if (interest.fd == fd) interest.told &= ~(kOut | kWriteNormal);
    }
  }
}

void Calls::observe() {
  for (auto& [fd, descriptor] : descriptors_) {
    complete_stamps(descriptor);
    if (!complete_zero_copies(descriptor)) continue;
    // A notice is an edge of everything that is true.
    for (auto& [epoll, interests] : epolls_) {
      for (Interest& interest : interests) {
        if (interest.fd == fd) interest.told = 0;
      }
    }
  }
  for (auto& [epoll, interests] : epolls_) {
    for (Interest& interest : interests) note_edges(interest);
  }
}

Calls::Returned Calls::call_epoll_wait(const Call& call) {
  const auto epoll = epolls_.find(static_cast<int>(number(call, 0)));
  if (epoll == epolls_.end()) return failed(Errc::bad_descriptor);
  const auto limit = static_cast<std::size_t>(std::max<std::int64_t>(number(call, 2), 0));
  Returned returned;
  const Expression& wanted = call.arguments[1];
  for (Interest& interest : epoll->second) {
    if (interest.is_spent) continue;
    std::int64_t ready = ready_events(interest.fd) & (interest.events | kAlways);
    if ((interest.events & kEdge) != 0) {
      const std::int64_t fresh = ready & ~interest.told;
      interest.told |= ready;
      interest.received = octets_received(interest.fd);
      if (fresh == 0) continue;
    }
    if (ready == 0 || static_cast<std::size_t>(returned.value) >= limit) continue;
    ++returned.value;
    if ((interest.events & kOneShot) != 0) interest.is_spent = true;
    const Expression& item = wanted.kind == Expression::Kind::list && !wanted.items.empty()
                                 ? wanted.items.front()
                                 : wanted;
    const Expression* events = item.member("events");
    if (events == nullptr || returned.value > 1) continue;
    if (value_of(*events).value_or(0) != ready) {
      returned.problem =
          fmt::format("epoll_wait() told other events: expected {}, it was {}",
                      events_text(value_of(*events).value_or(0)), events_text(ready));
    } else if (member(item, interest.key) != interest.data && item.member(interest.key)) {
      returned.problem = fmt::format("epoll_wait() told another {}: expected {}, it was {}",
                                     interest.key, member(item, interest.key), interest.data);
    }
  }
  if (returned.value == 0) {
    const Returned waiting = wait(number(call, 3));
    if (waiting.blocked) return waiting;
  }
  return returned;
}

}  // namespace strata::packetdrill
