// SPDX-License-Identifier: MIT
// The JSON Lines against their schema (ours and Debian's validator), their documentation, and the
// figures of the run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/scenario/schema_check.h"
#include "tests/support/command.h"
#include "tests/views/runs.h"
#include "tools/export/event_fields.h"
#include "tools/export/event_schema.h"
#include "tools/export/format.h"
#include "tools/export/json.h"

namespace strata::exports {
namespace {

using testing::IsEmpty;

std::vector<std::string> lines_of(const trace::Recording& recording, Instant until = kNever) {
  std::string text;
  EXPECT_EQ(write_events(recording, {.scenario = "test.yaml", .until = until},
                         [&](std::string_view piece) { text += piece; }),
            std::nullopt);
  return test::split_lines(text);
}

// What is wrong with a line, by the definition its event names.
std::vector<std::string> check_line(const Json& line) {
  static const Json documented = Json::parse(events_schema_text());
  static std::map<std::string, Json> schemas;
  const std::string kind = line["event"];
  Json& schema = schemas[kind];
  if (schema.is_null()) schema = documented["$defs"][kind];
  return testing_support::check_schema(schema, line);
}

TEST(Events, TheSchemaAndThePageOfTheDocumentationAreThoseTheProgramPrints) {
  const auto docs = test::source_root() / "docs";
  EXPECT_EQ(test::read_file(docs / "events.schema.json"), events_schema_text())
      << "strata export --schema > docs/events.schema.json";
  EXPECT_EQ(test::read_file(docs / "events.md"), events_page())
      << "strata export --reference > docs/events.md";
}

TEST(Events, EveryKindOccursInSomeScenarioAndIsAsTheSchemaSays) {
  std::set<std::string> seen;
  for (const views::RecordedRun& run : views::recorded_runs()) {
    SCOPED_TRACE(run.file);
    // Of long runs the beginning.
    constexpr std::size_t kMost = 20'000;
    const std::vector<Event>& events = run.recording.events();
    const Instant until = events.size() > kMost ? events[kMost].time : kNever;
    const std::vector<std::string> lines = lines_of(run.recording, until);
    // Of each kind the first few of each run.
    std::map<std::string, int> checked;
    for (const std::string& text : lines) {
      const std::size_t from = text.find("\"event\":\"") + 9;
      const std::string kind = text.substr(from, text.find('"', from) - from);
      if (++checked[kind] > 3) continue;
      seen.insert(kind);
      EXPECT_THAT(check_line(Json::parse(text)), IsEmpty()) << text.substr(0, 300);
    }
  }
  for (const EventKind& kind : event_kinds()) {
    EXPECT_TRUE(seen.contains(std::string{kind.name})) << kind.name;
  }
}

TEST(Events, AFileSaysHowManyItHoldsAndEndsSayingSo) {
  const trace::Recording& recording = views::recording_of("loss/fast-retransmit");
  const std::vector<std::string> lines = lines_of(recording);
  EXPECT_EQ(lines.size(), recording.events().size() + 2);
  EXPECT_EQ(Json::parse(lines.front())["event"], "run");
  const Json last = Json::parse(lines.back());
  EXPECT_EQ(last["event"], "end");
  EXPECT_EQ(last["events"], recording.events().size());
}

TEST(Events, AnIndependentValidatorAgrees) {
  const std::string probe = "import jsonschema";
  if (test::run_command({"python3", "-c", probe}).exit_status != 0) {
    ASSERT_FALSE(test::tools_are_required()) << "python3-jsonschema is missing";
    GTEST_SKIP() << "python3-jsonschema is not installed";
  }
  const test::TemporaryFolder folder;
  std::string text;
  for (const std::string& line : lines_of(views::recording_of("loss/fast-retransmit"))) {
    text += line + "\n";
  }
  const std::string events = folder.write("run.jsonl", text);
  const std::string schema = folder.write("schema.json", events_schema_text());
  const std::string program =
      "import json, sys, jsonschema\n"
      "schema = json.load(open(sys.argv[1]))\n"
      "jsonschema.Draft202012Validator.check_schema(schema)\n"
      "defs = schema['$defs']\n"
      "for line in open(sys.argv[2]):\n"
      "  event = json.loads(line)\n"
      "  jsonschema.Draft202012Validator(defs[event['event']]).validate(event)\n";
  const auto result = test::run_command({"python3", "-c", program, schema, events});
  EXPECT_EQ(result.exit_status, 0) << result.err;
}

TEST(Events, TextThatIsNoAsciiIsEscapedAndOctetsAreHex) {
  trace::Recorder recorder;
  recorder.on_event(
      {.node = NodeId{0}, .body = ProcessOutput{.process = "p", .line = "say \"hi\"\x80\n"}});
  const trace::Recording recording = recorder.finish({}, 1, kStart);
  const Json line = Json::parse(lines_of(recording)[1]);
  EXPECT_EQ(line["line"], "say \"hi\"\xef\xbf\xbd\n");
}

}  // namespace
}  // namespace strata::exports
