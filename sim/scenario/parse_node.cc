// SPDX-License-Identifier: MIT
// The `nodes:` part of a scenario.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/frame_filter.h"
#include "sim/scenario/parse.h"
#include "stack/transport/tcp/profile.h"

namespace strata::scenario {
namespace {

constexpr std::size_t kPortsMost = 254;  // the last octet of a MAC address counts ports

// Assigns what the reader found; keeps the default after a mistake.
template <typename T, typename U>
void set(T& target, const std::optional<U>& value) {
  if (value) target = static_cast<T>(*value);
}

tcp::EcnUse to_ecn_use(const std::string& word) {
  if (word == "on") return tcp::EcnUse::on;
  if (word == "accurate") return tcp::EcnUse::accurate;
  if (word == "accurate-passive") return tcp::EcnUse::accurate_passive;
  return word == "passive" ? tcp::EcnUse::passive : tcp::EcnUse::off;
}

tcp::WindowValidation to_window_validation(const std::string& word) {
  if (word == "off") return tcp::WindowValidation::off;
  return word == "rfc7661" ? tcp::WindowValidation::rfc7661 : tcp::WindowValidation::rfc5681;
}

// The keys of loss detection and recovery.
void read_recovery(MapReader& reader, tcp::Config& config) {
  set(config.timestamps, reader.boolean("timestamps"));
  set(config.sack, reader.boolean("sack"));
  set(config.d_sack, reader.boolean("d-sack"));
  set(config.fast_retransmit, reader.boolean("fast-retransmit"));
  set(config.limited_transmit, reader.boolean("limited-transmit"));
  set(config.slow_but_steady, reader.boolean("slow-but-steady"));
  set(config.rack, reader.boolean("rack"));
  set(config.counted_pipe, reader.boolean("counted-pipe"));
  set(config.tail_loss_probe, reader.boolean("tail-loss-probe"));
  set(config.probe_in_recovery, reader.boolean("probe-in-recovery"));
  if (const auto bound = reader.choice("prr")) {
    config.prr = *bound == "off"            ? tcp::ReductionBound::none
                 : *bound == "conservative" ? tcp::ReductionBound::conservative
                 : *bound == "safe"         ? tcp::ReductionBound::safe
                                            : tcp::ReductionBound::slow_start;
  }
  set(config.f_rto, reader.boolean("f-rto"));
  set(config.undo, reader.boolean("undo"));
}

tcp::Config parse_tcp(const Entry* entry, const std::string& node, Diagnostics& diagnostics) {
  tcp::Config config;
  const Value* value = entry != nullptr ? &entry->value : nullptr;
  MapReader reader(value, Section::tcp, fmt::format("'tcp' of node '{}'", node), diagnostics);
  if (!reader.is_readable()) return config;
  if (const auto name = reader.choice("profile")) {
    config = tcp::config_for(tcp::profile_named(*name).value_or(tcp::Profile::rfc));
    reader.use_profile(*name);
  }
  set(config.congestion_control, reader.choice("congestion-control"));
  set(config.send_buffer_bytes, reader.bytes("send-buffer"));
  set(config.receive_buffer_bytes, reader.bytes("receive-buffer"));
  set(config.receive_buffer_max_bytes, reader.bytes("receive-buffer-max"));
  set(config.mss_max, reader.bytes("mss"));
  set(config.window_scaling, reader.boolean("window-scaling"));
  read_recovery(reader, config);
  set(config.nagle, reader.boolean("nagle"));
  set(config.delayed_ack, reader.duration("delayed-ack"));
  set(config.rto_initial, reader.duration("rto-initial"));
  set(config.rto_min, reader.duration("rto-min"));
  set(config.rto_max, reader.duration("rto-max"));
  set(config.msl, reader.duration("msl"));
  set(config.syn_retries_max, reader.count("syn-retries"));
  set(config.retries_max, reader.count("retries"));
  set(config.initial_window_segments, reader.count("initial-window"));
  set(config.fast_convergence, reader.boolean("fast-convergence"));
  set(config.abc_limit, reader.count("abc-limit"));
  if (const auto rule = reader.choice("cwnd-validation")) {
    config.window_validation = to_window_validation(*rule);
  }
  if (const auto use = reader.choice("ecn")) config.ecn = to_ecn_use(*use);
  set(config.pacing, reader.boolean("pacing"));
  set(config.fin_wait_2_timeout, reader.duration("fin-wait-2-timeout"));
  set(config.keepalive.enabled, reader.boolean("keepalive"));
  set(config.keepalive.idle, reader.duration("keepalive-idle"));
  set(config.keepalive.interval, reader.duration("keepalive-interval"));
  set(config.keepalive.probes, reader.count("keepalive-probes"));
  set(config.user_timeout, reader.duration("user-timeout"));
  set(config.retries_before_doubt, reader.count("retries-before-doubt"));
  set(config.syn_backlog, reader.count("syn-backlog"));
  if (const auto cookies = reader.choice("syn-cookies")) {
    config.syn_cookies = *cookies == "off"      ? tcp::SynCookies::off
                         : *cookies == "always" ? tcp::SynCookies::always
                                                : tcp::SynCookies::overflow;
  }
  set(config.fast_open, reader.boolean("fast-open"));
  set(config.path_mtu_discovery, reader.boolean("path-mtu-discovery"));
  if (const auto probing = reader.choice("path-mtu-probing")) {
    config.path_mtu_probing = *probing == "off"          ? tcp::PathMtuProbing::off
                              : *probing == "black-hole" ? tcp::PathMtuProbing::black_hole
                                                         : tcp::PathMtuProbing::search;
  }
  set(config.time_wait_ignores_rst, reader.boolean("time-wait-ignores-rst"));
  if (config.delayed_ack >= 500ms) {
    diagnostics.error(reader.at("delayed-ack"),
                      "'delayed-ack' must be less than 500 ms (RFC 9293 3.8.6.3)");
  }
  if (config.rto_min > config.rto_max) {
    diagnostics.error(reader.at("rto-min"), "'rto-min' is more than 'rto-max'");
  }
  for (const auto& [key, timer] :
       {std::pair{"rto-initial", config.rto_initial}, std::pair{"rto-min", config.rto_min}}) {
    if (timer <= Duration{}) {
      diagnostics.error(reader.at(key), fmt::format("'{}' must be more than zero", key));
    }
  }
  return config;
}

network::NetworkConfig parse_network(const Entry* entry, const std::string& node,
                                     Diagnostics& diagnostics) {
  network::NetworkConfig config;
  const Value* value = entry != nullptr ? &entry->value : nullptr;
  MapReader reader(value, Section::network, fmt::format("'network' of node '{}'", node),
                   diagnostics);
  if (!reader.is_readable()) return config;
  set(config.default_ttl, reader.count("ttl"));
  set(config.reassembly_timeout, reader.duration("reassembly-timeout"));
  set(config.reassembly_bytes_max, reader.bytes("reassembly-memory"));
  set(config.icmp_errors_per_second, reader.count("icmp-errors-per-second"));
  set(config.answer_broadcast_echo, reader.boolean("answer-broadcast-echo"));
  set(config.send_redirects, reader.boolean("send-redirects"));
  set(config.accept_redirects, reader.boolean("accept-redirects"));
  set(config.forward_directed_broadcast, reader.boolean("forward-directed-broadcast"));
  return config;
}

link::ArpConfig parse_arp(const Entry* entry, const std::string& node, Diagnostics& diagnostics) {
  link::ArpConfig config;
  const Value* value = entry != nullptr ? &entry->value : nullptr;
  MapReader reader(value, Section::arp, fmt::format("'arp' of node '{}'", node), diagnostics);
  if (!reader.is_readable()) return config;
  set(config.reachable_time, reader.duration("reachable-time"));
  set(config.request_interval, reader.duration("request-interval"));
  set(config.requests_max, reader.count("requests"));
  set(config.queue_packets_max, reader.count("queue"));
  set(config.entries_max, reader.count("table-size"));
  set(config.announce, reader.boolean("announce"));
  set(config.probe, reader.boolean("probe"));
  return config;
}

std::vector<Prefix> parse_prefixes(const Value& value, Diagnostics& diagnostics) {
  std::vector<Prefix> prefixes;
  const auto read = [&](const Value& item) {
    if (item.kind != ValueKind::scalar) {
      diagnostics.error(item.at, fmt::format("an address is written as 10.0.1.10/24, not as {}",
                                             to_text(item.kind)));
      return;
    }
    auto prefix = parse_prefix(item.text);
    if (prefix) {
      prefixes.push_back(*prefix);
    } else {
      diagnostics.error(item.at, std::move(prefix.error()));
    }
  };
  if (value.kind == ValueKind::list) {
    for (const Value& item : value.items) read(item);
  } else {
    read(value);
  }
  return prefixes;
}

std::vector<PortModel> parse_ports(MapReader& reader, Diagnostics& diagnostics) {
  std::vector<PortModel> ports;
  const Entry* single = reader.entry("address");
  const Entry* several = reader.entry("addresses");
  if (single != nullptr && several != nullptr) {
    diagnostics.error(single->at,
                      fmt::format("{} has both 'address' and 'addresses'", reader.subject()),
                      "keep 'addresses' and give each port its own");
  }
  if (several == nullptr) {
    PortModel port{.name = "eth0", .addresses = {}, .at = reader.at("address")};
    if (single != nullptr) port.addresses = parse_prefixes(single->value, diagnostics);
    ports.push_back(std::move(port));
    return ports;
  }
  if (several->value.kind != ValueKind::map) {
    diagnostics.error(several->value.at,
                      fmt::format("'addresses' is {}, not {}", describe(Kind::ports),
                                  to_text(several->value.kind)));
    return ports;
  }
  for (const Entry& entry : several->value.entries) {
    if (auto wrong = check_name(entry.key)) diagnostics.error(entry.at, std::move(*wrong));
    ports.push_back({entry.key, parse_prefixes(entry.value, diagnostics), entry.at});
  }
  if (ports.size() > kPortsMost) {
    diagnostics.error(several->at, fmt::format("a node has at most {} ports", kPortsMost));
  }
  return ports;
}

std::optional<std::vector<RouteModel>> parse_routes(const Entry* entry, const std::string& node,
                                                    Diagnostics& diagnostics) {
  if (entry == nullptr) return std::nullopt;
  std::vector<RouteModel> routes;
  if (entry->value.kind != ValueKind::list) {
    diagnostics.error(entry->value.at,
                      fmt::format("'routes' is a list of maps, not {}", to_text(entry->value.kind)),
                      "write for instance '- { to: 10.0.3.0/24, via: 10.0.2.2 }'");
    return routes;
  }
  for (const Value& item : entry->value.items) {
    MapReader reader(&item, Section::route, fmt::format("a route of node '{}'", node), diagnostics);
    if (!reader.is_readable()) continue;
    reader.check_required();
    const auto to = reader.prefix("to");
    const auto via = reader.address("via");
    const auto metric = reader.count("metric");
    if (to && to->network() != *to) {
      diagnostics.error(
          reader.at("to"),
          fmt::format("{} has bits set beyond its prefix length", in_quotes(strata::to_text(*to))),
          fmt::format("write {}", strata::to_text(to->network())));
    }
    if (!to || !via || !metric) continue;
    routes.push_back({*to, *via, static_cast<std::uint32_t>(*metric), item.at});
  }
  return routes;
}

std::uint8_t bit_of(NodeKind kind) {
  switch (kind) {
    case NodeKind::host:
      return on_host;
    case NodeKind::router:
      return on_router;
    case NodeKind::network_switch:
      return on_switch;
    case NodeKind::device:
      return on_device;
  }
  return on_any;
}

// Why a node of this kind has no use for a key of other kinds.
std::string_view limits_of(NodeKind kind, const Key& key) {
  if (key.nodes == on_switch) return "only a switch has it";
  if (key.nodes == on_device) return "only a device has it";
  switch (kind) {
    case NodeKind::network_switch:
      return "a switch works on frames alone: hosts and routers have addresses";
    case NodeKind::device:
      return "a device is what its map 'device' says";
    case NodeKind::host:
    case NodeKind::router:
      break;
  }
  return "other kinds of nodes have it";
}

// A key that makes sense for other kinds of nodes only.
void check_kind(const MapReader& reader, NodeKind kind, Diagnostics& diagnostics) {
  const std::uint8_t bit = bit_of(kind);
  for (const Key& key : keys(Section::node)) {
    const Entry* entry = reader.entry(key.name);
    if (entry == nullptr || (key.nodes & bit) != 0) continue;
    diagnostics.error(
        entry->at,
        fmt::format("{} is a {}, which has no '{}'", reader.subject(), to_text(kind), key.name),
        std::string{limits_of(kind, key)});
  }
}

// The name of the interface, by the key that says how it is used; reports what is wrong with it.
std::string device_name(MapReader& reader, std::string_view key, Diagnostics& diagnostics) {
  constexpr std::size_t kNameMost = 15;  // IFNAMSIZ of Linux, less the final zero
  const std::string name = reader.text(key).value_or("");
  const bool is_name = !name.empty() && name.size() <= kNameMost &&
                       name.find_first_of("/ \t:%") == std::string::npos && name != "." &&
                       name != "..";
  if (reader.has(key) && !is_name) {
    diagnostics.error(reader.at(key),
                      fmt::format("{} cannot be the name of an interface", in_quotes(name)),
                      "use up to 15 letters and digits, for instance 'strata0'");
  }
  return name;
}

// Keys that do not go with what the device is.
void check_device_keys(const MapReader& reader, std::string_view kind, Diagnostics& diagnostics) {
  for (const Key& key : keys(Section::device)) {
    const std::vector<std::string> beside = words_of(key.beside);
    if (beside.empty() || !reader.has(key.name) ||
        std::find(beside.begin(), beside.end(), kind) != beside.end()) {
      continue;
    }
    diagnostics.error(reader.entry(key.name)->at,
                      fmt::format("'{}' does not go with '{}'", key.name, kind),
                      fmt::format("only '{}' {} it", fmt::join(beside, "' and '"),
                                  beside.size() == 1 ? "has" : "have"));
  }
}

// What is said of a device that is a capture file.
void parse_replay(MapReader& reader, NodeModel& node, Diagnostics& diagnostics) {
  DeviceModel& device = node.device;
  device.capture = reader.text("capture").value_or("");
  device.capture_at = reader.at("capture");
  if (device.capture.empty()) {
    diagnostics.error(device.capture_at, "'capture' names no file",
                      "write for instance 'capture: frames.pcapng'");
  }
  set(device.speed_ppm, reader.speed("speed"));
  set(device.passes, reader.count("loop"));
  set(device.start, reader.instant("at"));
  set(device.interface, reader.text("interface"));
  set(device.to, reader.text("to"));
  device.to_at = reader.at("to");
}

// The map `device:` of a node that stands for an interface of the operating system or a capture.
void parse_device(const Entry* entry, NodeModel& node, Diagnostics& diagnostics) {
  constexpr std::string_view kExample =
      "add for instance 'device: { tap: strata0, address: 10.0.1.1/24 }'";
  if (entry == nullptr) {
    diagnostics.error(node.at,
                      fmt::format("device '{}' does not say what it stands for", node.name),
                      std::string{kExample});
    return;
  }
  MapReader reader(&entry->value, Section::device, fmt::format("'device' of node '{}'", node.name),
                   diagnostics);
  if (!reader.is_readable()) return;
  std::string_view kind;
  std::size_t kinds = 0;
  for (const std::string_view known : {"tap", "pcap", "capture"}) {
    if (!reader.has(known)) continue;
    if (kinds++ == 0) kind = known;
  }
  if (kinds != 1) {
    diagnostics.error(reader.at(),
                      fmt::format("{} needs one of 'tap', 'pcap' and 'capture'", reader.subject()),
                      kinds > 1 ? "keep one of them" : std::string{kExample});
  }
  if (kinds == 0) return;
  check_device_keys(reader, kind, diagnostics);
  PortModel port{.name = "eth0", .addresses = {}, .at = reader.at(kind)};
  if (kind == "capture") {
    node.device.kind = DeviceModel::Kind::capture;
    parse_replay(reader, node, diagnostics);
  } else {
    node.device.kind = kind == "pcap" ? DeviceModel::Kind::pcap : DeviceModel::Kind::tap;
    port.name = device_name(reader, kind, diagnostics);
  }
  if (const auto address = reader.prefix("address")) port.addresses.push_back(*address);
  node.ports.push_back(std::move(port));
  node.gateway = reader.address("gateway");
  node.gateway_at = reader.at("gateway");
  set(node.device.mtu, reader.bytes("mtu"));
  set(node.device.network_namespace, reader.text("netns"));
  set(node.device.offload, reader.boolean("offload"));
  set(node.device.persistent, reader.boolean("persistent"));
  node.device.filter = reader.text("filter").value_or("");
  if (const auto wrong = sim::check_filter(node.device.filter)) {
    diagnostics.error(reader.at("filter"), fmt::format("'filter' is not a pcap filter: {}", *wrong),
                      "see pcap-filter(7)");
  }
}

}  // namespace

NodeModel parse_node(const Entry& entry, Diagnostics& diagnostics) {
  NodeModel node;
  node.name = entry.key;
  node.at = entry.at;
  MapReader reader(&entry.value, Section::node, fmt::format("node '{}'", entry.key), diagnostics);
  if (!reader.is_readable()) return node;
  const auto kind = reader.choice("kind");
  if (kind == "router") node.kind = NodeKind::router;
  if (kind == "switch") node.kind = NodeKind::network_switch;
  const bool is_implied = !reader.has("kind") && reader.has("device");
  if (kind == "device" || is_implied) node.kind = NodeKind::device;
  if (kind) check_kind(reader, node.kind, diagnostics);
  set(node.verify_fcs, reader.boolean("verify-fcs"));
  set(node.promiscuous, reader.boolean("promiscuous"));
  set(node.allocation_failure, reader.probability("allocation-failure"));
  set(node.ageing, reader.duration("ageing"));
  set(node.table_size, reader.count("table-size"));
  if (node.kind == NodeKind::network_switch) return node;
  if (node.kind == NodeKind::device) {
    parse_device(reader.entry("device"), node, diagnostics);
    return node;
  }
  node.ports = parse_ports(reader, diagnostics);
  node.gateway = reader.address("gateway");
  node.gateway_at = reader.at("gateway");
  node.routes = parse_routes(reader.entry("routes"), node.name, diagnostics);
  node.tcp = parse_tcp(reader.entry("tcp"), node.name, diagnostics);
  node.network = parse_network(reader.entry("network"), node.name, diagnostics);
  node.network.forwarding = node.kind == NodeKind::router;
  node.arp = parse_arp(reader.entry("arp"), node.name, diagnostics);
  return node;
}

}  // namespace strata::scenario
