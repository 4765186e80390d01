// SPDX-License-Identifier: MIT
// The two queues of a listener, SYN cookies (RFC 4987) and Fast Open between two hosts (RFC 7413).
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "tests/socket/socket_fixture.h"

namespace strata::socket {
namespace {

using HostOptions = test::TwoHosts::Options;

HostOptions with(tcp::SynCookies cookies, std::uint32_t half_open) {
  HostOptions options;
  options.tcp.syn_cookies = cookies;
  options.tcp.syn_backlog = half_open;
  return options;
}
HostOptions fast() {
  HostOptions options;
  options.tcp.fast_open = true;
  return options;
}

// Segments without an answer from the client: nothing reaches it.
class SynQueue : public SocketTest {
 protected:
  using SocketTest::SocketTest;

  // `count` SYNs of ports nobody listens at on the client's side.
  void flood(int count) {
    net.set_frame_hook([](TwoHosts::From from, Packet& frame) {
      const bool is_arp = load_be16(&frame.bytes()[12]) == 0x0806;
      return from == TwoHosts::From::client || is_arp;
    });
    for (int i = 0; i < count; ++i) connect();
    net.run_for(std::chrono::milliseconds{100});
    net.set_frame_hook(nullptr);
  }
  std::uint64_t server_drops(DropReason reason) { return net.server.drops().count(reason); }
  static tcp::Info info(Sockets& sockets, Fd fd) {
    for (const SocketInfo& socket : sockets.table()) {
      if (socket.fd == fd && socket.tcp) return *socket.tcp;
    }
    ADD_FAILURE() << "no connection " << fd;
    return {};
  }
};

class SynQueueWithoutCookies : public SynQueue {
 protected:
  SynQueueWithoutCookies() : SynQueue(with(tcp::SynCookies::off, 4)) {}
};
class SynQueueWithCookies : public SynQueue {
 protected:
  SynQueueWithCookies() : SynQueue(with(tcp::SynCookies::overflow, 4)) {}
};
class CookiesOnly : public SynQueue {
 protected:
  CookiesOnly() : SynQueue(with(tcp::SynCookies::always, 4)) {}
};
class FastOpen : public SocketTest {
 protected:
  FastOpen() : SocketTest(fast()) {}

