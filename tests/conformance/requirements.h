// SPDX-License-Identifier: MIT
// What the RFCs require, as listed in docs/conformance/: the labelled requirements of RFC 9293, the
// rows of the summaries of RFC 1122, the exceptions with their reasons, and what is still open.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace strata::conformance {

struct Requirement {
  int rfc = 0;
  std::string id;       // "MUST-58", or for RFC 1122 section and place: "3.2.1.3-2"
  std::string level;    // "MUST", "SHOULD NOT", ...
  std::string section;  // "3.10.7.4"
  std::string text;

  // A MUST or SHOULD, positive or negative: it needs a test or an exception.
  bool is_binding() const { return level.find("MUST") == 0 || level.find("SHOULD") == 0; }
  std::string name() const;  // "RFC 9293 MUST-58"
};

// Lines "label | level | section | text"; '#' starts a comment line. Malformed lines yield an empty
// level, which the test of the data files reports.
std::vector<Requirement> parse_rfc9293(std::string_view text);
// Lines "section-place | level | text".
std::vector<Requirement> parse_rfc1122(std::string_view text);

// Lines "RFC n id | reason", continued on lines that begin with blanks: name -> reason.
std::map<std::string, std::string> parse_exceptions(std::string_view text);
// Lines "RFC n id".
std::vector<std::string> parse_names(std::string_view text);
// Lines "number | title".
std::map<int, std::string> parse_titles(std::string_view text);

}  // namespace strata::conformance
