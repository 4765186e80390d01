// SPDX-License-Identifier: MIT
// The socket table, as ss(8) would show it.
#include "tests/socket/socket_fixture.h"

namespace strata::socket {
namespace {

class Table : public SocketTest {
 protected:
  // "fd state local remote receive-queue/send-queue" per row.
  static std::vector<std::string> rows(const Sockets& sockets) {
    std::vector<std::string> texts;
    for (const SocketInfo& row : sockets.table()) {
      texts.push_back(std::to_string(row.fd) + " " + std::string{to_text(row.type)} + " " +
                      row.state + " " + to_text(row.local) + " " + to_text(row.remote) + " " +
                      std::to_string(row.receive_queue) + "/" + std::to_string(row.send_queue));
    }
    return texts;
  }
};

TEST_F(Table, ShowsListenersFirstThenByProtocolAndAddress) {
  const Fd echo = open(net.s(), Type::icmp_echo);
  net.s().bind(echo, {{}, 9});
  const Fd datagram = open(net.s(), Type::datagram);
  net.s().bind(datagram, {{}, 53});
  open(net.s());
  listen(8, 443);
  listen(5, 80);

  EXPECT_EQ(rows(net.s()), (std::vector<std::string>{
                               "7 stream LISTEN 0.0.0.0:80 0.0.0.0:0 0/5",
                               "6 stream LISTEN 0.0.0.0:443 0.0.0.0:0 0/8",
                               "5 stream unbound 0.0.0.0:0 0.0.0.0:0 0/0",
                               "4 datagram bound 0.0.0.0:53 0.0.0.0:0 0/0",
                               "3 icmp-echo bound 0.0.0.0:9 0.0.0.0:0 0/0",
                           }));
}

TEST_F(Table, ShowsConnectionsThatHaveNoDescriptorYet) {
  listen();
  net.set_frame_hook([](TwoHosts::From from, Packet& frame) {
    return from == TwoHosts::From::client || frame.bytes()[13] == 6;
  });
  const Fd fd = open(net.c());
  net.c().bind(fd, {{}, 5000});
  EXPECT_EQ(outcome(net.c().connect(fd, kServerAt80, now())), "EINPROGRESS");
  net.settle();

  EXPECT_EQ(rows(net.s()), (std::vector<std::string>{
                               "3 stream LISTEN 0.0.0.0:80 0.0.0.0:0 0/5",
                               "-1 stream SYN-RECEIVED 10.0.0.2:80 10.0.0.1:5000 0/0",
                           }));
  EXPECT_EQ(rows(net.c()), (std::vector<std::string>{
                               "3 stream SYN-SENT 10.0.0.1:5000 10.0.0.2:80 0/0",
                           }));
}

TEST_F(Table, ShowsWhatIsQueued) {
  const Pair pair = establish();
  write(net.c(), pair.client, "unread");
  net.settle();
  net.set_frame_hook([](auto, Packet&) { return false; });
  write(net.c(), pair.client, "unacknowledged");

  EXPECT_EQ(net.s().table().back().receive_queue, 6U);
  EXPECT_EQ(net.c().table().back().send_queue, 14U);
  EXPECT_EQ(net.c().table().back().tcp->state, TcpState::established);
}

TEST_F(Table, NamesTheProcess) {
  const Pair pair = establish();

  for (const SocketInfo& row : net.s().table()) EXPECT_EQ(row.process, "test") << row.fd;
  EXPECT_EQ(net.s().table().back().fd, pair.server);
}

TEST_F(Table, ShowsConnectedDatagramSockets) {
  const Fd fd = open(net.c(), Type::datagram);
  net.c().bind(fd, {{}, 4000});
  net.c().connect(fd, {TwoHosts::kServer, 53}, now());

  EXPECT_EQ(rows(net.c()),
            (std::vector<std::string>{"3 datagram connected 10.0.0.1:4000 10.0.0.2:53 0/0"}));
}

}  // namespace
}  // namespace strata::socket
