// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/announced_window.h"

namespace strata::tcp {
namespace {

constexpr std::uint32_t kSegmentGuess = 536;  // before the peer has sent one

std::uint64_t rounded_up(std::uint64_t value, std::uint64_t unit) {
  return (value + unit - 1) / unit * unit;
}

// RFC 9293 3.8.6.2.2.
std::uint64_t worthwhile_steps(const WindowSituation& now) {
  // RFC 5681 2 (e): an ACK with another window is no duplicate to the peer, which counts them.
  if (now.repeats && now.promised >= now.segment) return now.promised;
  const std::uint64_t step = std::min<std::uint64_t>(now.limit / 2, now.segment);
  return now.room >= now.promised + step ? now.room : now.promised;
}

// Zero while less than a segment or a sixteenth of the buffer is free; else what is free, as far as
// it has been earned: in whole units of the scale, or without a scale in whole segments.
std::uint64_t slow_opening(const WindowSituation& now) {
  const std::uint64_t segment =
      std::min<std::uint64_t>(now.peer_segment == 0 ? kSegmentGuess : now.peer_segment, now.limit);
  std::uint64_t space = now.room;
  if (space < now.limit / 2) {
    space -= space % now.unit;
    if (space < now.limit / 16 || space < segment) space = 0;
  }
  space = std::min(space, now.earned);
  if (now.unit > 1) return rounded_up(std::max(space, now.promised), now.unit);
  const bool is_far = now.announced + segment <= space || now.announced > space;
  if (is_far && segment > 0) return std::max(space - space % segment, now.promised);
  if (segment == now.limit && space > now.announced + now.limit / 2) return space;
  return std::max(now.announced, now.promised);
}

// RFC 7323 2.4 asks the receiver not to; where memory counts, it is the lesser evil. Without a
// scale the window does not shrink.
std::uint64_t shrinking(const WindowSituation& now) {
  if (now.unit == 1) return slow_opening(now);
  const std::uint64_t space = now.room - now.room % now.unit;
  const bool is_short = space < now.limit / 2;
  const bool is_tiny = space < now.limit / 16 || space < now.peer_segment || space < now.unit;
  if (is_short && is_tiny) return 0;
  return std::min(space, rounded_up(now.earned, now.unit));
}

std::uint64_t all_the_room(const WindowSituation& now) {
  const bool is_silly = now.room < now.limit / 4 && now.room < now.segment;
  return std::max(is_silly ? 0 : now.room, now.promised);
}

}  // namespace

std::uint64_t window_to_announce(WindowRule rule, const WindowSituation& situation) {
  switch (rule) {
    case WindowRule::worthwhile_steps:
      return worthwhile_steps(situation);
    case WindowRule::slow_opening:
      return slow_opening(situation);
    case WindowRule::shrinking:
      return shrinking(situation);
    case WindowRule::all_the_room:
      return all_the_room(situation);
  }
  return situation.promised;
}

}  // namespace strata::tcp
