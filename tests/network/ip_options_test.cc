// SPDX-License-Identifier: MIT
#include "stack/network/ip_options.h"

#include <gtest/gtest.h>

#include "stack/base/random.h"
#include "tests/network/bench.h"

namespace strata::network {
namespace {

TEST(IpOptions, FindsWhatItActsOn) {
  const Octets options{1, 7, 7, 4, 0, 0, 0, 0, 68, 8, 5, 0, 0, 0, 0, 0, 137, 7, 4, 1, 2, 3, 4, 0};
  const OptionMap map = map_options(options);

  EXPECT_FALSE(map.problem);
  EXPECT_EQ(map.record_route, 1);
  EXPECT_EQ(map.timestamp, 8);
  EXPECT_EQ(map.source_route, 16);
  EXPECT_TRUE(map.is_strict);
}

TEST(IpOptions, NothingBehindTheEndOfTheListIsRead) {
  const OptionMap map = map_options(Octets{0, 7, 0, 0});

  EXPECT_FALSE(map.problem);
  EXPECT_FALSE(map.record_route);
}

struct Problem {
  const char* name;
  Octets options;
  int at;
};

class IpOptionProblem : public testing::TestWithParam<Problem> {};

// verifies RFC 1122 3.2.1.8, 3.2.2.5-1
TEST_P(IpOptionProblem, IsLocated) {
  EXPECT_EQ(map_options(GetParam().options).problem, GetParam().at);
}

INSTANTIATE_TEST_SUITE_P(
    Cases, IpOptionProblem,
    testing::Values(Problem{"no_room_for_the_length", {1, 1, 1, 7}, 3},
                    Problem{"length_zero", {0x9e, 0, 0, 0}, 1},
                    Problem{"length_one", {0x9e, 1, 0, 0}, 1},
                    Problem{"length_beyond_the_header", {0x9e, 5, 0, 0}, 1},
                    Problem{"record_route_without_pointer", {7, 2, 0, 0}, 1},
                    Problem{"record_route_pointer_too_small", {7, 7, 3, 0, 0, 0, 0, 0}, 2},
                    Problem{"record_route_partial_slot", {7, 7, 5, 0, 0, 0, 0, 0}, 2},
                    Problem{"timestamp_too_short", {68, 3, 5, 0}, 1},
                    Problem{"timestamp_pointer_too_small", {68, 8, 4, 0, 0, 0, 0, 0}, 2},
                    Problem{"timestamp_unknown_flag", {68, 8, 5, 2, 0, 0, 0, 0}, 3},
                    Problem{"timestamp_partial_slot", {68, 8, 5, 1, 0, 0, 0, 0}, 2},
                    Problem{"two_source_routes", {131, 3, 4, 137, 3, 4, 0, 0}, 3}),
    [](const auto& instance) { return std::string{instance.param.name}; });

// verifies RFC 1122 3.2.1.8c-3
TEST(IpOptions, ReversedRoutesLeadBack) {
  // {G1, G2, G3 >>} from S: back by G3, G2, G1.
  const Octets recorded{131, 15, 16, 10, 0, 0, 1, 10, 0, 0, 2, 10, 0, 0, 3, 0};
  const auto reply = reply_options(recorded, ip("192.0.2.1"), ip("192.0.2.9"));

  EXPECT_EQ(octets(reply.bytes()), (Octets{131, 15, 4, 10, 0, 0, 3, 10, 0, 0, 2, 10, 0, 0, 1, 0}));
}

// verifies RFC 1122 3.2.1.8c-3
TEST(IpOptions, AReversedRouteLeavesOutTheSourceItself) {
  // Case (B): {S, G1 >>}.
  const Octets recorded{131, 11, 12, 192, 0, 2, 1, 10, 0, 0, 1, 0};
  const auto reply = reply_options(recorded, ip("192.0.2.1"), ip("192.0.2.9"));

  EXPECT_EQ(octets(reply.bytes()), (Octets{131, 7, 4, 10, 0, 0, 1, 0}));
}

// verifies RFC 1122 3.2.1.8c-3
TEST(IpOptions, TheWayBackIsTheSourceRouteAlone) {
  const Octets time{68, 8, 9, 0, 0, 0, 0, 5};
  const Octets route{131, 11, 12, 10, 0, 0, 1, 10, 0, 0, 2, 0};
  EXPECT_EQ(octets(return_route(time + route, ip("192.0.2.1")).bytes()),
            (Octets{131, 11, 4, 10, 0, 0, 2, 10, 0, 0, 1, 0}));
  EXPECT_TRUE(return_route(time, ip("192.0.2.1")).empty());
  // Not completed, and not well formed.
  EXPECT_TRUE(return_route(Octets{131, 7, 4, 10, 0, 0, 1, 0}, ip("192.0.2.1")).empty());
  EXPECT_TRUE(return_route(Octets{131, 9, 4, 10, 0, 0, 1, 0}, ip("192.0.2.1")).empty());
}

// verifies RFC 1122 3.2.1.8b-1
TEST(IpOptions, AReplyHasNoOptionsOfOtherKinds) {
  EXPECT_TRUE(reply_options(Octets{148, 4, 0, 0}, ip("192.0.2.1"), ip("192.0.2.9")).empty());
  EXPECT_TRUE(reply_options(Octets{136, 4, 0, 7}, ip("192.0.2.1"), ip("192.0.2.9")).empty());
  EXPECT_TRUE(reply_options(Octets{131, 3, 4, 0}, ip("192.0.2.1"), ip("192.0.2.9")).empty());
}

TEST(IpOptions, AFullTimestampOptionCountsOverflows) {  // verifies RFC 791 3.1
  Octets option{68, 8, 9, 0, 0, 0, 0, 1};
  for (int i = 1; i <= 15; ++i) {
    EXPECT_TRUE(record_timestamp(option, 0, ip("10.0.0.1"), kStart));
    EXPECT_EQ(option[3] >> 4, i);
  }
  EXPECT_FALSE(record_timestamp(option, 0, ip("10.0.0.1"), kStart));
}

// Any bytes: the walk ends, offsets are inside, and acting on what it found stays in bounds (the
// sanitizers watch).
TEST(IpOptions, SurviveRandomBytes) {
  RandomStream random{5, "options"};
  constexpr std::array<std::uint8_t, 8> kKinds{0, 1, 7, 68, 131, 137, 148, 200};
  for (int i = 0; i < 50000; ++i) {
    Octets options(random.below(11) * 4);
    for (std::uint8_t& byte : options) {
      byte = static_cast<std::uint8_t>(random.below(3) == 0 ? kKinds[random.below(kKinds.size())]
                                                            : random.below(20));
    }
    const OptionMap map = map_options(options);
    if (map.problem) {
      ASSERT_LT(*map.problem, options.size());
      continue;
    }
    static_cast<void>(copied_options(options));
    static_cast<void>(reply_options(options, ip("10.0.0.1"), ip("10.0.0.2")));
    if (map.record_route) record_route(options, *map.record_route, ip("10.0.0.3"));
    if (map.timestamp) record_timestamp(options, *map.timestamp, ip("10.0.0.3"), kStart);
    if (map.source_route) {
      static_cast<void>(next_source_route_hop(options, *map.source_route));
      record_route(options, *map.source_route, ip("10.0.0.3"));
      static_cast<void>(begin_source_route(options, *map.source_route, ip("10.0.0.4")));
    }
  }
}

}  // namespace
}  // namespace strata::network
