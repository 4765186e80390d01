// SPDX-License-Identifier: MIT
// What messages, the JSON Schema and the reference call the parts of the language.
#include <array>

#include "sim/scenario/schema.h"

namespace strata::scenario {
namespace {

struct SectionName {
  std::string_view in_messages;
  std::string_view identifier;
};
constexpr std::array<SectionName, kSections> kSectionNames{{{"", ""},
                                                            {"the scenario", "scenario"},
                                                            {"a node", "node"},
                                                            {"a route", "route"},
                                                            {"'tcp'", "tcp"},
                                                            {"'network'", "network"},
                                                            {"'arp'", "arp"},
                                                            {"a link", "link"},
                                                            {"'queue'", "queue"},
                                                            {"'impair'", "impair"},
                                                            {"'burst-loss'", "burst-loss"},
                                                            {"'corrupt'", "corrupt"},
                                                            {"'truncate'", "truncate"},
                                                            {"'duplicate'", "duplicate"},
                                                            {"'reorder'", "reorder"},
                                                            {"'jitter'", "jitter"},
                                                            {"'down'", "down"},
                                                            {"'mtu'", "mtu"},
                                                            {"a process", "process"},
                                                            {"'capture'", "capture"},
                                                            {"'device'", "device"}}};

}  // namespace

std::string_view to_text(Section section) {
  return kSectionNames[static_cast<std::size_t>(section)].in_messages;
}

std::string_view identifier(Section section) {
  return kSectionNames[static_cast<std::size_t>(section)].identifier;
}

std::string_view describe(Kind kind) {
  switch (kind) {
    case Kind::text:
      return "text";
    case Kind::name:
      return "a name";
    case Kind::node:
      return "the name of a node";
    case Kind::count:
      return "a whole number";
    case Kind::boolean:
      return "true or false";
    case Kind::duration:
      return "a duration such as '5 ms'";
    case Kind::rate:
      return "a rate such as '10 Mbit/s', or 'unlimited'";
    case Kind::bytes:
      return "a size such as '64 kB'";
    case Kind::queue:
      return "a size such as '64 kB', a number such as '20 frames', or 'unlimited'";
    case Kind::length:
      return "a length such as '50 m'";
    case Kind::speed:
      return "a factor such as 0.5, or 'fast'";
    case Kind::probability:
      return "a probability such as '1 %'";
    case Kind::ordinals:
      return "an ordinal such as '3rd', or a list of them";
    case Kind::drop:
      return "an ordinal such as '3rd', a list of them, or 'all'";
    case Kind::bits:
      return "a list of numbers such as '[96, 97]'";
    case Kind::address:
      return "an address such as 10.0.1.1";
    case Kind::prefix:
      return "an address with prefix length such as 10.0.1.10/24";
    case Kind::ports:
      return "ports and addresses such as '{ left: 10.0.1.1/24, right: 10.0.2.1/24 }'";
    case Kind::choice:
      return "one of a few words";
    case Kind::program:
      return "the name of a program";
    case Kind::filter:
      return "a pcap filter such as 'tcp and src host client'";
    case Kind::direction:
      return "a direction such as 'client > sw0'";
    case Kind::window:
      return "two instants such as '[1 s, 2 s]'";
    case Kind::ends:
      return "two ends such as '[client, r1:left]'";
    case Kind::folder:
      return "a relative path";
    case Kind::file:
      return "the path of a file";
    case Kind::texts:
      return "a list of texts";
    case Kind::map:
      return "a map";
    case Kind::map_or_share:
      return "a probability such as '1 %', or a map";
    case Kind::map_or_queue:
      return "a size such as '64 kB', a number such as '20 frames', 'unlimited', or a map";
    case Kind::list_of_maps:
      return "a list of maps";
    case Kind::named_maps:
      return "names, each with a map";
  }
  return "?";
}

}  // namespace strata::scenario
