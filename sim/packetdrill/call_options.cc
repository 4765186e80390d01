// SPDX-License-Identifier: MIT
// getsockopt() and setsockopt(): from the names of options to those of the socket layer.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "sim/packetdrill/calls.h"
#include "sim/packetdrill/option_numbers.h"
#include "sim/packetdrill/symbols.h"
#include "sim/packetdrill/variables.h"
#include "stack/transport/tcp/options.h"
#include "stack/transport/tcp/tcb.h"

namespace strata::packetdrill {
namespace {

using SocketOption = socket::Option;

enum class Unit : std::uint8_t { flag, number, seconds, milliseconds };

struct Known {
  std::string_view name;
  SocketOption option;
  Unit unit;
};
// Names that stand for another option of the socket layer's table.
constexpr std::array kAliases{
    Known{"SO_SNDBUFFORCE", SocketOption::send_buffer, Unit::number},
    Known{"SO_RCVBUFFORCE", SocketOption::receive_buffer, Unit::number},
    Known{"IPV6_UNICAST_HOPS", SocketOption::ttl, Unit::number},
    Known{"IPV6_TCLASS", SocketOption::type_of_service, Unit::number},
    Known{"SO_REUSEPORT_LB", SocketOption::reuse_port, Unit::flag},
    Known{"TCP_NOPUSH", SocketOption::cork, Unit::flag},
    Known{"IP_DONTFRAG", SocketOption::mtu_discovery, Unit::flag},
    Known{"TCP_USER_TIMEOUT", SocketOption::user_timeout, Unit::milliseconds},
};

// Options that change nothing on the wire here and are accepted.
constexpr std::array kIgnored{
    std::string_view{"SO_DEBUG"},
    std::string_view{"SO_NOSIGPIPE"},
    std::string_view{"SO_BUSY_POLL"},
    std::string_view{"SO_PRIORITY"},
    std::string_view{"SO_MARK"},
    std::string_view{"TCP_INQ"},
    std::string_view{"IP_FREEBIND"},
    std::string_view{"IPV6_V6ONLY"},
    std::string_view{"IP_BIND_ADDRESS_NO_PORT"},
    std::string_view{"SO_USELOOPBACK"},
    std::string_view{"SO_SETFIB"},
    std::string_view{"SO_USER_COOKIE"},
    std::string_view{"SO_NO_DDP"},
    std::string_view{"SO_NO_OFFLOAD"},
    std::string_view{"SO_TS_CLOCK"},
    std::string_view{"TCP_PCAP_IN"},
    std::string_view{"TCP_PCAP_OUT"},
    std::string_view{"TCP_STATS"},
    std::string_view{"TCP_LOG"},
    std::string_view{"TCP_LOGBUF"},
    std::string_view{"TCP_LOGID"},
    std::string_view{"TCP_LOG_TAG"},
};

bool is_ignored(std::string_view name) {
  return std::ranges::find(kIgnored, name) != kIgnored.end();
}

constexpr std::string_view kPace = "TCP_RACK_PACE_";  // RATE_SS, MAX_SEG, ...

// Nullopt: there is no such option, or none that scripts can give as a number.
std::optional<Known> find(std::string_view name) {
  if (const auto alias = std::ranges::find(kAliases, name, &Known::name); alias != kAliases.end()) {
    return *alias;
  }
  const socket::OptionRow* row = socket::find_option(name);
  if (row == nullptr || row->name != name || row->access == socket::OptionAccess::none) {
    return std::nullopt;
  }
  switch (row->kind) {
    case socket::ValueKind::flag:
      return Known{name, row->option, Unit::flag};
    case socket::ValueKind::integer:
    case socket::ValueKind::bytes:
    case socket::ValueKind::mtu_discovery:
      return Known{name, row->option, Unit::number};
    case socket::ValueKind::duration:
      return Known{name, row->option, Unit::seconds};
    case socket::ValueKind::linger:
    case socket::ValueKind::text:
    case socket::ValueKind::octets:
    case socket::ValueKind::error:
    case socket::ValueKind::info:
      return std::nullopt;
  }
  return std::nullopt;
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
  }
  return value;
}

std::int64_t from_option(Unit unit, const socket::OptionValue& value) {
  if (const auto* flag = std::get_if<bool>(&value)) return *flag ? 1 : 0;
  if (const auto* number = std::get_if<std::int64_t>(&value)) {
    constexpr auto kDo = static_cast<std::int64_t>(transport::MtuDiscovery::do_it);
    return unit == Unit::flag ? std::int64_t{*number >= kDo} : *number;  // IP_DONTFRAG
  }
  const Duration duration = std::get<Duration>(value);
  return unit == Unit::seconds ? duration / 1s : duration / 1ms;
}

// {onoff=1, linger=2}; nullopt: it is not that.
std::optional<socket::OptionValue> linger_of(const Expression& value) {
  const Expression* on = value.member("onoff");
  const Expression* seconds = value.member("linger");
  if (on == nullptr || seconds == nullptr) return std::nullopt;
  if (value_of(*on) == 0) return false;
  return Duration{std::chrono::seconds{value_of(*seconds).value_or(0)}};
}

// [5] -> 5; {onoff=1, linger=2} stays.
const Expression& content(const Expression& expression) {
  const bool is_wrapped = expression.kind == Expression::Kind::list && expression.items.size() == 1;
  return is_wrapped ? expression.items.front() : expression;
}

struct OctetOption {
  SocketOption option{};
  std::string value;
};

// What setsockopt() is given for options that are no numbers.
std::optional<OctetOption> octets_of(std::string_view name, const Call& call,
                                     const std::string& known_key) {
  const Expression& value = content(call.arguments[3]);
  if (name == "TCP_CONGESTION") {
    return OctetOption{SocketOption::congestion, value.text == "reno" ? "newreno" : value.text};
  }
  if (name == "TCP_MD5SIG") {  // {tcpm_addr=..., tcpm_keylen=N, tcpm_key="abc"}
    // FreeBSD has a switch, and the keys elsewhere.
    if (value_of(value).value_or(0) != 0) {
      return OctetOption{SocketOption::signature_key, known_key};
    }
    const Expression* key = value.member("tcpm_key");
    return OctetOption{SocketOption::signature_key, key != nullptr ? key->text : value.text};
  }
  if (name == "TCP_FASTOPEN_KEY") {
    const auto length = value_of(call.arguments[4]);
    std::string key = value.text;
    if (length && *length >= 0)
      key.resize(static_cast<std::size_t>(std::min<std::int64_t>(*length, 64)));
    return OctetOption{SocketOption::fast_open_key, key};
  }
  return std::nullopt;
}

}  // namespace

