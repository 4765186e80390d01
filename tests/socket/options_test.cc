// SPDX-License-Identifier: MIT
// setsockopt and getsockopt.
#include "tests/socket/socket_fixture.h"

namespace strata::socket {
namespace {

class Options : public SocketTest {};

struct RoundTrip {
  Type type;
  Option option;
  OptionValue fallback;
  OptionValue value;
};

TEST_F(Options, ReadBackWhatWasSet) {
  const std::array cases{
      RoundTrip{Type::stream, Option::reuse_address, false, true},
      RoundTrip{Type::datagram, Option::broadcast, false, true},
      RoundTrip{Type::stream, Option::send_buffer, std::int64_t{256 * 1024}, std::int64_t{5000}},
      RoundTrip{Type::stream, Option::receive_buffer, std::int64_t{256 * 1024}, std::int64_t{5000}},
      RoundTrip{Type::datagram, Option::receive_buffer, std::int64_t{212'992}, std::int64_t{5000}},
      RoundTrip{Type::stream, Option::linger, false, Duration{std::chrono::seconds{4}}},
      RoundTrip{Type::stream, Option::no_delay, false, true},
      RoundTrip{Type::stream, Option::max_segment, std::int64_t{0}, std::int64_t{500}},
      RoundTrip{Type::datagram, Option::ttl, std::int64_t{64}, std::int64_t{1}},
      RoundTrip{Type::icmp_echo, Option::type_of_service, std::int64_t{0}, std::int64_t{0x10}},
      RoundTrip{Type::datagram, Option::dont_fragment, false, true},
      RoundTrip{Type::icmp_echo, Option::receive_errors, false, true},
  };
  for (const RoundTrip& each : cases) {
    const Fd fd = open(net.c(), each.type);
    EXPECT_EQ(net.c().option(fd, each.option).value(), each.fallback) << to_text(each.option);
    EXPECT_EQ(outcome(net.c().set_option(fd, each.option, each.value, now())), "ok");
    EXPECT_EQ(net.c().option(fd, each.option).value(), each.value) << to_text(each.option);
  }
}

TEST_F(Options, OfAnotherProtocolAreNotAvailable) {
  const Fd stream = open(net.c());
  const Fd datagram = open(net.c(), Type::datagram);

  EXPECT_EQ(outcome(net.c().set_option(datagram, Option::no_delay, true, now())), "ENOPROTOOPT");
  EXPECT_EQ(outcome(net.c().option(datagram, Option::max_segment)), "ENOPROTOOPT");
  EXPECT_EQ(outcome(net.c().set_option(stream, Option::receive_errors, true, now())),
            "ENOPROTOOPT");
}

TEST_F(Options, OutOfRangeOrOfTheWrongKindAreInvalid) {
  const Fd fd = open(net.c());
  const std::array<std::pair<Option, OptionValue>, 7> cases{{
      {Option::ttl, std::int64_t{0}},
      {Option::ttl, std::int64_t{256}},
      {Option::ttl, true},
      {Option::type_of_service, std::int64_t{-1}},
      {Option::receive_buffer, std::int64_t{0}},
      {Option::max_segment, std::int64_t{10}},
      {Option::no_delay, Duration{5}},
  }};
  for (const auto& [option, value] : cases) {
    EXPECT_EQ(outcome(net.c().set_option(fd, option, value, now())), "EINVAL") << to_text(option);
  }
}

TEST_F(Options, FlagsMayBeGivenAsIntegers) {
  const Fd fd = open(net.c());
  EXPECT_EQ(outcome(net.c().set_option(fd, Option::no_delay, std::int64_t{1}, now())), "ok");

  EXPECT_EQ(std::get<bool>(net.c().option(fd, Option::no_delay).value()), true);
}

TEST_F(Options, LingerIsUnsetByFalse) {
  const Fd fd = open(net.c());
  net.c().set_option(fd, Option::linger, Duration::zero(), now());
  EXPECT_EQ(net.c().option(fd, Option::linger).value(), OptionValue{Duration::zero()});
  net.c().set_option(fd, Option::linger, false, now());

  EXPECT_EQ(net.c().option(fd, Option::linger).value(), OptionValue{false});
}

TEST_F(Options, BufferSizesOfAConnectionAreFixed) {
  const Pair pair = establish();

  EXPECT_EQ(
      outcome(net.c().set_option(pair.client, Option::send_buffer, std::int64_t{5000}, now())),
      "EINVAL");
}

TEST_F(Options, MaxSegmentLimitsWhatTheConnectionSendsInOnePiece) {
  const Fd listener = listen();
  const Fd fd = open(net.c());
  net.c().set_option(fd, Option::max_segment, std::int64_t{500}, now());
  EXPECT_EQ(outcome(net.c().connect(fd, kServerAt80, now())), "EINPROGRESS");
  net.settle();
  const Fd server = net.s().accept(listener, now()).value();
  std::size_t largest = 0;
  net.set_frame_hook([&](auto, Packet& frame) {
    largest = std::max(largest, frame.size());
    return true;
  });
  write(net.c(), fd, std::string(5000, 'x'));
  write(net.s(), server, std::string(5000, 'x'));
  net.settle();

  EXPECT_EQ(std::get<std::int64_t>(net.c().option(fd, Option::max_segment).value()), 500);
  EXPECT_EQ(largest, 500U + 20 + 20 + 14 + 4);
}

}  // namespace
}  // namespace strata::socket
