// SPDX-License-Identifier: MIT
#include "sim/packetdrill/info_names.h"

#include <algorithm>
#include <array>

namespace strata::packetdrill {
namespace {

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

// TCPS_CLOSED = 0, TCPS_LISTEN, ... as FreeBSD does.
std::int64_t state_number_of_freebsd(TcpState state) {
  constexpr std::array kOrder{TcpState::closed,       TcpState::listen,      TcpState::syn_sent,
                              TcpState::syn_received, TcpState::established, TcpState::close_wait,
                              TcpState::fin_wait_1,   TcpState::closing,     TcpState::last_ack,
                              TcpState::fin_wait_2,   TcpState::time_wait};
  return std::ranges::find(kOrder, state) - kOrder.begin();
}

// TCP_CA_Open, TCP_CA_Disorder, TCP_CA_CWR, TCP_CA_Recovery, TCP_CA_Loss.
std::int64_t congestion_state(const tcp::Info& info) {
  if (info.phase == "loss") return 4;
  if (info.phase == "recovery") return 3;
  if (info.is_reducing) return 2;
  return info.sacked_segments > 0 ? 1 : 0;
}

// TCPI_OPT_TIMESTAMPS, _SACK, _WSCALE, _ECN, _SYN_DATA.
std::int64_t options(const tcp::Info& info) {
  return (info.uses_timestamps ? 1 : 0) + (info.uses_sack ? 2 : 0) +
         (info.uses_window_scaling ? 4 : 0) + (info.uses_ecn ? 8 : 0) +
         (info.used_fast_open ? 32 : 0);
}

template <typename T>
std::int64_t number(T value) {
  return static_cast<std::int64_t>(value);
}

using Info = const tcp::Info&;
struct Field {
  std::string_view name;
  std::int64_t (*value)(Info info);
};
constexpr std::array kFields{
    Field{"tcpi_state", [](Info i) { return state_number(i.state); }},
    Field{"tcpi_ca_state", congestion_state},
    Field{"tcpi_options", options},
    Field{"tcpi_retransmits", [](Info i) { return number(i.timeouts); }},
    Field{"tcpi_backoff", [](Info i) { return number(i.timeout_doublings); }},
    Field{"tcpi_probes", [](Info i) { return number(i.probes_unanswered); }},
    Field{"tcpi_snd_wscale", [](Info i) { return number(i.send_shift); }},
    Field{"tcpi_rcv_wscale", [](Info i) { return number(i.receive_shift); }},
    Field{"tcpi_rcv_ssthresh", [](Info i) { return number(i.earned_window); }},
    Field{"tcpi_snd_mss", [](Info i) { return number(i.mss); }},
    Field{"tcpi_rcv_mss", [](Info i) { return number(i.receive_mss > 0 ? i.receive_mss : 536); }},
    Field{"tcpi_advmss", [](Info i) { return number(i.advertised_mss); }},
    Field{"tcpi_pmtu", [](Info i) { return number(i.path_mtu); }},
    Field{"tcpi_rto", [](Info i) { return microseconds(i.rto); }},
    Field{"tcpi_ato", [](Info i) { return microseconds(i.ato); }},
    Field{"tcpi_rtt", [](Info i) { return microseconds(i.srtt); }},
    Field{"tcpi_rttvar", [](Info i) { return microseconds(i.rttvar); }},
    Field{"tcpi_min_rtt", [](Info i) { return microseconds(i.min_rtt); }},
    Field{"tcpi_rcv_rtt", [](Info i) { return microseconds(i.receive_rtt); }},
    Field{"tcpi_rcv_space", [](Info i) { return number(i.receive_space); }},
    Field{"tcpi_unacked", [](Info i) { return number(i.unacked_segments); }},
    Field{"tcpi_sacked", [](Info i) { return number(i.sacked_segments); }},
    Field{"tcpi_lost", [](Info i) { return number(i.lost_segments); }},
    Field{"tcpi_retrans", [](Info i) { return number(i.retransmitted_segments); }},
    Field{"tcpi_fackets", [](Info) { return std::int64_t{0}; }},  // as Linux since 4.15
    Field{"tcpi_reordering", [](Info i) { return number(i.reordering_segments); }},
    Field{"tcpi_reord_seen", [](Info i) { return number(i.counters.reorderings_seen); }},
    Field{"tcpi_dsack_dups", [](Info i) { return number(i.counters.duplicates_told); }},
    Field{"tcpi_total_retrans", [](Info i) { return number(i.counters.retransmissions); }},
    Field{"tcpi_bytes_acked", [](Info i) { return number(i.octets_acked); }},
    Field{"tcpi_bytes_received", [](Info i) { return number(i.octets_received); }},
    Field{"tcpi_bytes_sent", [](Info i) { return number(i.counters.octets_sent); }},
    Field{"tcpi_bytes_retrans", [](Info i) { return number(i.counters.octets_retransmitted); }},
    Field{"tcpi_segs_out", [](Info i) { return number(i.counters.segments_sent); }},
    Field{"tcpi_segs_in", [](Info i) { return number(i.counters.segments_received); }},
    Field{"tcpi_data_segs_out", [](Info i) { return number(i.counters.data_segments_sent); }},
    Field{"tcpi_data_segs_in", [](Info i) { return number(i.counters.data_segments_received); }},
    Field{"tcpi_rcv_ooopack", [](Info i) { return number(i.counters.out_of_order_segments); }},
    Field{"tcpi_delivered", [](Info i) { return number(i.delivered_segments); }},
    Field{"tcpi_delivered_ce", [](Info i) { return number(i.delivered_ce_segments); }},
    Field{"tcpi_delivered_ce_bytes", [](Info i) { return number(i.delivered_octets.ce); }},
    Field{"tcpi_delivered_e0_bytes", [](Info i) { return number(i.delivered_octets.ect0); }},
    Field{"tcpi_delivered_e1_bytes", [](Info i) { return number(i.delivered_octets.ect1); }},
    Field{"tcpi_received_ce", [](Info i) { return number(i.received_ce_segments); }},
    Field{"tcpi_received_ce_bytes", [](Info i) { return number(i.received_octets.ce); }},
    Field{"tcpi_received_e0_bytes", [](Info i) { return number(i.received_octets.ect0); }},
    Field{"tcpi_received_e1_bytes", [](Info i) { return number(i.received_octets.ect1); }},
    Field{"tcpi_pacing_rate", [](Info i) { return number(i.pacing_rate); }},
    Field{"tcpi_delivery_rate", [](Info i) { return number(i.delivery_rate); }},
    Field{"tcpi_delivery_rate_app_limited", [](Info i) { return number(i.is_rate_app_limited); }},
    Field{"tcpi_total_rto", [](Info i) { return number(i.counters.timeouts); }},
    Field{"tcpi_total_rto_recoveries", [](Info i) { return number(i.counters.timeout_series); }},
    Field{"tcpi_notsent_bytes", [](Info i) { return number(i.not_sent_bytes); }},
    Field{"tcpi_busy_time", [](Info i) { return microseconds(i.busy_time); }},
    Field{"tcpi_rwnd_limited", [](Info i) { return microseconds(i.receiver_limited_time); }},
    Field{"tcpi_sndbuf_limited", [](Info i) { return microseconds(i.buffer_limited_time); }},
    Field{"tcpi_snd_wnd", [](Info i) { return number(i.snd_wnd); }},
    Field{"tcpi_rcv_wnd", [](Info i) { return number(i.rcv_wnd); }},
    Field{"tcpi_snd_rexmitpack", [](Info i) { return number(i.counters.retransmissions); }},
    Field{"tcpi_rttmin", [](Info i) { return microseconds(i.min_rtt); }},
    Field{"tcpi_toe_tid", [](Info) { return std::int64_t{0}; }},  // FreeBSD's, as the two before
};

}  // namespace

std::optional<std::int64_t> info_value(std::string_view name, const tcp::Info& info, Instant now,
                                       bool of_freebsd) {
  const auto in_units = [unit = of_freebsd ? 1U : std::max(info.mss, 1U)](std::uint32_t octets) {
    constexpr std::uint32_t kUnlimited = 0x7fffffff;
    return std::int64_t{octets >= kUnlimited ? kUnlimited : octets / unit};
  };
  const auto since = [now](Instant event) {
    return event == Instant{} ? std::int64_t{0} : (now - event) / std::chrono::milliseconds{1};
  };
  if (name == "tcpi_state" && of_freebsd) return state_number_of_freebsd(info.state);
  if (name == "tcpi_snd_cwnd") return in_units(info.cwnd);
  if (name == "tcpi_snd_ssthresh") return in_units(info.ssthresh);
  if (name == "tcpi_last_data_sent") return since(info.counters.last_data_sent);
  if (name == "tcpi_last_data_recv") return since(info.counters.last_data_received);
  if (name == "tcpi_last_ack_recv") return since(info.counters.last_ack_received);
  if (name == "tcpi_total_rto_time") {
    const Duration current =
        info.timeouts > 0 ? now - info.counters.timeout_series_since : Duration{};
    return (info.counters.timeout_series_time + current) / std::chrono::milliseconds{1};
  }
  const auto found = std::ranges::find(kFields, name, &Field::name);
  if (found == kFields.end()) return std::nullopt;
  return found->value(info);
}

}  // namespace strata::packetdrill
