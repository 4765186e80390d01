// SPDX-License-Identifier: MIT
#include "tests/conformance/requirements.h"

#include "tests/support/command.h"

namespace strata::conformance {
namespace {

std::string trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return std::string(text.substr(first, text.find_last_not_of(" \t") - first + 1));
}

// The fields of "a | b | c".
std::vector<std::string> fields_of(std::string_view line) {
  std::vector<std::string> fields;
  while (true) {
    const std::size_t bar = line.find(" | ");
    fields.push_back(trimmed(line.substr(0, bar)));
    if (bar == std::string_view::npos) return fields;
    line.remove_prefix(bar + 3);
  }
}

std::vector<std::string> data_lines(std::string_view text) {
  std::vector<std::string> lines;
  for (const std::string& line : test::split_lines(text)) {
    if (!line.empty() && !line.starts_with('#')) lines.push_back(line);
  }
  return lines;
}

}  // namespace

std::string Requirement::name() const { return "RFC " + std::to_string(rfc) + " " + id; }

std::vector<Requirement> parse_rfc9293(std::string_view text) {
  std::vector<Requirement> found;
  for (const std::string& line : data_lines(text)) {
    std::vector<std::string> fields = fields_of(line);
    fields.resize(4);
    found.push_back({9293, fields[0], fields[1], fields[2], fields[3]});
  }
  return found;
}

std::vector<Requirement> parse_rfc1122(std::string_view text) {
  std::vector<Requirement> found;
  for (const std::string& line : data_lines(text)) {
    std::vector<std::string> fields = fields_of(line);
    fields.resize(3);
    const std::string section = fields[0].substr(0, fields[0].find('-'));
    found.push_back({1122, fields[0], fields[1], section, fields[2]});
  }
  return found;
}

std::map<std::string, std::string> parse_exceptions(std::string_view text) {
  std::map<std::string, std::string> reasons;
  std::string* last = nullptr;
  for (const std::string& line : data_lines(text)) {
    if (line.starts_with(' ')) {
      if (last != nullptr) *last += " " + trimmed(line);
      continue;
    }
    std::vector<std::string> fields = fields_of(line);
    fields.resize(2);
    last = &reasons[fields[0]];
    *last = fields[1];
  }
  return reasons;
}

std::vector<std::string> parse_names(std::string_view text) { return data_lines(text); }

std::map<int, std::string> parse_titles(std::string_view text) {
  std::map<int, std::string> titles;
  for (const std::string& line : data_lines(text)) {
    std::vector<std::string> fields = fields_of(line);
    fields.resize(2);
    titles[std::stoi(fields[0])] = fields[1];
  }
  return titles;
}

}  // namespace strata::conformance
