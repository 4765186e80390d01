// SPDX-License-Identifier: MIT
// How the values of socket options read.
#include <fmt/format.h>

#include "stack/socket/option.h"

namespace strata::socket {
namespace {

std::string info_text(const tcp::Info& info) {
  const tcp::Counters& counters = info.counters;
  std::string text = fmt::format(
      "state {} mss {} cwnd {} ssthresh {} flight {} snd_wnd {} rcv_wnd {} snd_una {} snd_nxt {} "
      "rcv_nxt {} send_queue {} receive_queue {} out_of_order {} srtt {} rttvar {} rto {} "
      "segments_sent {} segments_received {} retransmissions {}",
      to_text(info.state), info.mss, info.cwnd, info.ssthresh, info.flight, info.snd_wnd,
      info.rcv_wnd, info.snd_una, info.snd_nxt, info.rcv_nxt, info.send_queue_bytes,
      info.receive_queue_bytes, info.out_of_order_bytes, to_text(info.srtt), to_text(info.rttvar),
      to_text(info.rto), counters.segments_sent, counters.segments_received,
      counters.retransmissions);
  if (info.keepalives_unanswered > 0) {
    text += fmt::format(" keepalives_unanswered {}", info.keepalives_unanswered);
  }
  if (info.urgent_bytes > 0) text += fmt::format(" urgent {}", info.urgent_bytes);
  if (!info.timers.empty()) text += " timers " + info.timers;
  return text;
}

struct ToText {
  std::string operator()(bool on) const { return on ? "on" : "off"; }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(Duration time) const { return strata::to_text(time); }
  std::string operator()(const std::string& text) const { return text; }
  std::string operator()(const std::optional<Errc>& error) const {
    return error ? std::string(strata::to_text(*error)) : "0";
  }
  std::string operator()(const tcp::Info& info) const { return info_text(info); }
};

}  // namespace

std::string to_text(const OptionValue& value) { return std::visit(ToText{}, value); }

}  // namespace strata::socket
