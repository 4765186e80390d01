// SPDX-License-Identifier: MIT
#include "tests/views/runs.h"

#include <gtest/gtest.h>

#include "sim/scenario/run.h"
#include "sim/trace/capture_observer.h"
#include "tests/support/command.h"

namespace strata::views {

namespace {

RecordedRun run_and_record(const std::string& text, const std::string& file) {
  scenario::Diagnostics diagnostics;
  std::vector<std::string> sources;
  auto scenario = scenario::load(text, file, {}, diagnostics, sources);
  if (!scenario) {
    ADD_FAILURE() << file << " is not a scenario";
    return {};
  }
  trace::Recorder recorder;
  scenario::Run run(*scenario, {});
  run.observe(recorder, kAllEvents);
  scenario::RunOutcome outcome = run.finish();
  trace::Recording recording = recorder.finish(
      trace::Directory::of(run.world()), scenario->model.seed, outcome.figures.metrics.result.end);
  return {file, std::move(*scenario), std::move(outcome), std::move(recording)};
}

}  // namespace

trace::Recording record(const std::string& text, const std::string& file) {
  return run_and_record(text, file).recording;
}

void write_capture(const trace::Recording& recording, const std::string& path) {
  auto capture =
      trace::CaptureObserver::create(recording.directory(), {.path = path, .single_file = true});
  ASSERT_TRUE(capture.has_value()) << capture.error();
  for (const Event& event : recording.events()) (*capture)->on_event(event);
  EXPECT_EQ((*capture)->finish(recording.end()), std::nullopt);
}

const std::vector<RecordedRun>& recorded_runs() {
  static const std::vector<RecordedRun> runs = [] {
    std::vector<RecordedRun> all;
    for (const std::string& file : test::scenario_files()) {
      all.push_back(run_and_record(test::read_file(test::source_root() / file), file));
    }
    return all;
  }();
  return runs;
}

const trace::Recording& recording_of(std::string_view name) {
  for (const RecordedRun& run : recorded_runs()) {
    if (run.file.find(name) != std::string::npos) return run.recording;
  }
  ADD_FAILURE() << "there is no scenario " << name;
  static const trace::Recording none;
  return none;
}

std::vector<std::string> lines_of(const Page& page, const Options& options) {
  return test::split_lines(page.render(options));
}

}  // namespace strata::views
