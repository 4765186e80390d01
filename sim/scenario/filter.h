// SPDX-License-Identifier: MIT
// Pcap filters with node names. libpcap would ask the Domain Name System for a host name, and the
// outcome would depend on where a run takes place; here the scenario's own names stand for their
// addresses and nothing is ever looked up.
#pragma once

#include <string>

#include "sim/scenario/model.h"

namespace strata::scenario {

// `filter` with each node name behind host, src or dst replaced by the node's address (all of them
// where it has several), and behind "ether host" and the like by its MAC address. A word that is no
// name of a node is a mistake.
Parsed<std::string> resolve_names(const Model& model, const std::string& filter);

}  // namespace strata::scenario
