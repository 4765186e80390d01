// SPDX-License-Identifier: MIT
// Hosts: who takes part in a capture. Every IP address is a host, addresses that the capture file
// gives one name are one; a frame without a datagram is between the stations of its link header. A
// capture shows one place of the network, so each pair that talks is joined by a link of its own,
// named after the interface of capture.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "sim/device/capture_file.h"
#include "sim/trace/directory.h"
#include "stack/wire/datagram.h"

namespace strata::inference {

// Between whom a frame passed.
struct Passage {
  sim::LinkEnd from;
  sim::LinkEnd to;
  LinkId link = kNoLink;
};

class Hosts {
 public:
  // The ends of a frame that was captured on `interface`, whose number is `number`. What is not
  // known of them yet becomes known.
  Passage passage(Bytes frame, std::uint32_t number, const device::CaptureInterface& interface);
  void add_names(const std::vector<device::CaptureName>& names);
  trace::Directory take() { return std::move(directory_); }

 private:
  struct Ends {
    NodeId from = kNoNode;
    NodeId to = kNoNode;
    MacAddress from_mac;
  };

  Ends ends_of(Bytes frame, wire::LinkType link_type);
  Ends ends_of_datagram(const wire::Datagram& datagram, const wire::LinkHeader& header);
  NodeId host(const IpAddress& address);
  NodeId station(const MacAddress& mac);
  NodeId named(const std::string& name, trace::NodeKind kind);
  PortId port(NodeId node, std::uint32_t number, const std::string& name);

  trace::Directory directory_;
  std::map<IpAddress, std::string> names_;
  std::map<IpAddress, NodeId> by_address_;
  std::map<MacAddress, NodeId> by_mac_;
  std::map<std::string, NodeId> by_name_;
  std::map<std::pair<NodeId, std::uint32_t>, PortId> ports_;
  std::map<std::tuple<std::uint32_t, NodeId, NodeId>, LinkId> links_;
};

}  // namespace strata::inference
