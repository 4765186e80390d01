// SPDX-License-Identifier: MIT
#include "tools/export/format.h"

#include <fmt/format.h>

namespace strata::exports {

const std::vector<Format>& formats() {
  static const std::vector<Format> kFormats{
      {"events", "jsonl", "Every event, one JSON object a line (docs/events.md).", write_events,
       true},
      {"tcp-csv", "csv", "TCP's variables at both ends of the flows, at each change.",
       write_tcp_csv},
      {"rtt-csv", "csv", "Every round trip TCP measured.", write_rtt_csv},
      {"queue-csv", "csv", "The depth of the transmit queues, at each change.", write_queue_csv},
      {"throughput-csv", "csv", "Throughput and goodput of the flows, in a hundred steps.",
       write_throughput_csv},
      {"mermaid", "mmd", "A sequence diagram for Markdown pages.", write_mermaid, true},
      {"mscgen", "msc", "A message sequence chart for mscgen.", write_mscgen, true},
      {"xplot", "xpl", "Time-sequence graph of one flow, in the manner of tcptrace.", write_xplot},
      {"perfetto", "json", "Tracks of nodes, connections and links for ui.perfetto.dev.",
       write_perfetto},
      {"asciicast", "cast", "The ladder drawing itself in a terminal, for asciinema.",
       write_asciicast, true},
  };
  return kFormats;
}

tl::expected<const trace::Flow*, std::string> flow_of(const trace::Recording& recording,
                                                      const Request& request) {
  const trace::Flow* flow = recording.flow(request.flow.value_or(1));
  if (flow != nullptr) return flow;
  if (recording.flows().empty())
    return tl::unexpected(std::string{"the run had no conversation to show"});
  return tl::unexpected(fmt::format("there is no flow {}, the run had {}", request.flow.value_or(1),
                                    recording.flows().size()));
}

std::vector<std::uint32_t> flows_of_events(const trace::Recording& recording) {
  std::vector<std::uint32_t> flows(recording.events().size(), 0);
  for (const trace::Flow& flow : recording.flows()) {
    for (const trace::EventIndex index : recording.of_flow(flow.number)) flows[index] = flow.number;
  }
  return flows;
}

}  // namespace strata::exports
