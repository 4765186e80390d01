// SPDX-License-Identifier: MIT
// A capture at a glance: where and when it was made, what is in it, who talked with whom.
#pragma once

#include "sim/inference/capture_recording.h"
#include "tools/views/text.h"

namespace strata::cli {

views::Page capture_summary(const inference::CaptureRecording& capture,
                            const views::Options& options);

}  // namespace strata::cli
