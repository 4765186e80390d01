// SPDX-License-Identifier: MIT
#include "tools/views/path.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "tools/views/journey.h"
#include "tools/views/label.h"

namespace strata::views {
namespace {

using trace::Directory;
using trace::NodeKind;
using trace::Recording;

constexpr std::size_t kColumnMin = 19;  // narrowest readable device column, borders included
constexpr std::size_t kColumnMax = 26;
constexpr std::size_t kBetween = 2;

// Highest first, as the drawing shows them.
constexpr std::array kLayers{Layer::application, Layer::transport, Layer::network, Layer::link,
                             Layer::physical};

struct LayerBox {
  std::string title;
  std::vector<std::string> facts;
  bool failed = false;
  bool touched = false;
};

struct Device {
  std::string name;
  std::string kind;
  std::map<Layer, LayerBox> layers;
  std::string times;
};

std::string_view layer_number(Layer layer) {
  switch (layer) {
    case Layer::application:
      return "L7";
    case Layer::transport:
      return "L4";
    case Layer::network:
      return "L3";
    case Layer::link:
      return "L2";
    case Layer::physical:
      return "L1";
  }
  return "";
}

std::string protocol_title(Protocol protocol) {
  switch (protocol) {
    case Protocol::ethernet:
      return "Eth";
    case Protocol::arp:
      return "ARP";
    case Protocol::ipv4:
      return "IPv4";
    case Protocol::icmpv4:
      return "ICMP";
    case Protocol::udp:
      return "UDP";
    case Protocol::tcp:
      return "TCP";
    default:
      return std::string{to_text(protocol)};
  }
}

// The tail of a MAC address says enough beside the names.
std::string short_mac(const MacAddress& mac) {
  return mac.is_broadcast() ? "broadcast" : "…" + to_text(mac).substr(12);
}

// Collects what the layers of one device did with the packet.
class DeviceReader {
 public:
  DeviceReader(const Directory& names, Device& device) : names_(names), device_(device) {}

  void read(const Event& event) {
    std::visit([&](const auto& body) { on(event, body); }, event.body);
  }

 private:
  LayerBox& box(Layer layer) {
    LayerBox& found = device_.layers[layer];
    found.touched = true;
    return found;
  }
  void header(Protocol protocol, char sign, std::size_t bytes) {
    if (protocol == Protocol::fcs || protocol == Protocol::padding) return;
    LayerBox& found = box(layer_of(protocol));
    const std::size_t with_fcs = protocol == Protocol::ethernet ? bytes + 4 : bytes;
    const std::string_view minus = sign == '-' ? "−" : "+";
    const std::string name = protocol_title(protocol);
    if (found.title.empty()) {
      found.title = fmt::format("{} {}{} B", name, minus, with_fcs);
      return;
    }
    // A second header of the layer: "Eth −18 +18", "ARP +28 Eth +18".
    if (found.title.ends_with(" B")) found.title.resize(found.title.size() - 2);
    if (!found.title.starts_with(name)) found.title += " " + name;
    found.title += fmt::format(" {}{}", minus, with_fcs);
  }

