// SPDX-License-Identifier: MIT
// Random programs over random networks, as Wireshark's dissectors see them: of what the hosts of a
// seed put on their links, and before a link could damage it, every field and every check sum is
// right.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "sim/trace/capture_observer.h"
#include "tests/property/swarm.h"
#include "tests/support/command.h"

namespace strata::property {
namespace {

using test::CommandResult;

// Plays a seed with all its interfaces in one capture.
void capture_seed(std::uint64_t seed, const std::string& file) {
  std::unique_ptr<trace::CaptureObserver> capture;
  const auto before = [&](sim::World& world) {
    auto created = trace::CaptureObserver::create(trace::Directory::of(world),
                                                  {.path = file, .single_file = true});
    ASSERT_TRUE(created) << created.error();
    capture = std::move(*created);
    world.tracer().attach(*capture, capture->wanted());
  };
  const auto after = [&](sim::World& world) {
    ASSERT_EQ(capture->finish(world.now()), std::nullopt);
  };
  run_seed(seed, false, {.before = before, .after = after});
}

// The lines of tshark for the frames that `filter` chooses. What programs send is random, whatever
// their ports say, so it is to be taken for data.
std::string tshark(const std::string& file, const std::string& filter) {
  std::vector<std::string> command{"tshark", "-n", "-r", file, "-Y", filter};
  for (const char* preference : {"eth.check_fcs:TRUE", "ip.check_checksum:TRUE",
                                 "tcp.check_checksum:TRUE", "udp.check_checksum:TRUE"}) {
    command.insert(command.end(), {"-o", preference});
  }
  for (const char* all : {"tcp.port==1-65535,data", "udp.port==1-65535,data"}) {
    command.insert(command.end(), {"-d", all});
  }
  const CommandResult result = test::run_command(command);
  EXPECT_EQ(result.exit_status, 0) << result.err;
  return result.out;
}

TEST(SwarmInWireshark, FindsNothingWrongWithWhatWasSent) {
  if (!test::has_program("tshark")) {
    ASSERT_FALSE(test::tools_are_required()) << "tshark is missing";
    GTEST_SKIP() << "tshark is not installed";
  }
  constexpr std::string_view kSent = "frame.packet_flags_direction == 2";
  // Of a segment that an ICMP error quotes in part tshark takes the check sum all the same.
  constexpr std::string_view kWrong =
      "eth.fcs.status == 0 || ip.checksum.status == 0 || icmp.checksum.status == 0 || "
      "(!icmp && (_ws.malformed || tcp.checksum.status == 0 || udp.checksum.status == 0 || "
      "_ws.expert.severity >= 8388608))";
  const test::TemporaryFolder folder;
  std::size_t segments = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const std::string file = folder.file(fmt::format("{}.pcapng", seed));
    capture_seed(seed, file);
    EXPECT_EQ(tshark(file, fmt::format("{} && ({})", kSent, kWrong)), "")
        << "again: tools/dev swarm --show " << seed << " --pcap FOLDER";
    segments += test::split_lines(tshark(file, fmt::format("{} && tcp", kSent))).size();
  }
  EXPECT_GT(segments, 1000U);
}

}  // namespace
}  // namespace strata::property
