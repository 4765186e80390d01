// SPDX-License-Identifier: MIT
#include <gtest/gtest.h>

#include <string>

#include "stack/application/script.h"

namespace strata::application::script {
namespace {

Call parsed(std::string_view text) {
  auto call = parse_call(text);
  EXPECT_TRUE(call) << text << ": " << (call ? "" : call.error().message);
  return call.value_or(Call{});
}
Expectation expected(std::string_view text) {
  const Call call = parsed(text);
  EXPECT_TRUE(call.expectation) << text;
  return call.expectation.value_or(Expectation{});
}

TEST(ScriptParser, ReadsSockets) {
  const Call stream = parsed("s = socket stream");
  EXPECT_EQ(stream.verb, Verb::socket);
  EXPECT_EQ(stream.result, "s");
  EXPECT_EQ(stream.type, socket::Type::stream);
  EXPECT_EQ(parsed("u = socket datagram").type, socket::Type::datagram);
}

TEST(ScriptParser, ReadsBindToAnAddressOrToAny) {
  const Call named = parsed("bind s 10.0.1.10:5000");
  EXPECT_EQ(named.verb, Verb::bind);
  EXPECT_EQ(named.socket, "s");
  EXPECT_EQ(named.address.host, "10.0.1.10");
  EXPECT_EQ(named.address.port, 5000);
  EXPECT_EQ(parsed("bind s *:5000").address.host, "");
  EXPECT_EQ(parsed("bind s [2001:db8::1]:80").address.host, "2001:db8::1");
}

TEST(ScriptParser, ReadsListenWithAndWithoutABacklog) {
  EXPECT_EQ(parsed("listen s 7").count, 7U);
  EXPECT_EQ(parsed("listen s").count, 5U);
}

TEST(ScriptParser, ReadsAcceptAndWhomItExpects) {
  const Call call = parsed("c = accept s -> connection from 10.0.1.10:*");
  EXPECT_EQ(call.verb, Verb::accept);
  EXPECT_EQ(call.result, "c");
  EXPECT_EQ(call.socket, "s");
  ASSERT_TRUE(call.expectation && call.expectation->from);
  EXPECT_EQ(call.expectation->from->host, "10.0.1.10");
  EXPECT_TRUE(call.expectation->from->is_any_port);
}

TEST(ScriptParser, ReadsConnect) {
  const Call call = parsed("connect s server:80");
  EXPECT_EQ(call.verb, Verb::connect);
  EXPECT_EQ(call.address.host, "server");
  EXPECT_EQ(call.address.port, 80);
  EXPECT_EQ(expected("connect s server:80 -> ok").kind, Expectation::Kind::ok);
  const Expectation refused = expected("connect s server:80 -> ECONNREFUSED");
  EXPECT_EQ(refused.kind, Expectation::Kind::error);
  EXPECT_EQ(refused.error, Errc::connection_refused);
  EXPECT_EQ(refused.written, "ECONNREFUSED");
}

TEST(ScriptParser, ReadsWhatToSend) {
  EXPECT_EQ(parsed(R"(send s "GET / HTTP/1.0\r\n\r\n")").data, "GET / HTTP/1.0\r\n\r\n");
  EXPECT_EQ(expected(R"(send s "hello" -> 5)").number, 5);
  EXPECT_EQ(parsed("send s 5000 bytes").data.size(), 5000U);
  EXPECT_EQ(parsed("send s 2 kB").data.size(), 2000U);
  EXPECT_EQ(parsed("send s 2KiB").data.size(), 2048U);
  EXPECT_EQ(parsed("send s 1.5 kB").data.size(), 1500U);
}

TEST(ScriptParser, ResolvesEveryEscape) {
  EXPECT_EQ(parsed(R"(send s "\r\n\t\0\"\\\x41\xfF")").data, std::string("\r\n\t\0\"\\A\xff", 8));
}

TEST(ScriptParser, KeepsBlanksAndArrowsInStrings) {
  const Call call = parsed(R"(  send s "a -> b"  -> 6  )");
  EXPECT_EQ(call.data, "a -> b");
  EXPECT_EQ(call.written, R"(send s "a -> b"  -> 6)");
  ASSERT_TRUE(call.expectation);
  EXPECT_EQ(call.expectation->number, 6);
  EXPECT_EQ(call.expectation->written, "6");
}

TEST(ScriptParser, ReadsHowMuchToReceive) {
  EXPECT_FALSE(parsed("recv s").is_exact);
  const Call exact = parsed("recv s 1000 bytes");
  EXPECT_TRUE(exact.is_exact);
  EXPECT_EQ(exact.count, 1000U);
  const Call most = parsed("recv s at most 100 bytes");
  EXPECT_FALSE(most.is_exact);
  EXPECT_EQ(most.count, 100U);
  EXPECT_TRUE(parsed("recv s until close").is_until_close);
}

TEST(ScriptParser, ReadsWhatIsExpectedToArrive) {
  const Expectation text = expected(R"(recv s -> "a b")");
  EXPECT_EQ(text.kind, Expectation::Kind::text);
  EXPECT_EQ(text.text, "a b");
  const Expectation part = expected(R"(recv s until close -> contains "200 OK")");
  EXPECT_EQ(part.kind, Expectation::Kind::contains);
  EXPECT_EQ(part.text, "200 OK");
  const Expectation size = expected("recv s -> 100 bytes");
  EXPECT_EQ(size.kind, Expectation::Kind::number);
  EXPECT_EQ(size.number, 100);
  EXPECT_EQ(expected("recv s -> 0").number, 0);
}

TEST(ScriptParser, ReadsDatagramCalls) {
  const Call send = parsed(R"(sendto s "ping" server:53)");
  EXPECT_EQ(send.verb, Verb::sendto);
  EXPECT_EQ(send.data, "ping");
  EXPECT_EQ(send.address.port, 53);
  const Expectation pong = expected(R"(recvfrom s -> "pong" from server:53)");
  EXPECT_EQ(pong.text, "pong");
  ASSERT_TRUE(pong.from);
  EXPECT_EQ(pong.from->host, "server");
  const Expectation sized = expected("recvfrom s -> 4 bytes from *:53");
  EXPECT_EQ(sized.number, 4);
  EXPECT_TRUE(sized.from && sized.from->host.empty());
  EXPECT_EQ(expected("recvfrom s -> 4 from *:*").number, 4);
}

TEST(ScriptParser, ReadsShutdownAndClose) {
  EXPECT_EQ(parsed("shutdown s read").how, socket::How::read);
  EXPECT_EQ(parsed("shutdown s write").how, socket::How::write);
  EXPECT_EQ(parsed("shutdown s both").how, socket::How::both);
  EXPECT_EQ(parsed("close s").verb, Verb::close);
}

TEST(ScriptParser, ReadsPauses) {
  EXPECT_EQ(parsed("sleep 10 ms").duration, 10ms);
  EXPECT_EQ(parsed("sleep 1.5s").duration, 1500ms);
  const Call until = parsed("sleep until 2 s");
  EXPECT_TRUE(until.is_absolute);
  EXPECT_EQ(until.duration, 2s);
}

TEST(ScriptParser, ReadsOptionsOfEveryKind) {
  const Call no_delay = parsed("set s no-delay on");
  EXPECT_EQ(no_delay.option, socket::Option::no_delay);
  EXPECT_EQ(no_delay.value, socket::OptionValue(true));
  EXPECT_EQ(parsed("set s reuse-address off").value, socket::OptionValue(false));
  EXPECT_EQ(parsed("set s send-buffer 64 kB").value, socket::OptionValue(std::int64_t{64'000}));
  EXPECT_EQ(parsed("set s ttl 3").value, socket::OptionValue(std::int64_t{3}));
  EXPECT_EQ(parsed("set s linger 2 s").value, socket::OptionValue(Duration(2s)));
  EXPECT_EQ(parsed("set s linger off").value, socket::OptionValue(false));
}

TEST(ScriptParser, ReadsTryAndWithin) {
  EXPECT_TRUE(parsed("try recv s -> EAGAIN").is_try);
  EXPECT_TRUE(parsed("c = try accept s").is_try);
  const Call within = parsed("recv s within 100 ms -> ETIMEDOUT");
  EXPECT_EQ(within.within, Duration(100ms));
  ASSERT_TRUE(within.expectation);
  EXPECT_EQ(within.expectation->error, Errc::timed_out);
}

struct Mistake {
  const char* text;
  std::size_t column;
  const char* message;
};

TEST(ScriptParser, SaysWhereAMistakeIsAndHowToMendIt) {
  const Mistake mistakes[] = {
      {"", 1, "a call is missing"},
      {"sned s \"x\"", 1, "there is no call 'sned'"},
      {"s =", 4, "a call is missing"},
      {"socket stream", 1, "the socket needs a name"},
      {"accept s", 1, "the socket needs a name"},
      {"c = close s", 1, "'close' gives no socket"},
      {"1s = socket stream", 1, "'1s' is not a name"},
      {"s = socket", 11, "the type of the socket is missing"},
      {"s = socket seqpacket", 12, "there is no socket type 'seqpacket'"},
      {"bind s", 7, "an address is missing"},
      {"bind s 5000", 8, "'5000' lacks the port"},
      {"bind s :5000", 8, "':5000' lacks the host"},
      {"bind s 10.0.0.1:70000", 17, "'70000' is not a port"},
      {"connect s *:80", 11, "'*' is no host to talk to"},
      {"connect s server:0", 18, "'0' is not a port"},
      {"listen s 0", 10, "'0' is not a backlog"},
      {"send s", 7, "what to send is missing"},
      {"send s \"abc", 8, "the string has no end"},
      {R"(send s "a\q")", 10, "not an escape sequence"},
      {R"(send s "a\x4")", 10, "not an escape sequence"},
      {"send s 5000", 12, "the unit is missing"},
      {"send s 5000 ms", 8, "'5000 ms' is not a number of bytes"},
      {"send s 100 MB", 8, "'100 MB' is not a number of bytes"},
      {"send s 0.5 B", 8, "'0.5 B' is not a number of bytes"},
      {"send \"x\"", 6, "the name of a socket belongs here, not a string"},
      {"sendto s \"x\"", 13, "an address is missing"},
      {"recv s until", 13, "'close' is missing here"},
      {"recv s at 5 bytes", 11, "'most' is missing here"},
      {"recvfrom s 5 bytes", 12, "a datagram comes as a whole"},
      {"recvfrom s until close", 23, "datagrams have no end of stream"},
      {"shutdown s", 11, "which direction to shut is missing"},
      {"shutdown s up", 12, "'up' is no direction"},
      {"close s now", 9, "'now' does not belong here"},
      {"set s nodelay on", 7, "there is no option 'nodelay'"},
      {"set s no-delay 1", 16, "'no-delay' is on or off"},
      {"set s ttl 300", 11, "'300' is not a value of the option"},
      {"set s linger on", 14, "'linger' needs a time"},
      {"setsockopt s SO_ERROR on", 23, "'SO_ERROR' can only be read"},
      {"setsockopt s TCP_CORK maybe", 23, "'cork' is on or off"},
      {"poll s POLLING", 8, "there is no event 'POLLING'"},
      {"poll s", 7, "an event is missing"},
      {"recv s MSG_NONE", 8, "there is no flag 'MSG_NONE'"},
      {"ioctl s FIONREAD", 9, "there is no request 'FIONREAD'"},
      {"fcntl s O_ASYNC on", 9, "'O_NONBLOCK' is missing here"},
      {"recv s -> \"x\" with \"y\"", 20, "'with' tells the ancillary data of recvmsg"},
      {"sleep 10", 9, "the unit is missing"},
      {"sleep ten ms", 7, "'ten' is not a duration"},
      {"try close s", 1, "'close' never waits"},
      {"close s within 1 s", 9, "this call does not wait"},
      {"try recv s within 1 s", 12, "this call does not wait"},
      {"recv s ->", 10, "the expected result is missing"},
      {"recv s -> ECONREFUSED", 11, "'ECONREFUSED' is no result of a call"},
      {"recv s -> contains 5", 20, "what it contains is missing"},
      {"recv s -> 5 from server:80", 13, "this call names no peer"},
      {"recv s -> ok ok", 14, "'ok' does not belong here"},
  };
  for (const Mistake& mistake : mistakes) {
    const auto call = parse_call(mistake.text);
    ASSERT_FALSE(call) << mistake.text;
    EXPECT_EQ(call.error().message, mistake.message) << mistake.text;
    EXPECT_EQ(call.error().column, mistake.column) << mistake.text;
    EXPECT_FALSE(call.error().mend.empty()) << mistake.text;
  }
}

TEST(ScriptParser, NoticesNamesThatWereNeverGiven) {
  NameCheck names;
  EXPECT_FALSE(names.check(parsed("s = socket stream")));
  EXPECT_FALSE(names.check(parsed("listen s")));
  const auto problem = names.check(parsed("send  t \"x\""));
  ASSERT_TRUE(problem);
  EXPECT_EQ(problem->column, 7U);
  EXPECT_EQ(problem->message, "no socket is called 't'");
  EXPECT_FALSE(names.check(parsed("t = accept s")));
  EXPECT_FALSE(names.check(parsed("send t \"x\"")));
}

}  // namespace
}  // namespace strata::application::script
