// SPDX-License-Identifier: MIT
// tshark as the judge: it has never heard of Strata. Every capture of every scenario is dissected
// with all checksums and the FCS verified, and must be without complaint; what tshark takes for a
// retransmission at the sender must be what we know to be one.
#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "tests/support/command.h"

namespace strata {
namespace {

namespace fs = std::filesystem;

// What tshark says of one frame, column by column in the order of kFields.
struct Frame {
  std::string number, id, direction, comment, info;
  bool is_damaged = false;  // so the flags of the packet say
  bool has_complaint = false;
  bool is_retransmission = false;
};

const std::vector<std::string> kFields{
    "frame.number", "frame.packet_id", "frame.packet_flags_direction",
    "frame.packet_flags_crc_error", "frame.packet_flags_packet_too_short_error",
    "frame.packet_flags_symbol_error", "frame.comment", "_ws.col.Info",
    // complaints
    "_ws.malformed", "eth.fcs.status", "ip.checksum.status", "tcp.checksum.status",
    "udp.checksum.status", "icmp.checksum.status", "icmp.type",
    // retransmissions
    "tcp.analysis.retransmission", "tcp.analysis.fast_retransmission",
    "tcp.analysis.spurious_retransmission"};

std::vector<std::string> split_tabs(const std::string& line) {
  std::vector<std::string> cells;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= line.size(); ++i) {
    if (i == line.size() || line[i] == '\t') {
      cells.push_back(line.substr(start, i - start));
      start = i + 1;
    }
  }
  cells.resize(kFields.size());
  return cells;
}

// A checksum status is 1 for good, 0 for bad, 2 for not checked; a datagram quoted by an ICMP error
// has one of its own.
bool is_bad(const std::string& status) { return status.find('0') != std::string::npos; }
bool is_set(const std::string& flag) { return flag == "1" || flag == "True"; }

// One pass over a capture with every checksum and the FCS verified.
std::vector<Frame> judge(const fs::path& capture) {
  std::vector<std::string> command{"tshark", "-n", "-r", capture.string()};
  for (const char* preference : {"eth.check_fcs:TRUE", "ip.check_checksum:TRUE",
                                 "tcp.check_checksum:TRUE", "udp.check_checksum:TRUE"}) {
    command.insert(command.end(), {"-o", preference});
  }
  command.insert(command.end(), {"-T", "fields"});
  for (const std::string& field : kFields) command.insert(command.end(), {"-e", field});
  const test::CommandResult result = test::run_command(command);
  EXPECT_EQ(result.exit_status, 0) << capture << ": " << result.err;
  std::vector<Frame> frames;
  for (const std::string& line : test::split_lines(result.out)) {
    const std::vector<std::string> c = split_tabs(line);
    Frame frame{c[0], c[1], c[2], c[6], c[7]};
    frame.is_damaged = is_set(c[3]) || is_set(c[4]) || is_set(c[5]);
    // tshark sums the segment that an ICMP error quotes, though it is cut short (RFC 1812 4.3.2.3):
    // its verdict on that checksum says nothing.
    const bool quotes = !c[14].empty() && c[14] != "0" && c[14] != "8";
    frame.has_complaint = !c[8].empty() || is_bad(c[9]) || is_bad(c[10]) || is_bad(c[13]) ||
                          (!quotes && (is_bad(c[11]) || is_bad(c[12])));
    frame.is_retransmission = !c[15].empty() || !c[16].empty() || !c[17].empty();
    frames.push_back(std::move(frame));
  }
  return frames;
}

std::vector<fs::path> captures_in(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

class Wireshark : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (test::has_program("tshark")) return;
    ASSERT_FALSE(test::tools_are_required()) << "tshark is not installed";
    GTEST_SKIP() << "tshark is not installed: tools/dev setup";
  }
  // Runs the scenario and leaves its captures in folder_.
  void run(const std::vector<std::string>& options = {}) {
    std::vector<std::string> command{
        test::strata_binary().string(), "run", GetParam(), "--quiet", "--pcap", folder_.path()};
    command.insert(command.end(), options.begin(), options.end());
    const test::CommandResult result = test::run_command(command, {.folder = test::source_root()});
    ASSERT_EQ(result.exit_status, 0) << result.out << result.err;
    ASSERT_FALSE(captures_in(folder_.path()).empty());
  }
  test::TemporaryFolder folder_;
};

TEST_P(Wireshark, AgreesWithEveryByteAndEveryRetransmission) {
  run();
  std::map<fs::path, std::vector<Frame>> verdicts;
  std::set<std::string> damaged;  // a damaged frame may travel on, through who does not check it
  for (const fs::path& capture : captures_in(folder_.path())) {
    verdicts[capture] = judge(capture);
    for (const Frame& frame : verdicts[capture]) {
      if (frame.is_damaged) damaged.insert(frame.id);
    }
  }
  for (const auto& [capture, frames] : verdicts) {
    std::set<std::string> ours;
    std::set<std::string> theirs;
    for (const Frame& frame : frames) {
      EXPECT_TRUE(!frame.has_complaint || damaged.contains(frame.id))
          << capture.filename() << " frame " << frame.number << ": " << frame.info << " "
          << frame.comment;
      // At the sender's own interface only: elsewhere tshark cannot know what was lost before.
      if (frame.direction != "2" || frame.comment.find("event=forward") != std::string::npos) {
        continue;
      }
      if (frame.comment.find("event=retx") != std::string::npos) ours.insert(frame.id);
      if (frame.is_retransmission) theirs.insert(frame.id);
    }
    EXPECT_EQ(ours, theirs) << capture.filename();
  }
}

TEST_P(Wireshark, ReadsTheClassicCapture) {
  run({"--pcap-format", "pcap"});
  for (const fs::path& capture : captures_in(folder_.path())) {
    const test::CommandResult result =
        test::run_command({"tcpdump", "-nn", "-r", capture.string()});
    EXPECT_EQ(result.exit_status, 0) << capture.filename() << ": " << result.err;
  }
}

std::string name_of(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  std::replace_if(
      name.begin(), name.end(),
      [](char c) { return std::isalnum(static_cast<unsigned char>(c)) == 0; }, '_');
  return name;
}

// LINKTYPE_ETHERNET_MPACKET: preamble, SFD, frame and FCS, which tshark decodes and checks. One
// scenario of each kind is enough: the frames are those of the other captures.
class PhysicalLayerCapture : public Wireshark {};

TEST_P(PhysicalLayerCapture, IsDecodedDownToTheFcs) {
  run({"--pcap-layer", "physical"});
  for (const fs::path& capture : captures_in(folder_.path())) {
    const std::vector<Frame> frames = judge(capture);
    EXPECT_FALSE(frames.empty()) << capture.filename();
    for (const Frame& frame : frames) {
      EXPECT_TRUE(!frame.has_complaint || frame.is_damaged)
          << capture.filename() << " " << frame.number;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, PhysicalLayerCapture,
                         testing::Values("scenarios/loss/fast-retransmit.yaml",
                                         "scenarios/basics/ping.yaml"),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Scenarios, Wireshark, testing::ValuesIn(test::scenario_files()), name_of);

}  // namespace
}  // namespace strata
