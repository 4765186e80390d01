// SPDX-License-Identifier: MIT
// Document -> Model. Every mistake of the file is collected, not only the first; what can still be
// read is read, so that one run of `strata check` tells all there is to mend.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "sim/scenario/document.h"
#include "sim/scenario/model.h"
#include "sim/scenario/reader.h"

namespace strata::scenario {

// The model as far as it could be read; it may be built only if `diagnostics` has no errors.
Model parse_model(const Document& document, Diagnostics& diagnostics);

// Parts of parse_model(), one file each.
NodeModel parse_node(const Entry& entry, Diagnostics& diagnostics);
// Devices at its ends are appended to `nodes`.
LinkModel parse_link(const Entry& entry, std::vector<NodeModel>& nodes, Diagnostics& diagnostics);
std::optional<sim::ImpairmentModel> parse_impairment_model(MapReader& reader,
                                                           Diagnostics& diagnostics);
ProcessModel parse_process(const Value& value, Diagnostics& diagnostics);
void parse_calls(MapReader& reader, ProcessModel& process, Diagnostics& diagnostics);

// "server:5000": the node and the port; nullopt when it is not of this form.
struct TargetText {
  std::string node;
  std::optional<std::uint16_t> port;
};
std::optional<TargetText> split_target(std::string_view text);

// The transmit queue of a link, whose map `link` reads (parse_link_queue.cc).
sim::QueueConfig parse_link_queue(MapReader& link, Diagnostics& diagnostics);

}  // namespace strata::scenario
