// SPDX-License-Identifier: MIT
// The scenario language as a JSON Schema (draft 2020-12), for editors that complete and check YAML.
// Made from the table of keys and the programs' parameters. It knows the form of values, not
// whether names exist: that takes `strata check`.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace strata::scenario {

nlohmann::ordered_json json_schema();
// The same as the text of docs/scenario.schema.json.
std::string json_schema_text();

}  // namespace strata::scenario
