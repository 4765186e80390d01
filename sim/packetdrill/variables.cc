// SPDX-License-Identifier: MIT
#include "sim/packetdrill/variables.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "sim/packetdrill/config_names.h"
#include "stack/transport/tcp/congestion.h"

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

// The same where it may be written as $((15*1024*1024)).
std::optional<std::int64_t> product(std::string_view text, std::size_t n) {
  const std::size_t open = text.find("$((");
  if (open == std::string_view::npos) return field(text, n);
  std::int64_t value = 1;
  std::string_view rest = text.substr(open + 3);
  while (const auto factor = number(rest)) {
    value = std::min<std::int64_t>(value * std::min<std::int64_t>(*factor, 1 << 30), 1 << 30);
    const std::size_t times = rest.find('*');
    if (times == std::string_view::npos) break;
    rest.remove_prefix(times + 1);
  }
  return value;
}

struct Variable {
  std::string_view name;
  void (*set)(Settings& settings, std::int64_t value);
};

std::uint8_t small(std::int64_t value) {
  return static_cast<std::uint8_t>(std::clamp<std::int64_t>(value, 0, 255));
}

// A knob that is on unless it is zero.
template <bool tcp::Config::*kKnob>
void set_flag(Settings& settings, std::int64_t value) {
  settings.machine.tcp.*kKnob = value != 0;
}
template <Duration tcp::Config::*kKnob>
void set_milliseconds(Settings& settings, std::int64_t value) {
  settings.machine.tcp.*kKnob = Milliseconds{value};
}
template <std::uint8_t tcp::Config::*kKnob>
void set_count(Settings& settings, std::int64_t value) {
  settings.machine.tcp.*kKnob = small(value);
}
template <std::uint32_t tcp::Config::*kKnob>
void set_bytes(Settings& settings, std::int64_t value) {
  settings.machine.tcp.*kKnob = static_cast<std::uint32_t>(std::min<std::int64_t>(value, 1 << 30));
}
void set_ttl(Settings& settings, std::int64_t value) {
  settings.machine.network.default_ttl = small(value);
}
// 1 both options of RFC 7323, 2 window scaling only, 3 timestamps only.
void set_rfc1323(Settings& settings, std::int64_t value) {
  settings.machine.tcp.window_scaling = value == 1 || value == 2;
  settings.machine.tcp.timestamps = value == 1 || value == 3;
}
void set_delayed_ack(Settings& settings, std::int64_t value) {
  settings.machine.tcp.delayed_ack = value == 0 ? Duration{} : Duration{40ms};
}
void set_largest_buffer(Settings& settings, std::int64_t value) {
  settings.machine.tcp.persona.window_scale_bytes =
      static_cast<std::uint32_t>(std::min<std::int64_t>(value, 1 << 30));
}

// The bits of Linux: 1 clients, 2 servers, 4 clients without a cookie, 0x200 servers without a
// cookie, 0x400 every listener.
void set_fast_open(Settings& settings, std::int64_t value) {
  settings.opens_fast = (value & 0x402) == 0x402;
  settings.may_open_fast = (value & 1) != 0;
  settings.machine.tcp.fast_open_needs_cookie = (value & 0x200) == 0;
  settings.machine.tcp.fast_open_without_cookie = (value & 4) != 0;
}
// "a1a1a1a1-b2b2b2b2-c3c3c3c3-d4d4d4d4": four words, the least significant octet first.
bool set_fast_open_key(Settings& settings, std::string_view text) {
  std::array<std::uint64_t, 2> key{};
  for (std::size_t i = 0; i < 4; ++i) {
    std::uint32_t word = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), word, 16);
    if (read.ec != std::errc()) return false;
    key[i / 2] |= std::uint64_t{word} << (32 * (i % 2));
    text.remove_prefix(static_cast<std::size_t>(read.ptr - text.data()));
    if (i < 3 && !text.starts_with('-')) return false;
    if (i < 3) text.remove_prefix(1);
  }
  settings.machine.tcp.fast_open_key = key;
  return true;
}