// A buffer size as the system of the profile tells it: Linux doubles what was asked for (socket(7))
// and keeps twice what it announces; FreeBSD rounds up to whole segments once it is connected.
std::int64_t Calls::reported_buffer(const Descriptor& descriptor, std::string_view name,
                                    std::int64_t bytes) const {
  const bool receives = name == "SO_RCVBUF";
  if (settings_.profile == tcp::Profile::linux_kernel) {
    const auto& asked = receives ? descriptor.receive_buffer : descriptor.send_buffer;
    if (asked) return 2 * *asked;
    return receives ? 2 * bytes : bytes;
  }
  if (settings_.profile != tcp::Profile::freebsd || !receives) return bytes;
  for (const socket::SocketInfo& row : machine_.sockets().table()) {
    const bool is_known = row.fd == descriptor.live && row.tcp.has_value();
    if (is_known && row.tcp->receive_buffer_bytes > 0 && row.tcp->state != TcpState::listen) {
      return row.tcp->receive_buffer_bytes;
    }
  }
  return bytes;
}

// FreeBSD: {function_set_name="rack", pcbcnt=0}. The stack is changed for every connection.
Calls::Returned Calls::use_stack(const Expression& value) {
  const Expression* stack = value.member("function_set_name");
  if (stack == nullptr) return failed(Errc::invalid_argument);
  if (!choose_stack(stack->text, settings_)) {
    return {.unsupported = fmt::format("the TCP stack '{}' of FreeBSD", stack->text)};
  }
  machine_.transport().tcp().set_defaults(settings_.machine.tcp, machine_.now());
  return {};
}

