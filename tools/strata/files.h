// SPDX-License-Identifier: MIT
// Where scenarios are found.
#pragma once

#include <string>
#include <vector>

namespace strata::cli {

// A folder's *.yaml files, at any depth, in order of their names; anything else is itself.
std::vector<std::string> scenario_files(const std::string& path);
// The same with the packetdrill scripts (*.pkt).
std::vector<std::string> test_files(const std::string& path);
bool is_packetdrill_script(const std::string& path);

// The folder of the scenarios that come with Strata: $STRATA_SCENARIOS, else ./scenarios, else
// where the sources were built; empty when there is none.
std::string scenario_folder();

}  // namespace strata::cli
