// SPDX-License-Identifier: MIT
#include "sim/scenario/replays.h"

#include <filesystem>
#include <memory>
#include <utility>

#include "sim/device/replay_file.h"

namespace strata::scenario {

void read_replays(Model& model, const std::string& file, Diagnostics& diagnostics) {
  const std::filesystem::path folder = std::filesystem::path(file).parent_path();
  for (NodeModel& node : model.nodes) {
    if (node.kind != NodeKind::device || node.device.kind != DeviceModel::Kind::capture) continue;
    auto frames =
        device::read_replay((folder / node.device.capture).string(),
                            {.interface = node.device.interface, .filter = node.device.filter});
    if (!frames) {
      diagnostics.error(node.device.capture_at, std::move(frames.error()));
      continue;
    }
    node.device.frames = std::make_shared<const sim::CapturedFrames>(std::move(*frames));
  }
}

}  // namespace strata::scenario
