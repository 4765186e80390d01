// SPDX-License-Identifier: MIT
#include "stack/wire/icmpv4.h"

#include "tests/wire/frames.h"
#include "tests/wire/random_headers.h"

namespace strata::wire {
namespace {

std::vector<std::uint8_t> message_of(std::string_view frame_hex) {
  const auto frame = from_hex(frame_hex);
  return {frame.begin() + 34, frame.end() - 4};
}

TEST(Icmpv4Message, AnEchoRequestIsReadFromARealFrame) {
  const auto message = Icmpv4Message::parse(message_of(frames::kIcmpEchoRequest));
  ASSERT_TRUE(message);
  EXPECT_EQ(message->type, IcmpType::echo_request);
  EXPECT_EQ(message->identifier(), 7);
  EXPECT_EQ(message->sequence(), 1);
  EXPECT_FALSE(message->is_error());
}

// verifies RFC 1191 4: the next-hop MTU stands in the low 16 bits of the second word
TEST(Icmpv4Message, FragmentationNeededCarriesTheNextHopMtu) {
  const auto message = Icmpv4Message::parse(message_of(frames::kIcmpFragNeeded));
  ASSERT_TRUE(message);
  EXPECT_EQ(static_cast<UnreachableCode>(message->code), UnreachableCode::fragmentation_needed);
  EXPECT_EQ(message->next_hop_mtu(), 1400);
  EXPECT_TRUE(message->is_error());
}

TEST(Icmpv4Message, ParsingAndEmittingARealMessageGivesTheSameBytes) {
  for (const std::string_view hex : {frames::kIcmpEchoRequest, frames::kIcmpTimeExceeded,
                                     frames::kIcmpFragNeeded, frames::kIcmpPortUnreachable}) {
    const auto good = message_of(hex);
    const auto message = Icmpv4Message::parse(good);
    ASSERT_TRUE(message);
    auto bytes = good;
    std::fill_n(bytes.begin(), Icmpv4Message::kHeaderBytes, std::uint8_t{0xee});
    message->emit(bytes);
    EXPECT_EQ(bytes, good);
  }
}

TEST(Icmpv4Message, SurvivesTheRoundTrip) {
  RandomHeaders random("icmp");
  for (int i = 0; i < 1000; ++i) {
    Icmpv4Message message = random.icmp();
    auto bytes = random.bytes(Icmpv4Message::kHeaderBytes + random.number<std::size_t>(40));
    message.emit(bytes);
    const auto parsed = Icmpv4Message::parse(bytes);
    ASSERT_TRUE(parsed);
    message.checksum = parsed->checksum;
    EXPECT_EQ(*parsed, message);
  }
}

TEST(Icmpv4Message, CutInTheHeaderIsMalformedAndCutBehindItFailsTheChecksum) {
  const auto good = message_of(frames::kIcmpEchoRequest);
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto message = Icmpv4Message::parse(Bytes{good}.first(size));
    ASSERT_FALSE(message);
    EXPECT_EQ(message.error(), size < Icmpv4Message::kHeaderBytes ? DropReason::icmp_malformed
                                                                  : DropReason::icmp_checksum);
  }
}

TEST(Icmpv4Message, EverySingleBitErrorIsFound) {
  const auto good = message_of(frames::kIcmpEchoRequest);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto damaged = good;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(0x80 >> bit % 8);
    EXPECT_EQ(Icmpv4Message::parse(damaged), tl::unexpected(DropReason::icmp_checksum)) << bit;
  }
}

// verifies RFC 1122 3.2.2: which messages are errors and may not provoke others
TEST(Icmpv4Message, TheErrorsAreFiveTypes) {
  for (int type = 0; type < 256; ++type) {
    const Icmpv4Message message{.type = static_cast<IcmpType>(type)};
    const bool is_error = type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
    EXPECT_EQ(message.is_error(), is_error) << type;
  }
}

}  // namespace
}  // namespace strata::wire
