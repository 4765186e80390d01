// SPDX-License-Identifier: MIT
// InNamespace: opening things in another network namespace (network_namespaces(7)).
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

#include "sim/device/descriptor.h"

namespace strata::device {

// While it lives, what the thread opens is opened in another network namespace: one made by
// `ip netns add NAME`, or a path such as /proc/PID/ns/net.
class InNamespace {
 public:
  // An empty name: nothing changes. A sentence when it cannot be entered.
  static tl::expected<InNamespace, std::string> enter(const std::string& name);
  InNamespace(InNamespace&&) noexcept = default;
  InNamespace& operator=(InNamespace&&) = delete;
  ~InNamespace();

 private:
  explicit InNamespace(Descriptor home) : home_(std::move(home)) {}
  Descriptor home_;
};

}  // namespace strata::device
