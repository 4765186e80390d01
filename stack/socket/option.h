// SPDX-License-Identifier: MIT
// The socket options: one row each (option_table.cc) with level, name, kind and range of the value,
// the sockets it applies to, where it is kept and where it is specified. getsockopt, setsockopt,
// the scripted calls and docs/sockets.md all read that table.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "stack/base/result.h"
#include "stack/base/time.h"
#include "stack/transport/endpoint.h"
#include "stack/transport/tcp/info.h"

namespace strata::socket {

// In the order of the table.
enum class Option : std::uint8_t {
  // SOL_SOCKET
  reuse_address,
  reuse_port,
  keep_alive,
  linger,
  oob_inline,
  send_buffer,
  receive_buffer,
  receive_low_water,
  receive_timeout,
  send_timeout,
  broadcast,
  bind_to_device,
  no_check,
  pacing_rate_max,
  error,
  type,
  accepts_connections,
  // IPPROTO_TCP
  no_delay,
  no_options,
  cork,
  quick_ack,
  max_segment,
  congestion,
  user_timeout,
  keep_idle,
  keep_interval,
  keep_count,
  keep_init,
  syn_count,
  linger_2,
  defer_accept,
  window_clamp,
  fast_open,
  fast_open_connect,
  fast_open_key,
  signature_key,
  not_sent_low_water,
  timestamp,
  info,
  // IPPROTO_IP
  ttl,
  local_port_range,
  type_of_service,
  mtu,
  mtu_discovery,
  receive_errors,
  receive_ttl,
  receive_tos,
  receive_options,
  packet_info,
  ip_options,
};

// "SO_REUSEADDR", "TCP_NODELAY", ...
std::string_view to_text(Option option);

// What an option is set to or reads as. An error is what SO_ERROR reads as: none, or the pending
// one. Texts are names (of an interface, an algorithm, a socket type) or octets (IP_OPTIONS).
using OptionValue =
    std::variant<bool, std::int64_t, Duration, std::string, std::optional<Errc>, tcp::Info>;
// "on", "65536", "1 s", "cubic", "ECONNREFUSED"; TCP_INFO as "state ESTABLISHED mss 1460 ...".
std::string to_text(const OptionValue& value);

enum class OptionLevel : std::uint8_t { socket, tcp, ip };
// "SOL_SOCKET", "IPPROTO_TCP", "IPPROTO_IP".
std::string_view to_text(OptionLevel level);

enum class ValueKind : std::uint8_t {
  flag,           // bool
  integer,        // a number
  bytes,          // a number of octets
  duration,       // a time; the C interface counts it in the unit the table's meaning names
  linger,         // a time, or false: unset
  mtu_discovery,  // a number: 0 dont, 1 want, 2 do, 3 probe; true is do, false is dont
  text,           // a name
  octets,         // octets
  error,          // SO_ERROR
  info,           // TCP_INFO
};

// The member of the endpoint that keeps the value; none where it takes a function (options.cc).
using OptionField = std::variant<
    std::monostate, bool transport::EndpointOptions::*, std::uint8_t transport::EndpointOptions::*,
    std::uint16_t transport::EndpointOptions::*, std::uint32_t transport::EndpointOptions::*,
    Duration transport::EndpointOptions::*>;

// What may be done with an option. `none`: the mechanism is not there, every call fails with
// protocol_not_available.
enum class OptionAccess : std::uint8_t { none, get, both };

struct OptionRow {
  Option option{};
  OptionLevel level{};
  std::string_view name;  // as C programs write it
  std::string_view word;  // as `set` of a scripted call may write it
  ValueKind kind{};
  OptionAccess access = OptionAccess::both;
  std::uint8_t types = 0;  // bit 1 << Type of the sockets that have it
  std::int64_t low = 0;    // the range of a number; of a duration in nanoseconds
  std::int64_t high = 0;
  OptionField field;
  std::string_view source;   // where it is specified
  std::string_view meaning;  // for people
};

std::span<const OptionRow> option_table();
const OptionRow& option_row(Option option);
// By name or word; nullptr when there is none.
const OptionRow* find_option(std::string_view name_or_word);

}  // namespace strata::socket
