// SPDX-License-Identifier: MIT
// What the data of a report is made of: texts that are written once, and tables as columns of
// whole numbers (src/columns.ts reads them).
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "stack/base/ids.h"
#include "stack/base/time.h"

namespace strata::report {

// A missing instant, number or place.
inline constexpr std::int64_t kNone = -1;

// Texts by number, in order of first mention. Number 0 is the empty text.
class Strings {
 public:
  Strings() { id(""); }
  std::int64_t id(std::string_view text);
  const std::vector<std::string>& all() const { return all_; }

 private:
  std::unordered_map<std::string, std::int64_t> ids_;
  std::vector<std::string> all_;
};

class Table {
 public:
  // Names of the columns, in the order add() takes values. A name that begins with '~' makes a
  // column of differences: each value is written as what it is more than the one above.
  explicit Table(std::initializer_list<std::string_view> names);
  // As many values as there are columns.
  void add(std::initializer_list<std::int64_t> row);
  std::size_t count() const { return count_; }
  // {"uid":[1,2],"sent":[10,5]}
  std::string json() const;

 private:
  struct Column {
    std::string name;
    bool is_difference = false;
    std::int64_t last = 0;
    std::string values;  // "1,2,3"
  };
  std::vector<Column> columns_;
  std::size_t count_ = 0;
};

inline std::int64_t number(Instant instant) {
  return instant == kNever ? kNone : (instant - kStart).count();
}
inline std::int64_t number(const std::optional<Instant>& instant) {
  return instant ? number(*instant) : kNone;
}
inline std::int64_t number(Duration duration) { return duration.count(); }
inline std::int64_t number(std::uint64_t value) { return static_cast<std::int64_t>(value); }
inline std::int64_t number(PacketUid uid) { return static_cast<std::int64_t>(raw(uid)); }
inline std::int64_t number(NodeId node) {
  return node == kNoNode ? kNone : std::int64_t{raw(node)};
}
inline std::int64_t number(LinkId link) {
  return link == kNoLink ? kNone : std::int64_t{raw(link)};
}
inline std::int64_t number(PortId port) {
  return port == kNoPort ? kNone : std::int64_t{raw(port)};
}

}  // namespace strata::report
