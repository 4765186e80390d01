// SPDX-License-Identifier: MIT
#include "tools/strata/render.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/strata/report.h"
#include "tools/strata/selection.h"
#include "tools/views/demux.h"
#include "tools/views/ladder.h"
#include "tools/views/packet.h"
#include "tools/views/path.h"
#include "tools/views/sockets.h"

namespace strata::cli {
namespace {

using scenario::Parsed;
using scenario::ShowRequest;
using scenario::View;
using views::Page;

Parsed<Page> render_packet(const ShowRequest& request, const Execution& execution, PacketUid uid,
                           const views::Options& options) {
  views::PacketSelection selection;
  selection.uid = uid;
  if (!request.link.empty()) {
    selection.link = execution.recording.directory().find_link(request.link);
  }
  return views::packet(execution.recording, selection, options);
}

Parsed<Page> render_ladder(const ShowRequest& request, const Execution& execution,
                           const views::Options& options) {
  const trace::Recording& recording = execution.recording;
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
  return views::ladder(recording, selection, options);
}

Page render_sockets(const ShowRequest& request, const Execution& execution,
                    const views::Options& options) {
  const std::vector<SocketTables>& tables = execution.socket_tables;
  // The run may have ended before the instant: then nothing has changed since.
  const auto taken = std::find_if(tables.begin(), tables.end(), [&](const SocketTables& table) {
    return request.at && table.at == *request.at;
  });
  const SocketTables& table = taken != tables.end() ? *taken : tables.back();
  std::vector<views::HostSockets> hosts;
  for (const views::HostSockets& host : table.hosts) {
    if (request.node.empty() || host.host == request.node) hosts.push_back(host);
  }
  return views::sockets(hosts, request.at.value_or(table.at), options);
}

Page render_all_demux(const ShowRequest& request, const Execution& execution,
                      const views::Options& options) {
  const NodeId node =
      request.node.empty() ? kNoNode : execution.recording.directory().find_node(request.node);
  return views::demux_all(execution.recording, node, options);
}

}  // namespace

bool needs_recording(const ShowRequest& request) {
  return request.view != View::summary && request.view != View::sockets;
}

Parsed<Page> render(const ShowRequest& request, const Execution& execution,
                    const views::Options& options) {
  PacketUid uid = kNoPacket;
  if (request.packet) {
    const auto found = find_packet(execution.recording, *request.packet, request.flow);
    if (!found) return tl::unexpected(found.error());
    uid = *found;
  }
  switch (request.view) {
    case View::summary:
      return summary(execution.outcome, options.width);
    case View::packet:
      return render_packet(request, execution, uid, options);
    case View::path:
      return views::path(execution.recording, uid, options);
    case View::ladder:
      return render_ladder(request, execution, options);
    case View::sockets:
      return render_sockets(request, execution, options);
    case View::demux:
      return uid != kNoPacket ? views::demux(execution.recording, uid, options)
                              : render_all_demux(request, execution, options);
  }
  return Page{};
}

}  // namespace strata::cli
