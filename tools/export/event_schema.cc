// SPDX-License-Identifier: MIT
#include "tools/export/event_schema.h"

#include <fmt/format.h>

#include "tools/export/event_fields.h"
#include "tools/export/json.h"

namespace strata::exports {
namespace {

// A field as it is described: what it is called, of which type, and what is inside.
struct Node {
  std::string name;
  std::string unit;
  std::string help;
  std::string type;  // "number", "text", "object", ...
  bool may_be_null = false;
  std::vector<std::string> words;
  std::vector<Node> inside;
};

// Collects the fields that an event visits.
class Collector final : public FieldVisitor {
 public:
  bool is_describing() const override { return true; }
  void null(const Field& field) override { add(field, "null"); }
  void number(const Field& field, std::uint64_t) override { add(field, "number"); }
  void real(const Field& field, double) override { add(field, "real"); }
  void flag(const Field& field, bool) override { add(field, "flag"); }
  void text(const Field& field, std::string_view) override { add(field, "text"); }
  void octets(const Field& field, Bytes) override { add(field, "octets"); }
  void word(const Field& field, std::string_view,
            const std::vector<std::string_view>& words) override {
    add(field, "word").words.assign(words.begin(), words.end());
  }
  void begin_object(const Field& field) override { begin(field, "object"); }
  void end_object() override { open_.pop_back(); }
  void begin_list(const Field& field) override { begin(field, "list"); }
  void end_list() override { open_.pop_back(); }

  const std::vector<Node>& fields() const { return root_.inside; }

 private:
  Node& add(const Field& field, const char* type) {
    // Of what is open only the innermost grows, so the others stay where they are.
    std::vector<Node>& list = open_.empty() ? root_.inside : open_.back()->inside;
    list.push_back({.name = std::string{field.name},
                    .unit = std::string{field.unit},
                    .help = std::string{field.help},
                    .type = type,
                    .may_be_null = field.may_be_null,
                    .words = {},
                    .inside = {}});
    return list.back();
  }
  void begin(const Field& field, const char* type) { open_.push_back(&add(field, type)); }

