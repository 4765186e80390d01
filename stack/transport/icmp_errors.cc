// SPDX-License-Identifier: MIT
#include "stack/transport/icmp_errors.h"

namespace strata::transport {
namespace {

// The codes of destination unreachable in order (RFC 1122 3.2.2.1, RFC 1812 5.2.7.1).
std::optional<IcmpMeaning> unreachable(std::uint8_t code) {
  // RFC 1122 4.2.3.9: codes 0, 1 and 5 are soft, 2 to 4 hard. RFC 9293 3.9.2.2 keeps that; code 4
  // is path MTU discovery where that is done (RFC 1191) and therefore never ends a connection here.
  switch (code) {
    case 0:   // network
    case 6:   // network unknown
    case 9:   // network administratively prohibited
    case 11:  // network, for this type of service
      return IcmpMeaning{Errc::network_unreachable, false};
    case 1:   // host
    case 7:   // host unknown
    case 8:   // source host isolated
    case 10:  // host administratively prohibited
    case 12:  // host, for this type of service
    case 13:  // communication administratively prohibited
    case 14:  // precedence violation
    case 15:  // precedence cutoff
      return IcmpMeaning{Errc::host_unreachable, false};
    case 2:
      return IcmpMeaning{Errc::protocol_not_available, true};
    case 3:
      return IcmpMeaning{Errc::connection_refused, true};
    case 4:
      return IcmpMeaning{Errc::message_size, false};
    case 5:
      return IcmpMeaning{Errc::not_supported, false};
    default:
      return std::nullopt;
  }
}

// What may be over soon, as Linux has it (icmp_err_convert): no route to the network or host, for
// the type of service or for the source, and time exceeded.
bool is_passing(wire::IcmpType type, std::uint8_t code) {
  constexpr std::array<std::uint8_t, 5> kPassing{0, 1, 5, 11, 12};
  if (type == wire::IcmpType::time_exceeded) return true;
  return type == wire::IcmpType::destination_unreachable &&
         std::ranges::find(kPassing, code) != kPassing.end();
}

// To a client whose SYN has not been answered.
std::optional<IcmpMeaning> meaning_in_handshake(wire::IcmpType type, std::uint8_t code,
                                                tcp::HandshakeErrors errors) {
  std::optional<IcmpMeaning> meaning = meaning_of(type, code);
  if (!meaning || meaning->error == Errc::message_size) return meaning;
  switch (errors) {
    case tcp::HandshakeErrors::hard:
      return meaning;
    case tcp::HandshakeErrors::none:
      meaning->is_hard = false;
      return meaning;
    case tcp::HandshakeErrors::all:
      meaning->is_hard = true;
      return meaning;
    case tcp::HandshakeErrors::lasting:
      meaning->is_hard = !is_passing(type, code);
      return meaning;
    case tcp::HandshakeErrors::refusals:
      break;
  }
  // Protocol and port unreachable, and what is administratively prohibited.
  const bool is_prohibited = code == 9 || code == 10 || code == 13;
  if (type == wire::IcmpType::destination_unreachable && (meaning->is_hard || is_prohibited)) {
    return IcmpMeaning{Errc::connection_refused, true};
  }
  meaning->is_hard = type == wire::IcmpType::time_exceeded && code == 0;
  return meaning;
}

}  // namespace

std::optional<IcmpMeaning> meaning_of(wire::IcmpType type, std::uint8_t code) {
  switch (type) {
    case wire::IcmpType::destination_unreachable:
      return unreachable(code);
    case wire::IcmpType::time_exceeded:
      return IcmpMeaning{Errc::host_unreachable, false};
    case wire::IcmpType::parameter_problem:
      return IcmpMeaning{Errc::protocol_error, false};
    case wire::IcmpType::source_quench:  // RFC 6633 3: MUST be ignored
    case wire::IcmpType::redirect:
    case wire::IcmpType::echo_reply:
    case wire::IcmpType::echo_request:
      return std::nullopt;
  }
  return std::nullopt;
}

std::optional<IcmpMeaning> meaning_for(TcpState state, wire::IcmpType type, std::uint8_t code,
                                       tcp::HandshakeErrors errors) {
  using enum tcp::HandshakeErrors;
  if (state == TcpState::syn_sent) return meaning_in_handshake(type, code, errors);
  // What a listener of Linux holds of a handshake ends with every error.
  const bool ends_with_all = errors == all || errors == lasting;
  if (state == TcpState::syn_received && ends_with_all)
    return meaning_in_handshake(type, code, all);
  return meaning_of(type, code);
}

std::optional<FlowKey> quoted_flow(const network::IcmpErrorInfo& error) {
  constexpr std::size_t kQuotedBytesMin = 8;  // RFC 792: the header and 64 bits of data
  if (error.quoted_payload.size() < kQuotedBytesMin) return std::nullopt;
  const std::uint8_t* ports = error.quoted_payload.data();
  return FlowKey{.local = {.address = error.quoted.source, .port = load_be16(ports)},
                 .remote = {.address = error.quoted.destination, .port = load_be16(ports + 2)}};
}

}  // namespace strata::transport
