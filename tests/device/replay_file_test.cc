// SPDX-License-Identifier: MIT
#include "sim/device/replay_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/device/pcapng_maker.h"
#include "tests/support/command.h"

namespace strata::device {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Four frames: two of eth0 (no FCS), two of eth1 (FCS of 4 octets), in microseconds.
Pcapng two_interfaces() {
  Pcapng file;
  file.interface(1, "eth0").interface(1, "eth1", {}, 4);
  file.packet(0, 1'000, std::string(60, 'a')).packet(1, 1'500, std::string(64, 'b'));
  file.packet(0, 1'200, std::string(60, 'c'), 1514).packet(1, 4'000, std::string(70, 'd'));
  return file;
}

tl::expected<sim::CapturedFrames, std::string> read_frames(const std::string& content,
                                                           const ReplaySelection& selection = {}) {
  const test::TemporaryFolder folder;
  return read_replay(folder.write("x.pcapng", content), selection);
}

std::string problem_of(const std::string& content, const ReplaySelection& selection = {}) {
  const auto frames = read_frames(content, selection);
  return frames ? "" : frames.error();
}

std::vector<std::uint64_t> numbers(const sim::CapturedFrames& capture) {
  std::vector<std::uint64_t> list;
  for (const auto& frame : capture.frames) list.push_back(frame.number);
  return list;
}

TEST(ReplayFile, KeepsOctetsTimesAndWhatIsMissing) {
  const auto capture = read_frames(two_interfaces().text());
  ASSERT_TRUE(capture.has_value()) << capture.error();
  ASSERT_THAT(numbers(*capture), ElementsAre(1, 2, 3, 4));
  EXPECT_EQ(as_text(capture->octets_of(capture->frames[1])), std::string(64, 'b'));
  EXPECT_TRUE(capture->frames[1].has_fcs);
  EXPECT_FALSE(capture->frames[0].has_fcs);
  EXPECT_EQ(capture->frames[2].bytes_left_out, 1454U);
  // The third was stamped before the second: it follows at once.
  EXPECT_EQ(capture->frames[1].since_first, 500us);
  EXPECT_EQ(capture->frames[2].since_first, 500us);
  EXPECT_EQ(capture->frames[3].since_first, 3ms);
}

TEST(ReplayFile, TakesTheFramesOfOneInterfaceByNameOrNumber) {
  for (const char* interface : {"eth1", "1"}) {
    const auto capture = read_frames(two_interfaces().text(), {.interface = interface});
    ASSERT_TRUE(capture.has_value()) << capture.error();
    EXPECT_THAT(numbers(*capture), ElementsAre(2, 4));
    EXPECT_EQ(capture->frames[1].since_first, 2'500us);
  }
}

TEST(ReplayFile, AFilterSeesFramesWithoutTheirFcs) {
  const auto capture = read_frames(two_interfaces().text(), {.filter = "len = 60"});
  ASSERT_TRUE(capture.has_value()) << capture.error();
  EXPECT_THAT(numbers(*capture), ElementsAre(1, 2, 3));
}

TEST(ReplayFile, AnFcsThatWasCutOffIsNone) {
  Pcapng file;
  file.interface(1, "eth0", {}, 4).packet(0, 0, std::string(60, 'a'), 1518);
  const auto capture = read_frames(file.text());
  ASSERT_TRUE(capture.has_value()) << capture.error();
  EXPECT_FALSE(capture->frames[0].has_fcs);
}

TEST(ReplayFile, ThePreambleIsNoPartOfAFrame) {
  Pcapng file;
  file.interface(274).packet(0, 0, std::string(7, 'U') + '\xd5' + std::string(64, 'a'));
  const auto capture = read_frames(file.text());
  ASSERT_TRUE(capture.has_value()) << capture.error();
  EXPECT_EQ(capture->frames[0].bytes, 64U);
  EXPECT_TRUE(capture->frames[0].has_fcs);
}

TEST(ReplayFile, OneSentenceSaysWhatCannotBeReplayed) {
  const std::string whole = two_interfaces().text();
  EXPECT_THAT(problem_of(whole.substr(0, whole.size() - 5)), HasSubstr("cut off at octet"));
  EXPECT_THAT(problem_of("no capture, but long enough to be one"),
              HasSubstr("neither a pcap nor a pcapng file"));
  EXPECT_THAT(problem_of(Pcapng{}.interface(1).text()), HasSubstr("there are no frames in it"));
  EXPECT_THAT(problem_of(whole, {.interface = "eth2"}),
              HasSubstr("no interface 'eth2', but eth0, eth1"));
  EXPECT_THAT(problem_of(whole, {.filter = "arp"}), HasSubstr("no frame of it is left"));
  EXPECT_THAT(problem_of(Pcapng{}.interface(113, "any").packet(0, 0, "x").text()),
              HasSubstr("frame 1 was captured on a link that is no Ethernet (Linux cooked"));
  EXPECT_THAT(problem_of(Pcapng{}.interface(195).packet(0, 0, "x").text()),
              HasSubstr("no Ethernet (type 195)"));
}

TEST(ReplayFile, OnlyFilesAreRead) {
  EXPECT_THAT(read_replay("/dev/zero", {}).error(), HasSubstr("/dev/zero is not a file"));
  EXPECT_THAT(read_replay("/nowhere/x.pcap", {}).error(), HasSubstr("No such file"));
}

}  // namespace
}  // namespace strata::device
