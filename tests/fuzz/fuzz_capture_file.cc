// SPDX-License-Identifier: MIT
// Arbitrary octets as a capture file: read, recorded and looked at. Every packet lies inside its
// file, every event names a host and a link that exist.
#include <cstdio>
#include <string>

#include "sim/device/capture_file.h"
#include "sim/inference/capture_recording.h"
#include "sim/inference/socket_tables.h"
#include "stack/wire/dissect.h"
#include "tests/fuzz/fuzz.h"

namespace strata::fuzz {

STRATA_FUZZ_TARGET(capture_file) {
  constexpr std::uint64_t kPacketsMost = 1'000;
  if (input.empty()) return;
  std::string copy{as_text(input)};
  std::FILE* stream = ::fmemopen(copy.data(), copy.size(), "rb");
  STRATA_FUZZ_EXPECT(stream != nullptr);
  auto file = device::CaptureFile::open(stream, "input");
  if (!file) {
    STRATA_FUZZ_EXPECT(!file.error().empty());
    return;
  }
  const inference::CaptureRecording capture = inference::record(**file, kPacketsMost);
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
