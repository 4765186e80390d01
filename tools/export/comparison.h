// SPDX-License-Identifier: MIT
// Two runs side by side: settings that differ, figures with their difference, the first event that
// was another one, and the packets of both laid against each other.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "tools/export/json.h"
#include "tools/views/ladder_rows.h"

namespace strata::exports {

// A run to compare. Settings are paths and values ("links.access.delay", "5ms"), defaults included.
struct ComparedRun {
  std::string file;
  std::uint64_t seed = 0;
  std::uint64_t fingerprint = 0;
  std::vector<std::pair<std::string, std::string>> settings;
  Json figures;  // as `run --json` prints them
  const trace::Recording* recording = nullptr;
};

struct SettingDifference {
  std::string path;  // of a node or link that one run does not have: its own, and the value "…"
  std::string a;     // empty: it is not set there
  std::string b;
};

struct FigureComparison {
  std::string group;  // "run", "flow 1", "link access from client"
  std::string name;   // as in `run --json`, of the group: "goodput_bps"
  Json a;             // null: there is no such figure
  Json b;
};

// What happened first in one run and not in the other.
struct Divergence {
  std::optional<trace::EventIndex> a;  // none: that run had ended
  std::optional<trace::EventIndex> b;
  Json a_event;  // as in the JSON Lines
  Json b_event;
  std::vector<std::string> fields;  // that differ, where both are of one kind
};

// A packet of each run that is the same one; or one that the other run does not have.
struct PacketPair {
  std::optional<views::LadderRow> a;
  std::optional<views::LadderRow> b;
  // Both there, with the same words about them and the same fate?
  bool is_alike() const {
    return a && b && a->label.text == b->label.text && a->end.has_value() == b->end.has_value();
  }
};

struct Comparison {
  std::vector<SettingDifference> settings;
  std::vector<FigureComparison> figures;
  std::optional<Divergence> divergence;  // none: nothing differs but octets and ephemeral ports
  std::vector<PacketPair> packets;       // in the order of time
  bool packets_cut = false;              // there were more
};

// `flow`: the packets of this conversation only. The recordings must outlive the result.
Comparison compare(const ComparedRun& a, const ComparedRun& b, std::optional<std::uint32_t> flow);

// What `strata compare --json` prints.
Json comparison_json(const ComparedRun& a, const ComparedRun& b, const Comparison& comparison);

}  // namespace strata::exports
