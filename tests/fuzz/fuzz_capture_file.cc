// SPDX-License-Identifier: MIT
// Arbitrary octets as a capture file: read, recorded and looked at, and read to be replayed. Every
// packet lies inside its file, every event names a host and a link that exist, frames to replay are
// in order.
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "sim/device/capture_file.h"
#include "sim/device/replay_file.h"
#include "sim/inference/capture_recording.h"
#include "sim/inference/socket_tables.h"
#include "stack/wire/dissect.h"
#include "tests/fuzz/fuzz.h"

namespace strata::fuzz {

namespace {

std::unique_ptr<device::CaptureFile> opened(std::string& octets) {
  std::FILE* stream = ::fmemopen(octets.data(), octets.size(), "rb");
  STRATA_FUZZ_EXPECT(stream != nullptr);
  auto file = device::CaptureFile::open(stream, "input");
  if (file) return std::move(*file);
  STRATA_FUZZ_EXPECT(!file.error().empty());
  return nullptr;
}

void read_to_replay(std::string& octets) {
  const auto file = opened(octets);
  if (file == nullptr) return;
  const auto capture = device::read_replay(*file, "input", {.interface = {}, .filter = "len > 20"});
  if (!capture) {
    STRATA_FUZZ_EXPECT(!capture.error().empty());
    return;
  }
  Duration last{};
  for (const sim::CapturedFrames::Frame& frame : capture->frames) {
    STRATA_FUZZ_EXPECT(frame.since_first >= last);
    last = frame.since_first;
    STRATA_FUZZ_EXPECT(capture->octets_of(frame).size() <= octets.size());
  }
}

}  // namespace

STRATA_FUZZ_TARGET(capture_file) {
  constexpr std::uint64_t kPacketsMost = 1'000;
  if (input.empty()) return;
  std::string copy{as_text(input)};
  read_to_replay(copy);
  const auto file = opened(copy);
  if (file == nullptr) return;
  const inference::CaptureRecording capture = inference::record(*file, kPacketsMost);
  STRATA_FUZZ_EXPECT(capture.packets <= kPacketsMost);
  const trace::Recording& recording = capture.recording;
  const trace::Directory& names = recording.directory();
  Instant last = kStart;
  for (const Event& event : recording.events()) {
    STRATA_FUZZ_EXPECT(event.time >= last);
    last = event.time;
    STRATA_FUZZ_EXPECT(names.node(event.node) != nullptr);
    const auto* sent = std::get_if<FrameSent>(&event.body);
    if (sent == nullptr) continue;
    STRATA_FUZZ_EXPECT(names.link(sent->link) != nullptr);
    STRATA_FUZZ_EXPECT(names.port(event.node, sent->port) != nullptr);
    STRATA_FUZZ_EXPECT(sent->frame.size() <= copy.size());
    const auto dissection = wire::dissect(sent->frame, recording.format_of(event.uid));
    STRATA_FUZZ_EXPECT(!dissection.line.empty());
  }
  inference::socket_tables(recording, recording.end());
}

}  // namespace strata::fuzz