  void on(const Event&, const HeaderPushed& pushed) {
    header(pushed.protocol, '+', pushed.header_bytes);
  }
  void on(const Event&, const HeaderPulled& pulled) {
    header(pulled.protocol, '-', pulled.header_bytes);
  }
  void on(const Event&, const TcpSegmentSent& segment) {
    box(Layer::transport)
        .facts.push_back(segment.length > 0 ? fmt::format("octets {}:{}", segment.offset + 1,
                                                          segment.offset + 1 + segment.length)
                                            : std::string{to_text(segment.kind)});
    if (segment.length > 0 && segment.kind != SegmentKind::retransmission) {
      LayerBox& application = box(Layer::application);
      application.facts.push_back(fmt::format("sends {} B", segment.length));
    }
    if (segment.cause != RetransmitCause::none) {
      box(Layer::transport).facts.push_back(std::string{to_text(segment.cause)});
    }
  }
  void on(const Event&, const TcpSegmentReceived& segment) {
    LayerBox& found = box(Layer::transport);
    found.facts.push_back(std::string{to_text(segment.verdict)});
    if (segment.duplicate_acks > 0) {
      found.facts.push_back(fmt::format("duplicate ACK {}", segment.duplicate_acks));
    }
    if (segment.verdict == SegmentVerdict::in_order && segment.length > 0) {
      box(Layer::application).facts.push_back(fmt::format("gets {} B", segment.length));
    }
  }
  void on(const Event&, const Demultiplexed& demux) {
    box(Layer::transport)
        .facts.push_back(demux.socket >= 0 ? fmt::format("demux → fd {}", demux.socket)
                                           : fmt::format("demux: {}", demux.outcome));
  }
  void on(const Event&, const RouteChosen& route) {
    LayerBox& found = box(Layer::network);
    found.facts.push_back(fmt::format("route {}", to_text(route.route)));
    if (route.next_hop != route.destination) {
      found.facts.push_back(fmt::format("via {}", to_text(route.next_hop)));
    }
  }
  void on(const Event&, const DatagramForwarded& forwarded) {
    LayerBox& found = box(Layer::network);
    if (found.title.empty()) found.title = "IPv4 relay";
    found.facts.push_back(fmt::format("ttl {} → {}", forwarded.ttl_before, forwarded.ttl_after));
    found.facts.push_back(fmt::format("lpm {}", to_text(forwarded.route)));
    if (forwarded.next_hop != forwarded.destination) {
      found.facts.push_back(fmt::format("via {}", to_text(forwarded.next_hop)));
    }
  }
  void on(const Event&, const DatagramFragmented& fragmented) {
    box(Layer::network).facts.push_back(fmt::format("{} fragments", fragmented.fragments.size()));
  }
  void on(const Event& event, const SwitchForwarded& forwarded) {
    LayerBox& found = box(Layer::link);
    found.title = "MAC relay";
    std::string ports;
    for (const PortId port : forwarded.out) {
      ports += fmt::format("{}{}", ports.empty() ? "" : ",", names_.port_name(event.node, port));
    }
    found.facts.push_back(fmt::format("{} → {}", short_mac(forwarded.destination),
                                      forwarded.flooded ? "flood " + ports : ports));
  }
  void on(const Event& event, const FrameSent& sent) {
    LayerBox& found = box(Layer::physical);
    found.facts.push_back(fmt::format("out {}", names_.port_name(event.node, sent.port)));
  }
  void on(const Event& event, const FrameReceived& received) {
    LayerBox& found = box(Layer::physical);
    found.facts.push_back(fmt::format("in {}", names_.port_name(event.node, received.port)));
    if (received.error != FrameError::none) found.failed = true;
  }
  void on(const Event&, const Dropped& dropped) {
    LayerBox& found = box(dropped.layer);
    found.failed = true;
    found.facts.push_back(fmt::format("✗ {}", to_text(dropped.reason)));
  }
  template <typename Other>
  void on(const Event&, const Other&) {}

  const Directory& names_;
  Device& device_;
};

std::string ms(Instant instant) {
  return fmt::format("{:.3f}", static_cast<double>((instant - kStart).count() / 1000) / 1000.0);
}

Device device_of(const Recording& recording, const Visit& visit) {
  const Directory& names = recording.directory();
  Device device;
  device.name = std::string{names.node_name(visit.node)};
  if (const trace::NodeEntry* node = names.node(visit.node)) {
    device.kind = std::string{to_text(node->kind)};
  }
  DeviceReader reader(names, device);
  for (const Event* event : visit.events) reader.read(*event);
  for (auto& [layer, box] : device.layers) {
    if (box.title.empty()) {
      box.title = layer == Layer::physical      ? "PHY"
                  : layer == Layer::application ? "application"
                  : layer == Layer::network     ? "IPv4"
                  : layer == Layer::link        ? "Eth"
                                                : std::string{to_text(layer)};
    }
  }
  if (visit.arrived) device.times = fmt::format("rx {}", ms(*visit.arrived));
  if (visit.departed) {
    device.times += fmt::format("{}tx {}", device.times.empty() ? "" : " → ", ms(*visit.departed));
  }
  return device;
}

// What differs between the frame on two links, in words.
std::string changes_between(Bytes before, Bytes after) {
  if (before.size() != after.size()) {
    return fmt::format("{} → {} B", before.size(), after.size());
  }
  std::size_t changed = 0;
  for (std::size_t i = 0; i < before.size(); ++i) changed += before[i] != after[i] ? 1U : 0U;
  return changed == 0 ? "unchanged" : fmt::format("{} of {} B rewritten", changed, before.size());
}

class Columns {
 public:
  Columns(const Recording& recording, const Journey& journey, std::size_t width)
      : recording_(recording), journey_(journey), width_(width) {
    for (const Visit& visit : journey.visits) devices_.push_back(device_of(recording, visit));
    column_ = std::min(kColumnMax, (width - kBetween * (devices_.size() - 1)) / devices_.size());
  }

