// SPDX-License-Identifier: MIT
#include "tools/strata/capture_path.h"

#include <fmt/format.h>

#include <vector>

#include "stack/wire/datagram.h"
#include "tools/views/label.h"
#include "tools/views/table.h"

namespace strata::cli {
namespace {

using views::Page;
using views::Role;
using views::Text;

// Every packet that is this one, in the order of the file.
std::vector<PacketUid> sightings_of(const inference::CaptureRecording& capture, PacketUid uid) {
  const auto known = capture.seen_again.find(uid);
  const PacketUid first = known == capture.seen_again.end() ? uid : known->second;
  std::vector<PacketUid> sightings{first};
  for (const auto& [again, of] : capture.seen_again) {
    if (of == first) sightings.push_back(again);
  }
  return sightings;
}

// When and where a packet was captured; null when nothing was.
const Event* capture_of(const trace::Recording& recording, PacketUid uid) {
  for (const trace::EventIndex index : recording.of_packet(uid)) {
    const Event& event = recording.event(index);
    if (std::holds_alternative<FrameSent>(event.body)) return &event;
  }
  return nullptr;
}

// The TTL or hop limit, and the addresses of the link header.
std::string ttl_of(const FrameSent& sent, const wire::DissectOptions& format) {
  const auto header = wire::link_header_of(sent.frame, format.link_type);
  if (!header) return "";
  const Bytes inside = sent.frame.subspan(header->bytes);
  constexpr std::size_t kTtl = 8;       // RFC 791 3.1
  constexpr std::size_t kHopLimit = 7;  // RFC 8200 3
  if (header->type == EtherType::ipv4 && inside.size() > kTtl) return std::to_string(inside[kTtl]);
  if (header->type == EtherType::ipv6 && inside.size() > kHopLimit) {
    return std::to_string(inside[kHopLimit]);
  }
  return "";
}

std::string stations_of(const FrameSent& sent, const wire::DissectOptions& format) {
  const auto header = wire::link_header_of(sent.frame, format.link_type);
  if (!header || header->source.is_zero()) return "";
  if (header->destination.is_zero()) return "from " + to_text(header->source);
  return fmt::format("{} > {}", to_text(header->source), to_text(header->destination));
}

}  // namespace

Page capture_path(const inference::CaptureRecording& capture, PacketUid uid,
                  const views::Options& options) {
  const trace::Recording& recording = capture.recording;
  Page page;
  const views::Label label = views::Labeller(recording).label(uid);
  Text title(fmt::format("#{}  ", raw(uid)), Role::heading);
  page.wrap(title.add(views::printable(label.text), label.role), options.width);
  views::Table table({{"packet", true},
                      {"time", true},
                      {"after", true},
                      {"interface"},
                      {"TTL", true},
                      {"octets", true},
                      {"stations", false, 80}});
  const std::vector<PacketUid> sightings = sightings_of(capture, uid);
  Instant before = kStart;
  for (const PacketUid sighting : sightings) {
    const Event* event = capture_of(recording, sighting);
    if (event == nullptr) continue;
    const auto& sent = std::get<FrameSent>(event->body);
    const wire::DissectOptions format = recording.format_of(sighting);
    const bool is_first = sighting == sightings.front();
    table.row({{fmt::format("#{}", raw(sighting))},
               {to_text(event->time)},
               {is_first ? "" : to_text(event->time - before)},
               {views::printable(recording.directory().link_name(sent.link))},
               {ttl_of(sent, format)},
               {std::to_string(sent.frame.size() + format.bytes_left_out)},
               {stations_of(sent, format)}});
    before = event->time;
  }
  table.write(page, options);
  const std::string end =
      capture.interfaces.size() > 1
          ? "What the layers between these places did is not captured."
          : "A capture of one interface shows one place on the way; 'mergecap -w all.pcapng "
            "FILE FILE' makes one of several.";
  for (const std::string& line : views::wrap(end, options.width)) page.line(line, Role::dim);
  return page;
}

}  // namespace strata::cli
