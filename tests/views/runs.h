// SPDX-License-Identifier: MIT
// Every scenario of the library, run and recorded once for all tests of the views.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "sim/scenario/run.h"
#include "sim/trace/recording.h"
#include "tools/views/text.h"

namespace strata::views {

// Columns of the terminals that views are looked at in.
inline constexpr std::array<std::size_t, 4> kWidths{60, 80, 100, 140};

struct RecordedRun {
  std::string file;
  scenario::Scenario scenario;
  scenario::RunOutcome outcome;
  trace::Recording recording;
};

const std::vector<RecordedRun>& recorded_runs();
// One of them: "loss/fast-retransmit".
const trace::Recording& recording_of(std::string_view name);
// A scenario given as text.
trace::Recording record(const std::string& text, const std::string& file);
// A capture of all interfaces in one file, as a capture of the run itself would be.
void write_capture(const trace::Recording& recording, const std::string& path);

std::vector<std::string> lines_of(const Page& page, const Options& options);

// Bodies of events about one packet of one kind.
template <typename Body>
std::vector<const Body*> bodies_of(const trace::Recording& recording, PacketUid uid) {
  std::vector<const Body*> found;
  for (const trace::EventIndex index : recording.of_packet(uid)) {
    if (const auto* body = std::get_if<Body>(&recording.event(index).body)) found.push_back(body);
  }
  return found;
}

template <typename Visit>
void for_each_packet(const trace::Recording& recording, Visit visit) {
  for (std::uint64_t number = 1; number <= raw(recording.last_uid()); ++number) {
    if (recording.packet(PacketUid{number}).uid != kNoPacket) visit(PacketUid{number});
  }
}

}  // namespace strata::views
