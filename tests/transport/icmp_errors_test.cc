// SPDX-License-Identifier: MIT
// verifies RFC 1122 4.2.3.9 and 4.1.3.3: what each ICMP error means.
#include "stack/transport/icmp_errors.h"

#include <gtest/gtest.h>

#include <array>

namespace strata::transport {
namespace {

using wire::IcmpType;

TEST(IcmpErrors, UnreachableNetworkHostAndSourceRouteAreSoft) {
  for (const std::uint8_t code : std::to_array<std::uint8_t>({0, 1, 5})) {
    EXPECT_FALSE(meaning_of(IcmpType::destination_unreachable, code)->is_hard) << int{code};
  }
}

TEST(IcmpErrors, UnreachableProtocolAndPortAreHard) {
  EXPECT_TRUE(meaning_of(IcmpType::destination_unreachable, 2)->is_hard);
  EXPECT_TRUE(meaning_of(IcmpType::destination_unreachable, 3)->is_hard);
  EXPECT_EQ(meaning_of(IcmpType::destination_unreachable, 3)->error, Errc::connection_refused);
}

TEST(IcmpErrors, TimeExceededAndParameterProblemAreSoft) {
  EXPECT_FALSE(meaning_of(IcmpType::time_exceeded, 0)->is_hard);
  EXPECT_FALSE(meaning_of(IcmpType::parameter_problem, 0)->is_hard);
}

TEST(IcmpErrors, SourceQuenchMeansNothing) {
  // verifies RFC 6633 3
  EXPECT_FALSE(meaning_of(IcmpType::source_quench, 0).has_value());
}

TEST(IcmpErrors, UnknownCodesMeanNothing) {
  EXPECT_FALSE(meaning_of(IcmpType::destination_unreachable, 200).has_value());
}

TEST(IcmpErrors, ASoftErrorEndsWhatALinuxListenerHoldsButNotItsClient) {
  const auto is_hard = [](TcpState state) {
    return meaning_for(state, IcmpType::destination_unreachable, 1, tcp::HandshakeErrors::lasting)
        ->is_hard;
  };
  EXPECT_FALSE(is_hard(TcpState::syn_sent));
  EXPECT_TRUE(is_hard(TcpState::syn_received));
  EXPECT_FALSE(is_hard(TcpState::established));
}

// verifies RFC 1122 3.2.2-4
TEST(IcmpErrors, NamesTheFlowAsTheSenderOfTheQuotedDatagramSeesIt) {
  const std::array<std::uint8_t, 8> quoted{0x9c, 0x40, 0x00, 0x35, 0, 8, 0, 0};
  network::IcmpErrorInfo error;
  error.quoted.source = Ipv4Address{10, 0, 0, 1};
  error.quoted.destination = Ipv4Address{10, 0, 0, 2};
  error.quoted_payload = quoted;

  EXPECT_EQ(to_text(*quoted_flow(error)), "10.0.0.1:40000 > 10.0.0.2:53");
}

TEST(IcmpErrors, NamesNoFlowWhenTooLittleWasQuoted) {
  const std::array<std::uint8_t, 7> quoted{};
  network::IcmpErrorInfo error;
  error.quoted_payload = quoted;

  EXPECT_FALSE(quoted_flow(error).has_value());
}

}  // namespace
}  // namespace strata::transport
