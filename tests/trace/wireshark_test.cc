// SPDX-License-Identifier: MIT
// The captures as Wireshark's own tools read them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/trace/capture_observer.h"
#include "tests/support/command.h"
#include "tests/trace/sample_frames.h"

namespace strata::trace {
namespace {

using testing::HasSubstr;
using testing::Not;

class WiresharkTest : public testing::Test {
 protected:
  void SetUp() override {
    if (test::has_program("tshark") && test::has_program("capinfos")) return;
    ASSERT_FALSE(test::tools_are_required()) << "tshark or capinfos is missing";
    GTEST_SKIP() << "tshark or capinfos is not installed";
  }

  // A segment that is lost, an ARP request that arrives and a segment that arrives damaged.
  void capture(CaptureOptions options) {
    options.path = folder_.path().string();
    auto created = CaptureObserver::create(sample_directory(), options);
    ASSERT_TRUE(created.has_value()) << created.error();
    Observer& observer = **created;
    const auto emit = [&](Instant time, std::uint32_t node, std::uint64_t uid, EventBody body) {
      observer.on_event(
          {.time = time, .node = NodeId{node}, .uid = PacketUid{uid}, .body = std::move(body)});
    };
    const auto loss = DecisionDetail{.model = "bernoulli", .probability = 0.1, .draw = 0.03};
    emit(kStart + 21'000'123ns, 0, 1, FrameSent{.link = LinkId{0}, .frame = kHelloSegment});
    emit(kStart + 21'000'123ns, 0, 1,
         Dropped{
             .reason = DropReason::loss, .port = PortId{0}, .link = LinkId{0}, .decision = loss});
    emit(kStart + 22ms, 0, 2, FrameSent{.link = LinkId{0}, .frame = kArpRequest});
    emit(kStart + 27ms, 1, 2, FrameReceived{.link = LinkId{0}, .frame = kArpRequest});
    std::array damaged = kHelloSegment;
    damaged[70] ^= 1;
    emit(kStart + 28ms, 1, 3,
         FrameReceived{.link = LinkId{0}, .frame = damaged, .error = FrameError::crc});
    ASSERT_EQ((*created)->finish(kStart + 1s), std::nullopt);
  }
  // What tshark says about a file, all check sums verified.
  std::string tshark(const std::string& file, const std::vector<std::string>& arguments) const {
    std::vector<std::string> command{"tshark",
                                     "-r",
                                     (folder_.path() / file).string(),
                                     "-o",
                                     "eth.check_fcs:TRUE",
                                     "-o",
                                     "tcp.check_checksum:TRUE",
                                     "-o",
                                     "ip.check_checksum:TRUE"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    const test::CommandResult result = test::run_command(command);
    EXPECT_EQ(result.exit_status, 0) << result.err;
    return result.out;
  }
  // The named fields of every frame, separated by tabs.
  std::string fields(const std::string& file, const std::vector<std::string>& names) const {
    std::vector<std::string> arguments{"-T", "fields", "-E", "aggregator=;"};
    for (const std::string& name : names) arguments.insert(arguments.end(), {"-e", name});
    return tshark(file, arguments);
  }

  test::TemporaryFolder folder_;
};

TEST_F(WiresharkTest, FindsNothingToComplainAboutInSoundFrames) {
  capture({});

  EXPECT_EQ(
      fields("client-eth0.pcapng", {"eth.fcs.status", "ip.checksum.status", "tcp.checksum.status"}),
      "1\t1\t1\n1\t\t\n");
  // Warnings and errors.
  EXPECT_EQ(tshark("client-eth0.pcapng", {"-Y", "_ws.expert.severity >= 6291456"}), "");
}

TEST_F(WiresharkTest, ReadsTimesDirectionsNumbersAndComments) {
  capture({});

  EXPECT_EQ(fields("client-eth0.pcapng", {"frame.time_epoch", "frame.packet_flags_direction",
                                          "frame.packet_id", "frame.comment"}),
            "0.021000123\t0x00000002\t1\tstrata: uid=1 event=tx;strata: drop=loss link=access "
            "model=bernoulli p=0.1;Ends on access: lost at random (bernoulli)\n"
            "0.022000000\t0x00000002\t2\tstrata: uid=2 event=tx\n");
}

TEST_F(WiresharkTest, SeesTheDamageOfADamagedFrame) {
  capture({});

  EXPECT_EQ(fields("r1-left.pcapng", {"eth.fcs.status", "frame.packet_flags_crc_error",
                                      "frame.packet_flags_reception_type"}),
            "1\t0\t3\n0\t1\t1\n");
}

TEST_F(WiresharkTest, KnowsTheNamesOfTheHosts) {
  capture({});

  EXPECT_THAT(tshark("client-eth0.pcapng", {"-N", "n", "-Y", "tcp"}), HasSubstr("client"));
  EXPECT_THAT(tshark("client-eth0.pcapng", {"-Y", "tcp"}), Not(HasSubstr("client")));
}

TEST_F(WiresharkTest, CapinfosDescribesTheFile) {
  capture({.comments = {"scenario demo, seed 42"}, .application = "Strata 0.1"});

  const std::string file = (folder_.path() / "client-eth0.pcapng").string();
  const std::string info = test::run_command({"capinfos", "-M", file}).out;
  EXPECT_THAT(info, HasSubstr("Strata 0.1"));
  EXPECT_THAT(info, HasSubstr("scenario demo, seed 42"));
  EXPECT_THAT(info, HasSubstr("client:eth0"));
  EXPECT_THAT(info, HasSubstr("Speed = 10000000"));
  EXPECT_THAT(info, HasSubstr("nanosecond"));
  EXPECT_THAT(info, HasSubstr("Number of packets:   2"));
}

TEST_F(WiresharkTest, ReadsAPhysicalCaptureDownToThePreamble) {
  capture({.physical = true});

  const std::string text = tshark("client-eth0.pcapng", {"-V", "-Y", "frame.number == 1"});
  EXPECT_THAT(text, HasSubstr("reamble"));
  EXPECT_THAT(text, HasSubstr("Source Port: 40000"));
  EXPECT_THAT(text, Not(HasSubstr("Malformed")));
}

TEST_F(WiresharkTest, ReadsAClassicCaptureWithNanoseconds) {
  capture({.format = CaptureFormat::pcap});

  EXPECT_EQ(fields("client-eth0.pcap", {"frame.time_epoch", "frame.len"}),
            "0.021000123\t73\n0.022000000\t60\n");
}

}  // namespace
}  // namespace strata::trace
