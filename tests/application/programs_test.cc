// SPDX-License-Identifier: MIT
// The registry, and the programs that move octets: bulk and sink, echo and discard, slow-reader,
// messages, chat.
#include <algorithm>

#include "tests/application/harness.h"

namespace strata::application {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(Programs, AreInAlphabeticalOrderAndFoundByName) {
  const auto all = programs();
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end(),
                             [](const Program& a, const Program& b) { return a.name < b.name; }));
  for (const Program& program : all) EXPECT_EQ(find_program(program.name), &program);
  EXPECT_EQ(find_program("quake"), nullptr);
}

TEST(Programs, ExplainThemselvesAndTheirParameters) {
  for (const Program& program : programs()) {
    EXPECT_TRUE(program.help.ends_with('.')) << program.name;
    EXPECT_NE(program.start, nullptr) << program.name;
    for (const Parameter& parameter : program.parameters) {
      EXPECT_TRUE(parameter.help.ends_with('.')) << program.name << " " << parameter.name;
      EXPECT_FALSE(parameter.required && !parameter.fallback.empty()) << parameter.name;
    }
  }
}

class StreamPrograms : public ProgramTest {};

TEST_F(StreamPrograms, BulkArrivesAsItWasSent) {
  on_server("sink", {{"listen", std::int64_t{5000}}, {"verify", true}});
  on_client("bulk", {{"to", "server:5000"}, {"bytes", std::int64_t{1'000'000}}});
  hosts.run_for(20s);
  EXPECT_EQ(client("bulk.sent"), 1'000'000);
  EXPECT_EQ(server("sink.received"), 1'000'000);
  EXPECT_EQ(server("sink.mismatches"), 0);
  EXPECT_EQ(server("sink.connections"), 1);
  EXPECT_GT(client("bulk.rate"), 0);
  EXPECT_TRUE(hosts.client.is_idle());
  EXPECT_THAT(hosts.server.waiting(), ElementsAre("sink: accept(3)"));
}

TEST_F(StreamPrograms, BulkStopsAfterItsTime) {
  on_server("sink", {{"listen", std::int64_t{5000}}, {"connections", std::int64_t{1}}});
  on_client("bulk", {{"to", "server:5000"}, {"for", Duration(50ms)}});
  hosts.run_for(20s);
  EXPECT_TRUE(hosts.client.is_idle());
  EXPECT_TRUE(hosts.server.is_idle());
  EXPECT_GT(client("bulk.sent"), 0);
  EXPECT_EQ(client("bulk.sent"), server("sink.received"));
}

TEST_F(StreamPrograms, SinkNoticesOctetsThatDiffer) {
  on_server("sink", {{"listen", std::int64_t{5000}}, {"verify", true}});
  on_client("calls", {{"calls",
                       "s = socket stream\nconnect s server:5000\n"
                       "send s \"\\x00\\x01x\\x03\"\nclose s"}});
  hosts.settle();
  EXPECT_EQ(server("sink.received"), 4);
  EXPECT_EQ(server("sink.mismatches"), 1);
}

TEST_F(StreamPrograms, BulkFailsWhereNobodyListens) {
  on_client("bulk", {{"to", "server:5000"}});
  hosts.settle();
  EXPECT_EQ(log.errors["bulk"], "connect to 10.0.0.2:5000: ECONNREFUSED");
  EXPECT_EQ(hosts.client.sockets().open_descriptors(), 0U);
}

TEST_F(StreamPrograms, EchoComesBackOverTcp) {
  on_server("echo-server", {});
  on_client("echo-client", {{"to", "server:7"}, {"count", std::int64_t{3}}, {"message", "hello"}});
  hosts.settle();
  EXPECT_EQ(client("echo-client.replies"), 3);
  EXPECT_EQ(client("echo-client.received"), 15);
  EXPECT_EQ(server("echo-server.received"), 15);
  EXPECT_EQ(client("echo-client.rtt-min"), 2'000'000);  // 1 ms each way
  EXPECT_TRUE(hosts.client.is_idle());
}

