// SPDX-License-Identifier: MIT
// The programs that live on single packets: ping, traceroute, udp-source and udp-sink, query, game
// and call; and the arithmetic they share.
#include "stack/application/program_support.h"
#include "tests/application/harness.h"

namespace strata::application {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

using From = test::TwoHosts::From;

class DatagramPrograms : public ProgramTest {};

// ---- ping, traceroute --------------------------------------------------------------------------

TEST_F(DatagramPrograms, PingPrintsAsPingDoes) {
  on_client("ping", {{"to", "server"}, {"count", std::int64_t{2}}});
  hosts.run_for(5s);
  // The first request waits for ARP: 2 ms there and back, and 2 ms more.
  EXPECT_THAT(log.lines,
              ElementsAre("PING server (10.0.0.2) 56(84) bytes of data.",
                          "64 bytes from 10.0.0.2: icmp_seq=1 ttl=64 time=4.00 ms",
                          "64 bytes from 10.0.0.2: icmp_seq=2 ttl=64 time=2.00 ms",
                          "--- server ping statistics ---",
                          "2 packets transmitted, 2 received, 0% packet loss, time 1002ms",
                          "rtt min/avg/max/mdev = 2.000/3.000/4.000/0.500 ms"));
  EXPECT_EQ(client("ping.sent"), 2);
  EXPECT_EQ(client("ping.received"), 2);
  EXPECT_EQ(client("ping.lost"), 0);
  EXPECT_EQ(client("ping.rtt-max"), 4'000'000);
  EXPECT_TRUE(hosts.client.is_idle());
}

TEST_F(DatagramPrograms, PingCountsWhatIsLost) {
  int from_server = 0;
  hosts.set_frame_hook([&](From from, Packet&) {
    return from != From::server || ++from_server != 3;  // ARP, first answer, second answer
  });
  on_client("ping", {{"to", "10.0.0.2"}, {"interval", Duration(100ms)}});
  hosts.run_for(5s);
  EXPECT_EQ(client("ping.received"), 3);
  EXPECT_EQ(client("ping.lost"), 1);
  EXPECT_THAT(log.lines, Contains(HasSubstr("4 packets transmitted, 3 received, 25% packet loss")));
}

TEST_F(DatagramPrograms, PingTellsThatNobodyIsThere) {
  on_client("ping", {{"to", "10.0.0.99"}, {"count", std::int64_t{1}}, {"timeout", Duration(10s)}});
  hosts.run_for(20s);
  EXPECT_EQ(client("ping.received"), 0);
  EXPECT_EQ(client("ping.errors"), 1);
  EXPECT_THAT(log.lines, Contains("From 10.0.0.1 icmp_seq=1 Destination Host Unreachable"));
  EXPECT_TRUE(hosts.client.is_idle());
}

TEST_F(DatagramPrograms, TracerouteReachesTheDestination) {
  on_client("traceroute", {{"to", "server"}});
  hosts.run_for(5s);
  EXPECT_THAT(log.lines,
              ElementsAre("traceroute to server (10.0.0.2), 30 hops max, 60 byte packets",
                          " 1  10.0.0.2  4.000 ms  2.000 ms  2.000 ms"));
  EXPECT_EQ(client("traceroute.hops"), 1);
  EXPECT_EQ(client("traceroute.reached"), 1);
}

TEST_F(DatagramPrograms, TracerouteMarksProbesWithoutAnAnswer) {
  int from_server = 0;
  hosts.set_frame_hook([&](From from, Packet&) {
    return from != From::server || ++from_server != 3;  // ARP, first answer, second answer
  });
  on_client("traceroute", {{"to", "server"}});
  hosts.run_for(5s);
  EXPECT_THAT(log.lines, Contains(" 1  10.0.0.2  4.000 ms  *  2.000 ms"));
}

// ---- constant bit rate -------------------------------------------------------------------------

TEST_F(DatagramPrograms, UdpSourceKeepsItsRate) {
  on_server("udp-sink", {{"listen", std::int64_t{5000}}});
  on_client("udp-source", {{"to", "server:5000"}});  // 1 Mbit/s of 1000 B for 1 s
  hosts.run_for(3s);
  EXPECT_EQ(client("udp-source.datagrams"), 125);
  EXPECT_EQ(server("udp-sink.received"), 125'000);
  EXPECT_EQ(server("udp-sink.lost"), 0);
  EXPECT_EQ(server("udp-sink.latency-min"), 1'000'000);
}

TEST_F(DatagramPrograms, UdpSinkFindsGaps) {
  int from_client = 0;
  hosts.set_frame_hook([&](From from, Packet&) {
    if (from != From::client) return true;
    ++from_client;
    return from_client != 5 && from_client != 7;
  });
  on_server("udp-sink", {{"listen", std::int64_t{5000}}});
  on_client("udp-source", {{"to", "server:5000"}, {"count", std::int64_t{20}}});
  hosts.run_for(3s);
  EXPECT_EQ(server("udp-sink.datagrams"), 18);
  EXPECT_EQ(server("udp-sink.lost"), 2);
  EXPECT_EQ(server("udp-sink.reordered"), 0);
}

TEST(SequenceTracker, TellsLossFromDisorderAndDuplicates) {
  using Verdict = SequenceTracker::Verdict;
  SequenceTracker tracker;
  EXPECT_EQ(tracker.add(0), Verdict::in_order);
  EXPECT_EQ(tracker.add(3), Verdict::in_order);
  EXPECT_EQ(tracker.lost(), 2U);
  EXPECT_EQ(tracker.add(1), Verdict::late);
  EXPECT_EQ(tracker.add(1), Verdict::duplicate);
  EXPECT_EQ(tracker.add(3), Verdict::duplicate);
  EXPECT_EQ(tracker.lost(), 1U);
  EXPECT_EQ(tracker.reordered(), 1U);
  EXPECT_EQ(tracker.duplicates(), 2U);
}

TEST(SequenceTracker, SurvivesJumpsOfAnySize) {
  SequenceTracker tracker;
  EXPECT_EQ(tracker.add(std::uint64_t{1} << 40), SequenceTracker::Verdict::in_order);
  EXPECT_EQ(tracker.add(5), SequenceTracker::Verdict::duplicate);  // too long ago to tell
  EXPECT_EQ(tracker.add((std::uint64_t{1} << 40) - 1), SequenceTracker::Verdict::late);
}

TEST(Stamp, ReadsBackWhatItWroteAndNothingElse) {
  std::array<std::uint8_t, Stamp::kBytes> octets{};
  Stamp{.sequence = 7, .sent = kStart + 3ms}.store(octets);
  const auto stamp = Stamp::load(octets);
  ASSERT_TRUE(stamp);
  EXPECT_EQ(stamp->sequence, 7U);
  EXPECT_EQ(stamp->sent, kStart + 3ms);
  EXPECT_FALSE(Stamp::load(Bytes(octets).first(15)));
  octets.fill(0xff);
  EXPECT_FALSE(Stamp::load(octets));
}

TEST(Pacer, IsExactInTheLongRun) {
  Pacer pacer(kStart, 1000, 7'000'000);  // 1142857.142857... ns each
  for (int i = 0; i < 7'000; ++i) pacer.advance();
  EXPECT_EQ(pacer.next(), kStart + 8s);
}

TEST(PingTimes, HaveThreeSignificantDigits) {
  EXPECT_EQ(ping_milliseconds(45us), "0.045");
  EXPECT_EQ(ping_milliseconds(1234us), "1.23");
  EXPECT_EQ(ping_milliseconds(20143us), "20.1");
  EXPECT_EQ(ping_milliseconds(9996us), "10.0");
  EXPECT_EQ(ping_milliseconds(123456us), "123");
  EXPECT_EQ(three_decimals(20143us), "20.143");
}

TEST(Lists, AreSeparatedByCommasOrBlanks) {
  EXPECT_THAT(split_list("a, b  c,d"), ElementsAre("a", "b", "c", "d"));
  EXPECT_TRUE(split_list(" , ").empty());
}

// ---- query -------------------------------------------------------------------------------------

TEST_F(DatagramPrograms, QueryIsAnsweredByName) {
  on_server("query-server", {});
  on_client("query-client", {{"to", "server:53"}, {"names", "client, nobody"}});
  hosts.settle();
  EXPECT_EQ(client("query-client.replies"), 2);
  EXPECT_EQ(client("query-client.retries"), 0);
  EXPECT_EQ(server("query-server.found"), 1);
  EXPECT_EQ(server("query-server.not-found"), 1);
  EXPECT_THAT(log.lines, ElementsAre("client is 10.0.0.1 (4 ms)", "nobody is not found (2 ms)"));
}

TEST_F(DatagramPrograms, QueryIsRepeatedWithDoublingTimeouts) {
  int from_client = 0;
  hosts.set_frame_hook([&](From from, Packet&) {
    if (from != From::client) return true;
    ++from_client;
    return from_client != 2 && from_client != 3;  // ARP request, then two questions
  });
  on_server("query-server", {});
  on_client("query-client", {{"to", "server:53"}, {"names", "client"}});
  hosts.run_for(10s);
  EXPECT_EQ(client("query-client.retries"), 2);
  EXPECT_EQ(client("query-client.replies"), 1);
  // 1 s and 2 s of waiting in vain, then 2 ms.
  EXPECT_THAT(log.lines, ElementsAre("client is 10.0.0.1 (3.002 s)"));
}

TEST_F(DatagramPrograms, QueryGivesUpInTheEnd) {
  on_client("query-client", {{"to", "server:53"}, {"names", "client"}});
  hosts.run_for(60s);
  EXPECT_EQ(client("query-client.unanswered"), 1);
  EXPECT_EQ(client("query-client.retries"), 3);
  EXPECT_TRUE(hosts.client.is_idle());
}

// ---- game, call --------------------------------------------------------------------------------

TEST_F(DatagramPrograms, GameExchangesStatesBothWays) {
  on_server("game", {{"listen", std::int64_t{5000}}, {"to", "client:5000"}, {"for", Duration(1s)}});
  on_client("game", {{"listen", std::int64_t{5000}}, {"to", "server:5000"}, {"for", Duration(1s)}});
  hosts.run_for(5s);
  EXPECT_EQ(client("game.sent"), 20);
  EXPECT_EQ(client("game.received"), 20);
  EXPECT_EQ(server("game.received"), 20);
  EXPECT_EQ(client("game.stale"), 0);
  EXPECT_TRUE(hosts.client.is_idle());
  EXPECT_TRUE(hosts.server.is_idle());
}

TEST_F(DatagramPrograms, CallPlaysWhatComesInTime) {
  on_server("call", {{"listen", std::int64_t{5000}}, {"for", Duration(1s)}});
  on_client("call", {{"listen", std::int64_t{5000}}, {"to", "server:5000"}, {"for", Duration(1s)}});
  hosts.run_for(5s);
  EXPECT_EQ(client("call.sent"), 50);
  EXPECT_EQ(server("call.received"), 50);
  EXPECT_EQ(server("call.played"), 50);
  EXPECT_EQ(server("call.late"), 0);
  EXPECT_EQ(server("call.lost"), 0);
}

TEST_F(DatagramPrograms, CallCountsFramesThatAreLost) {
  int from_client = 0;
  hosts.set_frame_hook(
      [&](From from, Packet&) { return from != From::client || ++from_client % 10 != 5; });
  on_server("call", {{"listen", std::int64_t{5000}}, {"for", Duration(1s)}});
  on_client("call", {{"listen", std::int64_t{5000}}, {"to", "server:5000"}, {"for", Duration(1s)}});
  hosts.run_for(5s);
  EXPECT_EQ(server("call.played") + server("call.lost"), 50);
  EXPECT_EQ(server("call.lost"), 5);
}

}  // namespace
}  // namespace strata::application
