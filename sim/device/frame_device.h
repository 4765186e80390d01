// SPDX-License-Identifier: MIT
// FrameDevice: whole Ethernet frames, without FCS, to and from the operating system. Non-blocking:
// the loop that drives it waits on the file descriptor.
#pragma once

#include <cstdint>
#include <string>

#include "stack/base/bytes.h"

namespace strata::device {

// What became of one read or write.
enum class Transfer : std::uint8_t {
  done,         // a frame was moved
  would_block,  // none there, or no room: try again when the descriptor says so
  lost,         // the operating system does not take this frame; others it may
  failed,       // the device is gone; failure() says why
};

class FrameDevice {
 public:
  virtual ~FrameDevice() = default;
  virtual const std::string& name() const = 0;
  // For poll(): readable when a frame waits.
  virtual int descriptor() const = 0;
  // The next frame that came in, valid until the next call. At most one system call.
  virtual Transfer read(Bytes& frame) = 0;
  // Hands a frame over. The device may keep it, to send it in one piece with those that follow,
  // until flush().
  virtual Transfer write(Bytes frame) = 0;
  // Nothing is kept any longer, unless it would block: then again, before anything is written.
  virtual Transfer flush() { return Transfer::done; }
  // Frames that were kept and then lost.
  virtual std::uint64_t lost_later() const { return 0; }
  // Frames that came in and were thrown away before anybody could read them, since it was opened.
  virtual std::uint64_t overruns() const { return 0; }
  // Why the last transfer failed: "strata0: File descriptor in bad state".
  virtual std::string failure() const = 0;
};

}  // namespace strata::device
