// SPDX-License-Identifier: MIT
// Captures as a source of traffic, and captures of live runs while they are written. tshark judges
// what was sent again.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

#include "tests/strata/program.h"

namespace strata::cli_tests {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

// A node that replays `device` at a host.
std::string replaying(const std::string& device) {
  return "nodes:\n  replay: { device: { " + device +
         " } }\n  host: { address: 10.0.0.2/24 }\n"
         "links:\n  wire: { ends: [replay, host], rate: 10 Mbit/s }\n";
}

// The octets of every frame of a capture, without FCS, as tshark has them; `filter` chooses.
std::vector<std::string> frames_of(const std::string& file, const std::string& filter) {
  const CommandResult result = test::run_command(
      {"tshark", "-r", file, "-Y", filter, "-T", "jsonraw", "-j", "frame", "--no-duplicate-keys"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  std::vector<std::string> frames;
  const std::string key = "\"frame_raw\"";
  for (std::size_t at = result.out.find(key); at != std::string::npos;
       at = result.out.find(key, at + 1)) {
    const std::size_t begin = result.out.find('"', at + key.size()) + 1;
    frames.push_back(result.out.substr(begin, result.out.find('"', begin) - begin));
  }
  return frames;
}

class ReplayTest : public testing::Test {
 protected:
  void SetUp() override {
    if (test::has_program("tshark")) return;
    ASSERT_FALSE(test::tools_are_required()) << "tshark is missing";
    GTEST_SKIP() << "tshark is not installed";
  }
  test::TemporaryFolder folder_;
};

TEST_F(ReplayTest, SendsTheOctetsOfTheCaptureAgain) {
  const std::string first = folder_.file("first");
  ASSERT_EQ(strata({"run", scenario("loss/fast-retransmit.yaml"), "--quiet", "--pcap", first})
                .exit_status,
            0);
  const std::string original = first + "/client-eth0.pcapng";
  const std::string second = folder_.file("second");
  for (const char* speed : {"1", "fast"}) {
    const std::string file =
        folder_.write("x.yaml", replaying(fmt::format("capture: {}, speed: {}", original, speed)));
    const CommandResult run = strata({"run", file, "--quiet", "--pcap", second});
    ASSERT_EQ(run.exit_status, 0) << run.err;
    const auto expected = frames_of(original, "frame");
    ASSERT_GT(expected.size(), 20U);
    EXPECT_EQ(frames_of(second + "/replay-eth0.pcapng", "frame.packet_flags_direction == 2"),
              expected);
  }
}

TEST_F(ReplayTest, TheLessonOpensWithTheSeedOfTheRecordedRunOnly) {
  const std::string lesson = scenario("transport/replayed-connection.yaml");
  const CommandResult refused = strata({"run", lesson, "--json"});
  const CommandResult taken = strata({"run", lesson, "--json", "--seed", "1"});
  EXPECT_EQ(refused.exit_status, 0) << refused.err;
  EXPECT_THAT(refused.out, HasSubstr("\"replayed\": 6"));
  EXPECT_THAT(taken.out, HasSubstr("\"figures\": {"));
  const auto fingerprint = [](const CommandResult& result) {
    return result.out.substr(0, result.out.find("\"cpu_s\""));
  };
  EXPECT_EQ(fingerprint(strata({"run", lesson, "--json"})), fingerprint(refused));
}

TEST_F(ReplayTest, NothingIsSaidOfWhatASenderOutsideTheSimulationSent) {
  const std::string told =
      strata({"run", scenario("transport/replayed-connection.yaml"), "--seed", "1"}).out;
  EXPECT_THAT(told, HasSubstr("delivered 5 bytes, back 8 bytes"));
  EXPECT_THAT(told, testing::Not(HasSubstr("sent 0 bytes")));
}

TEST(Replay, AMistakeIsToldBeforeTheRunWithItsPlace) {
  const TemporaryFolder folder;
  const auto told = [&](const std::string& device) {
    const CommandResult result =
        strata({"run", folder.write("x.yaml", replaying(device)), "--pcap", folder.file("out")});
    EXPECT_EQ(result.exit_status, 2) << device;
    EXPECT_FALSE(fs::exists(folder.file("out")));
    return result.err;
  };
  EXPECT_THAT(told("capture: none.pcap"), HasSubstr("x.yaml:2:32: cannot read"));
  EXPECT_THAT(told("capture: x.yaml"), HasSubstr("neither a pcap nor a pcapng file"));
  EXPECT_THAT(told("capture: x.pcap, loop: 0"), HasSubstr("'loop' is at least 1"));
  EXPECT_THAT(told("capture: x.pcap, speed: 0"), HasSubstr("write 'fast'"));
  EXPECT_THAT(told("capture: x.pcap, speed: 2x"), HasSubstr("write '2', or 'fast'"));
  EXPECT_THAT(told("capture: x.pcap, to: nobody"), HasSubstr("no node or port 'nobody'"));
  EXPECT_THAT(told("capture: x.pcap, offload: true"), HasSubstr("only 'tap' has it"));
  EXPECT_THAT(told("tap: x, loop: 2"), HasSubstr("only 'capture' has it"));
  EXPECT_THAT(told("tap: x, capture: x.pcap"), HasSubstr("keep one of them"));
}

// Somebody watches: the file of a live run has its frames long before the run ends.
class Watching : public testing::TestWithParam<const char*> {};

TEST_P(Watching, AFrameIsInTheCaptureSoonAfterItPassed) {
  const TemporaryFolder folder;
  const std::string file = folder.write(
      "x.yaml",
      "nodes:\n  a: { address: 10.0.0.1/24 }\n  b: { address: 10.0.0.2/24 }\n"
      "links:\n  wire: { ends: [a, b] }\n"
      "processes: [ { on: a, run: ping, to: b, count: 290, interval: 10 ms, size: 1000 B } ]\n");
  const std::string capture = folder.file("capture");
  CommandResult result;
  std::thread run([&] {
    result = strata({"live", file, "--for", "3s", "--pcap", "-", "--pcap-format", GetParam()},
                    {.output_to = capture});
  });
  // 20 pings of 1 kB have passed after 200 ms; the machine may be slow.
  constexpr std::uintmax_t kBytes = 40'000;
  bool is_there = false;
  for (int i = 0; i < 250 && !is_there; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
    std::error_code error;
    is_there = fs::file_size(capture, error) > kBytes && !error;
  }
  EXPECT_TRUE(is_there) << "not within 2.5 s, while the run goes on";
  run.join();
  EXPECT_EQ(result.exit_status, 0) << result.err;
}

INSTANTIATE_TEST_SUITE_P(Formats, Watching, testing::Values("pcapng", "pcap"));

}  // namespace
}  // namespace strata::cli_tests