TEST_F(StreamPrograms, EchoComesBackOverUdp) {
  on_server("echo-server", {{"protocol", "udp"}});
  on_client("echo-client", {{"to", "server:7"}, {"protocol", "udp"}, {"count", std::int64_t{2}}});
  hosts.settle();
  EXPECT_EQ(client("echo-client.replies"), 2);
  EXPECT_EQ(server("echo-server.datagrams"), 2);
}

TEST_F(StreamPrograms, EchoClientGoesOnAfterALostDatagram) {
  on_server("echo-server", {{"protocol", "udp"}});
  int from_client = 0;
  hosts.set_frame_hook([&](test::TwoHosts::From from, Packet&) {
    return from != test::TwoHosts::From::client || ++from_client != 2;  // after its ARP request
  });
  on_client("echo-client", {{"to", "server:7"},
                            {"protocol", "udp"},
                            {"count", std::int64_t{3}},
                            {"timeout", Duration(100ms)}});
  hosts.run_for(1s);
  EXPECT_EQ(client("echo-client.replies"), 2);
  EXPECT_EQ(client("echo-client.timeouts"), 1);
}

TEST_F(StreamPrograms, DiscardAnswersNothing) {
  on_server("discard-server", {});
  on_client("calls", {{"calls",
                       "s = socket stream\nconnect s server:9\nsend s 3000 bytes\n"
                       "shutdown s write\nrecv s -> 0\nclose s"}});
  hosts.settle();
  EXPECT_EQ(server("discard-server.received"), 3000);
  EXPECT_EQ(client("calls.passed"), 1);
}

TEST_F(StreamPrograms, SlowReaderTakesALittleAtATime) {
  on_server(
      "slow-reader",
      {{"listen", std::int64_t{5000}}, {"bytes", std::int64_t{500}}, {"every", Duration(10ms)}});
  on_client("calls", {{"calls",
                       "s = socket stream\nconnect s server:5000\nsend s 2000 bytes\n"
                       "close s"}});
  hosts.run_for(25ms);
  EXPECT_EQ(server("slow-reader.received"), 1000);
  hosts.run_for(100ms);
  EXPECT_EQ(server("slow-reader.received"), 2000);
  EXPECT_EQ(server("slow-reader.reads"), 4);
  EXPECT_TRUE(hosts.server.is_idle());
}

TEST_F(StreamPrograms, AStreamKeepsNoBoundariesBetweenMessages) {
  on_server("message-reader", {{"listen", std::int64_t{5000}}, {"every", Duration(100ms)}});
  on_client("message-writer", {{"to", "server:5000"}, {"no-delay", true}});
  hosts.run_for(1s);
  EXPECT_EQ(client("message-writer.writes"), 3);
  EXPECT_EQ(server("message-reader.reads"), 1);
  EXPECT_THAT(log.lines, testing::Contains("read 30 bytes: \"message 1.message 2.message 3.\""));
}

TEST_F(StreamPrograms, DatagramsKeepTheBoundariesBetweenMessages) {
  on_server("message-reader",
            {{"listen", std::int64_t{5000}}, {"protocol", "udp"}, {"every", Duration(100ms)}});
  on_client("message-writer", {{"to", "server:5000"}, {"protocol", "udp"}});
  hosts.run_for(1s);
  EXPECT_EQ(server("message-reader.reads"), 3);
  EXPECT_THAT(log.lines, testing::Contains("read 10 bytes: \"message 2.\""));
}

TEST_F(StreamPrograms, ChattersHearEachOther) {
  on_server("chat", {{"listen", std::int64_t{5000}}, {"say", "good day"}});
  on_client("chat", {{"listen", std::int64_t{5000}}, {"peers", "server:5000"}}, kStart + 10ms);
  hosts.run_for(10s);
  EXPECT_EQ(client("chat.sent"), 3);
  EXPECT_EQ(client("chat.received"), 3);
  EXPECT_EQ(server("chat.received"), 3);
  EXPECT_THAT(log.lines, testing::Contains("chat: good day 3"));
  // Only the listeners are left.
  EXPECT_THAT(hosts.client.waiting(), ElementsAre("chat: accept(3)"));
  EXPECT_THAT(hosts.server.waiting(), ElementsAre("chat: accept(3)"));
}

}  // namespace
}  // namespace strata::application
