// SPDX-License-Identifier: MIT
// A capture file named on the command line, read and recorded.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/inference/capture_recording.h"
#include "tools/strata/options.h"

namespace strata::cli {

// Does a file that begins like this hold a capture, pcap or pcapng?
bool is_capture(std::string_view head);
// The same of a file; false when it cannot be read.
bool is_capture_file(const std::string& path);

// --first.
void add_capture_options(po::options_description& options);

// Reads `path`, or standard input for "-". Nullopt after a complaint: nothing of it can be shown.
// What ended the reading early is in CaptureRecording::problem.
std::optional<inference::CaptureRecording> read_capture(const ParsedLine& line,
                                                        const std::string& path);

}  // namespace strata::cli