  // Connects, writes `text`; the client's descriptor.
  Fd ask(std::string_view text) {
    const Fd fd = open(net.c());
    net.c().connect(fd, kServerAt80, now());
    if (net.c().send(fd, as_bytes(text), now()).has_value()) return fd;
    net.settle();
    EXPECT_TRUE(net.c().send(fd, as_bytes(text), now()).has_value());
    return fd;
  }
};

// verifies RFC 4987 2: what a flood does to a bounded queue
TEST_F(SynQueueWithoutCookies, AFloodShutsOutOthers) {
  listen();
  flood(10);
  EXPECT_EQ(server_drops(DropReason::backlog_full), 6U);

  const Fd client = connect();
  net.settle();

  EXPECT_EQ(info(net.c(), client).state, TcpState::syn_sent);
}

// verifies RFC 4987 3.6
TEST_F(SynQueueWithCookies, AFloodDoesNotShutOutOthers) {
  const Fd listener = listen();
  flood(10);
  EXPECT_EQ(server_drops(DropReason::backlog_full), 0U);

  const Fd client = connect();
  net.settle();
  const Result<Fd> server = net.s().accept(listener, now());

  ASSERT_TRUE(server.has_value());
  EXPECT_EQ(write(net.c(), client, "hello"), "5");
  net.settle();
  EXPECT_EQ(read(net.s(), *server), "hello");
}

// The first SYN of a client gets a cookie, its repeat a half-open connection; the client hears of
// the cookie first.
TEST_F(SynQueueWithCookies, ACookieThatIsLateTakesThePlaceOfTheHalfOpenConnection) {
  const Fd listener = listen();
  flood(4);
  const auto port_at_client = [](const Packet& frame) { return load_be16(&frame.bytes()[36]); };
  std::optional<Packet> cookie;
  bool is_late = false;
  net.set_frame_hook([&](TwoHosts::From from, Packet& frame) {
    if (from == TwoHosts::From::client || load_be16(&frame.bytes()[12]) == 0x0806) return true;
    if (!cookie) {
      cookie = std::move(frame);
      return false;
    }
    if (!is_late && port_at_client(frame) == port_at_client(*cookie)) {
      std::swap(frame, *cookie);
      is_late = true;
    }
    return true;
  });
  const Fd client = connect();
  net.run_for(std::chrono::seconds{2});
  ASSERT_TRUE(is_late);

  EXPECT_EQ(info(net.c(), client).state, TcpState::established);
  EXPECT_EQ(write(net.c(), client, "hello"), "5");
  net.settle();
  std::string heard;
  while (const Result<Fd> server = net.s().accept(listener, now())) heard += read(net.s(), *server);
  EXPECT_THAT(heard, testing::HasSubstr("hello"));
}

TEST_F(CookiesOnly, ConnectionOutOfACookieKnowsMssAndWindowScaleOfThePeer) {
  const Pair pair = establish();

  const tcp::Info terms = info(net.s(), pair.server);
  EXPECT_EQ(terms.mss, 1460U);
  EXPECT_TRUE(terms.uses_window_scaling);
}

TEST_F(CookiesOnly, TextFlowsBothWaysThroughAConnectionOutOfACookie) {
  const Pair pair = establish();

  EXPECT_EQ(write(net.c(), pair.client, "question"), "8");
  net.settle();
  EXPECT_EQ(read(net.s(), pair.server), "question");
  EXPECT_EQ(write(net.s(), pair.server, "answer"), "6");
  net.settle();
  EXPECT_EQ(read(net.c(), pair.client), "answer");
}

// The ACK is lost; the text that follows brings the cookie as well.
TEST_F(CookiesOnly, LostAckOfTheHandshakeIsMadeUpForByTheText) {
  const Fd listener = listen();
  int from_client = 0;
  net.set_frame_hook([&](TwoHosts::From from, Packet& frame) {
    const bool is_tcp = frame.bytes()[12] == 8 && frame.bytes()[13] == 0;
    return from != TwoHosts::From::client || !is_tcp || ++from_client != 2;
  });
  const Fd client = connect();
  net.settle();
  EXPECT_EQ(net.s().accept(listener, now()).error(), Errc::would_block);

  EXPECT_EQ(write(net.c(), client, "hello"), "5");
  net.settle();

  const Result<Fd> server = net.s().accept(listener, now());
  ASSERT_TRUE(server.has_value());
  EXPECT_EQ(read(net.s(), *server), "hello");
}

class SmallBacklog : public SynQueue {};

TEST_F(SmallBacklog, AcksThatFindTheAcceptQueueFullAreForgottenUntilThereIsRoom) {
  const Fd listener = listen(1);
  std::vector<Fd> clients;
  for (int i = 0; i < 3; ++i) clients.push_back(connect());
  net.settle();
  EXPECT_GE(server_drops(DropReason::backlog_full), 1U);

  int accepted = 0;
  for (int i = 0; i < 40 && accepted < 3; ++i) {
    if (net.s().accept(listener, now()).has_value()) ++accepted;
    net.run_for(std::chrono::seconds{1});
  }

  EXPECT_EQ(accepted, 3);
}

// verifies RFC 7413 3.1, 3.2
TEST_F(FastOpen, SecondConnectionDeliversItsRequestWithTheSyn) {
  const Fd listener = listen();
  ask("first");
  net.settle();
  const Fd first = net.s().accept(listener, now()).value();
  EXPECT_EQ(read(net.s(), first), "first");

  ask("second");
  net.run_for(std::chrono::microseconds{1500});  // one way takes a millisecond

  const Result<Fd> second = net.s().accept(listener, now());
  ASSERT_TRUE(second.has_value());
  EXPECT_EQ(read(net.s(), *second), "second");
}

// A client that has nothing to send but waits to read cannot wait for text of its own.
TEST_F(FastOpen, ReaderThatFindsNothingLetsTheSynGo) {
  const Fd listener = listen();
  ask("first");  // brings the cookie
  net.settle();
  ASSERT_TRUE(net.s().accept(listener, now()).has_value());
  const Fd fd = open(net.c());
  EXPECT_TRUE(net.c().connect(fd, kServerAt80, now()).has_value());
  net.settle();
  ASSERT_FALSE(net.s().accept(listener, now()).has_value());
  std::array<std::uint8_t, 10> buffer{};

  EXPECT_EQ(net.c().receive(fd, buffer, {}, now()).error(), Errc::would_block);
  net.settle();

  EXPECT_TRUE(net.s().accept(listener, now()).has_value());
}

TEST_F(FastOpen, AnswerArrivesOneRoundTripAfterTheRequest) {
  const Fd listener = listen();
  ask("first");
  net.settle();
  net.s().accept(listener, now()).value();
  const Fd client = ask("second");
  net.run_for(std::chrono::microseconds{1200});
  const Fd server = net.s().accept(listener, now()).value();
  EXPECT_EQ(write(net.s(), server, "answer"), "6");

  net.run_for(std::chrono::microseconds{1200});

  EXPECT_EQ(read(net.c(), client), "answer");
}

TEST_F(FastOpen, PathThatLosesSynsWithTextIsSurvived) {
  const Fd listener = listen();
  ask("first");
  net.settle();
  net.s().accept(listener, now()).value();
  // A middlebox that takes offence at text on a SYN.
  net.set_frame_hook([](TwoHosts::From from, Packet& frame) {
    const Bytes bytes = frame.bytes();
    const bool is_syn = from == TwoHosts::From::client && bytes.size() > 64 && bytes[13] == 0 &&
                        (bytes[47] & wire::tcp_flag::kSyn) != 0;
    return !is_syn;
  });
  const Fd client = ask("second");
  net.run_for(std::chrono::milliseconds{500});
  net.set_frame_hook(nullptr);
  net.run_for(std::chrono::seconds{2});

  const Result<Fd> server = net.s().accept(listener, now());
  ASSERT_TRUE(server.has_value());
  EXPECT_EQ(read(net.s(), *server), "second");
  EXPECT_GE(client, 0);
}

// RFC 2385 between two hosts; with SYN cookies, too, whose SYN,ACK is signed like any other.
class SignedConnections : public SynQueue {
 protected:
  SignedConnections() : SynQueue(with(tcp::SynCookies::always, 4)) {}

