// SPDX-License-Identifier: MIT
// The way of one packet: a column per device with the layers it touched, what each layer did, and
// the link between. Where the columns do not fit, the devices stand below each other.
#pragma once

#include "sim/trace/recording.h"
#include "tools/views/text.h"

namespace strata::views {

Page path(const trace::Recording& recording, PacketUid uid, const Options& options);

}  // namespace strata::views
