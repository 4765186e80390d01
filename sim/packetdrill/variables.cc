// SPDX-License-Identifier: MIT
#include "sim/packetdrill/variables.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

namespace strata::packetdrill {
namespace {

using Milliseconds = std::chrono::milliseconds;

std::optional<std::int64_t> number(std::string_view text) {
  std::int64_t value = 0;
  const bool is_hex = text.starts_with("0x");
  if (is_hex) text.remove_prefix(2);
  const auto read =
      std::from_chars(text.data(), text.data() + text.size(), value, is_hex ? 16 : 10);
  if (read.ec != std::errc()) return std::nullopt;
  return value;
}

// The n-th of "4096 131072 6291456".
std::optional<std::int64_t> field(std::string_view text, std::size_t n) {
  std::size_t start = 0;
  for (; start < text.size(); ++start) {
    if (text[start] == ' ' || text[start] == '\t') continue;
    std::size_t end = text.find_first_of(" \t", start);
    if (end == std::string_view::npos) end = text.size();
    if (n-- == 0) return number(text.substr(start, end - start));
    start = end;
  }
  return std::nullopt;
}

struct Variable {
  std::string_view name;
  void (*set)(Settings& settings, std::int64_t value);
};

std::uint8_t small(std::int64_t value) {
  return static_cast<std::uint8_t>(std::clamp<std::int64_t>(value, 0, 255));
}

constexpr std::array kVariables{
    Variable{"net.ipv4.tcp_window_scaling",
             [](Settings& s, std::int64_t v) { s.machine.tcp.window_scaling = v != 0; }},
    Variable{"net.ipv4.tcp_syn_retries",
             [](Settings& s, std::int64_t v) { s.machine.tcp.syn_retries_max = small(v); }},
    Variable{"net.ipv4.tcp_retries2",
             [](Settings& s, std::int64_t v) { s.machine.tcp.retries_max = small(v); }},
    Variable{"net.ipv4.ip_default_ttl",
             [](Settings& s, std::int64_t v) { s.machine.network.default_ttl = small(v); }},
    Variable{"net.inet.ip.ttl",
             [](Settings& s, std::int64_t v) { s.machine.network.default_ttl = small(v); }},
    Variable{"net.inet.tcp.rfc1323",
             [](Settings& s, std::int64_t v) { s.machine.tcp.window_scaling = v == 1 || v == 2; }},
    Variable{"net.inet.tcp.recvspace",
             [](Settings& s, std::int64_t v) {
               s.machine.tcp.receive_buffer_bytes = static_cast<std::uint32_t>(v);
             }},
    Variable{"net.inet.tcp.sendspace",
             [](Settings& s, std::int64_t v) {
               s.machine.tcp.send_buffer_bytes = static_cast<std::uint32_t>(v);
             }},
    Variable{"net.inet.tcp.initcwnd_segments",
             [](Settings& s, std::int64_t v) { s.machine.tcp.initial_window_segments = small(v); }},
    Variable{"net.inet.tcp.msl",
             [](Settings& s, std::int64_t v) { s.machine.tcp.msl = Milliseconds{v}; }},
    Variable{"net.inet.tcp.rexmit_min",
             [](Settings& s, std::int64_t v) { s.machine.tcp.rto_min = Milliseconds{v}; }},
    Variable{"net.inet.tcp.rexmit_initial",
             [](Settings& s, std::int64_t v) { s.machine.tcp.rto_initial = Milliseconds{v}; }},
    Variable{"net.inet.tcp.delacktime",
             [](Settings& s, std::int64_t v) { s.machine.tcp.delayed_ack = Milliseconds{v}; }},
    Variable{"net.inet.tcp.delayed_ack",
             [](Settings& s, std::int64_t v) {
               s.machine.tcp.delayed_ack = v == 0 ? Duration{} : Duration{40ms};
             }},
};

}  // namespace

bool set_variable(std::string_view name, std::string_view value, Settings& settings) {
  if (name == "net.ipv4.tcp_wmem" || name == "net.ipv4.tcp_rmem") {
    const auto bytes = field(value, 1);
    if (!bytes) return false;
    std::uint32_t& buffer = name == "net.ipv4.tcp_wmem" ? settings.machine.tcp.send_buffer_bytes
                                                        : settings.machine.tcp.receive_buffer_bytes;
    buffer = static_cast<std::uint32_t>(std::clamp<std::int64_t>(*bytes, 256, 1 << 30));
    return true;
  }
  const auto found = std::ranges::find(kVariables, name, &Variable::name);
  const auto read = number(value);
  if (found == kVariables.end() || !read || *read < 0) return false;
  found->set(settings, *read);
  return true;
}

void set_linux_defaults(Settings& settings) { settings.machine.tcp.rto_min = 200ms; }

void set_freebsd_defaults(Settings& settings) {
  settings.machine.tcp.receive_buffer_bytes = 65536;
  settings.machine.tcp.send_buffer_bytes = 32768;
}

}  // namespace strata::packetdrill
