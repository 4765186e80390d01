// SPDX-License-Identifier: MIT
// The Linux kernel as the judge: its TCP, IP, ARP and ICMP talk to simulated hosts through a TAP
// device, over links on which things go wrong. Each test runs in a network namespace of its own, so
// nothing of this machine's network is touched and tests may run side by side.
//
// Needs root, /dev/net/tun and the programs below; a laptop may skip, continuous integration not.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "tests/support/command.h"

namespace strata {
namespace {

using testing::HasSubstr;
using testing::Not;

// What goes wrong between the router and the server, as the key `impair` says it.
struct Trouble {
  const char* name;
  const char* impair;
};

constexpr Trouble kNone{"Nothing", ""};
constexpr Trouble kTroubles[] = {
    kNone,
    {"OnePercentLoss", "{ loss: 1 % }"},
    {"TenPercentLoss", "{ loss: 10 % }"},
    {"Everything",
     "{ loss: 1 % }, { reorder: { share: 2 %, by: 3 ms } }, { duplicate: 1 % }, "
     "{ corrupt: { bit-error-rate: 1e-7 } }"},
};

std::string scenario_with(const Trouble& trouble, const std::string& delay) {
  return fmt::format(R"(nodes:
  kernel: {{ device: {{ tap: strata0, address: 10.77.1.1/24, gateway: 10.77.1.254 }} }}
  r1:     {{ kind: router, addresses: {{ left: 10.77.1.254/24, right: 10.77.2.254/24 }} }}
  server: {{ address: 10.77.2.20/24, gateway: 10.77.2.254 }}
links:
  cable: {{ ends: [kernel, r1:left], rate: 1 Gbit/s }}
  lossy: {{ ends: [r1:right, server], rate: 100 Mbit/s, delay: {}, queue: 1 MB, impair: [ {} ] }}
processes:
  - {{ on: server, run: http-server, listen: 80, keep-alive: 60 s }}
  - {{ on: server, run: echo-server, listen: 7 }}
  - {{ on: server, run: sink, listen: 9 }}
)",
                     delay, trouble.impair);
}

// What /bytes/N of the simulated server holds, written from its documentation: the numbers 0 to 250
// again and again.
std::string counting_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i % 251);
  return bytes;
}

class Kernel : public testing::TestWithParam<Trouble> {
 protected:
  void SetUp() override {
    for (const char* program :
         {"unshare", "ip", "ping", "curl", "socat", "tcpdump", "traceroute"}) {
      if (!test::has_program(program)) return skip(fmt::format("{} is not installed", program));
    }
    if (::geteuid() != 0) return skip("only root may create TAP devices");
    if (!std::filesystem::exists("/dev/net/tun")) return skip("there is no /dev/net/tun");
  }

