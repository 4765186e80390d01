// SPDX-License-Identifier: MIT
// The formats of `strata export`. Each is a pure function of a recording in a file of its own and a
// row of the table; adding one touches nothing else.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "sim/trace/recording.h"

namespace strata::exports {

struct Request {
  std::string scenario;               // what was run, for headings
  std::optional<std::uint32_t> flow;  // its number; of formats that show one: 1
  bool is_backward = false;           // of a flow: what the responder sent
  Instant from = kStart;
  Instant until = kNever;
  // Of ladders and events: only those of these packets; empty: all.
  std::function<bool(PacketUid uid)> keep = {};
  std::size_t width = 100;  // columns, of what plays in a terminal
};

// Takes text piece by piece; what a format writes may be large.
using Sink = std::function<void(std::string_view)>;
// A sentence for people about why there is nothing to write; nullopt: it was written.
using Trouble = std::optional<std::string>;

struct Format {
  std::string_view name;    // "mermaid"
  std::string_view ending;  // of file names, without the dot
  std::string_view help;    // one sentence
  Trouble (*write)(const trace::Recording& recording, const Request& request, const Sink& sink);
  bool takes_filter = false;  // it heeds Request::keep
};

// In the order of the help text.
const std::vector<Format>& formats();

Trouble write_events(const trace::Recording&, const Request&, const Sink&);
Trouble write_tcp_csv(const trace::Recording&, const Request&, const Sink&);
Trouble write_rtt_csv(const trace::Recording&, const Request&, const Sink&);
Trouble write_queue_csv(const trace::Recording&, const Request&, const Sink&);
Trouble write_throughput_csv(const trace::Recording&, const Request&, const Sink&);
Trouble write_mermaid(const trace::Recording&, const Request&, const Sink&);
Trouble write_mscgen(const trace::Recording&, const Request&, const Sink&);
Trouble write_xplot(const trace::Recording&, const Request&, const Sink&);
Trouble write_perfetto(const trace::Recording&, const Request&, const Sink&);
Trouble write_asciicast(const trace::Recording&, const Request&, const Sink&);

// The flow a request means: the one it names, else the first. The trouble is a sentence.
tl::expected<const trace::Flow*, std::string> flow_of(const trace::Recording& recording,
                                                      const Request& request);
// The number of the flow each event belongs to; 0: none.
std::vector<std::uint32_t> flows_of_events(const trace::Recording& recording);

}  // namespace strata::exports
