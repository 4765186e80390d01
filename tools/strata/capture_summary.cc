// SPDX-License-Identifier: MIT
#include "tools/strata/capture_summary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include "stack/wire/datagram.h"
#include "stack/wire/dissect.h"
#include "tools/views/label.h"
#include "tools/views/table.h"

namespace strata::cli {
namespace {

using views::Page;
using views::Role;
using views::Text;

// Conversations listed before the rest is only counted.
constexpr std::size_t kFlowsMost = 50;

struct FlowFigures {
  std::uint64_t packets = 0;
  std::uint64_t octets[2] = {0, 0};  // of text: opener's, responder's
  std::uint64_t repeated = 0;
  std::string_view state;  // of the opener, at the end
};

struct Contents {
  std::map<Protocol, std::uint64_t> protocols;  // packets that have it
  std::uint64_t malformed = 0;
  PacketUid first_malformed = kNoPacket;
};

Contents contents_of(const trace::Recording& recording) {
  Contents contents;
  for (std::uint64_t number = 1; number <= raw(recording.last_uid()); ++number) {
    const views::PacketOctets packet = views::octets_of(recording, PacketUid{number});
    bool is_malformed = false;
    std::map<Protocol, bool> seen;
    for (const wire::DissectedLayer& layer : wire::dissect(packet.octets, packet.format).layers) {
      is_malformed |= !layer.problem.empty();
      if (!seen[layer.protocol]) ++contents.protocols[layer.protocol];
      seen[layer.protocol] = true;
    }
    if (!is_malformed) continue;
    if (contents.malformed++ == 0) contents.first_malformed = PacketUid{number};
  }
  return contents;
}

std::vector<FlowFigures> flow_figures(const trace::Recording& recording) {
  std::vector<FlowFigures> figures(recording.flows().size());
  const auto at = [&](const FlowKey& key, Protocol protocol, bool& is_opener) -> FlowFigures* {
    const trace::Flow* flow = recording.find_flow(key, protocol);
    if (flow == nullptr) return nullptr;
    is_opener = trace::Recording::is_opener(*flow, key);
    return &figures[flow->number - 1];
  };
  for (const Event& event : recording.events()) {
    bool is_opener = false;
    if (const auto* sent = std::get_if<TcpSegmentSent>(&event.body)) {
      if (FlowFigures* flow = at(sent->flow, Protocol::tcp, is_opener)) {
        ++flow->packets;
        const bool is_again = sent->kind == SegmentKind::retransmission;
        flow->repeated += is_again ? 1 : 0;
        if (!is_again) flow->octets[is_opener ? 0 : 1] += sent->length;
      }
    } else if (const auto* datagram = std::get_if<UdpDatagramSent>(&event.body)) {
      if (FlowFigures* flow = at(datagram->flow, Protocol::udp, is_opener)) {
        ++flow->packets;
        flow->octets[is_opener ? 0 : 1] += datagram->length;
      }
    } else if (const auto* variables = std::get_if<TcpVariables>(&event.body)) {
      FlowFigures* flow = at(variables->flow, Protocol::tcp, is_opener);
      if (flow != nullptr && is_opener) flow->state = to_text(variables->state);
    }
  }
  return figures;
}

void write_flows(const trace::Recording& recording, const views::Options& options, Page& page) {
  if (recording.flows().empty()) return;
  const std::vector<FlowFigures> figures = flow_figures(recording);
  const trace::Directory& names = recording.directory();
  views::Table table({{"flow", true},
                      {""},
                      {"packets", true},
                      {"octets", true},
                      {"back", true},
                      {"again", true},
                      {"state (inferred)"}});
  for (const trace::Flow& flow : recording.flows()) {
    if (flow.number > kFlowsMost) break;
    const FlowFigures& figure = figures[flow.number - 1];
    table.row({{std::to_string(flow.number)},
               {views::printable(fmt::format("{} {} > {}", to_text(flow.protocol),
                                             names.endpoint_text(flow.opener),
                                             names.endpoint_text(flow.responder)))},
               {std::to_string(figure.packets)},
               {std::to_string(figure.octets[0])},
               {std::to_string(figure.octets[1])},
               {std::to_string(figure.repeated)},
               {std::string{figure.state}}});
  }
  page.blank();
  table.write(page, options);
  if (recording.flows().size() > kFlowsMost) {
    page.line(fmt::format("and {} more", recording.flows().size() - kFlowsMost), Role::dim);
  }
}

}  // namespace

Page capture_summary(const inference::CaptureRecording& capture, const views::Options& options) {
  Page page;
  const trace::Recording& recording = capture.recording;
  const Instant first = recording.events().empty() ? kStart : recording.events().front().time;
  page.wrap(
      Text(fmt::format("{}{} in {}, {}, {}", capture.has_more ? "the first " : "",
                       views::counted(capture.packets, "packet"), to_text(recording.end() - first),
                       views::counted(recording.directory().nodes.size(), "host"),
                       views::counted(recording.flows().size(), "conversation"))),
      options.width);
  for (const device::CaptureInterface& interface : capture.interfaces) {
    const std::string_view type = wire::name_of(interface.link_type);
    const std::string name = interface.name.empty() ? "interface" : interface.name;
    page.wrap(
        Text(fmt::format("  {}: {}{}", views::printable(name),
                         type.empty() ? fmt::format("link type {}, not understood",
                                                    static_cast<unsigned>(interface.link_type))
                                      : std::string{type},
                         interface.fcs_bytes > 0 ? " with FCS" : "")),
        options.width);
  }
  const Contents contents = contents_of(recording);
  std::vector<std::string> parts;
  for (const auto& [protocol, count] : contents.protocols) {
    parts.push_back(fmt::format("{} {}", to_text(protocol), count));
  }
  for (const std::string& part :
       views::wrap(fmt::format("packets with {}", fmt::join(parts, ", ")), options.width - 2)) {
    page.line("  " + part);
  }
  if (contents.malformed > 0) {
    page.line(fmt::format("  {} malformed, the first is #{}", contents.malformed,
                          raw(contents.first_malformed)),
              Role::bad);
  }
  if (capture.bytes_left_out > 0) {
    page.line(fmt::format("  {} bytes were left out by the capture", capture.bytes_left_out));
  }
  if (capture.out_of_time > 0) {
    page.wrap(
        Text(fmt::format("  {} packets are stamped earlier than the ones before them; they are "
                         "shown in the order of the file",
                         capture.out_of_time)),
        options.width);
  }
  write_flows(recording, options, page);
  return page;
}

}  // namespace strata::cli
