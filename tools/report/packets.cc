// SPDX-License-Identifier: MIT
#include "tools/report/packets.h"

#include <algorithm>
#include <vector>

#include "sim/trace/words.h"
#include "tools/views/ladder_rows.h"
#include "tools/views/packet_image.h"

namespace strata::report {
namespace {

using views::Role;

std::string_view role_text(Role role) {
  switch (role) {
    case Role::data:
      return "data";
    case Role::acknowledgement:
      return "acknowledgement";
    case Role::retransmission:
      return "retransmission";
    case Role::link:
      return "link";
    case Role::network:
      return "network";
    case Role::transport:
      return "transport";
    case Role::damaged:
      return "damaged";
    case Role::bad:
      return "bad";
    default:
      return "plain";
  }
}

}  // namespace

Packets::Packets(const trace::Recording& recording, const analysis::HopList& list, Strings& strings)
    : recording_(recording), strings_(strings), labeller_(recording), images_(strings) {
  add_rows(list);
  for (const analysis::Hop& hop : list.hops) {
    auto row = rows_.find(hop.uid);
    // A copy that was delivered has no row of its own in the ladder: it is on its original's.
    if (row == rows_.end()) row = rows_.find(recording_.packet(hop.uid).parent);
    if (row != rows_.end()) add_hop(hop, row->second);
  }
}

void Packets::add_rows(const analysis::HopList& list) {
  views::LadderSelection selection;
  selection.until = list.until;
  std::vector<views::LadderRow> rows = views::ladder_rows(recording_, selection);
  std::stable_sort(
      rows.begin(), rows.end(),
      [](const views::LadderRow& a, const views::LadderRow& b) { return a.sent < b.sent; });
  for (const views::LadderRow& row : rows) {
    const trace::PacketRecord record = recording_.packet(row.uid);
    const TcpSegmentSent* segment = nullptr;
    for (const trace::EventIndex index : recording_.of_packet(row.uid)) {
      const auto* sent = std::get_if<TcpSegmentSent>(&recording_.event(index).body);
      if (sent != nullptr) segment = sent;
    }
    const bool is_again = segment != nullptr && segment->cause != RetransmitCause::none;
    rows_.emplace(row.uid, static_cast<std::int64_t>(packets_.count()));
    packets_.add({number(row.uid), number(record.parent),
                  record.parentage == Parentage::none ? 0 : strings_.id(to_text(record.parentage)),
                  std::int64_t{record.flow}, number(row.from), number(row.to), number(row.sent),
                  number(row.arrived), number(row.reached), strings_.id(row.label.text),
                  strings_.id(role_text(row.label.role)), strings_.id(row.fate),
                  row.end ? strings_.id(to_text(row.end->reason)) : 0, row.damaged ? 1 : 0,
                  number(std::uint64_t{row.branches}),
                  segment == nullptr ? 0 : strings_.id(to_text(segment->kind)),
                  is_again ? strings_.id(to_text(segment->cause)) : 0,
                  segment == nullptr ? 0 : number(segment->first_sent_as),
                  segment == nullptr ? 0 : number(segment->because_of)});
  }
}

void Packets::add_hop(const analysis::Hop& hop, std::int64_t row) {
  for (const std::uint32_t bit : hop.flipped_bits) {
    flips_.add({static_cast<std::int64_t>(hops_.count()), std::int64_t{bit}});
  }
  const std::int64_t image = image_of(hop.uid, hop.sent_frame);
  hops_.add({row,
             number(hop.link),
             number(hop.from),
             number(hop.out_port),
             number(hop.to),
             number(hop.in_port),
             number(hop.queued),
             std::int64_t{hop.queued_frames},
             number(hop.sent),
             number(hop.last_bit_out),
             number(hop.last_bit_in),
             number(hop.received),
             number(std::uint64_t{hop.sent_frame.size()}),
             image,
             hop.received ? image_of(hop.uid, hop.received_frame) : kNone,
             hop.error == FrameError::none ? 0 : strings_.id(to_text(hop.error)),
             hop.dropped ? strings_.id(to_text(*hop.dropped)) : 0,
             strings_.id(decision_text(hop.decision)),
             number(hop.delayed_by),
             hop.is_reordered ? 1 : 0,
             hop.is_marked ? 1 : 0,
             hop.cut_to ? std::int64_t{*hop.cut_to} : kNone});
}

std::int64_t Packets::image_of(PacketUid uid, Bytes octets) {
  const std::int64_t known = images_.find(octets);
  if (known != kNone) return known;
  return images_.add(octets, views::dissect_frame(recording_, labeller_, uid, octets));
}

void Packets::read(const Event& event) {
  const auto* dropped = std::get_if<Dropped>(&event.body);
  if (dropped == nullptr) return;
  drops_.add({number(event.time), number(event.node), strings_.id(to_text(dropped->layer)),
              strings_.id(to_text(dropped->reason)), number(event.uid), number(dropped->link),
              number(dropped->port), strings_.id(decision_text(dropped->decision))});
}

std::map<std::string, std::string> Packets::tables() const {
  return {{"packets", packets_.json()},
          {"hops", hops_.json()},
          {"drops", drops_.json()},
          {"flips", flips_.json()},
          {"images", images_.table().json()}};
}

}  // namespace strata::report
