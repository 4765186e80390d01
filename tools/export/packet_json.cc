// SPDX-License-Identifier: MIT
#include "tools/export/view_json.h"

namespace strata::exports {
namespace {

using wire::DissectedField;
using wire::DissectedLayer;
using wire::FieldStatus;

Json optional_text(std::string_view text) { return text.empty() ? Json{} : Json(text); }

Json status_json(FieldStatus status) {
  switch (status) {
    case FieldStatus::plain:
      return {};
    case FieldStatus::good:
      return "good";
    case FieldStatus::bad:
      return "bad";
  }
  return {};
}

Json field_json(const DissectedField& field) {
  return {{"name", field.name},
          {"filter", optional_text(field.abbreviation)},
          {"section", optional_text(field.section)},
          {"bit_offset", field.bit_offset},
          {"bit_width", field.bit_width},
          {"raw", field.raw},
          {"value", field.value},
          {"note", optional_text(field.note)},
          {"status", status_json(field.status)}};
}

Json image_json(const views::PacketImage& image) {
  Json json{{"t_ns", json_of(image.time)},
            {"octets", hex_of(image.octets)},
            {"line", image.dissection.line},
            {"flipped_bits", image.flipped_bits},
            {"layers", Json::array()}};
  for (const DissectedLayer& layer : image.dissection.layers) {
    json["layers"].push_back(layer_json(layer));
  }
  return json;
}

}  // namespace

Json layer_json(const DissectedLayer& layer) {
  Json json{{"protocol", to_text(layer.protocol)},
            {"offset_bytes", layer.offset},
            {"header_bytes", layer.header_bytes},
            {"total_bytes", layer.total_bytes},
            {"summary", layer.summary},
            {"problem", optional_text(layer.problem)},
            {"fields", Json::array()}};
  for (const DissectedField& field : layer.fields) json["fields"].push_back(field_json(field));
  return json;
}

Json packet_json(const trace::Recording& recording, const views::PacketImage& sent) {
  const trace::Directory& names = recording.directory();
  Json json{{"view", "packet"}, {"version", kViewVersion}, {"uid", raw(sent.uid)}};
  json["label"] = sent.label.text;
  json["origin"] = names.node_name(sent.origin);
  json["link"] = sent.hop ? Json(names.link_name(sent.hop->link)) : Json{};
  json["from"] = sent.hop ? Json(names.interface_name(sent.hop->from, sent.hop->out_port)) : Json{};
  json["to"] = sent.hop ? Json(names.interface_name(sent.hop->to, sent.hop->in_port)) : Json{};
  json["sent"] = image_json(sent);
  const views::PacketImage received = views::received_image(recording, sent);
  json["received"] = received.as_received ? image_json(received) : Json{};
  return json;
}

Json header_json(const trace::Recording& recording, const views::HeaderSelection& selection) {
  const views::Headers headers = views::headers_of(recording, selection);
  Json json{{"view", "header"}, {"version", kViewVersion}, {"uid", raw(selection.uid)}};
  json["label"] = views::Labeller(recording).label(selection.uid).text;
  json["where"] = headers.where;
  json["headers"] = Json::array();
  for (const DissectedLayer& layer : headers.layers) json["headers"].push_back(layer_json(layer));
  return json;
}

Json waveform_json(const trace::Recording& recording, PacketUid uid, const views::Waveform& wave) {
  Json json{{"view", "waveform"}, {"version", kViewVersion}, {"uid", raw(uid)}};
  json["label"] = views::Labeller(recording).label(uid).text;
  json["link"] = recording.directory().link_name(wave.hop.link);
  json["code"] = to_text(wave.code);
  json["baud"] = wave.rate_bps == 0 ? Json{} : Json(physical::baud(wave.code, wave.rate_bps));
  json["first_octet"] = wave.first;
  json["octets"] = hex_of(wave.octets);
  json["symbols_per_octet"] = wave.symbols_per_octet;
  json["level_before"] = wave.level_before;
  json["levels"] = wave.symbols;
  return json;
}

}  // namespace strata::exports
