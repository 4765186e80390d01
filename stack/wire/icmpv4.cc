// SPDX-License-Identifier: MIT
#include "stack/wire/icmpv4.h"

#include "stack/base/assert.h"
#include "stack/base/checksum.h"

namespace strata::wire {

std::span<const Field> icmpv4_fields(IcmpType type) {
  switch (type) {
    case IcmpType::echo_reply:
    case IcmpType::echo_request:
      return icmpv4_field::kEcho;
    case IcmpType::destination_unreachable:
      return icmpv4_field::kUnreachable;
    case IcmpType::redirect:
      return icmpv4_field::kRedirect;
    case IcmpType::parameter_problem:
      return icmpv4_field::kParameterProblem;
    case IcmpType::time_exceeded:
    case IcmpType::source_quench:
      return icmpv4_field::kTimeExceeded;
  }
  return icmpv4_field::kAll;
}

bool Icmpv4Message::is_error() const {
  switch (type) {
    case IcmpType::destination_unreachable:
    case IcmpType::source_quench:
    case IcmpType::redirect:
    case IcmpType::time_exceeded:
    case IcmpType::parameter_problem:
      return true;
    case IcmpType::echo_reply:
    case IcmpType::echo_request:
      return false;
  }
  return false;
}

Parsed<Icmpv4Message> Icmpv4Message::parse(Bytes message) {
  if (message.size() < kHeaderBytes) return tl::unexpected(DropReason::icmp_malformed);
  if (internet_checksum(message) != 0) return tl::unexpected(DropReason::icmp_checksum);
  const std::uint8_t* p = message.data();
  return Icmpv4Message{.type = static_cast<IcmpType>(read<icmpv4_field::kType>(p)),
                       .code = static_cast<std::uint8_t>(read<icmpv4_field::kCode>(p)),
                       .checksum = static_cast<std::uint16_t>(read<icmpv4_field::kChecksum>(p)),
                       .rest = static_cast<std::uint32_t>(read<icmpv4_field::kRest>(p))};
}

void Icmpv4Message::emit(MutableBytes message) const {
  STRATA_ASSERT(message.size() >= kHeaderBytes);
  std::uint8_t* p = message.data();
  write<icmpv4_field::kType>(p, static_cast<std::uint8_t>(type));
  write<icmpv4_field::kCode>(p, code);
  write<icmpv4_field::kChecksum>(p, 0);
  write<icmpv4_field::kRest>(p, rest);
  write<icmpv4_field::kChecksum>(p, internet_checksum(message));
}

}  // namespace strata::wire
