// SPDX-License-Identifier: MIT
// One network layer on a test bench: real interfaces below, whose neighbours the bench plays, and a
// recorder above. Datagrams that go in are written byte by byte here, without the code under test;
// those that come out are compared as bytes.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <variant>
#include <vector>

#include "stack/network/network.h"

namespace strata::network {

using Octets = std::vector<std::uint8_t>;

inline Ipv4Address ip(std::string_view text) { return Ipv4Address::parse(text).value(); }
inline Prefix net(std::string_view text) { return Prefix::parse(text).value(); }

// An IPv4 header to be written by hand.
struct Ip {
  std::string_view from = "10.0.1.99";
  std::string_view to = "10.0.1.10";
  int protocol = 17;
  int ttl = 64;
  int id = 0x1234;
  bool df = false;
  bool mf = false;
  int offset = 0;  // bytes
  int tos = 0;
  Octets options = {};
};

// RFC 1071 in its plainest form.
std::uint16_t plain_checksum(const Octets& bytes);
Octets datagram(const Ip& header, const Octets& payload);
// `size` bytes that count up from `first`.
Octets counting(std::size_t size, std::uint8_t first = 0);
// An ICMP message with a correct checksum.
Octets icmp(int type, int code, std::uint32_t rest, const Octets& body);
// A UDP header without checksum, and data.
Octets udp(std::uint16_t from, std::uint16_t to, const Octets& data);
Octets operator+(Octets left, const Octets& right);
Octets octets(Bytes bytes);
Octets slice(const Octets& bytes, std::size_t begin, std::size_t end = SIZE_MAX);

class Bench : private link::FrameSink, private Upper, private Observer {
 public:
  struct Sent {  // a datagram that left by a port
    PortId port{};
    MacAddress to;
    Octets bytes;
    std::uint8_t at(std::size_t i) const { return bytes.at(i); }
    std::uint16_t word(std::size_t i) const {
      return static_cast<std::uint16_t>((at(i) << 8) | at(i + 1));
    }
    Ipv4Address source() const { return Ipv4Address::load(&bytes.at(12)); }
    Ipv4Address destination() const { return Ipv4Address::load(&bytes.at(16)); }
    bool is_fragment() const { return (word(6) & 0x3fff) != 0; }
  };
  struct Delivered {
    DatagramInfo info;
    Octets header;
    Octets payload;
    PacketUid uid{};
    PacketUid parent{};
    Parentage parentage{};
  };
  struct IcmpErrorSeen {
    IcmpErrorInfo info;
    Octets quoted_payload;
  };
  struct EchoSeen {
    EchoReplyInfo info;
    Octets data;
  };

  explicit Bench(NetworkConfig config = {});
  ~Bench() override;

  // Adds an interface; stations listed in `neighbours` have made themselves known by ARP.
  PortId add_port(std::vector<Prefix> addresses, std::initializer_list<std::string_view> neighbours,
                  std::uint16_t mtu = 1500);
  static MacAddress mac_of(std::string_view station);

  Network& network() { return *network_; }
  PacketPool& pool() { return pool_; }
  Instant now() const { return now_; }
  void advance(Duration by);  // firing deadlines on the way
  void settle();              // deadlines that are due now

  void receives(const Octets& bytes, PortId port = PortId{0});
  void receives_broadcast_frame(const Octets& bytes, PortId port = PortId{0});
  Result<void> sends(std::string_view to, const Octets& payload, const SendOptions& options = {},
                     IpProtocol protocol = IpProtocol::udp);

  // What has left since the last call.
  std::vector<Sent> take_sent();
  Sent take_only_sent();  // fails unless it is exactly one
  bool is_silent() { return take_sent().empty(); }

  std::vector<Delivered> delivered;
  std::vector<IcmpErrorSeen> icmp_errors;
  std::vector<EchoSeen> echo_replies;
  std::uint64_t drops(DropReason reason) const { return network_->drops().count(reason); }
  std::uint64_t drops() const { return network_->drops().total(); }
  template <typename E>
  std::vector<E> events() const {
    std::vector<E> found;
    for (const Event& event : events_) {
      if (const auto* body = std::get_if<E>(&event.body)) found.push_back(*body);
    }
    return found;
  }
  std::vector<Event> all_events() const { return events_; }
  bool answer_port_unreachable = false;

 private:
  void transmit(PortId port, Packet frame, Instant now) override;
  void on_datagram(Packet packet, const DatagramInfo& info, Instant now) override;
  void on_icmp_error(const IcmpErrorInfo& error, Instant now) override;
  void on_echo_reply(const EchoReplyInfo& reply, Instant now) override;
  void on_event(const Event& event) override { events_.push_back(event); }
  void receives(const Octets& bytes, PortId port, const link::ReceivedFrame& frame);
  void introduce(link::Interface& interface, std::string_view station);

  PacketPool pool_;
  Tracer tracer_;
  NodeContext context_;
  std::unique_ptr<Network> network_;
  std::vector<std::unique_ptr<link::Interface>> interfaces_;
  std::vector<Sent> sent_;
  std::vector<Event> events_;
  Instant now_ = kStart + 1ms;
};

}  // namespace strata::network