  static bool fits(const Journey& journey, std::size_t width) {
    const std::size_t count = journey.visits.size();
    return count * kColumnMin + (count - 1) * kBetween <= width;
  }

  Page draw() {
    heading();
    for (std::size_t i = 0; i < kLayers.size(); ++i) layer(i);
    bottoms();
    if (!journey_.hops.empty()) {
      arrows();
      times();
      sizes();
    }
    return std::move(page_);
  }

 private:
  // One line across all devices; `cell` writes the column of device i.
  template <typename Cell>
  void across(Cell cell) {
    Text text;
    for (std::size_t i = 0; i < devices_.size(); ++i) {
      text.pad_to(i * (column_ + kBetween));
      Text part = cell(devices_[i], i);
      text.add(part.cut_to(column_));
    }
    text.cut_to(width_);
    page_.line(std::move(text));
  }

  void heading() {
    across([&](const Device& device, std::size_t) {
      const std::string kind = device.kind.empty() ? "" : fmt::format(" ({})", device.kind);
      return Text(shorten(device.name + kind, column_), Role::heading);
    });
  }

  void layer(std::size_t index) {
    const Layer layer = kLayers[index];
    std::size_t rows = 0;
    bool anyone = false;
    for (const Device& device : devices_) {
      const auto found = device.layers.find(layer);
      if (found == device.layers.end()) continue;
      anyone = true;
      rows = std::max(rows, found->second.facts.size());
    }
    if (!anyone) return;
    across([&](const Device& device, std::size_t) { return top(device, index); });
    for (std::size_t row = 0; row < rows; ++row) {
      across([&](const Device& device, std::size_t) { return fact(device, index, row); });
    }
  }

  // Is there a box of this device above layer `index`?
  static bool begun(const Device& device, std::size_t index) {
    for (std::size_t i = 0; i < index; ++i) {
      if (device.layers.contains(kLayers[i])) return true;
    }
    return false;
  }

  Text top(const Device& device, std::size_t index) const {
    const Layer layer = kLayers[index];
    const Role role = role_of(layer);
    const auto found = device.layers.find(layer);
    const bool joined = begun(device, index);
    if (found == device.layers.end()) return joined ? fact(device, index, 0) : Text{};
    Text text;
    text.add(joined ? "├─ " : "┌─ ", role);
    const std::string title = fmt::format("{} {}", layer_number(layer), found->second.title);
    text.add(shorten(title, column_ - 5), found->second.failed ? Role::drop : role).add(" ", role);
    return text.pad_to(column_ - 1, "─", role).add(joined ? "┤" : "┐", role);
  }

  Text fact(const Device& device, std::size_t index, std::size_t row) const {
    const Layer layer = kLayers[index];
    const auto found = device.layers.find(layer);
    if (found == device.layers.end() && !begun(device, index)) return {};
    const Role role = role_of(layer);
    Text text("│ ", role);
    if (found != device.layers.end() && row < found->second.facts.size()) {
      const std::string& words = found->second.facts[row];
      text.add(shorten(words, column_ - 4), words.starts_with("✗") ? Role::drop : Role::plain);
    }
    return text.pad_to(column_ - 2).add(" │", role);
  }

