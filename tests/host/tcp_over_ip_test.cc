// SPDX-License-Identifier: MIT
// What RFC 9293 asks of TCP in its dealings with IP, seen on the frames of two whole hosts.
#include <gtest/gtest.h>

#include "stack/base/bytes.h"
#include "stack/wire/tcp.h"
#include "tests/support/frame_repair.h"
#include "tests/support/two_hosts.h"

namespace strata {
namespace {

using test::TwoHosts;

const MacAddress kClientMac{{0x02, 0, 0, 0, 0, 0x0a}};
const MacAddress kServerMac{{0x02, 0, 0, 0, 0, 0x14}};
const Endpoint kServerAt80{TwoHosts::kServer, 80};

// One TCP segment as it was on the wire, its headers cut by hand.
struct Seen {
  TwoHosts::From from{};
  Ipv4Address source;
  Ipv4Address destination;
  std::vector<std::uint8_t> segment;  // header and text
  std::uint8_t type_of_service = 0;
  std::vector<std::uint8_t> ip_options;

  std::uint8_t flags() const { return segment.at(13); }
  wire::TcpOptionValues options() const {
    const Bytes bytes{segment};
    return wire::TcpOptionValues::from(bytes.subspan(20, (segment.at(12) >> 4) * 4U - 20U));
  }
};

// The sum of RFC 1071 over pseudo-header and segment, in its plainest form.
std::uint16_t sum_of(const Seen& seen) {
  std::vector<std::uint8_t> all(12);
  seen.source.store(all.data());
  seen.destination.store(all.data() + 4);
  all[9] = 6;
  store_be16(&all[10], static_cast<std::uint16_t>(seen.segment.size()));
  all.insert(all.end(), seen.segment.begin(), seen.segment.end());
  if (all.size() % 2 != 0) all.push_back(0);
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < all.size(); i += 2) sum += load_be16(&all[i]);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

class TcpOverIp : public testing::Test {
 protected:
  explicit TcpOverIp(const TwoHosts::Options& options = {}) : net(options) {
    net.set_frame_hook([this](TwoHosts::From from, Packet& frame) {
      const Bytes bytes = frame.bytes();
      if (bytes[13] == 0 && bytes[TwoHosts::kIpAt + 9] == 6) {
        const auto header = (bytes[TwoHosts::kIpAt] & 0x0f) * 4;
        const std::size_t total = load_be16(&bytes[TwoHosts::kIpAt + 2]);
        const auto header_bytes = static_cast<std::size_t>(header);
        const Bytes segment = bytes.subspan(TwoHosts::kIpAt + header_bytes, total - header_bytes);
        seen.push_back(
            {from,
             Ipv4Address::load(&bytes[TwoHosts::kIpAt + 12]),
             Ipv4Address::load(&bytes[TwoHosts::kIpAt + 16]),
             {segment.begin(), segment.end()},
             bytes[TwoHosts::kIpAt + 1],
             {bytes.begin() + TwoHosts::kIpAt + 20, bytes.begin() + TwoHosts::kIpAt + header}});
      }
      return true;
    });
  }
  socket::Fd listens() {
    const socket::Fd fd = net.s().socket(socket::Type::stream, "server", now()).value();
    EXPECT_TRUE(net.s().bind(fd, {{}, 80}));
    EXPECT_TRUE(net.s().listen(fd, 5, now()));
    return fd;
  }
  // A connection over which one octet went each way, closed in the end.
  void converses() {
    const socket::Fd listener = listens();
    const socket::Fd client = net.c().socket(socket::Type::stream, "client", now()).value();
    static_cast<void>(net.c().connect(client, kServerAt80, now()));
    net.settle();
    const socket::Fd server = net.s().accept(listener, now()).value();
    EXPECT_TRUE(net.c().send(client, as_bytes("x"), now()));
    EXPECT_TRUE(net.s().send(server, as_bytes("y"), now()));
    net.settle();
    static_cast<void>(net.c().close(client, now()));
    net.settle();
  }
  Instant now() const { return net.now(); }

