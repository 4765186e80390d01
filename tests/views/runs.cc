// SPDX-License-Identifier: MIT
#include "tests/views/runs.h"

#include <gtest/gtest.h>

#include "sim/scenario/run.h"
#include "tests/support/command.h"

namespace strata::views {

trace::Recording record(const std::string& text, const std::string& file) {
  scenario::Diagnostics diagnostics;
  std::vector<std::string> sources;
  const auto scenario = scenario::load(text, file, {}, diagnostics, sources);
  if (!scenario) {
    ADD_FAILURE() << file << " is not a scenario";
    return {};
  }
  trace::Recorder recorder;
  scenario::Run run(*scenario, {});
  run.observe(recorder, kAllEvents);
  const scenario::RunOutcome outcome = run.finish();
  return recorder.finish(trace::Directory::of(run.world()), scenario->model.seed,
                         outcome.figures.metrics.result.end);
}

const std::vector<RecordedRun>& recorded_runs() {
  static const std::vector<RecordedRun> runs = [] {
    std::vector<RecordedRun> all;
    for (const std::string& file : test::scenario_files()) {
      all.push_back({file, record(test::read_file(test::source_root() / file), file)});
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