  Fd connect_with(std::string_view key) {
    const Fd fd = open(net.c());
    EXPECT_TRUE(net.c().set_option(fd, Option::signature_key, std::string{key}, now()));
    EXPECT_EQ(net.c().connect(fd, kServerAt80, now()).error(), Errc::in_progress);
    net.settle();
    return fd;
  }
  Fd listen_with(std::string_view key) {
    const Fd fd = listen();
    EXPECT_TRUE(net.s().set_option(fd, Option::signature_key, std::string{key}, now()));
    return fd;
  }
};

TEST_F(SignedConnections, OpenWithTheKeyOfBoth) {
  const Fd listener = listen_with("secret");
  const Fd client = connect_with("secret");
  const Fd server = net.s().accept(listener, now()).value_or(-1);
  ASSERT_GE(server, 0);
  EXPECT_EQ(write(net.c(), client, "signed"), "6");
  net.settle();
  EXPECT_EQ(read(net.s(), server), "signed");
  EXPECT_EQ(server_drops(DropReason::tcp_bad_signature), 0U);
}

TEST_F(SignedConnections, DoNotOpenWithAnotherKeyOrNone) {
  const Fd listener = listen_with("secret");
  connect_with("Secret");
  connect_with("");
  EXPECT_EQ(outcome(net.s().accept(listener, now())), "EAGAIN");
  EXPECT_EQ(server_drops(DropReason::tcp_bad_signature), 2U);
}

TEST_F(SignedConnections, KeepTheKeyTheyBeganWith) {
  listen_with("secret");
  const Fd client = connect_with("secret");
  const std::string other = "other";
  EXPECT_EQ(outcome(net.c().set_option(client, Option::signature_key, other, now())), "EINVAL");
  EXPECT_EQ(net.c().option(client, Option::signature_key).value(),
            OptionValue{std::string{"secret"}});
}

}  // namespace
}  // namespace strata::socket
