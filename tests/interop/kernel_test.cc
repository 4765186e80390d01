// SPDX-License-Identifier: MIT
// The Linux kernel as the judge: its TCP, IP, ARP and ICMP talk to simulated hosts through a TAP
// device, over links on which things go wrong. Each test runs in a network namespace of its own, so
// nothing of this machine's network is touched and tests may run side by side.
#include "tests/interop/kernel.h"

#include <algorithm>

namespace strata::test {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST_F(Kernel, PingsASimulatedHostWithEverySizeUpToFragments) {
  live(kNone, R"(for size in 0 56 1472 1473 4000 20000 60000; do
  ping -n -q -c 2 -i 0.2 -s $size 10.77.2.20 | grep received
done)");
  std::size_t answered = 0;
  for (const std::string& line : split_lines(out)) {
    if (line.find("2 packets transmitted, 2 received, 0% packet loss") != std::string::npos) {
      ++answered;
    }
  }
  EXPECT_EQ(answered, 7U) << out;
}

// Pings are not repeated: of twenty some arrive, in one frame and in three.
TEST_P(Kernel, PingsThroughTrouble) {
  live(GetParam(), R"(for size in 56 1472 4000; do
  ping -n -q -c 20 -i 0.02 -W 1 -s $size 10.77.2.20 | grep -o '[0-9]* received'
done)");
  const std::vector<std::string> answered = split_lines(out);
  ASSERT_GE(answered.size(), 3U) << out;
  for (std::size_t i = 0; i < 3; ++i) EXPECT_GT(std::atoi(answered[i].c_str()), 3) << out;
}

TEST_P(Kernel, TracesTheRouteThroughTheSimulatedRouter) {
  live(GetParam(), "traceroute -n -q 5 -w 2 10.77.2.20; traceroute -I -n -q 5 -w 2 10.77.2.20");
  const std::vector<std::string> lines = split_lines(out);
  ASSERT_GE(lines.size(), 6U) << out;
  for (const std::size_t first : {1U, 4U}) {
    EXPECT_THAT(lines[first], HasSubstr("10.77.1.254")) << out;
    EXPECT_THAT(lines[first + 1], HasSubstr("10.77.2.20")) << out;
  }
}

// A datagram that is lost refuses nothing: up to ten are sent.
TEST_P(Kernel, IsRefusedAtAClosedPort) {
  live(GetParam(), R"(curl -s -m 60 http://10.77.2.20:81/; echo "curl exit $?"
for i in $(seq 10); do
  echo x | socat -T 1 - UDP:10.77.2.20:81 2>&1 | grep -o 'Connection refused' && break
done
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
  folder_.write("sent", text);
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
  live(GetParam(), R"(for i in $(seq 100); do urls="$urls http://10.77.2.20/bytes/5000"; done
curl -s -m 150 --parallel --parallel-max 100 -w '%{http_code} %{size_download}\n' $urls \
  --output-dir . $(for i in $(seq 100); do echo "-o p$i"; done) | sort | uniq -c)");
  EXPECT_THAT(out, HasSubstr("100 200 5000"));
  for (int i = 1; i <= 100; ++i) {
    EXPECT_TRUE(file(fmt::format("p{}", i)) == counting_bytes(5000)) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Troubles, Kernel, testing::ValuesIn(kTroubles), name_of);

// tcpdump on the TAP device and our capture of the same interface hold the same frames, in each
// direction in the same order (ours padded and with their FCS). Frames that cross each other need
// not: the kernel answers inside the call that hands it a frame.
TEST_F(Kernel, SeesTheFramesThatWeSayWeSent) {
  Network network;
  network.device += ", offload: false";  // else the kernel's frames are not yet cut
  live(network, R"(tcpdump -i strata0 -w kernel.pcap -U --immediate-mode 2>/dev/null & dump=$!
sleep 1
curl -s -o /dev/null http://10.77.2.20/bytes/50000
sleep 0.5; kill -INT $dump; wait $dump)");
  const auto frames_of = [&](const std::string& capture) {
    const CommandResult result =
        run_command({"tshark", "-n",          "-r", (folder_.path() / capture).string(),
                     "-Y",     "tcp",         "-T", "fields",
                     "-e",     "ip.src",      "-e", "ip.id",
                     "-e",     "tcp.seq_raw", "-e", "tcp.ack_raw",
                     "-e",     "tcp.flags",   "-e", "tcp.checksum",
                     "-e",     "ip.checksum", "-e", "tcp.len"});
    EXPECT_EQ(result.exit_status, 0) << result.err;
    std::vector<std::string> frames = split_lines(result.out);
    // Two processors may hand frames to a TAP at once, and tcpdump sees them the other way round.
    std::sort(frames.begin(), frames.end());
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
  folder_.write("scenario.yaml", scenario_of({}));
  const CommandResult after =
      run_command({"unshare", "--net", "bash", "-c",
                   fmt::format("{} live scenario.yaml --for 1s -q >/dev/null; ip -o link; ip route",
                               strata_binary().string())},
                  {.input = {}, .folder = folder_.path(), .environment = {}});
  EXPECT_THAT(after.out, Not(HasSubstr("strata0")));
}

TEST_F(Kernel, ShowsWhatHappenedUntilItsDeviceWasRemoved) {
  folder_.write("scenario.yaml", scenario_of({}));
  const CommandResult result = in_namespace(R"(
$STRATA live scenario.yaml --for 100s --pcap captures >run.txt 2>run.err & strata=$!
for i in $(seq 400); do ip route | grep -q 10.77.2.0/24 && break; sleep 0.05; done
curl -s -m 60 -o /dev/null -w '%{http_code}\n' http://10.77.2.20/bytes/1000
ip link del strata0
wait $strata; echo "strata exit $?")");
  EXPECT_THAT(result.out, HasSubstr("200\nstrata exit 2"));
  EXPECT_EQ(file("run.err"), "strata: the device strata0 is gone: somebody removed it\n");
  EXPECT_THAT(file("run.txt"), HasSubstr("requests 1"));
  EXPECT_TRUE(std::filesystem::exists(folder_.path() / "captures/kernel-strata0.pcapng"));
}

// A device that takes more than its link: every frame that is too long is told of.
TEST_F(Kernel, TellsWhereFramesWereDropped) {
  Network network;
  network.device += ", mtu: 9000";
  folder_.write("scenario.yaml", scenario_of(network));
  const CommandResult result = in_namespace(R"(
$STRATA live scenario.yaml --for 100s >run.txt & strata=$!
for i in $(seq 400); do ip route | grep -q 10.77.2.0/24 && break; sleep 0.05; done
ping -n -q -c 3 -i 0.2 -W 1 -s 4000 10.77.2.20 | grep -o '[0-9]* received'
kill -INT $strata; wait $strata)");
  EXPECT_THAT(result.out, HasSubstr("0 received"));
  EXPECT_THAT(file("run.txt"), testing::ContainsRegex("r1 dropped .*3 × frame is too long"));
}

// The kernel keeps a thousand frames for a process that does not read, and throws away the others.
TEST_F(Kernel, CountsTheFramesThatTheKernelThrewAway) {
  live(kNone, R"(ping -q -c 1 10.77.2.20 >/dev/null
kill -STOP $strata; $PROBE send 10.77.2.20 7777 3000 100; kill -CONT $strata; sleep 0.5)");
  const auto& devices = run["live"];
  EXPECT_GE(devices["overruns"], 1500);
  EXPECT_NEAR(devices["overruns"].get<double>() + devices["frames_in"].get<double>(), 3000, 50);
}

// The rest of a run is exact: with what came in, the same run happens again.
TEST_F(Kernel, IsRecordedAndTheRunHappensAgain) {
  live(Network{.trouble = kTroubles[3], .options = "--record visit.live"},
       "curl -s -o got http://10.77.2.20/bytes/100000; ping -q -c 3 -i 0.1 10.77.2.20");
  EXPECT_TRUE(file("got") == counting_bytes(100'000));
  const auto strata = [&](const std::vector<std::string>& words) {
    std::vector<std::string> arguments{strata_binary().string()};
    arguments.insert(arguments.end(), words.begin(), words.end());
    return run_command(arguments, {.input = {}, .folder = folder_.path(), .environment = {}});
  };
  const CommandResult again = strata({"run", "visit.live", "--json"});
  ASSERT_EQ(again.exit_status, 0) << again.err;
  const auto repeated = nlohmann::json::parse(again.out);
  for (const char* figure : {"fingerprint", "events", "sim_time_s", "frames", "tcp", "flows"}) {
    EXPECT_EQ(repeated[figure], run[figure]) << figure;
  }
  EXPECT_THAT(strata({"show", "visit.live", "ladder"}).out, HasSubstr("FIN"));
  EXPECT_EQ(strata({"run", "visit.live", "--seed", "3"}).exit_status, 2);
  EXPECT_EQ(strata({"live", "visit.live"}).exit_status, 2);
}

// What README shows, with its scenario.
TEST_F(Kernel, VisitsTheWebServerOfReadme) {
  const CommandResult result =
      run_command({"unshare", "--net", "bash", "-c",
                   fmt::format(R"({} live scenarios/live/web-server.yaml & strata=$!
for i in $(seq 200); do ip route | grep -q 10.77.2.0/24 && break; sleep 0.05; done
ping -c 1 10.77.2.20
curl -s -w '%{{http_code}} %{{size_download}}\n' -o /dev/null http://10.77.2.20/bytes/100000
kill -INT $strata; wait $strata; echo "strata exit $?")",
                               strata_binary().string())},
                  {.input = {}, .folder = source_root(), .environment = {}});
  EXPECT_THAT(result.out, HasSubstr("1 received"));
  EXPECT_THAT(result.out, HasSubstr("200 100000"));
  EXPECT_THAT(result.out, HasSubstr("GET /bytes/100000 -> 200"));
  EXPECT_THAT(result.out, HasSubstr("strata exit 0")) << result.err;
}

TEST_F(Kernel, IsAskedForTheMissingCapabilityByName) {
  folder_.write("scenario.yaml", scenario_of({}));
  std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
  const CommandResult result =
      run_command({"setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all",
                   strata_binary().string(), "live", (folder_.path() / "scenario.yaml").string()},
                  {.input = {}, .folder = folder_.path(), .environment = {}});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.err, HasSubstr("CAP_NET_ADMIN"));
  EXPECT_THAT(result.err, HasSubstr("setcap"));
}

}  // namespace
}  // namespace strata::test