  TwoHosts net;
  std::vector<Seen> seen;
};

// At the end of a live run: no peer waits for a host that is gone.
TEST_F(TcpOverIp, ConnectionsThatAreAbortedTellTheirPeers) {
  const socket::Fd listener = listens();
  const socket::Fd client = net.c().socket(socket::Type::stream, "client", now()).value();
  static_cast<void>(net.c().connect(client, kServerAt80, now()));
  net.settle();
  const socket::Fd server = net.s().accept(listener, now()).value();
  ASSERT_EQ(net.server.open_connections(), 1U);

  net.server.abort_connections(now());
  net.settle();

  EXPECT_EQ(net.server.open_connections(), 0U);
  EXPECT_EQ(net.client.open_connections(), 0U);
  EXPECT_NE(seen.back().flags() & wire::tcp_flag::kRst, 0);
  EXPECT_EQ(net.c().take_error(client), Errc::connection_reset);
  EXPECT_NE(net.s().take_error(server), Errc::connection_reset);
}

// verifies RFC 9293 MUST-2
TEST_F(TcpOverIp, EverySegmentCarriesATrueChecksum) {
  converses();
  ASSERT_GE(seen.size(), 6U);
  for (const Seen& each : seen) EXPECT_EQ(sum_of(each), 0xffff);
}

// verifies RFC 9293 MUST-14, MUST-67, SHLD-5, MAY-3
TEST_F(TcpOverIp, TheMssOfBothSynsIsTheMtuLessTheFixedHeaders) {
  converses();
  for (const Seen& each : seen) {
    const bool is_syn = (each.flags() & wire::tcp_flag::kSyn) != 0;
    EXPECT_EQ(each.options().mss.has_value(), is_syn);  // MUST-65
    if (is_syn) {
      EXPECT_EQ(each.options().mss, 1460);
    }
  }
}

// verifies RFC 9293 MUST-67
TEST_F(TcpOverIp, TheMssNeverExceedsWhatCanBeReassembled) {
  EXPECT_LE(net.client.network().mtu_for(TwoHosts::kClient) - 40, network::Network::kMmsR - 20);
}

// verifies RFC 9293 SHLD-6
TEST_F(TcpOverIp, SegmentsFollowTheMtuOfTheInterfaceTheyLeaveThrough) {
  const socket::Fd listener = listens();
  const socket::Fd client = net.c().socket(socket::Type::stream, "client", now()).value();
  static_cast<void>(net.c().connect(client, kServerAt80, now()));
  net.settle();
  const socket::Fd server = net.s().accept(listener, now()).value();
  std::uint64_t sent = 0;
  const auto largest_after = [&](std::uint16_t mtu) {
    net.client.set_port_mtu(PortId{0}, mtu);
    seen.clear();
    const std::string text(4000, 'x');
    EXPECT_EQ(net.c().send(client, as_bytes(text), now()).value(), 4000U);
    sent += 4000;
    net.settle();
    std::size_t largest = 0;
    for (const Seen& each : seen) largest = std::max(largest, each.segment.size() + 20);
    return largest;
  };

  EXPECT_EQ(largest_after(576), 576U);
  EXPECT_EQ(largest_after(300), 300U);
  EXPECT_EQ(largest_after(9000), 1500U);  // as agreed in the handshake

  std::vector<std::uint8_t> into(20'000);
  EXPECT_EQ(net.s().receive(server, into, {}, now()).value(), sent);
}

// verifies RFC 9293 SHLD-21, SHLD-22
TEST_F(TcpOverIp, TheDiffservFieldMayChangeDuringTheConnection) {
  listens();
  const socket::Fd client = net.c().socket(socket::Type::stream, "client", now()).value();
  static_cast<void>(net.c().connect(client, kServerAt80, now()));
  net.settle();
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen.back().type_of_service, 0);

  static_cast<void>(
      net.c().set_option(client, socket::Option::type_of_service, std::int64_t{0x28}, now()));
  EXPECT_TRUE(net.c().send(client, as_bytes("x"), now()));
  seen.clear();
  net.settle();
  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen[0].type_of_service, 0x28);
}

// verifies RFC 9293 MUST-44, MUST-45
TEST_F(TcpOverIp, TheAddressThatIpChoseIsTheSourceOfEverySegment) {
  converses();
  for (const Seen& each : seen) {
    const bool from_client = each.from == TwoHosts::From::client;
    EXPECT_EQ(each.source, from_client ? TwoHosts::kClient : TwoHosts::kServer);
    EXPECT_EQ(each.destination, from_client ? TwoHosts::kServer : TwoHosts::kClient);
  }
}

// What a frame of a client at port 5000 says, besides addresses and IP options.
struct Control {
  std::uint8_t flags = wire::tcp_flag::kSyn;
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgement = 0;
};

std::vector<std::uint8_t> syn_frame(const std::vector<std::uint8_t>& options, Ipv4Address source,
                                    Ipv4Address destination, const MacAddress& mac,
                                    const Control& control = {}) {
  const std::size_t tcp_at = TwoHosts::kIpAt + 20 + options.size();
  std::vector<std::uint8_t> frame(std::max<std::size_t>(64, tcp_at + 20 + 4));
  wire::EthernetHeader{.destination = mac, .source = kClientMac, .type = EtherType::ipv4}.emit(
      frame.data());
  frame[TwoHosts::kIpAt] = static_cast<std::uint8_t>(0x45 + options.size() / 4);
  store_be16(&frame[TwoHosts::kIpAt + 2], static_cast<std::uint16_t>(40 + options.size()));
  frame[TwoHosts::kIpAt + 8] = 64;
  frame[TwoHosts::kIpAt + 9] = 6;
  source.store(&frame[TwoHosts::kIpAt + 12]);
  destination.store(&frame[TwoHosts::kIpAt + 16]);
  std::ranges::copy(options, frame.begin() + TwoHosts::kIpAt + 20);
  store_be16(&frame[tcp_at], 5000);
  store_be16(&frame[tcp_at + 2], 80);
  frame[tcp_at + 12] = 0x50;
  store_be32(&frame[tcp_at + 4], control.sequence);
  store_be32(&frame[tcp_at + 8], control.acknowledgement);
  frame[tcp_at + 13] = control.flags;
  store_be16(&frame[tcp_at + 14], 1000);
  test::repair_frame(frame);
  return frame;
}

// verifies RFC 9293 MUST-50
TEST_F(TcpOverIp, IpOptionsThatTcpDoesNotKnowDoNotHinderAConnection) {
  listens();
  // Stream identifier, router alert, and one of a number nobody has.
  const std::vector<std::uint8_t> options{136, 4, 0, 7, 148, 4, 0, 0, 0x9e, 3, 1, 0};
  net.inject(TwoHosts::From::client,
             net.pool().make(syn_frame(options, TwoHosts::kClient, TwoHosts::kServer, kServerMac)));
  net.settle();

  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen[0].flags(), wire::tcp_flag::kSyn | wire::tcp_flag::kAck);
}

