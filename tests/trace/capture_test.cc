// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "sim/trace/capture_observer.h"
#include "tests/trace/pcapng_reader.h"
#include "tests/trace/sample_frames.h"

namespace strata::trace {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class CaptureTest : public testing::Test {
 protected:
  CaptureTest()
      : directory_(testing::TempDir() + "strata-capture-" +
                   testing::UnitTest::GetInstance()->current_test_info()->name()) {
    std::filesystem::remove_all(directory_);
  }
  ~CaptureTest() override { std::filesystem::remove_all(directory_); }

  void start(CaptureOptions options = {}) {
    if (options.path.empty()) options.path = directory_;
    auto created = CaptureObserver::create(sample_directory(), options);
    ASSERT_TRUE(created.has_value()) << created.error();
    capture_ = std::move(*created);
  }
  void emit(std::uint32_t node, std::uint64_t uid, EventBody body) {
    capture_->on_event(
        {.time = now_,
         .node = NodeId{node},
         .uid = PacketUid{uid},
         .parent = repeats_,
         .parentage = repeats_ == kNoPacket ? Parentage::none : Parentage::retransmission,
         .body = body});
  }
  void send(std::uint64_t uid, Bytes frame, bool will_arrive = true) {
    emit(0, uid, FrameSent{.link = LinkId{0}, .frame = frame, .will_arrive = will_arrive});
  }
  void receive(std::uint64_t uid, Bytes frame, FrameError error = FrameError::none) {
    emit(1, uid, FrameReceived{.link = LinkId{0}, .frame = frame, .error = error});
  }
  std::string path(const std::string& name) const { return directory_ + "/" + name; }
  std::vector<PcapngBlock> finish_and_read(const std::string& name) {
    EXPECT_EQ(capture_->finish(now_), std::nullopt);
    return read_pcapng(read_file(path(name)));
  }
  std::vector<PcapngBlock> packets(const std::string& name) {
    return of_type(finish_and_read(name), 6);
  }

