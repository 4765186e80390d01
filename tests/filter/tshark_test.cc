// SPDX-License-Identifier: MIT
// tshark as judge: of the capture of a run the same packets pass the same filter.
#include <gtest/gtest.h>

#include <charconv>
#include <set>

#include "tests/support/command.h"
#include "tests/views/runs.h"
#include "tools/filter/filter.h"

namespace strata::filter {
namespace {

std::set<std::uint64_t> by_tshark(const std::string& capture, const std::string& filter) {
  // Fragments are shown as they came: reassembly would give the last one the fields of all.
  const auto result = test::run_command({"tshark", "-r", capture, "-o", "ip.defragment:FALSE", "-Y",
                                         filter, "-T", "fields", "-e", "frame.packet_id"});
  EXPECT_EQ(result.exit_status, 0) << filter << ": " << result.err;
  std::set<std::uint64_t> uids;
  for (const std::string& line : test::split_lines(result.out)) {
    std::uint64_t uid = 0;
    std::from_chars(line.data(), line.data() + line.size(), uid);
    uids.insert(uid);
  }
  return uids;
}

std::set<std::uint64_t> by_us(const trace::Recording& recording, const std::string& filter) {
  auto read = Filter::parse(filter);
  EXPECT_TRUE(read.has_value()) << filter << ": " << read.error().what;
  PacketFilter packets(recording, std::move(*read));
  std::set<std::uint64_t> uids;
  views::for_each_packet(recording, [&](PacketUid uid) {
    if (!analysis::hops_of_packet(recording, uid).empty() && packets.passes(uid)) {
      uids.insert(raw(uid));
    }
  });
  return uids;
}

void expect_same(const std::string& file, const std::vector<std::string>& filters) {
  if (!test::has_program("tshark")) {
    ASSERT_FALSE(test::tools_are_required()) << "tshark is missing";
    GTEST_SKIP() << "tshark is missing";
  }
  const test::TemporaryFolder folder;
  const std::string capture = folder.file("all.pcapng");
  const trace::Recording recording =
      views::record(test::read_file(test::source_root() / file), file);
  views::write_capture(recording, capture);
  for (const std::string& filter : filters) {
    const auto ours = by_us(recording, filter);
    EXPECT_EQ(ours, by_tshark(capture, filter)) << filter;
    EXPECT_FALSE(ours.empty()) << filter << " shows nothing";
  }
}

TEST(FilterAgainstTshark, OfATcpConversationWithALoss) {
  expect_same("scenarios/loss/fast-retransmit.yaml",
              {"tcp.flags.syn == 1 and not tcp.flags.ack == 1",
               "tcp.seq >= 2921 && tcp.seq < 8761 && tcp.len > 0",
               "ip.src == 10.0.1.10 and (tcp.flags == 0x18 or tcp.flags.fin == 1)",
               "tcp.ack in {2921..5841} || tcp.hdr_len > 20",
               "frame.len < 100 && tcp.window_size_value != 0"});
}

TEST(FilterAgainstTshark, OfErrorsThatQuoteAndOfRouters) {
  expect_same("scenarios/routing/traceroute.yaml",
              {"ip.ttl < 3 && udp", "icmp.type == 11 || icmp.code == 3",
               "arp.opcode == 1 && eth.dst == ff:ff:ff:ff:ff:ff", "ip.src == 10.0.1.0/24",
               "not ip || ip.proto != 17"});
}

TEST(FilterAgainstTshark, OfTextAndOfFragments) {
  expect_same("scenarios/transport/demultiplexing.yaml",
              {R"(tcp.payload contains "GET /" && tcp.dstport == 80)",
               R"(tcp.payload matches "^get /.* http")"});
  expect_same("scenarios/routing/fragmentation.yaml",
              {"ip.flags.mf == 1 || ip.frag_offset > 0", "udp.length > 1000 or icmp.seq == 1"});
}

}  // namespace
}  // namespace strata::filter
