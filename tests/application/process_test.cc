// SPDX-License-Identifier: MIT
#include "stack/application/process.h"

#include "tests/application/harness.h"

namespace strata::application {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::uint16_t kPort = 5000;
const Endpoint kServerPort{.address = test::TwoHosts::kServer, .port = kPort};

Task<void> serve_one(Process process, Arguments /*arguments*/) {
  const auto listener = process.socket(socket::Type::stream);
  (void)process.bind(*listener, Endpoint{.port = kPort});
  (void)process.listen(*listener, 5);
  const auto connection = co_await process.accept(*listener);
  const auto request = co_await process.recv(*connection, 100);
  const auto sent = co_await process.send(*connection, "got " + *request);
  process.count("answered", static_cast<std::int64_t>(*sent));
  co_await process.close(*connection);
  co_await process.close(*listener);
}

Task<void> ask_once(Process process, Arguments /*arguments*/) {
  const auto fd = process.socket(socket::Type::stream);
  const auto connected = co_await process.connect(*fd, kServerPort);
  if (!connected) process.fail("connect", connected.error());
  const auto sent = co_await process.send(*fd, "seven!!");
  const auto answer = co_await process.recv_exactly(*fd, 100);
  if (answer) process.print(*answer);
  process.count("sent", static_cast<std::int64_t>(sent.value_or(0)));
  co_await process.close(*fd);
}

class ProcessTest : public ProgramTest {};

TEST_F(ProcessTest, RecordsEveryCallWhenItReturns) {
  run(hosts.server, "server", serve_one);
  run(hosts.client, "client", ask_once, kStart + 10ms);
  hosts.settle();

  EXPECT_THAT(
      log.calls_of("client"),
      ElementsAre("socket(stream) -> 3", "connect(3, 10.0.0.2:5000) -> 0", "send(3, 7 bytes) -> 7",
                  "recv(3, 100, MSG_WAITALL) -> 11", "close(3) -> 0"));
  EXPECT_THAT(log.calls_of("server"),
              ElementsAre("socket(stream) -> 3", "bind(3, *:5000) -> 0", "listen(3, 5) -> 0",
                          "accept(3) -> 4", "recv(4, 100) -> 7", "send(4, 11 bytes) -> 11",
                          "close(4) -> 0", "close(3) -> 0"));
  EXPECT_THAT(log.lines, ElementsAre("got seven!!"));
}

TEST_F(ProcessTest, ShowsTheOctetsACallMoved) {
  run(hosts.server, "server", serve_one);
  run(hosts.client, "client", ask_once, kStart + 10ms);
  hosts.settle();
  std::map<std::string, std::string> data;
  for (const auto& called : log.calls) data[called.call] = called.data;
  EXPECT_EQ(data.at("send(3, 7 bytes)"), "seven!!");
  EXPECT_EQ(data.at("recv(4, 100)"), "seven!!");
  EXPECT_EQ(data.at("accept(3)"), "");
}

TEST_F(ProcessTest, StartsAtItsInstantAndEndsWithItsLastTask) {
  run(hosts.server, "server", serve_one);
  run(hosts.client, "client", ask_once, kStart + 10ms);
  hosts.run_for(9ms);
  EXPECT_FALSE(log.started_at.contains("client"));
  EXPECT_THAT(hosts.client.waiting(), ElementsAre("client: sleep until 10 ms"));
  EXPECT_THAT(hosts.server.waiting(), ElementsAre("server: accept(3)"));
  hosts.settle();
  EXPECT_EQ(log.started_at["client"], kStart + 10ms);
  EXPECT_EQ(log.errors["client"], "");
  EXPECT_TRUE(hosts.client.is_idle());
  EXPECT_THAT(hosts.client.waiting(), IsEmpty());
}

TEST_F(ProcessTest, TellsWhyItFailed) {
  run(hosts.client, "client", ask_once);
  hosts.settle();
  EXPECT_EQ(log.errors["client"], "connect: ECONNREFUSED");
  EXPECT_EQ(client("client.errors"), 1);
}

TEST_F(ProcessTest, CountsFiguresUnderItsName) {
  run(hosts.server, "server", serve_one);
  run(hosts.client, "client", ask_once);
  hosts.settle();
  EXPECT_EQ(client("client.sent"), 7);
  EXPECT_EQ(server("server.answered"), 11);
  EXPECT_EQ(server("server.unheard-of"), -1);
}

Task<void> wait_in_vain(Process process, Arguments /*arguments*/) {
  const auto listener = process.socket(socket::Type::stream);
  (void)process.listen(*listener, 1);
  const auto accepted = co_await process.accept(*listener, process.now() + 5ms);
  const auto datagrams = process.socket(socket::Type::datagram);
  (void)process.bind(*datagrams, Endpoint{.port = 1});
  const auto received = co_await process.recvfrom(*datagrams, 10, process.now() + 5ms);
  const auto readable = co_await process.wait_readable(*datagrams, process.now() + 5ms);
  process.print(to_text(accepted.error()));
  process.print(to_text(received.error()));
  process.print(to_text(readable.error()));
  process.print(to_text(process.now()));
}

TEST_F(ProcessTest, EndsCallsAtTheirDeadline) {
  run(hosts.client, "client", wait_in_vain);
  hosts.settle();
  EXPECT_THAT(log.lines, ElementsAre("ETIMEDOUT", "ETIMEDOUT", "ETIMEDOUT", "15 ms"));
}

Task<void> leave_everything_open(Process process, Arguments /*arguments*/) {
  const auto listener = process.socket(socket::Type::stream);
  (void)process.listen(*listener, 1);
  const auto connection = process.socket(socket::Type::stream);
  (void)process.set_option(*connection, socket::Option::linger, Duration(5s));
  const auto connected = co_await process.connect(*connection, kServerPort);
  process.print(connected ? "connected" : "failed");
}

TEST_F(ProcessTest, ClosesWhatItLeftOpen) {
  run(hosts.server, "server", serve_one);
  run(hosts.client, "client", leave_everything_open);
  hosts.settle();
  EXPECT_THAT(log.lines, ElementsAre("connected"));
  EXPECT_EQ(hosts.client.sockets().open_descriptors(), 0U);
}

Task<void> reader(Process process, socket::Fd fd) {
  const auto received = co_await process.recvfrom(fd, 10);
  process.print(received ? "received" : to_text(received.error()));
}
Task<void> close_under_a_reader(Process process, Arguments /*arguments*/) {
  const auto fd = process.socket(socket::Type::datagram);
  (void)process.bind(*fd, Endpoint{.port = 1});
  process.spawn(reader(process, *fd));
  co_await process.sleep(1ms);
  co_await process.close(*fd);
}

TEST_F(ProcessTest, EndsTheCallsOfOtherTasksOnADescriptorItCloses) {
  run(hosts.client, "client", close_under_a_reader);
  hosts.settle();
  EXPECT_THAT(log.lines, ElementsAre("EBADF"));
  EXPECT_TRUE(hosts.client.is_idle());
}

Task<void> linger(Process process, Arguments /*arguments*/) {
  const auto fd = process.socket(socket::Type::stream);
  const auto connected = co_await process.connect(*fd, kServerPort);
  if (!connected) co_return;
  (void)process.set_option(*fd, socket::Option::linger, Duration(2s));
  const auto sent = co_await process.send(*fd, "last words");
  const Instant before = process.now();
  const auto closed = co_await process.close(*fd);
  process.print(closed && sent ? to_text(process.now() - before) : "failed");
}

TEST_F(ProcessTest, WaitsInCloseForAcknowledgementWhenItLingers) {
  run(hosts.server, "server", serve_one);
  run(hosts.client, "client", linger);
  hosts.settle();
  EXPECT_THAT(log.lines, ElementsAre("2 ms"));  // there and back
}

TEST_F(ProcessTest, StopsLingeringWhenNobodyAcknowledges) {
  run(hosts.server, "server", serve_one);
  run(hosts.client, "client", linger);
  hosts.run_for(20ms);
  ASSERT_THAT(log.lines, ElementsAre("2 ms"));
  log.lines.clear();
  run(hosts.server, "server", serve_one, hosts.now());
  int frames = 0;
  hosts.set_frame_hook([&](test::TwoHosts::From from, Packet&) {
    return from == test::TwoHosts::From::client || ++frames <= 1;  // no more than the SYN-ACK
  });
  run(hosts.client, "client", linger, hosts.now());
  hosts.run_for(10s);
  EXPECT_THAT(log.lines, ElementsAre("2 s"));
}

Task<void> resolve_names(Process process, Arguments /*arguments*/) {
  for (const char* text : {"server:80", "10.9.8.7:1", "*:7", "[2001:db8::1]:443", "nobody:80",
                           "server", "server:http"}) {
    const Result<Endpoint> endpoint = process.resolve_endpoint(text);
    process.print(endpoint ? to_text(*endpoint) : to_text(endpoint.error()));
  }
  co_return;
}

TEST_F(ProcessTest, ResolvesNamesAndLiterals) {
  run(hosts.client, "client", resolve_names);
  hosts.settle();
  EXPECT_THAT(log.lines, ElementsAre("10.0.0.2:80", "10.9.8.7:1", "0.0.0.0:7", "[2001:db8::1]:443",
                                     "EHOSTUNREACH", "EINVAL", "EINVAL"));
}

Task<void> take_turns(Process process, std::string word) {
  for (int i = 0; i < 2; ++i) {
    process.print(word);
    co_await process.yield();
  }
}
Task<void> two_tasks(Process process, Arguments /*arguments*/) {
  process.spawn(take_turns(process, "a"));
  process.spawn(take_turns(process, "b"));
  const std::string own = "main";
  process.print(own);
  co_return;
}

TEST_F(ProcessTest, RunsItsTasksByTurns) {
  run(hosts.client, "client", two_tasks);
  hosts.settle();
  EXPECT_THAT(log.lines, ElementsAre("main", "a", "b", "a", "b"));
}

Task<void> write_much(Process process, Arguments /*arguments*/) {
  const auto fd = process.socket(socket::Type::stream);
  const auto connected = co_await process.connect(*fd, kServerPort);
  const auto sent = co_await process.send(*fd, std::string(3'000'000, 'x'));
  process.print(connected && sent ? std::to_string(*sent) : "failed");
}

Task<void> read_much(Process process, Arguments /*arguments*/) {
  const auto listener = process.socket(socket::Type::stream);
  (void)process.bind(*listener, Endpoint{.port = kPort});
  (void)process.listen(*listener, 5);
  const auto connection = co_await process.accept(*listener);
  const auto all = co_await process.recv_exactly(*connection, 4'000'000);
  process.print(all ? std::to_string(all->size()) : "failed");
}

TEST_F(ProcessTest, SendsAllHoweverSmallTheBuffers) {
  run(hosts.server, "server", read_much);
  run(hosts.client, "client", write_much);
  hosts.run_for(30s);
  EXPECT_THAT(log.lines, ElementsAre("3000000", "3000000"));
}

TEST_F(ProcessTest, MayBeDestroyedInTheMiddleOfACall) {
  run(hosts.server, "server", serve_one);
  run(hosts.client, "client", wait_in_vain);
  hosts.run_for(2ms);
  EXPECT_THAT(hosts.server.waiting(), Contains("server: accept(3)"));
  // The hosts go with the test; a sanitizer would object.
}

}  // namespace
}  // namespace strata::application
