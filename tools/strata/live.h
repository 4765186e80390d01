// SPDX-License-Identifier: MIT
// A run in real time over the devices that a scenario names: opening them, giving up the privileges
// that took, and driving the world.
#pragma once

#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "sim/device/frame_device.h"
#include "sim/device/live_loop.h"
#include "sim/device/output_file.h"
#include "sim/device/restore_on_exit.h"
#include "sim/scenario/run.h"
#include "tools/views/text.h"

namespace strata::cli {

class LiveRun {
 public:
  // Opens the devices of `model`, then drops privileges. A sentence when that fails.
  static tl::expected<LiveRun, std::string> open(const scenario::Model& model);

  // Writes what comes in to `file`, from the beginning of the run. Call before drive().
  void record_to(device::OutputFile file, const scenario::Scenario::Source& source);
  // Makes the world follow the clock. It must be the world of the model, and outlive this.
  scenario::Drive drive();
  // The orderly end, after the run: processes end, connections close; see LiveLoop::close().
  void close();
  // What failed during the run, a device or the recording: a sentence; empty: nothing did.
  std::string problem() const;
  // Frames in and out, and how late events were; quiet: only what went wrong.
  views::Page report(bool is_quiet) const;
  nlohmann::ordered_json figures() const;  // the same for programs (docs/run-json.md, `live`)

 private:
  // How long connections may take to close at the end.
  static constexpr Duration kPatience = 2s;

  class Opener;
  struct Opened {
    std::string node;
    std::unique_ptr<device::FrameDevice> device;
  };
  struct State {                    // shared with drive(): it must stay where it is
    device::RestoreOnExit restore;  // first: when the devices are closed
    std::vector<Opened> devices;
    std::unique_ptr<sim::LiveRecorder> recorder;  // null: nothing is recorded
    std::optional<device::OutputFile> recording;
    std::optional<device::FileError> recording_error;
    std::unique_ptr<device::LiveLoop> loop;
  };

  explicit LiveRun(std::unique_ptr<State> state) : state_(std::move(state)) {}

  std::unique_ptr<State> state_;
};

// Whether the scenario runs in virtual time; complains when it is attached to devices.
bool is_simulation(const scenario::Scenario& scenario, const std::string& file);

// The nodes that stand for interfaces of the operating system, in the order of the model.
std::vector<const scenario::NodeModel*> devices_of(const scenario::Model& model);

}  // namespace strata::cli
