// SPDX-License-Identifier: MIT
// `strata dissect` on captures of the kernel (tests/captures, made by tcpdump) and of simulations,
// judged by tshark.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <vector>

#include "tests/strata/program.h"

namespace strata::cli_tests {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts(1);
  for (const char c : text) {
    if (c == separator) {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}

std::string capture(const std::string& name) {
  return (test::source_root() / "tests" / "captures" / name).string();
}

// Packets by number: everything the list says of them.
std::map<std::uint64_t, std::string> listed(const std::string& file) {
  const CommandResult result = strata({"dissect", file, "packets", "--width", "400"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  std::map<std::uint64_t, std::string> lines;
  for (const std::string& line : test::split_lines(result.out)) {
    const std::size_t hash = line.find('#');
    if (hash != std::string::npos) lines[std::stoull(line.substr(hash + 1))] = line;
  }
  return lines;
}

class DissectTest : public testing::Test {
 protected:
  void SetUp() override {
    if (test::has_program("tshark")) return;
    ASSERT_FALSE(test::tools_are_required()) << "tshark is missing";
    GTEST_SKIP() << "tshark is not installed";
  }

  // The named fields of every packet, as tshark sees them.
  static std::vector<std::vector<std::string>> tshark(const std::string& file,
                                                      const std::vector<std::string>& fields) {
    std::vector<std::string> command{"tshark", "-r", file, "-T", "fields", "-E", "occurrence=f"};
    for (const std::string& field : fields) command.insert(command.end(), {"-e", field});
    const CommandResult result = test::run_command(command);
    EXPECT_EQ(result.exit_status, 0) << result.err;
    std::vector<std::vector<std::string>> rows;
    for (const std::string& line : test::split_lines(result.out)) rows.push_back(split(line, '\t'));
    return rows;
  }

  // Compares what is concluded of every packet with what tshark concludes.
  void compare_marks(const std::string& file);

  std::size_t marked_ = 0;  // by tshark
  test::TemporaryFolder folder_;
};

TEST_F(DissectTest, ListsTheSamePacketsAsTshark) {
  for (const auto& entry : fs::directory_iterator(test::source_root() / "tests" / "captures")) {
    const std::string file = entry.path().string();
    SCOPED_TRACE(file);
    const auto rows =
        tshark(file, {"ip.src", "ipv6.src", "ip.dst", "ipv6.dst", "tcp.srcport", "tcp.dstport",
                      "udp.srcport", "udp.dstport", "tcp.len", "icmp.type", "icmpv6.type"});
    const auto lines = listed(file);
    ASSERT_EQ(lines.size(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const std::vector<std::string>& row = rows[i];
      const std::string& line = lines.at(i + 1);
      const bool is_tcp = !row[4].empty();
      const bool is_udp = !row[6].empty() && row[4].empty();
      const bool is_quote = !row[9].empty() || !row[10].empty();  // of an ICMP error
      if (is_quote || (!is_tcp && !is_udp)) continue;
      EXPECT_THAT(
          line, HasSubstr(fmt::format("{}{}.{} > {}{}.{}", row[0], row[1], is_tcp ? row[4] : row[6],
                                      row[2], row[3], is_tcp ? row[5] : row[7])));
      if (is_tcp) {
        EXPECT_THAT(line, HasSubstr(", length " + row[8]));
      }
    }
  }
}

// What tshark's analysis says of a packet, in the words of our list.
std::set<std::string> expected_marks(const std::vector<std::string>& row) {
  std::set<std::string> marks;
  if (!row[1].empty()) marks.insert("retransmission");
  if (!row[2].empty()) marks.insert("fast");
  if (!row[3].empty()) marks.insert("spurious");
  if (!row[4].empty()) marks.insert("reordered");
  if (!row[5].empty()) marks.insert("dup ack " + row[5]);
  if (!row[6].empty()) marks.insert("missing");
  return marks;
}

std::set<std::string> our_marks(const std::string& line) {
  std::set<std::string> marks;
  const auto says = [&](const char* text) { return line.find(text) != std::string::npos; };
  if (says("retransmission")) marks.insert("retransmission");
  if (says("inferred: fast retransmit")) marks.insert("fast");
  if (says("already acknowledged")) marks.insert("spurious");
  if (says("reordered")) marks.insert("reordered");
  if (says("earlier data missing")) marks.insert("missing");
  static const std::regex kDuplicate(R"(dup ack (\d+))");
  std::smatch match;
  if (std::regex_search(line, match, kDuplicate)) marks.insert("dup ack " + match[1].str());
  return marks;
}

void DissectTest::compare_marks(const std::string& file) {
  SCOPED_TRACE(file);
  const auto rows = tshark(
      file, {"frame.number", "tcp.analysis.retransmission", "tcp.analysis.fast_retransmission",
             "tcp.analysis.spurious_retransmission", "tcp.analysis.out_of_order",
             "tcp.analysis.duplicate_ack_num", "tcp.analysis.lost_segment"});
  const auto lines = listed(file);
  ASSERT_EQ(lines.size(), rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::set<std::string> expected = expected_marks(rows[i]);
    marked_ += expected.size();
    EXPECT_EQ(our_marks(lines.at(i + 1)), expected) << lines.at(i + 1);
  }
}

TEST_F(DissectTest, InfersWhatTsharkInfersOfTcp) {
  for (const char* name :
       {"loss/fast-retransmit.yaml", "loss/selective-acks.yaml", "loss/timeout.yaml",
        "loss/tail-loss-probe.yaml", "loss/reordering.yaml", "loss/duplicate.yaml",
        "loss/lossy-transfer.yaml", "loss/burst-loss.yaml", "loss/lost-syn.yaml",
        "loss/lost-fin.yaml", "loss/lost-ack.yaml", "loss/corrupted-frame.yaml"}) {
    const std::string captures = folder_.file(name);
    ASSERT_EQ(strata({"run", scenario(name), "--quiet", "--pcap", captures}).exit_status, 0);
    for (const auto& entry : fs::directory_iterator(captures)) compare_marks(entry.path().string());
  }
  EXPECT_GT(marked_, 200U);  // the comparison is of something
}

// Linux over a link of ours with loss, duplication and reordering. The capture begins in the middle
// of a connection, and its sequence numbers pass 2^32.
TEST_F(DissectTest, InfersWhatTsharkInfersOfTheKernelsTcp) {
  compare_marks(capture("kernel-lossy.pcap"));
  EXPECT_GT(marked_, 25U);
}

// tshark concludes nothing of such segments. The options do not matter for what we conclude.
TEST_F(DissectTest, InfersTheSameOfSegmentsWhoseOptionsTheCaptureCutOff) {
  const auto whole = listed(capture("kernel-lossy.pcap"));
  for (const char* octets : {"60", "54"}) {
    const std::string file = folder_.file(octets);
    const std::vector<std::string> cut{"editcap", "-s", octets, capture("kernel-lossy.pcap"), file};
    ASSERT_EQ(test::run_command(cut).exit_status, 0);
    const auto lines = listed(file);
    ASSERT_EQ(lines.size(), whole.size());
    for (const auto& [number, line] : lines) {
      EXPECT_EQ(our_marks(line), our_marks(whole.at(number))) << line;
    }
    EXPECT_THAT(strata({"dissect", file, "ladder", "--flow", "1"}).out, HasSubstr("DATA"));
  }
}

TEST_F(DissectTest, CountsSequenceNumbersAsTsharkDoes) {
  for (const char* name : {"lo-ethernet.pcap", "any-sll2.pcap"}) {
    const auto rows = tshark(capture(name), {"tcp.seq", "tcp.ack", "tcp.flags.ack"});
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (rows[i][0].empty()) continue;
      const CommandResult result = strata(
          {"dissect", capture(name), "packet", "--uid", std::to_string(i + 1), "--width", "120"});
      EXPECT_THAT(result.out, HasSubstr("(relative " + rows[i][0] + ")"));
      if (rows[i][2] != "0" && rows[i][2] != "False") {
        EXPECT_THAT(result.out, HasSubstr("(relative " + rows[i][1] + ")"));
      }
    }
  }
}

TEST(Dissect, AFrameOfWhichTheCaptureHoldsNothingIsListed) {
  // A little-endian pcap file of an Ethernet: one record of 0 octets, of 60 on the wire.
  constexpr std::array<unsigned char, 40> kOctets{
      0xd4, 0xc3, 0xb2, 0xa1, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0,
      1,    0,    0,    0,    1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x3c, 0,    0, 0};
  const std::string file(kOctets.begin(), kOctets.end());
  const CommandResult result = strata({"dissect", "-"}, {.input = file});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("#1      1.000000  0 bytes"));
}

TEST(Dissect, ShowsALadderBetweenTheTwoEndsOfAConnection) {
  const CommandResult result =
      strata({"dissect", capture("lo-ethernet.pcap"), "ladder", "--flow", "1", "--width", "140"});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("inferred from the capture"));
  EXPECT_THAT(result.out, HasSubstr("SYN seq 0 <mss 65495 sackOK ts ws 10>"));
  EXPECT_THAT(result.out, HasSubstr("DATA 1:8"));
  EXPECT_THAT(result.out, HasSubstr("ESTAB"));
  EXPECT_THAT(result.out, Not(HasSubstr("cwnd")));  // nobody can know it
}

TEST(Dissect, ShowsBoxesOfEveryKindOfLink) {
  const auto boxes = [](const char* file) {
    return strata({"dissect", capture(file), "packet", "--of", "syn 1", "--width", "100"}).out;
  };
  EXPECT_THAT(boxes("lo-ethernet.pcap"), HasSubstr("ETHERNET II"));
  EXPECT_THAT(boxes("any-sll.pcap"), HasSubstr("LINUX COOKED"));
  EXPECT_THAT(boxes("any-sll2.pcap"), HasSubstr("LINUX COOKED v2"));
  EXPECT_THAT(boxes("null.pcap"), HasSubstr("NULL/LOOPBACK"));
  EXPECT_THAT(boxes("lo-ipv6.pcap"), HasSubstr("IPv6"));
  EXPECT_THAT(boxes("raw-ip.pcap"), HasSubstr("IPv4"));
  EXPECT_THAT(boxes("raw-ip.pcap"), Not(HasSubstr("ETHERNET")));
}

TEST(Dissect, SaysWhatTheCaptureLeftOut) {
  const CommandResult packet = strata({"dissect", capture("snap-60.pcap"), "packet", "--uid", "1"});
  EXPECT_THAT(packet.out, HasSubstr("not in the capture"));
  EXPECT_THAT(strata({"dissect", capture("snap-60.pcap"), "summary"}).out,
              HasSubstr("were left out by the capture"));
}

TEST(Dissect, FollowsTheStatesOfBothEnds) {
  const CommandResult open =
      strata({"dissect", capture("lo-ethernet.pcap"), "sockets", "--at", "10ms"});
  EXPECT_THAT(open.out, HasSubstr("ESTABLISHED"));
  const CommandResult end = strata({"dissect", capture("lo-ethernet.pcap"), "sockets"});
  EXPECT_THAT(end.out, HasSubstr("TIME-WAIT"));
}

TEST(Dissect, ConcludesWhichSocketAPacketWasFor) {
  const CommandResult result =
      strata({"dissect", capture("lo-ethernet.pcap"), "demux", "--width", "140"});
  EXPECT_THAT(result.out, HasSubstr("new connection"));
  EXPECT_THAT(result.out, HasSubstr("exact 4-tuple"));
  EXPECT_THAT(result.out, HasSubstr("reset sent"));  // nobody listens on port 9
}

TEST(Dissect, SumsUpWhatIsInTheFile) {
  const CommandResult result = strata({"dissect", capture("any-sll2.pcap"), "summary"});
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_THAT(result.out, HasSubstr("21 packets"));
  EXPECT_THAT(result.out, HasSubstr("Linux cooked v2"));
  EXPECT_THAT(result.out, HasSubstr("sll2 21"));
}

TEST(Dissect, ViewsComeAsJsonToo) {
  const CommandResult result =
      strata({"dissect", capture("lo-ethernet.pcap"), "ladder", "--flow", "1", "--json"});
  ASSERT_EQ(result.exit_status, 0) << result.err;
  EXPECT_FALSE(nlohmann::json::parse(result.out).empty());
}

TEST(Dissect, ReadsStandardInput) {
  const CommandResult result =
      strata({"dissect", "-"}, {.input = test::read_file(capture("lo-ethernet.pcap"))});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("Flags [S]"));
}

TEST(Dissect, TimesOfASimulationAreItsVirtualTime) {
  const test::TemporaryFolder folder;
  const std::string captures = folder.file("caps");
  ASSERT_EQ(strata({"run", scenario("loss/fast-retransmit.yaml"), "--quiet", "--pcap", captures})
                .exit_status,
            0);
  const CommandResult result = strata({"dissect", captures + "/r1-left.pcapng", "packets"});
  // The first frame arrives there some time after the start of the run.
  EXPECT_THAT(result.out, Not(HasSubstr("#1      0.000000")));
}

// 160 kB that unpack to 160 MB of empty records.
TEST(Dissect, WhatUnpacksToMuchTakesNoMemory) {
  const CommandResult result = test::run_command(
      {"bash", "-c",
       fmt::format("ulimit -v 400000; {{ head -c 24 {}; head -c 160000000 /dev/zero; }} | gzip | "
                   "{} dissect - summary --first 1000",
                   capture("lo-ethernet.pcap"), test::strata_binary().string())});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, HasSubstr("1000 packets"));
  EXPECT_THAT(result.err, HasSubstr("only the first 1000 packets"));
}

