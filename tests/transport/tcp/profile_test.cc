// SPDX-License-Identifier: MIT
// Profiles: what of each system shows in its SYN; how they behave afterwards is in the scripts of
// tests/packetdrill.
#include "stack/transport/tcp/profile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "stack/transport/tcp/options.h"
#include "tests/transport/tcp/conversation.h"

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

TEST(TcpProfile, TeachingOffersNothingButItsSegmentSize) {
  const Offer offer = make_offer(config_for(Profile::teaching), 1460);
  EXPECT_FALSE(offer.window_scaling || offer.sack || offer.timestamps);
}

using Octets = std::vector<std::uint8_t>;

Octets syn(Profile profile, const Terms* agreed = nullptr) {
  Offer offer = make_offer(config_for(profile), 1460);
  offer.window_shift = shift_of(profile);
  const wire::OptionBytes options =
      syn_options(offer, agreed, {.value = 0x01020304, .echo_reply = 0});
  return {options.bytes().begin(), options.bytes().end()};
}

TEST(TcpProfile, LinuxPutsSackAndTimestampsInFrontOfTheScale) {
  EXPECT_EQ(syn(Profile::linux_kernel),
            (Octets{2, 4, 0x05, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 8}));
}

TEST(TcpProfile, LinuxAnswersAPeerWithoutTimestampsWithPaddingInFront) {
  const Terms agreed{.window_scaling = true, .sack = true};
  EXPECT_EQ(syn(Profile::linux_kernel, &agreed),
            (Octets{2, 4, 0x05, 0xb4, 1, 1, 4, 2, 1, 3, 3, 8}));
}

TEST(TcpProfile, FreeBsdPutsTheScaleFirst) {
  EXPECT_EQ(syn(Profile::freebsd),
            (Octets{2, 4, 0x05, 0xb4, 1, 3, 3, 6, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0}));
}

TEST(TcpProfile, FreeBsdPadsAtTheEnd) {
  const Terms agreed{.sack = true};
  EXPECT_EQ(syn(Profile::freebsd, &agreed), (Octets{2, 4, 0x05, 0xb4, 4, 2, 0, 0}));
}

// What fits the buffer is taken though the window did not promise it, and the window follows.
TEST(TcpProfile, WholeSegmentBufferTakesMoreThanItAnnounced) {
  Config config = testing::Conversation::plain_config();
  config.persona.whole_segment_buffer = true;
  config.receive_buffer_bytes = 1500;
  testing::Conversation tcp(config);
  tcp.is_established();
  tcp.peer_sends(testing::ack().seq(301).ack(101).length(1000));
  tcp.peer_sends(testing::ack().seq(1301).ack(101).length(1000));
  tcp.host_sends(testing::ack().ack(2301).window(0));
  tcp.connection().check_invariants();
  EXPECT_EQ(tcp.reads().size(), 2000U);
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
