// SPDX-License-Identifier: MIT
// The way of a packet as far as a capture knows it: the interfaces that saw it.
#pragma once

#include "sim/inference/capture_recording.h"
#include "tools/views/text.h"

namespace strata::cli {

views::Page capture_path(const inference::CaptureRecording& capture, PacketUid uid,
                         const views::Options& options);

}  // namespace strata::cli
