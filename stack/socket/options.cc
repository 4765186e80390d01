// SPDX-License-Identifier: MIT
// setsockopt and getsockopt: the rows of the option table applied to an endpoint.
#include "stack/wire/options.h"

#include <algorithm>
#include <utility>

#include "stack/socket/sockets.h"
#include "stack/transport/tcp/congestion.h"

namespace strata::socket {

using transport::EndpointId;
using transport::EndpointKind;
using transport::EndpointOptions;
using transport::MtuDiscovery;

namespace {

template <typename... Visitors>
struct Overloaded : Visitors... {
  using Visitors::operator()...;
};
template <typename... Visitors>
Overloaded(Visitors...) -> Overloaded<Visitors...>;

// The value as a number within the row's range. C programs pass flags as integers, and durations
// are numbers of nanoseconds here: one conversion serves all kinds that have a range.
std::optional<std::int64_t> as_number(const OptionRow& row, const OptionValue& value) {
  std::optional<std::int64_t> number;
  const bool is_time = row.kind == ValueKind::duration || row.kind == ValueKind::linger;
  if (const bool* on = std::get_if<bool>(&value); on != nullptr && !is_time) {
    if (row.kind == ValueKind::flag) number = *on ? 1 : 0;
    if (row.kind == ValueKind::mtu_discovery) {
      number = static_cast<std::int64_t>(*on ? MtuDiscovery::do_it : MtuDiscovery::dont);
    }
  } else if (const auto* integer = std::get_if<std::int64_t>(&value); integer && !is_time) {
    number = row.kind == ValueKind::flag ? std::int64_t{*integer != 0} : *integer;
  } else if (const Duration* time = std::get_if<Duration>(&value); time && is_time) {
    number = time->count();
  }
  if (!number || *number < row.low || *number > row.high) return std::nullopt;
  return number;
}

// Keeps `number` where the row says.
void store(EndpointOptions& options, const OptionRow& row, std::int64_t number) {
  std::visit(
      Overloaded{
          [](std::monostate) {},
          [&](bool EndpointOptions::*field) { options.*field = number != 0; },
          [&](Duration EndpointOptions::*field) { options.*field = Duration{number}; },
          [&]<typename T>(T EndpointOptions::*field) { options.*field = static_cast<T>(number); }},
      row.field);
}

OptionValue load(const EndpointOptions& options, const OptionRow& row) {
  return std::visit(
      Overloaded{[](std::monostate) -> OptionValue { return false; },
                 [&](bool EndpointOptions::*field) -> OptionValue { return options.*field; },
                 [&](Duration EndpointOptions::*field) -> OptionValue { return options.*field; },
                 [&](auto EndpointOptions::*field) -> OptionValue {
                   return std::int64_t{options.*field};
                 }},
      row.field);
}

// Padded with end-of-list octets to a multiple of four (RFC 791 3.1).
std::optional<wire::OptionBytes> padded_options(const std::string& octets) {
  std::string padded = octets;
  padded.resize((padded.size() + 3) / 4 * 4, '\0');
  if (padded.size() > wire::OptionBytes::kBytesMax) return std::nullopt;
  wire::OptionWalker walk(as_bytes(octets));
  while (walk.next()) {
  }
  if (walk.is_malformed()) return std::nullopt;
  return wire::OptionBytes(as_bytes(padded));
}

// Two words, the least significant octet first.
std::optional<SecretKey> key_of(const std::string& octets) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  SecretKey key{};
  if (octets.size() != key.size() * kWord) return std::nullopt;
  for (std::size_t i = octets.size(); i-- > 0;) {
    key[i / kWord] = key[i / kWord] << 8 | static_cast<std::uint8_t>(octets[i]);
  }
  return key;
}

std::string octets_of(const SecretKey& key) {
  std::string octets;
  for (std::uint64_t word : key) {
    for (std::size_t i = 0; i < sizeof word; ++i, word >>= 8) {
      octets += static_cast<char>(word & 0xff);
    }
  }
  return octets;
}

bool has_type(const OptionRow& row, Type type) {
  return (row.types >> static_cast<unsigned>(type) & 1U) != 0;
}

}  // namespace

EndpointOptions Sockets::endpoint_options(EndpointId endpoint) const {
  switch (kind_of(endpoint)) {
    case EndpointKind::stream:
      return transport_.tcp().find(endpoint)->options;
    case EndpointKind::datagram:
      return transport_.udp().find(endpoint)->options;
    case EndpointKind::echo:
      return transport_.echo().find(endpoint)->options;
    case EndpointKind::none:
      break;
  }
  return {};
}

void Sockets::set_endpoint_options(EndpointId endpoint, const EndpointOptions& options,
                                   Instant now) {
  switch (kind_of(endpoint)) {
    case EndpointKind::stream:
      transport_.tcp().set_options(endpoint, options, now);
      return;
    case EndpointKind::datagram:
      transport_.udp().set_options(endpoint, options);
      return;
    case EndpointKind::echo:
      transport_.echo().set_options(endpoint, options);
      return;
    case EndpointKind::none:
      return;
  }
}