// 0 never, 1 ask for it, 2 agree when asked. Linux: 3 ask for accurate ECN, 4 agree to it and ask
// for the classic one, 5 agree when asked. FreeBSD: 3 ask for accurate ECN, 4 agree when asked.
void set_ecn(Settings& settings, std::int64_t value) {
  using tcp::EcnUse;
  const bool is_freebsd = settings.profile == tcp::Profile::freebsd;
  constexpr EcnUse kUses[] = {EcnUse::off,
                              EcnUse::on,
                              EcnUse::passive,
                              EcnUse::accurate,
                              EcnUse::accurate_incoming,
                              EcnUse::accurate_passive};
  if (value > 5) return;
  // Linux has had accurate ECN for less long than SYNs that are repeated after a second each.
  if (settings.profile == tcp::Profile::linux_kernel && value >= 3)
    settings.machine.tcp.persona.linear_syn_timeouts = 4;
  settings.machine.tcp.ecn = is_freebsd && value == 4 ? EcnUse::accurate_passive : kUses[value];
}
void set_ecn_option(Settings& settings, std::int64_t value) {
  settings.machine.tcp.persona.ecn.tells_octets = value != 0;
}
void set_generalized_ecn(Settings& settings, std::int64_t value) {
  settings.machine.tcp.persona.ecn.generalized = value == 0   ? tcp::GeneralizedEcn::off
                                                 : value == 1 ? tcp::GeneralizedEcn::syn_ack
                                                              : tcp::GeneralizedEcn::everything;
}

// Linux: 0 never, 1 when the queue of handshakes is full, 2 always.
void set_syn_cookies(Settings& settings, std::int64_t value) {
  settings.machine.tcp.syn_cookies = value == 0   ? tcp::SynCookies::off
                                     : value == 1 ? tcp::SynCookies::overflow
                                                  : tcp::SynCookies::always;
}
// Linux: 0 off, 1 when a black hole is suspected, 2 always.
void set_mtu_probing(Settings& settings, std::int64_t value) {
  settings.machine.tcp.path_mtu_probing = value == 0   ? tcp::PathMtuProbing::off
                                          : value == 2 ? tcp::PathMtuProbing::always
                                                       : tcp::PathMtuProbing::black_hole;
}
// FreeBSD: which of IPv4 and IPv6.
void set_black_hole_detection(Settings& settings, std::int64_t value) {
  settings.machine.tcp.path_mtu_probing =
      value == 0 ? tcp::PathMtuProbing::off : tcp::PathMtuProbing::black_hole;
}
void set_idle_restart(Settings& settings, std::int64_t value) {
  settings.machine.tcp.window_validation =
      value == 0 ? tcp::WindowValidation::off : tcp::WindowValidation::rfc5681;
}

// Linux writes "no limit" as the largest number.
void set_not_sent_low_water(Settings& settings, std::int64_t value) {
  settings.machine.tcp.not_sent_low_water =
      value > INT32_MAX ? 0 : static_cast<std::uint32_t>(value);
}
// FreeBSD: 1 SYNs to closed ports are not answered, from 2 on nothing is.
void set_blackhole(Settings& settings, std::int64_t value) {
  settings.machine.tcp.persona.closed_ports = value == 0   ? tcp::ClosedPorts::reset
                                              : value == 1 ? tcp::ClosedPorts::ignore_syns
                                                           : tcp::ClosedPorts::ignore_all;
}

// Linux: 1 everywhere, 2 on the loopback only, where scripts never are.
void set_time_wait_reuse(Settings& settings, std::int64_t value) {
  settings.machine.tcp.persona.reuses_time_wait = value == 1;
}
void set_time_wait_reuse_delay(Settings& settings, std::int64_t value) {
  settings.machine.tcp.persona.time_wait_reuse_delay = Milliseconds{value};
}

