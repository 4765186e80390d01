// SPDX-License-Identifier: MIT
// The frames of a capture file, to be replayed. All of it is read before the run: a file that is
// damaged somewhere is known at once, and a run never waits for a disk.
#pragma once

#include <cstddef>
#include <string>
#include <tl/expected.hpp>

#include "sim/device/capture_file.h"
#include "sim/replay.h"

namespace strata::device {

// Which frames of a file to take.
struct ReplaySelection {
  std::string interface;  // its name in the file or its number, from 0; empty: all
  std::string filter;     // a pcap filter; empty: all
};

// Octets of frames that one replay may have.
inline constexpr std::size_t kReplayBytesMost = std::size_t{1} << 30;

// A sentence for the user when the file cannot be read to its end, a frame was not captured on an
// Ethernet, or nothing is left to replay.
tl::expected<sim::CapturedFrames, std::string> read_replay(const std::string& path,
                                                           const ReplaySelection& selection);

// The same of an open file; `name` is for messages.
tl::expected<sim::CapturedFrames, std::string> read_replay(CaptureFile& file,
                                                           const std::string& name,
                                                           const ReplaySelection& selection);

}  // namespace strata::device
