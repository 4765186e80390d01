// SPDX-License-Identifier: MIT
// getsockopt() and setsockopt(): from the names of options to those of the socket layer.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/packetdrill/calls.h"
#include "sim/packetdrill/symbols.h"

namespace strata::packetdrill {
namespace {

using SocketOption = socket::Option;

enum class Unit : std::uint8_t { flag, number, seconds, milliseconds, path_mtu_discovery };

struct Known {
  std::string_view name;
  SocketOption option;
  Unit unit;
};
constexpr std::array kKnown{
    Known{"SO_REUSEADDR", SocketOption::reuse_address, Unit::flag},
    Known{"SO_BROADCAST", SocketOption::broadcast, Unit::flag},
    Known{"SO_SNDBUF", SocketOption::send_buffer, Unit::number},
    Known{"SO_SNDBUFFORCE", SocketOption::send_buffer, Unit::number},
    Known{"SO_RCVBUF", SocketOption::receive_buffer, Unit::number},
    Known{"SO_RCVBUFFORCE", SocketOption::receive_buffer, Unit::number},
    Known{"TCP_NODELAY", SocketOption::no_delay, Unit::flag},
    Known{"TCP_MAXSEG", SocketOption::max_segment, Unit::number},
    Known{"IP_TTL", SocketOption::ttl, Unit::number},
    Known{"IP_TOS", SocketOption::type_of_service, Unit::number},
    Known{"IP_DONTFRAG", SocketOption::dont_fragment, Unit::flag},
    Known{"IP_MTU_DISCOVER", SocketOption::dont_fragment, Unit::path_mtu_discovery},
    Known{"IP_RECVERR", SocketOption::receive_errors, Unit::flag},
};

// Options that change nothing on the wire here and are accepted.
constexpr std::array kIgnored{
    std::string_view{"SO_DEBUG"},        std::string_view{"SO_REUSEPORT"},
    std::string_view{"SO_NOSIGPIPE"},    std::string_view{"SO_BUSY_POLL"},
    std::string_view{"SO_PRIORITY"},     std::string_view{"SO_MARK"},
    std::string_view{"TCP_INQ"},         std::string_view{"SO_ZEROCOPY"},
    std::string_view{"SO_TIMESTAMPING"},
};

template <std::size_t N>
const Known* find(const std::array<Known, N>& known, std::string_view name) {
  const auto found = std::ranges::find(known, name, &Known::name);
  return found == known.end() ? nullptr : found;
}

socket::OptionValue to_option(Unit unit, std::int64_t value) {
  switch (unit) {
    case Unit::flag:
      return value != 0;
    case Unit::number:
      return value;
    case Unit::seconds:
      return Duration{std::chrono::seconds{value}};
    case Unit::milliseconds:
      return Duration{std::chrono::milliseconds{value}};
    case Unit::path_mtu_discovery:
      return value >= 2;
  }
  return value;
}

std::int64_t from_option(Unit unit, const socket::OptionValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) {
    return unit == Unit::path_mtu_discovery ? (*flag ? 2 : 1) : (*flag ? 1 : 0);
  }
  if (const auto* number = std::get_if<std::int64_t>(&value)) return *number;
  const Duration duration = std::get<Duration>(value);
  return unit == Unit::seconds ? duration / 1s : duration / 1ms;
}

// [5] -> 5; {onoff=1, linger=2} stays.
const Expression& content(const Expression& expression) {
  const bool is_wrapped = expression.kind == Expression::Kind::list && expression.items.size() == 1;
  return is_wrapped ? expression.items.front() : expression;
}

}  // namespace

Calls::Returned Calls::call_setsockopt(const Call& call) {
  const Descriptor* found = descriptor(call);
  if (found == nullptr) return failed(Errc::bad_descriptor);
  const std::string& name = call.arguments[2].text;
  const Expression& value = content(call.arguments[3]);
  socket::Sockets& sockets = machine_.sockets();
  if (name == "SO_LINGER") {
    const Expression* on = value.member("onoff");
    const Expression* seconds = value.member("linger");
    if (on == nullptr || seconds == nullptr) return failed(Errc::invalid_argument);
    if (value_of(*on) == 0) {
      return simple(sockets.set_option(found->live, SocketOption::linger, false, machine_.now()));
    }
    return simple(sockets.set_option(found->live, SocketOption::linger,
                                     Duration{std::chrono::seconds{value_of(*seconds).value_or(0)}},
                                     machine_.now()));
  }
  if (std::ranges::find(kIgnored, name) != kIgnored.end()) return {};
  const Known* known = find(kKnown, name);
  const auto number = value_of(value);
  if (known == nullptr || !number) return {.unsupported = "the socket option " + name};
  return simple(sockets.set_option(found->live, known->option, to_option(known->unit, *number),
                                   machine_.now()));
}

Calls::Returned Calls::call_getsockopt(const Call& call) {
  const Descriptor* found = descriptor(call);
  if (found == nullptr) return failed(Errc::bad_descriptor);
  const std::string& name = call.arguments[2].text;
  const Expression& wanted = content(call.arguments[3]);
  socket::Sockets& sockets = machine_.sockets();
  std::int64_t actual = 0;
  std::string shown;
  if (name == "SO_ERROR") {
    if (const auto error = sockets.take_error(found->live)) {
      actual = error_number(*error);
      shown = error_name(*error);
    }
  } else if (name == "SO_LINGER") {
    return {.unsupported = "reading SO_LINGER"};
  } else {
    const Known* known = find(kKnown, name);
    if (known == nullptr) return {.unsupported = "the socket option " + name};
    const auto read = sockets.option(found->live, known->option);
    if (!read) return failed(read.error());
    actual = from_option(known->unit, *read);
  }
  Returned returned;
  const auto expected = value_of(wanted);
  if (expected && *expected != actual) {
    returned.problem = fmt::format("{} is something else: expected {}, it was {}", name,
                                   to_text(wanted), shown.empty() ? std::to_string(actual) : shown);
  }
  return returned;
}

}  // namespace strata::packetdrill
