// SPDX-License-Identifier: MIT
// Profiles: what of each system shows in its SYN; how they behave afterwards is in the scripts of
// tests/packetdrill.
#include "stack/transport/tcp/profile.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "stack/transport/tcp/options.h"

namespace strata::tcp {
namespace {

// The window shift of a SYN as the segment shows it.
std::uint8_t shift_of(Profile profile) {
  return window_shift_for(std::max(config_for(profile).receive_buffer_bytes,
                                   config_for(profile).persona.window_scale_bytes));
}

TEST(TcpProfile, TheShiftAllowsForTheLargestBufferOfTheSystem) {
  EXPECT_EQ(shift_of(Profile::linux_kernel), 8);  // tcp_rmem[2] is 15 MB
  EXPECT_EQ(shift_of(Profile::freebsd), 6);       // kern.ipc.maxsockbuf is 2 MiB
}

TEST(TcpProfile, TeachingScalesNoWindows) {
  EXPECT_FALSE(make_offer(config_for(Profile::teaching), 1460).window_scaling);
}

TEST(TcpProfile, EveryProfileHasItsName) {
  for (const Profile profile :
       {Profile::rfc, Profile::linux_kernel, Profile::freebsd, Profile::teaching}) {
    EXPECT_EQ(profile_named(to_text(profile)), profile);
  }
  EXPECT_FALSE(profile_named("windows").has_value());
}

}  // namespace
}  // namespace strata::tcp
