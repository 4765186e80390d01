// SPDX-License-Identifier: MIT
// What is told when a script does not pass: where, what was expected and what came.
#include <gtest/gtest.h>

#include <string>

#include "sim/packetdrill/runner.h"

namespace strata::packetdrill {
namespace {

const std::string kOpen =
    "--profile=rfc\n"
    "0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
    "+0 bind(3, ..., ...) = 0\n"
    "+0 listen(3, 1) = 0\n"
    "+0 < S 0:0(0) win 10000 <mss 1000>\n"
    "+0 > S. 0:0(0) ack 1 <...>\n"
    "+.1 < . 1:1(0) ack 1 win 10000\n"
    "+0 accept(3, ..., ...) = 4\n";

std::string all(const Report& report) {
  std::string text = report.problem;
  for (const std::string& detail : report.details) text += "\n" + detail;
  return text;
}

TEST(PacketdrillReport, ShowsTheExpectedAndTheSentPacketInTheNotationOfScripts) {
  const Report report = run(kOpen + "+0 write(4, ..., 100) = 100\n+0 > P. 1:90(89) ack 1\n");

  EXPECT_EQ(report.verdict, Verdict::failed);
  EXPECT_EQ(report.at.line, 10);
  EXPECT_EQ(all(report),
            "another packet was sent; it differs in length\n"
            "expected > P. 1:90(89) ack 1\n"
            "sent     > P. 1:101(100) ack 1 win 65535");
}

TEST(PacketdrillReport, NamesEachFieldThatDiffers) {
  const Report report = run(kOpen + "+0 write(4, ..., 10) = 10\n+0 > . 2:12(10) ack 9 win 1 <nop>");

  EXPECT_EQ(report.problem,
            "another packet was sent; it differs in flags, sequence number, acknowledgment number, "
            "window, options");
}

TEST(PacketdrillReport, TellsWhenNothingWasSent) {
  const Report report = run(kOpen + "+.5 > . 1:1(0) ack 2\n");

  EXPECT_EQ(report.verdict, Verdict::failed);
  EXPECT_EQ(all(report),
            "this packet was not sent\n"
            "expected > . 1:1(0) ack 2 at 0.600000 s\n"
            "nothing was sent until 0.604000 s");
}

TEST(PacketdrillReport, TellsWhenAPacketWasSentAtAnotherTime) {
  const Report report = run(kOpen + "+0 write(4, ..., 10) = 10\n+.2 > P. 1:11(10) ack 1\n");

  EXPECT_EQ(report.verdict, Verdict::failed);
  EXPECT_EQ(report.problem, "the packet was sent at another time");
}

TEST(PacketdrillReport, AWiderToleranceForgivesTheTime) {
  const Report report = run("--tolerance_usecs=250000\n" + kOpen +
                            "+0 write(4, ..., 10) = 10\n+.2 > P. 1:11(10) ack 1\n");

  EXPECT_EQ(report.verdict, Verdict::passed) << all(report);
}

// The time-out is after SRTT + max(4 * RTTVAR, 200 ms) = 0.3 s (the profile linux).
TEST(PacketdrillReport, LinuxMayBeOffByAnEighthOfTheTimeSinceTheEventBefore) {
  const std::string open = kOpen.substr(kOpen.find('\n') + 1);
  const std::string sends = "+0 write(4, ..., 100) = 100\n+0 > P. 1:101(100) ack 1\n";
  const std::string again = " > P. 1:101(100) ack 1\n";

  EXPECT_EQ(run(open + sends + "+.34" + again).verdict, Verdict::passed);
  EXPECT_EQ(run(open + sends + "+.27" + again).verdict, Verdict::passed);
  EXPECT_EQ(run(open + sends + "+.35" + again).verdict, Verdict::failed);
  EXPECT_EQ(run(open + sends + "+.26" + again).verdict, Verdict::failed);
  EXPECT_EQ(run("--tolerance_percent=20\n" + open + sends + "+.35" + again).verdict,
            Verdict::passed);
  EXPECT_EQ(run("--tolerance_percent=0\n" + open + sends + "+.34" + again).verdict,
            Verdict::failed);
  EXPECT_EQ(run("--tolerance_percent=many\n" + open).verdict, Verdict::broken);
}

TEST(PacketdrillReport, AnEighthOfTheTimeOfACallAsWell) {
  const std::string open = kOpen.substr(kOpen.find('\n') + 1);
  const std::string arrives = "+.3 < P. 1:101(100) ack 1 win 10000\n";

  EXPECT_EQ(run(open + "+0...0.33 read(4, ..., 100) = 100\n" + arrives).verdict, Verdict::passed);
  EXPECT_EQ(run(open + "+0...0.36 read(4, ..., 100) = 100\n" + arrives).verdict, Verdict::failed);
}

TEST(PacketdrillReport, TellsWhatACallReturned) {
  const Report report = run(kOpen + "+0 read(4, ..., 10) = 5\n");
  const Report other = run(kOpen + "+0 shutdown(9, SHUT_WR) = -1 ENOTCONN (Not connected)\n");

  EXPECT_EQ(report.problem, "read() would wait");
  EXPECT_EQ(other.problem,
            "shutdown() returned something else: expected -1 ENOTCONN, it was -1 EBADF");
}

TEST(PacketdrillReport, TellsWhenACallReturnedAtAnotherTime) {
  const Report report =
      run(kOpen + "+0...0.3 read(4, ..., 10) = 10\n+.1 < P. 1:11(10) ack 1 win 10000\n");

  EXPECT_EQ(report.verdict, Verdict::failed);
  EXPECT_EQ(report.at.line, 9);
  EXPECT_EQ(report.problem, "the call returned at another time");
}

TEST(PacketdrillReport, TellsTheValuesOfAnAssertionThatDoesNotHold) {
  const Report report = run(kOpen + "+0 %{ assert tcpi_snd_mss == 1460, tcpi_snd_mss }%\n");

  EXPECT_EQ(report.verdict, Verdict::failed);
  EXPECT_EQ(report.problem, "tcpi_snd_mss == 1460 does not hold: tcpi_snd_mss = 1000");
}

TEST(PacketdrillReport, ToldApartAreMistakesAndWhatIsNotSupported) {
  const Report mistake = run("0 socket(..., SOCK_STREAM, IPPROTO_TCP = 3\n");
  const Report option = run("--udp_encapsulation=9899\n0 socket(..., SOCK_STREAM, 0) = 3\n");
  const Report call = run("0 sctp_connectx(3, ..., 1) = 0\n");

  EXPECT_EQ(mistake.verdict, Verdict::broken);
  EXPECT_EQ(option.verdict, Verdict::unsupported);
  EXPECT_EQ(option.problem, "TCP over UDP is not supported");
  EXPECT_EQ(call.verdict, Verdict::unsupported);
}

TEST(PacketdrillReport, SaysThatIpv6WasRunOverIpv4) {
  const Report report = run("--ip_version=ipv6\n0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n");

  EXPECT_EQ(report.verdict, Verdict::passed);
  EXPECT_TRUE(report.over_ipv4);
}

TEST(PacketdrillReport, NotesCommandsThatWereNotCarriedOut) {
  const Report report = run("`ethtool -K tun0 tso off`\n");

  ASSERT_EQ(report.notes.size(), 1U);
  EXPECT_EQ(report.notes.front(), "not carried out: ethtool -K tun0 tso off");
}

// A packet may differ from what the script's author saw: that is no pass and no failure.
TEST(PacketdrillReport, WhatMightChangeAPacketAndIsNotKnownIsUnsupported) {
  const auto verdict_of = [](std::string_view command) {
    const Report report = run("0 `" + std::string(command) + "`\n");
    return report.verdict == Verdict::passed ? "passed" : report.problem;
  };

  EXPECT_EQ(verdict_of("sysctl -q net.ipv4.tcp_abort_on_overflow=1"),
            "the kernel variable net.ipv4.tcp_abort_on_overflow = 1");
  EXPECT_EQ(verdict_of("sysctl -w net.inet.tcp.unheard_of=1"),
            "the kernel variable net.inet.tcp.unheard_of = 1");
  EXPECT_EQ(verdict_of("iptables -A INPUT -j DROP"), "the command 'iptables -A INPUT -j DROP'");
  EXPECT_EQ(verdict_of("tc qdisc add dev tun0 root netem delay 10ms"),
            "the command 'tc qdisc add dev tun0 root netem delay 10ms'");
  EXPECT_EQ(verdict_of("ip route change 192.0.2.1 via 192.168.0.2 dev tun0 ssthresh 4"),
            "the command 'ip route change 192.0.2.1 via 192.168.0.2 dev tun0 ssthresh 4'");
  EXPECT_EQ(verdict_of("ip -6 ro change fd::3 via fd::2 dev tun0 mtu lock 1460 rto_min 50ms"),
            "passed");
}

TEST(PacketdrillReport, WhatChangesNoPacketIsLeftOut) {
  for (const std::string_view command :
       {"sysctl -q net.ipv4.tcp_shrink_window=0", "sysctl -q net.ipv4.tcp_min_tso_segs=2",
        "sysctl net.inet.tcp.hostcache.purgenow=1", "sysctl -q net.ipv4.conf.all.rp_filter=0",
        "nstat | grep -q TcpExtBeyondWindow", "ethtool -K tun0 tso off gso off"}) {
    const Report report = run("0 `" + std::string(command) + "`\n");
    EXPECT_EQ(report.verdict, Verdict::passed) << command << ": " << report.problem;
  }
}

// Where the segments of one write are two blocks for a card, PSH stands at the end of the first.
TEST(PacketdrillReport, PshMayStandWhereTheNextSegmentFollowsAtOnce) {
  const Report inside = run(kOpen +
                            "+0 write(4, ..., 3000) = 3000\n"
                            "+0 > . 1:1001(1000) ack 1\n"
                            "+0 > P. 1001:2001(1000) ack 1\n"
                            "+0 > P. 2001:3001(1000) ack 1\n");
  const Report at_the_end = run(kOpen +
                                "+0 write(4, ..., 2000) = 2000\n"
                                "+0 > . 1:1001(1000) ack 1\n"
                                "+0 > . 1001:2001(1000) ack 1\n");

  EXPECT_EQ(inside.verdict, Verdict::passed) << inside.problem;
  EXPECT_EQ(at_the_end.verdict, Verdict::failed);
}

TEST(PacketdrillReport, SegmentsOfDifferentInstantsAreNotMerged) {
  const Report report = run(kOpen +
                            "+0 write(4, ..., 1000) = 1000\n"
                            "+.1 write(4, ..., 1000) = 1000\n"
                            "+0 > P. 1:2001(2000) ack 1\n");

  EXPECT_EQ(report.verdict, Verdict::failed);
}

}  // namespace
}  // namespace strata::packetdrill