  std::string directory_;
  std::unique_ptr<CaptureObserver> capture_;
  Instant now_ = kStart;
  PacketUid repeats_ = kNoPacket;  // by the packet of the next events
};

TEST_F(CaptureTest, EveryConnectedInterfaceHasAFileOfItsOwn) {
  start();
  EXPECT_EQ(capture_->finish(now_), std::nullopt);

  EXPECT_THAT(capture_->paths(), ElementsAre(path("client-eth0.pcapng"), path("r1-left.pcapng")));
  EXPECT_TRUE(std::filesystem::exists(path("client-eth0.pcapng")));
  EXPECT_TRUE(std::filesystem::exists(path("r1-left.pcapng")));
}

TEST_F(CaptureTest, FilesAreThereOnlyWhenTheyAreComplete) {
  start();
  send(1, kHelloSegment);
  EXPECT_FALSE(std::filesystem::exists(path("client-eth0.pcapng")));

  capture_.reset();

  EXPECT_TRUE(std::filesystem::is_empty(directory_));
}

TEST_F(CaptureTest, AFrameIsInTheSendersFileWhenItLeavesAndInTheReceiversWhenItArrives) {
  start();
  now_ = kStart + 22ms;
  send(41, kHelloSegment);
  now_ = kStart + 27'068'000ns;
  receive(41, kHelloSegment);

  const auto sent = packets("client-eth0.pcapng");
  const auto received = of_type(read_pcapng(read_file(path("r1-left.pcapng"))), 6);
  ASSERT_EQ(sent.size(), 1U);
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(sent[0].time(), 22'000'000U);
  EXPECT_EQ(received[0].time(), 27'068'000U);
  EXPECT_EQ(sent[0].data, received[0].data);
  EXPECT_EQ(sent[0].option(2)->number(), 2U);           // outbound
  EXPECT_EQ(received[0].option(2)->number(), 1U | 4U);  // inbound, unicast
  EXPECT_EQ(sent[0].option(5)->number(), 41U);
  EXPECT_THAT(sent[0].comments(), ElementsAre("strata: uid=41 event=tx"));
  EXPECT_THAT(received[0].comments(), ElementsAre("strata: uid=41 event=rx"));
}

TEST_F(CaptureTest, InterfacesAreNamedAndDescribed) {
  start();
  const auto blocks = finish_and_read("client-eth0.pcapng");

  const auto interface = of_type(blocks, 1).at(0);
  EXPECT_EQ(interface.option(2)->text(), "client:eth0");
  EXPECT_EQ(interface.option(3)->text(), "client:eth0 on link access to r1:left");
  EXPECT_EQ(interface.option(8)->number(), 10'000'000U);
  EXPECT_EQ(interface.option(13)->number(), 4U);
  EXPECT_EQ(of_type(blocks, 4).at(0).options.size(), 2U);  // client and r1
}

TEST_F(CaptureTest, AFrameThatDiesOnTheWireSaysSoInTheSendersFile) {
  start();
  send(9, kHelloSegment, false);
  emit(0, 9,
       Dropped{.reason = DropReason::loss,
               .port = PortId{0},
               .link = LinkId{0},
               .packet = kHelloSegment,
               .decision = DecisionDetail{.model = "bernoulli",
                                          .probability = 0.1,
                                          .draw = 0.0342,
                                          .stream = "link/access/client>r1/loss#0",
                                          .index = 5}});

  EXPECT_THAT(
      packets("client-eth0.pcapng").at(0).comments(),
      ElementsAre("strata: uid=9 event=tx",
                  "strata: drop=loss link=access model=bernoulli p=0.1 draw=0.0342",
                  "Ends on access: lost at random (bernoulli p=0.1 draw=0.0342, number 5 of "
                  "link/access/client>r1/loss#0)"));
  EXPECT_THAT(of_type(read_pcapng(read_file(path("r1-left.pcapng"))), 6), IsEmpty());
}

TEST_F(CaptureTest, ADamagedFrameIsFlaggedAtTheReceiverAndItsDropExplained) {
  start();
  send(9, kHelloSegment);
  emit(0, 9,
       FrameCorrupted{.link = LinkId{0},
                      .flipped_bits = {3, 4},
                      .decision = DecisionDetail{.model = "2nd match of tcp"}});
  receive(9, kHelloSegment, FrameError::crc);
  emit(1, 9, Dropped{.layer = Layer::link, .reason = DropReason::fcs_error});

  EXPECT_THAT(packets("client-eth0.pcapng").at(0).comments().at(1),
              "strata: event=corrupted bits=2 link=access model=2nd-match-of-tcp");
  const auto received = of_type(read_pcapng(read_file(path("r1-left.pcapng"))), 6).at(0);
  EXPECT_EQ(received.option(2)->number(), 0x01000005U);
  EXPECT_THAT(received.comments(),
              ElementsAre("strata: uid=9 event=rx", "strata: drop=fcs-error layer=link",
                          "Ends at r1: damaged: FCS does not match"));
}

TEST_F(CaptureTest, AFrameOfACaptureFileIsToldByItsNumberThere) {
  start();
  emit(0, 9, FrameReplayed{.port = PortId{0}, .number = 12});
  send(9, kHelloSegment);
  emit(0, 10, FrameReplayed{.port = PortId{0}, .number = 13, .bytes_left_out = 40});
  send(10, kHelloSegment);
  receive(10, kHelloSegment);

  const auto sent = packets("client-eth0.pcapng");
  EXPECT_THAT(sent.at(0).comments(),
              ElementsAre("strata: uid=9 event=tx", "strata: event=replayed frame=12"));
  EXPECT_THAT(sent.at(1).comments(),
              ElementsAre("strata: uid=10 event=tx", "strata: event=replayed frame=13 missing=40"));
  const auto received = of_type(read_pcapng(read_file(path("r1-left.pcapng"))), 6).at(0);
  EXPECT_THAT(received.comments(), ElementsAre("strata: uid=10 event=rx"));
}

TEST_F(CaptureTest, AFrameCutShortIsStoredAsItArrivedAndFlagged) {
  start();
  send(9, kHelloSegment);
  emit(0, 9,
       FrameTruncated{.link = LinkId{0},
                      .sent_bytes = static_cast<std::uint32_t>(kHelloSegment.size()),
                      .arriving_bytes = 40,
                      .decision = DecisionDetail{.model = "2nd match of tcp"}});
  receive(9, Bytes{kHelloSegment}.first(40), FrameError::too_short);

  EXPECT_THAT(packets("client-eth0.pcapng").at(0).comments().at(1),
              "strata: event=truncated bytes=40 link=access model=2nd-match-of-tcp");
  const auto received = of_type(read_pcapng(read_file(path("r1-left.pcapng"))), 6).at(0);
  EXPECT_EQ(received.option(2)->number(), 0x04000005U);
}

TEST_F(CaptureTest, FramesLostInAFullQueueAreCountedAtTheNextFrame) {
  start();
  for (const std::uint64_t uid : {5U, 6U}) {
    emit(0, uid, Dropped{.reason = DropReason::queue_full, .port = PortId{0}, .link = LinkId{0}});
  }
  send(7, kHelloSegment);
  send(8, kHelloSegment);

  const auto blocks = finish_and_read("client-eth0.pcapng");
  const auto sent = of_type(blocks, 6);
  EXPECT_EQ(sent.at(0).option(4)->number(), 2U);
  EXPECT_EQ(sent.at(1).option(4), nullptr);
  const auto statistics = of_type(blocks, 5).at(0);
  EXPECT_EQ(statistics.option(4)->number(), 2U);
  EXPECT_EQ(statistics.option(5)->number(), 2U);
}

TEST_F(CaptureTest, ASegmentCarriesTheStateOfItsSenderAndARetransmissionItsCause) {
  start();
  const FlowKey flow{{*IpAddress::parse("10.0.1.10"), 40000}, {*IpAddress::parse("10.0.2.20"), 80}};
  repeats_ = PacketUid{9};
  emit(0, 24,
       TcpSegmentSent{
           .flow = flow,
           .kind = SegmentKind::retransmission,
           .cause = RetransmitCause::timeout,
           .first_sent_as = PacketUid{9},
           .sender = {
               .state = TcpState::established, .cwnd = 1460, .ssthresh = 4380, .flight = 2920}});
  send(24, kHelloSegment);
  receive(24, kHelloSegment);

  EXPECT_THAT(packets("client-eth0.pcapng").at(0).comments(),
              ElementsAre("strata: uid=24 event=tx flow=1 state=ESTABLISHED cwnd=1460 "
                          "ssthresh=4380 flight=2920 parent=9",
                          HasSubstr("strata: event=retx cause=")));
  EXPECT_THAT(of_type(read_pcapng(read_file(path("r1-left.pcapng"))), 6).at(0).comments(),
              ElementsAre("strata: uid=24 event=rx flow=1 parent=9", HasSubstr("of=9")));
}

TEST_F(CaptureTest, OneFileCanHoldAllInterfaces) {
  std::filesystem::create_directories(directory_);
  start({.path = path("all.pcapng"), .single_file = true});
  send(1, kHelloSegment);
  receive(1, kHelloSegment);

  const auto blocks = finish_and_read("all.pcapng");
  EXPECT_EQ(of_type(blocks, 1).size(), 2U);
  const auto both = of_type(blocks, 6);
  ASSERT_EQ(both.size(), 2U);
  EXPECT_EQ(both[0].u32(0), 0U);
  EXPECT_EQ(both[1].u32(0), 1U);
}

TEST_F(CaptureTest, OnlyTheChosenInterfacesAreCaptured) {
  start({.interfaces = {{NodeId{1}, PortId{0}}}});
  send(1, kHelloSegment);
  receive(1, kHelloSegment);

  EXPECT_EQ(packets("r1-left.pcapng").size(), 1U);
  EXPECT_THAT(capture_->paths(), ElementsAre(path("r1-left.pcapng")));
}

TEST_F(CaptureTest, APhysicalCaptureBeginsWithPreambleAndDelimiter) {
  start({.physical = true});
  send(1, kHelloSegment);

  const auto blocks = finish_and_read("client-eth0.pcapng");
  EXPECT_EQ(of_type(blocks, 1).at(0).u32(0), 274U);
  const auto data = of_type(blocks, 6).at(0).data;
  ASSERT_EQ(data.size(), 85U);
  EXPECT_THAT(std::vector<std::uint8_t>(data.begin(), data.begin() + 9),
              ElementsAre(0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0xd5, 0x02));
}

TEST_F(CaptureTest, ASnapshotLengthIsKept) {
  start({.snapshot_bytes = 54});
  send(1, kHelloSegment);

  const auto packet = packets("client-eth0.pcapng").at(0);
  EXPECT_EQ(packet.data.size(), 54U);
  EXPECT_EQ(packet.u32(16), 77U);
}

TEST_F(CaptureTest, ADirectoryThatCannotBeMadeIsAClearError) {
  const auto created = CaptureObserver::create(sample_directory(), {.path = "/proc/nowhere"});

  ASSERT_FALSE(created.has_value());
  EXPECT_THAT(created.error(), HasSubstr("/proc/nowhere"));
}

TEST_F(CaptureTest, AFullDiskIsAClearErrorAtTheEnd) {
  if (!std::filesystem::exists("/dev/full")) GTEST_SKIP() << "no /dev/full on this system";
  std::filesystem::create_directories(directory_);
  std::filesystem::create_symlink("/dev/full", path("all.pcapng.part"));
  start({.path = path("all.pcapng"), .single_file = true});
  for (std::uint64_t uid = 1; uid < 10'000; ++uid) send(uid, kHelloSegment);

  EXPECT_TRUE(capture_->has_failed());
  const auto error = capture_->finish(now_);
  ASSERT_TRUE(error.has_value());
  EXPECT_THAT(*error, HasSubstr("No space left"));
  EXPECT_FALSE(std::filesystem::exists(path("all.pcapng")));
}

TEST_F(CaptureTest, TwoRunsWriteTheSameOctets) {
  start();
  send(1, kHelloSegment);
  EXPECT_EQ(capture_->finish(now_), std::nullopt);
  const auto first = read_file(path("client-eth0.pcapng"));
  start();
  send(1, kHelloSegment);
  EXPECT_EQ(capture_->finish(now_), std::nullopt);

  EXPECT_FALSE(first.empty());
  EXPECT_EQ(read_file(path("client-eth0.pcapng")), first);
}

}  // namespace
}  // namespace strata::trace
