// SPDX-License-Identifier: MIT
#include "tools/views/packet.h"

#include <fmt/format.h>

#include "stack/physical/line_code.h"
#include "stack/wire/dissect.h"
#include "stack/wire/tcp.h"
#include "tools/views/boxes.h"
#include "tools/views/journey.h"
#include "tools/views/label.h"

namespace strata::views {
namespace {

std::string rate_text(std::uint64_t bps) {
  if (bps == 0) return "infinitely fast";
  if (bps % 1'000'000'000 == 0) return fmt::format("{} Gbit/s", bps / 1'000'000'000);
  if (bps % 1'000'000 == 0) return fmt::format("{} Mbit/s", bps / 1'000'000);
  if (bps % 1'000 == 0) return fmt::format("{} kbit/s", bps / 1'000);
  return fmt::format("{} bit/s", bps);
}

// The hop to show: the one asked for, else one that damaged the frame, else the first.
const Hop* hop_of(const Journey& journey, const PacketSelection& selection) {
  for (const Hop& hop : journey.hops) {
    if (selection.link ? hop.link == *selection.link : !hop.flipped_bits.empty()) return &hop;
  }
  return selection.link || journey.hops.empty() ? nullptr : &journey.hops.front();
}

// Whose address it is, beside the address.
void add_owners(wire::Dissection& dissection, const trace::Directory& names) {
  for (wire::DissectedLayer& layer : dissection.layers) {
    for (wire::DissectedField& field : layer.fields) {
      if (!field.note.empty()) continue;
      std::optional<sim::LinkEnd> owner;
      if (const auto mac = MacAddress::parse(field.value)) {
        owner = names.owner_of(*mac);
        if (mac->is_broadcast()) field.note = "broadcast";
      } else if (const auto address = Ipv4Address::parse(field.value)) {
        owner = names.owner_of(IpAddress{*address});
      }
      if (owner) field.note = names.interface_name(owner->node, owner->port);
    }
  }
}

// Wireshark's relative numbers beside the real ones.
void add_relative_numbers(wire::Dissection& dissection,
                          const std::optional<Labeller::RelativeNumbers>& numbers) {
  if (!numbers) return;
  for (wire::DissectedLayer& layer : dissection.layers) {
    if (layer.protocol != Protocol::tcp) continue;
    for (wire::DissectedField& field : layer.fields) {
      if (field.name == wire::tcp_field::kSequence.name) {
        field.note = fmt::format("relative {}", numbers->sequence);
      } else if (field.name == wire::tcp_field::kAcknowledgement.name && field.raw != 0) {
        field.note = fmt::format("relative {}", numbers->acknowledgement);
      }
    }
    return;
  }
}

// The boxes of a packet that never became a frame on a link.
Page homeless(const trace::Recording& recording, const PacketSelection& selection,
              const Journey& journey, const Label& label, const Options& options) {
  const trace::Directory& names = recording.directory();
  const PacketOctets packet = octets_of(recording, selection.uid);
  BoxesInput input;
  input.title = Text(fmt::format("#{}", raw(selection.uid)), Role::heading);
  input.title.add(fmt::format("  t={}  never left {}  ", to_text(journey.started),
                              names.node_name(journey.record.origin)));
  input.title.add(label.text, label.role);
  input.frame = packet.octets;
  input.on_link = false;
  input.collapsed = selection.collapsed;
  input.data_rows_max = selection.data_rows_max;
  if (packet.outermost == Protocol::ethernet) {
    input.dissection = wire::dissect(input.frame);
  } else if (packet.outermost == Protocol::ipv4) {
    input.dissection =
        wire::dissect(input.frame, {.link_type = wire::LinkType::raw_ip, .has_fcs = false});
  } else {
    // A segment without a datagram around it: nobody knows how to check it.
    wire::DissectedLayer layer;
    layer.protocol = Protocol::data;
    layer.header_bytes = layer.total_bytes = input.frame.size();
    layer.summary = fmt::format("{} segment without a datagram", to_text(packet.outermost));
    input.dissection.layers.push_back(std::move(layer));
  }
  add_owners(input.dissection, names);
  return boxes(input, options);
}

Page on_hop(const trace::Recording& recording, const PacketSelection& selection, const Hop& hop,
            const Label& label, const Options& options) {
  const trace::Directory& names = recording.directory();
  const bool as_received = selection.as_received && !hop.received_frame.empty();
  BoxesInput input;
  input.frame = as_received ? hop.received_frame : hop.sent_frame;
  input.title = Text(fmt::format("#{}", raw(selection.uid)), Role::heading);
  const std::string sender = names.interface_name(hop.from, hop.out_port);
  const std::string receiver = names.interface_name(hop.to, hop.in_port);
  const std::string link{names.link_name(hop.link)};
  input.title.add(as_received
                      ? fmt::format("  t={}  {} → {}  ", to_text(*hop.received), link, receiver)
                      : fmt::format("  t={}  {} → {}  ", to_text(hop.sent), sender, link));
  input.title.add(label.text, label.role);
  if (const trace::LinkEntry* entry = names.link(hop.link)) {
    input.rate_bps = entry->rate_bps;
    input.medium = rate_text(entry->rate_bps);
    if (entry->line_code) {
      input.medium += fmt::format(", {}", physical::to_text(*entry->line_code));
    }
  }
  if (as_received) input.flipped_bits = hop.flipped_bits;
  input.dissection = wire::dissect(input.frame);
  add_owners(input.dissection, names);
  add_relative_numbers(input.dissection, Labeller(recording).relative_numbers(selection.uid));
  input.collapsed = selection.collapsed;
  input.data_rows_max = selection.data_rows_max;
  Page page = boxes(input, options);
  if (!as_received && !hop.flipped_bits.empty()) {
    page.line(
        shorten(fmt::format("⚡ {} flipped {} bits of it; {}", link, hop.flipped_bits.size(),
                            hop.received_frame.empty() ? "it never arrived" : "as it arrived:"),
                options.width),
        Role::damaged);
    if (!hop.received_frame.empty()) {
      PacketSelection arrived = selection;
      arrived.as_received = true;
      page.append(on_hop(recording, arrived, hop, label, options));
    }
  }
  return page;
}

}  // namespace

Page packet(const trace::Recording& recording, const PacketSelection& selection,
            const Options& options) {
  const Journey journey = journey_of(recording, selection.uid);
  if (journey.visits.empty() || octets_of(recording, selection.uid).octets.empty()) {
    Page page;
    page.line(fmt::format("packet #{} has no bytes in this run", raw(selection.uid)), Role::bad);
    return page;
  }
  const Label label = Labeller(recording).label(selection.uid);
  const Hop* hop = hop_of(journey, selection);
  if (hop != nullptr) return on_hop(recording, selection, *hop, label, options);
  if (!journey.hops.empty()) {
    Page page;
    page.line(fmt::format("packet #{} did not cross that link", raw(selection.uid)), Role::bad);
    return page;
  }
  return homeless(recording, selection, journey, label, options);
}

}  // namespace strata::views
