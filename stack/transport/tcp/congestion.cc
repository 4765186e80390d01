// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/congestion.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace strata::tcp {
namespace {

struct Algorithm {
  std::string_view name;
  std::unique_ptr<CongestionControl> (*make)();
};

constexpr std::array kAlgorithms{
    Algorithm{"newreno", make_newreno}, Algorithm{"reno", make_reno},
    Algorithm{"tahoe", make_tahoe},     Algorithm{"cubic", make_cubic},
    Algorithm{"bbr", make_bbr},         Algorithm{"bbr3", make_bbr3},
    Algorithm{"dctcp", make_dctcp},     Algorithm{"vegas", make_vegas},
    Algorithm{"none", make_none},       Algorithm{"fixed", make_fixed},
};

constexpr auto kNames = [] {
  std::array<std::string_view, kAlgorithms.size()> names{};
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kAlgorithms[i].name;
  return names;
}();

}  // namespace

void CongestionWindow::enlarge(std::uint64_t octets) {
  cwnd = static_cast<std::uint32_t>(std::min<std::uint64_t>(most, cwnd + octets));
}

std::unique_ptr<CongestionControl> make_congestion_control(std::string_view name) {
  for (const Algorithm& algorithm : kAlgorithms) {
    if (algorithm.name == name) return algorithm.make();
  }
  return nullptr;
}

std::span<const std::string_view> congestion_control_names() { return kNames; }

std::uint32_t initial_window(std::uint32_t smss, std::uint8_t segments) {
  if (segments != 0) {
    // RFC 6928 2: min(10*MSS, max(2*MSS, 14600)), for other numbers than ten in proportion.
    return std::min(segments * smss, std::max(2 * smss, segments * 1460U));
  }
  // RFC 5681 3.1.
  if (smss > 2190) return 2 * smss;
  return smss > 1095 ? 3 * smss : 4 * smss;
}

void grow_in_slow_start(CongestionWindow& window, std::uint64_t newly_acked) {
  // RFC 5681 3.1 (2): cwnd += min(N, SMSS). RFC 3465 2.3: L segments, but one after a time-out.
  const bool is_first =
      window.of_freebsd ? !window.repairs_timeout : window.ssthresh == CongestionWindow::kUnlimited;
  const std::uint64_t limit = std::uint64_t{is_first ? window.abc_limit : 1U} * window.smss;
  window.enlarge(std::min(newly_acked, limit));
}

std::uint32_t half_of_flight(const CongestionWindow& window, std::uint64_t flight) {
  flight = std::max<std::uint64_t>(flight, window.pipe_ack);
  return static_cast<std::uint32_t>(
      std::max<std::uint64_t>(flight / 2, std::uint64_t{2} * window.smss));
}

}  // namespace strata::tcp
