// SPDX-License-Identifier: MIT
#include "sim/device/descriptor.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

namespace strata::device {

std::string reason_of(int error, std::string_view capability) {
  if (error == EPERM || error == EACCES) {
    return fmt::format(
        "it needs the capability {}: run as root, or once 'sudo setcap "
        "cap_net_admin,cap_net_raw+ep $(command -v strata)'",
        capability);
  }
  if (error == EBUSY) return "another process holds it";
  return std::strerror(error);
}

}  // namespace strata::device
