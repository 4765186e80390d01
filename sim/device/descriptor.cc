// SPDX-License-Identifier: MIT
#include "sim/device/descriptor.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace strata::device {

std::string reason_of(int error, std::string_view capability) {
  if (error == EPERM || error == EACCES) {
    std::error_code unknown;
    const std::string program = std::filesystem::read_symlink("/proc/self/exe", unknown).string();
    return fmt::format(
        "it needs the capability {}: run as root, or once 'sudo setcap "
        "{}cap_net_admin,cap_net_raw+ep {}'",
        capability, capability == "CAP_SYS_ADMIN" ? "cap_sys_admin," : "",
        unknown ? "$(command -v strata)" : program);
  }
  if (error == EBUSY) return "another process holds it";
  return std::strerror(error);
}

}  // namespace strata::device
