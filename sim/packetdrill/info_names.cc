// SPDX-License-Identifier: MIT
#include "sim/packetdrill/info_names.h"

#include <algorithm>
#include <array>

namespace strata::packetdrill {
namespace {

std::int64_t segments(std::uint64_t octets, const tcp::Info& info) {
  const std::uint64_t mss = std::max<std::uint64_t>(info.mss, 1);
  return static_cast<std::int64_t>((octets + mss - 1) / mss);
}
std::int64_t microseconds(Duration duration) { return duration / std::chrono::microseconds{1}; }

// TCP_ESTABLISHED = 1, TCP_SYN_SENT, ... as Linux numbers the states.
std::int64_t state_number(TcpState state) {
  switch (state) {
    case TcpState::closed:
      return 7;
    case TcpState::listen:
      return 10;
    case TcpState::syn_sent:
      return 2;
    case TcpState::syn_received:
      return 3;
    case TcpState::established:
      return 1;
    case TcpState::fin_wait_1:
      return 4;
    case TcpState::fin_wait_2:
      return 5;
    case TcpState::close_wait:
      return 8;
    case TcpState::closing:
      return 11;
    case TcpState::last_ack:
      return 9;
    case TcpState::time_wait:
      return 6;
  }
  return 0;
}

struct Field {
  std::string_view name;
  std::int64_t (*value)(const tcp::Info& info);
};
constexpr std::array kFields{
    Field{"tcpi_state", [](const tcp::Info& i) { return state_number(i.state); }},
    Field{
        "tcpi_snd_cwnd",
        [](const tcp::Info& i) { return static_cast<std::int64_t>(i.cwnd / std::max(i.mss, 1U)); }},
    Field{"tcpi_snd_ssthresh",
          [](const tcp::Info& i) {
            constexpr std::int64_t kUnlimited = 0x7fffffff;
            return i.ssthresh >= kUnlimited ? kUnlimited
                                            : std::int64_t{i.ssthresh / std::max(i.mss, 1U)};
          }},
    Field{"tcpi_snd_mss", [](const tcp::Info& i) { return std::int64_t{i.mss}; }},
    Field{"tcpi_rto", [](const tcp::Info& i) { return microseconds(i.rto); }},
    Field{"tcpi_rtt", [](const tcp::Info& i) { return microseconds(i.srtt); }},
    Field{"tcpi_rttvar", [](const tcp::Info& i) { return microseconds(i.rttvar); }},
    Field{"tcpi_unacked", [](const tcp::Info& i) { return segments(i.snd_nxt - i.snd_una, i); }},
    Field{"tcpi_total_retrans",
          [](const tcp::Info& i) { return static_cast<std::int64_t>(i.counters.retransmissions); }},
    Field{"tcpi_bytes_acked",
          [](const tcp::Info& i) { return static_cast<std::int64_t>(i.snd_una); }},
    Field{"tcpi_bytes_received",
          [](const tcp::Info& i) { return static_cast<std::int64_t>(i.rcv_nxt); }},
    Field{"tcpi_segs_out",
          [](const tcp::Info& i) { return static_cast<std::int64_t>(i.counters.segments_sent); }},
    Field{
        "tcpi_segs_in",
        [](const tcp::Info& i) { return static_cast<std::int64_t>(i.counters.segments_received); }},
    Field{"tcpi_notsent_bytes",
          [](const tcp::Info& i) {
            const std::uint64_t sent = i.snd_nxt - i.snd_una;
            return static_cast<std::int64_t>(i.send_queue_bytes -
                                             std::min<std::uint64_t>(sent, i.send_queue_bytes));
          }},
    Field{"tcpi_snd_wnd", [](const tcp::Info& i) { return std::int64_t{i.snd_wnd}; }},
    Field{"tcpi_rcv_wnd", [](const tcp::Info& i) { return std::int64_t{i.rcv_wnd}; }},
};

}  // namespace

std::optional<std::int64_t> info_value(std::string_view name, const tcp::Info& info) {
  const auto found = std::ranges::find(kFields, name, &Field::name);
  if (found == kFields.end()) return std::nullopt;
  return found->value(info);
}

}  // namespace strata::packetdrill
