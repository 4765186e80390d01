// SPDX-License-Identifier: MIT
// A capture as a recording, for the same views as a run. Packets are numbered as in the file, from
// 1. Everything beyond their octets and times is inferred: who the hosts are (hosts.h), what TCP
// did (tcp_segments.h, tcp_states.h), which socket a packet was for. A packet reaches its
// destination at the instant it was captured; congestion windows and timers are not known at all.
//
// Times count from the first packet; or from the beginning of 1970 when the capture began within
// the first day of it, as captures of simulations do: then they are its virtual time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sim/device/capture_file.h"
#include "sim/trace/recording.h"

namespace strata::inference {

struct CaptureRecording {
  trace::Recording recording;
  std::vector<device::CaptureInterface> interfaces;
  // Packets that are others on their way, seen at a further interface, and as which they were seen
  // first. They are frames on a link and nothing more: what TCP did was concluded from the first.
  std::map<PacketUid, PacketUid> seen_again;
  std::uint64_t packets = 0;
  bool has_more = false;             // the file has more than the packets asked for, or room for
  std::uint64_t out_of_time = 0;     // packets stamped earlier than the ones before them
  std::uint64_t bytes_left_out = 0;  // by the capture
  std::string problem;               // why reading ended early: a sentence; empty: it did not
};

// However much a small compressed file unpacks to: no more octets of packets than this are kept.
inline constexpr std::uint64_t kCaptureBytesMost = std::uint64_t{1} << 30;

// Reads at most `packets_max` packets of `bytes_max` octets.
CaptureRecording record(device::CaptureFile& file, std::uint64_t packets_max,
                        std::uint64_t bytes_max = kCaptureBytesMost);

}  // namespace strata::inference