// verifies RFC 9293 MUST-57
TEST_F(TcpOverIp, ASynToABroadcastOrMulticastAddressIsSilentlyDiscarded) {
  listens();
  for (const Ipv4Address to :
       {TwoHosts::kBroadcast, Ipv4Address::limited_broadcast(), Ipv4Address{224, 0, 0, 1}}) {
    net.inject(TwoHosts::From::client,
               net.pool().make(syn_frame({}, TwoHosts::kClient, to, MacAddress::broadcast())));
    net.settle();
  }

  EXPECT_TRUE(seen.empty());
}

// verifies RFC 9293 MUST-63
TEST_F(TcpOverIp, ASynFromAnAddressThatIsNoHostsIsIgnored) {
  listens();
  for (const Ipv4Address from :
       {TwoHosts::kBroadcast, Ipv4Address::limited_broadcast(), Ipv4Address{224, 0, 0, 1},
        Ipv4Address{0, 0, 0, 0}, Ipv4Address{127, 0, 0, 1}, TwoHosts::kServer}) {
    net.inject(TwoHosts::From::client,
               net.pool().make(syn_frame({}, from, TwoHosts::kServer, kServerMac)));
    net.settle();
  }

  EXPECT_TRUE(seen.empty());
  EXPECT_EQ(net.server.drops().count(DropReason::martian_source), 6U);
}

// ---- source routes, RFC 9293 3.9.2.1 ----

