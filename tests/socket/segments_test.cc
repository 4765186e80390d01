// SPDX-License-Identifier: MIT
// Segments and ICMP errors made by hand, put in front of a host: the CLOSED and LISTEN states and
// what is believed about a connection.
// verifies RFC 9293 3.10.7.1, 3.10.7.2, MUST-57, MUST-54, MUST-55, MUST-56
#include <algorithm>
#include <vector>

#include "stack/wire/ethernet.h"
#include "stack/wire/icmpv4.h"
#include "stack/wire/tcp.h"
#include "tests/socket/socket_fixture.h"
#include "tests/support/frame_repair.h"

namespace strata::socket {
namespace {

using wire::tcp_flag::kAck;
using wire::tcp_flag::kFin;
using wire::tcp_flag::kPsh;
using wire::tcp_flag::kRst;
using wire::tcp_flag::kSyn;

constexpr MacAddress kClientMac{{2, 0, 0, 0, 0, 0x0a}};
constexpr MacAddress kServerMac{{2, 0, 0, 0, 0, 0x14}};
constexpr std::size_t kIpAt = 14;
constexpr std::size_t kTcpAt = 34;

class Segments : public SocketTest {
 protected:
  Segments() {
    // Both sides know each other before anything is counted.
    const Fd ping = open(net.c(), Type::icmp_echo);
    net.c().send_to(ping, as_bytes("x"), {TwoHosts::kServer, 0}, now());
    net.settle();
    net.c().close(ping, now());
    net.set_frame_hook([this](TwoHosts::From from, Packet& frame) {
      auto& seen = from == TwoHosts::From::server ? from_server : from_client;
      seen.emplace_back(frame.bytes().begin(), frame.bytes().end());
      return true;
    });
  }

  static std::vector<std::uint8_t> ip_frame(const MacAddress& to, std::uint8_t protocol,
                                            Ipv4Address source, Ipv4Address destination,
                                            Bytes payload) {
    std::vector<std::uint8_t> frame(std::max<std::size_t>(64, kTcpAt + payload.size() + 4));
    wire::EthernetHeader{.destination = to,
                         .source = to == kServerMac ? kClientMac : kServerMac,
                         .type = EtherType::ipv4}
        .emit(frame.data());
    frame[kIpAt] = 0x45;
    store_be16(&frame[kIpAt + 2], static_cast<std::uint16_t>(20 + payload.size()));
    frame[kIpAt + 8] = 64;
    frame[kIpAt + 9] = protocol;
    source.store(&frame[kIpAt + 12]);
    destination.store(&frame[kIpAt + 16]);
    std::ranges::copy(payload, frame.begin() + kTcpAt);
    test::repair_frame(frame);
    return frame;
  }
  // From the client's address, port 5000, to the server.
  void inject(int flags, std::uint16_t port, std::uint32_t sequence = 1000,
              std::uint32_t acknowledgement = 0, Ipv4Address destination = TwoHosts::kServer,
              const MacAddress& mac = kServerMac) {
    std::array<std::uint8_t, 20> segment{};
    wire::TcpHeader{.source_port = 5000,
                    .destination_port = port,
                    .sequence = Seq32{sequence},
                    .acknowledgement = Seq32{acknowledgement},
                    .flags = static_cast<std::uint8_t>(flags),
                    .window = 1000}
        .emit(segment, TwoHosts::kClient, destination);
    const auto frame = ip_frame(mac, 6, TwoHosts::kClient, destination, segment);
    net.inject(TwoHosts::From::client, net.pool().make(frame));
    net.settle();
  }
  // The one TCP segment the server sent.
  wire::TcpHeader answer() {
    EXPECT_EQ(from_server.size(), 1U);
    if (from_server.empty()) return {};
    const Bytes frame{from_server.back()};
    const std::size_t bytes = load_be16(&frame[kIpAt + 2]) - std::size_t{20};
    const auto header =
        wire::TcpHeader::parse(frame.subspan(kTcpAt, bytes), TwoHosts::kServer, TwoHosts::kClient);
    EXPECT_TRUE(header.has_value());
    return header.value_or(wire::TcpHeader{});
  }
  std::uint64_t server_drops(DropReason reason) { return net.server.drops().count(reason); }

