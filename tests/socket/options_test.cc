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
      RoundTrip{Type::datagram, Option::mtu_discovery, std::int64_t{0}, std::int64_t{2}},
      RoundTrip{Type::stream, Option::reuse_port, false, true},
      RoundTrip{Type::stream, Option::receive_low_water, std::int64_t{1}, std::int64_t{100}},
      RoundTrip{Type::stream, Option::receive_timeout, Duration{}, Duration{5}},
      RoundTrip{Type::datagram, Option::send_timeout, Duration{}, Duration{5}},
      RoundTrip{Type::datagram, Option::no_check, false, true},
      RoundTrip{Type::stream, Option::cork, false, true},
      RoundTrip{Type::stream, Option::quick_ack, false, true},
      RoundTrip{Type::stream, Option::syn_count, std::int64_t{7}, std::int64_t{2}},
      RoundTrip{Type::stream, Option::linger_2, Duration{std::chrono::seconds{60}},
                Duration{std::chrono::seconds{5}}},
      RoundTrip{Type::stream, Option::not_sent_low_water, std::int64_t{0}, std::int64_t{4096}},
      RoundTrip{Type::stream, Option::congestion, std::string("newreno"), std::string("reno")},
      RoundTrip{Type::datagram, Option::packet_info, false, true},
      RoundTrip{Type::stream, Option::keep_alive, false, true},
      RoundTrip{Type::stream, Option::oob_inline, false, true},
      RoundTrip{Type::stream, Option::keep_idle, Duration{std::chrono::hours{2}},
                Duration{std::chrono::seconds{10}}},
      RoundTrip{Type::stream, Option::keep_interval, Duration{std::chrono::seconds{75}},
                Duration{std::chrono::seconds{2}}},
      RoundTrip{Type::stream, Option::keep_count, std::int64_t{9}, std::int64_t{3}},
      RoundTrip{Type::stream, Option::user_timeout, Duration{}, Duration{std::chrono::seconds{5}}},
      RoundTrip{Type::stream, Option::fast_open_key, std::string(),
                std::string("0123456789abcdef")},
      RoundTrip{Type::stream, Option::signature_key, std::string(), std::string("secret")},
      RoundTrip{Type::datagram, Option::ip_options, std::string(), std::string("\1\1\1\0", 4)},
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

TEST_F(Options, EveryRowOfTheTableIsReadableWhereItAppliesAndOnlyThere) {
  constexpr std::array kTypes{Type::stream, Type::datagram, Type::icmp_echo};
  for (const OptionRow& row : option_table()) {
    for (const Type type : kTypes) {
      const Fd fd = open(net.c(), type);
      const bool applies =
          (row.types >> static_cast<unsigned>(type) & 1U) != 0 && row.access != OptionAccess::none;
      const std::string expected =
          !applies ? "ENOPROTOOPT" : (row.option == Option::mtu ? "ENOTCONN" : "ok");
      EXPECT_EQ(outcome(net.c().option(fd, row.option)), expected) << row.name << to_text(type);
      if (!applies || row.access == OptionAccess::get) {
        EXPECT_EQ(outcome(net.c().set_option(fd, row.option, true, now())), "ENOPROTOOPT")
            << row.name << to_text(type);
      }
      net.c().close(fd, now());
    }
  }
}

TEST_F(Options, TellTheTypeTheErrorAndWhetherItListens) {
  const Fd listener = listen();
  EXPECT_EQ(net.s().option(listener, Option::accepts_connections).value(), OptionValue{true});
  EXPECT_EQ(net.s().option(listener, Option::type).value(),
            OptionValue{std::string("SOCK_STREAM")});
  const Fd refused = connect({TwoHosts::kServer, 81});
  net.settle();
  EXPECT_EQ(net.c().option(refused, Option::error).value(),
            OptionValue{std::optional(Errc::connection_refused)});
  EXPECT_EQ(net.c().option(refused, Option::error).value(), OptionValue{std::optional<Errc>()});
  EXPECT_EQ(net.c().option(refused, Option::accepts_connections).value(), OptionValue{false});
}

