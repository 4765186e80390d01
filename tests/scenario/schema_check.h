// SPDX-License-Identifier: MIT
// A small validator for the part of JSON Schema our own schemas use, so that the tests need no
// other program: type, properties, required, additionalProperties, propertyNames, items, minItems,
// maxItems, enum, const, pattern, minimum, maximum, anyOf, oneOf and local $ref. A keyword it does
// not know is an error, not ignored.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace strata::testing_support {

// Where and why `value` is not what `schema` describes; empty: it is. `root` resolves references.
std::vector<std::string> check_schema(const nlohmann::ordered_json& root,
                                      const nlohmann::ordered_json& value);

}  // namespace strata::testing_support
