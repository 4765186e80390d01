// SPDX-License-Identifier: MIT
#include "tools/strata/render.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/export/view_json.h"
#include "tools/filter/filter.h"
#include "tools/strata/report.h"
#include "tools/strata/selection.h"
#include "tools/views/demux.h"
#include "tools/views/header.h"
#include "tools/views/hop_changes.h"
#include "tools/views/ladder.h"
#include "tools/views/log.h"
#include "tools/views/node_tables.h"
#include "tools/views/packet.h"
#include "tools/views/path.h"
#include "tools/views/plot.h"
#include "tools/views/sockets.h"
#include "tools/views/states.h"
#include "tools/views/stream.h"
#include "tools/views/waveform.h"
#include "tools/views/why.h"

namespace strata::cli {
namespace {

using exports::Json;
using scenario::Parsed;
using scenario::ShowRequest;
using scenario::View;
using views::Page;

Parsed<views::LadderSelection> ladder_selection(const ShowRequest& request,
                                                const trace::Recording& recording) {
  if (request.flow && recording.flow(*request.flow) == nullptr) {
    return scenario::mistake(fmt::format("there is no flow {}", *request.flow),
                             fmt::format("the run had {}", recording.flows().size()));
  }
  views::LadderSelection selection;
  selection.flow = request.flow;
  // A run with one conversation is a ladder between its two ends.
  if (!selection.flow && recording.flows().size() == 1) selection.flow = 1;
  selection.from = request.from;
  selection.until = request.until;
  auto keep = packet_filter(request.filter, recording);
  if (!keep) return tl::unexpected(keep.error());
  selection.keep = std::move(*keep);
  return selection;
}

Parsed<Page> render_ladder(const ShowRequest& request, const Execution& execution,
                           const views::Options& options) {
  const auto selection = ladder_selection(request, execution.recording);
  if (!selection) return tl::unexpected(selection.error());
  return views::ladder(execution.recording, *selection, options);
}

// The tables of the instant asked for.
SocketTables socket_tables(const ShowRequest& request, const Execution& execution) {
  const std::vector<SocketTables>& tables = execution.socket_tables;
  // The run may have ended before the instant: then nothing has changed since.
  const auto taken = std::find_if(tables.begin(), tables.end(), [&](const SocketTables& table) {
    return request.at && table.at == *request.at;
  });
  const SocketTables& table = taken != tables.end() ? *taken : tables.back();
  SocketTables asked{.at = request.at.value_or(table.at), .hosts = {}};
  for (const analysis::HostSockets& host : table.hosts) {
    if (request.node.empty() || host.host == request.node) asked.hosts.push_back(host);
  }
  return asked;
}

NodeId node_of(const ShowRequest& request, const Execution& execution) {
  return request.node.empty() ? kNoNode : execution.recording.directory().find_node(request.node);
}

std::optional<LinkId> link_of(const ShowRequest& request, const Execution& execution) {
  if (request.link.empty()) return std::nullopt;
  return execution.recording.directory().find_link(request.link);
}

Parsed<Page> render_packet(const ShowRequest& request, const Execution& execution, PacketUid uid,
                           const views::Options& options) {
  views::PacketSelection selection;
  selection.uid = uid;
  selection.link = link_of(request, execution);
  return views::packet(execution.recording, selection, options);
}

views::HeaderSelection header_selection(const ShowRequest& request, const Execution& execution,
                                        PacketUid uid) {
  views::HeaderSelection selection{.uid = uid, .protocol = {}, .link = link_of(request, execution)};
  for (const Protocol protocol : {Protocol::ethernet, Protocol::vlan, Protocol::arp, Protocol::ipv4,
                                  Protocol::icmpv4, Protocol::udp, Protocol::tcp}) {
    if (request.subject == to_text(protocol)) selection.protocol = protocol;
  }
  return selection;
}

views::WaveformSelection waveform_selection(const ShowRequest& request, const Execution& execution,
                                            PacketUid uid) {
  views::WaveformSelection selection;
  selection.uid = uid;
  if (request.bytes) {
    selection.first = request.bytes->first;
    selection.last = request.bytes->second;
  }
  selection.link = link_of(request, execution);
  selection.code = request.code;
  return selection;
}

Parsed<views::LogSelection> log_selection(const ShowRequest& request, const Execution& execution) {
  auto keep = packet_filter(request.filter, execution.recording);
  if (!keep) return tl::unexpected(keep.error());
  return views::LogSelection{.flow = request.flow,
                             .node = node_of(request, execution),
                             .from = request.from,
                             .until = request.until,
                             .keep = std::move(*keep)};
}

Parsed<Page> render_log(const ShowRequest& request, const Execution& execution,
                        const views::Options& options) {
  const auto selection = log_selection(request, execution);
  if (!selection) return tl::unexpected(selection.error());
  return views::log(execution.recording, *selection, options);
}

// The conversation asked for, else the first.
Parsed<std::uint32_t> flow_of(const ShowRequest& request, const Execution& execution) {
  const std::uint32_t flow = request.flow.value_or(1);
  const bool needs_flow = request.subject != "queue";
  const trace::Recording& recording = execution.recording;
  if (!needs_flow || recording.flow(flow) != nullptr) return flow;
  if (!request.flow && recording.flows().empty()) {
    return scenario::mistake("there is no conversation in this run",
                             fmt::format("{} is of one of TCP or UDP", to_text(request.view)));
  }
  return scenario::mistake(fmt::format("there is no flow {}", flow),
                           fmt::format("the run had {}", recording.flows().size()));
}

views::PlotSelection plot_selection(const ShowRequest& request, const Execution& execution,
                                    std::uint32_t flow) {
  return {.figure = views::parse_figure(request.subject).value_or(views::Figure::window),
          .flow = flow,
          .node = node_of(request, execution),
          .from = request.from,
          .until = request.until};
}

Parsed<Page> render_flow(const ShowRequest& request, const Execution& execution,
                         const views::Options& options) {
  const trace::Recording& recording = execution.recording;
  const auto flow = flow_of(request, execution);
  if (!flow) return tl::unexpected(flow.error());
  switch (request.view) {
    case View::states:
      return views::states(recording, {*flow, request.from, request.until}, options);
    case View::stream:
      return views::stream(recording, {.flow = *flow, .writer = node_of(request, execution)},
                           options);
    default:
      return views::plot(recording, plot_selection(request, execution, *flow), options);
  }
}

Parsed<Json> flow_json(const ShowRequest& request, const Execution& execution) {
  const trace::Recording& recording = execution.recording;
  const auto flow = flow_of(request, execution);
  if (!flow) return tl::unexpected(flow.error());
  switch (request.view) {
    case View::states:
      return exports::states_json(recording, {*flow, request.from, request.until});
    case View::stream:
      return exports::stream_json(recording,
                                  {.flow = *flow, .writer = node_of(request, execution)});
    default:
      return exports::plot_json(recording, plot_selection(request, execution, *flow));
  }
}

// Nothing changes any more after the end of the run.
Instant instant_of(const ShowRequest& request, const Execution& execution) {
  const Instant end = execution.recording.end();
  return std::min(request.at.value_or(end), end);
}

Page render_table(const ShowRequest& request, const Execution& execution,
                  const views::Options& options) {
  const trace::Recording& recording = execution.recording;
  const Instant at = instant_of(request, execution);
  const NodeId node = node_of(request, execution);
  switch (request.view) {
    case View::arp:
      return views::arp_tables(recording, at, node, options);
    case View::fdb:
      return views::mac_tables(recording, at, node, options);
    default:
      return views::route_tables(recording, at, node, options);
  }
}

Json table_json(const ShowRequest& request, const Execution& execution) {
  const trace::Recording& recording = execution.recording;
  const Instant at = instant_of(request, execution);
  const NodeId node = node_of(request, execution);
  switch (request.view) {
    case View::arp:
      return exports::arp_json(recording, at, node);
    case View::fdb:
      return exports::fdb_json(recording, at, node);
    default:
      return exports::routes_json(recording, at, node);
  }
}

// The views of one packet.
Parsed<Json> packet_json(const ShowRequest& request, const Execution& execution, PacketUid uid) {
  const trace::Recording& recording = execution.recording;
  switch (request.view) {
    case View::packet: {
      const auto image = views::packet_image(recording, uid, link_of(request, execution));
      if (!image) return scenario::mistake(image.error(), "");
      return exports::packet_json(recording, *image);
    }
    case View::header:
      return exports::header_json(recording, header_selection(request, execution, uid));
    case View::waveform: {
      const auto wave = views::waveform_of(recording, waveform_selection(request, execution, uid));
      if (!wave) return scenario::mistake(wave.error(), "");
      return exports::waveform_json(recording, uid, *wave);
    }
    case View::path:
      return exports::path_json(recording, uid);
    case View::diff:
      return exports::diff_json(recording, uid);
    default:
      return exports::why_json(recording, uid);
  }
}

// The packet a request names; kNoPacket when it names none.
Parsed<PacketUid> packet_of(const ShowRequest& request, const Execution& execution) {
  if (!request.packet) return kNoPacket;
  return find_packet(execution.recording, *request.packet, request.flow);
}

}  // namespace

bool needs_recording(const ShowRequest& request) {
  return request.view != View::summary && request.view != View::sockets;
}

Parsed<Page> render(const ShowRequest& request, const Execution& execution,
                    const views::Options& options) {
  const auto found = packet_of(request, execution);
  if (!found) return tl::unexpected(found.error());
  const PacketUid uid = *found;
  switch (request.view) {
    case View::summary:
      return summary(execution.outcome, options.width);
    case View::packet:
      return render_packet(request, execution, uid, options);
    case View::path:
      return views::path(execution.recording, uid, options);
    case View::ladder:
      return render_ladder(request, execution, options);
    case View::sockets: {
      const SocketTables tables = socket_tables(request, execution);
      return views::sockets(tables.hosts, tables.at, options);
    }
    case View::demux:
      return uid != kNoPacket
                 ? views::demux(execution.recording, uid, options)
                 : views::demux_all(execution.recording, node_of(request, execution), options);
    case View::log:
      return render_log(request, execution, options);
    case View::header:
      return views::header(execution.recording, header_selection(request, execution, uid), options);
    case View::waveform:
      return views::waveform(execution.recording, waveform_selection(request, execution, uid),
                             options);
    case View::diff:
      return views::hop_changes(execution.recording, uid, options);
    case View::why:
      return views::why(execution.recording, uid, options);
    case View::states:
    case View::stream:
    case View::plot:
      return render_flow(request, execution, options);
    case View::arp:
    case View::fdb:
    case View::routes:
      return render_table(request, execution, options);
  }
  return Page{};
}

Parsed<Json> render_json(const ShowRequest& request, const Execution& execution) {
  const auto found = packet_of(request, execution);
  if (!found) return tl::unexpected(found.error());
  const PacketUid uid = *found;
  switch (request.view) {
    case View::summary:
      return scenario::to_json(execution.outcome.figures);
    case View::ladder: {
      const auto selection = ladder_selection(request, execution.recording);
      if (!selection) return tl::unexpected(selection.error());
      return exports::ladder_json(execution.recording, *selection);
    }
    case View::log: {
      const auto selection = log_selection(request, execution);
      if (!selection) return tl::unexpected(selection.error());
      return exports::log_json(execution.recording, *selection);
    }
    case View::sockets: {
      const SocketTables tables = socket_tables(request, execution);
      return exports::sockets_json(tables.hosts, tables.at);
    }
    case View::demux:
      return exports::demux_json(execution.recording, uid, node_of(request, execution));
    case View::packet:
    case View::header:
    case View::waveform:
    case View::path:
    case View::diff:
    case View::why:
      return packet_json(request, execution, uid);
    case View::states:
    case View::stream:
    case View::plot:
      return flow_json(request, execution);
    case View::arp:
    case View::fdb:
    case View::routes:
      return table_json(request, execution);
  }
  return Json{};
}

}  // namespace strata::cli