using tcp::Config;
using tcp::Persona;
constexpr std::array kVariables{
    Variable{"net.ipv4.tcp_window_scaling", set_flag<&Config::window_scaling>},
    Variable{"net.ipv4.tcp_timestamps", set_flag<&Config::timestamps>},
    Variable{"net.ipv4.tcp_sack", set_flag<&Config::sack>},
    Variable{"net.ipv4.tcp_dsack", set_flag<&Config::d_sack>},
    Variable{"net.ipv4.tcp_recovery", set_flag<&Config::rack>},
    Variable{"net.ipv4.tcp_early_retrans", set_flag<&Config::tail_loss_probe>},
    Variable{"net.ipv4.tcp_frto", set_flag<&Config::f_rto>},
    Variable{"net.inet.tcp.sack.enable", set_flag<&Config::sack>},
    Variable{"net.ipv4.tcp_syn_retries", set_count<&Config::syn_retries_max>},
    Variable{
        "net.ipv4.tcp_min_tso_segs",
        [](Settings& s, std::int64_t v) { s.machine.tcp.persona.burst_segments_min = small(v); }},
    Variable{"net.ipv4.tcp_synack_retries", set_count<&Config::syn_retries_max>},
    Variable{"net.ipv4.tcp_tw_reuse", set_time_wait_reuse},
    Variable{"net.ipv4.tcp_tw_reuse_delay", set_time_wait_reuse_delay},
    Variable{"net.ipv4.tcp_retries1", set_count<&Config::retries_before_doubt>},
    Variable{"net.ipv4.tcp_notsent_lowat", set_not_sent_low_water},
    Variable{"net.inet.tcp.blackhole", set_blackhole},
    Variable{"net.inet.tcp.rfc3042", set_flag<&Config::limited_transmit>},
    Variable{"net.inet.tcp.abc_l_var", set_count<&Config::abc_limit>},
    Variable{"net.inet.tcp.retries", set_count<&Config::retries_max>},
    Variable{"net.inet.tcp.finwait2_timeout", set_milliseconds<&Config::fin_wait_2_timeout>},
    Variable{"net.inet.tcp.path_mtu_discovery", set_flag<&Config::path_mtu_discovery>},
    Variable{"net.inet.tcp.pmtud_blackhole_detection", set_black_hole_detection},
    Variable{"net.inet.tcp.do_prr",
             [](Settings& s, std::int64_t v) {
               s.machine.tcp.prr =
                   v == 0 ? tcp::ReductionBound::none : tcp::ReductionBound::slow_start;
             }},
    Variable{"net.inet.tcp.rfc6675_pipe",
             [](Settings& s, std::int64_t v) {
               s.machine.tcp.persona.holes =
                   v == 0 ? tcp::HoleRecovery::by_top : tcp::HoleRecovery::by_pipe;
             }},
    Variable{"net.inet.tcp.syncookies",
             [](Settings& s, std::int64_t v) {
               s.machine.tcp.syn_cookies =
                   v == 0 ? tcp::SynCookies::off : tcp::SynCookies::overflow;
             }},
    Variable{"net.inet.tcp.syncookies_only",
             [](Settings& s, std::int64_t v) {
               if (v != 0) s.machine.tcp.syn_cookies = tcp::SynCookies::always;
             }},
    Variable{
        "net.ipv4.tcp_syn_linear_timeouts",
        [](Settings& s, std::int64_t v) { s.machine.tcp.persona.linear_syn_timeouts = small(v); }},
    Variable{"net.ipv4.tcp_retries2", set_count<&Config::retries_max>},
    Variable{"net.ipv4.tcp_syncookies", set_syn_cookies},
    Variable{"net.ipv4.tcp_max_syn_backlog", set_bytes<&Config::syn_backlog>},
    Variable{"net.ipv4.tcp_rfc1337", set_flag<&Config::time_wait_ignores_rst>},
    Variable{"net.ipv4.tcp_fin_timeout",
             [](Settings& s, std::int64_t v) {
               s.machine.tcp.fin_wait_2_timeout = std::chrono::seconds{v};
             }},
    Variable{"net.ipv4.tcp_slow_start_after_idle", set_idle_restart},
    Variable{"net.ipv4.tcp_mtu_probing", set_mtu_probing},
    Variable{"net.ipv4.tcp_base_mss", set_bytes<&Config::path_mtu_base>},
    Variable{"net.ipv4.ip_no_pmtu_disc",
             [](Settings& s, std::int64_t v) { s.machine.tcp.path_mtu_discovery = v == 0; }},
    Variable{
        "net.ipv4.tcp_rto_min_us",
        [](Settings& s, std::int64_t v) { s.machine.tcp.rto_min = std::chrono::microseconds{v}; }},
    Variable{"net.ipv4.tcp_shrink_window",
             [](Settings& s, std::int64_t v) {
               s.machine.tcp.persona.window_rule =
                   v == 0 ? tcp::WindowRule::slow_opening : tcp::WindowRule::shrinking;
             }},
    Variable{"net.ipv4.tcp_rto_max_ms", set_milliseconds<&Config::rto_max>},
    Variable{"net.ipv4.tcp_ecn", set_ecn},
    Variable{"net.ipv4.tcp_ecn_option", set_ecn_option},
    Variable{"net.inet.tcp.ecn.plusplus", set_generalized_ecn},
    Variable{"net.ipv4.tcp_fastopen", set_fast_open},
    Variable{"net.ipv4.tcp_fastopen_cookies",
             [](Settings& s, std::int64_t) { s.forget_cookies = true; }},
    Variable{"net.inet.tcp.fastopen.client_enable",
             [](Settings& s, std::int64_t) { s.forget_cookies = true; }},
    Variable{"net.inet.tcp.ecn.enable", set_ecn},
    Variable{"net.ipv4.ip_default_ttl", set_ttl},
    Variable{"net.inet.ip.ttl", set_ttl},
    Variable{"net.inet6.ip6.hlim", set_ttl},
    Variable{"net.inet.tcp.rfc1323", set_rfc1323},
    Variable{"net.inet.tcp.recvspace", set_bytes<&Config::receive_buffer_bytes>},
    Variable{"net.inet.tcp.sendspace", set_bytes<&Config::send_buffer_bytes>},
    Variable{"kern.ipc.maxsockbuf", set_largest_buffer},
    Variable{"net.inet.tcp.initcwnd_segments", set_count<&Config::initial_window_segments>},
    Variable{"net.inet.tcp.msl", set_milliseconds<&Config::msl>},
    Variable{"net.inet.tcp.rexmit_min", set_milliseconds<&Config::rto_min>},
    Variable{"net.inet.tcp.rexmit_slop",
             [](Settings& s, std::int64_t v) { s.machine.tcp.persona.rto_slop = Milliseconds{v}; }},
    Variable{"net.inet.tcp.rexmit_drop_options",
             [](Settings& s, std::int64_t v) {
               s.machine.tcp.persona.plain_syn_after = v == 0 ? 0 : 3;
             }},
    Variable{"net.inet.tcp.ecn.maxretries",
             [](Settings& s, std::int64_t v) { s.machine.tcp.persona.ecn.syn_repeats = small(v); }},
    Variable{"net.inet.tcp.icmp_may_rst",
             [](Settings& s, std::int64_t v) {
               s.machine.tcp.persona.handshake_errors =
                   v == 0 ? tcp::HandshakeErrors::none : tcp::HandshakeErrors::refusals;
             }},
    Variable{"net.inet.tcp.keepinit", set_milliseconds<&Config::handshake_timeout>},
    Variable{"net.inet.tcp.keepidle",
             [](Settings& s, std::int64_t v) { s.machine.tcp.keepalive.idle = Milliseconds{v}; }},
    Variable{
        "net.inet.tcp.keepintvl",
        [](Settings& s, std::int64_t v) { s.machine.tcp.keepalive.interval = Milliseconds{v}; }},
    Variable{"net.inet.tcp.keepcnt",
             [](Settings& s, std::int64_t v) { s.machine.tcp.keepalive.probes = small(v); }},
    Variable{"net.ipv4.tcp_keepalive_time",
             [](Settings& s, std::int64_t v) {
               s.machine.tcp.keepalive.idle = std::chrono::seconds{v};
             }},
    Variable{"net.ipv4.tcp_keepalive_intvl",
             [](Settings& s, std::int64_t v) {
               s.machine.tcp.keepalive.interval = std::chrono::seconds{v};
             }},
    Variable{"net.ipv4.tcp_keepalive_probes",
             [](Settings& s, std::int64_t v) { s.machine.tcp.keepalive.probes = small(v); }},
    Variable{"net.inet.tcp.rexmit_initial", set_milliseconds<&Config::rto_initial>},
    Variable{"net.inet.tcp.delacktime", set_milliseconds<&Config::delayed_ack>},
    Variable{"net.inet.tcp.delayed_ack", set_delayed_ack},
    Variable{"net.inet.tcp.persmin",
             [](Settings& s, std::int64_t v) {
               s.machine.tcp.persona.persist_min = std::chrono::milliseconds{v};
             }},
    Variable{"net.inet.tcp.drop_synfin",
             [](Settings& s, std::int64_t v) { s.machine.tcp.persona.ignores_syn_fin = v != 0; }},
    Variable{"net.inet.tcp.tolerate_missing_ts",
             [](Settings& s, std::int64_t v) { s.machine.tcp.persona.needs_timestamps = v == 0; }},
    // 1: as before RFC 5961.
    Variable{"net.inet.tcp.insecure_rst",
             [](Settings& s, std::int64_t v) { s.machine.tcp.persona.reset_needs_edge = v == 0; }},
    Variable{"net.inet.tcp.insecure_syn",
             [](Settings& s, std::int64_t v) { s.machine.tcp.persona.challenge_syn = v == 0; }},
};

}  // namespace

