// SPDX-License-Identifier: MIT
// The options of a TCP segment: <mss 1460,sackOK,TS val 1 ecr 0,nop,wscale 7>.
#pragma once

#include "sim/packetdrill/reader.h"

namespace strata::packetdrill {

// '<' is next. False after a problem.
bool parse_tcp_options(Reader& reader, Direction direction, TcpSpec& tcp);

}  // namespace strata::packetdrill
