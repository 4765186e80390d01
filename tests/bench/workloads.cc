// SPDX-License-Identifier: MIT
#include "tests/bench/workloads.h"

#include <fmt/format.h>

#include "stack/base/assert.h"

namespace strata::bench {
namespace {

constexpr std::uint64_t kGigabit = 1'000'000'000;
constexpr std::uint16_t kSegmentBytes = 1448;  // as the peer is configured
constexpr std::int64_t kSinkPort = 5000;

Ipv4Address address(unsigned b, unsigned c, unsigned d) {
  return Ipv4Address{10, static_cast<std::uint8_t>(b), static_cast<std::uint8_t>(c),
                     static_cast<std::uint8_t>(d)};
}

// Builds hosts with numbered MACs and ports in the order given.
class Builder {
 public:
  explicit Builder(const WorkloadOptions& options)
      : options_(options), world_(std::make_unique<sim::World>(options.seed)) {}

  NodeId node(const std::string& name, const std::vector<Prefix>& addresses, bool router = false) {
    host::HostConfig config;
    config.name = name;
    config.network.forwarding = router;
    config.tcp.send_buffer_bytes = options_.buffer_bytes;
    config.tcp.receive_buffer_bytes = options_.buffer_bytes;
    config.tcp.mss_max = kSegmentBytes;
    for (const Prefix& prefix : addresses) {
      host::PortConfig port;
      port.interface.name = fmt::format("eth{}", config.ports.size());
      ++macs_;
      port.interface.mac =
          MacAddress{{2, 0, 0, static_cast<std::uint8_t>(macs_ >> 16),
                      static_cast<std::uint8_t>(macs_ >> 8), static_cast<std::uint8_t>(macs_)}};
      port.addresses = {prefix};
      config.ports.push_back(std::move(port));
    }
    config.routes = std::move(routes_);
    routes_.clear();
    return world_->add_host(std::move(config));
  }
  NodeId add_switch(const std::string& name, std::size_t ports) {
    return world_->add_switch(name, {.ports = ports});
  }
  // For the next node.
  void route(const Prefix& destination, Ipv4Address gateway, std::uint16_t port) {
    routes_.push_back({.destination = destination, .gateway = gateway, .port = PortId{port}});
  }
  void default_route(Ipv4Address gateway, std::uint16_t port = 0) {
    route({.address = Ipv4Address{}, .length = 0}, gateway, port);
  }
  void link(NodeId a, std::uint16_t a_port, NodeId b, std::uint16_t b_port, Duration delay,
            std::uint64_t rate = kGigabit, std::size_t queue_bytes = 0) {
    world_->add_link({.name = fmt::format("link{}", world_->link_count()),
                      .a = {a, PortId{a_port}},
                      .b = {b, PortId{b_port}},
                      .rate_bps = rate,
                      .delay = delay,
                      .queue = {.bytes_max = queue_bytes, .frames_max = 0}});
  }
  void start(NodeId node, const std::string& name, std::string_view program,
             application::Arguments arguments) {
    const application::Program* found = application::find_program(program);
    STRATA_ASSERT(found != nullptr);
    world_->start_process(node, name, *found, std::move(arguments), kStart);
  }
  // A bulk transfer from one node to another.
  void bulk(NodeId from, NodeId to, Ipv4Address to_address, std::uint64_t bytes) {
    application::Arguments sink;
    sink.set("listen", kSinkPort);
    sink.set("verify", false);
    sink.set("connections", std::int64_t{0});
    start(to, "sink", "sink", std::move(sink));
    application::Arguments source;
    source.set("to", fmt::format("{}:{}", to_text(to_address), kSinkPort));
    source.set("bytes", static_cast<std::int64_t>(bytes));
    start(from, "bulk", "bulk", std::move(source));
  }
  std::unique_ptr<sim::World> take() { return std::move(world_); }

