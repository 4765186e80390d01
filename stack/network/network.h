// SPDX-License-Identifier: MIT
// The network layer of one host or router: IPv4 (RFC 791) as RFC 1122 section 3 asks of hosts and
// RFC 1812 of routers. Read those two, RFC 792 (ICMP), RFC 1191 (path MTU) and RFC 6864
// (identification) before changing it.
//
// Theory of operation
//
//   send() --> source, route, header --> [looped back]  or  fragment --> link
//                                                                         ^
//   link --> receive() --> header valid? source sane? --> ours? -no-> forward: route, TTL, options
//                                                          |
//                                                         yes --> reassembly --> ICMP or Upper
//
// - A datagram for one of our own addresses (127/8 included) never touches a link. It waits in a
//   queue that the next on_deadline() empties, so nothing here ever recurses: an answer to a
//   looped-back datagram is processed one turn later.
// - An undeliverable datagram of our own is answered by an ICMP error through that same queue: the
//   transport layer hears of an unresolved neighbour as it hears of an unreachable network.
// - Multihoming (RFC 1122 3.3.4.2): the weak end system model. Every interface accepts datagrams
//   for any address of this node; outgoing ones are routed by destination alone, and their source
//   is an address of the interface they leave by, unless the caller bound one.
// - Transit datagrams are forwarded in the buffer they came in: TTL and checksum change, nothing
//   is copied or allocated.
// - Multicast (RFC 1112) stays on the connected networks: groups are joined per interface, sent to
//   and received from. Routers do not forward it and nobody runs IGMP, which RFC 1122 3.3.7 allows.
//
// One concern per file: routes (longest prefix match), reassembly, fragment, ip_options, icmp
// (messages and limits), identification, path_mtu, drop_log. Network ties them together: its own
// members are in network.cc (configuration), output.cc, input.cc, forward.cc and icmp_input.cc.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "stack/base/result.h"
#include "stack/base/tracer.h"
#include "stack/link/interface.h"
#include "stack/network/answer_cache.h"
#include "stack/network/config.h"
#include "stack/network/drop_log.h"
#include "stack/network/icmp.h"
#include "stack/network/identification.h"
#include "stack/network/ip_options.h"
#include "stack/network/path_mtu.h"
#include "stack/network/reassembly.h"
#include "stack/network/routes.h"
#include "stack/network/upper.h"
#include "stack/wire/icmpv4.h"
#include "stack/wire/ipv4.h"

namespace strata::network {

class Network final : public link::NeighbourListener {
 public:
  // `upper` must outlive the network layer.
  Network(const NodeContext& context, NetworkConfig config, Upper& upper);
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  // `addresses` are interface addresses with their prefix length (IPv6 ones are ignored); connected
  // routes are added. The interface must outlive the network layer. Call once per interface, in
  // port order.
  void add_interface(link::Interface& interface, std::vector<Prefix> addresses);
  // Ignores a route of an unknown port, an IPv6 route and one that is there already.
  void add_route(Route route, Instant now);
  // Traces every route in use as added: for observers that came after the table was made.
  void announce_routes(Instant now) const;
  // A port went down or up: its routes are unusable meanwhile.
  void set_port_up(PortId port, bool up, Instant now);
  // The MTU of a port's interface changes.
  void set_port_mtu(PortId port, std::uint16_t mtu);
  // How often that has happened: whoever has derived sizes from mtu_for() sees when to ask again.
  std::uint32_t mtu_changes() const { return mtu_changes_; }

  // Multicast groups this host listens to on an interface, besides 224.0.0.1, to which every
  // interface always listens (RFC 1112 7.2). Who joins twice leaves twice. Errors:
  // invalid_argument (no group address, no such port), address_not_available (leaving what was
  // not joined).
  Result<void> join_group(Ipv4Address group, PortId port);
  Result<void> leave_group(Ipv4Address group, PortId port);

  // Sends `payload` (transport header and data; Packet::kHeadroom in front) as a datagram.
  // Errors: network_unreachable (no route), message_size (too large to send, or would need
  // fragmentation with dont_fragment), permission_denied (broadcast without leave),
  // address_not_available (source is not ours), no_buffer_space (too many looped-back datagrams
  // wait), not_supported (IPv6), invalid_argument (destination 0.0.0.0, 224.0.0.0 or class E,
  // loopback source towards a link, malformed options).
  Result<void> send(Packet payload, IpProtocol protocol, const IpAddress& destination,
                    const SendOptions& options, Instant now);
  // A frame of EtherType IPv4 arrived: packet.bytes() starts at the IP header, padding may follow.
  void receive(PortId port, Packet packet, const link::ReceivedFrame& frame, Instant now);

