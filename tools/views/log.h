// SPDX-License-Identifier: MIT
// What happened, one line each: frames sent and received, drops, states, timers that fired, tables
// that changed, calls of processes. Each line is made from one event alone, so that a run can be
// followed as it goes.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/trace/recording.h"
#include "tools/views/label.h"
#include "tools/views/text.h"

namespace strata::views {

// What a packet is, in a few words; `octets` are those the event shows, a frame.
using PacketWords = std::function<Label(PacketUid uid, Bytes octets)>;

// What a line says behind time and node.
struct LogEntry {
  std::string_view verb;  // "send", "recv", "drop", "state"; few different ones
  Text text;
};

// Writes log lines. The directory must outlive it.
class LogWriter {
 public:
  LogWriter(const trace::Directory& names, PacketWords words)
      : names_(names), words_(std::move(words)) {}
  // Nullopt for events that are details of others.
  std::optional<LogEntry> entry(const Event& event) const;
  // The same as a whole line.
  std::optional<Text> line(const Event& event) const;

 private:
  const trace::Directory& names_;
  PacketWords words_;
};

// Words from the octets alone, in tcpdump's manner: for runs that are not recorded.
Label words_of_frame(PacketUid uid, Bytes octets);
// The title line above a log of these nodes.
Text log_title(const trace::Directory& names);
// The column at which the words of a line begin, and go on when they need more than one.
std::size_t log_indent(const trace::Directory& names);

struct LogSelection {
  std::optional<std::uint32_t> flow;
  NodeId node = kNoNode;  // kNoNode: all
  Instant from = kStart;
  Instant until = kNever;
  std::function<bool(PacketUid uid)> keep = {};  // only what is about these packets; empty: all
};

Page log(const trace::Recording& recording, const LogSelection& selection, const Options& options);

// Positions of the events of a recording that have a line, ascending.
std::vector<trace::EventIndex> logged_events(const trace::Recording& recording,
                                             const LogSelection& selection);

}  // namespace strata::views
