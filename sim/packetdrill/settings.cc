// SPDX-License-Identifier: MIT
// Options and the parsing of shell commands; what the variables mean is in variables.cc.
#include "sim/packetdrill/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "sim/packetdrill/variables.h"

namespace strata::packetdrill {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// A command cut into words at white space; quotes hold words together and are taken off.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  std::string word;
  char quote = '\0';
  bool in_word = false;
  for (const char c : line) {
    if (quote != '\0') {
      if (c == quote) {
        quote = '\0';
      } else {
        word += c;
      }
    } else if (c == '"' || c == '\'') {
      quote = c;
      in_word = true;
    } else if (is_blank(c)) {
      if (in_word) words.push_back(std::exchange(word, {}));
      in_word = false;
    } else {
      word += c;
      in_word = true;
    }
  }
  if (in_word) words.push_back(word);
  return words;
}

// Commands stand on lines or between ; and &&. A quoted part may contain any of them.
std::vector<std::string> commands_of(std::string_view text) {
  std::vector<std::string> commands(1);
  char quote = '\0';
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '\n' || c == ';') {
      commands.emplace_back();
      continue;
    } else if (c == '&' && i + 1 < text.size() && text[i + 1] == '&') {
      commands.emplace_back();
      ++i;
      continue;
    }
    if (c == '\\' && i + 1 < text.size() && text[i + 1] == '\n') {
      ++i;
      commands.back() += ' ';
      continue;
    }
    commands.back() += c;
  }
  return commands;
}

std::string_view file_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

// /proc/sys/net/ipv4/tcp_sack -> net.ipv4.tcp_sack
std::string variable_name(std::string_view written) {
  constexpr std::string_view kProc = "/proc/sys/";
  std::string name(written.starts_with(kProc) ? written.substr(kProc.size()) : written);
  std::ranges::replace(name, '/', '.');
  return name;
}

void assign(std::string_view word, Settings& settings) {
  const std::size_t sign = word.find('=');
  if (sign == std::string_view::npos) return;  // only asks
  const std::string name = variable_name(word.substr(0, sign));
  const std::string value(word.substr(sign + 1));
  settings.variables[name] = value;
  if (!set_variable(name, value, settings)) {
    settings.notes.push_back(fmt::format("{} has no counterpart here", name));
  }
}

void apply_simple_command(const std::vector<std::string>& words, Settings& settings) {
  const std::string_view program = file_name(words.front());
  if (program == "defaults.sh" || program == "defaults-linux.sh") {
    settings.machine.tcp = tcp::config_for(tcp::Profile::linux_kernel);
    // What else that script sets.
    assign("net.ipv4.tcp_fastopen=0x70403", settings);
    assign("net.ipv4.tcp_fastopen_key=a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4", settings);
    settings.forget_cookies = true;
    return;
  }
  if (program == "ip" && words.size() > 2 && words[1] == "tcp_metrics") {
    settings.forget_cookies = true;
    return;
  }
  if (program == "sysctl" || program == "set_sysctls.py") {
    for (std::size_t i = 1; i < words.size(); ++i) {
      if (words[i].starts_with('>') || words[i].starts_with('|')) break;
      if (words[i].starts_with('-')) continue;
      // sysctl a = 1
      if (i + 2 < words.size() && words[i + 1] == "=") {
        assign(words[i] + "=" + words[i + 2], settings);
        i += 2;
      } else {
        assign(words[i], settings);
      }
    }
    return;
  }
  if (program == "echo" && words.size() >= 4 && words[words.size() - 2] == ">" &&
      words.back().starts_with("/proc/sys/")) {
    assign(words.back() + "=" + words[1], settings);
    return;
  }
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  settings.notes.push_back(fmt::format("not carried out: {}", text));
}

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
  constexpr std::array kNames{
      "verbose",         "send_omit_free",     "init_scripts", "code_command",
      "code_format",     "code_sockopt",       "netmask_ip",   "speed",
      "tun_dev",         "persistent_tun_dev", "wire_client",  "wire_server",
      "wire_client_dev", "wire_server_dev",    "dry_run",      "fm",
      "is_anyip",        "no_ip_route",        "no_cleanup",   "remote_prefix",
      "strict_segments", "so_filename",        "so_flags",     "tolerance_percent",
      "ts_recent",       "non_fatal_packet",   "debug",        "udp_src_port",
      "udp_dst_port",    "dont_wait"};
  return std::ranges::find(kNames, name) != kNames.end();
}

bool refuse(const Option& option, std::string what, Problem& problem) {
  problem = {option.at, std::move(what) + " is not supported", {}, true};
  return false;
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
  // The order of options in a SYN of FreeBSD is nobody else's.
  return has("net.inet.") || has("kern.ipc.") || has("freebsd") || has("nop,wscale 6,sackok")
             ? "FreeBSD"
             : "Linux";
}

bool set_profile(std::string_view name, Settings& settings) {
  const auto profile = tcp::profile_named(name);
  if (!profile) return false;
  settings.profile = *profile;
  settings.machine.tcp = tcp::config_for(*profile);
  return true;
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
  if (option.name == "mss") return read_number(option, 65535, value, problem);
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
  if (option.name == "tcp_md5_secret") return refuse(option, "the MD5 signature option", problem);
  if (is_harmless(option.name)) return true;
  settings.notes.push_back(fmt::format("--{} has no counterpart here", option.name));
  return true;
}

void apply_command(std::string_view command, Settings& settings) {
  for (const std::string& simple : commands_of(command)) {
    const std::vector<std::string> words = words_of(simple);
    if (words.empty() || words.front().starts_with('#')) continue;
    apply_simple_command(words, settings);
  }
}

}  // namespace strata::packetdrill