  // RFC 1122 3.3.4.3: the address a datagram to `destination` would carry. Errors:
  // network_unreachable, address_not_available (the interface has none), not_supported (IPv6).
  Result<IpAddress> source_for(const IpAddress& destination) const;
  // Largest datagram (header included) that leaves unfragmented towards `destination`: the MTU of
  // the interface, or of the path where less is known to fit (RFC 1191). 65535 to ourselves, 576
  // without a route (RFC 1122 3.3.3).
  std::uint16_t mtu_for(const IpAddress& destination) const;
  // The same without what was learned of the path: what this end can take, and so what TCP
  // announces (RFC 9293 3.7.1).
  std::uint16_t interface_mtu_for(const IpAddress& destination) const;
  // A "fragmentation needed" about `datagram_bytes` to `destination` was believed. The network
  // layer calls this itself except when the datagram is a TCP segment: TCP must first see that the
  // quoted sequence number is in flight (RFC 5927 section 4). `reported` may be 0 (RFC 1191 5).
  void reduce_path_mtu(const IpAddress& destination, std::uint16_t reported,
                       std::uint16_t datagram_bytes, Instant now);
  static constexpr Ipv4Address kNoGroup{224, 0, 0, 0};  // RFC 1112 4: never assigned
  // The largest transport message that can arrive, whole or in fragments (RFC 1122 3.3.2: MMS_R).
  static constexpr std::uint16_t kMmsR = 65535 - wire::Ipv4Header::kBytesMin;
  // Negative advice (RFC 1122 3.3.1.4): a transport protocol gets no answers from `destination`.
  // The next hop has to show that it is alive, or another gateway is chosen (RFC 1122 3.3.1.5).
  void doubt_route(const IpAddress& destination);
  bool is_local(const IpAddress& address) const;  // ours, loopback included
  // Limited, directed and network-zero broadcast of any interface (RFC 1122 3.3.6), or multicast.
  bool is_broadcast(const IpAddress& address) const;
  std::vector<Prefix> addresses() const;          // in port order
  std::string interface_name(PortId port) const;  // "lo" for kNoPort

  // Sends destination unreachable / port about a datagram this host received and could not deliver,
  // under the rules of RFC 1122 3.2.2 (no errors about errors, broadcasts, fragments...).
  // `payload` is the packet as on_datagram() got it.
  void send_port_unreachable(const Packet& payload, const DatagramInfo& info, Instant now);
  // Sends an echo request; the reply comes to Upper::on_echo_reply. Errors as for send().
  Result<PacketUid> send_echo_request(const IpAddress& destination, std::uint16_t identifier,
                                      std::uint16_t sequence, Bytes data,
                                      const SendOptions& options, Instant now);

  // Reassembly time-outs, looped-back packets (at once).
  Instant next_deadline() const;
  void on_deadline(Instant now);
  void on_neighbour_unreachable(PortId port, Packet datagram, Instant now) override;

  const std::vector<Route>& routes() const { return routes_.all(); }  // longest prefix first
  const DropCounters& drops() const { return drops_.counters(); }
  const NetworkConfig& config() const { return config_; }

 private:
  struct Port {
    link::Interface* link = nullptr;
    std::vector<Prefix> addresses;
    bool is_up = true;
  };
  enum class AddressKind : std::uint8_t { remote, own, broadcast };
  struct KnownAddress {  // one of ours, or a broadcast address of one of our networks
    Ipv4Address address;
    AddressKind kind{};
    PortId port{};
  };
  // Where a datagram of our own goes.
  struct Path {
    PortId port = kNoPort;  // kNoPort: looped back
    Ipv4Address source;
    Ipv4Address next_hop;
    bool is_broadcast = false;
    bool probes_mtu = false;     // only the link limits the size
    bool prefers_whole = false;  // forbid to fragment what fits
    Prefix route;
  };
  using PathCache = AnswerCache<Path, 64>;
  // A received datagram on its way through this layer: its header and how it came.
  struct Arrival {
    wire::Ipv4Header& header;        // options are edited on the way through
    PortId port{};                   // kNoPort: looped back
    bool is_link_broadcast = false;  // or multicast
    bool is_broadcast = false;       // by either layer's address: may provoke no error
  };

