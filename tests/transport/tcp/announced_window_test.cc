// SPDX-License-Identifier: MIT
// The rules by which systems announce their windows, each from a situation and the window that
// follows.
#include "stack/transport/tcp/announced_window.h"

#include <gtest/gtest.h>

namespace strata::tcp {
namespace {

constexpr WindowSituation kSituation{
    .room = 60'000, .limit = 65'536, .promised = 59'000, .earned = 65'535, .segment = 1460};

WindowSituation with_room(std::uint64_t room) {
  WindowSituation situation = kSituation;
  situation.room = room;
  return situation;
}

// verifies RFC 9293 SHLD-14 (receiver's silly window avoidance)
TEST(AnnouncedWindow, MovesTheEdgeInWorthwhileStepsOnly) {
  EXPECT_EQ(window_to_announce(WindowRule::worthwhile_steps, with_room(60'459)), 59'000U);
  EXPECT_EQ(window_to_announce(WindowRule::worthwhile_steps, with_room(60'460)), 60'460U);
}

// verifies RFC 5681 2 (e): a duplicate ACK has the window of the one before.
TEST(AnnouncedWindow, IsTheSameOnADuplicateAckHoweverMuchWasRead) {
  WindowSituation situation = with_room(65'536);
  situation.repeats = true;
  EXPECT_EQ(window_to_announce(WindowRule::worthwhile_steps, situation), situation.promised);
  situation.promised = 1000;  // less than a segment: the peer waits for room
  EXPECT_EQ(window_to_announce(WindowRule::worthwhile_steps, situation), 65'536U);
}

// verifies RFC 7323 2.4: no rule takes back what has been promised.
TEST(AnnouncedWindow, IsNeverLessThanWhatWasPromised) {
  for (const WindowRule rule :
       {WindowRule::worthwhile_steps, WindowRule::slow_opening, WindowRule::all_the_room}) {
    EXPECT_GE(window_to_announce(rule, with_room(0)), kSituation.promised);
  }
}

TEST(AnnouncedWindow, OfTheBsdsIsAllTheRoomUnlessItIsSilly) {
  EXPECT_EQ(window_to_announce(WindowRule::all_the_room, with_room(60'001)), 60'001U);
  WindowSituation situation = with_room(1459);
  situation.promised = 0;
  EXPECT_EQ(window_to_announce(WindowRule::all_the_room, situation), 0U);
}

TEST(AnnouncedWindow, OfLinuxIsRoundedUpToTheUnitOfTheScale) {
  WindowSituation situation = with_room(60'001);
  situation.unit = 256;
  EXPECT_EQ(window_to_announce(WindowRule::slow_opening, situation), 60'160U);
}

TEST(AnnouncedWindow, OfLinuxIsWholeSegmentsOfThePeerWithoutAScale) {
  WindowSituation situation = with_room(60'999);
  situation.peer_segment = 1000;
  EXPECT_EQ(window_to_announce(WindowRule::slow_opening, situation), 60'000U);
}

TEST(AnnouncedWindow, OfLinuxOpensNoFurtherThanTextHasEarned) {
  WindowOpening opening;
  opening.begin(20'000);
  opening.on_text(100, 60'000, 1460);  // too small to earn anything
  EXPECT_EQ(opening.earned(), 20'000U);
  opening.on_text(1460, 60'000, 1460);
  EXPECT_EQ(opening.earned(), 22'920U);
  opening.on_text(1460, 23'000, 1460);  // no further than there is room
  EXPECT_EQ(opening.earned(), 23'000U);
}

TEST(AnnouncedWindow, OfLinuxIsShutWhileLessThanASixteenthIsFree) {
  WindowSituation situation = with_room(4000);
  situation.promised = 0;
  situation.unit = 256;
  EXPECT_EQ(window_to_announce(WindowRule::slow_opening, situation), 0U);
}

}  // namespace
}  // namespace strata::tcp
