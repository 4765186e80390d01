// SPDX-License-Identifier: MIT
#include "sim/trace/words.h"
#include "tools/export/view_json.h"

namespace strata::exports {
namespace {

Json decision_json(const trace::Recording& recording, const Event& event,
                   const Demultiplexed& demux) {
  Json json{{"uid", raw(event.uid)},
            {"t_ns", json_of(event.time)},
            {"node", recording.directory().node_name(event.node)},
            {"protocol", to_text(demux.protocol)},
            {"local", json_of(demux.local)},
            {"remote", json_of(demux.remote)},
            {"steps", Json::array()},
            {"fd", demux.socket < 0 ? Json{} : Json(demux.socket)},
            {"outcome", demux.outcome}};
  for (const DemuxStep& step : demux.steps) {
    json["steps"].push_back({{"rule", step.rule},
                             {"candidate", step.candidate},
                             {"outcome", to_text(step.outcome)},
                             {"entries", step.entries}});
  }
  return json;
}

}  // namespace

Json demux_json(const trace::Recording& recording, PacketUid uid, NodeId node) {
  Json json{{"view", "demux"}, {"version", kViewVersion}, {"decisions", Json::array()}};
  for (const Event& event : recording.events()) {
    const auto* demux = std::get_if<Demultiplexed>(&event.body);
    if (demux == nullptr || (uid != kNoPacket && event.uid != uid)) continue;
    if (node != kNoNode && event.node != node) continue;
    json["decisions"].push_back(decision_json(recording, event, *demux));
  }
  return json;
}

}  // namespace strata::exports
