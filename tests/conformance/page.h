// SPDX-License-Identifier: MIT
// Requirements, code and tests brought together: what is wrong with the record, and the page
// docs/conformance.md.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/conformance/citations.h"
#include "tests/conformance/requirements.h"

namespace strata::conformance {

struct Record {
  std::vector<Requirement> requirements;
  std::map<std::string, std::string> exceptions;  // "RFC 9293 MUST-60" -> reason
  std::vector<std::string> open;                  // names; may only get shorter
  std::map<int, std::string> titles;              // of RFCs
  std::vector<Citation> code;
  std::vector<Citation> tests;
};

// One sentence per fault: a binding requirement with neither test nor exception, a test or
// exception for an id that does not exist, an exception that a test contradicts, an open id that is
// not.
std::vector<std::string> faults_of(const Record& record);

// Those of `record.open` that have neither a test nor an exception.
std::vector<std::string> still_open(const Record& record);

// The page in Markdown, links relative to docs/.
std::string render_page(const Record& record);

// The page without its line numbers: an edit that only moves lines does not make it stale.
std::string without_line_numbers(const std::string& page);

}  // namespace strata::conformance
