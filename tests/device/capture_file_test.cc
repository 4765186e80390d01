// SPDX-License-Identifier: MIT
#include "sim/device/capture_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pcap/pcap.h>

#include <array>
#include <vector>

#include "sim/device/pcap_file.h"
#include "tests/device/pcapng_maker.h"
#include "tests/support/command.h"

namespace strata::device {
namespace {

using testing::HasSubstr;

struct Read {
  std::vector<std::string> octets;
  std::vector<std::int64_t> times;
  std::vector<std::size_t> left_out;
  std::vector<std::uint32_t> interfaces;
  std::vector<CaptureInterface> described;
  std::string problem;
};

Read read(const std::string& content) {
  const test::TemporaryFolder folder;
  auto file = CaptureFile::open(folder.write("capture", content));
  if (!file) return {.problem = file.error()};
  Read result;
  CapturedPacket packet;
  while ((*file)->next(packet)) {
    result.octets.emplace_back(as_text(packet.octets));
    result.times.push_back(packet.nanoseconds);
    result.left_out.push_back(packet.bytes_left_out);
    result.interfaces.push_back(packet.interface);
  }
  result.problem = (*file)->problem();
  result.described = (*file)->interfaces();
  return result;
}

TEST(CaptureFile, ReadsPcapngOfEitherByteOrder) {
  for (const bool is_big_endian : {false, true}) {
    const Read got = read(Pcapng{is_big_endian}
                              .interface(1, "eth0", 9, 4)
                              .packet(0, 21'000'123, "hello", 1500)
                              .text());
    EXPECT_EQ(got.problem, "");
    EXPECT_THAT(got.octets, testing::ElementsAre("hello"));
    EXPECT_THAT(got.times, testing::ElementsAre(21'000'123));
    EXPECT_THAT(got.left_out, testing::ElementsAre(1495U));
    ASSERT_EQ(got.described.size(), 1U);
    EXPECT_EQ(got.described[0].name, "eth0");
    EXPECT_EQ(got.described[0].fcs_bytes, 4);
  }
}

TEST(CaptureFile, ReadsEveryTimeResolution) {
  // Microseconds where nothing is said, milliseconds, picoseconds, 2^-10 seconds.
  EXPECT_EQ(read(Pcapng{}.interface(1).packet(0, 7, "a").text()).times.at(0), 7'000);
  EXPECT_EQ(read(Pcapng{}.interface(1, {}, 3).packet(0, 7, "a").text()).times.at(0), 7'000'000);
  EXPECT_EQ(read(Pcapng{}.interface(1, {}, 12).packet(0, 7'000, "a").text()).times.at(0), 7);
  EXPECT_EQ(read(Pcapng{}.interface(1, {}, 0x80 | 10).packet(0, 1, "a").text()).times.at(0),
            976'562);
}

TEST(CaptureFile, InterfacesOfDifferentLinkTypesAndSectionsAreKeptApart) {
  // libpcap refuses such files.
  const std::string second = Pcapng{true}.interface(113, "any").packet(0, 3, "c").text();
  const Read got = read(Pcapng{}
                            .interface(1, "eth0")
                            .interface(101, "tun0")
                            .packet(1, 1, "a")
                            .packet(0, 2, "b")
                            .text() +
                        second);
  EXPECT_EQ(got.problem, "");
  EXPECT_THAT(got.octets, testing::ElementsAre("a", "b", "c"));
  EXPECT_THAT(got.interfaces, testing::ElementsAre(1U, 0U, 2U));
  EXPECT_EQ(got.described[2].link_type, wire::LinkType::linux_cooked);
}

TEST(CaptureFile, AClassicFileIsReadByLibpcapWithNanoseconds) {
  const test::TemporaryFolder folder;
  const std::string path = folder.file("a.pcap");
  auto written = PcapFile::create(path, LinkType::ethernet, 65535);
  ASSERT_TRUE(written.has_value());
  written->write(kStart + 3'000'000'123ns, as_bytes("frame"), 60);
  ASSERT_EQ(written->commit(), std::nullopt);
  const Read got = read(test::read_file(path));
  EXPECT_THAT(got.octets, testing::ElementsAre("frame"));
  EXPECT_THAT(got.times, testing::ElementsAre(3'000'000'123));
  EXPECT_THAT(got.left_out, testing::ElementsAre(55U));
}

TEST(CaptureFile, LibpcapReadsTheSameOfAPcapngFile) {
  const test::TemporaryFolder folder;
  Pcapng file;
  file.interface(1, "eth0", 9);
  for (std::uint64_t i = 0; i < 20; ++i) file.packet(0, i * 1'000'003, std::string(60 + i, 'x'));
  const std::string path = folder.write("a.pcapng", file.text());
  const Read got = read(file.text());
  std::array<char, PCAP_ERRBUF_SIZE> error{};
  pcap_t* reader = pcap_open_offline_with_tstamp_precision(path.c_str(), PCAP_TSTAMP_PRECISION_NANO,
                                                           error.data());
  ASSERT_NE(reader, nullptr) << error.data();
  pcap_pkthdr* header = nullptr;
  const u_char* data = nullptr;
  std::size_t i = 0;
  for (; pcap_next_ex(reader, &header, &data) == 1; ++i) {
    EXPECT_EQ(got.octets.at(i).size(), header->caplen);
    EXPECT_EQ(got.times.at(i), header->ts.tv_sec * 1'000'000'000 + header->ts.tv_usec);
  }
  pcap_close(reader);
  EXPECT_EQ(i, got.octets.size());
}

TEST(CaptureFile, BadFilesGetOneSentence) {
  EXPECT_THAT(read("").problem, HasSubstr("it is empty"));
  EXPECT_THAT(read("not a capture at all, but long enough").problem,
              HasSubstr("neither a pcap nor a pcapng file"));
  EXPECT_THAT(read(std::string("\x0a\x0d\x0d\x0a\0\0\0\x1c", 8)).problem, HasSubstr("cut off"));
  EXPECT_THAT(read(Pcapng{}.packet(0, 0, "a").text()).problem, HasSubstr("nobody described"));
  const test::TemporaryFolder folder;
  auto missing = CaptureFile::open(folder.file("missing.pcap"));
  ASSERT_FALSE(missing.has_value());
  EXPECT_THAT(missing.error(), HasSubstr("No such file"));
}

TEST(CaptureFile, WhatComesBeforeTheCutIsRead) {
  const std::string whole =
      Pcapng{}.interface(1).packet(0, 1, "first").packet(0, 2, "second").text();
  const Read got = read(whole.substr(0, whole.size() - 5));
  EXPECT_THAT(got.octets, testing::ElementsAre("first"));
  EXPECT_THAT(got.problem, HasSubstr("cut off"));
}

// gzip(1) as it is, the judge of its own format.
std::string packed(const std::string& text) {
  return test::run_command({"gzip", "-c"}, {.input = text}).out;
}

std::string classic() {
  const test::TemporaryFolder folder;
  auto written = PcapFile::create(folder.file("a.pcap"), LinkType::ethernet, 65535);
  written->write(kStart + 1s, as_bytes("first"), 60);
  written->write(kStart + 2s, as_bytes("second"), 60);
  written->commit();
  return test::read_file(folder.file("a.pcap"));
}

TEST(CaptureFile, ReadsEitherFormatCompressedAndInPieces) {
  const std::string next =
      Pcapng{}.interface(1).packet(0, 1, "first").packet(0, 2, "second").text();
  for (const std::string& whole : {classic(), next}) {
    const std::string half = whole.substr(0, whole.size() / 2);
    const std::string rest = whole.substr(half.size());
    for (const std::string& file :
         {packed(whole), packed(half) + packed(rest), packed(whole) + std::string(512, '\0')}) {
      const Read got = read(file);
      EXPECT_THAT(got.octets, testing::ElementsAre("first", "second"));
      EXPECT_EQ(got.problem, "");
    }
  }
  EXPECT_THAT(read(packed("")).problem, HasSubstr("it is empty"));
  EXPECT_THAT(read(packed("not a capture at all")).problem, HasSubstr("neither a pcap"));
}

TEST(CaptureFile, SaysWhereACompressedOneIsCutOffOrDamaged) {
  const std::string next =
      Pcapng{}.interface(1).packet(0, 1, "first").packet(0, 2, "second").text();
  for (const std::string& whole : {classic(), next}) {
    const std::string file = packed(whole);
    // Down to the last octet, though all that was compressed is there by then.
    for (const std::size_t left : {file.size() - 1, file.size() - 8, file.size() / 2}) {
      EXPECT_THAT(read(file.substr(0, left)).problem, HasSubstr("cut off or damaged")) << left;
    }
    std::string damaged = file;
    damaged[file.size() - 5] ^= 1;  // of the checksum
    EXPECT_THAT(read(damaged).problem, HasSubstr("cut off or damaged"));
  }
  EXPECT_THAT(read("\x1f\x8b nothing of gzip").problem, HasSubstr("Bad message"));
}

}  // namespace
}  // namespace strata::device
