// SPDX-License-Identifier: MIT
// Display filters in the manner of Wireshark: "tcp.flags.syn == 1 && ip.src == 10.0.0.1". A filter
// is read once and then asked about packets; the fields it may name are in fields.h.
//
//     or    := and { ("or" | "||") and }          test  := field [ comparison value ]
//     and   := not { ("and" | "&&") not }                | field ("contains" | "matches" | "~")
//     text not   := ("not" | "!") not | "(" or ")" | test     | field "in" "{" range { "," range }
//     "}"
//
// The panel of the HTML report reads the same language (tools/report/src/filter).
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <unordered_map>

#include "tools/filter/frame_fields.h"
#include "tools/filter/lexer.h"

namespace strata::filter {

class Filter {
 public:
  // A blank one passes everything. Never throws.
  static tl::expected<Filter, Mistake> parse(std::string_view source);

  bool matches(FrameFields& frame) const { return test_(frame); }
  // What the filter may not have been meant to say, mostly empty: a flag alone asks whether the
  // field is there, and every segment has all flags.
  const std::string& hint() const { return hint_; }

 private:
  using Test = std::function<bool(FrameFields&)>;
  friend class Parser;

  Test test_;
  std::string hint_;
};

// A filter over the packets of one recording. A packet passes when it passes on one of the links it
// crossed. `recording` outlives it.
class PacketFilter {
 public:
  PacketFilter(const trace::Recording& recording, Filter filter)
      : recording_(recording), filter_(std::move(filter)), frame_(recording) {}

  bool passes(PacketUid uid);
  // On the link where its first bit left at `sent`.
  bool passes(PacketUid uid, LinkId link, Instant sent);

 private:
  const trace::Recording& recording_;
  Filter filter_;
  FrameFields frame_;
  std::unordered_map<PacketUid, bool> known_;
};

}  // namespace strata::filter
