// SPDX-License-Identifier: MIT
// Tap: a TAP device of the Linux kernel (Documentation/networking/tuntap): an Ethernet interface of
// the host operating system whose cable ends in this process.
//
// Opening needs CAP_NET_ADMIN (or a persistent device that belongs to the user). A device that was
// created here disappears when the Tap is destroyed or the process ends, however it ends, unless it
// was to stay. What is set at the kernel's end is InterfaceSetup's.
//
// With offload, where the kernel offers it, the kernel hands over and takes super-frames of up to
// 64 KB and leaves checksums to us: one system call for dozens of segments. They are split and
// joined here; everybody else sees frames as a cable carries them. What is joined leaves at flush()
// or when kGatheredMost super-frames are full, one right behind the other: so the kernel wakes the
// program that reads them once, not once for each.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "sim/device/descriptor.h"
#include "sim/device/frame_device.h"
#include "sim/device/segmentation.h"

namespace strata::device {

struct TapConfig {
  std::string name;         // "strata0"; at most 15 octets (IFNAMSIZ - 1)
  bool offload = true;      // super-frames, if the kernel can
  bool persistent = false;  // the device stays when the process has gone
};

class Tap final : public FrameDevice {
 public:
  // Creates the device in the network namespace of this thread, or opens it if it is there. A
  // sentence for the user that says which capability is missing or what else is wrong, and how to
  // mend it.
  static tl::expected<Tap, std::string> open(const TapConfig& config);
  Tap(Tap&&) noexcept = default;
  Tap& operator=(Tap&&) = delete;

  const std::string& name() const override { return name_; }
  int descriptor() const override { return descriptor_.get(); }
  Transfer read(Bytes& frame) override;
  Transfer write(Bytes frame) override;
  Transfer flush() override;
  std::uint64_t lost_later() const override { return lost_later_; }
  std::uint64_t overruns() const override { return dropped_by_kernel() - dropped_before_; }
  std::string failure() const override;
  // Whether super-frames pass.
  bool has_offload() const { return has_offload_; }

 private:
  static constexpr std::size_t kHeaderBytes = 10;  // struct virtio_net_hdr
  static constexpr std::size_t kGatheredMost = 4;  // super-frames; more leave the caches

  Tap(std::string name, Descriptor descriptor, bool has_offload);
  Transfer unpack(std::size_t count, Bytes& frame);
  bool gather(Bytes frame);
  Transfer put(Bytes frame, const Offload& offload) { return put({}, frame, offload); }
  Transfer put(Bytes headers, Bytes rest, const Offload& offload);
  Transfer after_failure();
  std::uint64_t dropped_by_kernel() const;

  std::string name_;
  Descriptor descriptor_;
  Descriptor counters_;  // /proc/net/dev of the namespace that the device is in
  bool has_offload_;
  std::uint64_t dropped_before_ = 0;
  std::uint64_t lost_later_ = 0;
  std::vector<std::uint8_t> buffer_;
  Splitter splitter_;
  std::array<Merger, kGatheredMost> gathered_;  // what waits for flush(), in this order:
  std::size_t first_ = 0;                       // from here
  std::size_t end_ = 0;                         // to before here
  std::vector<std::uint8_t> headers_;           // of a frame whose checksum is left to the kernel
  int error_ = 0;                               // errno of the last failure
};

}  // namespace strata::device
