// SPDX-License-Identifier: MIT
// poll(2) and the ioctl questions.
#include "tests/socket/socket_fixture.h"

namespace strata::socket {
namespace {

class PollSockets : public SocketTest {
 protected:
  static constexpr PollEvents kAll =
      poll_event::kIn | poll_event::kPri | poll_event::kOut | poll_event::kReadHangup;
  static std::string poll(const Sockets& sockets, Fd fd, PollEvents events = kAll) {
    PollEntry entry{.fd = fd, .events = events};
    const int ready = sockets.poll({&entry, 1});
    EXPECT_EQ(ready, entry.returned.empty() ? 0 : 1);
    return to_text(entry.returned);
  }
  void write(Sockets& sockets, Fd fd, std::string_view text) {
    EXPECT_TRUE(sockets.send(fd, as_bytes(text), now()).has_value());
  }
};

TEST_F(PollSockets, AStreamFromBirthToEnd) {
  const Fd fresh = open(net.c());
  EXPECT_EQ(poll(net.c(), fresh), "POLLOUT|POLLHUP");
  const Fd listener = listen();
  EXPECT_EQ(poll(net.s(), listener), "0");
  const Fd client = connect();
  EXPECT_EQ(poll(net.c(), client), "0");
  net.settle();
  EXPECT_EQ(poll(net.c(), client), "POLLOUT");
  EXPECT_EQ(poll(net.s(), listener), "POLLIN");
  const Fd server = net.s().accept(listener, now()).value();
  EXPECT_EQ(poll(net.s(), listener), "0");
  write(net.c(), client, "x");
  net.settle();
  EXPECT_EQ(poll(net.s(), server), "POLLIN|POLLOUT");
  EXPECT_EQ(poll(net.s(), server, poll_event::kOut), "POLLOUT");
  net.c().shutdown(client, How::write, now());
  net.settle();
  EXPECT_EQ(poll(net.s(), server), "POLLIN|POLLOUT|POLLRDHUP");
  net.s().close(server, now());  // with unread data: a reset
  net.settle();
  EXPECT_EQ(poll(net.c(), client), "POLLIN|POLLOUT|POLLERR|POLLHUP|POLLRDHUP");
  EXPECT_EQ(poll(net.c(), client, {}), "POLLERR|POLLHUP");  // told without being asked
  net.c().close(client, now());
  EXPECT_EQ(poll(net.c(), client), "POLLNVAL");
}

TEST_F(PollSockets, ADatagramSocket) {
  const Fd fd = open(net.c(), Type::datagram);
  EXPECT_EQ(poll(net.c(), fd), "POLLOUT");
  net.c().connect(fd, {TwoHosts::kServer, 53}, now());
  write(net.c(), fd, "anybody?");
  net.settle();
  EXPECT_EQ(poll(net.c(), fd), "POLLIN|POLLOUT|POLLERR");
  EXPECT_EQ(net.c().take_error(fd), Errc::connection_refused);
  net.c().shutdown(fd, How::read, now());
  EXPECT_EQ(poll(net.c(), fd), "POLLIN|POLLOUT|POLLRDHUP");
}

TEST_F(PollSockets, CountsTheReadyOnesAndSkipsNegativeDescriptors) {
  const Fd one = open(net.c(), Type::datagram);
  const Fd two = open(net.c(), Type::datagram);
  std::array<PollEntry, 4> entries{PollEntry{.fd = one, .events = poll_event::kOut},
                                   PollEntry{.fd = -1, .events = poll_event::kOut},
                                   PollEntry{.fd = two, .events = poll_event::kIn},
                                   PollEntry{.fd = 99, .events = poll_event::kIn}};

  EXPECT_EQ(net.c().poll(entries), 2);
  EXPECT_EQ(to_text(entries[3].returned), "POLLNVAL");
}

TEST_F(PollSockets, FewerOctetsThanTheLowWaterMarkDoNotCount) {
  const Pair pair = establish();
  net.s().set_option(pair.server, Option::receive_low_water, std::int64_t{4}, now());
  CountingWatcher watcher;
  net.s().watch(pair.server, &watcher);
  write(net.c(), pair.client, "abc");
  net.settle();
  EXPECT_EQ(poll(net.s(), pair.server, poll_event::kIn), "0");
  EXPECT_EQ(watcher.calls[pair.server], 0);
  EXPECT_TRUE(net.s().is_below_low_water(pair.server, 10));
  EXPECT_FALSE(net.s().is_below_low_water(pair.server, 3));
  write(net.c(), pair.client, "d");
  net.settle();
  EXPECT_EQ(poll(net.s(), pair.server, poll_event::kIn), "POLLIN");
  EXPECT_EQ(watcher.calls[pair.server], 1);

  EXPECT_EQ(read(net.s(), pair.server), "abcd");
  write(net.c(), pair.client, "e");
  net.c().shutdown(pair.client, How::write, now());
  net.settle();
  EXPECT_EQ(poll(net.s(), pair.server, poll_event::kIn), "POLLIN");  // nothing more will come
}

TEST_F(PollSockets, UnsentOctetsAboveTheMarkMakeAStreamUnwritable) {
  const Pair pair = establish();
  net.c().set_option(pair.client, Option::not_sent_low_water, std::int64_t{1000}, now());
  std::string outcome;
  std::size_t accepted = 0;
  while (true) {  // until cwnd is full and 1000 octets wait
    const auto sent = net.c().send(pair.client, as_bytes(std::string(500, 'x')), now());
    if (!sent) break;
    accepted += *sent;
  }
  EXPECT_EQ(poll(net.c(), pair.client, poll_event::kOut), "0");
  EXPECT_EQ(net.c().ioctl(pair.client, Ioctl::output_queue), static_cast<std::int64_t>(accepted));
  EXPECT_GE(net.c().ioctl(pair.client, Ioctl::output_not_sent).value(), 1000);
  EXPECT_LT(net.c().ioctl(pair.client, Ioctl::output_not_sent).value(), 1500);
  net.settle();
  EXPECT_EQ(poll(net.c(), pair.client, poll_event::kOut), "POLLOUT");
}

// verifies RFC 9293 MUST-32
// verifies RFC 9293 MUST-33
TEST_F(PollSockets, UrgentDataIsAnEventOfItsOwn) {
  const Pair pair = establish();
  std::array<std::uint8_t, 10> buffer{};
  EXPECT_EQ(outcome(net.s().receive(pair.server, buffer, msg::kOutOfBand, now())), "EINVAL");
  write(net.c(), pair.client, "abc");
  net.c().send(pair.client, as_bytes("X"), msg::kOutOfBand, now());
  write(net.c(), pair.client, "def");
  net.settle();
  EXPECT_EQ(poll(net.s(), pair.server), "POLLIN|POLLPRI|POLLOUT");
  EXPECT_EQ(net.s().ioctl(pair.server, Ioctl::at_mark), 0);

  EXPECT_EQ(net.s().receive(pair.server, buffer, msg::kOutOfBand, now()), 1U);
  EXPECT_EQ(buffer[0], 'X');
  EXPECT_EQ(read(net.s(), pair.server), "abc");  // a read stops at the mark
  EXPECT_EQ(net.s().ioctl(pair.server, Ioctl::at_mark), 1);
  EXPECT_EQ(read(net.s(), pair.server), "def");
  EXPECT_EQ(poll(net.s(), pair.server), "POLLOUT");
}

TEST_F(PollSockets, UrgentDataMayStayInTheStream) {
  const Pair pair = establish();
  net.s().set_option(pair.server, Option::oob_inline, true, now());
  net.c().send(pair.client, as_bytes("abX"), msg::kOutOfBand, now());
  net.settle();

  std::array<std::uint8_t, 10> buffer{};
  EXPECT_EQ(outcome(net.s().receive(pair.server, buffer, msg::kOutOfBand, now())), "EINVAL");
  EXPECT_EQ(read(net.s(), pair.server), "ab");
  EXPECT_EQ(net.s().ioctl(pair.server, Ioctl::at_mark), 1);
  EXPECT_EQ(read(net.s(), pair.server), "X");
}

TEST_F(PollSockets, TheQueuesCanBeAsked) {
  const Pair pair = establish();
  write(net.c(), pair.client, "hello");
  EXPECT_EQ(net.c().ioctl(pair.client, Ioctl::output_queue), 5);
  EXPECT_EQ(net.c().ioctl(pair.client, Ioctl::output_not_sent), 0);
  net.settle();
  EXPECT_EQ(net.c().ioctl(pair.client, Ioctl::output_queue), 0);
  EXPECT_EQ(net.s().ioctl(pair.server, Ioctl::input_queue), 5);
  EXPECT_EQ(outcome(net.s().ioctl(pair.listener, Ioctl::input_queue)), "EINVAL");
  EXPECT_EQ(outcome(net.s().ioctl(99, Ioctl::input_queue)), "EBADF");

  const Fd datagrams = open(net.s(), Type::datagram);
  net.s().bind(datagrams, {{}, 53});
  const Fd sender = open(net.c(), Type::datagram);
  for (const char* text : {"four", "eighteen"}) {
    net.c().send_to(sender, as_bytes(std::string_view(text)), {TwoHosts::kServer, 53}, now());
  }
  net.settle();
  EXPECT_EQ(net.s().ioctl(datagrams, Ioctl::input_queue), 4);  // of the next one
}

}  // namespace
}  // namespace strata::socket
