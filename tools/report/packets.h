// SPDX-License-Identifier: MIT
// The tables of a report about packets: the rows of the ladder, every hop, where packets ended, and
// the octets of every frame.
#pragma once

#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "sim/analysis/hops.h"
#include "sim/trace/recording.h"
#include "tools/report/images.h"
#include "tools/report/table.h"
#include "tools/views/label.h"

namespace strata::report {

class Packets {
 public:
  // Of all packets of `list`.
  Packets(const trace::Recording& recording, const analysis::HopList& list, Strings& strings);

  void read(const Event& event);  // every event, in order
  std::map<std::string, std::string> tables() const;
  const Images& images() const { return images_; }

 private:
  void add_rows(const analysis::HopList& list);
  void add_hop(const analysis::Hop& hop, std::int64_t row);
  std::int64_t image_of(PacketUid uid, Bytes octets);

  const trace::Recording& recording_;
  Strings& strings_;
  views::Labeller labeller_;
  Images images_;
  std::unordered_map<PacketUid, std::int64_t> rows_;
  Table packets_{"uid",      "parent",  "parentage", "flow",     "from",   "to",     "~sent",
                 "arrived",  "reached", "label",     "role",     "fate",   "reason", "isDamaged",
                 "branches", "kind",    "cause",     "original", "because"};
  Table hops_{"packet", "link",        "from",          "fromPort", "to",     "toPort",
              "queued", "depth",       "~sent",         "out",      "due",    "received",
              "length", "image",       "receivedImage", "error",    "reason", "decision",
              "extra",  "isReordered", "isMarked",      "cutTo"};
  Table drops_{"~time", "node", "layer", "reason", "uid", "link", "port", "decision"};
  Table flips_{"hop", "bit"};
};

}  // namespace strata::report
