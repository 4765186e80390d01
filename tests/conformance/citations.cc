// SPDX-License-Identifier: MIT
#include "tests/conformance/citations.h"

#include <regex>

#include "tests/support/command.h"

namespace strata::conformance {
namespace {

using Lines = std::vector<std::string>;

// A comment that ends in a comma goes on in the next line.
std::string comment_at(const Lines& lines, std::size_t index, std::string_view mark) {
  const std::size_t at = lines[index].find(mark);
  if (at == std::string::npos) return {};
  std::string comment = lines[index].substr(at + mark.size());
  while (comment.ends_with(',') && index + 1 < lines.size()) {
    const std::size_t next = lines[++index].find(mark);
    if (next == std::string::npos) break;
    comment += lines[index].substr(next + mark.size());
  }
  return comment;
}

bool begins_test(const std::string& line) {
  return line.starts_with("TEST(") || line.starts_with("TEST_F(") || line.starts_with("TEST_P(");
}

// "Suite.Name" of the test that begins at `index`.
std::string test_name(const Lines& lines, std::size_t index) {
  std::string head = lines[index];
  if (head.find(')') == std::string::npos && index + 1 < lines.size()) head += lines[index + 1];
  static const std::regex kHead(R"(TEST\w*\((\w+),\s*(\w+)\))");
  std::smatch match;
  return std::regex_search(head, match, kHead) ? match[1].str() + "." + match[2].str() : "";
}

// The test a comment at `index` speaks of: at the margin the one directly below, else the one
// around.
std::string test_around(const Lines& lines, std::size_t index) {
  if (lines[index].starts_with("//")) {
    std::size_t below = index;
    while (below < lines.size() && lines[below].starts_with("//")) ++below;
    return below < lines.size() && begins_test(lines[below]) ? test_name(lines, below) : "";
  }
  for (std::size_t above = index + 1; above-- > 0;) {
    if (begins_test(lines[above])) return test_name(lines, above);
    if (lines[above].starts_with('}')) return {};
  }
  return {};
}

// "state/listen/syn.pkt": a script is one test, named by its file below tests/conversation.
std::string script_name(std::string_view path) {
  constexpr std::string_view kFolder = "tests/conversation/";
  if (path.starts_with(kFolder)) path.remove_prefix(kFolder.size());
  return std::string(path);
}

}  // namespace

std::vector<Reference> parse_references(std::string_view text) {
  static const std::regex kToken(
      R"(RFC (\d+)|((?:MUST|SHLD|MAY|REC)-\d+))"             // an RFC, a label
      R"(|(\d+(?:\.\d+)+[a-e]?(?:-\d+)?)(?: \(([a-i])\))?)"  // a section or a row
      R"(|\b(\d+)\b|:(?=\s|$))");
  std::vector<Reference> found;
  int rfc = 0;
  std::ptrdiff_t rfc_end = 0;
  const std::string all(text);
  for (std::sregex_iterator it(all.begin(), all.end(), kToken), end; it != end; ++it) {
    const std::smatch& token = *it;
    if (token[1].matched) {
      rfc = std::stoi(token[1].str().substr(0, 6));
      rfc_end = token.position() + token.length();
    } else if (token.str() == ":") {
      rfc = 0;
    } else if (rfc == 0) {
      continue;
    } else if (token[2].matched) {
      if (rfc == 9293) found.push_back({rfc, token[2]});
    } else if (token[3].matched) {
      found.push_back({rfc, token[3].str() + token[4].str()});
    } else {
      const std::string between = all.substr(static_cast<std::size_t>(rfc_end),
                                             static_cast<std::size_t>(token.position() - rfc_end));
      if (between == " " || between == " section ") found.push_back({rfc, token[5]});
    }
  }
  return found;
}

std::vector<Citation> cited_in_code(std::string_view path, std::string_view text) {
  std::vector<Citation> found;
  const Lines lines = test::split_lines(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    for (Reference& reference : parse_references(comment_at(lines, i, "//"))) {
      found.push_back({std::move(reference), std::string(path), static_cast<int>(i + 1), {}});
    }
  }
  return found;
}

std::vector<Citation> verified_in(std::string_view path, std::string_view text) {
  static constexpr std::string_view kVerifies = "verifies RFC ";
  std::vector<Citation> found;
  const bool is_cpp = path.ends_with(".cc") || path.ends_with(".h");
  const bool is_script = path.ends_with(".pkt");
  const Lines lines = test::split_lines(text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    // Comments of scripts begin with either.
    const bool is_slashed = is_cpp || (is_script && lines[i].starts_with("//"));
    const std::string comment = comment_at(lines, i, is_slashed ? "//" : "#");
    const std::size_t at = comment.find(kVerifies);
    if (at == std::string::npos) continue;
    const std::string test = is_cpp ? test_around(lines, i) : is_script ? script_name(path) : "";
    for (Reference& reference : parse_references(comment.substr(at))) {
      found.push_back({std::move(reference), std::string(path), static_cast<int>(i + 1), test});
    }
  }
  return found;
}

}  // namespace strata::conformance
