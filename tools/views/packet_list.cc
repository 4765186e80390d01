// SPDX-License-Identifier: MIT
#include "tools/views/packet_list.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/trace/words.h"
#include "stack/wire/dissect.h"
#include "tools/views/label.h"

namespace strata::views {
namespace {

using trace::Recording;

std::string repetition_text(const TcpSegmentSent& sent, bool is_inferred) {
  if (sent.kind == SegmentKind::probe) {
    return sent.cause == RetransmitCause::none ? "keep-alive" : "window probe";
  }
  if (sent.kind != SegmentKind::retransmission) return {};
  std::string text = "retransmission";
  if (sent.first_sent_as != kNoPacket) text += fmt::format(" of #{}", raw(sent.first_sent_as));
  if (is_inferred) text += ", inferred";
  if (sent.cause != RetransmitCause::none) {
    text += fmt::format("{} {}", is_inferred ? ":" : ",", to_text(sent.cause));
  }
  return text;
}

bool is_bad(const wire::Dissection& dissection) {
  for (const wire::DissectedLayer& layer : dissection.layers) {
    if (!layer.problem.empty()) return true;
  }
  return false;
}

// Which interface saw it, where several did.
std::string_view place_of(const Recording& recording, PacketUid uid) {
  for (const trace::EventIndex index : recording.of_packet(uid)) {
    if (const auto* sent = std::get_if<FrameSent>(&recording.event(index).body)) {
      return recording.directory().link_name(sent->link);
    }
  }
  return {};
}

bool has_several_places(const Recording& recording) {
  const std::vector<trace::LinkEntry>& links = recording.directory().links;
  for (const trace::LinkEntry& link : links) {
    if (link.name != links.front().name) return true;
  }
  return false;
}

}  // namespace

std::vector<std::string> remarks_on(const Recording& recording, PacketUid uid) {
  std::vector<std::string> remarks;
  for (const trace::EventIndex index : recording.of_packet(uid)) {
    const EventBody& body = recording.event(index).body;
    if (const auto* sent = std::get_if<TcpSegmentSent>(&body)) {
      auto text = repetition_text(*sent, recording.is_inferred());
      if (!text.empty()) remarks.push_back(std::move(text));
    } else if (const auto* delayed = std::get_if<FrameDelayed>(&body)) {
      if (delayed->reordered) remarks.emplace_back("reordered");
    } else if (const auto* received = std::get_if<TcpSegmentReceived>(&body)) {
      if (received->duplicate_acks > 0) {
        remarks.push_back(fmt::format("dup ack {}", received->duplicate_acks));
      }
      if (received->verdict == SegmentVerdict::out_of_order) {
        remarks.emplace_back("earlier data missing");
      } else if (received->verdict == SegmentVerdict::duplicate) {
        remarks.emplace_back("already acknowledged");
      }
    } else if (const auto* dropped = std::get_if<Dropped>(&body)) {
      remarks.push_back(fmt::format("dropped: {}", words_of(dropped->reason)));
    }
  }
  return remarks;
}

Page packet_list(const Recording& recording, const PacketListSelection& selection,
                 const Options& options) {
  Page page;
  const bool tells_place = has_several_places(recording);
  for (std::uint64_t number = 1; number <= raw(recording.last_uid()); ++number) {
    const PacketUid uid{number};
    const PacketOctets packet = octets_of(recording, uid);
    // A capture holds frames only, even such of which it holds nothing.
    const bool is_frame = !packet.octets.empty() && packet.outermost == Protocol::ethernet;
    if (!is_frame && !recording.is_inferred()) continue;
    if (selection.flow && recording.packet(uid).flow != *selection.flow) continue;
    const Instant time = recording.event(recording.of_packet(uid).front()).time;
    if (time < selection.from || time > selection.until) continue;
    const wire::Dissection dissection = wire::dissect(packet.octets, packet.format);
    Text line(fmt::format("{:>6}  ", fmt::format("#{}", number)), Role::dim);
    const auto us = (time - kStart).count() / 1000;
    line.add(fmt::format("{:>5}.{:06}  ", us / 1'000'000, us % 1'000'000));
    if (tells_place) line.add(fmt::format("{:<10} ", place_of(recording, uid)));
    line.add(printable(dissection.line), is_bad(dissection) ? Role::bad : Role::plain);
    const std::vector<std::string> remarks = remarks_on(recording, uid);
    if (!remarks.empty()) {
      line.add(fmt::format("  [{}]", fmt::join(remarks, "; ")), Role::retransmission);
    }
    page.wrap(line, options.width, 8);
  }
  if (page.lines().empty()) page.line("no packets", Role::dim);
  return page;
}

}  // namespace strata::views
