// SPDX-License-Identifier: MIT
// A scenario as plain data: what the file says, with units resolved and defaults filled in. Names
// are still names; validate() has to say whether they exist, and build() makes a world of them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/impairment.h"
#include "sim/queue_config.h"
#include "sim/replay.h"
#include "sim/scenario/diagnostic.h"
#include "sim/scenario/units.h"
#include "sim/trace/directory.h"
#include "stack/application/program.h"
#include "stack/base/address.h"
#include "stack/base/time.h"
#include "stack/link/interface.h"
#include "stack/network/network.h"
#include "stack/physical/line_code.h"
#include "stack/transport/tcp/connection.h"

namespace strata::scenario {

using trace::NodeKind;

struct PortModel {
  std::string name;  // "eth0" where the scenario gives none
  std::vector<Prefix> addresses;
  Position at;
};

struct RouteModel {
  Prefix destination;
  IpAddress gateway;
  std::uint32_t metric = 0;
  Position at;
};

// What a node of kind device stands for: an interface of the operating system, whose name and
// address are those of the node's only port, or a capture file.
struct DeviceModel {
  enum class Kind : std::uint8_t { tap, pcap, capture };

  Kind kind = Kind::tap;
  std::uint16_t mtu = 1500;
  std::string network_namespace;  // empty: the one `strata live` runs in
  std::string filter;             // of pcap and capture: which frames enter
  bool offload = true;            // of tap: super-frames, where the kernel has them
  bool persistent = false;        // of tap: it stays when the run has ended

  // Of capture.
  std::string capture;  // the file
  Position capture_at;
  std::string interface;  // of the file: its name or number; empty: all
  std::uint64_t speed_ppm = sim::ReplayConfig::kOriginalSpeed;  // 0: as fast as the link
  std::uint64_t passes = 1;
  Instant start = kStart;
  std::string to;  // NODE or NODE:PORT that unicast frames go to; empty: as captured
  Position to_at;
  std::shared_ptr<const sim::CapturedFrames> frames;  // null before read_replays()
};

struct NodeModel {
  std::string name;
  NodeKind kind = NodeKind::host;
  Position at;
  std::vector<PortModel> ports;  // of hosts and routers; a switch gets its ports from the links
  std::optional<IpAddress> gateway;
  Position gateway_at;
  std::optional<std::vector<RouteModel>> routes;  // nullopt: computed on a router, none on a host
  tcp::Config tcp;
  network::NetworkConfig network;
  link::ArpConfig arp;
  bool verify_fcs = true;
  bool promiscuous = false;
  Probability allocation_failure;
  Duration ageing{};           // of a switch
  std::size_t table_size = 0;  // of a switch
  DeviceModel device;          // of a device
};

struct EndModel {
  std::string node;
  std::string port;  // empty: the node's only port; of a switch, the next one
  Position at;
};

// Which way an impairment applies, by the names of the nodes at the ends; both empty: both ways.
struct DirectionModel {
  std::string from;
  std::string to;
  Position at;
};

struct ImpairmentModel {
  sim::ImpairmentModel model;
  DirectionModel direction;
  std::string match;  // as written, node names included
  Position match_at;
  Instant from = kStart;
  Instant until = kNever;
};

struct DownModel {
  Instant from{};
  std::optional<Instant> until;
};

struct MtuChangeModel {
  std::uint16_t mtu = 0;
  Instant from{};
  std::optional<Instant> until;
};

struct LinkModel {
  std::string name;
  Position at;
  EndModel a;
  EndModel b;
  std::uint64_t rate_bps = 0;  // 0: infinitely fast
  Duration delay{};
  sim::QueueConfig queue;
  std::optional<physical::LineCodeKind> line_code;
  std::uint16_t mtu = 1500;
  std::optional<std::uint16_t> vlan;
  bool trunk = false;
  std::vector<ImpairmentModel> impairments;
  std::vector<DownModel> down;
  std::vector<MtuChangeModel> mtu_changes;
};

// An argument that names a node, kept for validate().
struct TargetModel {
  std::string text;       // "server:5000"
  std::string node;       // "server"; a name or an address
  bool is_name = false;   // not a literal address
  std::string parameter;  // "to"
  Position at;
};

struct ProcessModel {
  std::string name;
  Position at;
  std::string node;
  Position node_at;
  const application::Program* program = nullptr;
  application::Arguments arguments;
  std::vector<TargetModel> targets;
  Instant start = kStart;
  bool is_server = false;  // waits for others: never counts as unfinished
};

// A line of `show:`, not yet understood: the views know their names.
struct ShowModel {
  std::string text;
  Position at;
};

struct ExpectModel {
  std::string text;
  Position at;
};

struct CaptureModel {
  std::string folder;
  bool pcapng = true;
  bool physical_layer = false;
};

struct Model {
  std::string title;
  std::string about;
  std::uint64_t seed = 1;
  std::optional<Instant> until;
  std::vector<NodeModel> nodes;
  std::vector<LinkModel> links;
  std::vector<ProcessModel> processes;
  std::vector<ShowModel> show;
  std::vector<ExpectModel> expect;
  std::optional<CaptureModel> capture;
};

const NodeModel* find_node(const Model& model, std::string_view name);  // null: there is none
const LinkModel* find_link(const Model& model, std::string_view name);

}  // namespace strata::scenario
