// SPDX-License-Identifier: MIT
// Replay: the frames of a capture as a traffic source. When each frame is due follows from the
// capture's own timing, scaled, or from how fast the link takes frames; neither depends on anything
// but the capture and the configuration, so a run with a replay is as exact as one without.
//
// The octets are CapturedFrames (sim/device/replay_file.h reads them from a file); the node that
// sends them is an Attachment.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "stack/base/address.h"
#include "stack/base/bytes.h"
#include "stack/base/time.h"
#include "stack/physical/framing.h"

namespace strata::sim {

// Ethernet frames of a capture, in the order of the file.
struct CapturedFrames {
  struct Frame {
    Duration since_first{};    // never earlier than the frame before
    std::uint64_t number = 0;  // in the file, from 1
    std::size_t begin = 0;     // in `octets`
    std::uint32_t bytes = 0;
    std::uint32_t bytes_left_out = 0;  // by whoever captured it
    bool has_fcs = false;              // the last four octets are the frame check sequence
  };

  std::vector<Frame> frames;
  std::vector<std::uint8_t> octets;

  Bytes octets_of(const Frame& frame) const {
    return Bytes{octets}.subspan(frame.begin, frame.bytes);
  }
};

struct ReplayConfig {
  static constexpr std::uint64_t kOriginalSpeed = 1'000'000;

  std::shared_ptr<const CapturedFrames> capture;  // not null
  Instant start = kStart;                         // of the first frame
  // Parts per million of the capture's own speed; 0: each frame as soon as the link is free.
  std::uint64_t speed_ppm = kOriginalSpeed;
  std::uint64_t passes = 1;      // times the capture is replayed, one after the other
  std::uint64_t rate_bps = 0;    // of the link; 0: infinitely fast
  std::optional<MacAddress> to;  // destination of unicast frames; nullopt: as captured
};

struct ReplayCounters {
  std::uint64_t frames = 0;     // sent so far
  std::uint64_t cut_short = 0;  // of them, those that were not captured whole
};

class Replay {
 public:
  explicit Replay(ReplayConfig config);

  const ReplayConfig& config() const { return config_; }
  // When frame() is due; kNever after the last one.
  Instant due() const { return due_; }
  // Requires due() != kNever.
  const CapturedFrames::Frame& frame() const { return config_.capture->frames[index_]; }
  // frame() was sent at `now`, as this many octets with FCS: on to the next.
  void advance(Instant now, std::size_t frame_bytes);
  // No further frame will come.
  void stop() { due_ = kNever; }

 private:
  Instant due_by_timing(Duration since_first) const;

  ReplayConfig config_;
  physical::TransmissionClock clock_;  // of the link
  std::size_t index_ = 0;
  std::uint64_t pass_ = 0;
  Instant pass_start_{};
  Instant due_ = kNever;
};

}  // namespace strata::sim
