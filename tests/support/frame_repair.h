// SPDX-License-Identifier: MIT
// Makes damaged frames look sound again, from the inside out: transport checksum, IP header
// checksum, FCS. Tests that feed hosts with bad bytes use it to get past the layers that would
// notice, so that the code behind them is reached.
#pragma once

#include "stack/base/bytes.h"

namespace strata::test {

// `frame` is Ethernet header to FCS. Recomputes what can be: only the FCS for other EtherTypes and
// headers that make no sense. The offsets come from the RFCs, not from the code under test.
void repair_frame(MutableBytes frame);
// Only the frame check sequence.
void repair_fcs(MutableBytes frame);

}  // namespace strata::test
