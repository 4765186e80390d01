// SPDX-License-Identifier: MIT
#include "tools/strata/render.h"

#include <fmt/format.h>

#include <algorithm>

#include "tools/export/view_json.h"
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
  for (const views::HostSockets& host : table.hosts) {
    if (request.node.empty() || host.host == request.node) asked.hosts.push_back(host);
  }
  return asked;
}

NodeId demux_node(const ShowRequest& request, const Execution& execution) {
  return request.node.empty() ? kNoNode : execution.recording.directory().find_node(request.node);
}

std::optional<LinkId> packet_link(const ShowRequest& request, const Execution& execution) {
  if (request.link.empty()) return std::nullopt;
  return execution.recording.directory().find_link(request.link);
}

Parsed<Page> render_packet(const ShowRequest& request, const Execution& execution, PacketUid uid,
                           const views::Options& options) {
  views::PacketSelection selection;
  selection.uid = uid;
  selection.link = packet_link(request, execution);
  return views::packet(execution.recording, selection, options);
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
                 : views::demux_all(execution.recording, demux_node(request, execution), options);
  }
  return Page{};
}

Parsed<exports::Json> render_json(const ShowRequest& request, const Execution& execution) {
  const auto found = packet_of(request, execution);
  if (!found) return tl::unexpected(found.error());
  const PacketUid uid = *found;
  switch (request.view) {
    case View::summary:
      return scenario::to_json(execution.outcome.figures);
    case View::packet: {
      const auto image =
          views::packet_image(execution.recording, uid, packet_link(request, execution));
      if (!image) return scenario::mistake(image.error(), "");
      return exports::packet_json(execution.recording, *image);
    }
    case View::path:
      return exports::path_json(execution.recording, uid);
    case View::ladder: {
      const auto selection = ladder_selection(request, execution.recording);
      if (!selection) return tl::unexpected(selection.error());
      return exports::ladder_json(execution.recording, *selection);
    }
    case View::sockets: {
      const SocketTables tables = socket_tables(request, execution);
      return exports::sockets_json(tables.hosts, tables.at);
    }
    case View::demux:
      return exports::demux_json(execution.recording, uid, demux_node(request, execution));
  }
  return exports::Json{};
}

}  // namespace strata::cli