TEST(Dissect, ReadsWhatGzipHasCompressed) {
  const test::TemporaryFolder folder;
  const CommandResult packed = test::run_command({"gzip", "-c", capture("any-sll2.pcap")});
  const std::string file = folder.write("any-sll2.pcap.gz", packed.out);
  EXPECT_EQ(strata({"dissect", file, "ladder"}).out,
            strata({"dissect", capture("any-sll2.pcap"), "ladder"}).out);
  EXPECT_THAT(strata({"run", file}).err, HasSubstr("is a capture, not a scenario"));
  const CommandResult cut =
      strata({"dissect", folder.write("cut.pcap.gz", packed.out.substr(0, packed.out.size() / 2))});
  EXPECT_EQ(cut.exit_status, 2);
  EXPECT_THAT(cut.err, HasSubstr("cut off or damaged"));
  EXPECT_THAT(cut.out, HasSubstr("Flags [S]"));
}

TEST(Dissect, ABadFileGetsOneClearErrorAndStatusTwo) {
  const test::TemporaryFolder folder;
  const auto complaint = [&](const std::string& content) {
    const CommandResult result = strata({"dissect", folder.write("bad.pcap", content)});
    EXPECT_EQ(result.exit_status, 2);
    EXPECT_EQ(test::split_lines(result.err).size(), 1U) << result.err;
    return result.err;
  };
  const std::string whole = test::read_file(capture("lo-ethernet.pcap"));
  EXPECT_THAT(complaint(""), HasSubstr("it is empty"));
  EXPECT_THAT(complaint("#!/bin/sh\necho hello, this is no capture\n"),
              HasSubstr("neither a pcap nor a pcapng file"));
  EXPECT_THAT(complaint(whole.substr(0, 24)), HasSubstr("no packets"));
  EXPECT_THAT(complaint(whole.substr(0, whole.size() - 7)), HasSubstr("cut off"));
  std::string wireless = whole;
  wireless[20] = 105;
  EXPECT_THAT(complaint(wireless), HasSubstr("type 105, which is not understood"));
  EXPECT_THAT(strata({"dissect", folder.file("none.pcap")}).err, HasSubstr("No such file"));
}

