// SPDX-License-Identifier: MIT
// poll(2): the events of many sockets at once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stack/transport/tcp/config.h"

namespace strata::socket {

// A set of POLL events; made from the constants of poll_event.
class PollEvents {
 public:
  constexpr PollEvents() = default;
  explicit constexpr PollEvents(std::uint16_t bits) : bits_(bits) {}

  constexpr bool has(PollEvents event) const { return (bits_ & event.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  friend constexpr PollEvents operator|(PollEvents a, PollEvents b) {
    return PollEvents(static_cast<std::uint16_t>(a.bits_ | b.bits_));
  }
  friend constexpr PollEvents operator&(PollEvents a, PollEvents b) {
    return PollEvents(static_cast<std::uint16_t>(a.bits_ & b.bits_));
  }
  friend constexpr bool operator==(PollEvents, PollEvents) = default;

 private:
  std::uint16_t bits_ = 0;
};

// The bits are Linux's.
namespace poll_event {
inline constexpr PollEvents kIn{0x1};             // POLLIN: recv() or accept() would not wait
inline constexpr PollEvents kPri{0x2};            // POLLPRI: urgent data
inline constexpr PollEvents kOut{0x4};            // POLLOUT: send() would not wait
inline constexpr PollEvents kErr{0x8};            // POLLERR: an error is pending or queued
inline constexpr PollEvents kHup{0x10};           // POLLHUP: both directions are shut
inline constexpr PollEvents kInvalid{0x20};       // POLLNVAL: no such descriptor
inline constexpr PollEvents kReadHangup{0x2000};  // POLLRDHUP: the peer sends no more
// Told whether asked for or not.
inline constexpr PollEvents kAlways = kErr | kHup | kInvalid;
}  // namespace poll_event

// A socket and what is asked about it; `returned` is what has come of it.
struct PollEntry {
  int fd = -1;  // negative: skipped
  PollEvents events;
  PollEvents returned;
};

PollEvents poll_events(const tcp::Readiness& readiness);
// "POLLIN|POLLHUP"; "0" for none.
std::string to_text(PollEvents events);
// The event "POLLIN"; nullopt when there is none of the name.
std::optional<PollEvents> find_poll_event(std::string_view name);

}  // namespace strata::socket
