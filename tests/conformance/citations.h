// SPDX-License-Identifier: MIT
// Where code and tests cite RFCs. Code says `// RFC 9293 3.10.7.4 (MUST-58): ...` at the line that
// implements; a test says `// verifies RFC 9293 MUST-58` above or inside what verifies it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace strata::conformance {

// One place in one RFC: a section ("3.10.7.4", "3.2.1.8c"), a label ("MUST-58") or a row of RFC
// 1122
// ("3.2.1.3-2").
struct Reference {
  int rfc = 0;
  std::string place;
  bool operator==(const Reference&) const = default;
};

// The references of one comment. After "RFC n" come places, until a colon followed by a blank: what
// stands behind it is wording. "RFC 791 3.1, 3.2" are two.
std::vector<Reference> parse_references(std::string_view text);

struct Citation {
  Reference reference;
  std::string path;
  int line = 0;      // 1-based
  std::string test;  // "Suite.Name", "folder/script.pkt"; empty: code, or a file as a whole
};

// Every citation in the comments of a source file of the stack, the simulator or the tools.
std::vector<Citation> cited_in_code(std::string_view path, std::string_view text);
// Every "verifies RFC ..." of a test, with the name of the test it stands in or directly above. A
// packetdrill script is one test. In a scenario a '#' starts the comment and the file is the test.
std::vector<Citation> verified_in(std::string_view path, std::string_view text);

}  // namespace strata::conformance
