// SPDX-License-Identifier: MIT
// CaptureStream: one capture file being written, pcapng or classic, with one or more interfaces.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "sim/device/block_writer.h"
#include "sim/trace/pcapng.h"
#include "stack/base/events.h"

namespace strata::trace {

enum class CaptureFormat : std::uint8_t { pcapng, pcap };

// A frame as an interface saw it, Ethernet header to FCS.
struct CapturedFrame {
  std::uint32_t interface = 0;  // of the stream
  Instant time;
  Bytes frame;
  bool is_outbound = false;
  FrameError error = FrameError::none;
  PacketUid uid{};
  std::uint64_t drops_before = 0;
  std::string_view comment;  // the first; empty: none
};

// What a stream is told about itself before the first frame.
struct CaptureHead {
  PcapngWriter::Section section;
  std::vector<PcapngWriter::Interface> interfaces;
  std::vector<PcapngWriter::Name> names;
  bool is_physical = false;  // preamble and SFD are captured too
};

class CaptureStream {
 public:
  // Pcapng files are written by the thread of `writer`, which must outlive the stream.
  static tl::expected<std::unique_ptr<CaptureStream>, std::string> create(
      const std::string& path, CaptureFormat format, const CaptureHead& head,
      device::BlockWriter& writer);
  virtual ~CaptureStream() = default;

  // A frame is open until the next one begins or finish(): comments may still be added.
  virtual void begin(const CapturedFrame& frame) = 0;
  virtual void comment(std::string_view text) = 0;
  virtual void end() = 0;
  virtual void statistics(std::uint32_t interface, Instant now, std::uint64_t frames,
                          std::uint64_t drops) = 0;
  // Hands on what was written so far, for whoever reads along. No frame is open.
  virtual void flush() = 0;
  // Completes the file. What went wrong since create(), if anything.
  virtual std::optional<std::string> finish() = 0;
  virtual bool has_failed() const = 0;
};

}  // namespace strata::trace
