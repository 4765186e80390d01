// SPDX-License-Identifier: MIT
// RestoreOnExit: interfaces that were there before are put back as they were, however the process
// ends.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "sim/device/descriptor.h"
#include "sim/device/interface_setup.h"

namespace strata::device {

// A small process that waits until this one has gone, orderly or not, and then takes the changes
// back. It keeps the capability for that, which the process itself gives up. Nobody can help when
// the machine stops or when both are killed.
class RestoreOnExit {
 public:
  // Call before threads are started. Does nothing without setups.
  static tl::expected<RestoreOnExit, std::string> start(std::vector<InterfaceSetup> setups);
  RestoreOnExit(RestoreOnExit&&) noexcept = default;
  RestoreOnExit& operator=(RestoreOnExit&&) = delete;
  // Everything is as it was when this returns.
  ~RestoreOnExit();

 private:
  RestoreOnExit(Descriptor lifeline, int helper)
      : lifeline_(std::move(lifeline)), helper_(helper) {}

  Descriptor lifeline_;  // the helper sees it close
  int helper_ = -1;
};

}  // namespace strata::device
