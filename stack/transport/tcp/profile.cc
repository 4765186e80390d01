// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/profile.h"

#include <algorithm>
#include <array>

namespace strata::tcp {
namespace {

struct Name {
  std::string_view name;
  Profile profile;
};
constexpr std::array kNames{Name{"rfc", Profile::rfc}, Name{"linux", Profile::linux_kernel},
                            Name{"freebsd", Profile::freebsd}, Name{"teaching", Profile::teaching}};

// tcp_rmem 4096 540000 15 MB, tcp_wmem 4096 256 KiB: what packetdrill's defaults.sh sets. Half of a
// receive buffer is announced at first.
Config linux_config() {
  Config config;
  config.timestamps = true;
  config.ecn = EcnUse::passive;  // tcp_ecn 2
  config.rto_min = 200ms;        // TCP_RTO_MIN
  config.rto_max = 120s;         // TCP_RTO_MAX
  config.syn_retries_max = 6;
  config.receive_buffer_bytes = 540'000 / 2;
  config.send_buffer_bytes = 256 * 1024;
  config.persona.window_scale_bytes = 15 * 1024 * 1024;
  config.congestion_control = "cubic";
  config.persona.quick_acks = 16;         // TCP_MAX_QUICKACKS
  config.persona.dialogue_within = 40ms;  // TCP_ATO_MIN
  config.persona.delays_ack_of_fin = true;
  config.persona.ecn = {.accurate_everywhere = true,
                        .acks_first_mark = false,
                        .answers_marked_syn = false,
                        .counts_in_time_wait = false};
  config.persona.keeps_syn_text = false;
  config.persona.window_rule = WindowRule::slow_opening;
  config.persona.growth_by_usage = true;
  config.persona.rto_min_on_variance = true;
  config.persona.times_each_ack = true;
  config.persona.reverts_backoff = true;
  config.persona.paces_bursts = true;
  config.persona.acks_put_off_probes = true;
  config.persona.shut_window_is_loss = true;
  config.persona.takes_overtaken_acks = true;
  config.persona.answers_unsent_acks = false;
  config.persona.crossing_options = CrossingOptions::offered;
  config.persona.reduces_unused_window = true;
  config.persona.marks_reduce_gradually = true;
  config.persona.trusts_echo = true;
  config.persona.pads_with_nop = true;
  config.persona.needs_timestamps = false;
  config.persona.nagle_minds_small_only = true;
  config.persona.read_releases_syn = false;
  config.persona.fast_open_trusts_own_mss = true;
  config.persona.fast_open_tries_experiment = true;
  config.persona.checks_syn_echo = true;
  config.persona.takes_overrun_whole = true;
  config.prr = ReductionBound::safe;
  config.persona.prr_by_duplicates = true;
  config.persona.whole_segments_first = true;
  config.persona.fin_forgets_duplicates = true;
  config.persona.growth_by_delivery = true;
  config.persona.empty_window_probe = true;
  config.persona.reset_tells_window = true;
  config.persona.closing_tells_reset = true;
  config.persona.rack_by_sequence = true;
  config.persona.probe = {.margin_ms = 2,  // TCP_TIMEOUT_MIN
                          .counts_once = true,
                          .needs_round_trip = false,
                          .holds_up_time_out = false};
  config.persona.charges_for_blocks = true;
  config.persona.send_memory_most = 4 * 1024 * 1024;
  config.persona.counts_segments = true;
  config.persona.samples_rates = true;
  config.persona.syn_ack_text_answers_ours = true;
  config.persona.forgets_half_open = true;
  config.persona.defers_in_handshake = true;
  config.persona.reads_after_shutdown = true;
  config.persona.charges_for_segments = true;
  config.window_validation = WindowValidation::off;  // tcp_slow_start_after_idle 0
  config.abc_limit = 255;                            // slow start counts every octet
  config.persona.handshake_errors = HandshakeErrors::all;
  return config;
}

// recvspace 65536, sendspace 32768, kern.ipc.maxsockbuf 2 MiB; tcp_input.c, tcp_output.c.
Config freebsd_config() {
  Config config;
  config.timestamps = true;
  config.persona.option_order = OptionOrder::scale_first;
  config.ecn = EcnUse::passive;  // ecn.enable 2
  config.rto_min = 30ms;         // rexmit_min
  config.persona.rto_slop = 200ms;
  config.rto_max = 64s;  // TCPTV_REXMTMAX
  config.receive_buffer_bytes = 65536;
  config.send_buffer_bytes = 32768;
  config.persona.window_scale_bytes = 2'097'152;
  config.persona.whole_segment_buffer = true;
  config.persona.keeps_syn_text = false;
  config.persona.holds_crossing_text = true;
  config.persona.acks_repeat_fin = true;
  config.persona.time_wait_by_numbers = true;
  config.persona.window_rule = WindowRule::all_the_room;
  config.persona.rounds_window_up = true;
  config.persona.handshake_errors = HandshakeErrors::refusals;
  config.persona.ecn = {.syn_repeats = 1,  // ecn.maxretries
                        .acks_cwr = true,
                        .tells_octets = false,
                        .distrusts_zero = false,
                        .acks_first_mark = false,
                        .answers_marked_syn = false,
                        .counts_marked_syn = true,
                        .marks_new_probes = true,
                        .reads_refused_acks = true,
                        .counts_in_time_wait = false};
  config.persona.cwr_on_retransmission = true;
  config.persona.holes = HoleRecovery::by_top;
  config.persona.reduces_unused_window = true;
  config.prr = ReductionBound::none;
  config.persona.close_resets_unread = false;
  config.persona.closing_tells_reset = true;
  config.persona.fast_open_gives_up = true;
  config.persona.fast_open_cookie_of_client = true;
  config.persona.fast_open_awaits_text = true;
  config.persona.cuts_anew = true;
  config.persona.nagle_looks_once = true;
  config.persona.acks_second_segment = true;
  config.persona.slow_start_of_freebsd = true;
  config.persona.times_one_segment = true;
  config.persona.times_syn_ack = false;
  config.persona.send_buffer_step = 8192;             // sendbuf_inc
  config.persona.send_buffer_most = 2 * 1024 * 1024;  // sendbuf_max
  config.persona.persist_min = 5s;                    // persmin
  config.abc_limit = 2;                               // abc_l_var
  config.time_wait_ignores_rst = true;
  // Its default stack has none of these; they are in tcp_rack.
  config.rack = false;
  config.tail_loss_probe = false;
  config.f_rto = false;
  config.syn_retries_max = 12;     // TCP_MAXRXTSHIFT
  config.handshake_timeout = 75s;  // keepinit
  config.keepalive.probes = 8;     // keepcnt
  return config;
}

Config teaching_config() {
  Config config;
  config.congestion_control = "reno";
  config.window_scaling = false;
  config.sack = false;
  config.d_sack = false;
  config.limited_transmit = false;
  config.rack = false;
  config.tail_loss_probe = false;
  config.f_rto = false;
  config.undo = false;
  config.initial_window_segments = 0;  // RFC 5681 3.1
  return config;
}

}  // namespace

std::optional<Profile> profile_named(std::string_view name) {
  const auto found = std::ranges::find(kNames, name, &Name::name);
  if (found == kNames.end()) return std::nullopt;
  return found->profile;
}

std::string_view to_text(Profile profile) {
  return std::ranges::find(kNames, profile, &Name::profile)->name;
}

void make_freebsd_11(Config& config) {
  config.rto_initial = 3s;
  config.delayed_ack = 100ms;
  config.d_sack = false;
  config.persona.needs_timestamps = false;
  config.persona.mss_of_peer = true;
  config.persona.linear_syn_timeouts = 4;  // tcp_syn_backoff
  config.persona.time_wait_keeps_edge = true;
}

Config config_for(Profile profile) {
  switch (profile) {
    case Profile::rfc:
      return {};
    case Profile::linux_kernel:
      return linux_config();
    case Profile::freebsd:
      return freebsd_config();
    case Profile::teaching:
      return teaching_config();
  }
  return {};
}

}  // namespace strata::tcp
