// SPDX-License-Identifier: MIT
#include "stack/application/script.h"

#include "stack/application/scheduler.h"
#include "tests/application/harness.h"

namespace strata::application {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class ScriptTest : public ProgramTest {
 protected:
  void client_calls(const std::string& lines, Instant at = kStart) {
    on_client("calls", {{"calls", lines}}, at);
  }
  void server_calls(const std::string& lines) { on_server("calls", {{"calls", lines}}); }
  // "line N: ACTUAL" of each failed expectation.
  static std::vector<std::string> failures(const host::Host& host) {
    std::vector<std::string> lines;
    for (const ScriptResult& result : host.script_results()) {
      if (result.passed) continue;
      lines.push_back("line " + std::to_string(result.line) + ": " + result.actual);
    }
    return lines;
  }
};

TEST_F(ScriptTest, RunsAConversationOverAStream) {
  server_calls(
      "s = socket stream\n"
      "bind s *:5000\n"
      "listen s 5\n"
      "c = accept s -> connection from client:*\n"
      "recv c 5 bytes -> \"hello\"\n"
      "send c \"world\\r\\n\" -> 7\n"
      "recv c -> 0\n"
      "close c -> ok\n");
  client_calls(
      "s = socket stream\n"
      "connect s server:5000 -> ok\n"
      "send s \"hello\" -> 5\n"
      "recv s -> \"world\\r\\n\"\n"
      "shutdown s write\n"
      "recv s -> 0\n"
      "close s\n");
  hosts.settle();

  EXPECT_THAT(failures(hosts.client), IsEmpty());
  EXPECT_THAT(failures(hosts.server), IsEmpty());
  EXPECT_EQ(client("calls.passed"), 4);
  EXPECT_EQ(server("calls.passed"), 5);
  EXPECT_EQ(client("calls.calls"), 7);
  EXPECT_TRUE(hosts.client.is_idle());
  EXPECT_TRUE(hosts.server.is_idle());
}

TEST_F(ScriptTest, RunsAConversationInDatagrams) {
  server_calls(
      "s = socket datagram\n"
      "bind s *:53\n"
      "recvfrom s -> \"ping\" from 10.0.0.1:4000\n"
      "sendto s \"pong\" client:4000 -> 4\n");
  client_calls(
      "s = socket datagram\n"
      "bind s *:4000\n"
      "sendto s \"ping\" server:53 -> 4\n"
      "recvfrom s -> \"pong\" from server:53\n");
  hosts.settle();
  EXPECT_THAT(failures(hosts.client), IsEmpty());
  EXPECT_THAT(failures(hosts.server), IsEmpty());
  EXPECT_EQ(client("calls.passed"), 2);
}

TEST_F(ScriptTest, ReadsUntilThePeerCloses) {
  server_calls(
      "s = socket stream\nbind s *:80\nlisten s\nc = accept s\n"
      "send c 20000 bytes\nsend c \"the end\"\nclose c\n");
  client_calls(
      "s = socket stream\nconnect s server:80\nrecv s until close -> contains \"the end\"\n");
  hosts.run_for(2s);
  EXPECT_THAT(failures(hosts.client), IsEmpty());
  EXPECT_EQ(client("calls.passed"), 1);
}

TEST_F(ScriptTest, ReportsAFailedExpectationAndGoesOn) {
  client_calls(
      "s = socket stream\n"
      "connect s server:80 -> ok\n"
      "sleep 10 ms\n"
      "close s -> ok\n");
  hosts.settle();

  ASSERT_EQ(hosts.client.script_results().size(), 2U);
  const ScriptResult& failed = hosts.client.script_results()[0];
  EXPECT_FALSE(failed.passed);
  EXPECT_EQ(failed.process, "calls");
  EXPECT_EQ(failed.line, 2);
  EXPECT_EQ(failed.call, "connect s server:80 -> ok");
  EXPECT_EQ(failed.expected, "ok");
  EXPECT_EQ(failed.actual, "ECONNREFUSED");
  EXPECT_TRUE(hosts.client.script_results()[1].passed);
  EXPECT_EQ(client("calls.failed"), 1);
  EXPECT_THAT(log.errors["calls"], HasSubstr("ECONNREFUSED"));
}

TEST_F(ScriptTest, ReportsAnErrorNobodyExpected) {
  client_calls("s = socket stream\nrecv s\n");
  hosts.settle();
  EXPECT_THAT(failures(hosts.client), ElementsAre("line 2: ENOTCONN"));
}

TEST_F(ScriptTest, AcceptsTheErrorItExpects) {
  client_calls("s = socket stream\nconnect s server:80 -> ECONNREFUSED\n");
  hosts.settle();
  EXPECT_THAT(failures(hosts.client), IsEmpty());
  EXPECT_EQ(client("calls.passed"), 1);
}

TEST_F(ScriptTest, ComparesWhatArrivedOctetByOctet) {
  server_calls(
      "s = socket datagram\nbind s *:53\n"
      "recvfrom s -> \"ping\\n\"\n"
      "recvfrom s -> 9 bytes\n"
      "recvfrom s -> \"c\" from client:1\n");
  client_calls(
      "s = socket datagram\nbind s *:4000\nsendto s \"ping\" server:53\n"
      "sendto s \"\\x01\\\"\\n\" server:53\nsendto s \"c\" server:53\n");
  hosts.settle();
  EXPECT_THAT(failures(hosts.server), ElementsAre("line 3: \"ping\" from 10.0.0.1:4000",
                                                  "line 4: \"\\x01\\\"\\n\" from 10.0.0.1:4000",
                                                  "line 5: \"c\" from 10.0.0.1:4000"));
}

TEST_F(ScriptTest, DoesNotWaitWhereItOnlyTries) {
  client_calls(
      "s = socket datagram\n"
      "bind s *:1000\n"
      "try recvfrom s -> EAGAIN\n"
      "l = socket stream\n"
      "listen l\n"
      "c = try accept l -> EAGAIN\n"
      "t = socket stream\n"
      "try connect t server:80 -> EINPROGRESS\n");
  hosts.settle();
  EXPECT_THAT(failures(hosts.client), IsEmpty());
  EXPECT_EQ(client("calls.passed"), 3);
}

TEST_F(ScriptTest, BoundsAWaitByWithin) {
  client_calls("s = socket datagram\nbind s *:1000\nrecvfrom s within 20 ms -> ETIMEDOUT\n");
  hosts.run_for(19ms);
  EXPECT_THAT(hosts.client.waiting(), ElementsAre("calls: recvfrom(3, 65536)"));
  hosts.run_for(2ms);
  EXPECT_EQ(client("calls.passed"), 1);
}

TEST_F(ScriptTest, SleepsForAWhileAndUntilAnInstant) {
  client_calls("sleep 10 ms\nsleep until 30 ms\n", kStart + 5ms);
  hosts.run_for(29ms);
  EXPECT_FALSE(hosts.client.is_idle());
  hosts.run_for(1ms);
  EXPECT_TRUE(hosts.client.is_idle());
}

TEST_F(ScriptTest, SetsOptions) {
  client_calls(
      "s = socket stream\nset s no-delay on -> ok\nset s linger 1 s -> ok\n"
      "set s receive-errors on -> ENOPROTOOPT\n");
  hosts.settle();
  EXPECT_THAT(failures(hosts.client), IsEmpty());
  EXPECT_THAT(log.calls_of("calls"),
              ElementsAre("socket(stream) -> 3", "setsockopt(3, TCP_NODELAY, on) -> 0",
                          "setsockopt(3, SO_LINGER, 1 s) -> 0",
                          "setsockopt(3, IP_RECVERR, on) -> ENOPROTOOPT"));
}

TEST_F(ScriptTest, ReadsOptionsBack) {
  client_calls(
      "s = socket stream\n"
      "setsockopt s SO_RCVBUF 64 kB\n"
      "getsockopt s SO_RCVBUF -> 64 kB\n"
      "getsockopt s TCP_NODELAY -> off\n"
      "getsockopt s SO_RCVTIMEO -> 0 s\n"
      "getsockopt s SO_TYPE -> \"SOCK_STREAM\"\n"
      "setsockopt s TCP_CONGESTION reno\n"
      "getsockopt s TCP_CONGESTION -> reno\n"
      "setsockopt s IP_MTU_DISCOVER probe\n"
      "getsockopt s IP_MTU_DISCOVER -> probe\n"
      "getsockopt s IP_MTU -> ENOTCONN\n"
      "connect s server:81 -> ECONNREFUSED\n"
      "getsockopt s SO_ERROR -> 0\n"
      "try connect s server:81 -> EINPROGRESS\n"
      "poll s POLLIN within 1 s -> s POLLIN|POLLERR|POLLHUP\n"
      "getsockopt s SO_ERROR -> ECONNREFUSED\n"
      "getsockopt s TCP_INFO -> contains \"state CLOSED\"\n"
      "getsockopt s IP_RECVERR -> ENOPROTOOPT\n"
      "getsockopt s TCP_NODELAY -> on\n");
  hosts.settle();
  EXPECT_THAT(failures(hosts.client), ElementsAre("line 19: off"));
}

TEST_F(ScriptTest, PassesFlags) {
  server_calls(
      "l = socket stream\nbind l *:80\nlisten l\nc = accept l\n"
      "recv c at most 2 bytes MSG_PEEK -> \"he\"\n"
      "recv c at most 5 bytes MSG_WAITALL -> \"hello\"\n"
      "recv c MSG_DONTWAIT -> EAGAIN\n");
  client_calls(
      "s = socket stream\nconnect s server:80\nsend s \"he\"\nsleep 100 ms\nsend s \"llo\"\n"
      "sleep 100 ms\n");
  hosts.settle();
  EXPECT_THAT(failures(hosts.server), IsEmpty());
  EXPECT_EQ(server("calls.passed"), 3);
}

TEST_F(ScriptTest, PollsManySockets) {
  server_calls(
      "l = socket stream\nbind l *:80\nlisten l\n"
      "u = socket datagram\nbind u *:53\n"
      "poll l POLLIN u POLLIN within 5 ms -> 0\n"
      "poll l POLLIN u POLLIN -> u POLLIN\n"
      "recv u\n"
      "poll l POLLIN u POLLIN|POLLOUT -> u POLLOUT\n"
      "poll l POLLIN u POLLIN -> l POLLIN\n"
      "c = accept l\n"
      "poll l POLLIN c POLLIN|POLLRDHUP -> c POLLIN|POLLRDHUP\n");
  client_calls(
      "u = socket datagram\nsleep 20 ms\nsendto u \"x\" server:53\nsleep 20 ms\n"
      "s = socket stream\nconnect s server:80\nsleep 20 ms\nclose s\n");
  hosts.settle();
  EXPECT_THAT(failures(hosts.server), IsEmpty());
  EXPECT_EQ(server("calls.passed"), 5);
  EXPECT_THAT(log.calls_of("calls"), testing::Contains("poll(3 POLLIN, 4 POLLIN) -> 0"));
}

TEST_F(ScriptTest, SendsAndReceivesMessagesWithAncillaryData) {
  server_calls(
      "s = socket datagram\nbind s *:53\nset s receive-ttl on\nset s packet-info on\n"
      "recvmsg s -> \"ping\" from client:4000 with \"IP_TTL 9 IP_PKTINFO 10.0.0.2\"\n"
      "recvmsg s -> \"ping\" with \"IP_TTL 9\"\n");
  client_calls(
      "s = socket datagram\nbind s *:4000\nset s receive-errors on\n"
      "sendmsg s \"ping\" to server:53 IP_TTL 9\n"
      "sendmsg s \"ping\" to server:53\n"
      "sendmsg s \"ping\" to server:54 IP_PKTINFO client\n"
      "poll s POLLIN -> s POLLIN|POLLERR\n"
      "recvmsg s MSG_ERRQUEUE -> \"ping\" from server:54 with \"ECONNREFUSED\"\n"
      "recvmsg s MSG_ERRQUEUE -> EAGAIN\n");
  hosts.settle();
  EXPECT_THAT(failures(hosts.client), IsEmpty());
  EXPECT_THAT(failures(hosts.server),
              ElementsAre("line 6: \"ping\" from 10.0.0.1:4000 with \"IP_TTL 64 IP_PKTINFO "
                          "10.0.0.2 eth0\""));
}

TEST_F(ScriptTest, EndsAWaitByTheTimeoutOfTheSocket) {
  client_calls(
      "s = socket datagram\nbind s *:4000\nset s receive-timeout 20 ms\nrecv s -> EAGAIN\n"
      "t = socket stream\nset t send-timeout 1 ms\nconnect t server:80 -> EINPROGRESS\n"
      "set t send-timeout 1 s\nconnect t server:80 -> ECONNREFUSED\n");
  hosts.settle();
  EXPECT_THAT(failures(hosts.client), IsEmpty());
  EXPECT_EQ(client("calls.passed"), 3);
}

TEST_F(ScriptTest, DoesNotWaitOnANonBlockingSocket) {
  server_calls("l = socket stream\nbind l *:80\nlisten l\nc = accept l\nsleep 200 ms\n");
  client_calls(
      "s = socket stream\nset s send-buffer 1 kB\nfcntl s O_NONBLOCK on\n"
      "connect s server:80 -> EINPROGRESS\nconnect s server:80 -> EALREADY\n"
      "poll s POLLOUT -> s POLLOUT\ngetsockopt s SO_ERROR -> 0\n"
      "connect s server:80 -> EISCONN\nrecv s -> EAGAIN\n"
      "send s 5000 bytes -> 1000\nsend s 5000 bytes -> EAGAIN\n"
      "ioctl s SIOCOUTQ -> 1000\ngetpeername s -> server:80\ngetsockname s -> client:*\n");
  hosts.settle();
  EXPECT_THAT(failures(hosts.client), IsEmpty());
}

TEST_F(ScriptTest, WaitsForTheLowWaterMark) {
  server_calls(
      "l = socket stream\nbind l *:80\nlisten l\nc = accept l\nset c receive-low-water 4 bytes\n"
      "recv c -> \"abcd\"\nrecv c -> \"e\"\n");
  client_calls(
      "s = socket stream\nconnect s server:80\nset s no-delay on\nsend s \"ab\"\nsleep 20 ms\n"
      "send s \"cd\"\nsleep 20 ms\nsend s \"e\"\nsleep 20 ms\nclose s\n");
  hosts.settle();
  EXPECT_THAT(failures(hosts.server), IsEmpty());
}

TEST_F(ScriptTest, FailsOnAnUnknownHost) {
  client_calls("s = socket stream\nconnect s nowhere:80\n");
  hosts.settle();
  EXPECT_THAT(failures(hosts.client), ElementsAre("line 2: EHOSTUNREACH"));
}

}  // namespace
}  // namespace strata::application