TEST(Dissect, AMistakeOnTheCommandLineSaysHowToMendIt) {
  EXPECT_THAT(strata({"dissect"}).err, HasSubstr("a capture is missing"));
  EXPECT_THAT(strata({"dissect", capture("null.pcap"), "laddr"}).err, HasSubstr("ladder"));
  EXPECT_THAT(strata({"dissect", capture("null.pcap"), "packet", "--uid", "99"}).err,
              HasSubstr("the last is uid 17"));
  EXPECT_THAT(strata({"dissect", capture("null.pcap"), "demux", "--on", "nobody"}).err,
              HasSubstr("no host"));
}

// Each packet passes two interfaces of a router and one of each host.
TEST_F(DissectTest, APacketSeenAtSeveralInterfacesIsOnePacketOnItsWay) {
  const std::string file = folder_.file("all.pcapng");
  ASSERT_EQ(strata({"run", scenario("routing/traceroute.yaml"), "--pcap", "-"}, {.output_to = file})
                .exit_status,
            0);
  const std::string captures = folder_.file("lossy");
  ASSERT_EQ(strata({"run", scenario("loss/lossy-transfer.yaml"), "--pcap", "-"},
                   {.output_to = folder_.file("lossy.pcapng")})
                .exit_status,
            0);
  ASSERT_EQ(strata({"run", scenario("loss/lossy-transfer.yaml"), "--quiet", "--pcap", captures})
                .exit_status,
            0);
  const auto again = [](const std::string& path) {
    std::size_t count = 0;
    for (const auto& [number, line] : listed(path)) {
      if (line.find("retransmission of") != std::string::npos) ++count;
    }
    return count;
  };
  // Where an acknowledgement was seen earlier, one repetition more can be told from reordering.
  EXPECT_EQ(again(captures + "/client-eth0.pcapng"), 3U);
  EXPECT_EQ(again(folder_.file("lossy.pcapng")), 4U);
  EXPECT_THAT(
      strata({"dissect", captures + "/client-eth0.pcapng", "packet", "of", "data", "1"}).out,
      HasSubstr("ms  client:eth0 > "));

  const CommandResult path = strata({"dissect", file, "path", "--of", "datagram 2"});
  EXPECT_EQ(path.exit_status, 0) << path.err;
  EXPECT_THAT(path.out, HasSubstr("interface"));
  const CommandResult alone = strata({"dissect", capture("raw-ip.pcap"), "path", "--uid", "1"});
  EXPECT_THAT(alone.out, HasSubstr("one place on the way"));
}