// The static pacing of FreeBSD's RACK: a rate for all phases, in bursts of so many segments.
Calls::Returned Calls::pace(Descriptor& descriptor, std::string_view what, std::int64_t value) {
  constexpr std::int64_t kUsualBurst = 40;
  if (!settings_.has_rack) return failed(Errc::protocol_not_available);
  if (value < 0) return failed(Errc::invalid_argument);
  std::uint8_t& burst = settings_.machine.tcp.pacing_burst;
  if (what == "MAX_SEG") {
    burst = static_cast<std::uint8_t>(std::clamp<std::int64_t>(value, 1, UINT8_MAX));
  } else if (what == "ALWAYS") {
    descriptor.is_paced = value != 0;
  } else if (descriptor.pace == 0 || descriptor.pace == value) {
    descriptor.pace = value;
  } else {
    return {.unsupported = "another pacing rate for each phase"};
  }
  if (burst == 0) burst = kUsualBurst;
  machine_.transport().tcp().set_defaults(settings_.machine.tcp, machine_.now());
  const std::int64_t rate = descriptor.is_paced ? descriptor.pace : 0;
  return simple(machine_.sockets().set_option(descriptor.live, SocketOption::pacing_rate_max, rate,
                                              machine_.now()));
}

Calls::Returned Calls::call_setsockopt(const Call& call) {
  Descriptor* found = descriptor(call);
  if (found == nullptr) return failed(Errc::bad_descriptor);
  const std::string name =
      option_name(call.arguments[1], call.arguments[2], settings_.profile == tcp::Profile::freebsd);
  const Expression& value = content(call.arguments[3]);
  socket::Sockets& sockets = machine_.sockets();
  if (name == "SO_LINGER") {
    const auto linger = linger_of(value);
    if (!linger) return failed(Errc::invalid_argument);
    return simple(sockets.set_option(found->live, SocketOption::linger, *linger, machine_.now()));
  }
  if (name == "SO_TIMESTAMPING") {
    begin_stamping(*found, value_of(value).value_or(0));
    return {};
  }
  if (name == "SO_ZEROCOPY") {
    found->copies_zero = value_of(value).value_or(0) != 0;
    return {};
  }
  if (is_ignored(name)) {
    found->ignored_options[name] = value_of(value).value_or(0);
    return {};
  }
  if (name == "TCP_FUNCTION_BLK") return use_stack(value);
  if (name.starts_with(kPace)) {
    return pace(*found, std::string_view(name).substr(kPace.size()), value_of(value).value_or(-1));
  }
  if (const auto octets = octets_of(name, call, settings_.machine.signature_key)) {
    return simple(sockets.set_option(found->live, octets->option, octets->value, machine_.now()));
  }
  const std::optional<Known> known = find(name);
  auto number = value_of(value);
  // Linux takes the largest numbers for "no limit".
  if (name == "TCP_NOTSENT_LOWAT") {
    found->not_sent_low_water = number;
    if (number && (*number < 0 || *number > INT32_MAX)) number = 0;
  }
  if (name == "TCP_FASTOPEN_CONNECT" && !settings_.may_open_fast)
    return failed(Errc::not_supported);
  if (name == "TCP_FASTOPEN" && number) found->opens_fast = *number != 0;
  if (number && name.starts_with("SO_SNDBUF")) found->send_buffer = *number;
  if (number && name.starts_with("SO_RCVBUF")) found->receive_buffer = *number;
  if (!known || !number) return {.unsupported = "the socket option " + to_text(call.arguments[2])};
  // Linux reserves twice what was asked for, and most of it holds text.
  const bool is_doubled =
      settings_.profile == tcp::Profile::linux_kernel && name.starts_with("SO_SNDBUF");
  constexpr std::int64_t kLeast = 4608;  // SOCK_MIN_SNDBUF
  if (is_doubled) number = std::clamp<std::int64_t>(2 * *number, kLeast, std::int64_t{1} << 30);
  const auto result = sockets.set_option(found->live, known->option,
                                         to_option(known->unit, *number), machine_.now());
  // Kernels take a size for the buffers of a connection, too; here they stay as they are.
  const bool is_buffer = name.starts_with("SO_SNDBUF") || name.starts_with("SO_RCVBUF");
  if (!result && result.error() == Errc::invalid_argument && is_buffer && *number > 0) return {};
  return simple(result);
}

