// SPDX-License-Identifier: MIT
#include "tools/views/hop_changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "stack/wire/dissect.h"
#include "tools/views/label.h"

namespace strata::views {
namespace {

using wire::DissectedField;
using wire::DissectedLayer;
using wire::Dissection;

// Fields of a dissection by the header they are in and their order there.
struct FieldKey {
  Protocol protocol{};
  std::size_t nth = 0;  // of the headers of that protocol
  std::string_view name;
  std::size_t again = 0;  // of the fields of that name in the header
  auto operator<=>(const FieldKey&) const = default;
};
using Fields = std::map<FieldKey, const DissectedField*>;

Fields fields_of(const Dissection& dissection) {
  Fields fields;
  std::map<Protocol, std::size_t> seen;
  for (const DissectedLayer& layer : dissection.layers) {
    const std::size_t nth = seen[layer.protocol]++;
    for (const DissectedField& field : layer.fields) {
      FieldKey key{layer.protocol, nth, field.name, 0};
      while (fields.contains(key)) ++key.again;
      fields[key] = &field;
    }
  }
  return fields;
}

std::vector<FieldChange> compare_fields(const Dissection& before, const Dissection& after) {
  const Fields old_fields = fields_of(before);
  const Fields new_fields = fields_of(after);
  std::vector<FieldChange> changes;
  for (const auto& [key, field] : new_fields) {
    const auto old_field = old_fields.find(key);
    const bool is_same = old_field != old_fields.end() &&
                         old_field->second->value == field->value &&
                         old_field->second->raw == field->raw;
    if (is_same) continue;
    changes.push_back({key.protocol, key.name, field->bit_offset / 8,
                       old_field == old_fields.end() ? "" : old_field->second->value,
                       field->value});
  }
  for (const auto& [key, field] : old_fields) {
    if (new_fields.contains(key)) continue;
    changes.push_back({key.protocol, key.name, field->bit_offset / 8, field->value, ""});
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const FieldChange& a, const FieldChange& b) { return a.offset < b.offset; });
  return changes;
}

// Payload octets that differ, where both frames are laid out alike.
std::vector<std::size_t> compare_payload(Bytes before, const Dissection& after_layers,
                                         Bytes after) {
  std::vector<std::size_t> found;
  if (before.size() != after.size()) return found;
  std::vector<bool> is_described(after.size(), false);
  for (const DissectedLayer& layer : after_layers.layers) {
    for (const DissectedField& field : layer.fields) {
      const std::size_t end = (field.bit_offset + field.bit_width + 7) / 8;
      for (std::size_t i = field.bit_offset / 8; i < std::min(end, after.size()); ++i) {
        is_described[i] = true;
      }
    }
  }
  for (std::size_t i = 0; i < after.size(); ++i) {
    if (before[i] != after[i] && !is_described[i]) found.push_back(i);
  }
  return found;
}

HopChange compare(NodeId node, const Hop* in, const Hop* out, Bytes before, Bytes after) {
  HopChange change{.node = node, .in = in, .out = out, .fields = {}, .payload = {}};
  const Dissection old_frame = wire::dissect(before);
  const Dissection new_frame = wire::dissect(after);
  change.fields = compare_fields(old_frame, new_frame);
  change.payload = compare_payload(before, new_frame, after);
  return change;
}

// The hop that brought the frame to where `hop` left from.
const Hop* hop_before(const Journey& journey, const Hop& hop) {
  const Hop* found = nullptr;
  for (const Hop& other : journey.hops) {
    if (other.to != hop.from || !other.received || *other.received > hop.sent) continue;
    if (&other != &hop) found = &other;
  }
  return found;
}

void write(Page& page, const trace::Recording& recording, const HopChange& change,
           const Options& options) {
  const trace::Directory& names = recording.directory();
  Text title;
  if (change.node == kNoNode) {
    title.add(fmt::format("↯ {}", names.link_name(change.out->link)), Role::damaged);
    title.add("  the medium " + damage_text(*change.out));
  } else {
    const trace::NodeEntry* node = names.node(change.node);
    title.add(std::string{names.node_name(change.node)}, Role::heading);
    title.add(fmt::format(" ({})  in from {}, out to {}",
                          node == nullptr ? "?" : to_text(node->kind),
                          names.link_name(change.in->link), names.link_name(change.out->link)));
    title.add(fmt::format("  {}", to_text(change.out->sent)), Role::dim);
  }
  page.wrap(title, options.width);
  if (change.fields.empty() && change.payload.empty()) {
    page.line("  nothing changed", Role::dim);
  }
  std::size_t widest = 0;
  for (const FieldChange& field : change.fields) widest = std::max(widest, columns(field.field));
  for (const FieldChange& field : change.fields) {
    Text line(fmt::format("  {:04x} ", field.offset), Role::dim);
    line.add(fmt::format("{:<9}", to_text(field.protocol)), role_of(layer_of(field.protocol)));
    line.add(fmt::format("{:<{}}  ", field.field, widest));
    line.add(field.before.empty() ? "(none)" : printable(field.before), Role::dim).add(" → ");
    line.add(field.after.empty() ? "(none)" : printable(field.after), Role::heading);
    page.wrap(line, options.width, 17);
  }
  if (!change.payload.empty()) {
    std::string offsets;
    for (const std::size_t offset : change.payload) offsets += fmt::format(" {:04x}", offset);
    page.wrap(
        Text(fmt::format("  {} octets of data:{}", change.payload.size(), offsets), Role::damaged),
        options.width);
  }
}

}  // namespace

std::vector<HopChange> changes_of(const Journey& journey) {
  std::vector<HopChange> changes;
  for (const Hop& hop : journey.hops) {
    if (const Hop* in = hop_before(journey, hop)) {
      const Bytes before = in->received_frame.empty() ? in->sent_frame : in->received_frame;
      changes.push_back(compare(hop.from, in, &hop, before, hop.sent_frame));
    }
    if (hop.is_damaged() && !hop.received_frame.empty()) {
      changes.push_back(compare(kNoNode, nullptr, &hop, hop.sent_frame, hop.received_frame));
    }
  }
  return changes;
}

Page hop_changes(const trace::Recording& recording, PacketUid uid, const Options& options) {
  Page page;
  const Journey journey = journey_of(recording, uid);
  if (journey.visits.empty()) {
    page.line(fmt::format("nothing is known about packet #{}", raw(uid)), Role::bad);
    return page;
  }
  const Label label = Labeller(recording).label(uid);
  Text title(fmt::format("#{}  ", raw(uid)), Role::heading);
  page.wrap(title.add(label.text, label.role), options.width);
  const std::vector<HopChange> changes = changes_of(journey);
  for (const HopChange& change : changes) write(page, recording, change, options);
  if (changes.empty()) {
    page.wrap(Text(fmt::format("  {} hops: nobody on the way could change it", journey.hops.size()),
                   Role::dim),
              options.width);
  }
  for (const PacketUid child : recording.children(uid)) {
    if (recording.packet(child).parentage != Parentage::fragment) continue;
    page.wrap(Text(fmt::format("  it was cut: fragment #{} goes on in its place", raw(child)),
                   Role::network),
              options.width);
  }
  return page;
}

}  // namespace strata::views
