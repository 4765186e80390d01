// SPDX-License-Identifier: MIT
// What a script sets before it begins: options (--mtu=1500) and shell commands, of which those that
// set what this stack has a counterpart of are understood.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/packetdrill/machine.h"
#include "sim/packetdrill/script.h"
#include "stack/transport/tcp/profile.h"

namespace strata::packetdrill {

struct Settings {
  MachineConfig machine;
  tcp::Profile profile = tcp::Profile::rfc;
  Ipv4Address remote{192, 0, 2, 1};
  std::uint16_t connect_port = 8080;
  std::uint16_t bind_port = 8080;
  // The script asks for IPv6, which there is not: what it says of TCP is held against TCP over
  // IPv4, with an MTU less by the difference of the headers.
  bool stands_in_for_ipv6 = false;
  bool opens_fast = false;                // Linux: every listener takes text on SYNs
  bool may_open_fast = true;              // Linux: clients may ask for Fast Open
  bool has_defaults = false;              // Linux: the script has run the defaults.sh of its suite
  bool has_rack = false;                  // FreeBSD: its stack RACK is in use
  bool forget_cookies = false;            // a command has emptied the cache of Fast Open cookies
  std::optional<TcpState> dropped_state;  // a command ends all connections in it
  Duration tolerance{4ms};
  double tolerance_percent = 0;  // of the time since the event before, if that is more
  Duration stamp_tick{};         // --tcp_ts_tick_usecs: zero: values of time stamps are not checked
  bool failed_calls_are_fatal = true;
  // Kernel variables as they were set last, by name.
  std::map<std::string, std::string, std::less<>> variables;
  std::vector<std::string> notes;  // what was left out
  std::string unsupported;         // what a command asks for and there is not; or empty
};

// "FreeBSD" or "Linux": the system that a script is written for, by the variables it sets and what
// else is peculiar to one of them. Empty: nothing tells.
std::string_view system_of(std::string_view script);

// What scripts expect before they set anything, by the name of a profile (profile.h). False when
// there is none of that name.
bool set_profile(std::string_view name, Settings& settings);

// The MTU that holds the text of as large a segment over IPv4, where that stands in for IPv6.
std::uint16_t mtu_for_ipv4(const Settings& settings, std::uint16_t mtu);

// False when the option asks for what there is not; the problem is written to `problem`.
bool apply_option(const Option& option, Settings& settings, Problem& problem);

// Everything in a `...` command (commands.cc). What cannot change a packet becomes a note, what is
// not understood settings.unsupported.
void apply_command(std::string_view command, Settings& settings);

}  // namespace strata::packetdrill
