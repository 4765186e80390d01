// SPDX-License-Identifier: MIT
#include "sim/packetdrill/config_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <type_traits>

#include "stack/transport/tcp/congestion.h"

namespace strata::packetdrill {
namespace {

using tcp::Config;
using tcp::KeepaliveSettings;
using Microseconds = std::chrono::microseconds;

constexpr std::string_view kPrefix = "strata.tcp.";
constexpr std::string_view kCongestionControl = "congestion-control";

template <typename T>
std::int64_t to_number(const T& value) {
  if constexpr (std::is_same_v<T, Duration>) {
    return value / Microseconds{1};
  } else if constexpr (std::is_same_v<T, std::optional<bool>>) {
    return value.value_or(false) ? 1 : 0;
  } else {
    return static_cast<std::int64_t>(value);
  }
}
template <typename T>
T from_number(std::int64_t number) {
  if constexpr (std::is_same_v<T, Duration>) {
    return Microseconds{number};
  } else if constexpr (std::is_same_v<T, std::optional<bool>>) {
    return number != 0;
  } else {
    return static_cast<T>(number);
  }
}

struct Row {
  std::string_view key;
  std::int64_t (*get)(const Config& config);
  void (*set)(Config& config, std::int64_t number);
};
template <auto kMember>
constexpr Row row(std::string_view key) {
  return {key, [](const Config& config) { return to_number(config.*kMember); },
          [](Config& config, std::int64_t number) {
            using Member = std::remove_reference_t<decltype(config.*kMember)>;
            config.*kMember = from_number<Member>(number);
          }};
}
template <auto kMember>
constexpr Row keepalive_row(std::string_view key) {
  return {key, [](const Config& config) { return to_number(config.keepalive.*kMember); },
          [](Config& config, std::int64_t number) {
            using Member = std::remove_reference_t<decltype(config.keepalive.*kMember)>;
            config.keepalive.*kMember = from_number<Member>(number);
          }};
}

constexpr std::array kRows{
    row<&Config::send_buffer_bytes>("send-buffer"),
    row<&Config::receive_buffer_bytes>("receive-buffer"),
    row<&Config::receive_buffer_max_bytes>("receive-buffer-max"),
    row<&Config::mss_max>("mss"),
    row<&Config::window_scaling>("window-scaling"),
    row<&Config::timestamps>("timestamps"),
    row<&Config::sack>("sack"),
    row<&Config::d_sack>("d-sack"),
    row<&Config::fast_retransmit>("fast-retransmit"),
    row<&Config::limited_transmit>("limited-transmit"),
    row<&Config::slow_but_steady>("slow-but-steady"),
    row<&Config::rack>("rack"),
    row<&Config::counted_pipe>("counted-pipe"),
    row<&Config::tail_loss_probe>("tail-loss-probe"),
    row<&Config::probe_in_recovery>("probe-in-recovery"),
    row<&Config::prr>("prr"),
    row<&Config::f_rto>("f-rto"),
    row<&Config::undo>("undo"),
    row<&Config::nagle>("nagle"),
    row<&Config::delayed_ack>("delayed-ack"),
    row<&Config::rto_initial>("rto-initial"),
    row<&Config::rto_min>("rto-min"),
    row<&Config::rto_max>("rto-max"),
    row<&Config::msl>("msl"),
    row<&Config::syn_retries_max>("syn-retries"),
    row<&Config::retries_max>("retries"),
    row<&Config::initial_window_segments>("initial-window"),
    row<&Config::fast_convergence>("fast-convergence"),
    row<&Config::abc_limit>("abc-limit"),
    row<&Config::window_validation>("cwnd-validation"),
    row<&Config::ecn>("ecn"),
    row<&Config::pacing>("pacing"),
    row<&Config::fin_wait_2_timeout>("fin-wait-2-timeout"),
    keepalive_row<&KeepaliveSettings::enabled>("keepalive"),
    keepalive_row<&KeepaliveSettings::idle>("keepalive-idle"),
    keepalive_row<&KeepaliveSettings::interval>("keepalive-interval"),
    keepalive_row<&KeepaliveSettings::probes>("keepalive-probes"),
    row<&Config::user_timeout>("user-timeout"),
    row<&Config::retries_before_doubt>("retries-before-doubt"),
    row<&Config::syn_backlog>("syn-backlog"),
    row<&Config::syn_cookies>("syn-cookies"),
    row<&Config::fast_open>("fast-open"),
    row<&Config::path_mtu_discovery>("path-mtu-discovery"),
    row<&Config::path_mtu_probing>("path-mtu-probing"),
    row<&Config::time_wait_ignores_rst>("time-wait-ignores-rst"),
};

std::vector<std::string> differences(const Config& config, const Config& from) {
  std::vector<std::string> list;
  for (const Row& each : kRows) {
    const std::int64_t value = each.get(config);
    if (value != each.get(from)) list.push_back(fmt::format("{}{}={}", kPrefix, each.key, value));
  }
  if (config.congestion_control != from.congestion_control) {
    list.push_back(fmt::format("{}{}={}", kPrefix, kCongestionControl, config.congestion_control));
  }
  return list;
}

}  // namespace

bool set_config(std::string_view name, std::string_view value, tcp::Config& config) {
  if (!name.starts_with(kPrefix)) return false;
  name.remove_prefix(kPrefix.size());
  if (name == kCongestionControl) {
    const auto names = tcp::congestion_control_names();
    if (std::ranges::find(names, value) == names.end()) return false;
    config.congestion_control = value;
    return true;
  }
  const auto found = std::ranges::find(kRows, name, &Row::key);
  std::int64_t number = 0;
  const char* end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, number);
  if (found == kRows.end() || read.ec != std::errc() || read.ptr != end || number < 0) return false;
  found->set(config, number);
  return true;
}

ConfigText config_text(const tcp::Config& config) {
  std::optional<ConfigText> nearest;
  for (const tcp::Profile profile : {tcp::Profile::rfc, tcp::Profile::linux_kernel,
                                     tcp::Profile::freebsd, tcp::Profile::teaching}) {
    ConfigText text{profile, differences(config, tcp::config_for(profile))};
    if (!nearest || text.settings.size() < nearest->settings.size()) nearest = std::move(text);
  }
  return *nearest;
}

}  // namespace strata::packetdrill