Result<void> Sockets::set_option(Fd fd, Option option, const OptionValue& value, Instant now) {
  const Socket* socket = find(fd);
  if (socket == nullptr) return unexpected(Errc::bad_descriptor);
  const OptionRow& row = option_row(option);
  if (!has_type(row, socket->type) || row.access != OptionAccess::both) {
    return unexpected(Errc::protocol_not_available);
  }
  if (is_fixed_when_connected(option) && is_connection(*socket)) {
    return unexpected(Errc::invalid_argument);
  }
  EndpointOptions options = endpoint_options(socket->endpoint);
  if (const auto set = assign(options, row, value); !set) return set;
  uses_low_water_ = uses_low_water_ || options.receive_low_water > 1;
  set_endpoint_options(socket->endpoint, options, now);
  // tcp(7): TCP_NODELAY also forces out what is pending, though it may have been set before.
  if (option == Option::no_delay && options.no_delay) {
    transport_.tcp().push(socket->endpoint, now);
  }
  return {};
}

// What SYNs say is laid out when a connection is made.
bool Sockets::is_fixed_when_connected(Option option) {
  return option == Option::max_segment || option == Option::no_options ||
         option == Option::signature_key;
}

bool Sockets::is_connection(const Socket& socket) const {
  return socket.type == Type::stream &&
         transport_.tcp().find(socket.endpoint)->connection != nullptr;
}

Result<void> Sockets::assign(EndpointOptions& options, const OptionRow& row,
                             const OptionValue& value) const {
  if (row.option == Option::ip_options) {
    const auto* octets = std::get_if<std::string>(&value);
    const auto padded = octets != nullptr ? padded_options(*octets) : std::nullopt;
    if (!padded) return unexpected(Errc::invalid_argument);
    options.ip_options = *padded;
    return {};
  }
  if (row.option == Option::fast_open_key) {
    const auto* octets = std::get_if<std::string>(&value);
    const auto key = octets != nullptr ? key_of(*octets) : std::nullopt;
    if (!key) return unexpected(Errc::invalid_argument);
    options.fast_open_key = *key;
    return {};
  }
  if (row.option == Option::signature_key) {
    const auto* octets = std::get_if<std::string>(&value);
    if (octets == nullptr || std::cmp_greater(octets->size(), row.high)) {
      return unexpected(Errc::invalid_argument);
    }
    options.signature_key = *octets;
    return {};
  }
  if (row.option == Option::congestion) {
    const auto* wanted = std::get_if<std::string>(&value);
    if (wanted == nullptr) return unexpected(Errc::invalid_argument);
    const auto names = tcp::congestion_control_names();
    const auto known = std::ranges::find(names, *wanted);
    if (known == names.end()) return unexpected(Errc::no_entry);
    options.congestion = *known;
    return {};
  }
  const bool unsets_linger = row.kind == ValueKind::linger &&
                             (value == OptionValue{false} || value == OptionValue{std::int64_t{0}});
  if (unsets_linger) {
    options.linger = Duration{-1};
    return {};
  }
  const std::optional<std::int64_t> number = as_number(row, value);
  if (!number) return unexpected(Errc::invalid_argument);
  if (row.kind == ValueKind::mtu_discovery) {
    options.mtu_discovery = static_cast<MtuDiscovery>(*number);
  } else {
    store(options, row, *number);
  }
  return {};
}

Result<OptionValue> Sockets::option(Fd fd, Option option) {
  const Socket* socket = find(fd);
  if (socket == nullptr) return unexpected(Errc::bad_descriptor);
  const OptionRow& row = option_row(option);
  if (!has_type(row, socket->type) || row.access == OptionAccess::none) {
    return unexpected(Errc::protocol_not_available);
  }
  const EndpointOptions options = endpoint_options(socket->endpoint);
  switch (option) {
    case Option::error:
      return take_error(fd);
    case Option::type:
      return socket->type == Type::stream ? std::string("SOCK_STREAM") : std::string("SOCK_DGRAM");
    case Option::accepts_connections:
      return socket->type == Type::stream &&
             transport_.tcp().find(socket->endpoint)->listener != nullptr;
    case Option::send_buffer:
      return std::int64_t{options.send_buffer_bytes};
    case Option::receive_buffer:
      return std::int64_t{options.receive_buffer_bytes};
    case Option::linger:
      if (options.linger < Duration::zero()) return false;
      return options.linger;
    case Option::mtu_discovery:
      return static_cast<std::int64_t>(options.mtu_discovery);
    case Option::congestion:
      return std::string(transport_.tcp().congestion_control(socket->endpoint));
    case Option::fast_open_key:
      return options.fast_open_key ? octets_of(*options.fast_open_key) : std::string();
    case Option::signature_key:
      return options.signature_key;
    case Option::ip_options:
      return std::string(as_text(options.ip_options.bytes()));
    case Option::mtu: {
      const Result<Endpoint> peer = peer_name(fd);
      if (!peer) return unexpected(Errc::not_connected);
      return std::int64_t{transport_.network().mtu_for(peer->address)};
    }
    case Option::max_segment:
      if (is_connection(*socket)) {
        return std::int64_t{transport_.tcp().find(socket->endpoint)->connection->info().mss};
      }
      break;
    case Option::timestamp:
      return std::int64_t{transport_.tcp().info(socket->endpoint).last_timestamp};
    case Option::info:
      return transport_.tcp().info(socket->endpoint);
    default:
      break;
  }
  return load(options, row);
}

}  // namespace strata::socket
