// SPDX-License-Identifier: MIT
// FrameDevice: whole Ethernet frames, without FCS, to and from the operating system. Non-blocking:
// the loop that drives it waits on the file descriptor.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "stack/base/bytes.h"

namespace strata::device {

// What became of one read or write.
enum class Transfer : std::uint8_t {
  done,         // a frame was moved
  would_block,  // none there, or no room: try again when the descriptor says so
  failed,       // the device is gone; failure() says why
};

class FrameDevice {
 public:
  virtual ~FrameDevice() = default;
  virtual const std::string& name() const = 0;
  // For poll(): readable when a frame waits.
  virtual int descriptor() const = 0;
  // Reads one frame into `into` and sets `size`. A frame longer than `into` is cut.
  virtual Transfer read(MutableBytes into, std::size_t& size) = 0;
  virtual Transfer write(Bytes frame) = 0;
  // Why the last transfer failed: "strata0: File descriptor in bad state".
  virtual std::string failure() const = 0;
};

}  // namespace strata::device