  // network.cc: addresses and configuration
  const Port* find_port(PortId port) const;
  const KnownAddress* find_known(Ipv4Address address) const;
  AddressKind kind_of(Ipv4Address address) const;
  bool is_own(Ipv4Address address) const { return kind_of(address) == AddressKind::own; }
  void learn_address(const KnownAddress& learned);
  std::optional<Ipv4Address> address_on(PortId port, Ipv4Address next_hop) const;
  std::uint16_t link_mtu(PortId port) const { return ports_[raw(port)].link->config().mtu; }
  void install(const Route& route, Instant now);
  void trace_route(TableChange change, const Route& route, Instant now) const;
  void age(Instant now);

  // output.cc: datagrams of our own
  Result<Path> find_path(Ipv4Address destination, const SendOptions& options);
  Result<Path> choose_path(Ipv4Address destination, const SendOptions& options) const;
  Result<Path> broadcast_path(Ipv4Address destination, Ipv4Address bound) const;
  bool is_member(Ipv4Address group, PortId port) const;
  std::uint16_t path_mtu(const Path& path, Ipv4Address destination) const;
  Result<void> send_v4(Packet payload, IpProtocol protocol, Ipv4Address destination,
                       const SendOptions& options, Instant now);
  Result<void> emit(Packet payload, wire::Ipv4Header& header, const Path& path, Instant now);
  void transmit(Packet datagram, const wire::Ipv4Header& header, const Path& path,
                std::uint16_t mtu, Instant now);
  void put_on_link(Packet datagram, const Path& path, Instant now);

  // input.cc: datagrams for us
  std::optional<DropReason> refusal(const Arrival& arrival, AddressKind destination) const;
  void accept(Packet datagram, Arrival& arrival, Instant now);
  void deliver(Packet datagram, const Arrival& arrival, Instant now);
  void deliver_looped_back(Instant now);
  void expire_reassemblies(Instant now);

  // forward.cc: datagrams for others, and IP options on the way
  void forward(Packet datagram, Arrival& arrival, Instant now);
  void forward_broadcast(const Packet& received, const Arrival& arrival, PortId out, Instant now);
  void redirect_source(const Packet& datagram, const Arrival& arrival, const Route& route,
                       Instant now);
  std::optional<OptionMap> check_options(const Packet& datagram, const Arrival& arrival,
                                         Instant now);
  bool stamp_options(Packet& datagram, Arrival& arrival, const OptionMap& map, Ipv4Address own,
                     bool is_forwarding, Instant now);
  bool stamp_time(MutableBytes options, std::size_t at, Ipv4Address own, Instant now) const;
  void follow_source_route(Packet datagram, Arrival& arrival, const OptionMap& map, Instant now);
  void refuse_source_route(const Packet& datagram, const Arrival& arrival, Instant now);

  // icmp_input.cc: ICMP received, errors sent
  void on_icmp(const Packet& message, const DatagramInfo& info, const wire::Ipv4Header& header,
               Instant now);
  void answer_echo(const Packet& message, const wire::Icmpv4Message& request,
                   const DatagramInfo& info, const wire::Ipv4Header& header, Instant now);
  void on_error_message(const Packet& message, const wire::Icmpv4Message& error,
                        const DatagramInfo& info, Instant now);
  void on_redirect(const wire::Icmpv4Message& redirect, const QuotedDatagram& quote,
                   const DatagramInfo& info, Instant now);
  void drop_with_error(const Packet& datagram, const Arrival& arrival, DropReason reason,
                       const IcmpError& error, Instant now);
  void send_error(const Packet& cause, const wire::Ipv4Header& header, Bytes header_bytes,
                  Bytes payload, const IcmpError& error, Instant now);
  Result<void> send_icmp(Packet message, Ipv4Address destination, const SendOptions& options,
                         PacketUid because_of, Instant now);

  NodeContext context_;
  NetworkConfig config_;
  Upper& upper_;
  DropLog drops_;
  RouteTable routes_;
  Reassembler reassembler_;
  PathMtuCache path_mtus_;
  IdentificationSource identifications_;
  TokenBucket error_allowance_;
  std::vector<Port> ports_;          // by PortId
  std::vector<KnownAddress> known_;  // sorted by address
  PathCache paths_;                  // where the last datagrams of our own went
  std::vector<std::pair<Ipv4Address, PortId>> groups_;
  std::uint32_t mtu_changes_ = 0;
  std::vector<Packet> loopback_;  // whole datagrams, oldest first
  std::vector<Route> redirects_;  // those of routes_ that ICMP taught us, oldest first
};

}  // namespace strata::network
