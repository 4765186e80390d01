// SPDX-License-Identifier: MIT
// `--report FILE` of `strata run`, and what `strata report` shares with it.
#pragma once

#include <optional>
#include <string>

#include "sim/device/output_file.h"
#include "tools/report/document.h"
#include "tools/strata/execute.h"
#include "tools/strata/options.h"

namespace strata::cli {

// --report-frames.
void add_report_options(po::options_description& options);

// A run of which a report tells.
struct ReportedRun {
  const std::string& file;  // of the scenario
  const scenario::Scenario& scenario;
  const Execution& execution;
};

// A report that will be written. The file is opened before the run, so that a mistaken path costs
// no run; it appears when it is complete.
class HtmlReport {
 public:
  // Nullopt after a complaint.
  static std::optional<HtmlReport> create(const ParsedLine& line, const std::string& path);

  // What the run has to keep for it.
  static void request(ExecuteOptions& options);
  // False after a complaint.
  bool write(const scenario::Scenario& scenario, const Execution& execution,
             const std::string& scenario_file);
  // Two runs on one page; `comparison` is JSON, `text` says the same. False after a complaint.
  bool write(const ReportedRun& a, const ReportedRun& b, std::string comparison, std::string text);
  const std::string& path() const { return file_.path(); }

 private:
  HtmlReport(device::OutputFile file, std::size_t frames_most)
      : file_(std::move(file)), frames_most_(frames_most) {}

  report::Input input_of(const ReportedRun& run) const;
  bool write(const std::string& page);

  device::OutputFile file_;
  std::size_t frames_most_;
};

}  // namespace strata::cli
