// SPDX-License-Identifier: MIT
// Properties over many seeds: whatever the channel does, both streams arrive whole and in order,
// both ends reach CLOSED, and the invariants hold after every event.
#include "tests/transport/tcp/channel.h"

#include <gtest/gtest.h>

namespace strata::tcp::testing {
namespace {

// Everything about the run, drawn from its seed.
ChannelSettings settings_for(std::uint64_t seed, std::uint64_t loss_percent_max) {
  RandomStream random(seed, "settings");
  ChannelSettings settings;
  for (int i = 0; i < 2; ++i) {
    Config& config = settings.config[i];
    config.send_buffer_bytes = static_cast<std::uint32_t>(1000 + random.below(60000));
    config.receive_buffer_bytes = static_cast<std::uint32_t>(
        random.below(4) == 0 ? 1000 + random.below(3000) : 4000 + random.below(200000));
    config.window_scaling = random.below(2) == 0;
    config.nagle = random.below(2) == 0;
    config.delayed_ack = random.below(3) == 0 ? Duration{} : Duration{40ms};
    const auto names = congestion_control_names();
    config.congestion_control = names[random.below(names.size())];
    config.rto_min = 200ms;
    config.retries_max = 30;
    config.syn_retries_max = 20;
    settings.mss[i] = static_cast<std::uint16_t>(random.below(3) == 0 ? 536 : 1460);
    settings.octets[i] = random.below(3) == 0 ? random.below(2000) : random.below(60000);
  }
  settings.loss = Probability::ratio(random.below(loss_percent_max + 1), 100);
  settings.duplication = Probability::ratio(random.below(10), 100);
  settings.reordering = Probability::ratio(random.below(30), 100);
  settings.delay = Duration{1ms} * static_cast<std::int64_t>(1 + random.below(100));
  settings.read_chunk = 1 + random.below(5000);
  settings.read_pause =
      Duration{1ms} * static_cast<std::int64_t>(random.below(3) * random.below(20));
  settings.simultaneous_open = random.below(8) == 0;
  return settings;
}

TEST(TcpChannel, BothStreamsArriveWholeOverAPerfectChannel) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    ChannelSettings settings = settings_for(seed, 0);
    settings.duplication = settings.reordering = Probability::never();
    Channel channel(seed, settings);
    EXPECT_TRUE(channel.run(3600s)) << "seed " << seed << ": " << channel.problem();
    if (settings.read_pause == Duration{} && !settings.simultaneous_open) {
      EXPECT_EQ(channel.end(0).info().counters.retransmissions, 0U) << "seed " << seed;
    }
  }
}

TEST(TcpChannel, BothStreamsArriveWholeOverALossyReorderingDuplicatingChannel) {
  for (std::uint64_t seed = 1000; seed < 1300; ++seed) {
    Channel channel(seed, settings_for(seed, 10));
    EXPECT_TRUE(channel.run(24h)) << "seed " << seed << ": " << channel.problem();
  }
}

TEST(TcpChannel, BothStreamsArriveWholeWhenAThirdIsLost) {
  for (std::uint64_t seed = 2000; seed < 2050; ++seed) {
    Channel channel(seed, settings_for(seed, 35));
    EXPECT_TRUE(channel.run(240h)) << "seed " << seed << ": " << channel.problem();
  }
}

TEST(TcpChannel, TheSameSeedGivesTheSameRun) {
  Channel first(77, settings_for(77, 10));
  Channel second(77, settings_for(77, 10));
  EXPECT_TRUE(first.run(24h));
  EXPECT_TRUE(second.run(24h));
  EXPECT_EQ(first.now(), second.now());
  EXPECT_EQ(first.segments(), second.segments());
}

}  // namespace
}  // namespace strata::tcp::testing