class SourceRoutedTcp : public TcpOverIp {
 protected:
  SourceRoutedTcp()
      : TcpOverIp({.network = {.source_routes = network::SourceRoutePolicy::process}}) {}
  void inject(const std::vector<std::uint8_t>& options, const Control& control = {}) {
    net.inject(TwoHosts::From::client,
               net.pool().make(syn_frame(options, kFar, TwoHosts::kServer, kServerMac, control)));
    net.settle();
  }
  // A host beyond the client, which is the last gateway of the routes.
  static inline const Ipv4Address kFar{192, 0, 2, 7};
  // {192.0.2.1, 10.0.0.1 >>}: completed, by two gateways. And by one alone.
  const std::vector<std::uint8_t> two_gateways{131, 11, 12, 192, 0, 2, 1, 10, 0, 0, 1, 0};
  const std::vector<std::uint8_t> one_gateway{131, 7, 8, 10, 0, 0, 1, 0};
};

// verifies RFC 9293 MUST-53, RFC 1122 3.2.1.8c-2
TEST_F(SourceRoutedTcp, APassiveOpenAnswersAlongTheReversedRoute) {
  listens();
  inject(two_gateways);

  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen[0].flags(), wire::tcp_flag::kSyn | wire::tcp_flag::kAck);
  EXPECT_EQ(seen[0].destination, TwoHosts::kClient);
  EXPECT_EQ(seen[0].ip_options,
            (std::vector<std::uint8_t>{131, 11, 4, 192, 0, 2, 1, 192, 0, 2, 7, 0}));
}

// verifies RFC 9293 SHLD-24
TEST_F(SourceRoutedTcp, ALaterRouteReplacesIt) {
  const socket::Fd listener = listens();
  inject(two_gateways);
  ASSERT_FALSE(seen.empty());
  const std::uint32_t isn = load_be32(&seen[0].segment[4]);
  inject(one_gateway, {.flags = wire::tcp_flag::kAck, .sequence = 1, .acknowledgement = isn + 1});
  seen.clear();
  const socket::Fd server = net.s().accept(listener, now()).value();
  EXPECT_TRUE(net.s().send(server, as_bytes("x"), now()));
  net.settle();

  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen[0].ip_options, (std::vector<std::uint8_t>{131, 7, 4, 192, 0, 2, 7, 0}));
}

// verifies RFC 9293 MUST-51, RFC 1122 4.1.4-1
TEST_F(SourceRoutedTcp, AnActiveOpenTakesTheRouteOfItsUser) {
  net.client.network().add_route({.destination = {Ipv4Address{}, 0}, .gateway = TwoHosts::kServer},
                                 now());
  const socket::Fd client = net.c().socket(socket::Type::stream, "client", now()).value();
  const std::string route("\x83\x07\x04\x0a\x00\x00\x02\x00", 8);  // >> 10.0.0.2
  EXPECT_TRUE(net.c().set_option(client, socket::Option::ip_options, route, now()));
  static_cast<void>(net.c().connect(client, {kFar, 80}, now()));
  net.settle();

  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen[0].destination, TwoHosts::kServer);
  EXPECT_EQ(seen[0].ip_options, (std::vector<std::uint8_t>{131, 7, 4, 192, 0, 2, 7, 0}));
}

// verifies RFC 9293 MUST-52
TEST_F(SourceRoutedTcp, TheRouteOfTheUserGoesBeforeThatOfThePeer) {
  const socket::Fd listener = listens();
  const std::string route("\x83\x07\x04\x0a\x00\x00\x01\x00", 8);
  EXPECT_TRUE(net.s().set_option(listener, socket::Option::ip_options, route, now()));
  inject(two_gateways);

  ASSERT_FALSE(seen.empty());
  EXPECT_EQ(seen[0].ip_options, (std::vector<std::uint8_t>{131, 7, 4, 192, 0, 2, 7, 0}));
}

TEST_F(TcpOverIp, ARouteIsNotFollowedBackWhereSourceRoutesAreNotWelcome) {
  listens();
  const std::vector<std::uint8_t> completed{131, 7, 8, 10, 0, 0, 9, 0};
  net.inject(TwoHosts::From::client, net.pool().make(syn_frame(completed, TwoHosts::kClient,
                                                               TwoHosts::kServer, kServerMac)));
  net.settle();

  ASSERT_FALSE(seen.empty());
  EXPECT_TRUE(seen[0].ip_options.empty());
}

}  // namespace
}  // namespace strata
