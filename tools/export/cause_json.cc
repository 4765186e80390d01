// SPDX-License-Identifier: MIT
// What happened, why, and what changed on the way: the views log, why and diff as JSON.
#include "sim/analysis/causes.h"
#include "tools/export/view_json.h"
#include "tools/views/hop_changes.h"
#include "tools/views/sentence.h"

namespace strata::exports {
namespace {

using trace::Recording;

Json change_json(const trace::Directory& names, const views::HopChange& change) {
  Json json{{"node", change.node == kNoNode ? Json{} : Json(names.node_name(change.node))},
            {"in", change.in == nullptr ? Json{} : Json(names.link_name(change.in->link))},
            {"out", names.link_name(change.out->link)},
            {"t_ns", json_of(change.out->sent)},
            {"fields", Json::array()},
            {"payload_offsets", change.payload}};
  for (const views::FieldChange& field : change.fields) {
    json["fields"].push_back({{"protocol", to_text(field.protocol)},
                              {"field", field.field},
                              {"offset_bytes", field.offset},
                              {"before", field.before.empty() ? Json{} : Json(field.before)},
                              {"after", field.after.empty() ? Json{} : Json(field.after)}});
  }
  return json;
}

Json step_json(const Recording& recording, views::Narrator& narrator,
               const analysis::CauseStep& step) {
  const Event& event = recording.event(step.event);
  Json json{
      {"relation", to_text(step.relation)},
      {"t_ns", json_of(event.time)},
      {"node", event.node == kNoNode ? Json{} : Json(recording.directory().node_name(event.node))},
      {"uid", json_of(step.packet)},
      {"text", narrator.tell(step.event).text},
      {"children", Json::array()}};
  for (const analysis::CauseStep& child : step.children) {
    json["children"].push_back(step_json(recording, narrator, child));
  }
  return json;
}

}  // namespace

Json log_json(const Recording& recording, const views::LogSelection& selection) {
  Json json{{"view", "log"}, {"version", kViewVersion}, {"lines", Json::array()}};
  views::Labeller labeller(recording);
  const views::LogWriter writer(recording.directory(),
                                [&](PacketUid uid, Bytes) { return labeller.label(uid); });
  for (const trace::EventIndex index : views::logged_events(recording, selection)) {
    const Event& event = recording.event(index);
    const auto entry = writer.entry(event);
    if (!entry) continue;
    json["lines"].push_back({{"t_ns", json_of(event.time)},
                             {"node", recording.directory().node_name(event.node)},
                             {"verb", entry->verb},
                             {"uid", json_of(event.uid)},
                             {"text", entry->text.render({})}});
  }
  return json;
}

Json diff_json(const Recording& recording, PacketUid uid) {
  Json json{{"view", "diff"}, {"version", kViewVersion}, {"uid", raw(uid)}};
  json["label"] = views::Labeller(recording).label(uid).text;
  json["changes"] = Json::array();
  const views::Journey journey = views::journey_of(recording, uid);
  for (const views::HopChange& change : views::changes_of(journey)) {
    json["changes"].push_back(change_json(recording.directory(), change));
  }
  return json;
}

Json why_json(const Recording& recording, PacketUid uid) {
  Json json{{"view", "why"}, {"version", kViewVersion}, {"uid", raw(uid)}};
  const auto causes = analysis::causes_of(recording, uid);
  views::Narrator narrator(recording);
  json["cause"] = causes ? step_json(recording, narrator, *causes) : Json{};
  return json;
}

}  // namespace strata::exports
