// SPDX-License-Identifier: MIT
#include "stack/wire/dissect.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "stack/wire/dissector.h"
#include "stack/wire/registry.h"

namespace strata::wire {
namespace {

// Deeper than any honest frame (preamble, Ethernet, two tags, IPv4, ICMP, three quotes of IPv4 and
// ICMP); what is nested deeper is shown as data.
constexpr std::size_t kLayersMax = 20;

Protocol first_protocol(LinkType link_type, Bytes frame) {
  switch (link_type) {
    case LinkType::ethernet:
      return Protocol::ethernet;
    case LinkType::raw_ip:
      return !frame.empty() && frame[0] >> 4 == 6 ? Protocol::ipv6 : Protocol::ipv4;
    case LinkType::null:
    case LinkType::loopback:
      return Protocol::loopback;
    case LinkType::linux_cooked:
      return Protocol::linux_cooked;
    case LinkType::linux_cooked_v2:
      return Protocol::linux_cooked_v2;
    case LinkType::ethernet_physical:
      return Protocol::physical;
  }
  return Protocol::data;
}

// What is wrong with the frame, in brackets behind its line: "[fcs bad]".
std::string complaints(const Dissection& dissection) {
  std::string text;
  for (const DissectedLayer& layer : dissection.layers) {
    if (!layer.problem.empty()) {
      text += fmt::format(" [{}: {}]", to_text(layer.protocol), layer.problem);
    }
    for (const DissectedField& field : layer.fields) {
      const bool is_judged = field.status == FieldStatus::bad && field.note.starts_with("should");
      if (is_judged) text += fmt::format(" [{}: bad {}]", to_text(layer.protocol), field.name);
    }
  }
  return text;
}

}  // namespace

const DissectedLayer* Dissection::find(Protocol protocol) const {
  const auto found = std::ranges::find(layers, protocol, &DissectedLayer::protocol);
  return found == layers.end() ? nullptr : &*found;
}

Dissection dissect(Bytes frame, const DissectOptions& options) {
  Dissection dissection;
  DissectContext context{.frame = frame,
                         .out = dissection,
                         .has_fcs = options.has_fcs && options.bytes_left_out == 0 &&
                                    (options.link_type == LinkType::ethernet ||
                                     options.link_type == LinkType::ethernet_physical),
                         .bytes_left_out = options.bytes_left_out,
                         .network = {},
                         .trailers = {}};
  Inner next{first_protocol(options.link_type, frame), {0, frame.size()}};
  while (next.range.size() > 0) {
    if (dissection.layers.size() >= kLayersMax) next.protocol = Protocol::data;
    next = entry_of(next.protocol).dissect(context, next.range);
  }
  // Trailers were found on the way in (FCS first); on the wire the innermost comes first.
  std::ranges::reverse(context.trailers);
  std::ranges::move(context.trailers, std::back_inserter(dissection.layers));
  if (dissection.line.empty()) dissection.line = fmt::format("{} bytes", frame.size());
  dissection.line += complaints(dissection);
  return dissection;
}

}  // namespace strata::wire
