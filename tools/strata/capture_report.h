// SPDX-License-Identifier: MIT
// A capture as an HTML report: what the report of a run has, as far as a capture knows it.
#pragma once

#include <string>

#include "sim/inference/capture_recording.h"
#include "tools/strata/html_report.h"

namespace strata::cli {

// Writes the report of `capture`, which was read from `path`. Returns the exit status.
int write_capture_report(HtmlReport& report, const std::string& path,
                         inference::CaptureRecording capture);

}  // namespace strata::cli
