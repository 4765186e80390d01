// SPDX-License-Identifier: MIT
// Tap: a TAP device of the Linux kernel (Documentation/networking/tuntap): an Ethernet interface of
// the host operating system whose cable ends in this process.
//
// Opening needs CAP_NET_ADMIN (or a persistent device that belongs to the user). A device that was
// created here disappears when the Tap is destroyed or the process ends, however it ends: its
// addresses and routes go with it. A device that was there before is left as it was found, except
// for what was asked for: its address, MTU and being up.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "sim/device/frame_device.h"
#include "stack/base/address.h"

namespace strata::device {

struct TapConfig {
  std::string name;               // "strata0"; at most 15 octets (IFNAMSIZ - 1)
  std::optional<Prefix> address;  // of the kernel's end: 10.0.1.1/24
  std::uint16_t mtu = 1500;
  std::optional<MacAddress> mac;  // of the kernel's end; nullopt: the kernel chooses
  std::vector<Prefix> routes;     // networks the kernel reaches through `gateway`
  std::optional<IpAddress> gateway;
};

class Tap final : public FrameDevice {
 public:
  // A sentence for the user that says which capability is missing or what else is wrong, and how to
  // mend it.
  static tl::expected<Tap, std::string> open(const TapConfig& config);
  Tap(Tap&& other) noexcept;
  Tap& operator=(Tap&&) = delete;
  ~Tap() override;

  const std::string& name() const override { return name_; }
  int descriptor() const override { return descriptor_; }
  Transfer read(MutableBytes into, std::size_t& size) override;
  Transfer write(Bytes frame) override;
  std::string failure() const override;

 private:
  Tap(std::string name, int descriptor) : name_(std::move(name)), descriptor_(descriptor) {}

  std::string name_;
  int descriptor_ = -1;
  int error_ = 0;  // errno of the last failure
};

}  // namespace strata::device
