// SPDX-License-Identifier: MIT
// InterfaceSetup: what is changed at a network interface of the kernel, and how each change is
// taken back (netdevice(7), rtnetlink(7)).
//
// An interface made by this process vanishes with it, and its addresses and routes go along. One
// that was there before is put back as it was (restore_on_exit.h).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "sim/device/descriptor.h"
#include "stack/base/address.h"

namespace strata::device {

struct InterfaceConfig {
  std::string name;
  std::optional<Prefix> address;  // of the kernel's end: 10.0.1.1/24
  std::uint16_t mtu = 1500;
  std::optional<MacAddress> mac;  // nullopt: as it is
  std::vector<Prefix> routes;     // networks the kernel reaches through `gateway`
  std::optional<IpAddress> gateway;
};

// Is there an interface of that name in the namespace of this thread?
bool interface_exists(const std::string& name);

class InterfaceSetup {
 public:
  // Gives the kernel's end its MAC, MTU and address, brings it up and adds the routes. What had
  // been changed before something failed is taken back. A sentence for the user on failure.
  static tl::expected<InterfaceSetup, std::string> apply(const InterfaceConfig& config);
  InterfaceSetup(InterfaceSetup&&) noexcept = default;
  InterfaceSetup& operator=(InterfaceSetup&&) = delete;

  // Takes everything back, the last change first.
  void undo();
  // The descriptors that undo() needs.
  std::vector<int> descriptors() const { return {control_.get(), netlink_.get()}; }

 private:
  friend class SetupSteps;
  InterfaceSetup(Descriptor control, Descriptor netlink)
      : control_(std::move(control)), netlink_(std::move(netlink)) {}

  // Sockets in the interface's namespace, wherever the thread is now.
  Descriptor control_;  // for ioctl()
  Descriptor netlink_;
  std::vector<std::function<void(const InterfaceSetup&)>> changes_;  // how to take them back
};

}  // namespace strata::device
