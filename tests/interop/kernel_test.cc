// SPDX-License-Identifier: MIT
// The Linux kernel as the judge: its TCP, IP, ARP and ICMP talk to simulated hosts through a TAP
// device, over links on which things go wrong. Each test runs in a network namespace of its own, so
// nothing of this machine's network is touched and tests may run side by side.
#include "tests/interop/kernel.h"

#include <algorithm>
#include <array>
#include <map>

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

// Pings are not repeated: of twenty as many arrive, in one frame and in three, as all but one in a
// hundred thousand such runs have (binomial; both ways count, and each fragment).
TEST_P(Kernel, PingsThroughTrouble) {
  live(GetParam(), R"(for size in 56 1472 4000; do
  ping -n -q -c 20 -i 0.02 -W 1 -s $size 10.77.2.20 | grep -o '[0-9]* received'
done)");
  const std::vector<std::string> answered = split_lines(out);
  ASSERT_GE(answered.size(), 3U) << out;
  const bool is_whole = GetParam().loss_percent == 0;
  const std::array<int, 3> least = !GetParam().loses_little() ? std::array{7, 7, 2}
                                   : is_whole                 ? std::array{17, 17, 16}
                                                              : std::array{14, 14, 11};
  for (std::size_t i = 0; i < 3; ++i) EXPECT_GE(std::atoi(answered[i].c_str()), least[i]) << out;
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
  EXPECT_EQ(octets_of_sink(), text.size());
}

// As iperf3 does with --bidir, but that every octet is looked at.
TEST_P(Kernel, TransfersInBulkBothWaysAtOnce) {
  const std::string text = counting_bytes(GetParam().bulk);
  folder_.write("sent", text);
  live(GetParam(), fmt::format(R"(socat -t 100 -u OPEN:sent TCP:10.77.2.20:9 & up=$!
curl -s -m 100 -o got -w '%{{http_code}}\n' http://10.77.2.20/bytes/{}
wait $up; echo "up $?"
while ss -Htn | grep -q 10.77.2.20:9; do sleep 0.1; done)",
                               text.size()));
  EXPECT_THAT(out, HasSubstr("200\nup 0\n"));
  EXPECT_TRUE(file("got") == text) << file("got").size();
  EXPECT_EQ(octets_of_sink(), text.size());
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

// RFC 2385, with the kernel as judge of our digests and we of its own. Who signs with another key,
// or not at all, is not answered.
TEST_F(Kernel, AgreesOnMd5Signatures) {
  Network network;
  network.processes = R"(  - on: server
    name: signed
    calls:
      - l = socket stream
      - bind l *:179
      - setsockopt l TCP_MD5SIG "secret"
      - listen l
      - c = accept l
      - recv c -> "hello"
      - send c "welcome"
      - recv c until close -> ""
      - close c
)";
  live(network, R"($PROBE signed 10.77.2.20 179 wrong
socat -T 2 - TCP:10.77.2.20:179,connect-timeout=2 </dev/null 2>&1 | grep -o 'timed out'
$PROBE signed 10.77.2.20 179 secret)");
  EXPECT_THAT(out, HasSubstr("Operation now in progress\n"));
  EXPECT_THAT(out, HasSubstr("timed out\n"));
  EXPECT_THAT(out, HasSubstr("welcome\n"));
  EXPECT_GE(run["nodes"]["server"]["dropped"]["tcp-bad-signature"], 2);
}

// Frames by who sent them, octet by octet as far as their datagram goes: ours end in padding and
// FCS, the kernel's do not.
std::map<std::string, std::vector<std::string>> frames_in(const std::filesystem::path& capture) {
  const CommandResult dump =
      run_command({"tcpdump", "-nn", "-t", "-xx", "-r", capture.string(), "ip or arp"});
  EXPECT_EQ(dump.exit_status, 0) << dump.err;
  std::map<std::string, std::vector<std::string>> frames;
  std::string octets;  // two digits each
  const auto end_frame = [&] {
    if (octets.empty()) return;
    const bool is_ip = octets.substr(24, 4) == "0800";
    const auto bytes = is_ip ? 14 + std::stoul(octets.substr(32, 4), nullptr, 16) : 42;
    frames[octets.substr(12, 12)].push_back(octets.substr(0, 2 * bytes));
    octets.clear();
  };
  for (const std::string& line : split_lines(dump.out)) {
    const std::size_t colon = line.find(":  ");
    if (!line.starts_with("\t0x") || colon == std::string::npos) {
      end_frame();
      continue;
    }
    for (const char digit : line.substr(colon + 3)) {
      if (digit != ' ') octets += digit;
    }
  }
  end_frame();
  return frames;
}

