// SPDX-License-Identifier: MIT
// Kernel variables that a script may set although nothing here follows them, each with the reason
// why no packet differs. What is in neither this table nor that of variables.cc makes a script
// unsupported.
#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "sim/packetdrill/variables.h"

namespace strata::packetdrill {
namespace {

// A name that ends with a dot stands for every variable below it.
constexpr std::string_view kMachinery[] = {
    // How work is divided between the kernel and a card, or in the kernel.
    "net.ipv4.tcp_tso_win_divisor", "net.ipv4.tcp_tso_rtt_log", "net.ipv4.tcp_autocorking",
    "net.ipv4.tcp_limit_output_bytes", "net.ipv4.tcp_low_latency", "net.ipv4.tcp_early_demux",
    "net.ipv4.ip_early_demux", "net.ipv4.tcp_rx_skb_cache", "net.ipv4.tcp_tx_skb_cache",
    "net.ipv4.tcp_backlog_ack_defer", "net.inet.tcp.tso", "net.inet.tcp.soreceive_stream",
    "net.inet.tcp.sack.tso", "net.inet.tcp.timer_race", "net.inet.tcp.per_cpu_timers",
    "net.inet.tcp.read_locking", "net.inet.tcp.lro.", "net.inet.tcp.hpts.", "net.isr.",
    "net.core.netdev_", "net.core.busy_",
    // The pace of a queue that a script has to ask for (tc ... fq), which is not carried out.
    "net.ipv4.tcp_pacing_ss_ratio", "net.ipv4.tcp_pacing_ca_ratio", "net.core.default_qdisc",
    // What is kept between connections, where a script's host has had none before; Fast Open's
    // cookies apart.
    "net.ipv4.tcp_no_metrics_save", "net.ipv4.tcp_no_ssthresh_metrics_save",
    "net.inet.tcp.hostcache.", "net.inet.tcp.nolocaltimewait", "net.inet.tcp.fast_finwait2_recycle",
    // Bounds on a machine's memory and on the number of connections, far beyond a script's.
    "net.ipv4.tcp_mem", "net.ipv4.udp_mem", "net.ipv4.tcp_max_tw_buckets",
    "net.ipv4.tcp_max_orphans", "net.ipv4.tcp_child_ehash_entries", "net.core.rmem_max",
    "net.core.wmem_max", "net.core.rmem_default", "net.core.wmem_default", "net.core.optmem_max",
    "net.core.somaxconn", "kern.ipc.soacceptqueue", "kern.ipc.somaxconn", "kern.ipc.nmbclusters",
    "net.inet.tcp.maxtcptw", "net.inet.tcp.reass.", "net.inet.tcp.sack.globalmaxholes",
    "net.inet.tcp.sack.maxholes", "net.inet.tcp.syncache.", "net.inet.tcp.tcbhashsize",
    "net.inet.tcp.do_tcpdrain", "net.inet.tcp.fastopen.ccache_bucket_limit",
    "net.inet.tcp.fastopen.ccache_buckets", "net.inet.tcp.fastopen.maxkeys",
    "net.inet.tcp.fastopen.maxpsks",
    // Numbers that scripts do not foretell: ports, initial sequence numbers, time stamps, IP's
    // identification.
    "net.ipv4.ip_local_port_range", "net.ipv4.ip_local_reserved_ports", "net.inet.ip.portrange.",
    "net.inet.tcp.isn_reseed_interval", "net.inet.tcp.ts_offset_per_conn", "net.inet.ip.random_id",
    // Addresses, neighbours and routes: there is one cable with one neighbour.
    "net.ipv4.conf.", "net.ipv4.neigh.", "net.ipv4.route.", "net.ipv4.ip_forward",
    "net.ipv4.ip_nonlocal_bind", "net.ipv6.conf.", "net.ipv6.neigh.", "net.ipv6.route.",
    "net.ipv6.bindv6only", "net.ipv6.auto_flowlabels", "net.ipv6.flowlabel_",
    "net.ipv6.ip_nonlocal_bind", "net.ipv4.tcp_l3mdev_accept", "net.ipv4.tcp_fwmark_accept",
    "net.ipv4.fwmark_reflect", "net.link.",
    // Limits on ICMP that a script's few messages do not reach.
    "net.ipv4.icmp_ratelimit", "net.ipv4.icmp_ratemask", "net.ipv4.icmp_msgs_per_sec",
    "net.ipv4.icmp_msgs_burst", "net.inet.icmp.icmplim", "net.inet.icmp.icmplim_output",
    "net.inet6.icmp6.errppslimit",
    // Logs, and other parts of a kernel.
    "net.inet.tcp.log_debug", "net.inet.tcp.log_in_vain", "net.inet.tcp.bb.", "net.inet.siftr.",
    "net.inet.udp.log_in_vain", "net.inet.tcp.cc.hystartplusplus.bblogs", "kern.eventtimer.",
    "net.mptcp.", "kern.timecounter.", "kernel.", "vm.", "fs.", "debug.", "security.", "kern.hz",
    "dev.", "hw."};

// Variables with one value that is built in; setting that one changes nothing.
struct BuiltIn {
  std::string_view name;
  std::int64_t least;
  std::int64_t most;
};
constexpr std::int64_t kAny = INT64_MAX;
constexpr BuiltIn kBuiltIn[] = {
    {"net.ipv4.tcp_reordering", 3, 3},
    {"net.ipv4.tcp_max_reordering", 3, kAny},  // no degree of reordering is assumed
    {"net.ipv4.tcp_fack", 0, 1},               // without effect since Linux 4.15
    {"net.ipv4.tcp_retrans_collapse", 0, 1},   // a repair is divided as the original was
    {"net.ipv4.tcp_adv_win_scale", 1, 1},
    {"net.ipv4.tcp_app_win", 31, 31},
    {"net.ipv4.tcp_moderate_rcvbuf", 0, 1},  // scripts are over before a buffer has grown
    {"net.ipv4.tcp_rcvbuf_low_rtt", 0, kAny},
    {"net.ipv4.tcp_abort_on_overflow", 0, 0},
    {"net.ipv4.tcp_stdurg", 0, 0},
    {"net.ipv4.tcp_workaround_signed_windows", 0, 0},
    {"net.ipv4.tcp_thin_linear_timeouts", 0, 0},
    {"net.ipv4.tcp_thin_dupack", 0, 0},
    {"net.ipv4.tcp_challenge_ack_limit", 10, kAny},
    {"net.ipv4.tcp_invalid_ratelimit", 0, 500},  // the limit here is a count
    {"net.ipv4.tcp_comp_sack_nr", 0, 0},
    {"net.ipv4.tcp_comp_sack_delay_ns", 0, 0},
    {"net.ipv4.tcp_plb_enabled", 0, 0},
    {"net.ipv4.tcp_reflect_tos", 0, 0},
    {"net.ipv4.tcp_orphan_retries", 0, 0},
    {"net.ipv4.tcp_min_snd_mss", 0, 48},
    {"net.ipv4.tcp_mtu_probe_floor", 0, 256},
    {"net.ipv4.tcp_abc", 0, 0},
    {"net.ipv4.tcp_tw_recycle", 0, 0},
    {"net.ipv4.tcp_migrate_req", 0, 1},           // one listener has nobody to give it to
    {"net.ipv4.tcp_ecn_option_beacon", 0, kAny},  // the option goes with every segment
    {"net.ipv4.tcp_ecn_fallback", 0, 1},
    {"net.ipv4.tcp_pingpong_thresh", 1, 1},
    {"net.ipv4.tcp_fastopen_blackhole_timeout_sec", 0, 0},
    {"net.inet.tcp.mssdflt", 536, 536},
    {"net.inet.tcp.v6mssdflt", 1220, 1220},
    {"net.inet.tcp.minmss", 0, 216},
    {"net.inet.tcp.newreno", 1, 1},
    {"net.inet.tcp.rfc3390", 1, 1},
    {"net.inet.tcp.rfc3465", 1, 1},
    {"net.inet.tcp.recvbuf_auto", 0, 1},
    {"net.inet.tcp.sendbuf_auto", 0, 1},
    {"net.inet.tcp.recvbuf_max", 65536, kAny},
    {"net.inet.tcp.sendbuf_max", 32768, kAny},
    {"net.inet.tcp.sendbuf_inc", 0, kAny},
    {"net.inet.tcp.recvbuf_inc", 0, kAny},
    {"net.inet.tcp.sendbuf_auto_lowat", 0, 1},
    {"net.inet.tcp.udp_tunneling_port", 0, 0},
    {"net.inet.tcp.udp_tunneling_overhead", 0, kAny},  // of a tunnel that is not there
    {"net.inet.tcp.persmax", 60'000, 60'000},
    {"net.inet.tcp.maxpersistidle", 7'200'000, kAny},
    {"net.inet.tcp.msl_local", 0, kAny},        // the peer of a script is another host,
    {"net.inet.tcp.blackhole_local", 0, kAny},  // so is who sends to a closed port
    {"net.inet.tcp.pmtud_blackhole_mss", 1200, 1200},
    {"net.inet.tcp.v6pmtud_blackhole_mss", 1220, 1220},
    {"net.inet.tcp.insecure_ack", 0, 0},
    {"net.inet.tcp.ack_war_cnt", 5, kAny},  // the limit here is another one
    {"net.inet.tcp.ack_war_timewindow", 0, kAny},
    {"net.inet.tcp.require_unique_port", 0, 0},
    {"net.inet.tcp.signature_verify_input", 1, 1},
    {"net.inet.tcp.do_prr_conservative", 0, 0},
    {"net.inet.tcp.map_limit", 0, 0},
    {"net.inet.tcp.split_limit", 0, 0},
    {"net.inet.tcp.ecn.generalized", 0, 0},
    {"net.inet.tcp.fastopen.server_enable", 0, 1},  // TCP_FASTOPEN decides
    {"net.inet.tcp.fastopen.psk_enable", 0, 0},
    {"net.inet.tcp.fastopen.acceptany", 0, 0},
    {"net.inet.tcp.fastopen.keylen", 16, 16},
    {"net.inet.tcp.fastopen.autokey", 0, kAny},  // scripts end before a key does
    {"net.inet.tcp.fastopen.path_disable_time", 900, 900},
    {"net.inet.tcp.sack.revised", 0, 1},
    {"net.inet.tcp.do_lrd", 0, 0},
    {"net.inet.tcp.sack.lrd", 0, 1},
    {"net.inet.tcp.cc.abe", 0, 0},
    {"net.inet.tcp.cc.abe_frlossreduce", 0, 0},
    {"net.inet.tcp.cc.newreno.beta", 50, 50},
    {"net.inet.tcp.cc.newreno.beta_ecn", 80, 80},
    {"net.inet.tcp.newcwv", 0, 0},
    {"net.inet.tcp.always_keepalive", 0, 1},  // scripts end long before two hours of silence
    {"net.inet.tcp.functions_inherit_listen_socket_stack", 0, 1},
    {"net.inet.udp.blackhole", 0, 0},
    {"net.inet.udp.maxdgram", 9216, kAny},
    {"net.inet.udp.recvspace", 42'080, kAny},
    {"net.inet.udp.checksum", 1, 1}};

}  // namespace

bool is_without_effect(std::string_view name, std::string_view value) {
  const auto covers = [name](std::string_view entry) {
    const bool is_group = entry.ends_with('.') || entry.ends_with('_');
    return is_group ? name.starts_with(entry) : name == entry;
  };
  if (std::ranges::any_of(kMachinery, covers)) return true;
  const auto known = std::ranges::find(kBuiltIn, name, &BuiltIn::name);
  if (known == std::end(kBuiltIn)) return false;
  std::int64_t number = 0;
  const char* end = value.data() + value.size();
  const auto read = std::from_chars(value.data(), end, number);
  return read.ec == std::errc() && read.ptr == end && number >= known->least &&
         number <= known->most;
}

}  // namespace strata::packetdrill
