// SPDX-License-Identifier: MIT
#include "sim/trace/words.h"

#include <fmt/format.h>

#include <array>

#include "stack/base/drop_reason.h"

namespace strata {
namespace {

struct Why {
  DropReason reason;
  std::string_view words;
};
// In the order of the enumeration (checked below).
constexpr std::array kWhys{
    Why{DropReason::loss, "lost at random"},
    Why{DropReason::burst_loss, "lost in a burst"},
    Why{DropReason::chosen, "dropped by the scenario"},
    Why{DropReason::link_down, "link is down"},
    Why{DropReason::queue_full, "queue is full"},
    Why{DropReason::queue_managed, "dropped early by the management of the queue"},
    Why{DropReason::fcs_error, "damaged: FCS does not match"},
    Why{DropReason::symbol_error, "damaged: impossible symbol in the line code"},
    Why{DropReason::frame_too_short, "frame is too short"},
    Why{DropReason::frame_too_long, "frame is too long"},
    Why{DropReason::not_for_me, "addressed to another station"},
    Why{DropReason::unknown_ethertype, "unknown EtherType"},
    Why{DropReason::vlan_mismatch, "VLAN is not one of this port"},
    Why{DropReason::same_port, "receiver is on the side it came from"},
    Why{DropReason::arp_malformed, "not valid ARP"},
    Why{DropReason::neighbour_queue_full, "too many wait for this MAC address"},
    Why{DropReason::neighbour_unreachable, "nobody answers for the next hop"},
    Why{DropReason::header_truncated, "shorter than its IP header"},
    Why{DropReason::bad_version, "IP version is not 4"},
    Why{DropReason::bad_header_length, "impossible IP header length"},
    Why{DropReason::bad_total_length, "impossible IP total length"},
    Why{DropReason::header_checksum, "IP checksum is wrong"},
    Why{DropReason::bad_option, "IP option is malformed"},
    Why{DropReason::martian_source, "impossible source address"},
    Why{DropReason::martian_destination, "impossible destination address"},
    Why{DropReason::not_local, "meant for another host"},
    Why{DropReason::ttl_exceeded, "TTL has run out"},
    Why{DropReason::no_route, "no route to its destination"},
    Why{DropReason::fragmentation_needed, "too big for the next link and must not be cut"},
    Why{DropReason::fragment_overlap, "fragment overlaps another one"},
    Why{DropReason::fragment_malformed, "fragment is malformed"},
    Why{DropReason::reassembly_timeout, "other fragments did not come in time"},
    Why{DropReason::reassembly_limit, "too many fragments wait for others"},
    Why{DropReason::unknown_protocol, "unknown IP protocol"},
    Why{DropReason::icmp_malformed, "not valid ICMP"},
    Why{DropReason::icmp_checksum, "ICMP checksum is wrong"},
    Why{DropReason::broadcast_not_allowed, "broadcast is not allowed for this"},
    Why{DropReason::interface_down, "interface is down"},
    Why{DropReason::transport_truncated, "shorter than its TCP or UDP header"},
    Why{DropReason::transport_checksum, "TCP or UDP checksum is wrong"},
    Why{DropReason::transport_malformed, "TCP or UDP header is malformed"},
    Why{DropReason::no_socket, "no socket for it"},
    Why{DropReason::receive_buffer_full, "receive buffer is full"},
    Why{DropReason::backlog_full, "too many connections wait to be accepted"},
    Why{DropReason::tcp_unacceptable, "outside the window"},
    Why{DropReason::tcp_old_duplicate, "nothing new in it"},
    Why{DropReason::tcp_old_timestamp, "timestamp is too old"},
    Why{DropReason::tcp_no_timestamp, "timestamp is missing"},
    Why{DropReason::tcp_bad_signature, "signature is wrong or missing"},
    Why{DropReason::tcp_bad_ack, "acknowledges what was not sent"},
    Why{DropReason::tcp_reset, "reset that is not obeyed or ends the connection"},
    Why{DropReason::tcp_wrong_state, "not allowed in this TCP state"},
    Why{DropReason::memory_limit, "no memory for it"},
};

constexpr bool whys_are_in_order() {
  for (std::size_t i = 0; i < kWhys.size(); ++i) {
    if (static_cast<std::size_t>(kWhys[i].reason) != i) return false;
  }
  return kWhys.size() == kDropReasons;
}
static_assert(whys_are_in_order());

}  // namespace

std::string_view to_text(FrameError error) {
  switch (error) {
    case FrameError::none:
      return "none";
    case FrameError::crc:
      return "crc";
    case FrameError::symbol:
      return "symbol";
    case FrameError::too_short:
      return "too-short";
    case FrameError::too_long:
      return "too-long";
  }
  return "?";
}

std::string_view to_text(DemuxOutcome outcome) {
  switch (outcome) {
    case DemuxOutcome::hit:
      return "hit";
    case DemuxOutcome::miss:
      return "miss";
    case DemuxOutcome::not_tried:
      return "not tried";
  }
  return "?";
}

std::string_view to_text(Parentage parentage) {
  switch (parentage) {
    case Parentage::none:
      return "none";
    case Parentage::retransmission:
      return "retransmission";
    case Parentage::fragment:
      return "fragment";
    case Parentage::reassembly:
      return "reassembly";
    case Parentage::reply:
      return "reply";
    case Parentage::duplicate:
      return "duplicate";
  }
  return "?";
}

std::string_view words_of(DropReason reason) {
  const auto index = static_cast<std::size_t>(reason);
  return index < kWhys.size() ? kWhys[index].words : "?";
}

std::string decision_text(const std::optional<DecisionDetail>& decision) {
  if (!decision) return {};
  if (decision->stream.empty()) return decision->model;
  return fmt::format("{} p={:.6g} draw={:.6g}", decision->model, decision->probability,
                     decision->draw);
}

std::string decision_in_brackets(const std::optional<DecisionDetail>& decision) {
  if (!decision) return {};
  const std::string draw =
      decision->stream.empty()
          ? std::string{}
          : fmt::format(", number {} of {}", decision->index, decision->stream);
  return fmt::format(" ({}{})", decision_text(decision), draw);
}

}  // namespace strata