// tcpdump on the TAP device and our capture of the same interface hold the same frames. Ours in the
// same order, too; of the kernel's, two processors may hand over two at once, and tcpdump sees them
// the other way round.
TEST_P(Kernel, SeesTheFramesThatWeSayWeSent) {
  Network network{.trouble = GetParam(), .delay = GetParam().delay};
  network.device += ", offload: false";  // else the kernel's frames are not yet cut
  live(network,
       R"(tcpdump -i strata0 -B 65536 -w kernel.pcap -U --immediate-mode 2>dump.err & dump=$!
for i in $(seq 200); do grep -q listening dump.err && break; sleep 0.05; done
curl -s -m 60 -o /dev/null http://10.77.2.20/bytes/50000
socat -t 30 TCP:10.77.2.20:7 - </etc/passwd >/dev/null
ping -q -i 0.05 -W 1 -c 3 -s 4000 10.77.2.20
echo x | socat -T 0.2 - UDP:10.77.2.20:81
sleep 0.5; kill -INT $dump; wait $dump)");
  EXPECT_THAT(file("dump.err"), HasSubstr("0 packets dropped by kernel"));
  auto theirs = frames_in(folder_.path() / "kernel.pcap");
  auto ours = frames_in(folder_.path() / "captures/kernel-strata0.pcapng");
  const std::string kernel = "020000000101";  // the first node of the scenario, its first port
  ASSERT_EQ(theirs.size(), 2U);
  EXPECT_GT(theirs[kernel].size(), 20U);
  for (auto* all : {&theirs, &ours}) std::sort((*all)[kernel].begin(), (*all)[kernel].end());
  EXPECT_EQ(theirs, ours);
}

INSTANTIATE_TEST_SUITE_P(Troubles, Kernel, testing::ValuesIn(kTroubles), name_of);

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

