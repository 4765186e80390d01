// SPDX-License-Identifier: MIT
#include "sim/scenario/overrides.h"

#include <fmt/format.h>

#include <vector>

#include "sim/scenario/schema.h"
#include "sim/scenario/units.h"

namespace strata::scenario {
namespace {

std::vector<std::string> split_path(std::string_view path) {
  std::vector<std::string> parts;
  while (true) {
    const std::size_t dot = path.find('.');
    parts.emplace_back(path.substr(0, dot));
    if (dot == std::string_view::npos) return parts;
    path.remove_prefix(dot + 1);
  }
}

// What stands at a place of the tree, as far as the schema can tell.
struct Place {
  Value* value;
  Section section = Section::none;  // of a map with known keys
  bool holds_names = false;         // a map of names, each with a map of `child`
  bool holds_items = false;         // a list of maps of `child`
  Section child = Section::none;
};

Place inside(const Key& key, Value* value) {
  Place place{.value = value};
  switch (key.kind) {
    case Kind::map:
    case Kind::map_or_share:
    case Kind::map_or_queue:
      place.section = key.child;
      break;
    case Kind::named_maps:
      place.holds_names = true;
      place.child = key.child;
      break;
    case Kind::ports:
      place.holds_names = true;
      break;
    case Kind::list_of_maps:
      place.holds_items = true;
      place.child = key.child;
      break;
    default:
      break;
  }
  return place;
}

// The item of a list called `name`: its number from 1, or what it calls itself.
Value* find_item(Value& list, const std::string& name) {
  if (const auto number = parse_count(name)) {
    return *number >= 1 && *number <= list.items.size() ? &list.items[*number - 1] : nullptr;
  }
  for (const std::string_view key : {"name", "run"}) {
    for (Value& item : list.items) {
      const Entry* entry = item.find(key);
      if (entry != nullptr && entry->value.text == name) return &item;
    }
  }
  return nullptr;
}

std::vector<std::string> item_names(const Value& list) {
  std::vector<std::string> names;
  for (const Value& item : list.items) {
    for (const std::string_view key : {"name", "run"}) {
      const Entry* entry = item.find(key);
      if (entry == nullptr) continue;
      names.push_back(entry->value.text);
      break;
    }
  }
  return names;
}

Place step_into_list(const Place& from, const std::string& part, Position at,
                     Diagnostics& diagnostics) {
  Value* item = find_item(*from.value, part);
  if (item != nullptr) return {.value = item, .section = from.child};
  const std::size_t size = from.value->items.size();
  std::string mend = suggestion(part, item_names(*from.value));
  if (mend.empty()) mend = fmt::format("the list has {} item{}", size, size == 1 ? "" : "s");
  diagnostics.error(at, fmt::format("there is no item {}", in_quotes(part)), std::move(mend));
  return {.value = nullptr};
}

Place step_into_map(const Place& from, const std::string& part, Position at,
                    Diagnostics& diagnostics) {
  Value& map = *from.value;
  const Key* key = from.section != Section::none ? find_key(from.section, part) : nullptr;
  Entry* entry = map.find(part);
  // The parameters of a process are known to its program: parse_process() will check them.
  const bool may_be_new =
      key != nullptr || from.section == Section::process || from.section == Section::tcp;
  if (entry == nullptr && !may_be_new) {
    std::vector<std::string> names;
    for (const Entry& existing : map.entries) names.push_back(existing.key);
    if (from.section != Section::none) names = key_names(from.section);
    diagnostics.error(at, fmt::format("there is no {}", in_quotes(part)), suggestion(part, names));
    return {.value = nullptr};
  }
  if (entry == nullptr) {
    map.entries.push_back({part, at, Value{.kind = ValueKind::null, .at = at}});
    entry = &map.entries.back();
  }
  if (key != nullptr) return inside(*key, &entry->value);
  return {.value = &entry->value, .section = from.holds_names ? from.child : Section::none};
}

}  // namespace

void apply_override(Document& document, std::string_view assignment, Diagnostics& diagnostics) {
  const int source = static_cast<int>(document.sources.size());
  document.sources.push_back(fmt::format("--set {}", assignment));
  const Position at{.source = source};
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    diagnostics.error(at, "an override is PATH=VALUE",
                      "write for instance '--set links.access.delay=20ms'");
    return;
  }
  auto value = parse_value(assignment.substr(equals + 1), source, diagnostics);
  if (!value) return;
  Place place{.value = &document.root, .section = Section::scenario};
  for (const std::string& part : split_path(assignment.substr(0, equals))) {
    const bool is_leaf = place.section == Section::none && !place.holds_names && !place.holds_items;
    if (place.value->kind == ValueKind::scalar ||
        (is_leaf && place.value->kind == ValueKind::null)) {
      diagnostics.error(at, fmt::format("{} lies inside a single value", in_quotes(part)));
      return;
    }
    if (place.value->kind == ValueKind::null) {
      place.value->kind = ValueKind::map;
      place.value->at = at;
    }
    place = place.value->kind == ValueKind::list ? step_into_list(place, part, at, diagnostics)
                                                 : step_into_map(place, part, at, diagnostics);
    if (place.value == nullptr) return;
  }
  *place.value = std::move(*value);
}

}  // namespace strata::scenario
