// SPDX-License-Identifier: MIT
#include "stack/base/drop_reason.h"

#include <numeric>

namespace strata {

std::string_view to_text(DropReason reason) {
  switch (reason) {
    case DropReason::loss:
      return "loss";
    case DropReason::burst_loss:
      return "burst-loss";
    case DropReason::chosen:
      return "chosen";
    case DropReason::link_down:
      return "link-down";
    case DropReason::queue_full:
      return "queue-full";
    case DropReason::fcs_error:
      return "fcs-error";
    case DropReason::symbol_error:
      return "symbol-error";
    case DropReason::frame_too_short:
      return "frame-too-short";
    case DropReason::frame_too_long:
      return "frame-too-long";
    case DropReason::not_for_me:
      return "not-for-me";
    case DropReason::unknown_ethertype:
      return "unknown-ethertype";
    case DropReason::vlan_mismatch:
      return "vlan-mismatch";
    case DropReason::same_port:
      return "same-port";
    case DropReason::arp_malformed:
      return "arp-malformed";
    case DropReason::neighbour_queue_full:
      return "neighbour-queue-full";
    case DropReason::neighbour_unreachable:
      return "neighbour-unreachable";
    case DropReason::header_truncated:
      return "header-truncated";
    case DropReason::bad_version:
      return "bad-version";
    case DropReason::bad_header_length:
      return "bad-header-length";
    case DropReason::bad_total_length:
      return "bad-total-length";
    case DropReason::header_checksum:
      return "header-checksum";
    case DropReason::bad_option:
      return "bad-option";
    case DropReason::martian_source:
      return "martian-source";
    case DropReason::martian_destination:
      return "martian-destination";
    case DropReason::not_local:
      return "not-local";
    case DropReason::ttl_exceeded:
      return "ttl-exceeded";
    case DropReason::no_route:
      return "no-route";
    case DropReason::fragmentation_needed:
      return "fragmentation-needed";
    case DropReason::fragment_overlap:
      return "fragment-overlap";
    case DropReason::fragment_malformed:
      return "fragment-malformed";
    case DropReason::reassembly_timeout:
      return "reassembly-timeout";
    case DropReason::reassembly_limit:
      return "reassembly-limit";
    case DropReason::unknown_protocol:
      return "unknown-protocol";
    case DropReason::icmp_malformed:
      return "icmp-malformed";
    case DropReason::icmp_checksum:
      return "icmp-checksum";
    case DropReason::broadcast_not_allowed:
      return "broadcast-not-allowed";
    case DropReason::interface_down:
      return "interface-down";
    case DropReason::transport_truncated:
      return "transport-truncated";
    case DropReason::transport_checksum:
      return "transport-checksum";
    case DropReason::transport_malformed:
      return "transport-malformed";
    case DropReason::no_socket:
      return "no-socket";
    case DropReason::receive_buffer_full:
      return "receive-buffer-full";
    case DropReason::backlog_full:
      return "backlog-full";
    case DropReason::tcp_unacceptable:
      return "tcp-unacceptable";
    case DropReason::tcp_old_duplicate:
      return "tcp-old-duplicate";
    case DropReason::tcp_bad_ack:
      return "tcp-bad-ack";
    case DropReason::tcp_reset:
      return "tcp-reset";
    case DropReason::tcp_wrong_state:
      return "tcp-wrong-state";
    case DropReason::memory_limit:
      return "memory-limit";
  }
  return "?";
}

std::uint64_t DropCounters::total() const {
  return std::accumulate(counts_.begin(), counts_.end(), std::uint64_t{0});
}

}  // namespace strata
