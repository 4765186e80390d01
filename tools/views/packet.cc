// SPDX-License-Identifier: MIT
#include "tools/views/packet.h"

#include <fmt/format.h>

#include "stack/physical/line_code.h"
#include "tools/views/boxes.h"
#include "tools/views/packet_image.h"

namespace strata::views {
namespace {

std::string rate_text(std::uint64_t bps) {
  if (bps == 0) return "infinitely fast";
  if (bps % 1'000'000'000 == 0) return fmt::format("{} Gbit/s", bps / 1'000'000'000);
  if (bps % 1'000'000 == 0) return fmt::format("{} Mbit/s", bps / 1'000'000);
  if (bps % 1'000 == 0) return fmt::format("{} kbit/s", bps / 1'000);
  return fmt::format("{} bit/s", bps);
}

// "#41  t=22 ms  client:eth0 → access  ".
Text title_of(const trace::Directory& names, const PacketImage& image) {
  Text title(fmt::format("#{}", raw(image.uid)), Role::heading);
  const std::string time = to_text(image.time);
  if (!image.hop) {
    title.add(fmt::format("  t={}  never left {}  ", time, names.node_name(image.origin)));
  } else if (image.as_received) {
    title.add(fmt::format("  t={}  {} → {}  ", time, names.link_name(image.hop->link),
                          names.interface_name(image.hop->to, image.hop->in_port)));
  } else {
    title.add(fmt::format("  t={}  {} → {}  ", time,
                          names.interface_name(image.hop->from, image.hop->out_port),
                          names.link_name(image.hop->link)));
  }
  return title.add(image.label.text, image.label.role);
}

Page draw(const trace::Recording& recording, const PacketImage& image,
          const PacketSelection& selection, const Options& options) {
  const trace::Directory& names = recording.directory();
  BoxesInput input;
  input.frame = image.octets;
  // A capture knows nothing of what was around the frame.
  input.on_link = image.hop.has_value() && !recording.is_inferred();
  input.dissection = image.dissection;
  input.title = title_of(names, image);
  input.flipped_bits = image.flipped_bits;
  input.collapsed = selection.collapsed;
  input.data_rows_max = selection.data_rows_max;
  const trace::LinkEntry* entry = image.hop ? names.link(image.hop->link) : nullptr;
  if (entry != nullptr) {
    input.rate_bps = entry->rate_bps;
    input.medium = rate_text(entry->rate_bps);
    if (entry->line_code) {
      input.medium += fmt::format(", {}", physical::to_text(*entry->line_code));
    }
  }
  Page page = boxes(input, options);
  if (const std::size_t left_out = recording.format_of(image.uid).bytes_left_out; left_out > 0) {
    page.line(fmt::format("{} bytes more were on the wire, but are not in the capture", left_out),
              Role::dim);
  }
  return page;
}

}  // namespace

Page packet(const trace::Recording& recording, const PacketSelection& selection,
            const Options& options) {
  const auto sent = packet_image(recording, selection.uid, selection.link);
  if (!sent) {
    Page page;
    page.line(sent.error(), Role::bad);
    return page;
  }
  const auto arrived = [&] {
    return draw(recording, received_image(recording, *sent), selection, options);
  };
  if (selection.as_received) return arrived();
  Page page = draw(recording, *sent, selection, options);
  if (!sent->hop || !sent->hop->is_damaged()) return page;
  const bool has_arrived = !sent->hop->received_frame.empty();
  page.wrap(Text(fmt::format("↯ {} {}; {}", recording.directory().link_name(sent->hop->link),
                             damage_text(*sent->hop),
                             has_arrived ? "as it arrived:" : "it never arrived"),
                 Role::damaged),
            options.width);
  if (has_arrived) page.append(arrived());
  return page;
}

}  // namespace strata::views
