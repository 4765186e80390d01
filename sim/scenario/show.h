// SPDX-License-Identifier: MIT
// Which view of a run somebody wants to see, as `show:` lists them and `strata show` takes them:
//
//     ladder                      path of data 3             sockets at 40 ms
//     ladder of flow 2            packet of uid 41           sockets at 40 ms on server
//     demux of syn 1              packet of drop 1           ladder from 10 ms until 50 ms
//     plot window of flow 1       header tcp of data 1       waveform of data 1 bytes 14-17
//     why of retransmission 1     stream of flow 1           arp at 40 ms on client
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/scenario/diagnostic.h"
#include "sim/scenario/model.h"
#include "stack/base/ids.h"
#include "stack/base/time.h"
#include "stack/physical/line_code.h"

namespace strata::scenario {

enum class View : std::uint8_t {
  summary,
  log,
  ladder,
  packet,
  header,
  waveform,
  path,
  diff,
  why,
  demux,
  sockets,
  states,
  stream,
  plot,
  arp,
  fdb,
  routes,
};
std::string_view to_text(View view);
std::vector<std::string> view_names();
// One sentence about a view.
std::string_view help(View view);
// Does it show one packet, which a request has to name?
bool needs_packet(View view);
// The clauses a view takes: "packet" and "flow" (both behind `of`), "at", "on", "from", ...
std::vector<std::string> clauses_of(View view);
// What may stand right behind the name of a view: the figures of plot, the protocols of header.
std::vector<std::string> subjects_of(View view);

// One packet, by its number or by what it is: "data 3" is the third TCP data segment sent.
enum class PacketKind : std::uint8_t {
  uid,
  data,            // a TCP segment with new payload
  retransmission,  // a TCP segment sent again
  syn,
  fin,
  reset,
  ack,       // a TCP segment with nothing but an acknowledgement
  datagram,  // UDP
  ping,      // an ICMP echo request
  pong,      // an ICMP echo reply
  arp,
  drop,  // the n-th packet that was dropped
};
std::vector<std::string> packet_kind_names();

struct PacketSelector {
  PacketKind kind = PacketKind::uid;
  std::uint64_t number = 0;  // from 1
  friend bool operator==(const PacketSelector&, const PacketSelector&) = default;
};
std::string to_text(const PacketSelector& selector);
// "data 3", "uid 41".
Parsed<PacketSelector> parse_packet_selector(std::string_view text);

struct ShowRequest {
  View view = View::summary;
  std::optional<PacketSelector> packet;
  std::optional<std::uint32_t> flow;
  std::string subject;        // one of subjects_of(view); empty: all, or the first
  std::optional<Instant> at;  // of sockets and the other tables; else the end of the run
  std::string node;           // of tables, demux and log; of plot and stream the end that sends
  std::string link;           // of packet, header and waveform: as it was on this link
  Instant from = kStart;      // of ladder, log and plot
  Instant until = kNever;
  // Of waveform: the first and the last octet of the frame, and the line code to draw them in.
  std::optional<std::pair<std::uint32_t, std::uint32_t>> bytes;
  std::optional<physical::LineCodeKind> code;
  std::string filter;  // of ladder and log, by the command line only: a display filter; empty: all
  std::string written;
};

Parsed<ShowRequest> parse_show(std::string_view text);
// Names in the request that the model does not have, and views that lack what they need.
std::optional<Mistake> check_show(const ShowRequest& request, const Model& model);

}  // namespace strata::scenario
