// SPDX-License-Identifier: MIT
// Options at the head of a script; shell commands are in commands.cc.
#include "sim/packetdrill/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

namespace strata::packetdrill {
namespace {

bool read_number(const Option& option, std::int64_t limit, std::int64_t& value, Problem& problem) {
  const char* end = option.value.data() + option.value.size();
  const auto read = std::from_chars(option.value.data(), end, value);
  if (read.ec == std::errc() && read.ptr == end && value >= 0 && value <= limit) return true;
  problem = {option.at, fmt::format("--{} needs a number", option.name),
             fmt::format("write --{}=N with N from 0 to {}", option.name, limit)};
  return false;
}

bool read_address(const Option& option, Ipv4Address& address, Problem& problem) {
  if (const auto read = Ipv4Address::parse(option.value)) {
    address = *read;
    return true;
  }
  if (option.value.find(':') != std::string::npos) return true;  // see stands_in_for_ipv6
  problem = {option.at,
             fmt::format("--{} needs an IPv4 address, not '{}'", option.name, option.value)};
  return false;
}

// Options that say how the original makes its packets, which is of no concern here.
bool is_harmless(std::string_view name) {
  constexpr std::array kNames{"verbose",          "send_omit_free",
                              "init_scripts",     "code_command",
                              "code_format",      "code_sockopt",
                              "netmask_ip",       "speed",
                              "tun_dev",          "persistent_tun_dev",
                              "wire_client",      "wire_server",
                              "wire_client_dev",  "wire_server_dev",
                              "dry_run",          "fm",
                              "is_anyip",         "no_ip_route",
                              "no_cleanup",       "remote_prefix",
                              "strict_segments",  "so_filename",
                              "so_flags",         "ts_recent",
                              "non_fatal_packet", "debug",
                              "udp_src_port",     "udp_dst_port",
                              "dont_wait"};
  return std::ranges::find(kNames, name) != kNames.end();
}

bool refuse(const Option& option, std::string what, Problem& problem) {
  problem = {option.at, std::move(what) + " is not supported", {}, true};
  return false;
}

// Does an expected packet have the window that FreeBSD announces first: 65536 octets in whole
// segments, by 64?
bool expects_window_of_freebsd(std::string_view script) {
  constexpr std::array<std::string_view, 5> kWindows{"win 1026", "win 1027", "win 1030", "win 1031",
                                                     "win 1032"};
  return std::ranges::any_of(kWindows, [script](std::string_view window) {
    for (std::size_t at = script.find(window); at != std::string_view::npos;
         at = script.find(window, at + 1)) {
      const std::size_t line = script.rfind('\n', at) + 1;  // 0 in the first line
      const std::size_t arrow = script.substr(0, at).find_first_of("<>", line);
      const std::size_t end = at + window.size();
      const bool is_whole = end == script.size() || script[end] < '0' || script[end] > '9';
      if (is_whole && arrow < at && script[arrow] == '>') return true;
    }
    return false;
  });
}

}  // namespace

std::string_view system_of(std::string_view script) {
  const auto has = [script](std::string_view part) {
    const auto is_same = [](char a, char b) {
      return a == b || (a >= 'A' && a <= 'Z' && a - 'A' + 'a' == b);
    };
    return std::search(script.begin(), script.end(), part.begin(), part.end(), is_same) !=
           script.end();
  };
  if (has("net.ipv4") || has("defaults.sh")) return "Linux";
  // The order of options in a SYN of FreeBSD is nobody else's, nor are its names of states; Linux
  // pads with NOPs, never with EOL.
  const bool is_freebsd = has("net.inet.") || has("kern.ipc.") || has("freebsd") ||
                          has("nop,wscale 6,sackok") || has("tcpi_state == tcpi_") ||
                          has("tcpi_state == 0") || has(",eol") || has(", eol") ||
                          expects_window_of_freebsd(script);
  return is_freebsd ? "FreeBSD" : "";
}

bool set_profile(std::string_view name, Settings& settings) {
  const auto profile = tcp::profile_named(name);
  if (!profile) return false;
  settings.profile = *profile;
  settings.machine.tcp = tcp::config_for(*profile);
  // Linux's timers may be late by an eighth, and the original allows for that; FreeBSD's does not.
  if (*profile == tcp::Profile::linux_kernel) settings.tolerance_percent = 12.5;
  return true;
}

std::uint16_t mtu_for_ipv4(const Settings& settings, std::uint16_t mtu) {
  if (!settings.stands_in_for_ipv6) return mtu;
  constexpr std::uint16_t kMore = 40 - wire::Ipv4Header::kBytesMin;  // RFC 8200 3: 40 octets
  return static_cast<std::uint16_t>(std::max<int>(mtu - kMore, wire::Ipv4Header::kBytesMin + 48));
}

bool apply_option(const Option& option, Settings& settings, Problem& problem) {
  std::int64_t value = 0;
  if (option.name == "ip_version") {
    // IPv4-mapped addresses are IPv4 on the wire.
    settings.stands_in_for_ipv6 = option.value == "ipv6";
    if (option.value == "ipv4" || option.value == "ipv4-mapped-ipv6") return true;
    if (settings.stands_in_for_ipv6) return true;
    problem = {option.at, fmt::format("'{}' is no IP version", option.value),
               "write ipv4, ipv6 or ipv4-mapped-ipv6"};
    return false;
  }
  if (option.name == "tolerance_usecs") {
    if (!read_number(option, 1'000'000'000, value, problem)) return false;
    settings.tolerance = std::chrono::microseconds{value};
    return true;
  }
  if (option.name == "tolerance_percent") {
    const char* end = option.value.data() + option.value.size();
    const auto read = std::from_chars(option.value.data(), end, settings.tolerance_percent);
    const bool is_share = settings.tolerance_percent >= 0 && settings.tolerance_percent <= 100;
    if (read.ec == std::errc() && read.ptr == end && is_share) return true;
    problem = {option.at, "--tolerance_percent needs a number from 0 to 100"};
    return false;
  }
  if (option.name == "tcp_ts_tick_usecs") {
    if (!read_number(option, 1'000'000, value, problem)) return false;
    settings.stamp_tick = std::chrono::microseconds{value};
    return true;
  }
  if (option.name == "mtu") {
    if (!read_number(option, 65535, value, problem)) return false;
    settings.machine.mtu = static_cast<std::uint16_t>(std::max<std::int64_t>(value, 68));
    return true;
  }
  if (option.name == "mss") {
    if (!read_number(option, 65535, value, problem)) return false;
    settings.machine.tcp.joined_segment = static_cast<std::uint16_t>(value);
    return true;
  }
  if (option.name == "connect_port" || option.name == "bind_port") {
    if (!read_number(option, 65535, value, problem)) return false;
    (option.name == "bind_port" ? settings.bind_port : settings.connect_port) =
        static_cast<std::uint16_t>(value);
    return true;
  }
  if (option.name == "local_ip") {
    if (!read_address(option, settings.machine.local, problem)) return false;
    settings.machine.gateway = Ipv4Address{settings.machine.local.value() ^ 1};  // a neighbour
    return true;
  }
  if (option.name == "remote_ip") return read_address(option, settings.remote, problem);
  if (option.name == "gateway_ip") {
    Ipv4Address unused;
    return read_address(option, unused, problem);
  }
  if (option.name == "non_fatal") {
    settings.failed_calls_are_fatal = option.value.find("syscall") == std::string::npos;
    return true;
  }
  if (option.name == "profile") return true;  // has been looked at
  if (option.name == "udp_encapsulation") return refuse(option, "TCP over UDP", problem);
  if (option.name == "tcp_md5_secret") {
    settings.machine.signature_key = option.value;
    return true;
  }
  if (is_harmless(option.name)) return true;
  settings.notes.push_back(fmt::format("--{} has no counterpart here", option.name));
  return true;
}

}  // namespace strata::packetdrill
