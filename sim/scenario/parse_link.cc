// SPDX-License-Identifier: MIT
// The `links:` part of a scenario, without the models of impairments.
#include <fmt/format.h>

#include <array>

#include "sim/scenario/parse.h"

namespace strata::scenario {
namespace {

// Speed of signals in percent of the speed of light in vacuum. Twisted pair: the least that
// ISO/IEC 11801 category 5 allows is about 0.6, typical cable has 0.64; coax: 10BASE5 cable, IEEE
// 802.3 8.4.1.4 (at least 0.77); fibre: refractive index about 1.5.
struct Medium {
  std::string_view name;
  std::uint64_t percent;
};
constexpr std::array kMedia{Medium{"twisted-pair", 64}, Medium{"coax", 77}, Medium{"fibre", 67},
                            Medium{"air", 100}};

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

// A device in place of a port, `{ device: { tap: strata0 } }`, is a node that is called as its
// interface. Requires is_end(value).
EndModel parse_device_end(const Value& value, std::vector<NodeModel>& nodes,
                          Diagnostics& diagnostics) {
  const Entry* device = value.find("device");
  std::string name = "capture";
  for (const std::string_view key : {"tap", "pcap"}) {
    if (const Entry* interface = device->value.find(key)) name = interface->value.text;
  }
  const Entry in_place{.key = name, .at = device->at, .value = value};
  nodes.push_back(parse_node(in_place, diagnostics));
  return {.node = name, .port = {}, .at = value.at};
}

EndModel parse_end(const Value& value, std::vector<NodeModel>& nodes, Diagnostics& diagnostics) {
  if (value.kind == ValueKind::map) return parse_device_end(value, nodes, diagnostics);
  EndModel end;
  end.at = value.at;
  const std::size_t colon = value.text.find(':');
  end.node = value.text.substr(0, colon);
  if (colon != std::string::npos) end.port = value.text.substr(colon + 1);
  return end;
}

bool is_end(const Value& value) {
  return value.kind == ValueKind::scalar ||
         (value.kind == ValueKind::map && value.find("device") != nullptr);
}

void parse_ends(MapReader& reader, LinkModel& link, std::vector<NodeModel>& nodes,
                Diagnostics& diagnostics) {
  const Entry* found = reader.entry("ends");
  if (found == nullptr) return;
  const Value& value = found->value;
  if (value.kind != ValueKind::list || value.items.size() != 2 || !is_end(value.items[0]) ||
      !is_end(value.items[1])) {
    diagnostics.error(value.at, "'ends' names the two ports a link connects",
                      "write for instance '[client, r1:left]'");
    return;
  }
  link.a = parse_end(value.items[0], nodes, diagnostics);
  link.b = parse_end(value.items[1], nodes, diagnostics);
}

void parse_delay(MapReader& reader, LinkModel& link, Diagnostics& diagnostics) {
  const auto medium = reader.choice("medium");
  const auto length = reader.length("length");
  if (reader.has("delay")) {
    link.delay = reader.duration("delay").value_or(Duration{});
    for (const std::string_view other : {"length", "medium"}) {
      if (!reader.has(other)) continue;
      diagnostics.error(reader.entry(other)->at,
                        fmt::format("{} has both 'delay' and '{}'", reader.subject(), other),
                        "keep one of the two");
    }
    return;
  }
  if (!medium || !length) return;
  for (const Medium& known : kMedia) {
    if (known.name == *medium) link.delay = propagation_delay(*length, known.percent);
  }
}

void parse_window(MapReader& reader, ImpairmentModel& impairment, Diagnostics& diagnostics) {
  const std::vector<const Value*> instants = reader.texts("between");
  if (instants.empty()) return;
  if (instants.size() != 2) {
    diagnostics.error(reader.at("between"), "'between' is two instants",
                      "write for instance '[1 s, 2 s]'");
    return;
  }
  std::array<Instant, 2> bounds{};
  for (std::size_t i = 0; i < 2; ++i) {
    auto value = parse_duration(instants[i]->text);
    if (!value) {
      value.error().what = "'between': " + value.error().what;
      diagnostics.error(instants[i]->at, std::move(value.error()));
      return;
    }
    bounds[i] = after(kStart, *value);
  }
  if (bounds[1] <= bounds[0]) {
    diagnostics.error(instants[1]->at, "'between' ends before it begins",
                      fmt::format("write '[{}, {}]'", instants[1]->text, instants[0]->text));
  }
  impairment.from = bounds[0];
  impairment.until = bounds[1];
}

void parse_direction(MapReader& reader, ImpairmentModel& impairment, Diagnostics& diagnostics) {
  const auto text = reader.text("direction");
  if (!text) return;
  const std::size_t arrow = text->find('>');
  if (arrow == std::string::npos) {
    diagnostics.error(reader.at("direction"), "'direction' says from where to where",
                      "write for instance 'client > sw0'");
    return;
  }
  impairment.direction = {std::string{trim(std::string_view{*text}.substr(0, arrow))},
                          std::string{trim(std::string_view{*text}.substr(arrow + 1))},
                          reader.at("direction")};
}

// `from` and `until` of what befalls the whole link. `item` is the item of `impair` it stands in.
template <typename Change>
void parse_change(MapReader& reader, const MapReader& item, Change& change,
                  Diagnostics& diagnostics) {
  for (const std::string_view other : {"match", "direction", "between"}) {
    if (!item.has(other)) continue;
    diagnostics.error(
        item.entry(other)->at,
        fmt::format("'{}' does not go with {}: it is the whole link's", other, reader.subject()));
  }
  reader.check_required();
  change.from = reader.instant("from").value_or(kStart);
  change.until = reader.instant("until");
  if (change.until && *change.until <= change.from) {
    diagnostics.error(reader.at("until"),
                      fmt::format("{} ends before it begins", reader.subject()));
  }
}

void parse_down(const Entry& entry, const MapReader& item, LinkModel& link,
                Diagnostics& diagnostics) {
  MapReader reader(&entry.value, Section::down, "'down'", diagnostics);
  if (!reader.is_readable()) return;
  parse_change(reader, item, link.down.emplace_back(), diagnostics);
}

void parse_mtu_change(const Entry& entry, const MapReader& item, LinkModel& link,
                      Diagnostics& diagnostics) {
  MapReader reader(&entry.value, Section::mtu_change, "'mtu'", diagnostics);
  if (!reader.is_readable()) return;
  MtuChangeModel& change = link.mtu_changes.emplace_back();
  parse_change(reader, item, change, diagnostics);
  change.mtu = static_cast<std::uint16_t>(reader.bytes("to").value_or(0));
}

void parse_impairment(const Value& value, LinkModel& link, Diagnostics& diagnostics) {
  MapReader reader(&value, Section::impairment,
                   fmt::format("an impairment of link '{}'", link.name), diagnostics);
  if (!reader.is_readable()) return;
  if (const Entry* down = reader.entry("down")) {
    parse_down(*down, reader, link, diagnostics);
    return;
  }
  if (const Entry* mtu = reader.entry("mtu")) {
    parse_mtu_change(*mtu, reader, link, diagnostics);
    return;
  }
  auto model = parse_impairment_model(reader, diagnostics);
  ImpairmentModel impairment;
  impairment.match = reader.text("match").value_or("");
  impairment.match_at = reader.at("match");
  parse_direction(reader, impairment, diagnostics);
  parse_window(reader, impairment, diagnostics);
  if (!model) return;
  impairment.model = std::move(*model);
  link.impairments.push_back(std::move(impairment));
}

}  // namespace

LinkModel parse_link(const Entry& entry, std::vector<NodeModel>& nodes, Diagnostics& diagnostics) {
  LinkModel link;
  link.name = entry.key;
  link.at = entry.at;
  MapReader reader(&entry.value, Section::link, fmt::format("link '{}'", entry.key), diagnostics);
  if (!reader.is_readable()) return link;
  reader.check_required();
  parse_ends(reader, link, nodes, diagnostics);
  link.rate_bps = reader.rate("rate").value_or(0);
  parse_delay(reader, link, diagnostics);
  link.queue = parse_link_queue(reader, diagnostics);
  if (const auto code = reader.choice("physical")) {
    link.line_code = physical::parse_line_code(*code);
  }
  link.mtu = static_cast<std::uint16_t>(reader.bytes("mtu").value_or(1500));
  if (const auto vlan = reader.count("vlan")) link.vlan = static_cast<std::uint16_t>(*vlan);
  link.trunk = reader.boolean("trunk").value_or(false);
  const Entry* impair = reader.entry("impair");
  if (impair == nullptr) return link;
  if (impair->value.kind != ValueKind::list) {
    diagnostics.error(
        impair->value.at,
        fmt::format("'impair' is a list of maps, not {}", to_text(impair->value.kind)),
        "write for instance '[ { loss: 1 % } ]'");
    return link;
  }
  for (const Value& item : impair->value.items) parse_impairment(item, link, diagnostics);
  return link;
}

}  // namespace strata::scenario
