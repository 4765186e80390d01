// SPDX-License-Identifier: MIT
#include "tools/views/packet.h"

#include <fmt/format.h>

#include "stack/physical/line_code.h"
#include "stack/wire/dissect.h"
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

const Hop* hop_of(const Journey& journey, const PacketSelection& selection) {
  for (const Hop& hop : journey.hops) {
    if (!selection.link || hop.link == *selection.link) return &hop;
  }
  return nullptr;
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

}  // namespace

Page packet(const trace::Recording& recording, const PacketSelection& selection,
            const Options& options) {
  Page page;
  const trace::Directory& names = recording.directory();
  const Journey journey = journey_of(recording, selection.uid);
  const Hop* hop = hop_of(journey, selection);
  BoxesInput input;
  input.frame = hop == nullptr ? recording.frame(selection.uid)
                : selection.as_received && !hop->received_frame.empty() ? hop->received_frame
                                                                        : hop->sent_frame;
  if (journey.visits.empty() || input.frame.empty()) {
    page.line(fmt::format("packet #{} has no bytes in this run", raw(selection.uid)), Role::bad);
    return page;
  }
  const Label label = Labeller(recording).label(selection.uid);
  input.title = Text(fmt::format("#{}", raw(selection.uid)), Role::heading);
  if (hop != nullptr) {
    input.title.add(fmt::format("  t={}  {} → {}  ", to_text(hop->sent),
                                names.interface_name(hop->from, hop->out_port),
                                names.link_name(hop->link)));
    if (const trace::LinkEntry* link = names.link(hop->link)) {
      input.rate_bps = link->rate_bps;
      input.medium = rate_text(link->rate_bps);
      if (link->line_code) {
        input.medium += fmt::format(", {}", physical::to_text(*link->line_code));
      }
    }
    if (selection.as_received) input.flipped_bits = journey.flipped_bits;
  } else {
    input.title.add(fmt::format("  t={}  never left the host  ", to_text(journey.started)));
  }
  input.title.add(label.text, label.role).cut_to(options.width);
  input.dissection = wire::dissect(input.frame);
  add_owners(input.dissection, names);
  input.collapsed = selection.collapsed;
  input.data_rows_max = selection.data_rows_max;
  page.append(boxes(input, options));
  return page;
}

}  // namespace strata::views
