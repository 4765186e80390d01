// SPDX-License-Identifier: MIT
// How connections end: half close, end of stream, reset, linger, TIME-WAIT.
#include "tests/socket/socket_fixture.h"

namespace strata::socket {
namespace {

class Closing : public SocketTest {
 protected:
  static constexpr std::chrono::seconds kTimeWait{60};  // twice the default MSL

  // Rows of the table in `state`.
  static std::size_t count(const Sockets& sockets, std::string_view state) {
    std::size_t rows = 0;
    for (const SocketInfo& row : sockets.table()) rows += row.state == state ? 1U : 0U;
    return rows;
  }
  static bool is_reset(const Packet& frame) {
    const Bytes bytes = frame.bytes();
    return bytes[13] == 0 && bytes[14 + 9] == 6 && (bytes[14 + 20 + 13] & 0x04) != 0;
  }
};

TEST_F(Closing, GivesEndOfStreamAfterTheLastOctet) {
  const Pair pair = establish();
  write(net.c(), pair.client, "bye");
  net.c().close(pair.client, now());
  net.settle();

  EXPECT_EQ(read(net.s(), pair.server), "bye");
  EXPECT_EQ(read(net.s(), pair.server), "");
  EXPECT_EQ(read(net.s(), pair.server), "");
  EXPECT_TRUE(net.s().readiness(pair.server).readable);
}

TEST_F(Closing, HalfCloseLetsTheOtherDirectionGoOn) {
  const Pair pair = establish();
  write(net.c(), pair.client, "question");
  EXPECT_EQ(outcome(net.c().shutdown(pair.client, How::write, now())), "ok");
  net.settle();
  EXPECT_EQ(write(net.c(), pair.client, "more"), "EPIPE");
  EXPECT_EQ(read(net.s(), pair.server), "question");
  EXPECT_EQ(read(net.s(), pair.server), "");
  EXPECT_EQ(write(net.s(), pair.server, "answer"), "6");
  net.settle();

  EXPECT_EQ(read(net.c(), pair.client), "answer");
  EXPECT_EQ(state(net.c(), pair.client), "FIN-WAIT-2");
  EXPECT_EQ(state(net.s(), pair.server), "CLOSE-WAIT");
}

TEST_F(Closing, ShutDownForReadingGivesEndOfStream) {
  const Pair pair = establish();
  EXPECT_EQ(outcome(net.s().shutdown(pair.server, How::read, now())), "ok");

  EXPECT_EQ(read(net.s(), pair.server), "");
  EXPECT_EQ(write(net.s(), pair.server, "still"), "5");
}

TEST_F(Closing, TheSideThatClosesFirstStaysInTimeWait) {
  const Pair pair = establish();
  net.c().close(pair.client, now());
  net.settle();
  net.s().close(pair.server, now());
  net.settle();
  EXPECT_EQ(count(net.c(), "TIME-WAIT"), 1U);
  EXPECT_EQ(net.s().table().size(), 1U);  // the listener

  net.run_for(kTimeWait - std::chrono::seconds{2});
  EXPECT_EQ(count(net.c(), "TIME-WAIT"), 1U);
  net.run_for(std::chrono::seconds{3});
  EXPECT_TRUE(net.c().table().empty());
}

TEST_F(Closing, TimeWaitRowsHaveNoDescriptor) {
  const Pair pair = establish();
  net.c().close(pair.client, now());
  net.s().close(pair.server, now());
  net.settle();

  for (const SocketInfo& row : net.c().table()) EXPECT_EQ(row.fd, -1);
  EXPECT_EQ(open(net.c()), pair.client);
}

TEST_F(Closing, WithLingerZeroSendsAReset) {
  const Pair pair = establish();
  net.c().set_option(pair.client, Option::linger, Duration::zero(), now());
  bool is_reset_seen = false;
  net.set_frame_hook([&](TwoHosts::From from, Packet& frame) {
    is_reset_seen |= from == TwoHosts::From::client && is_reset(frame);
    return true;
  });
  write(net.c(), pair.client, "lost");
  net.c().close(pair.client, now());
  net.settle();

  EXPECT_TRUE(is_reset_seen);
  EXPECT_TRUE(net.c().table().empty());
}

TEST_F(Closing, AResetIsReportedOnceThenEndOfStreamAndBrokenPipe) {
  const Pair pair = establish();
  net.c().set_option(pair.client, Option::linger, Duration::zero(), now());
  net.c().close(pair.client, now());
  net.settle();
  EXPECT_TRUE(net.s().readiness(pair.server).error);

  EXPECT_EQ(read(net.s(), pair.server), "ECONNRESET");
  EXPECT_EQ(read(net.s(), pair.server), "");
  EXPECT_EQ(write(net.s(), pair.server, "x"), "EPIPE");
}

TEST_F(Closing, WithUnreadDataSendsAReset) {
  // verifies RFC 9293 SHLD-3, RFC 2525 2.17
  const Pair pair = establish();
  write(net.s(), pair.server, "never read");
  net.settle();
  net.c().close(pair.client, now());
  net.settle();

  EXPECT_EQ(read(net.s(), pair.server), "ECONNRESET");
}

TEST_F(Closing, WritingToAPeerThatIsGoneIsReset) {
  const Pair pair = establish();
  net.c().close(pair.client, now());
  net.settle();
  EXPECT_EQ(write(net.s(), pair.server, "are you there?"), "14");
  net.settle();

  EXPECT_EQ(net.s().take_error(pair.server), Errc::connection_reset);
  EXPECT_EQ(write(net.s(), pair.server, "x"), "EPIPE");
}

TEST_F(Closing, WithALingerTimeWaitsForTheAcknowledgement) {
  const Pair pair = establish();
  net.c().set_option(pair.client, Option::linger, Duration{std::chrono::seconds{5}}, now());
  write(net.c(), pair.client, "important");
  CountingWatcher watcher;
  net.c().watch(pair.client, &watcher);

  EXPECT_EQ(outcome(net.c().close(pair.client, now())), "EAGAIN");
  EXPECT_EQ(net.c().linger_deadline(pair.client), now() + std::chrono::seconds{5});
  EXPECT_EQ(write(net.c(), pair.client, "x"), "EBADF");
  net.settle();
  EXPECT_GE(watcher.calls[pair.client], 1);
  EXPECT_EQ(outcome(net.c().close(pair.client, now())), "ok");
  EXPECT_EQ(outcome(net.c().close(pair.client, now())), "EBADF");
  EXPECT_EQ(read(net.s(), pair.server), "important");
}

TEST_F(Closing, LingersNoLongerThanItsTime) {
  const Pair pair = establish();
  net.c().set_option(pair.client, Option::linger, Duration{std::chrono::seconds{2}}, now());
  net.set_frame_hook([](auto, Packet&) { return false; });
  write(net.c(), pair.client, "into the void");
  EXPECT_EQ(outcome(net.c().close(pair.client, now())), "EAGAIN");
  net.run_for(std::chrono::milliseconds{1999});
  EXPECT_EQ(outcome(net.c().close(pair.client, now())), "EAGAIN");
  net.run_for(std::chrono::milliseconds{1});

  EXPECT_EQ(outcome(net.c().close(pair.client, now())), "ok");
}

TEST_F(Closing, WithALingerTimeAndNothingToSendStillWaitsForTheFin) {
  const Pair pair = establish();
  net.c().set_option(pair.client, Option::linger, Duration{std::chrono::seconds{5}}, now());

  EXPECT_EQ(outcome(net.c().close(pair.client, now())), "EAGAIN");
  net.settle();
  EXPECT_EQ(outcome(net.c().close(pair.client, now())), "ok");
}

TEST_F(Closing, DuringTheHandshakeGivesUp) {
  const Fd fd = connect();
  net.c().close(fd, now());
  net.settle();

  EXPECT_TRUE(net.c().table().empty());
}

TEST_F(Closing, OfAFreshSocketFreesItsPort) {
  const Fd fd = open(net.c());
  net.c().bind(fd, {{}, 80});
  net.c().close(fd, now());

  const Fd again = open(net.c());
  EXPECT_EQ(outcome(net.c().bind(again, {{}, 80})), "ok");
}

// ---- TIME-WAIT and the port ----

class TimeWait : public Closing {
 protected:
  // The server closes first: its port 80 is in TIME-WAIT and nobody listens any more.
  void leave_time_wait_at_server(bool with_reuse) {
    const Fd listener = open(net.s());
    net.s().set_option(listener, Option::reuse_address, with_reuse, now());
    net.s().bind(listener, {{}, 80});
    net.s().listen(listener, 5, now());
    const Fd client = open(net.c());
    net.c().bind(client, {{}, 5555});
    EXPECT_EQ(outcome(net.c().connect(client, kServerAt80, now())), "EINPROGRESS");
    net.settle();
    const Fd server = net.s().accept(listener, now()).value();
    net.s().close(server, now());
    net.settle();
    net.c().close(client, now());
    net.s().close(listener, now());
    net.settle();
    EXPECT_EQ(count(net.s(), "TIME-WAIT"), 1U);
    EXPECT_TRUE(net.c().table().empty());
  }
  std::string bind_again(bool with_reuse) {
    const Fd fd = open(net.s());
    net.s().set_option(fd, Option::reuse_address, with_reuse, now());
    return outcome(net.s().bind(fd, {{}, 80}));
  }
};

TEST_F(TimeWait, KeepsThePortFromASocketWithoutReuseAddress) {
  leave_time_wait_at_server(true);

  EXPECT_EQ(bind_again(false), "EADDRINUSE");
}

TEST_F(TimeWait, GivesThePortToASocketWithReuseAddress) {
  leave_time_wait_at_server(true);

  EXPECT_EQ(bind_again(true), "ok");
}

TEST_F(TimeWait, KeepsThePortWhenTheOldSocketHadNotAgreed) {
  leave_time_wait_at_server(false);

  EXPECT_EQ(bind_again(true), "EADDRINUSE");
}

TEST_F(TimeWait, FreesThePortWhenItEnds) {
  leave_time_wait_at_server(false);
  net.run_for(kTimeWait);

  EXPECT_EQ(bind_again(false), "ok");
}

TEST_F(TimeWait, IsReplacedByANewSynFromTheSamePort) {
  // verifies RFC 9293 MAY-2: the client comes back at once from the same port.
  leave_time_wait_at_server(true);
  const Fd listener = open(net.s());
  net.s().set_option(listener, Option::reuse_address, true, now());
  net.s().bind(listener, {{}, 80});
  net.s().listen(listener, 5, now());
  net.run_for(std::chrono::seconds{1});
  const Fd client = open(net.c());
  net.c().bind(client, {{}, 5555});
  EXPECT_EQ(outcome(net.c().connect(client, kServerAt80, now())), "EINPROGRESS");
  net.settle();

  EXPECT_EQ(count(net.s(), "TIME-WAIT"), 0U);
  const Result<Fd> server = net.s().accept(listener, now());
  ASSERT_TRUE(server.has_value());
  write(net.c(), client, "again");
  net.settle();
  EXPECT_EQ(read(net.s(), *server), "again");
}

}  // namespace
}  // namespace strata::socket