  // An ICMP error to the client about the last segment it sent, as a router would report it.
  void inject_icmp(wire::IcmpType type, std::uint8_t code, std::uint32_t sequence_shift = 0,
                   std::uint32_t rest = 0) {
    const Bytes sent{from_client.back()};
    std::vector<std::uint8_t> message(8);
    message.insert(message.end(), sent.begin() + kIpAt, sent.begin() + kTcpAt + 8);
    store_be32(&message[8 + 20 + 4], load_be32(&message[8 + 20 + 4]) + sequence_shift);
    wire::Icmpv4Message{.type = type, .code = code, .rest = rest}.emit(message);
    const auto frame = ip_frame(kClientMac, 1, TwoHosts::kServer, TwoHosts::kClient, message);
    net.inject(TwoHosts::From::server, net.pool().make(frame));
  }
  // A SYN of the client that nobody answers is in flight.
  Fd connect_in_vain() {
    const Fd fd = connect();
    net.set_frame_hook([this](TwoHosts::From, Packet& frame) {
      from_client.emplace_back(frame.bytes().begin(), frame.bytes().end());
      return false;
    });
    net.run_for(std::chrono::milliseconds{10});
    return fd;
  }

  std::vector<std::vector<std::uint8_t>> from_client;
  std::vector<std::vector<std::uint8_t>> from_server;
};

TEST_F(Segments, ASynForNobodyIsAnsweredByAResetThatAcknowledgesIt) {
  inject(kSyn, 80, 1000);

  const wire::TcpHeader reset = answer();
  EXPECT_EQ(reset.flags, kRst | kAck);
  EXPECT_EQ(reset.sequence.raw(), 0U);
  EXPECT_EQ(reset.acknowledgement.raw(), 1001U);
  EXPECT_EQ(reset.source_port, 80);
  EXPECT_EQ(reset.destination_port, 5000);
  EXPECT_EQ(server_drops(DropReason::no_socket), 1U);
}

TEST_F(Segments, AnAckForNobodyIsAnsweredByAResetWithItsNumber) {
  inject(kAck, 80, 1000, 7777);

  EXPECT_EQ(answer().flags, kRst);
  EXPECT_EQ(answer().sequence.raw(), 7777U);
}

TEST_F(Segments, AResetForNobodyIsNotAnswered) {
  inject(kRst, 80);
  inject(kRst | kAck, 80);

  EXPECT_TRUE(from_server.empty());
  EXPECT_EQ(server_drops(DropReason::no_socket), 2U);
}

TEST_F(Segments, ASynToABroadcastAddressIsDroppedSilently) {
  listen();
  inject(kSyn, 80, 1000, 0, TwoHosts::kBroadcast, MacAddress::broadcast());
  inject(kSyn, 81, 1000, 0, Ipv4Address::limited_broadcast(), MacAddress::broadcast());

  EXPECT_TRUE(from_server.empty());
  EXPECT_EQ(server_drops(DropReason::broadcast_not_allowed), 2U);
  EXPECT_EQ(net.s().table().size(), 1U);
}

TEST_F(Segments, AListenerAnswersAnAckByAReset) {
  listen();
  inject(kAck, 80, 1000, 7777);

  EXPECT_EQ(answer().flags, kRst);
  EXPECT_EQ(answer().sequence.raw(), 7777U);
  EXPECT_EQ(server_drops(DropReason::tcp_bad_ack), 1U);
}

// verifies RFC 1122 3.3.1.4-6, RFC 9293 MUST-20: at R1 the next hop has to show that it is alive
TEST_F(Segments, ThirdRetransmissionMakesTheHostAskWhetherTheNextHopIsThere) {
  connect_in_vain();
  const auto arp_requests = [this] {
    return std::ranges::count_if(from_client, [](const std::vector<std::uint8_t>& frame) {
      return load_be16(&frame[12]) == 0x0806;
    });
  };
  net.run_for(std::chrono::seconds{4});  // SYN again at 1 and 3 s
  EXPECT_EQ(arp_requests(), 0);

  net.run_for(std::chrono::seconds{4});  // at 7 s the third time: R1

  EXPECT_GE(arp_requests(), 1);
}

TEST_F(Segments, AListenerIgnoresAReset) {
  listen();
  inject(kRst, 80);

  EXPECT_TRUE(from_server.empty());
  EXPECT_EQ(server_drops(DropReason::tcp_reset), 1U);
}

TEST_F(Segments, AListenerDropsASegmentWithoutSynAckOrReset) {
  listen();
  inject(kFin | kPsh, 80);

  EXPECT_TRUE(from_server.empty());
  EXPECT_EQ(server_drops(DropReason::tcp_wrong_state), 1U);
}

TEST_F(Segments, AListenerAnswersASynBySynAck) {
  listen();
  // Nobody answers for the client: its host would reset what it did not ask for.
  net.set_frame_hook([this](TwoHosts::From from, Packet& frame) {
    if (from == TwoHosts::From::server) {
      from_server.emplace_back(frame.bytes().begin(), frame.bytes().end());
    }
    return false;
  });
  inject(kSyn, 80, 1000);

  EXPECT_EQ(answer().flags, kSyn | kAck);
  EXPECT_EQ(answer().acknowledgement.raw(), 1001U);
}

TEST_F(Segments, ADamagedSegmentIsDroppedSilently) {
  listen();
  std::array<std::uint8_t, 20> segment{};
  wire::TcpHeader{.source_port = 5000, .destination_port = 80, .flags = kSyn}.emit(
      segment, TwoHosts::kClient, TwoHosts::kServer);
  auto frame = ip_frame(kServerMac, 6, TwoHosts::kClient, TwoHosts::kServer, segment);
  frame[kTcpAt + 16] ^= 0x40;
  test::repair_fcs(frame);
  net.inject(TwoHosts::From::client, net.pool().make(frame));
  net.settle();

  EXPECT_TRUE(from_server.empty());
  EXPECT_EQ(server_drops(DropReason::transport_checksum), 1U);
}

// verifies RFC 1122 3.2.2.1-3
TEST_F(Segments, PortUnreachableRefusesAConnectionThatIsBeingOpened) {
  const Fd fd = connect_in_vain();
  inject_icmp(wire::IcmpType::destination_unreachable, 3);
  net.run_for(std::chrono::milliseconds{10});

  EXPECT_EQ(net.c().take_error(fd), Errc::connection_refused);
}

TEST_F(Segments, AnErrorAboutANumberThatIsNotInFlightIsNotBelieved) {
  // RFC 5927 4.1
  const Fd fd = connect_in_vain();
  inject_icmp(wire::IcmpType::destination_unreachable, 3, 5000);
  net.run_for(std::chrono::milliseconds{10});

  EXPECT_EQ(state(net.c(), fd), "SYN-SENT");
  EXPECT_EQ(net.c().take_error(fd), std::nullopt);
}

// verifies RFC 1122 3.2.2.1-4, RFC 9293 MUST-56
TEST_F(Segments, HostUnreachableDoesNotEndTheAttempt) {
  const Fd fd = connect_in_vain();
  inject_icmp(wire::IcmpType::destination_unreachable, 1);
  net.run_for(std::chrono::milliseconds{10});

  EXPECT_EQ(state(net.c(), fd), "SYN-SENT");
}

TEST_F(Segments, SourceQuenchIsIgnored) {
  const Fd fd = connect_in_vain();
  inject_icmp(wire::IcmpType::source_quench, 0);
  net.run_for(std::chrono::milliseconds{10});

  EXPECT_EQ(state(net.c(), fd), "SYN-SENT");
  EXPECT_EQ(net.c().take_error(fd), std::nullopt);
}

class NarrowPath : public Segments {
 protected:
  // A connection of the client with one full segment in flight.
  Pair send_one_segment() {
    const Fd listener = listen();
    const Fd fd = open(net.c());
    net.c().set_option(fd, Option::mtu_discovery, true, now());
    EXPECT_FALSE(net.c().connect(fd, kServerAt80, now()).has_value());
    net.settle();
    const Fd server = net.s().accept(listener, now()).value();
    is_lossy_ = true;
    net.set_frame_hook([this](TwoHosts::From from, Packet& frame) {
      if (from == TwoHosts::From::client) {
        from_client.emplace_back(frame.bytes().begin(), frame.bytes().end());
      }
      return !is_lossy_;
    });
    write(net.c(), fd, std::string(1460, 'x'));
    net.run_for(std::chrono::milliseconds{10});
    return {listener, fd, server};
  }
  bool is_lossy_ = false;
};

TEST_F(NarrowPath, IsBelievedAboutWhatIsInFlightAndTheDataArrivesInFragments) {
  const Pair pair = send_one_segment();
  EXPECT_EQ(net.client.network().mtu_for(TwoHosts::kServer), 1500);
  EXPECT_NE(from_client.back()[kIpAt + 6] & 0x40, 0);  // DF
  inject_icmp(wire::IcmpType::destination_unreachable, 4, 0, 1000);
  net.run_for(std::chrono::milliseconds{10});
  EXPECT_EQ(net.client.network().mtu_for(TwoHosts::kServer), 1000);

  is_lossy_ = false;
  net.run_for(std::chrono::seconds{5});
  EXPECT_EQ(read(net.s(), pair.server).size(), 1460U);
  EXPECT_TRUE(std::ranges::all_of(from_client, [](const auto& frame) {
    return frame.size() <= 1000 + 18 || (frame[kIpAt + 6] & 0x40) != 0;
  }));
}

TEST_F(NarrowPath, IsNotBelievedAboutAnythingElse) {
  send_one_segment();
  inject_icmp(wire::IcmpType::destination_unreachable, 4, 1'000'000, 1000);
  net.run_for(std::chrono::milliseconds{10});

  EXPECT_EQ(net.client.network().mtu_for(TwoHosts::kServer), 1500);
}

}  // namespace
}  // namespace strata::socket