 private:
  const WorkloadOptions& options_;
  std::unique_ptr<sim::World> world_;
  std::vector<network::Route> routes_;
  std::uint32_t macs_ = 0;
};

std::unique_ptr<sim::World> p2p(const WorkloadOptions& options) {
  Builder builder(options);
  const NodeId client = builder.node("client", {{address(0, 0, 1), 24}});
  const NodeId server = builder.node("server", {{address(0, 0, 2), 24}});
  builder.link(client, 0, server, 0, 1ms);
  builder.bulk(client, server, address(0, 0, 2), options.bytes);
  return builder.take();
}

std::unique_ptr<sim::World> switch_and_router(const WorkloadOptions& options) {
  Builder builder(options);
  builder.default_route(address(0, 0, 2));
  const NodeId client = builder.node("client", {{address(0, 0, 1), 24}});
  const NodeId router =
      builder.node("router", {{address(0, 0, 2), 24}, {address(0, 1, 1), 24}}, true);
  builder.default_route(address(0, 1, 1));
  const NodeId server = builder.node("server", {{address(0, 1, 2), 24}});
  const NodeId middle = builder.add_switch("switch", 2);
  builder.link(client, 0, middle, 0, 1us);
  builder.link(middle, 1, router, 0, 1us);
  builder.link(router, 1, server, 0, 1ms);
  builder.bulk(client, server, address(0, 1, 2), options.bytes);
  return builder.take();
}

std::unique_ptr<sim::World> dumbbell(const WorkloadOptions& options) {
  Builder builder(options);
  std::vector<Prefix> left_ports{{address(255, 0, 1), 24}};
  std::vector<Prefix> right_ports{{address(255, 0, 2), 24}};
  for (unsigned i = 0; i < options.flows; ++i) {
    left_ports.push_back({address(1 + i / 250, i % 250, 1), 24});
    right_ports.push_back({address(101 + i / 250, i % 250, 1), 24});
  }
  builder.default_route(address(255, 0, 2), 0);
  const NodeId left = builder.node("left", left_ports, true);
  builder.default_route(address(255, 0, 1), 0);
  const NodeId right = builder.node("right", right_ports, true);
  // 1,000 full frames at the bottleneck, about half a round trip of buffer.
  builder.link(left, 0, right, 0, 10ms, kGigabit, 1'518'000);
  for (unsigned i = 0; i < options.flows; ++i) {
    const auto port = static_cast<std::uint16_t>(i + 1);
    builder.default_route(left_ports[port].address.v4());
    const NodeId client =
        builder.node(fmt::format("client{}", i), {{address(1 + i / 250, i % 250, 2), 24}});
    builder.default_route(right_ports[port].address.v4());
    const NodeId server =
        builder.node(fmt::format("server{}", i), {{address(101 + i / 250, i % 250, 2), 24}});
    builder.link(client, 0, left, port, 1ms);
    builder.link(right, port, server, 0, 1ms);
    builder.bulk(client, server, address(101 + i / 250, i % 250, 2), std::uint64_t{1} << 40);
  }
  return builder.take();
}

std::unique_ptr<sim::World> chain(const WorkloadOptions& options) {
  Builder builder(options);
  const unsigned last = options.routers + 1;
  std::vector<NodeId> nodes;
  for (unsigned i = 0; i <= last; ++i) {
    // Node i has .2 on network i-1 and .1 on network i.
    std::vector<Prefix> ports;
    if (i > 0) ports.push_back({address(0, i - 1, 2), 24});
    if (i < last) ports.push_back({address(0, i, 1), 24});
    const auto onward = static_cast<std::uint16_t>(i == 0 ? 0 : 1);
    if (i < last) builder.route({address(0, options.routers, 0), 24}, address(0, i, 2), onward);
    if (i > 0) builder.route({address(0, 0, 0), 24}, address(0, i - 1, 1), 0);
    nodes.push_back(builder.node(fmt::format("n{}", i), ports, i > 0 && i < last));
  }
  for (unsigned i = 0; i < last; ++i) {
    builder.link(nodes[i], i == 0 ? 0 : 1, nodes[i + 1], 0, 10us, 10 * kGigabit);
  }
  application::Arguments sink;
  sink.set("listen", std::int64_t{9});
  builder.start(nodes[last], "sink", "udp-sink", std::move(sink));
  application::Arguments source;
  source.set("to", fmt::format("{}:9", to_text(address(0, options.routers, 2))));
  source.set("size", std::int64_t{1000});
  source.set("rate", std::int64_t{800'000'000});  // one datagram each 10 us
  source.set("for", Duration{1h});
  source.set("count", static_cast<std::int64_t>(options.datagrams));
  builder.start(nodes[0], "source", "udp-source", std::move(source));
  return builder.take();
}

}  // namespace

std::unique_ptr<sim::World> make_world(const WorkloadOptions& options) {
  if (options.name == "p2p") return p2p(options);
  if (options.name == "swrt") return switch_and_router(options);
  if (options.name == "dumbbell") return dumbbell(options);
  if (options.name == "chain") return chain(options);
  return nullptr;
}

Instant end_of(const WorkloadOptions& options) {
  return options.name == "dumbbell" ? kStart + options.duration : kNever;
}

}  // namespace strata::bench
