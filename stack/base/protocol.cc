// SPDX-License-Identifier: MIT
#include "stack/base/protocol.h"

namespace strata {

std::string_view to_text(Layer layer) {
  switch (layer) {
    case Layer::physical:
      return "physical";
    case Layer::link:
      return "link";
    case Layer::network:
      return "network";
    case Layer::transport:
      return "transport";
    case Layer::application:
      return "application";
  }
  return "?";
}

std::string_view to_text(Protocol protocol) {
  switch (protocol) {
    case Protocol::physical:
      return "physical";
    case Protocol::ethernet:
      return "ethernet";
    case Protocol::vlan:
      return "vlan";
    case Protocol::linux_cooked:
      return "sll";
    case Protocol::linux_cooked_v2:
      return "sll2";
    case Protocol::loopback:
      return "null";
    case Protocol::arp:
      return "arp";
    case Protocol::ipv4:
      return "ipv4";
    case Protocol::ipv6:
      return "ipv6";
    case Protocol::icmpv4:
      return "icmp";
    case Protocol::icmpv6:
      return "icmpv6";
    case Protocol::udp:
      return "udp";
    case Protocol::tcp:
      return "tcp";
    case Protocol::http:
      return "http";
    case Protocol::data:
      return "data";
    case Protocol::padding:
      return "padding";
    case Protocol::fcs:
      return "fcs";
  }
  return "?";
}

Layer layer_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::physical:
      return Layer::physical;
    case Protocol::ethernet:
    case Protocol::vlan:
    case Protocol::linux_cooked:
    case Protocol::linux_cooked_v2:
    case Protocol::loopback:
    case Protocol::arp:
    case Protocol::padding:
    case Protocol::fcs:
      return Layer::link;
    case Protocol::ipv4:
    case Protocol::ipv6:
    case Protocol::icmpv4:
    case Protocol::icmpv6:
      return Layer::network;
    case Protocol::udp:
    case Protocol::tcp:
      return Layer::transport;
    case Protocol::http:
    case Protocol::data:
      return Layer::application;
  }
  return Layer::application;
}

}  // namespace strata
