// SPDX-License-Identifier: MIT
#include "sim/scenario/json_schema.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "sim/scenario/schema.h"
#include "stack/application/program.h"

namespace strata::scenario {
namespace {

using Json = nlohmann::ordered_json;

// The forms of units.cc and reader.cc as regular expressions.
constexpr std::string_view kNumber = R"((\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?)";
constexpr std::string_view kName = "[A-Za-z][A-Za-z0-9_-]{0,31}";
constexpr std::string_view kAddress = R"(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})";
constexpr std::string_view kDurationUnits = "ns|us|µs|ms|s|min|h";
constexpr std::string_view kByteUnits = "B|byte|bytes|kB|MB|GB|KiB|MiB|GiB";

Json pattern(const std::string& regex) {
  return {{"type", "string"}, {"pattern", "^(" + regex + ")$"}};
}

std::string quantity(std::string_view units) { return fmt::format("{} *({})", kNumber, units); }

Json any_of(std::vector<Json> forms) {
  Json json;
  json["anyOf"] = Json::array();
  for (Json& form : forms) json["anyOf"].push_back(std::move(form));
  return json;
}

Json list_of(const Json& item) { return {{"type", "array"}, {"items", item}}; }
Json one_or_list(const Json& item) { return any_of({item, list_of(item)}); }

// YAML reads an unquoted text that looks like a number or a truth value as one.
Json text() { return {{"type", Json::array({"string", "number", "boolean"})}}; }
Json duration() { return pattern(quantity(kDurationUnits)); }
Json bytes(std::uint64_t low) {
  return any_of({pattern(quantity(kByteUnits)), {{"type", "integer"}, {"minimum", low}}});
}

Json queue_limit() {
  return pattern(quantity(fmt::format("{}|frames?", kByteUnits)) + "|unlimited");
}
Json count(std::uint64_t low, std::uint64_t high) {
  Json json = {{"type", "integer"}, {"minimum", low}};
  if (high != 0) json["maximum"] = high;
  return json;
}
Json probability() {
  return any_of({pattern(fmt::format(R"({} *%?|\d+ */ *\d+)", kNumber)),
                 {{"type", "number"}, {"minimum", 0}, {"maximum", 1}}});
}
Json ordinals() { return one_or_list(pattern(R"([1-9]\d*(st|nd|rd|th))")); }
Json rate() { return pattern(quantity("bit/s|kbit/s|Mbit/s|Gbit/s|Tbit/s") + "|unlimited"); }
Json prefix() { return pattern(fmt::format(R"({}/\d{{1,2}})", kAddress)); }

Json names_to(const Json& value) {
  return {{"type", "object"},
          {"propertyNames", {{"pattern", fmt::format("^{}$", kName)}}},
          {"additionalProperties", value}};
}

Json words(const std::vector<std::string>& choices) {
  return {{"type", "string"}, {"enum", choices}};
}

Json reference(Section section) {
  return {{"$ref", fmt::format("#/$defs/{}", identifier(section))}};
}

// All but `calls`, which is a key of its own.
std::vector<application::Program> programs() {
  std::vector<application::Program> named;
  for (const application::Program& program : application::programs()) {
    if (program.name != "calls") named.push_back(program);
  }
  return named;
}

Json program_names() {
  std::vector<std::string> names;
  for (const application::Program& program : programs()) names.emplace_back(program.name);
  return words(names);
}

// Two ports by name, or a device in the place of one.
Json ends() {
  const Json device = {{"type", "object"},
                       {"properties", {{"device", reference(Section::device)}}},
                       {"required", Json::array({"device"})},
                       {"additionalProperties", false}};
  Json json = list_of(any_of({pattern(fmt::format("{0}(:{0})?", kName)), device}));
  json["minItems"] = json["maxItems"] = 2;
  return json;
}

Json form_of(const Key& key) {
  switch (key.kind) {
    case Kind::text:
    case Kind::filter:
    case Kind::folder:
    case Kind::file:
      return text();
    case Kind::name:
    case Kind::node:
      return pattern(std::string{kName});
    case Kind::count:
      return count(key.low, key.high);
    case Kind::boolean:
      return {{"type", "boolean"}};
    case Kind::duration:
      return duration();
    case Kind::rate:
      return rate();
    case Kind::bytes:
      return bytes(key.low);
    case Kind::queue:
      return queue_limit();
    case Kind::length:
      return pattern(quantity("mm|cm|m|km"));
    case Kind::speed:
      return any_of({{{"type", "number"}, {"exclusiveMinimum", 0}}, words({"fast"})});
    case Kind::probability:
      return probability();
    case Kind::ordinals:
      return ordinals();
    case Kind::drop:
      return any_of({ordinals(), words({"all"})});
    case Kind::bits:
      return one_or_list(count(0, 0));
    case Kind::address:
      return pattern(std::string{kAddress});
    case Kind::prefix:
      return prefix();
    case Kind::ports:
      return names_to(one_or_list(prefix()));
    case Kind::choice:
      return words(choices(key));
    case Kind::program:
      return program_names();
    case Kind::direction:
      return pattern(fmt::format("{0} *> *{0}", kName));
    case Kind::window: {
      Json json = list_of(duration());
      json["minItems"] = json["maxItems"] = 2;
      return json;
    }
    case Kind::ends:
      return ends();
    case Kind::texts:
      return one_or_list(text());
    case Kind::map:
      return reference(key.child);
    case Kind::map_or_queue:
      return any_of({queue_limit(), reference(key.child)});
    case Kind::map_or_share:
      return any_of({probability(), reference(key.child)});
    case Kind::list_of_maps:
      return list_of(reference(key.child));
    case Kind::named_maps:
      return names_to(reference(key.child));
  }
  return Json::object();
}

Json parameter_form(const application::Parameter& parameter) {
  using application::ParameterKind;
  switch (parameter.kind) {
    case ParameterKind::text:
      return parameter.choices.empty() ? text() : words(words_of(parameter.choices));
    case ParameterKind::port:
      return count(1, 65'535);
    case ParameterKind::endpoint:
      return pattern(R"([^ ]+:\d+)");
    case ParameterKind::endpoints:
    case ParameterKind::host:
    case ParameterKind::url:
      return {{"type", "string"}};
    case ParameterKind::bytes:
      return bytes(static_cast<std::uint64_t>(parameter.low));
    case ParameterKind::duration:
      return duration();
    case ParameterKind::rate:
      return rate();
    case ParameterKind::count:
      return count(static_cast<std::uint64_t>(parameter.low),
                   parameter.high == INT64_MAX ? 0 : static_cast<std::uint64_t>(parameter.high));
    case ParameterKind::boolean:
      return {{"type", "boolean"}};
  }
  return Json::object();
}

Json described(Json form, std::string_view help, std::string_view fallback) {
  form["description"] =
      fallback.empty() ? std::string{help} : fmt::format("{} Default: {}.", help, fallback);
  return form;
}

Json section_schema(Section section) {
  Json json = {{"type", "object"}, {"properties", Json::object()}};
  Json required = Json::array();
  for (const Key& key : keys(section)) {
    json["properties"][std::string{key.name}] = described(form_of(key), key.help, key.fallback);
    if (key.required) required.push_back(std::string{key.name});
  }
  if (!required.empty()) json["required"] = std::move(required);
  json["additionalProperties"] = false;
  return json;
}

// A process has the keys of its section and, depending on `run`, those of its program.
Json process_schema() {
  Json own = section_schema(Section::process);
  own.erase("additionalProperties");
  Json json = {{"type", "object"}, {"required", own["required"]}};
  json["oneOf"] = Json::array();
  Json calls = own;
  calls["properties"].erase("run");
  calls["required"].push_back("calls");
  calls["additionalProperties"] = false;
  json["oneOf"].push_back(std::move(calls));
  for (const application::Program& program : programs()) {
    Json variant = own;
    variant["properties"].erase("calls");
    variant["properties"]["run"] =
        described({{"const", std::string{program.name}}}, program.help, "");
    variant["required"].push_back("run");
    for (const application::Parameter& parameter : program.parameters) {
      const std::string name{parameter.name};
      variant["properties"][name] =
          described(parameter_form(parameter), parameter.help, parameter.fallback);
      if (parameter.required) variant["required"].push_back(name);
    }
    variant["additionalProperties"] = false;
    json["oneOf"].push_back(std::move(variant));
  }
  return json;
}

}  // namespace

nlohmann::ordered_json json_schema() {
  Json json = {{"$schema", "https://json-schema.org/draft/2020-12/schema"},
               {"title", "Strata scenario"},
               {"description", "What `strata run` reads. See docs/scenario-language.md."}};
  json.update(section_schema(Section::scenario));
  json["$defs"] = Json::object();
  for (std::size_t i = 1; i < kSections; ++i) {
    const auto section = static_cast<Section>(i);
    if (section == Section::scenario) continue;
    json["$defs"][std::string{identifier(section)}] =
        section == Section::process ? process_schema() : section_schema(section);
  }
  return json;
}

std::string json_schema_text() { return json_schema().dump(2) + "\n"; }

}  // namespace strata::scenario
