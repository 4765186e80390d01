// SPDX-License-Identifier: MIT
#include "sim/device/privileges.h"

#include <fmt/format.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

namespace strata::device {

std::optional<std::string> drop_privileges() {
  __user_cap_header_struct header{.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> sets{};
  bool good = ::syscall(SYS_capget, &header, sets.data()) == 0;
  constexpr std::uint32_t kKept = 1U << CAP_DAC_OVERRIDE;
  if (good) {
    sets[0] = {.effective = sets[0].effective & kKept,
               .permitted = sets[0].permitted & kKept,
               .inheritable = 0};
    sets[1] = {};
    good = ::syscall(SYS_capset, &header, sets.data()) == 0;
  }
  // No program started from here gains anything either.
  good = good && ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
  if (good) return std::nullopt;
  return fmt::format("cannot give up privileges: {}", std::strerror(errno));
}

}  // namespace strata::device