TEST_F(DissectTest, WritesTheReportOfACapture) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"dissect", capture("any-sll2.pcap"), "--report"},
        {"report", capture("kernel-lossy.pcap"), "--output"}}) {
    std::vector<std::string> arguments = command;
    arguments.push_back(folder_.file("capture.html"));
    const CommandResult result = strata(arguments);
    EXPECT_EQ(result.exit_status, 0) << result.err;
    const std::string page = test::read_file(folder_.file("capture.html"));
    EXPECT_THAT(page, HasSubstr("Everything else is inferred"));
    EXPECT_THAT(page, HasSubstr("a capture: much of this is inferred"));
    EXPECT_THAT(page, Not(HasSubstr("fingerprint 0000")));
  }
  EXPECT_THAT(test::read_file(folder_.file("capture.html")), HasSubstr("381 packets of a capture"));
}

TEST(Dissect, ACaptureIsNoScenario) {
  const CommandResult result = strata({"run", capture("raw-ip.pcap")});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.err, HasSubstr("is a capture, not a scenario"));
  EXPECT_THAT(strata({"report", capture("raw-ip.pcap"), "--seed", "3"}).err,
              HasSubstr("cannot be changed"));
}

TEST(Dissect, OnlyTheFirstPacketsAreReadWhenAskedTo) {
  const CommandResult result =
      strata({"dissect", capture("lo-ethernet.pcap"), "--first", "3", "--width", "400"});
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_EQ(test::split_lines(result.out).size(), 3U);
  EXPECT_THAT(result.err, HasSubstr("only the first 3 packets"));
}

}  // namespace
}  // namespace strata::cli_tests
