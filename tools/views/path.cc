// SPDX-License-Identifier: MIT
#include "tools/views/path.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "sim/trace/words.h"
#include "tools/views/journey.h"
#include "tools/views/label.h"

namespace strata::views {
namespace {

using trace::Directory;
using trace::NodeKind;
using trace::Recording;

constexpr std::size_t kColumnMin = 21;  // narrowest readable device column, borders included
constexpr std::size_t kColumnMax = 26;
constexpr std::size_t kBetween = 2;
constexpr std::size_t kAroundFact = 4;   // columns of the borders and blanks of a box
constexpr std::size_t kAroundTitle = 6;  // of its upper edge

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

std::string mac_text(const MacAddress& mac) {
  return mac.is_broadcast() ? "broadcast" : to_text(mac);
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
    found.facts.push_back(mac_text(forwarded.destination));
    found.facts.push_back(fmt::format("→ {}", forwarded.flooded ? "flood " + ports : ports));
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
    found.facts.push_back(fmt::format("✗ {}", words_of(dropped.reason)));
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

// The devices side by side, each as a tower of its layers.
class Columns {
 public:
  Columns(const Recording& recording, const Journey& journey, std::size_t width)
      : recording_(recording), journey_(journey), width_(width) {
    for (const Visit& visit : journey.visits) devices_.push_back(device_of(recording, visit));
    const std::size_t gaps = kBetween * (devices_.size() - 1);
    column_ = std::min(kColumnMax, (width - std::min(width, gaps)) / devices_.size());
  }

  // Is there room for a column each, in which no name and no title is broken?
  bool fits() const {
    std::size_t needed = kColumnMin;
    for (std::size_t i = 0; i < devices_.size(); ++i) {
      needed = std::max(needed, columns(devices_[i].name));
      for (const auto& [layer, box] : devices_[i].layers) {
        needed = std::max(needed, columns(title_of(layer, box)) + kAroundTitle);
      }
      if (const Hop* hop = journey_.hop_after(i)) {
        needed = std::max(needed, columns(recording_.directory().link_name(hop->link)) + 6);
      }
    }
    return needed <= column_;
  }

  Page draw() {
    across([&](const Device& device, std::size_t) {
      const std::string kind = device.kind.empty() ? "" : fmt::format(" ({})", device.kind);
      return Text(device.name + kind, Role::heading).wrapped(column_, 1);
    });
    for (std::size_t i = 0; i < kLayers.size(); ++i) layer(i);
    bottoms();
    if (!journey_.hops.empty()) {
      arrows();
      across([&](const Device& device, std::size_t) {
        return Text(device.times, Role::dim).wrapped(column_, 1);
      });
      sizes();
    }
    return std::move(page_);
  }

 private:
  static std::string title_of(Layer layer, const LayerBox& box) {
    return fmt::format("{} {}", layer_number(layer), box.title);
  }

  // As many lines across all devices as the highest cell takes; `cell` gives the lines of device i.
  template <typename Cell>
  void across(Cell cell) {
    std::vector<std::vector<Text>> cells;
    std::size_t rows = 0;
    for (std::size_t i = 0; i < devices_.size(); ++i) {
      cells.push_back(cell(devices_[i], i));
      rows = std::max(rows, cells.back().size());
    }
    for (std::size_t row = 0; row < rows; ++row) {
      Text text;
      for (std::size_t i = 0; i < cells.size(); ++i) {
        text.pad_to(i * (column_ + kBetween));
        if (row < cells[i].size()) text.add(cells[i][row]);
      }
      page_.line(std::move(text));
    }
  }

  void layer(std::size_t index) {
    std::vector<std::vector<Text>> facts;
    std::size_t rows = 0;
    bool anyone = false;
    for (const Device& device : devices_) {
      anyone |= device.layers.contains(kLayers[index]);
      facts.push_back(facts_of(device, kLayers[index]));
      rows = std::max(rows, facts.back().size());
    }
    if (!anyone) return;
    across([&](const Device& device, std::size_t) { return std::vector{top(device, index)}; });
    across([&](const Device& device, std::size_t i) {
      std::vector<Text> lines;
      for (std::size_t row = 0; row < rows; ++row) {
        lines.push_back(inside(device, index, row < facts[i].size() ? facts[i][row] : Text{}));
      }
      return lines;
    });
  }

  // What the box of a layer says, in lines that fit it.
  std::vector<Text> facts_of(const Device& device, Layer layer) const {
    std::vector<Text> lines;
    const auto found = device.layers.find(layer);
    if (found == device.layers.end()) return lines;
    for (const std::string& fact : found->second.facts) {
      const Role role = fact.starts_with("✗") ? Role::drop : Role::plain;
      for (Text& line : Text(fact, role).wrapped(column_ - kAroundFact, 1)) {
        lines.push_back(std::move(line));
      }
    }
    return lines;
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
    if (found == device.layers.end()) return inside(device, index, {});
    Text text;
    text.add(joined ? "├─ " : "┌─ ", role);
    text.add(title_of(layer, found->second), found->second.failed ? Role::drop : role);
    text.add(" ", role);
    return text.pad_to(column_ - 1, "─", role).add(joined ? "┤" : "┐", role);
  }

  // A line between the sides of a box; nothing where the device has not begun.
  Text inside(const Device& device, std::size_t index, const Text& words) const {
    const Layer layer = kLayers[index];
    if (!device.layers.contains(layer) && !begun(device, index)) return {};
    const Role role = role_of(layer);
    return Text("│ ", role).add(words).pad_to(column_ - 2).add(" │", role);
  }

  void bottoms() {
    across([&](const Device& device, std::size_t) {
      if (device.layers.empty()) return std::vector<Text>{};
      Text text("└", Role::physical);
      return std::vector{text.pad_to(column_ - 1, "─", Role::physical).add("┘", Role::physical)};
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
      text.add("└─ ", role).add(recording_.directory().link_name(hop->link), role).add(" ", role);
      if (!arrived) {
        text.add("✗", role);  // why, the last line says
        break;
      }
      const bool damaged = hop->error != FrameError::none;
      text.pad_to(std::min(end, width_) - 2, "─", role)
          .add(damaged ? "↯" : "▲", damaged ? Role::damaged : role);
    }
    page_.line(std::move(text));
  }

  void sizes() {
    Bytes previous;
    across([&](const Device&, std::size_t i) {
      const Hop* hop = journey_.hop_after(i);
      if (hop == nullptr) return std::vector<Text>{};
      const Text text(previous.empty() ? fmt::format("{} B frame", hop->sent_frame.size())
                                       : changes_between(previous, hop->sent_frame),
                      Role::dim);
      previous = hop->sent_frame;
      return text.wrapped(column_, 1);
    });
  }

  const Recording& recording_;
  const Journey& journey_;
  std::size_t width_;
  std::size_t column_ = 0;
  std::vector<Device> devices_;
  Page page_;
};

// Facts with semicolons between.
std::string listed(const std::vector<std::string>& facts) {
  std::string text;
  for (const std::string& fact : facts) text += (text.empty() ? "" : "; ") + fact;
  return text;
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
      text.add(fmt::format("  ✗ {}", hop->dropped ? words_of(*hop->dropped) : "in flight"),
               Role::drop);
    } else if (end != journey.ends.end()) {
      text.add(fmt::format("  ✗ {}", words_of(end->reason)), Role::drop)
          .add(fmt::format(" at {} ms", ms(*hop->received)));
    } else {
      text.add(
          fmt::format("  {} at {} ms", went_on ? "passed on" : "taken in", ms(*hop->received)));
    }
    page.wrap(text, width);
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
  page.wrap(looped ? Text(fmt::format("it stayed inside {} (loopback)", node), Role::dim)
                   : Text(fmt::format("✗ it never left {}", node), Role::drop),
            width);
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
      text.pad_to(24).add(" " + listed(found->second.facts));
      page.wrap(text, width, 25);
    }
    if (const Hop* hop = journey.hop_after(i)) {
      const std::string_view name_of_link = recording.directory().link_name(hop->link);
      const Text words =
          hop->received ? Text(fmt::format("    ▼ {} ({} B)", name_of_link, hop->sent_frame.size()))
                        : Text(fmt::format("    ✗ {}: {}", name_of_link,
                                           hop->dropped ? words_of(*hop->dropped) : "in flight"),
                               Role::drop);
      page.wrap(words, width, 6);
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
  Columns towers(recording, journey, options.width);
  page.append(towers.fits() ? towers.draw() : draw_list(recording, journey, options.width));
  draw_branches(page, recording, journey, options.width);
  draw_early_end(page, recording, journey, options.width);
  for (const PacketEnd& end : journey.ends) {
    const std::string words =
        fmt::format("✗ {} ms  {}", ms(end.time), explain(end, recording.directory()));
    page.wrap(Text(words, Role::drop), options.width);
  }
  return page;
}

}  // namespace strata::views
