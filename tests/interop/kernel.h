// SPDX-License-Identifier: MIT
// What the tests with the Linux kernel share: `strata live` in a network namespace of its own,
// shell commands beside it, and an end by Ctrl-C.
//
// They need root, /dev/net/tun and some programs; a laptop may skip, continuous integration not.
#pragma once

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/support/command.h"

namespace strata::test {

// What goes wrong between the router and the server, as the key `impair` says it.
struct Trouble {
  const char* name;
  const char* impair;
  int loss_percent = 0;
  const char* delay = "10 ms";
  std::size_t bulk = 10'000'000;  // octets that take a second or two

  // So little that single datagrams nearly always arrive.
  bool loses_little() const { return loss_percent < 10; }
};

// A thousandth of the long frames is damaged.
#define STRATA_TROUBLE                                        \
  "{ reorder: { share: 2 %, by: 3 ms } }, { duplicate: 1 % }" \
  ", { corrupt: { bit-error-rate: 1e-7 } }"

inline constexpr Trouble kNone{"Nothing", ""};
inline constexpr Trouble kTroubles[] = {
    kNone,
    {"NoLoss", STRATA_TROUBLE, 0, "20 ms", 2'000'000},
    {"OnePercentLoss", "{ loss: 1 % }, " STRATA_TROUBLE, 1, "20 ms", 700'000},
    {"TenPercentLoss", "{ loss: 10 % }, " STRATA_TROUBLE, 10, "20 ms", 100'000},
};
#undef STRATA_TROUBLE

inline std::string name_of(const testing::TestParamInfo<Trouble>& info) { return info.param.name; }

// kernel (10.77.1.1) -- router -- server (10.77.2.20), the second link as told.
struct Network {
  Trouble trouble = kNone;
  std::string delay = "10 ms";
  std::string rate = "100 Mbit/s";
  std::string device = "tap: strata0, address: 10.77.1.1/24, gateway: 10.77.1.254";
  std::string processes;  // lines of `processes:` beside the usual servers
  std::string options;    // of `strata live`
};

inline std::string scenario_of(const Network& network) {
  return fmt::format(R"(nodes:
  kernel: {{ device: {{ {} }} }}
  r1:     {{ kind: router, addresses: {{ left: 10.77.1.254/24, right: 10.77.2.254/24 }} }}
  server: {{ address: 10.77.2.20/24, gateway: 10.77.2.254 }}
links:
  cable: {{ ends: [kernel, r1:left], rate: 1 Gbit/s }}
  lossy: {{ ends: [r1:right, server], rate: {}, delay: {}, queue: 1 MB, impair: [ {} ] }}
processes:
  - {{ on: server, run: http-server, listen: 80, keep-alive: 60 s }}
  - {{ on: server, run: echo-server, listen: 7 }}
  - {{ on: server, run: sink, listen: 9 }}
{})",
                     network.device, network.rate, network.delay, network.trouble.impair,
                     network.processes);
}

// What /bytes/N of the simulated server holds, written from its documentation: the numbers 0 to 250
// again and again.
inline std::string counting_bytes(std::size_t size) {
  std::string bytes(size, '\0');
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<char>(i % 251);
  return bytes;
}

class Kernel : public testing::TestWithParam<Trouble> {
 protected:
  void SetUp() override {
    for (const char* program : {"unshare", "ip", "ping", "curl", "socat", "tcpdump", "traceroute",
                                "nmap", "chromium", "setcap"}) {
      if (!has_program(program)) return skip(fmt::format("{} is not installed", program));
    }
    if (::geteuid() != 0) return skip("only root may create TAP devices");
    if (!std::filesystem::exists("/dev/net/tun")) return skip("there is no /dev/net/tun");
  }

  // A shell in a network namespace of its own, where `ip netns` works, too. $STRATA and $PROBE name
  // the programs.
  CommandResult in_namespace(const std::string& commands) {
    const std::string script =
        "mount -t tmpfs none /run && mkdir -p /run/netns && ip link set lo up\n" + commands;
    CommandOptions options;
    options.folder = folder_.path();
    options.environment = {"STRATA=" + strata_binary().string(), "PROBE=" STRATA_INTEROP_PROBE};
    options.limit = std::chrono::milliseconds{240'000};
    CommandResult result =
        run_command({"unshare", "--net", "--mount", "bash", "-c", script}, options);
    EXPECT_FALSE(result.timed_out);
    return result;
  }

  // Runs `commands` while `strata live` runs in the same namespace, and ends it as a user would,
  // with Ctrl-C. What the commands print is `out`; the run's own JSON is `run`. $strata is its
  // process.
  void live(const Network& network, const std::string& commands) {
    folder_.write("scenario.yaml", scenario_of(network));
    const CommandResult result = in_namespace(fmt::format(
        R"($STRATA live scenario.yaml --for 200s --json --pcap captures {} >run.json 2>run.err &
strata=$!
for i in $(seq 400); do
  ip route | grep -q 10.77.2.0/24 && break
  sleep 0.05
done
{}
kill -INT $strata
wait $strata
echo "strata exit $?"
)",
        network.options, commands));
    out = result.out;
    const std::string complaints = file("run.err");
    ASSERT_THAT(out, testing::HasSubstr("strata exit 0")) << out << result.err << complaints;
    EXPECT_EQ(complaints, "");
    run = nlohmann::json::parse(file("run.json"));
    EXPECT_EQ(run["live"]["refused"], 0);
    // RFC 6298 5.5: each time-out doubles the next. A connection has a handful of them, no storm.
    const auto& tcp = run["tcp"];
    EXPECT_LE(tcp["retransmissions"]["timeout"], 60 + 10 * tcp["connections"].get<int>());
    // A last FIN or its ACK is lost one time in five there, and each repeat waits twice as long: a
    // few may still be at it when the run has to end.
    EXPECT_LE(run["live"]["left_open"], network.trouble.loses_little() ? 0 : 10);
  }
  void live(const Trouble& trouble, const std::string& commands) {
    live(Network{.trouble = trouble, .delay = trouble.delay}, commands);
  }

  std::uint64_t octets_of_sink() const {
    for (const nlohmann::json& process : run["processes"]) {
      if (process["name"] == "sink") return process["figures"]["received"];
    }
    return 0;
  }
  std::string file(const std::string& name) const { return read_file(folder_.path() / name); }

  TemporaryFolder folder_;
  std::string out;
  nlohmann::json run;

 private:
  static void skip(const std::string& reason) {
    if (tools_are_required()) FAIL() << reason;
    GTEST_SKIP() << reason;
  }
};

}  // namespace strata::test