  // Runs `commands` in a shell while `strata live` runs in the same new namespace, and ends it as a
  // user would, with Ctrl-C. What the commands print is `out`; the run's own JSON is `run`.
  void live(const Trouble& trouble, const std::string& commands,
            const std::string& delay = "10 ms") {
    std::ofstream(folder_.path() / "scenario.yaml") << scenario_with(trouble, delay);
    const std::string script = fmt::format(
        R"(ip link set lo up
{} live scenario.yaml --for 100s --json --pcap captures >run.json 2>run.err &
strata=$!
for i in $(seq 200); do
  ip route | grep -q 10.77.2.0/24 && break
  sleep 0.05
done
{}
kill -INT $strata
wait $strata
echo "strata exit $?"
)",
        test::strata_binary().string(), commands);
    const test::CommandResult result = test::run_command(
        {"unshare", "--net", "bash", "-c", script}, {.input = {},
                                                     .folder = folder_.path(),
                                                     .environment = {},
                                                     .limit = std::chrono::milliseconds{120'000}});
    ASSERT_FALSE(result.timed_out);
    out = result.out;
    const std::string complaints = test::read_file(folder_.path() / "run.err");
    ASSERT_THAT(out, HasSubstr("strata exit 0")) << out << result.err << complaints;
    EXPECT_EQ(complaints, "");
    run = nlohmann::json::parse(test::read_file(folder_.path() / "run.json"));
  }

  std::string file(const std::string& name) const { return test::read_file(folder_.path() / name); }

  test::TemporaryFolder folder_;
  std::string out;
  nlohmann::json run;

 private:
  static void skip(const std::string& reason) {
    if (test::tools_are_required()) FAIL() << reason;
    GTEST_SKIP() << reason;
  }
};

TEST_F(Kernel, PingsASimulatedHostWithEverySizeUpToFragments) {
  live(kNone, R"(for size in 0 56 1472 1473 4000 20000 60000; do
  ping -n -q -c 2 -i 0.2 -s $size 10.77.2.20 | grep received
done)");
  std::size_t answered = 0;
  for (const std::string& line : test::split_lines(out)) {
    if (line.find("2 packets transmitted, 2 received, 0% packet loss") != std::string::npos) {
      ++answered;
    }
  }
  EXPECT_EQ(answered, 7U) << out;
}

TEST_F(Kernel, TracesTheRouteThroughTheSimulatedRouter) {
  live(kNone, "traceroute -n -q 1 -w 2 10.77.2.20; traceroute -I -n -q 1 -w 2 10.77.2.20");
  const std::vector<std::string> lines = test::split_lines(out);
  ASSERT_GE(lines.size(), 6U) << out;
  for (const std::size_t first : {1U, 4U}) {
    EXPECT_THAT(lines[first], HasSubstr("10.77.1.254")) << out;
    EXPECT_THAT(lines[first + 1], HasSubstr("10.77.2.20")) << out;
  }
}

TEST_F(Kernel, IsRefusedAtAClosedPort) {
  live(kNone, R"(curl -s -m 5 http://10.77.2.20:81/; echo "curl exit $?"
echo x | socat -T 2 - UDP:10.77.2.20:81 2>&1 | grep -o 'Connection refused'
true)");
  EXPECT_THAT(out, HasSubstr("curl exit 7"));
  EXPECT_THAT(out, HasSubstr("Connection refused"));
}

TEST_P(Kernel, DownloadsEveryByte) {
  live(GetParam(), R"(for n in 1 1000 200000; do
  curl -s -m 60 -o got.$n -w "%{http_code}\n" http://10.77.2.20/bytes/$n
done)");
  EXPECT_THAT(out, HasSubstr("200\n200\n200\n"));
  for (const std::size_t size : {1U, 1000U, 200'000U}) {
    EXPECT_TRUE(file(fmt::format("got.{}", size)) == counting_bytes(size)) << size;
  }
}

TEST_P(Kernel, UploadsEveryByteAndClosesInBothDirections) {
  const std::string text = counting_bytes(200'000);
  std::ofstream(folder_.path() / "sent", std::ios::binary) << text;
  live(GetParam(), R"(socat -t 60 -u OPEN:sent TCP:10.77.2.20:9; echo "up $?"
socat -t 60 TCP:10.77.2.20:7 - <sent >echoed; echo "echo $?")");
  EXPECT_THAT(out, HasSubstr("up 0\necho 0\n"));
  EXPECT_TRUE(file("echoed") == text) << file("echoed").size();
  for (const nlohmann::json& process : run["processes"]) {
    if (process["name"] != "sink") continue;
    EXPECT_EQ(process["figures"]["received"], text.size());
  }
}

TEST_P(Kernel, FetchesManyPagesAtOnce) {
  live(GetParam(), R"(for i in $(seq 30); do urls="$urls http://10.77.2.20/bytes/5000"; done
curl -s -m 90 --parallel --parallel-max 30 -w '%{http_code} %{size_download}\n' $urls \
  --output-dir . $(for i in $(seq 30); do echo "-o p$i"; done) | sort | uniq -c)");
  EXPECT_THAT(out, HasSubstr("30 200 5000"));
  for (int i = 1; i <= 30; ++i) {
    EXPECT_TRUE(file(fmt::format("p{}", i)) == counting_bytes(5000)) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Troubles, Kernel, testing::ValuesIn(kTroubles),
                         [](const auto& parameter) { return parameter.param.name; });

// tcpdump on the TAP device and our capture of the same interface hold the same frames, in each
// direction in the same order (ours padded and with their FCS). Frames that cross each other need
// not: the kernel answers inside the call that hands it a frame.
TEST_F(Kernel, SeesTheFramesThatWeSayWeSent) {
  live(kNone, R"(tcpdump -i strata0 -w kernel.pcap -U --immediate-mode 2>/dev/null & dump=$!
sleep 1
curl -s -o /dev/null http://10.77.2.20/bytes/50000
sleep 0.5; kill -INT $dump; wait $dump)");
  const auto frames_of = [&](const std::string& capture) {
    const test::CommandResult result =
        test::run_command({"tshark", "-n",          "-r", (folder_.path() / capture).string(),
                           "-Y",     "tcp",         "-T", "fields",
                           "-e",     "ip.src",      "-e", "ip.id",
                           "-e",     "tcp.seq_raw", "-e", "tcp.ack_raw",
                           "-e",     "tcp.flags",   "-e", "tcp.checksum",
                           "-e",     "ip.checksum", "-e", "tcp.len"});
    EXPECT_EQ(result.exit_status, 0) << result.err;
    std::vector<std::string> frames = test::split_lines(result.out);
    std::stable_partition(frames.begin(), frames.end(), [](const std::string& frame) {
      return frame.starts_with("10.77.1.1\t");
    });
    return frames;
  };
  const std::vector<std::string> theirs = frames_of("kernel.pcap");
  const std::vector<std::string> ours = frames_of("captures/kernel-strata0.pcapng");
  EXPECT_GT(theirs.size(), 40U);
  EXPECT_EQ(theirs, ours);
}

TEST_F(Kernel, LosesTheDeviceWithTheProcessAndNothingElse) {
  live(kNone, "ip -o link | wc -l; ip route | grep -c strata0");
  EXPECT_THAT(out, HasSubstr("2\n2\n"));  // lo and strata0; its network and the one beyond
  std::ofstream(folder_.path() / "scenario.yaml") << scenario_with(kNone, "1 ms");
  const test::CommandResult after = test::run_command(
      {"unshare", "--net", "bash", "-c",
       fmt::format("{} live scenario.yaml --for 1s -q >/dev/null; ip -o link; ip route",
                   test::strata_binary().string())},
      {.input = {}, .folder = folder_.path(), .environment = {}});
  EXPECT_THAT(after.out, Not(HasSubstr("strata0")));
}

// What README shows, with its scenario.
TEST_F(Kernel, VisitsTheWebServerOfReadme) {
  const test::CommandResult result =
      test::run_command({"unshare", "--net", "bash", "-c",
                         fmt::format(R"({} live scenarios/live/web-server.yaml & strata=$!
for i in $(seq 200); do ip route | grep -q 10.77.2.0/24 && break; sleep 0.05; done
ping -c 1 10.77.2.20
curl -s -w '%{{http_code}} %{{size_download}}\n' -o /dev/null http://10.77.2.20/bytes/100000
kill -INT $strata; wait $strata; echo "strata exit $?")",
                                     test::strata_binary().string())},
                        {.input = {}, .folder = test::source_root(), .environment = {}});
  EXPECT_THAT(result.out, HasSubstr("1 received"));
  EXPECT_THAT(result.out, HasSubstr("200 100000"));
  EXPECT_THAT(result.out, HasSubstr("GET /bytes/100000 -> 200"));
  EXPECT_THAT(result.out, HasSubstr("strata exit 0")) << result.err;
}

TEST_F(Kernel, IsAskedForTheMissingCapabilityByName) {
  std::ofstream(folder_.path() / "scenario.yaml") << scenario_with(kNone, "1 ms");
  std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
  const test::CommandResult result = test::run_command(
      {"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all",
       test::strata_binary().string(), "live", (folder_.path() / "scenario.yaml").string()},
      {.input = {}, .folder = folder_.path(), .environment = {}});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.err, HasSubstr("CAP_NET_ADMIN"));
  EXPECT_THAT(result.err, HasSubstr("setcap"));
}

}  // namespace
}  // namespace strata
