// SPDX-License-Identifier: MIT
// Flags and ancillary data of send(), recv(), sendmsg() and recvmsg().
#include "tests/socket/socket_fixture.h"

namespace strata::socket {
namespace {

class Messages : public SocketTest {
 protected:
  static inline const Endpoint kDns{TwoHosts::kServer, 53};

  Fd bound(Sockets& sockets, const Endpoint& local) {
    const Fd fd = open(sockets, Type::datagram);
    EXPECT_EQ(outcome(sockets.bind(fd, local)), "ok");
    return fd;
  }
  void set(Sockets& sockets, Fd fd, Option option, const OptionValue& value) {
    EXPECT_EQ(outcome(sockets.set_option(fd, option, value, now())), "ok") << to_text(option);
  }
  std::string read(Sockets& sockets, Fd fd, MessageFlags flags, std::size_t max = 100) {
    std::array<std::uint8_t, 2000> buffer{};
    const auto received = sockets.receive(fd, MutableBytes{buffer}.first(max), flags, now());
    if (!received) return std::string{to_text(received.error())};
    return std::string{as_text(Bytes{buffer}.first(std::min(*received, max)))};
  }
  // "octets from address:port with ancillary data".
  std::string receive_message(Sockets& sockets, Fd fd, MessageFlags flags = {}) {
    std::array<std::uint8_t, 2000> buffer{};
    const auto message = sockets.receive_message(fd, buffer, flags, now());
    if (!message) return std::string{to_text(message.error())};
    return std::string{as_text(Bytes{buffer}.first(message->bytes))} + " from " +
           to_text(message->from) + " with " + ancillary_text(*message);
  }
  std::string write(Sockets& sockets, Fd fd, std::string_view text, MessageFlags flags) {
    const auto sent = sockets.send(fd, as_bytes(text), flags, now());
    return sent ? std::to_string(*sent) : std::string{to_text(sent.error())};
  }
};

TEST_F(Messages, PeekLeavesDataInTheQueue) {
  const Pair pair = establish();
  write(net.c(), pair.client, "hello", {});
  net.settle();

  EXPECT_EQ(read(net.s(), pair.server, msg::kPeek, 2), "he");
  EXPECT_EQ(read(net.s(), pair.server, msg::kPeek), "hello");
  EXPECT_EQ(read(net.s(), pair.server, {}), "hello");
  EXPECT_EQ(read(net.s(), pair.server, msg::kPeek), "EAGAIN");
}

TEST_F(Messages, MoreHoldsAPartialSegmentBackUntilTheNextSend) {
  const Pair pair = establish();
  write(net.c(), pair.client, "one ", msg::kMore);
  net.run_for(std::chrono::milliseconds{50});
  EXPECT_EQ(read(net.s(), pair.server, {}), "EAGAIN");
  write(net.c(), pair.client, "two", {});
  net.settle();

  EXPECT_EQ(read(net.s(), pair.server, {}), "one two");
}

TEST_F(Messages, CorkHoldsAPartialSegmentBackForAtMost200Ms) {
  const Pair pair = establish();
  set(net.c(), pair.client, Option::cork, true);
  write(net.c(), pair.client, "partial", {});
  net.run_for(std::chrono::milliseconds{199});
  EXPECT_EQ(read(net.s(), pair.server, {}), "EAGAIN");
  net.run_for(std::chrono::milliseconds{3});
  EXPECT_EQ(read(net.s(), pair.server, {}), "partial");

  write(net.c(), pair.client, "again", {});
  set(net.c(), pair.client, Option::cork, false);
  net.run_for(std::chrono::milliseconds{2});
  EXPECT_EQ(read(net.s(), pair.server, {}), "again");
}

TEST_F(Messages, MoreMakesOneDatagramOfSeveralCalls) {
  const Fd server = bound(net.s(), {{}, 53});
  const Fd client = open(net.c(), Type::datagram);
  net.c().connect(client, kDns, now());
  EXPECT_EQ(write(net.c(), client, "one ", msg::kMore), "4");
  EXPECT_EQ(write(net.c(), client, "two ", msg::kMore), "4");
  EXPECT_EQ(write(net.c(), client, std::string(65507 - 7, 'x'), msg::kMore), "EMSGSIZE");
  EXPECT_EQ(write(net.c(), client, "three", {}), "5");
  net.settle();

  EXPECT_EQ(read(net.s(), server, {}), "one two three");
  EXPECT_EQ(read(net.s(), server, {}), "EAGAIN");
}

TEST_F(Messages, TruncTellsTheWholeSizeOfADatagram) {
  const Fd server = bound(net.s(), {{}, 53});
  net.c().send_to(open(net.c(), Type::datagram), as_bytes("twelve bytes"), kDns, now());
  net.settle();
  std::array<std::uint8_t, 4> little{};

  EXPECT_EQ(net.s().receive(server, little, msg::kTruncated | msg::kPeek, now()), 12U);
  const auto message = net.s().receive_message(server, little, {}, now());
  EXPECT_EQ(message->bytes, 4U);
  EXPECT_TRUE(message->flags.has(msg::kTruncated));
}

TEST_F(Messages, DatagramsHaveNoUrgentData) {
  const Fd fd = open(net.c(), Type::datagram);
  net.c().connect(fd, kDns, now());

  EXPECT_EQ(write(net.c(), fd, "x", msg::kOutOfBand), "EOPNOTSUPP");
  EXPECT_EQ(read(net.c(), fd, msg::kOutOfBand), "EOPNOTSUPP");
}

// verifies RFC 1122 4.1.3.5-1
// verifies RFC 1122 4.1.4-3
TEST_F(Messages, ADatagramComesWithWhatItsIpHeaderSaidToWhoAsked) {
  const Fd server = bound(net.s(), {{}, 53});
  const Fd client = bound(net.c(), {{}, 4000});
  SendRequest request;
  request.to = kDns;
  request.ttl = 7;
  request.type_of_service = 0xb8;
  net.c().send_message(client, as_bytes("first"), request, {}, now());
  net.settle();
  EXPECT_EQ(receive_message(net.s(), server), "first from 10.0.0.1:4000 with ");

  for (const Option option : {Option::receive_ttl, Option::receive_tos, Option::packet_info}) {
    set(net.s(), server, option, true);
  }
  net.c().send_message(client, as_bytes("second"), request, {}, now());
  net.c().send_to(client, as_bytes("third"), kDns, now());
  net.settle();
  EXPECT_EQ(receive_message(net.s(), server),
            "second from 10.0.0.1:4000 with IP_TTL 7 IP_TOS 184 IP_PKTINFO 10.0.0.2 eth0");
  EXPECT_EQ(receive_message(net.s(), server),
            "third from 10.0.0.1:4000 with IP_TTL 64 IP_TOS 0 IP_PKTINFO 10.0.0.2 eth0");
}

// verifies RFC 1122 4.1.3.2-1
// verifies RFC 1122 4.1.3.2-2
// verifies RFC 1122 4.1.3.2-3
// verifies RFC 1122 4.1.4-2
TEST_F(Messages, IpOptionsGoDownWithADatagramAndUpAtTheOtherEnd) {
  const Fd server = bound(net.s(), {{}, 53});
  set(net.s(), server, Option::receive_options, true);
  const Fd client = bound(net.c(), {{}, 4000});
  const std::string router_alert("\x94\x04\x00\x00", 4);
  set(net.c(), client, Option::ip_options, router_alert);
  net.c().send_to(client, as_bytes("look"), kDns, now());
  net.settle();

  EXPECT_EQ(receive_message(net.s(), server),
            "look from 10.0.0.1:4000 with IP_OPTIONS 94 04 00 00");
  EXPECT_EQ(net.c().option(client, Option::ip_options).value(), OptionValue{router_alert});
  EXPECT_EQ(outcome(net.c().set_option(client, Option::ip_options, std::string("\x94\x09"), now())),
            "EINVAL");
  EXPECT_EQ(outcome(net.c().set_option(client, Option::ip_options, std::string(41, '\1'), now())),
            "EINVAL");
}

// verifies RFC 1122 4.1.3.5-2
// verifies RFC 1122 4.1.3.6-2
TEST_F(Messages, TheSourceAddressMayBeNamedIfItIsOurs) {
  const Fd client = open(net.c(), Type::datagram);
  SendRequest request;
  request.to = kDns;
  request.source = TwoHosts::kClient;
  EXPECT_EQ(outcome(net.c().send_message(client, as_bytes("x"), request, {}, now())), "ok");
  request.source = Ipv4Address{10, 0, 0, 77};

  EXPECT_EQ(outcome(net.c().send_message(client, as_bytes("x"), request, {}, now())),
            "EADDRNOTAVAIL");
}

// verifies RFC 1122 4.1.3.3-1
TEST_F(Messages, AQueuedErrorComesWithTheDataItIsAbout) {
  const Fd client = open(net.c(), Type::datagram);
  set(net.c(), client, Option::receive_errors, true);
  net.c().send_to(client, as_bytes("anybody?"), kDns, now());
  net.settle();

  EXPECT_TRUE(net.c().readiness(client).error);
  EXPECT_EQ(receive_message(net.c(), client, msg::kErrorQueue),
            "anybody? from 10.0.0.2:53 with MSG_ERRQUEUE IP_RECVERR ECONNREFUSED from 10.0.0.2 "
            "type 3 code 3");
  EXPECT_EQ(receive_message(net.c(), client, msg::kErrorQueue), "EAGAIN");
  EXPECT_EQ(receive_message(net.c(), client),
            "ECONNREFUSED");  // the pending error is another thing
}

TEST_F(Messages, WhatIsTooLongForThePathIsReportedWithWhatFits) {
  const Fd client = open(net.c(), Type::datagram);
  net.c().connect(client, kDns, now());
  set(net.c(), client, Option::mtu_discovery, true);
  set(net.c(), client, Option::receive_errors, true);

  EXPECT_EQ(write(net.c(), client, std::string(1473, 'x'), {}), "EMSGSIZE");
  std::array<std::uint8_t, 2000> buffer{};
  const auto message = net.c().receive_message(client, buffer, msg::kErrorQueue, now());
  ASSERT_TRUE(message.has_value());
  EXPECT_EQ(ancillary_text(*message), "MSG_ERRQUEUE IP_RECVERR EMSGSIZE from this host mtu 1500");
  EXPECT_EQ(message->bytes, 1473U);
  EXPECT_EQ(net.c().option(client, Option::mtu).value(), OptionValue{std::int64_t{1500}});
}

TEST_F(Messages, FlagsAndEventsHaveTheirCNames) {
  EXPECT_EQ(to_text(msg::kDontWait | msg::kPeek), "MSG_PEEK|MSG_DONTWAIT");
  EXPECT_EQ(to_text(MessageFlags{}), "0");
  EXPECT_EQ(find_message_flag("MSG_WAITALL"), msg::kWaitAll);
  EXPECT_EQ(find_message_flag("MSG_NONSENSE"), std::nullopt);
  EXPECT_EQ(to_text(poll_event::kIn | poll_event::kReadHangup), "POLLIN|POLLRDHUP");
  EXPECT_EQ(find_poll_event("POLLPRI"), poll_event::kPri);
}

}  // namespace
}  // namespace strata::socket
