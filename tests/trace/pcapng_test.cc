// SPDX-License-Identifier: MIT
#include "sim/trace/pcapng.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "tests/trace/pcapng_reader.h"
#include "tests/trace/sample_frames.h"

namespace strata::trace {
namespace {

class MemorySink final : public ByteSink {
 public:
  tl::expected<std::size_t, std::string> write(device::Block& block, std::size_t used,
                                               bool more) override {
    ++writes;
    if (fails) return tl::unexpected(std::string{"disk full"});
    const std::size_t rest = more ? std::min(used, kept) : 0;
    const Bytes octets = block.first(used);
    file.insert(file.end(), octets.begin(), octets.end() - static_cast<std::ptrdiff_t>(rest));
    std::memmove(block.data(), block.data() + used - rest, rest);
    return rest;
  }
  std::vector<std::uint8_t> file;
  std::size_t kept = 0;  // octets that stay where more follow
  int writes = 0;
  bool fails = false;
};

class PcapngTest : public testing::Test {
 protected:
  std::vector<PcapngBlock> blocks() {
    writer_.flush();
    return read_pcapng(sink_.file);
  }
  void open_section() {
    writer_.section({.application = "test"});
    writer_.interface({.name = "if0"});
  }

  MemorySink sink_;
  PcapngWriter writer_{sink_};
};

TEST_F(PcapngTest, TheSectionHeaderIsTheOneOfTheSpecification) {
  writer_.section({});
  writer_.flush();

  EXPECT_THAT(sink_.file, testing::ElementsAre(0x0a, 0x0d, 0x0d, 0x0a, 32, 0, 0, 0,  //
                                               0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 0, 0,   //
                                               0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0,
                                               0, 0, 32, 0, 0, 0));
}

TEST_F(PcapngTest, TheSectionSaysWhatMadeIt) {
  writer_.section({.hardware = "simulated", .application = "Strata", .comments = {"one", "two"}});

  const auto section = blocks().at(0);
  EXPECT_EQ(section.option(2)->text(), "simulated");
  EXPECT_EQ(section.option(3), nullptr);
  EXPECT_EQ(section.option(4)->text(), "Strata");
  EXPECT_THAT(section.comments(), testing::ElementsAre("one", "two"));
}

TEST_F(PcapngTest, AnInterfaceIsDescribed) {
  writer_.section({});
  writer_.interface({.name = "client:eth0",
                     .description = "client:eth0 on link access",
                     .snapshot_bytes = 96,
                     .speed_bps = 10'000'000,
                     .fcs_bytes = 4,
                     .mac = *MacAddress::parse("02:00:00:00:00:0a"),
                     .addresses = {*Prefix::parse("10.0.1.10/24")}});

  const auto interface = blocks().at(1);
  EXPECT_EQ(interface.type, 1U);
  EXPECT_EQ(interface.u32(0), 1U);  // LINKTYPE_ETHERNET
  EXPECT_EQ(interface.u32(4), 96U);
  EXPECT_EQ(interface.option(2)->text(), "client:eth0");
  EXPECT_EQ(interface.option(3)->text(), "client:eth0 on link access");
  EXPECT_THAT(interface.option(4)->value, testing::ElementsAre(10, 0, 1, 10, 255, 255, 255, 0));
  EXPECT_THAT(interface.option(6)->value, testing::ElementsAre(2, 0, 0, 0, 0, 0x0a));
  EXPECT_EQ(interface.option(8)->number(), 10'000'000U);
  EXPECT_EQ(interface.option(9)->number(), 9U);  // nanoseconds
  EXPECT_EQ(interface.option(13)->number(), 4U);
}

TEST_F(PcapngTest, APacketKeepsItsOctetsTimeFlagsNumberAndComments) {
  open_section();
  writer_.begin_packet({.interface = 0,
                        .time = kStart + 5'000'000'123ns,
                        .body = kHelloSegment,
                        .flags = packet_flag::inbound | packet_flag::crc_error,
                        .id = 41,
                        .drops_before = 3});
  writer_.comment("first");
  writer_.comment("second one");
  writer_.end_packet();

  const auto packet = blocks().at(2);
  EXPECT_EQ(packet.type, 6U);
  EXPECT_EQ(packet.time(), 5'000'000'123U);
  EXPECT_THAT(packet.data, testing::ElementsAreArray(kHelloSegment));
  EXPECT_EQ(packet.u32(16), kHelloSegment.size());
  EXPECT_EQ(packet.option(2)->number(), 0x01000001U);
  EXPECT_EQ(packet.option(4)->number(), 3U);
  EXPECT_EQ(packet.option(5)->number(), 41U);
  EXPECT_THAT(packet.comments(), testing::ElementsAre("first", "second one"));
}

TEST_F(PcapngTest, ASnapshotLengthCutsTheOctetsButNotTheLength) {
  writer_.section({});
  writer_.interface({.name = "if0", .snapshot_bytes = 10});
  const std::array<std::uint8_t, 4> head{1, 2, 3, 4};
  writer_.begin_packet({.head = head, .body = kHelloSegment});
  writer_.end_packet();

  const auto packet = blocks().at(2);
  EXPECT_EQ(packet.u32(16), 81U);
  EXPECT_THAT(packet.data, testing::ElementsAre(1, 2, 3, 4, 2, 0, 0, 0, 0, 0xfe));
}

TEST_F(PcapngTest, NamesAreZeroTerminatedRecords) {
  writer_.section({});
  const std::array<PcapngWriter::Name, 2> names{
      {{*IpAddress::parse("10.0.1.10"), "client"}, {*IpAddress::parse("::1"), "six"}}};
  writer_.names(names);

  const auto block = blocks().at(1);
  EXPECT_EQ(block.type, 4U);
  ASSERT_EQ(block.options.size(), 2U);
  EXPECT_EQ(block.options[0].code, 1U);
  EXPECT_THAT(block.options[0].value,
              testing::ElementsAre(10, 0, 1, 10, 'c', 'l', 'i', 'e', 'n', 't', 0));
  EXPECT_EQ(block.options[1].code, 2U);
  EXPECT_THAT(block.options[1].value, testing::ElementsAre(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                                           0, 1, 's', 'i', 'x', 0));
}

TEST_F(PcapngTest, StatisticsTellWhatWasReceivedAndDropped) {
  open_section();
  writer_.statistics(0, kStart + 7ns, 100, 3);

  const auto block = blocks().at(2);
  EXPECT_EQ(block.type, 5U);
  EXPECT_EQ(block.time(), 7U);
  EXPECT_EQ(block.option(4)->number(), 100U);
  EXPECT_EQ(block.option(5)->number(), 3U);
}

TEST_F(PcapngTest, BlocksOfEveryLengthModuloFourArePadded) {
  open_section();
  for (std::size_t size = 0; size < 9; ++size) {
    writer_.begin_packet({.body = Bytes{kHelloSegment}.first(size)});
    writer_.comment(std::string(size, 'x'));
    writer_.end_packet();
  }

  const auto all = blocks();
  ASSERT_EQ(all.size(), 11U);
  for (std::size_t size = 0; size < 9; ++size) {
    EXPECT_EQ(all[2 + size].data.size(), size);
    EXPECT_EQ(all[2 + size].comments().at(0).size(), size);
  }
}

TEST_F(PcapngTest, ManyPacketsReachTheSinkInLargePieces) {
  open_section();
  for (int i = 0; i < 10'000; ++i) {
    writer_.begin_packet({.body = kHelloSegment});
    writer_.end_packet();
  }

  EXPECT_LE(sink_.writes, 20);
  EXPECT_EQ(blocks().size(), 10'002U);
}

TEST_F(PcapngTest, WhatTheSinkLeavesComesFirstNextTime) {
  sink_.kept = 100;
  open_section();
  const std::string comment(5000, 'c');  // beyond the room that is left for most packets
  for (std::uint64_t i = 1; i <= 1000; ++i) {
    writer_.begin_packet({.body = kHelloSegment, .id = i});
    if (i % 10 == 0) writer_.comment(comment);
    writer_.end_packet();
  }

  const auto all = blocks();
  EXPECT_GT(sink_.writes, 5);
  ASSERT_EQ(all.size(), 1002U);
  for (std::uint64_t i = 1; i <= 1000; ++i) ASSERT_EQ(all[i + 1].option(5)->number(), i);
}

TEST_F(PcapngTest, TheFirstErrorOfTheSinkIsKept) {
  open_section();
  sink_.fails = true;
  writer_.flush();
  sink_.fails = false;
  open_section();
  writer_.flush();

  EXPECT_EQ(writer_.error(), "disk full");
  EXPECT_TRUE(sink_.file.empty());
}

}  // namespace
}  // namespace strata::trace
