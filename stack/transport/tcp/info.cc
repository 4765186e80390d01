// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/info.h"

#include "stack/transport/tcp/connection.h"

namespace strata::tcp {
namespace {

constexpr std::uint32_t kIpAndTcpBytes = 40;  // headers without options

std::string describe(const TimerTable& timers) {
  std::string text;
  for (std::size_t i = 0; i < kTimers; ++i) {
    const auto timer = static_cast<Timer>(i);
    if (!timers.is_armed(timer)) continue;
    if (!text.empty()) text += ", ";
    text += to_text(timer);
    text += " at ";
    text += to_text(timers.deadline(timer));
  }
  return text;
}

std::string_view to_text(Chronograph::Activity activity) {
  switch (activity) {
    case Chronograph::Activity::idle:
      return "idle";
    case Chronograph::Activity::busy:
      return "busy";
    case Chronograph::Activity::receiver_limited:
      return "receiver-limited";
    case Chronograph::Activity::buffer_limited:
      return "buffer-limited";
  }
  return {};
}

}  // namespace

Info Connection::info() const {
  Info info{.state = state_, .phase = recovery_.phase_name()};
  describe_terms(info);
  describe_sending(info);
  describe_receiving(info);
  info.srtt = rtt_.srtt();
  info.rttvar = rtt_.rttvar();
  info.rto = rtt_.rto();
  info.ato = config_.delayed_ack;
  info.busy_time = chronograph_.busy();
  info.receiver_limited_time = chronograph_.spent(Chronograph::Activity::receiver_limited);
  info.buffer_limited_time = chronograph_.spent(Chronograph::Activity::buffer_limited);
  info.activity = to_text(chronograph_.activity());
  info.activity_since = chronograph_.since();
  info.timeouts = timeouts_;
  info.timeout_doublings = rtt_.doublings();
  info.probes_unanswered = probes_unanswered_;
  info.keepalives_unanswered = keepalive_.unanswered();
  info.is_path_doubtful = is_path_doubtful_;
  info.soft_error = soft_error_;
  info.counters = counters_;
  info.timers = describe(timers_);
  return info;
}

void Connection::describe_terms(Info& info) const {
  info.uses_window_scaling = terms_.window_scaling;
  info.uses_timestamps = terms_.timestamps;
  info.uses_sack = terms_.sack;
  info.uses_ecn = ecn_.is_agreed();
  info.last_timestamp = timestamps_.last_sent();
  describe_accurate_ecn(info);
  info.used_fast_open = fast_open_.text_was_taken;
  info.send_shift = terms_.send_shift;
  info.receive_shift = terms_.receive_shift;
  info.mss = terms_.smss;
  info.receive_mss = peer_segment_estimate_;
  info.advertised_mss = offer_.mss;
  info.path_mtu = path_mtu_.limit() + kIpAndTcpBytes + constant_option_bytes();
}

void Connection::describe_sending(Info& info) const {
  info.is_reducing = recovery_.is_reducing();
  info.cwnd = window_.cwnd;
  info.ssthresh = window_.ssthresh;
  info.flight = static_cast<std::uint32_t>(recovery_.in_flight());
  info.snd_wnd = snd_.wnd;
  info.snd_una = stream_offset_sent(snd_.una);
  info.snd_nxt = stream_offset_sent(snd_.nxt);
  info.snd_up = snd_.up > 0 ? snd_.up - 1 : 0;
  info.send_queue_bytes = static_cast<std::uint32_t>(send_buffer_.size());
  info.not_sent_bytes = static_cast<std::uint32_t>(send_buffer_.end() - info.snd_nxt);
  info.unacked_segments = static_cast<std::uint32_t>(queue_.size());
  info.sacked_segments = static_cast<std::uint32_t>(queue_.sacked_count());
  info.lost_segments = static_cast<std::uint32_t>(queue_.lost_count());
  info.retransmitted_segments = static_cast<std::uint32_t>(queue_.resent_count());
  info.pacing_rate = pacing_rate();
  if (rates_ != nullptr) {
    info.delivery_rate = rates_->octets_per_second();
    info.is_rate_app_limited = rates_->is_app_limited();
  }
  info.delivered_segments = recovery_.delivered_segments();
  const std::uint64_t smss = std::max(terms_.smss, 1U);
  info.reordering_segments =
      std::max(info.reordering_segments,
               static_cast<std::uint32_t>((recovery_.reordering_extent() + smss - 1) / smss));
  info.min_rtt = rtt_.min_rtt();
  info.octets_acked = snd_.una - (opened_actively_ ? 0 : std::min<std::uint64_t>(snd_.una, 1));
}

void Connection::describe_accurate_ecn(Info& info) const {
  const AccurateEcn& accurate = ecn_.accurate();
  info.uses_accurate_ecn = ecn_.is_accurate();
  info.delivered_ce_segments = accurate.delivered_marks();
  info.received_ce_segments = accurate.received_marks();
  const auto octets = [](const auto& count) {
    return EcnOctets{.ect0 = count(ecn_codepoint::kEct0),
                     .ect1 = count(ecn_codepoint::kEct1),
                     .ce = count(ecn_codepoint::kCe)};
  };
  info.delivered_octets =
      octets([&](std::uint8_t codepoint) { return accurate.delivered_octets(codepoint); });
  info.received_octets =
      octets([&](std::uint8_t codepoint) { return accurate.received_octets(codepoint); });
}

void Connection::describe_receiving(Info& info) const {
  info.rcv_wnd = offered_window();
  info.earned_window = static_cast<std::uint32_t>(opening_.earned());
  info.rcv_nxt = stream_offset_received();
  info.receive_queue_bytes = static_cast<std::uint32_t>(receive_buffer_.readable());
  info.out_of_order_bytes = static_cast<std::uint32_t>(receive_buffer_.out_of_order_bytes());
  info.receive_buffer_bytes = static_cast<std::uint32_t>(
      receive_memory_ != nullptr ? receive_memory_->limit() / 2 : receive_buffer_.limit());
  info.receive_rtt = tuning_.rtt();
  info.receive_space = tuning_.space();
  info.urgent_bytes = urgent_.remaining(receive_buffer_.read_offset());
  info.octets_received = info.rcv_nxt;
}

}  // namespace strata::tcp
