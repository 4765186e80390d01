// SPDX-License-Identifier: MIT
#include "tests/application/harness.h"

namespace strata::application {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class HttpPrograms : public ProgramTest {
 protected:
  // Sends octets on a connection of their own and expects what the answer begins with and contains.
  void ask(const std::string& request, const std::string& expected) {
    on_client("calls",
              {{"calls", "s = socket stream\nconnect s server:80\nsend s \"" + request +
                             "\"\nrecv s until close -> contains \"" + expected + "\"\nclose s"}});
  }
  void expect_answered() {
    EXPECT_EQ(client("calls.passed"), 1);
    for (const ScriptResult& result : hosts.client.script_results()) {
      EXPECT_TRUE(result.passed) << result.call << ": " << result.actual;
    }
  }
};

TEST_F(HttpPrograms, FetchSeveralPagesOnOneConnection) {
  on_server("http-server", {{"pages", "/ 1000, /a 20000, /empty 0"}});
  on_client("http-client", {{"url", "http://server/"}, {"paths", "/, /a, /empty"}});
  hosts.run_for(2s);
  EXPECT_EQ(client("http-client.responses"), 3);
  EXPECT_EQ(client("http-client.status-200"), 3);
  EXPECT_EQ(client("http-client.received"), 21'000);
  EXPECT_EQ(client("http-client.connections"), 1);
  EXPECT_EQ(server("http-server.connections"), 1);
  EXPECT_EQ(server("http-server.requests"), 3);
  EXPECT_TRUE(hosts.client.is_idle());
}

TEST_F(HttpPrograms, FetchEachPageOnAConnectionOfItsOwn) {
  on_server("http-server", {});
  on_client(
      "http-client",
      {{"url", "http://server:80/index.html"}, {"count", std::int64_t{3}}, {"persistent", false}});
  hosts.run_for(5s);
  EXPECT_EQ(client("http-client.responses"), 3);
  EXPECT_EQ(client("http-client.connections"), 3);
  EXPECT_EQ(server("http-server.connections"), 3);
}

TEST_F(HttpPrograms, ServeAPageOfObjectsToBrowsers) {
  on_server("http-server", {});
  ask("GET /objects/30 HTTP/1.0\\r\\n\\r\\n", "length: 30");
  hosts.settle();
  expect_answered();
}

TEST_F(HttpPrograms, FetchABodyLargerThanAnyBuffer) {
  on_server("http-server", {});
  on_client("http-client", {{"url", "http://server/bytes/2000000"}});
  hosts.run_for(20s);
  EXPECT_EQ(client("http-client.received"), 2'000'000);
  EXPECT_EQ(server("http-server.sent"), 2'000'000);
}

TEST_F(HttpPrograms, AskAgainWhenAKeptConnectionWasClosed) {
  on_server("http-server", {{"keep-alive", Duration(100ms)}});
  on_client("http-client",
            {{"url", "http://server/"}, {"count", std::int64_t{2}}, {"pause", Duration(5s)}});
  hosts.run_for(20s);
  EXPECT_EQ(client("http-client.responses"), 2);
  EXPECT_EQ(client("http-client.connections"), 2);
  EXPECT_EQ(client("http-client.errors"), -1);
}

TEST_F(HttpPrograms, ReportWhatTheyDid) {
  on_server("http-server", {});
  on_client("http-client", {{"url", "http://server/missing"}});
  hosts.settle();
  EXPECT_EQ(client("http-client.status-404"), 1);
  EXPECT_EQ(server("http-server.status-404"), 1);
  EXPECT_THAT(log.lines, testing::Contains("GET /missing -> 404"));
  EXPECT_THAT(log.lines, testing::Contains(HasSubstr("GET /missing -> 404 Not Found, 0 bytes in")));
}

// RFC 9112 9.3: HTTP/1.0 closes after the response.
TEST_F(HttpPrograms, ServeHttp10AndClose) {
  on_server("http-server", {{"pages", "/ 3"}});
  ask("GET / HTTP/1.0\\r\\n\\r\\n", "\\r\\n\\r\\n\\x00\\x01\\x02");
  hosts.run_for(3s);
  expect_answered();
}

// RFC 9110 9.3.2: HEAD is GET without the body, with its Content-Length.
TEST_F(HttpPrograms, AnswerHeadWithoutABody) {
  on_server("http-server", {{"pages", "/ 3"}});
  on_client("http-client", {{"url", "http://server/"}, {"method", "HEAD"}});
  hosts.settle();
  EXPECT_EQ(client("http-client.status-200"), 1);
  EXPECT_EQ(client("http-client.received"), 0);
  for (const auto& called : log.calls) {
    if (called.process == "http-server" && called.call.starts_with("send")) {
      EXPECT_THAT(called.data, HasSubstr("Content-Length: 3\r\n"));
      EXPECT_TRUE(called.data.ends_with("\r\n\r\n"));
    }
  }
}

TEST_F(HttpPrograms, AnswerAMalformedRequestWith400) {
  on_server("http-server", {});
  ask("GET / HTTP/1.1\\r\\n\\r\\n", "HTTP/1.1 400 ");  // no Host: RFC 9112 3.2
  hosts.run_for(3s);
  expect_answered();
  EXPECT_EQ(server("http-server.malformed"), 1);
}

TEST_F(HttpPrograms, AnswerAMethodNotAllowedWith405) {
  on_server("http-server", {});
  ask("DELETE / HTTP/1.1\\r\\nHost: server\\r\\nConnection: close\\r\\n\\r\\n",
      "Allow: GET, HEAD\\r\\n");
  hosts.run_for(3s);
  expect_answered();
  EXPECT_EQ(server("http-server.status-405"), 1);
}

TEST_F(HttpPrograms, AnswerAnUnknownMethodWith501) {
  on_server("http-server", {});
  ask("BREW / HTTP/1.1\\r\\nHost: server\\r\\nConnection: close\\r\\n\\r\\n", "HTTP/1.1 501 ");
  hosts.run_for(3s);
  expect_answered();
}

TEST_F(HttpPrograms, AnswerPipelinedRequestsInOrder) {
  on_server("http-server", {{"pages", "/a 1, /b 2"}});
  ask("GET /a HTTP/1.1\\r\\nHost: server\\r\\n\\r\\n"
      "GET /b HTTP/1.1\\r\\nHost: server\\r\\nConnection: close\\r\\n\\r\\n",
      "Connection: close\\r\\n\\r\\n\\x00\\x01");
  hosts.run_for(3s);
  expect_answered();
  EXPECT_EQ(server("http-server.requests"), 2);
}

TEST_F(HttpPrograms, CloseAConnectionThatStaysSilent) {
  on_server("http-server", {{"keep-alive", Duration(200ms)}});
  on_client("calls",
            {{"calls", "s = socket stream\nconnect s server:80\nrecv s within 1 s -> 0\nclose s"}});
  hosts.run_for(2s);
  EXPECT_EQ(client("calls.passed"), 1);
  EXPECT_EQ(server("http-server.timeouts"), 1);
}

// One slow client: the iterative server makes the second wait, the concurrent one does not.
class HttpModes : public HttpPrograms {
 protected:
  std::int64_t time_of_second(const char* mode) {
    on_server("http-server", {{"mode", mode}, {"keep-alive", Duration(1s)}});
    on_client("calls",
              {{"calls", "s = socket stream\nconnect s server:80\nsleep 900 ms\nclose s"}});
    on_client("http-client", {{"url", "http://server/"}}, kStart + 10ms);
    hosts.run_for(5s);
    return client("http-client.time-max");
  }
};

TEST_F(HttpModes, IterativeServesOneConnectionAfterTheOther) {
  EXPECT_GT(time_of_second("iterative"), Duration(800ms).count());
}
TEST_F(HttpModes, ConcurrentServesConnectionsSideBySide) {
  const std::int64_t time = time_of_second("concurrent");
  EXPECT_GT(time, 0);
  EXPECT_LT(time, Duration(50ms).count());
}

}  // namespace
}  // namespace strata::application