TEST_F(Options, InfoTellsTheVariablesOfAConnection) {
  const Pair pair = establish();
  const auto info = net.c().option(pair.client, Option::info);
  EXPECT_EQ(std::get<tcp::Info>(info.value()).state, TcpState::established);
  EXPECT_NE(to_text(info.value()).find("state ESTABLISHED mss 1460 cwnd "), std::string::npos);
  EXPECT_EQ(std::get<tcp::Info>(net.s().option(pair.listener, Option::info).value()).state,
            TcpState::listen);
}

TEST_F(Options, CongestionControlMayChangeDuringAConnection) {
  const Pair pair = establish();
  EXPECT_EQ(
      outcome(net.c().set_option(pair.client, Option::congestion, std::string("none"), now())),
      "ok");
  EXPECT_EQ(net.c().option(pair.client, Option::congestion).value(),
            OptionValue{std::string("none")});
  EXPECT_EQ(
      outcome(net.c().set_option(pair.client, Option::congestion, std::string("nope"), now())),
      "ENOENT");
  net.c().send(pair.client, as_bytes(std::string(100'000, 'x')), now());
  net.settle();
  EXPECT_EQ(net.s().ioctl(pair.server, Ioctl::input_queue), 100'000);
}

TEST_F(Options, QuickAckSendsAWaitingAcknowledgementAtOnce) {
  const Pair pair = establish();
  net.c().send(pair.client, as_bytes("x"), now());
  net.run_for(std::chrono::milliseconds{10});
  EXPECT_EQ(net.c().ioctl(pair.client, Ioctl::output_queue), 1);
  net.s().set_option(pair.server, Option::quick_ack, true, now());
  net.run_for(std::chrono::milliseconds{2});

  EXPECT_EQ(net.c().ioctl(pair.client, Ioctl::output_queue), 0);
}

TEST_F(Options, SynCountBoundsTheAttempts) {
  net.set_frame_hook([](auto, Packet& frame) { return frame.bytes()[12 + 1] != 0; });  // ARP only
  const Fd fd = open(net.c());
  net.c().set_option(fd, Option::syn_count, std::int64_t{1}, now());
  net.c().connect(fd, kServerAt80, now());
  net.run_for(std::chrono::milliseconds{2900});
  EXPECT_EQ(state(net.c(), fd), "SYN-SENT");
  net.run_for(std::chrono::milliseconds{200});  // 1 s, then 2 s

  EXPECT_EQ(net.c().take_error(fd), Errc::timed_out);
}

// verifies RFC 9293 MUST-24
// verifies RFC 9293 MUST-25
TEST_F(Options, KeepAlivesOfAnIdleConnectionFindADeadPeer) {
  const Pair pair = establish();
  for (const auto& [option, value] : std::initializer_list<std::pair<Option, OptionValue>>{
           {Option::keep_idle, Duration{std::chrono::seconds{10}}},
           {Option::keep_interval, Duration{std::chrono::seconds{2}}},
           {Option::keep_count, std::int64_t{3}},
           {Option::keep_alive, true}}) {
    EXPECT_EQ(outcome(net.c().set_option(pair.client, option, value, now())), "ok");
  }
  net.run_for(std::chrono::seconds{60});  // the peer answers
  EXPECT_EQ(state(net.c(), pair.client), "ESTABLISHED");
  net.set_frame_hook([](auto, Packet&) { return false; });
  net.run_for(std::chrono::seconds{18});

  EXPECT_EQ(net.c().take_error(pair.client), Errc::timed_out);
}

// verifies RFC 9293 MUST-21
TEST_F(Options, AUserTimeoutGivesUpDataThatIsNotAcknowledged) {
  const Pair pair = establish();
  net.c().set_option(pair.client, Option::user_timeout, Duration{std::chrono::seconds{5}}, now());
  net.set_frame_hook([](auto, Packet&) { return false; });
  net.c().send(pair.client, as_bytes("x"), now());
  net.run_for(std::chrono::milliseconds{4900});
  EXPECT_EQ(net.c().take_error(pair.client), std::nullopt);
  net.run_for(std::chrono::milliseconds{200});

  EXPECT_EQ(net.c().take_error(pair.client), Errc::timed_out);
}

// verifies RFC 1122 4.1.3.4-3
// verifies RFC 1122 4.1.3.4-4
TEST_F(Options, ADatagramHasAChecksumUnlessToldOtherwise) {
  const Fd server = open(net.s(), Type::datagram);
  net.s().bind(server, {{}, 53});
  const Fd client = open(net.c(), Type::datagram);
  std::vector<bool> has_checksum;
  net.set_frame_hook([&](TwoHosts::From, Packet& frame) {
    constexpr std::size_t kChecksumAt = 14 + 20 + 6;
    if (frame.bytes()[13] == 0) has_checksum.push_back(load_be16(&frame.bytes()[kChecksumAt]) != 0);
    return true;
  });
  net.c().send_to(client, as_bytes("with"), {TwoHosts::kServer, 53}, now());
  net.settle();
  net.c().set_option(client, Option::no_check, true, now());
  net.c().send_to(client, as_bytes("without"), {TwoHosts::kServer, 53}, now());
  net.settle();

  EXPECT_EQ(has_checksum, (std::vector<bool>{true, false}));
  EXPECT_EQ(read(net.s(), server), "with");
  EXPECT_EQ(read(net.s(), server), "without");
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

TEST_F(Options, TheReceiveBufferOfAConnectionGrowsAtOnce) {
  const Pair pair = establish();
  const std::string text(400'000, 'x');
  net.c().set_option(pair.client, Option::receive_buffer, std::int64_t{500'000}, now());
  net.s().set_option(pair.server, Option::send_buffer, std::int64_t{500'000}, now());
  net.s().send(pair.server, as_bytes(text), now());
  net.run_for(5s);

  const auto info = net.c().option(pair.client, Option::info);
  EXPECT_EQ(std::get<tcp::Info>(*info).receive_queue_bytes, text.size());
}

// verifies RFC 7323 2.4: the window that was announced is never taken back
TEST_F(Options, AReceiveBufferThatShrinksStillTakesWhatWasAnnounced) {
  const Pair pair = establish();
  const auto announced = [&] {
    const auto info = net.c().option(pair.client, Option::info);
    return std::get<tcp::Info>(*info).rcv_wnd;
  };
  const std::uint32_t before = announced();
  net.c().set_option(pair.client, Option::receive_buffer, std::int64_t{5000}, now());
  EXPECT_EQ(announced(), before);
  const std::string text(before, 'x');
  net.s().set_option(pair.server, Option::send_buffer, std::int64_t{1'000'000}, now());
  net.s().send(pair.server, as_bytes(text), now());
  net.run_for(5s);
  EXPECT_LE(announced(), 8U);  // the edge may lie a unit of the scale beyond

  while (read(net.c(), pair.client) != "EAGAIN") {
  }
  net.run_for(1s);
  EXPECT_EQ(announced(), 5000U);
}

TEST_F(Options, TimestampTellsTheClockAsTheLatestSegmentHadIt) {
  const Pair pair = establish();
  EXPECT_EQ(net.c().option(pair.client, Option::timestamp).value(), OptionValue{std::int64_t{0}});
  EXPECT_EQ(outcome(net.c().set_option(pair.client, Option::timestamp, std::int64_t{1}, now())),
            "ENOPROTOOPT");
}

TEST_F(Options, AUserTimeoutSurvivesOtherOptions) {
  const Pair pair = establish();
  net.c().set_option(pair.client, Option::user_timeout, Duration{3s}, now());
  net.c().set_option(pair.client, Option::no_delay, true, now());

  EXPECT_EQ(net.c().option(pair.client, Option::user_timeout).value(), OptionValue{Duration{3s}});
}

TEST_F(Options, TheSendBufferOfAConnectionMayBecomeLargerAndSmaller) {
  const Pair pair = establish();
  const std::string text(300'000, 'x');
  net.c().set_option(pair.client, Option::send_buffer, std::int64_t{300'000}, now());
  EXPECT_EQ(net.c().send(pair.client, as_bytes(text), now()).value(), text.size());

  net.c().set_option(pair.client, Option::send_buffer, std::int64_t{1000}, now());
  EXPECT_EQ(net.c().send(pair.client, as_bytes(text), now()).error(), Errc::would_block);
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
