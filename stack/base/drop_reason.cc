// SPDX-License-Identifier: MIT
#include "stack/base/drop_reason.h"

#include <numeric>

namespace strata {
namespace {

struct Name {
  DropReason reason;
  std::string_view text;
};
// In the order of the enumeration (checked below).
constexpr std::array kNames{
    Name{DropReason::loss, "loss"},
    Name{DropReason::burst_loss, "burst-loss"},
    Name{DropReason::chosen, "chosen"},
    Name{DropReason::link_down, "link-down"},
    Name{DropReason::queue_full, "queue-full"},
    Name{DropReason::queue_managed, "queue-managed"},
    Name{DropReason::fcs_error, "fcs-error"},
    Name{DropReason::symbol_error, "symbol-error"},
    Name{DropReason::frame_too_short, "frame-too-short"},
    Name{DropReason::frame_too_long, "frame-too-long"},
    Name{DropReason::not_for_me, "not-for-me"},
    Name{DropReason::unknown_ethertype, "unknown-ethertype"},
    Name{DropReason::vlan_mismatch, "vlan-mismatch"},
    Name{DropReason::same_port, "same-port"},
    Name{DropReason::arp_malformed, "arp-malformed"},
    Name{DropReason::neighbour_queue_full, "neighbour-queue-full"},
    Name{DropReason::neighbour_unreachable, "neighbour-unreachable"},
    Name{DropReason::header_truncated, "header-truncated"},
    Name{DropReason::bad_version, "bad-version"},
    Name{DropReason::bad_header_length, "bad-header-length"},
    Name{DropReason::bad_total_length, "bad-total-length"},
    Name{DropReason::header_checksum, "header-checksum"},
    Name{DropReason::bad_option, "bad-option"},
    Name{DropReason::martian_source, "martian-source"},
    Name{DropReason::martian_destination, "martian-destination"},
    Name{DropReason::not_local, "not-local"},
    Name{DropReason::ttl_exceeded, "ttl-exceeded"},
    Name{DropReason::no_route, "no-route"},
    Name{DropReason::fragmentation_needed, "fragmentation-needed"},
    Name{DropReason::fragment_overlap, "fragment-overlap"},
    Name{DropReason::fragment_malformed, "fragment-malformed"},
    Name{DropReason::reassembly_timeout, "reassembly-timeout"},
    Name{DropReason::reassembly_limit, "reassembly-limit"},
    Name{DropReason::unknown_protocol, "unknown-protocol"},
    Name{DropReason::icmp_malformed, "icmp-malformed"},
    Name{DropReason::icmp_checksum, "icmp-checksum"},
    Name{DropReason::broadcast_not_allowed, "broadcast-not-allowed"},
    Name{DropReason::interface_down, "interface-down"},
    Name{DropReason::transport_truncated, "transport-truncated"},
    Name{DropReason::transport_checksum, "transport-checksum"},
    Name{DropReason::transport_malformed, "transport-malformed"},
    Name{DropReason::no_socket, "no-socket"},
    Name{DropReason::receive_buffer_full, "receive-buffer-full"},
    Name{DropReason::backlog_full, "backlog-full"},
    Name{DropReason::tcp_unacceptable, "tcp-unacceptable"},
    Name{DropReason::tcp_old_duplicate, "tcp-old-duplicate"},
    Name{DropReason::tcp_old_timestamp, "tcp-old-timestamp"},
    Name{DropReason::tcp_no_timestamp, "tcp-no-timestamp"},
    Name{DropReason::tcp_bad_signature, "tcp-bad-signature"},
    Name{DropReason::tcp_bad_ack, "tcp-bad-ack"},
    Name{DropReason::tcp_reset, "tcp-reset"},
    Name{DropReason::tcp_wrong_state, "tcp-wrong-state"},
    Name{DropReason::memory_limit, "memory-limit"},
};

constexpr bool names_are_in_order() {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (static_cast<std::size_t>(kNames[i].reason) != i) return false;
  }
  return kNames.size() == kDropReasons;
}
static_assert(names_are_in_order());

}  // namespace

std::string_view to_text(DropReason reason) {
  const auto index = static_cast<std::size_t>(reason);
  return index < kNames.size() ? kNames[index].text : "?";
}

std::uint64_t DropCounters::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

}  // namespace strata