// The RACK of this stack stands for the one of FreeBSD: RFC 8985 with its tail loss probes, and
// PRR.
bool choose_stack(std::string_view name, Settings& settings) {
  const bool is_rack = name == "rack" || name.starts_with("rack_");
  if (!is_rack && name != "freebsd") return false;
  const tcp::Config usual = tcp::config_for(tcp::Profile::freebsd);
  tcp::Config& tcp = settings.machine.tcp;
  tcp.rack = is_rack;
  tcp.tail_loss_probe = is_rack;
  tcp.persona.holes = is_rack ? tcp::HoleRecovery::off : usual.persona.holes;
  tcp.prr = is_rack ? tcp::ReductionBound::slow_start : usual.prr;
  settings.has_rack = is_rack;
  return true;
}

bool set_variable(std::string_view name, std::string_view value, Settings& settings) {
  if (set_config(name, value, settings.machine.tcp)) return true;
  if (name == "net.ipv4.tcp_wmem" || name == "net.ipv4.tcp_rmem") {
    const auto bytes = field(value, 1);
    if (!bytes) return false;
    if (name == "net.ipv4.tcp_wmem") {
      set_bytes<&Config::send_buffer_bytes>(settings, std::max<std::int64_t>(*bytes, 256));
      if (const auto most = product(value, 2)) {
        settings.machine.tcp.persona.send_memory_most =
            static_cast<std::uint32_t>(std::min<std::int64_t>(*most, 1 << 30));
      }
      return true;
    }
    // Half of the buffer is announced; the largest it may become gives the scale.
    set_bytes<&Config::receive_buffer_bytes>(settings, std::max<std::int64_t>(*bytes / 2, 256));
    if (const auto most = product(value, 2)) {
      set_largest_buffer(settings, *most);
    }
    return true;
  }
  if (name == "net.ipv4.tcp_congestion_control" || name == "net.inet.tcp.cc.algorithm") {
    const std::string_view known = value == "reno" ? "newreno" : value;
    const auto names = tcp::congestion_control_names();
    if (std::ranges::find(names, known) == names.end()) return false;
    settings.machine.tcp.congestion_control = known;
    return true;
  }
  if (name == "net.inet.tcp.functions_default") return choose_stack(value, settings);
  if (name == "net.ipv4.tcp_fastopen_key") return set_fast_open_key(settings, value);
  const auto found = std::ranges::find(kVariables, name, &Variable::name);
  const auto read = number(value);
  if (found == kVariables.end()) return is_without_effect(name, value);
  if (!read || *read < 0) return false;
  found->set(settings, *read);
  return true;
}

}  // namespace strata::packetdrill
