// SPDX-License-Identifier: MIT
// The tables of docs/scenario-language.md, made from the tables the program itself works by.
#pragma once

#include <string>

namespace strata::scenario {

// Markdown: the keys of every section, the programs with their parameters, the figures.
std::string reference_tables();

}  // namespace strata::scenario