  void bottoms() {
    across([&](const Device& device, std::size_t) {
      if (device.layers.empty()) return Text{};
      Text text("└", Role::physical);
      return text.pad_to(column_ - 1, "─", Role::physical).add("┘", Role::physical);
    });
  }

  void arrows() {
    Text text;
    for (std::size_t i = 0; i < devices_.size(); ++i) {
      const Hop* hop = journey_.hop_after(i);
      if (hop == nullptr) break;
      const std::size_t start = i * (column_ + kBetween) + column_ / 2 + 1;
      const std::size_t end = start + column_ + kBetween - 1;
      text.pad_to(start);
      const bool arrived = hop->received.has_value();
      const Role role = arrived ? Role::plain : Role::drop;
      const std::string name{recording_.directory().link_name(hop->link)};
      text.add("└─ ", role).add(shorten(name, column_ - 6), role).add(" ", role);
      if (!arrived) {
        text.add("✗ ", role);
        if (hop->dropped) text.add(to_text(*hop->dropped), role);
        break;
      }
      const bool damaged = hop->error != FrameError::none;
      text.pad_to(std::min(end, width_) - 2, "─", role)
          .add(damaged ? "⚡" : "▲", damaged ? Role::damaged : role);
    }
    text.cut_to(width_);
    page_.line(std::move(text));
  }

  void times() {
    across([&](const Device& device, std::size_t) {
      return Text(shorten(device.times, column_), Role::dim);
    });
  }

  void sizes() {
    Bytes previous;
    across([&](const Device&, std::size_t i) {
      const Hop* hop = journey_.hop_after(i);
      if (hop == nullptr) return Text{};
      Text text(previous.empty() ? fmt::format("{} B frame", hop->sent_frame.size())
                                 : changes_between(previous, hop->sent_frame),
                Role::dim);
      previous = hop->sent_frame;
      return text;
    });
  }

