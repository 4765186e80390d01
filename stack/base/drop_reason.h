// SPDX-License-Identifier: MIT
// Why a packet ended before its destination. Bytes from the wire never throw and never crash: they
// end here, counted and traced.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace strata {

enum class DropReason : std::uint8_t {
  // the medium (decided by the link model)
  loss,
  burst_loss,
  chosen,  // "drop: 3rd" and the like
  link_down,
  queue_full,
  queue_managed,  // singled out by active queue management before the queue was full
  // physical layer
  fcs_error,
  symbol_error,  // the line code found an impossible symbol
  frame_too_short,
  frame_too_long,
  // link layer
  not_for_me,  // destination MAC filter
  unknown_ethertype,
  vlan_mismatch,
  same_port,  // the switch's destination lies behind the port the frame came from
  arp_malformed,
  neighbour_queue_full,
  neighbour_unreachable,
  // network layer
  header_truncated,
  bad_version,
  bad_header_length,
  bad_total_length,
  header_checksum,
  bad_option,
  martian_source,
  martian_destination,
  not_local,  // not our address and we do not forward
  ttl_exceeded,
  no_route,
  fragmentation_needed,
  fragment_overlap,
  fragment_malformed,
  reassembly_timeout,
  reassembly_limit,
  unknown_protocol,
  icmp_malformed,
  icmp_checksum,
  broadcast_not_allowed,
  interface_down,
  // transport layer
  transport_truncated,
  transport_checksum,
  transport_malformed,
  no_socket,
  receive_buffer_full,
  backlog_full,
  tcp_unacceptable,   // outside the window (RFC 9293 3.10.7.4 first)
  tcp_old_duplicate,  // nothing new in it
  tcp_old_timestamp,  // PAWS (RFC 7323 5.3)
  tcp_no_timestamp,   // the option was agreed on and is missing (RFC 7323 3.2)
  tcp_bad_signature,  // the MD5 signature is wrong or missing (RFC 2385)
  tcp_bad_ack,
  tcp_reset,        // a RST that was ignored or that ended the connection
  tcp_wrong_state,  // no rule accepts it in this state
  memory_limit,
};

inline constexpr std::size_t kDropReasons = static_cast<std::size_t>(DropReason::memory_limit) + 1;

// Short kebab-case name, stable: it appears in JSON, capture comments and expectations.
std::string_view to_text(DropReason reason);

// Counts drops by reason.
class DropCounters {
 public:
  void add(DropReason reason) { ++counts_[static_cast<std::size_t>(reason)]; }
  // Adds everything another one has counted.
  void add(const DropCounters& other) {
    for (std::size_t i = 0; i < kDropReasons; ++i) counts_[i] += other.counts_[i];
  }
  std::uint64_t count(DropReason reason) const { return counts_[static_cast<std::size_t>(reason)]; }
  std::uint64_t total() const;

 private:
  std::array<std::uint64_t, kDropReasons> counts_{};
};

}  // namespace strata
