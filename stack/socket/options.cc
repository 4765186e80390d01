// SPDX-License-Identifier: MIT
// setsockopt and getsockopt.
#include <limits>

#include "stack/socket/sockets.h"

namespace strata::socket {

using transport::EndpointId;
using transport::EndpointKind;
using transport::EndpointOptions;

namespace {

// C programs pass flags as integers; both are understood.
std::optional<bool> as_flag(const OptionValue& value) {
  if (const bool* flag = std::get_if<bool>(&value)) return *flag;
  if (const std::int64_t* number = std::get_if<std::int64_t>(&value)) return *number != 0;
  return std::nullopt;
}

// An integer within [low, high].
std::optional<std::int64_t> as_number(const OptionValue& value, std::int64_t low,
                                      std::int64_t high) {
  const std::int64_t* number = std::get_if<std::int64_t>(&value);
  if (number == nullptr || *number < low || *number > high) return std::nullopt;
  return *number;
}

template <typename T>
bool assign(T& target, const std::optional<std::int64_t>& number) {
  if (number) target = static_cast<T>(*number);
  return number.has_value();
}

bool assign_flag(bool& target, const std::optional<bool>& flag) {
  if (flag) target = *flag;
  return flag.has_value();
}

// Sets what is not SO_LINGER; false when the value does not suit the option.
bool assign(EndpointOptions& options, Option option, const OptionValue& value) {
  constexpr std::int64_t kBufferMax = 1 << 30;
  constexpr std::int64_t kSegmentMin = 88;  // as Linux: room for every option and a little text
  switch (option) {
    case Option::reuse_address:
      return assign_flag(options.reuse_address, as_flag(value));
    case Option::broadcast:
      return assign_flag(options.broadcast, as_flag(value));
    case Option::no_delay:
      return assign_flag(options.no_delay, as_flag(value));
    case Option::dont_fragment:
      return assign_flag(options.dont_fragment, as_flag(value));
    case Option::receive_errors:
      return assign_flag(options.receive_errors, as_flag(value));
    case Option::send_buffer:
      return assign(options.send_buffer_bytes, as_number(value, 1, kBufferMax));
    case Option::receive_buffer:
      return assign(options.receive_buffer_bytes, as_number(value, 1, kBufferMax));
    case Option::max_segment:
      return assign(options.max_segment, as_number(value, kSegmentMin, 65495));
    case Option::ttl:
      return assign(options.ttl, as_number(value, 1, 255));
    case Option::type_of_service:
      return assign(options.type_of_service, as_number(value, 0, 255));
    case Option::linger:
      return false;
  }
  return false;
}

}  // namespace

std::string_view to_text(Option option) {
  switch (option) {
    case Option::reuse_address:
      return "SO_REUSEADDR";
    case Option::broadcast:
      return "SO_BROADCAST";
    case Option::send_buffer:
      return "SO_SNDBUF";
    case Option::receive_buffer:
      return "SO_RCVBUF";
    case Option::linger:
      return "SO_LINGER";
    case Option::no_delay:
      return "TCP_NODELAY";
    case Option::max_segment:
      return "TCP_MAXSEG";
    case Option::ttl:
      return "IP_TTL";
    case Option::type_of_service:
      return "IP_TOS";
    case Option::dont_fragment:
      return "IP_MTU_DISCOVER";
    case Option::receive_errors:
      return "IP_RECVERR";
  }
  return "";
}

bool Sockets::has_option(const Socket& socket, Option option) const {
  const bool is_stream = socket.type == Type::stream;
  switch (option) {
    case Option::no_delay:
    case Option::max_segment:
      return is_stream;
    case Option::receive_errors:
      return !is_stream;
    case Option::reuse_address:
    case Option::broadcast:
    case Option::send_buffer:
    case Option::receive_buffer:
    case Option::linger:
    case Option::ttl:
    case Option::type_of_service:
    case Option::dont_fragment:
      return true;
  }
  return false;
}

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

Result<void> Sockets::set_option(Fd fd, Option option, OptionValue value, Instant now) {
  Socket* socket = find(fd);
  if (socket == nullptr) return unexpected(Errc::bad_descriptor);
  if (!has_option(*socket, option)) return unexpected(Errc::protocol_not_available);
  if (option == Option::linger) {
    if (const Duration* linger = std::get_if<Duration>(&value)) {
      socket->linger = *linger < Duration::zero() ? std::nullopt : std::optional{*linger};
      return {};
    }
    if (as_flag(value) != false) return unexpected(Errc::invalid_argument);
    socket->linger.reset();
    return {};
  }
  const bool is_fixed_early = option == Option::send_buffer || option == Option::receive_buffer ||
                              option == Option::max_segment;
  if (is_fixed_early && socket->type == Type::stream &&
      transport_.tcp().find(socket->endpoint)->connection != nullptr) {
    return unexpected(Errc::invalid_argument);
  }
  EndpointOptions options = endpoint_options(socket->endpoint);
  if (!assign(options, option, value)) return unexpected(Errc::invalid_argument);
  set_endpoint_options(socket->endpoint, options, now);
  return {};
}

Result<OptionValue> Sockets::option(Fd fd, Option option) const {
  const Socket* socket = find(fd);
  if (socket == nullptr) return unexpected(Errc::bad_descriptor);
  if (!has_option(*socket, option)) return unexpected(Errc::protocol_not_available);
  const EndpointOptions options = endpoint_options(socket->endpoint);
  switch (option) {
    case Option::reuse_address:
      return options.reuse_address;
    case Option::broadcast:
      return options.broadcast;
    case Option::no_delay:
      return options.no_delay;
    case Option::dont_fragment:
      return options.dont_fragment;
    case Option::receive_errors:
      return options.receive_errors;
    case Option::send_buffer:
      return std::int64_t{options.send_buffer_bytes};
    case Option::receive_buffer:
      return std::int64_t{options.receive_buffer_bytes};
    case Option::max_segment: {
      const transport::Stream& stream = *transport_.tcp().find(socket->endpoint);
      if (stream.connection != nullptr) return std::int64_t{stream.connection->info().mss};
      return std::int64_t{options.max_segment};
    }
    case Option::ttl:
      return std::int64_t{options.ttl};
    case Option::type_of_service:
      return std::int64_t{options.type_of_service};
    case Option::linger:
      return socket->linger ? OptionValue{*socket->linger} : OptionValue{false};
  }
  return unexpected(Errc::protocol_not_available);
}

}  // namespace strata::socket