  const Recording& recording_;
  const Journey& journey_;
  std::size_t width_;
  std::size_t column_ = 0;
  std::vector<Device> devices_;
  Page page_;
};

// Facts with semicolons between, each unbroken where it fits a line.
std::vector<std::string> facts_in_lines(const std::vector<std::string>& facts, std::size_t width) {
  std::vector<std::string> lines{""};
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const std::string words = shorten(facts[i] + (i + 1 < facts.size() ? ";" : ""), width);
    const std::size_t needed = columns(lines.back()) + 1 + columns(words);
    if (lines.back().empty()) {
      lines.back() = words;
    } else if (needed <= width) {
      lines.back() += " " + words;
    } else {
      lines.push_back(words);
    }
  }
  return lines;
}

// Where the copies went that are not on the way drawn: the other branches of a flooded frame.
void draw_branches(Page& page, const Recording& recording, const Journey& journey,
                   std::size_t width) {
  const Directory& names = recording.directory();
  for (const Hop* hop : journey.other_hops()) {
    Text text("  branch ", Role::dim);
    text.add(fmt::format("{} → {} → {}", names.interface_name(hop->from, hop->out_port),
                         names.link_name(hop->link), names.node_name(hop->to)));
    const auto end =
        std::find_if(journey.ends.begin(), journey.ends.end(), [&](const PacketEnd& candidate) {
          return candidate.node == hop->to && candidate.layer != Layer::physical;
        });
    const bool went_on = std::any_of(journey.hops.begin(), journey.hops.end(),
                                     [&](const Hop& next) { return next.from == hop->to; });
    if (!hop->received) {
      text.add(fmt::format("  ✗ {}", hop->dropped ? to_text(*hop->dropped) : "in flight"),
               Role::drop);
    } else if (end != journey.ends.end()) {
      text.add(fmt::format("  ✗ {}", to_text(end->reason)), Role::drop)
          .add(fmt::format(" at {} ms", ms(*hop->received)));
    } else {
      text.add(
          fmt::format("  {} at {} ms", went_on ? "passed on" : "taken in", ms(*hop->received)));
    }
    page.line(text.cut_to(width));
  }
}

// How it ended before any link, when it did.
void draw_early_end(Page& page, const Recording& recording, const Journey& journey,
                    std::size_t width) {
  if (!journey.hops.empty() || !journey.ends.empty()) return;
  const auto& events = journey.visits.front().events;
  const bool looped = std::any_of(events.begin(), events.end(), [](const Event* event) {
    return std::holds_alternative<HeaderPulled>(event->body);
  });
  const std::string_view node = recording.directory().node_name(journey.record.origin);
  page.line(shorten(looped ? fmt::format("it stayed inside {} (loopback)", node)
                           : fmt::format("✗ it never left {}", node),
                    width),
            looped ? Role::dim : Role::drop);
}

// One device below the other.
Page draw_list(const Recording& recording, const Journey& journey, std::size_t width) {
  Page page;
  for (std::size_t i = 0; i < journey.visits.size(); ++i) {
    const Device device = device_of(recording, journey.visits[i]);
    Text name(device.name, Role::heading);
    name.add(fmt::format(" ({})  {}", device.kind, device.times), Role::dim);
    page.wrap(name, width);
    for (const Layer layer : kLayers) {
      const auto found = device.layers.find(layer);
      if (found == device.layers.end()) continue;
      Text text(fmt::format("  {} {}", layer_number(layer), found->second.title),
                found->second.failed ? Role::drop : role_of(layer));
      text.pad_to(24);
      const std::vector<std::string> lines = facts_in_lines(found->second.facts, width - 26);
      text.add(" " + lines.front());
      page.line(text.cut_to(width));
      for (std::size_t line = 1; line < lines.size(); ++line) {
        page.line(Text{}.pad_to(25).add(lines[line]));
      }
    }
    if (const Hop* hop = journey.hop_after(i)) {
      const std::string_view name_of_link = recording.directory().link_name(hop->link);
      if (hop->received) {
        page.line(fmt::format("    ▼ {} ({} B)", name_of_link, hop->sent_frame.size()));
      } else {
        page.line(fmt::format("    ✗ {} {}", name_of_link,
                              hop->dropped ? to_text(*hop->dropped) : "in flight"),
                  Role::drop);
      }
    }
  }
  return page;
}

Text title_of(const Recording& recording, const Journey& journey) {
  Text text(fmt::format("#{}", raw(journey.record.uid)), Role::heading);
  text.add(fmt::format("  t={} ms  ", ms(journey.started)));
  const Label label = Labeller(recording).label(journey.record.uid);
  text.add(label.text, label.role);
  if (journey.record.parent != kNoPacket) {
    std::string_view relation = "child";
    switch (journey.record.parentage) {
      case Parentage::none:
        break;
      case Parentage::retransmission:
        relation = "retransmission of";
        break;
      case Parentage::fragment:
        relation = "fragment of";
        break;
      case Parentage::reassembly:
        relation = "reassembled from";
        break;
      case Parentage::reply:
        relation = "because of";
        break;
      case Parentage::duplicate:
        relation = "duplicate of";
        break;
    }
    text.add(fmt::format("  ({} #{})", relation, raw(journey.record.parent)), Role::dim);
  }
  return text;
}

}  // namespace

Page path(const Recording& recording, PacketUid uid, const Options& options) {
  Page page;
  const Journey journey = journey_of(recording, uid);
  if (journey.visits.empty()) {
    page.line(fmt::format("packet #{} does not occur in this run", raw(uid)), Role::bad);
    return page;
  }
  Text title = title_of(recording, journey);
  page.wrap(title, options.width);
  page.append(Columns::fits(journey, options.width)
                  ? Columns(recording, journey, options.width).draw()
                  : draw_list(recording, journey, options.width));
  draw_branches(page, recording, journey, options.width);
  draw_early_end(page, recording, journey, options.width);
  for (const PacketEnd& end : journey.ends) {
    const std::string words =
        fmt::format("✗ {} ms  {}", ms(end.time), explain(end, recording.directory()));
    for (const std::string& line : wrap(words, options.width)) page.line(line, Role::drop);
  }
  return page;
}

}  // namespace strata::views