  Node root_;
  std::vector<Node*> open_;
};

// The fields of one kind of event; without the common ones.
std::vector<Node> fields_of(const Event& event) {
  static const trace::Directory kNobody;
  Collector collector;
  visit_fields(event, kNobody, collector);
  return collector.fields();
}

std::vector<Node> common_fields() {
  static const trace::Directory kNobody;
  Collector collector;
  visit_common(Event{}, 0, kNobody, collector);
  return collector.fields();
}

// ---- JSON Schema -------------------------------------------------------------------------------

Json object_schema(const std::vector<Node>& fields);

Json type_schema(const Node& field) {
  if (field.type == "number") return {{"type", "integer"}, {"minimum", 0}};
  if (field.type == "real") return {{"type", "number"}};
  if (field.type == "flag") return {{"type", "boolean"}};
  if (field.type == "octets") return {{"type", "string"}, {"pattern", "^([0-9a-f]{2})*$"}};
  if (field.type == "word") return {{"enum", field.words}};
  if (field.type == "object") return object_schema(field.inside);
  if (field.type == "list") return {{"type", "array"}, {"items", type_schema(field.inside[0])}};
  return {{"type", "string"}};
}

Json field_schema(const Node& field) {
  Json schema = type_schema(field);
  if (field.may_be_null) schema = {{"anyOf", {{{"type", "null"}}, std::move(schema)}}};
  schema["description"] =
      field.unit.empty() ? field.help : fmt::format("{} ({})", field.help, field.unit);
  return schema;
}

Json object_schema(const std::vector<Node>& fields) {
  Json schema{{"type", "object"}, {"properties", Json::object()}, {"required", Json::array()}};
  for (const Node& field : fields) {
    schema["properties"][field.name] = field_schema(field);
    schema["required"].push_back(field.name);
  }
  schema["additionalProperties"] = false;
  return schema;
}

Json event_schema(const EventKind& kind, const Event& example) {
  std::vector<Node> fields = common_fields();
  for (const Node& field : fields_of(example)) fields.push_back(field);
  Json schema = object_schema(fields);
  schema["properties"]["event"] = {{"const", kind.name}};
  schema["description"] = kind.help;
  return schema;
}

// The first and the last line, which are no events.
Json frame_schema(const char* event, const std::vector<std::pair<const char*, Json>>& own) {
  Json schema{{"type", "object"}, {"properties", Json::object()}, {"required", Json::array()}};
  schema["properties"]["t_ns"] = {{"type", "integer"}, {"minimum", 0}};
  schema["properties"]["event"] = {{"const", event}};
  for (const auto& [name, type] : own) schema["properties"][name] = type;
  for (const auto& [name, type] : schema["properties"].items()) schema["required"].push_back(name);
  schema["additionalProperties"] = false;
  return schema;
}

// ---- the page ----------------------------------------------------------------------------------

std::string type_text(const Node& field) {
  std::string text = field.type;
  if (field.type == "number") text = "integer";
  if (field.type == "real") text = "number";
  if (field.type == "flag") text = "true or false";
  if (field.type == "octets") text = "hex digits";
  if (field.type == "list") {
    text = field.inside[0].type == "object" ? "list of objects" : "list";
  }
  return field.may_be_null ? text + " or null" : text;
}

// Long lists of words stand in the schema.
std::string help_text(const Node& field) {
  constexpr std::size_t kWordsMost = 12;
  std::string text = field.help;
  if (field.words.empty()) return text;
  if (field.words.size() > kWordsMost) return text + "; the words are in the schema";
  for (std::size_t i = 0; i < field.words.size(); ++i) {
    text += fmt::format("{}`{}`", i == 0 ? ": " : ", ", field.words[i]);
  }
  return text;
}

void add_rows(std::string& page, const std::vector<Node>& fields, const std::string& prefix) {
  for (const Node& field : fields) {
    const std::string name = prefix + field.name;
    page += fmt::format("| `{}` | {} | {} | {} |\n", name, type_text(field), field.unit,
                        help_text(field));
    if (field.type == "object") add_rows(page, field.inside, name + ".");
    if (field.type == "list" && field.inside[0].type == "object") {
      add_rows(page, field.inside[0].inside, name + "[].");
    }
  }
}

constexpr std::string_view kTableHead = "| field | type | unit | meaning |\n|---|---|---|---|\n";

constexpr std::string_view kIntroduction =
    "# Events: the JSON Lines of a run\n\n"
    "`strata export FILE events` writes every event of a run, one JSON object a line, in the order "
    "in\nwhich they happened; [events.schema.json](events.schema.json) describes a line. This page "
    "and the\nschema are made from the table the program writes by.\n\n"
    "The first line (`event` is `run`) says what was run: `version` of this form, `scenario`, "
    "`seed`, and\nthe `nodes` with their ports, the `links` and the `flows` that the other lines "
    "name. The last one\n(`end`) counts the `events` written and those lost because there were too "
    "many; a file without it\nwas cut off. `version` rises when a program that reads the lines "
    "would have to be changed; new kinds\nof events and new fields may come without that.\n\n"
    "Numbers are exact: `_ns` counts nanoseconds of virtual time, `_bytes` octets, offsets of a "
    "stream\ncount from 0. Octets are hexadecimal digits, two each.\n\n"
    "## What every event has\n\n";

}  // namespace

std::string events_schema_text() {
  const Json text{{"type", "string"}};
  const Json number{{"type", "integer"}, {"minimum", 0}};
  const Json objects{{"type", "array"}, {"items", {{"type", "object"}}}};
  Json definitions = Json::object();
  definitions["run"] = frame_schema("run", {{"version", {{"const", kEventsVersion}}},
                                            {"scenario", text},
                                            {"seed", number},
                                            {"nodes", objects},
                                            {"links", objects},
                                            {"flows", objects}});
  const std::vector<Event> examples = example_events();
  for (std::size_t i = 0; i < examples.size(); ++i) {
    const EventKind& kind = event_kinds()[i];
    definitions[std::string{kind.name}] = event_schema(kind, examples[i]);
  }
  definitions["end"] = frame_schema("end", {{"events", number}, {"events_lost", number}});
  Json schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
              {"title", "Strata events"},
              {"description", "A line of `strata export FILE events`. See docs/events.md."},
              {"oneOf", Json::array()}};
  for (const auto& [name, definition] : definitions.items()) {
    schema["oneOf"].push_back({{"$ref", "#/$defs/" + name}});
  }
  schema["$defs"] = std::move(definitions);
  return text_of(schema, true) + "\n";
}

std::string events_page() {
  std::string page{kIntroduction};
  page += kTableHead;
  add_rows(page, common_fields(), "");
  const std::vector<Event> examples = example_events();
  for (std::size_t i = 0; i < examples.size(); ++i) {
    page += fmt::format("\n## {}\n\n{}\n\n", event_kinds()[i].name, event_kinds()[i].help);
    page += kTableHead;
    add_rows(page, fields_of(examples[i]), "");
  }
  return page;
}

}  // namespace strata::exports
