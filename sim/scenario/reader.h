// SPDX-License-Identifier: MIT
// Reads one map of a scenario against its section of the schema: unknown keys are reported at once
// with the nearest known one, values are read by the kind their key declares, and a missing key
// gives its default. A getter returns nullopt when there is no value and no default, or when the
// value is mistaken (which has then been reported).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/document.h"
#include "sim/scenario/schema.h"
#include "sim/scenario/units.h"
#include "stack/base/address.h"

namespace strata::scenario {

class MapReader {
 public:
  // `value` is null (an absent or empty map) or must be a map, else that is reported. `subject`
  // names the map in messages ("node 'client'"). `others` are keys beyond the section's, such as a
  // program's parameters.
  MapReader(const Value* value, Section section, std::string subject, Diagnostics& diagnostics,
            std::vector<std::string> others = {});

  // False when the value was not a map at all.
  bool is_readable() const { return readable_; }
  // A key stands there with nothing behind it (which has been reported).
  bool lacks_values() const { return lacks_values_; }
  const std::string& subject() const { return subject_; }
  // Where the map begins, or its key.
  Position at() const { return value_ != nullptr ? value_->at : Position{}; }
  bool has(std::string_view key) const { return entry(key) != nullptr; }
  const Entry* entry(std::string_view key) const;
  // Position of the value of `key`, or of the map when the key is missing.
  Position at(std::string_view key) const;

  std::optional<std::string> text(std::string_view key);
  std::optional<std::string> choice(std::string_view key);
  std::optional<std::uint64_t> count(std::string_view key);
  std::optional<bool> boolean(std::string_view key);
  std::optional<Duration> duration(std::string_view key);
  std::optional<Instant> instant(std::string_view key);  // a duration since the start
  std::optional<std::uint64_t> rate(std::string_view key);
  std::optional<std::uint64_t> bytes(std::string_view key);
  std::optional<std::uint64_t> length(std::string_view key);
  std::optional<std::uint64_t> speed(std::string_view key);
  std::optional<QueueLimit> queue(std::string_view key);
  std::optional<Probability> probability(std::string_view key);
  std::optional<std::vector<std::uint64_t>> ordinals(std::string_view key);
  std::optional<IpAddress> address(std::string_view key);
  std::optional<Prefix> prefix(std::string_view key);
  // A list of texts; a single text is a list of one.
  std::vector<const Value*> texts(std::string_view key);

  // From here on a missing key gives its default under this profile of TCP.
  void use_profile(std::string_view profile) { profile_ = profile; }

  // Reports required keys that are missing.
  void check_required();

 private:
  void check_unknown(const std::vector<std::string>& others);
  void check_empty();
  const Key& key(std::string_view name) const;
  // The scalar text of `name`, or its default; nullopt when there is neither or it is no scalar.
  std::optional<std::string_view> scalar(std::string_view name);
  template <typename T, typename Parse>
  std::optional<T> read(std::string_view name, Parse parse);
  std::optional<std::uint64_t> in_range(std::string_view name, std::optional<std::uint64_t> value);

  const Value* value_;
  Section section_;
  std::string subject_;
  Diagnostics& diagnostics_;
  std::string profile_;
  bool readable_ = true;
  bool lacks_values_ = false;
};

// Values outside of a map's keys: items of lists, entries of free maps.
Parsed<IpAddress> parse_address(std::string_view text);
Parsed<Prefix> parse_prefix(std::string_view text);
// A name for something new: a letter, then letters, digits, '-' and '_'; at most 32.
std::optional<Mistake> check_name(std::string_view name);

}  // namespace strata::scenario
