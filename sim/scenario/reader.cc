// SPDX-License-Identifier: MIT
#include "sim/scenario/reader.h"

#include <fmt/format.h>

#include <algorithm>

#include "stack/base/ascii.h"
#include "stack/base/assert.h"

namespace strata::scenario {
namespace {

constexpr std::size_t kNameMost = 32;

// Lists and maps whose items may all have been commented out. Not `routes`: without any, a router
// has those that are computed.
bool may_be_empty(const Key& key) {
  switch (key.kind) {
    case Kind::texts:
    case Kind::list_of_maps:
    case Kind::named_maps:
      return key.section != Section::node && !key.required;
    default:
      return key.kind == Kind::map && key.section == Section::node && key.name != "device";
  }
}

}  // namespace

MapReader::MapReader(const Value* value, Section section, std::string subject,
                     Diagnostics& diagnostics, std::vector<std::string> others)
    : value_(value), section_(section), subject_(std::move(subject)), diagnostics_(diagnostics) {
  if (value_ == nullptr || value_->kind == ValueKind::null) return;
  if (value_->kind != ValueKind::map) {
    readable_ = false;
    diagnostics_.error(value_->at,
                       fmt::format("{} is a map of keys, not {}", subject_, to_text(value_->kind)),
                       fmt::format("write '{{ {}: ... }}'", keys(section_).front().name));
    return;
  }
  check_unknown(others);
  check_empty();
}

void MapReader::check_unknown(const std::vector<std::string>& others) {
  std::vector<std::string> known = key_names(section_);
  known.insert(known.end(), others.begin(), others.end());
  for (const Entry& entry : value_->entries) {
    if (std::find(known.begin(), known.end(), entry.key) != known.end()) continue;
    std::string mend = suggestion(entry.key, known);
    if (mend.empty()) {
      for (const Key& elsewhere : keys()) {
        if (elsewhere.name != entry.key) continue;
        mend = fmt::format("it belongs to {}", to_text(elsewhere.section));
        break;
      }
    }
    if (mend.empty()) mend = "'strata check --reference' lists the keys";
    diagnostics_.error(entry.at,
                       fmt::format("unknown key {} in {}", in_quotes(entry.key), subject_),
                       std::move(mend));
  }
}

// "delay:" with nothing behind it: a value that was forgotten, not one left at its default.
void MapReader::check_empty() {
  for (const Entry& entry : value_->entries) {
    if (entry.value.kind != ValueKind::null) continue;
    const Key* known = find_key(section_, entry.key);
    if (known != nullptr && may_be_empty(*known)) continue;
    lacks_values_ = true;
    const std::string wanted =
        known != nullptr ? fmt::format("write {}", describe(known->kind)) : "write one behind it";
    const bool may_go = known == nullptr || !known->required;
    diagnostics_.error(entry.value.at.source != entry.at.source ? entry.value.at : entry.at,
                       fmt::format("{} has no value", in_quotes(entry.key)),
                       may_go ? wanted + ", or leave the key out" : wanted);
  }
}

const Entry* MapReader::entry(std::string_view key) const {
  if (value_ == nullptr || value_->kind != ValueKind::map) return nullptr;
  const Entry* found = value_->find(key);
  return found != nullptr && found->value.kind == ValueKind::null ? nullptr : found;
}

Position MapReader::at(std::string_view key) const {
  const Entry* found = entry(key);
  return found != nullptr ? found->value.at : at();
}

const Key& MapReader::key(std::string_view name) const {
  const Key* found = find_key(section_, name);
  STRATA_ASSERT(found != nullptr);
  return *found;
}

std::optional<std::string_view> MapReader::scalar(std::string_view name) {
  const Key& known = key(name);
  const Entry* found = entry(name);
  if (found == nullptr) {
    const std::string_view fallback = fallback_under(known, profile_);
    if (fallback.empty()) return std::nullopt;
    return fallback;
  }
  if (found->value.kind != ValueKind::scalar) {
    diagnostics_.error(
        found->value.at,
        fmt::format("'{}' is {}, not {}", name, describe(known.kind), to_text(found->value.kind)));
    return std::nullopt;
  }
  return found->value.text;
}

template <typename T, typename Parse>
std::optional<T> MapReader::read(std::string_view name, Parse parse) {
  const auto text = scalar(name);
  if (!text) return std::nullopt;
  auto value = parse(*text);
  if (!value) {
    value.error().what = fmt::format("'{}': {}", name, value.error().what);
    diagnostics_.error(at(name), std::move(value.error()));
    return std::nullopt;
  }
  return std::move(*value);
}

std::optional<std::string> MapReader::text(std::string_view key) {
  return read<std::string>(
      key, [](std::string_view text) -> Parsed<std::string> { return std::string{text}; });
}

std::optional<std::string> MapReader::choice(std::string_view name) {
  return read<std::string>(name, [&](std::string_view text) -> Parsed<std::string> {
    const std::vector<std::string> known = choices(key(name));
    if (std::find(known.begin(), known.end(), text) != known.end()) return std::string{text};
    return mistake(fmt::format("{} is none of the choices", in_quotes(text)),
                   suggestion(text, known));
  });
}

std::optional<std::uint64_t> MapReader::in_range(std::string_view name,
                                                 std::optional<std::uint64_t> value) {
  if (!value) return std::nullopt;
  const Key& known = key(name);
  if (*value < known.low) {
    diagnostics_.error(at(name), fmt::format("'{}' is at least {}", name, known.low));
    return std::nullopt;
  }
  if (known.high != 0 && *value > known.high) {
    diagnostics_.error(at(name), fmt::format("'{}' is at most {}", name, known.high));
    return std::nullopt;
  }
  return value;
}

std::optional<std::uint64_t> MapReader::count(std::string_view key) {
  return in_range(key, read<std::uint64_t>(key, parse_count));
}
std::optional<std::uint64_t> MapReader::bytes(std::string_view key) {
  return in_range(key, read<std::uint64_t>(key, parse_bytes));
}
std::optional<bool> MapReader::boolean(std::string_view key) {
  return read<bool>(key, parse_boolean);
}
std::optional<Duration> MapReader::duration(std::string_view key) {
  return read<Duration>(key, parse_duration);
}
std::optional<Instant> MapReader::instant(std::string_view key) {
  const auto since = duration(key);
  if (!since) return std::nullopt;
  return after(kStart, *since);
}
std::optional<std::uint64_t> MapReader::rate(std::string_view key) {
  return read<std::uint64_t>(key, parse_rate);
}
std::optional<std::uint64_t> MapReader::length(std::string_view key) {
  return read<std::uint64_t>(key, parse_length);
}
std::optional<std::uint64_t> MapReader::speed(std::string_view key) {
  return read<std::uint64_t>(key, parse_speed);
}
std::optional<QueueLimit> MapReader::queue(std::string_view key) {
  return read<QueueLimit>(key, parse_queue);
}
std::optional<Probability> MapReader::probability(std::string_view key) {
  return read<Probability>(key, parse_probability);
}
std::optional<IpAddress> MapReader::address(std::string_view key) {
  return read<IpAddress>(key, parse_address);
}
std::optional<Prefix> MapReader::prefix(std::string_view key) {
  return read<Prefix>(key, parse_prefix);
}

std::optional<std::vector<std::uint64_t>> MapReader::ordinals(std::string_view key) {
  std::vector<std::uint64_t> result;
  bool good = true;
  for (const Value* item : texts(key)) {
    auto value = parse_ordinal(item->text);
    if (value) {
      result.push_back(*value);
      continue;
    }
    value.error().what = fmt::format("'{}': {}", key, value.error().what);
    diagnostics_.error(item->at, std::move(value.error()));
    good = false;
  }
  if (result.empty() || !good) return std::nullopt;
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<const Value*> MapReader::texts(std::string_view name) {
  std::vector<const Value*> result;
  const Entry* found = entry(name);
  if (found == nullptr) return result;
  const Value& value = found->value;
  if (value.kind == ValueKind::scalar) return {&value};
  if (value.kind == ValueKind::map) {
    diagnostics_.error(value.at, fmt::format("'{}' is {}, not {}", name, describe(key(name).kind),
                                             to_text(value.kind)));
    return result;
  }
  for (const Value& item : value.items) {
    if (item.kind == ValueKind::scalar) {
      result.push_back(&item);
      continue;
    }
    // "- a: b" reads as a map: the most likely slip in a list of texts.
    diagnostics_.error(item.at,
                       fmt::format("an item of '{}' is text, not {}", name, to_text(item.kind)),
                       "put it in quotes if it contains ': '");
  }
  return result;
}

void MapReader::check_required() {
  if (!readable_) return;
  for (const Key& known : keys(section_)) {
    const bool is_there = value_ != nullptr && value_->find(known.name) != nullptr;
    if (!known.required || is_there) continue;
    diagnostics_.error(at(), fmt::format("{} lacks '{}'", subject_, known.name),
                       fmt::format("'{}' is {}", known.name, describe(known.kind)));
  }
}

Parsed<IpAddress> parse_address(std::string_view text) {
  if (const auto address = IpAddress::parse(text)) {
    if (address->is_v4()) return *address;
    return mistake(
        fmt::format("{} is an IPv6 address, which hosts do not speak yet", in_quotes(text)),
        "write an IPv4 address such as 10.0.1.1");
  }
  if (const auto prefix = Prefix::parse(text)) {
    return mistake(
        fmt::format("{} has a prefix length, which does not belong here", in_quotes(text)),
        fmt::format("write {}", strata::to_text(prefix->address)));
  }
  return mistake(fmt::format("{} is not an IP address", in_quotes(text)),
                 "write four numbers from 0 to 255 such as 10.0.1.1");
}

Parsed<Prefix> parse_prefix(std::string_view text) {
  if (const auto prefix = Prefix::parse(text)) {
    if (prefix->address.is_v4()) return *prefix;
    return mistake(
        fmt::format("{} is an IPv6 prefix, which hosts do not speak yet", in_quotes(text)),
        "write an IPv4 prefix such as 10.0.1.10/24");
  }
  if (const auto address = IpAddress::parse(text)) {
    if (address->is_v4()) {
      return mistake(fmt::format("{} lacks the prefix length", in_quotes(text)),
                     fmt::format("write {}/24", strata::to_text(*address)));
    }
  }
  return mistake(fmt::format("{} is not an address with prefix length", in_quotes(text)),
                 "write for instance 10.0.1.10/24");
}

std::optional<Mistake> check_name(std::string_view name) {
  const auto allowed = [](char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; };
  if (name.empty()) return Mistake{"a name cannot be empty", ""};
  if (!is_letter(name.front()) || !std::all_of(name.begin(), name.end(), allowed)) {
    return Mistake{fmt::format("{} is not a name", in_quotes(name)),
                   "a name is a letter, then letters, digits, '-' and '_'"};
  }
  if (name.size() > kNameMost) {
    return Mistake{fmt::format("{} is too long", in_quotes(name)),
                   fmt::format("a name has at most {} characters", kNameMost)};
  }
  return std::nullopt;
}

}  // namespace strata::scenario