// A device at the end of a link, without a node of its own; it is there to be used again.
TEST_F(Kernel, LeavesADeviceThatIsToStay) {
  folder_.write("scenario.yaml", R"(nodes: { server: { address: 10.77.1.20/24 } }
links:
  cable:
    ends: [ { device: { tap: strata0, address: 10.77.1.1/24, persistent: true } }, server ]
)");
  const CommandResult result = in_namespace(R"(for again in 1 2; do
$STRATA live scenario.yaml --for 100s -q >run.txt & strata=$!
# The second time its address and its route are there already: what answers is strata alone.
for i in $(seq 20); do ping -q -c 1 -W 1 10.77.1.20 >ping.txt 2>&1 && break; sleep 0.2; done
grep -o '[0-9]* received' ping.txt
$STRATA live scenario.yaml --for 1s --json; echo "second $?"
kill -TERM $strata; wait $strata; echo "strata exit $?"
ip -o link | grep -c strata0
done)");
  const std::string once = "1 received\nsecond 2\nstrata exit 0\n1\n";
  EXPECT_EQ(result.out, once + once);
  EXPECT_THAT(result.err, HasSubstr("cannot open TAP device strata0: another process holds it"));
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
  live(Network{.trouble = kTroubles[2], .options = "--record visit.live"},
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

// A slow reader's connection cannot close in time. Its program must not wait for ever for a host
// that is gone; what was recorded ends the same way.
TEST_F(Kernel, HearsOfConnectionsThatAreOpenAtTheEnd) {
  folder_.write("scenario.yaml", scenario_of({}));
  const CommandResult result = in_namespace(R"(
$STRATA live scenario.yaml --for 100s --json --record visit.live >run.json & strata=$!
for i in $(seq 400); do ip route | grep -q 10.77.2.0/24 && break; sleep 0.05; done
curl -s --limit-rate 10k --max-time 100 -o got http://10.77.2.20/bytes/100000000 & curl=$!
sleep 2
kill -INT $strata
wait $strata; echo "strata exit $?"
wait $curl; echo "curl exit $?"
$STRATA run visit.live --json >again.json; echo "again $?")");
  // 56: "Failure in receiving network data".
  EXPECT_EQ(result.out, "strata exit 0\ncurl exit 56\nagain 0\n") << result.err;
  run = nlohmann::json::parse(file("run.json"));
  EXPECT_EQ(run["live"]["left_open"], 1);
  const auto again = nlohmann::json::parse(file("again.json"));
  EXPECT_EQ(again["fingerprint"], run["fingerprint"]);
  EXPECT_EQ(again["tcp"], run["tcp"]);
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

// An ordinary user, where the control device is open to all, as udev makes it.
constexpr const char* kOrdinaryUser = R"(
mount -t tmpfs none /dev/net && mknod -m 666 /dev/net/tun c 10 200
user="setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all"
)";

TEST_F(Kernel, IsAskedForTheMissingCapabilityByName) {
  const auto complaint = [&](const std::string& device, const std::string& commands = {}) {
    folder_.write("scenario.yaml", scenario_of({.device = device}));
    std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
    const CommandResult result =
        in_namespace(kOrdinaryUser + commands + "$user $STRATA live scenario.yaml --json; echo $?");
    EXPECT_EQ(result.out, "2\n");
    EXPECT_EQ(split_lines(result.err).size(), 1U) << result.err;
    return result.err;
  };
  const std::string setcap =
      fmt::format("cap_net_admin,cap_net_raw+ep {}'", strata_binary().string());
  EXPECT_THAT(complaint("tap: strata0"),
              testing::AllOf(HasSubstr("CAP_NET_ADMIN"), HasSubstr("'sudo setcap " + setcap)));
  EXPECT_THAT(complaint("pcap: lo"),
              testing::AllOf(HasSubstr("CAP_NET_RAW"), HasSubstr("'sudo setcap " + setcap)));
  EXPECT_THAT(complaint("tap: strata0, netns: other", "ip netns add other\n"),
              testing::AllOf(HasSubstr("CAP_SYS_ADMIN"),
                             HasSubstr("'sudo setcap cap_sys_admin," + setcap)));
  EXPECT_THAT(complaint("tap: strata0", "chmod 600 /dev/net/tun\n"),
              HasSubstr("you may not open /dev/net/tun"));
}

// An ordinary user whose program has the capabilities of the line that it is told, and of which
// nothing is left when the device is open. Of root's, files of others may still be written:
// captures get their names at the end.
TEST_F(Kernel, GivesUpWhatItNeededToOpenTheDevice) {
  folder_.write("scenario.yaml", scenario_of({}));
  std::filesystem::permissions(folder_.path(), std::filesystem::perms::all);
  const CommandResult result = in_namespace(std::string{kOrdinaryUser} + R"(
cp $STRATA own && setcap cap_net_admin,cap_net_raw+ep own
for start in "$user ./own" "$STRATA"; do
  $start live scenario.yaml --for 100s -q --pcap captures >run.txt & strata=$!
  for i in $(seq 100); do ip route | grep -q 10.77.2.0/24 && break; sleep 0.05; done
  ping -q -c 1 -W 5 10.77.2.20 | grep -o '[0-9]* received'
  sed -n 's/Cap\(Inh\|Prm\|Eff\):\t/\1 /p; s/NoNewPrivs:\t/none new /p' /proc/$strata/status
  kill -INT $strata; wait $strata; echo "strata exit $?"
  ip -o link | grep -c strata0; ls captures | wc -l
done)");
  const auto lines = [](const std::string& kept) {
    return fmt::format("1 received\nInh {0}\nPrm {1}\nEff {1}\nnone new 1\nstrata exit 0\n0\n4\n",
                       "0000000000000000", kept);
  };
  const std::string files = "0000000000000002";  // CAP_DAC_OVERRIDE
  EXPECT_EQ(result.out, lines("0000000000000000") + lines(files)) << result.err;
}

}  // namespace
}  // namespace strata::test