Calls::Returned Calls::call_getsockopt(const Call& call) {
  Descriptor* found = descriptor(call);
  if (found == nullptr) return failed(Errc::bad_descriptor);
  const std::string name =
      option_name(call.arguments[1], call.arguments[2], settings_.profile == tcp::Profile::freebsd);
  const Expression& wanted = content(call.arguments[3]);
  socket::Sockets& sockets = machine_.sockets();
  std::int64_t actual = 0;
  std::string shown;
  if (name == "SO_ERROR") {
    if (const auto error = sockets.take_error(found->live)) {
      actual = error_number(*error);
      shown = error_name(*error);
    }
  } else if (name == "TCP_CONGESTION") {
    const auto read = sockets.option(found->live, SocketOption::congestion);
    if (!read) return failed(read.error());
    const std::string algorithm = std::get<std::string>(*read);
    const bool is_reno = algorithm == "newreno" && settings_.profile != tcp::Profile::freebsd;
    const std::string kernel_name = is_reno ? "reno" : algorithm;
    if (wanted.kind != Expression::Kind::text || wanted.text == kernel_name) return {};
    return {.problem = fmt::format("{} is something else: expected {}, it was {}", name,
                                   wanted.text, kernel_name)};
  } else if (name == "SO_LINGER") {
    return {.unsupported = "reading SO_LINGER"};
  } else if (is_ignored(name)) {
    actual = found->ignored_options[name];
  } else {
    const std::optional<Known> known = find(name);
    if (!known) return {.unsupported = "the socket option " + to_text(call.arguments[2])};
    const auto read = sockets.option(found->live, known->option);
    if (!read) return failed(read.error());
    actual = from_option(known->unit, *read);
    if (name == "TCP_MAXSEG" && settings_.profile != tcp::Profile::rfc) {
      // What the kernels assume of a peer they do not know yet, whatever the user has set; Linux
      // does so no more where the suite of today, with its defaults.sh, is run.
      const auto info = info_of(*found);
      const bool is_unconnected =
          !info || info->state == TcpState::closed || info->state == TcpState::listen;
      const bool tells_wish = settings_.has_defaults && actual > 0;
      if (is_unconnected && !tells_wish) actual = tcp::kDefaultMss;
      // FreeBSD's t_maxseg does not know of the options that go along.
      const bool has_stamps = !is_unconnected && info->uses_timestamps;
      if (has_stamps && settings_.profile == tcp::Profile::freebsd) actual += tcp::kTimestampsBytes;
    }
    // FreeBSD answers with its flag, TF_FASTOPEN.
    const bool is_flag = name == "TCP_FASTOPEN" && settings_.profile == tcp::Profile::freebsd;
    if (is_flag && actual != 0) actual = std::int64_t{1} << 31;
    if (name == "TCP_NOTSENT_LOWAT") actual = found->not_sent_low_water.value_or(actual);
    if (name.ends_with("BUF")) actual = reported_buffer(*found, name, actual);
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
