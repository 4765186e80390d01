// SPDX-License-Identifier: MIT
// The published JSON Schema: the file is the generator's, and it accepts and rejects what the
// parser accepts and rejects.
#include "sim/scenario/json_schema.h"

#include <charconv>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "sim/scenario/document.h"
#include "sim/scenario/schema.h"
#include "stack/application/program.h"
#include "tests/scenario/schema_check.h"
#include "tests/scenario/support.h"

namespace strata::scenario {
namespace {

using Json = nlohmann::ordered_json;

// As an editor's YAML support would read it (YAML 1.2 core schema).
Json as_json(const Value& value) {
  switch (value.kind) {
    case ValueKind::null:
      return nullptr;
    case ValueKind::list: {
      Json json = Json::array();
      for (const Value& item : value.items) json.push_back(as_json(item));
      return json;
    }
    case ValueKind::map: {
      Json json = Json::object();
      for (const Entry& entry : value.entries) json[entry.key] = as_json(entry.value);
      return json;
    }
    case ValueKind::scalar:
      break;
  }
  if (value.is_quoted) return value.text;
  if (value.text == "true" || value.text == "false") return value.text == "true";
  const char* end = value.text.data() + value.text.size();
  std::int64_t integer = 0;
  if (const auto read = std::from_chars(value.text.data(), end, integer); read.ptr == end)
    return integer;
  double number = 0;
  if (const auto read = std::from_chars(value.text.data(), end, number); read.ptr == end)
    return number;
  return value.text;
}

std::string schema_errors(std::string_view text) {
  Diagnostics diagnostics;
  const auto document = parse_document(text, "x.yaml", diagnostics);
  if (!document) return "not YAML";
  std::string lines;
  for (const std::string& line :
       testing_support::check_schema(json_schema(), as_json(document->root))) {
    lines += line + "\n";
  }
  return lines;
}

TEST(JsonSchema, ThePublishedFileIsTheGenerators) {
  std::ifstream in(std::string{STRATA_SOURCE_DIR} + "/docs/scenario.schema.json", std::ios::binary);
  const std::string published{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  EXPECT_TRUE(published == json_schema_text())
      << "run: strata check --schema > docs/scenario.schema.json";
}

// A value a person might write for a key, with the keys its section needs beside it.
std::string example(const Key& key) {
  switch (key.kind) {
    case Kind::text:
      return "some words";
    case Kind::name:
      return "other";
    case Kind::node:
      return "a";
    case Kind::count:
      return std::to_string(std::max<std::uint64_t>(key.low, 1));
    case Kind::boolean:
      return "true";
    case Kind::duration:
      return "5 ms";
    case Kind::rate:
      return "10 Mbit/s";
    case Kind::bytes:
      return "64 kB";
    case Kind::queue:
      return "20 frames";
    case Kind::length:
      return "50 m";
    case Kind::probability:
      return "1 %";
    case Kind::ordinals:
      return "[1st, 3rd]";
    case Kind::drop:
      return "3rd";
    case Kind::bits:
      return "[96, 97]";
    case Kind::filter:
      return "\"tcp and src host a\"";
    case Kind::direction:
      return "a > b";
    case Kind::window:
      return "[1 s, 2 s]";
    case Kind::choice:
      return choices(key).back();
    case Kind::speed:
      return "0.5";
    case Kind::folder:
      return "captures";
    case Kind::file:
      return "frames.pcapng";
    default:
      return "";
  }
}

struct Place {
  Section section;
  std::string before;  // up to the inner map
  std::string needed;  // other entries of that map
  std::string after;
};

// One place for each section whose keys are simple values.
std::vector<Place> places() {
  const std::string nodes = "nodes:\n  b: { address: 10.0.0.2/24 }\n  a: { address: 10.0.0.1/24";
  const std::string links = " }\nlinks:\n  wire: { ends: [a, b]";
  const std::string impair = nodes + links + ", impair: [ { ";
  return {{Section::tcp, nodes + ", tcp: { ", "", " }" + links + " }\n"},
          {Section::network, nodes + ", network: { ", "", " }" + links + " }\n"},
          {Section::arp, nodes + ", arp: { ", "", " }" + links + " }\n"},
          {Section::link, nodes + links + ", ", "", " }\n"},
          {Section::queue, nodes + links + ", queue: { ", "", " } }\n"},
          {Section::impairment, impair, "", " } ] }\n"},
          {Section::burst_loss, impair + "burst-loss: { ", "enter: 1 %, leave: 10 %", " } } ] }\n"},
          {Section::duplicate, impair + "duplicate: { ", "", " } } ] }\n"},
          {Section::jitter, impair + "jitter: { ", "", " } } ] }\n"},
          {Section::down, impair + "down: { ", "from: 1 ms", " } } ] }\n"},
          {Section::capture, nodes + links + " }\ncapture: { ", "folder: out", " }\n"}};
}

// What a key needs beside it to make sense.
std::string companions(const Key& key) {
  if (key.section == Section::impairment &&
      (key.name == "match" || key.name == "direction" || key.name == "between"))
    return "loss: 1 %";
  if (key.section == Section::duplicate && key.name == "after") return "share: 1 %";
  if (key.section == Section::jitter && (key.name == "mean" || key.name == "keep-order"))
    return "normal: 1 ms";
  if (key.section == Section::link && key.name == "trunk") return "vlan: 10";
  if (key.section == Section::queue && key.name == "low") return "discipline: red, high: 1 MB";
  if (key.section == Section::queue && key.name == "high") return "discipline: red, low: 1 B";
  if (key.section == Section::queue && (key.name == "probability" || key.name == "weight"))
    return "discipline: red";
  if (key.section == Section::queue && (key.name == "target" || key.name == "interval"))
    return "discipline: codel";
  if (key.section == Section::queue && key.name == "threshold") return "discipline: threshold-mark";
  if (key.section == Section::tcp && key.name == "rto-max") return "rto-min: 1 ms";
  return "";
}

TEST(JsonSchema, AcceptsEveryKeyThatTheParserAccepts) {
  int tried = 0;
  for (const Place& place : places()) {
    for (const Key& key : keys(place.section)) {
      const std::string value = example(key);
      if (value.empty()) continue;
      std::string inner =
          place.needed.find(std::string{key.name} + ":") == std::string::npos ? place.needed : "";
      if (key.section == Section::burst_loss && key.required) continue;
      for (const std::string& part : {companions(key), std::string{key.name} + ": " + value}) {
        if (!part.empty()) inner += (inner.empty() ? "" : ", ") + part;
      }
      const std::string text = place.before + inner + place.after;
      EXPECT_EQ(diagnose(text), "") << text;
      EXPECT_EQ(schema_errors(text), "") << text;
      ++tried;
    }
  }
  EXPECT_GT(tried, 50);
}

TEST(JsonSchema, RejectsEveryUnknownKeyThatTheParserRejects) {
  for (const Place& place : places()) {
    const std::string inner = place.needed.empty() ? "" : place.needed + ", ";
    const std::string text = place.before + inner + "no-such-key: 1" + place.after;
    EXPECT_THAT(diagnose(text), testing::HasSubstr("unknown key 'no-such-key'")) << text;
    EXPECT_NE(schema_errors(text), "") << text;
  }
}

TEST(JsonSchema, RejectsValuesWithoutUnits) {
  for (const std::string_view keys :
       {"rate: 10", "delay: 5", "queue: 64", "length: 50", "rate: 10 Mbps",
        "impair: [ { loss: 5 } ]", "impair: [ { drop: 3 } ]", "ends: [a]", "trunk: maybe"}) {
    const std::string text =
        "nodes:\n  a: { address: 10.0.0.1/24 }\n  b: { address: 10.0.0.2/24 }\n"
        "links:\n  l: { " +
        std::string{keys.starts_with("ends") ? "" : "ends: [a, b], "} + std::string{keys} + " }\n";
    EXPECT_NE(diagnose(text), "") << text;
    EXPECT_NE(schema_errors(text), "") << text;
  }
}

TEST(JsonSchema, KnowsThePrograms) {
  for (const application::Program& program : application::programs()) {
    if (program.name == "calls") continue;
    std::string text =
        "nodes: { a: {} }\nprocesses:\n  - { on: a, run: " + std::string{program.name};
    std::string wrong;
    for (const application::Parameter& parameter : program.parameters) {
      if (!parameter.required) continue;
      std::string value = "words";
      if (parameter.kind == application::ParameterKind::port) value = "80";
      if (parameter.kind == application::ParameterKind::endpoint) value = "b:80";
      if (parameter.kind == application::ParameterKind::url) value = "http://b:80/";
      text += ", " + std::string{parameter.name} + ": " + value;
    }
    EXPECT_EQ(schema_errors(text + " }\n"), "") << text;
    EXPECT_NE(schema_errors(text + ", no-such-parameter: 1 }\n"), "") << text;
  }
  EXPECT_EQ(schema_errors("nodes: { a: {} }\nprocesses:\n  - { on: a, calls: [ close s ] }\n"), "");
  EXPECT_NE(schema_errors("nodes: { a: {} }\nprocesses:\n  - { on: a, run: nothing }\n"), "");
}

TEST(JsonSchema, AcceptsTheScenariosThatComeWithStrata) {
  for (const char* path : {"scenarios/basics/ping.yaml", "scenarios/loss/fast-retransmit.yaml",
                           "scenarios/transport/handshake-and-close.yaml"}) {
    std::ifstream in(std::string{STRATA_SOURCE_DIR} + "/" + path, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    EXPECT_EQ(schema_errors(text), "") << path;
    EXPECT_EQ(diagnose(text), "") << path;
  }
}

}  // namespace
}  // namespace strata::scenario
