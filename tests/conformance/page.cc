// SPDX-License-Identifier: MIT
#include "tests/conformance/page.h"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <set>
#include <tuple>

namespace strata::conformance {
namespace {

using CitationList = std::vector<const Citation*>;

constexpr std::size_t kLinksMax = 4;  // per cell; the rest is counted

CitationList citations_of(const std::vector<Citation>& all, int rfc, const std::string& place) {
  CitationList found;
  for (const Citation& citation : all) {
    if (citation.reference == Reference{rfc, place}) found.push_back(&citation);
  }
  return found;
}

// Lines that cite the requirement itself; of RFC 1122, else those that cite its section or a
// lettered part of it.
CitationList implementing(const Record& record, const Requirement& requirement) {
  CitationList found = citations_of(record.code, requirement.rfc, requirement.id);
  if (!found.empty() || requirement.rfc == 9293) return found;
  for (const Citation& citation : record.code) {
    const Reference& cited = citation.reference;
    if (cited.rfc != requirement.rfc || !cited.place.starts_with(requirement.section)) continue;
    const std::string rest = cited.place.substr(requirement.section.size());
    if (rest.empty() || (rest.size() == 1 && rest[0] >= 'a')) found.push_back(&citation);
  }
  return found;
}

std::string file_name(const std::string& path) { return path.substr(path.rfind('/') + 1); }

std::string link_to(const Citation& citation) {
  const std::string label = citation.test.empty()
                                ? fmt::format("{}:{}", file_name(citation.path), citation.line)
                                : citation.test;
  return fmt::format("[{}](../{}#L{})", label, citation.path, citation.line);
}

std::string links_to(const CitationList& citations) {
  std::string text;
  std::set<std::string> seen;
  std::size_t shown = 0;
  for (const Citation* citation : citations) {
    const std::string key =
        citation->path + " " +
        (citation->test.empty() ? std::to_string(citation->line) : citation->test);
    if (!seen.insert(key).second) continue;
    if (++shown > kLinksMax) continue;
    text += (text.empty() ? "" : "<br>") + link_to(*citation);
  }
  if (shown > kLinksMax) text += fmt::format("<br>and {} more", shown - kLinksMax);
  return text;
}

struct Count {
  int all = 0;
  int tested = 0;
  int excepted = 0;
};

Count count(const Record& record, int rfc, bool (*counts)(const Requirement&)) {
  Count result;
  for (const Requirement& requirement : record.requirements) {
    if (requirement.rfc != rfc || !counts(requirement)) continue;
    ++result.all;
    if (!citations_of(record.tests, rfc, requirement.id).empty()) {
      ++result.tested;
    } else if (record.exceptions.contains(requirement.name())) {
      ++result.excepted;
    }
  }
  return result;
}

std::string render_summary(const Record& record) {
  std::string text =
      "| RFC | level | requirements | tested | exception with a reason | open "
      "|\n|--|--|--|--|--|--|\n";
  const auto is_must = [](const Requirement& r) { return r.level.starts_with("MUST"); };
  const auto is_should = [](const Requirement& r) { return r.level.starts_with("SHOULD"); };
  const auto is_may = [](const Requirement& r) { return !r.is_binding(); };
  for (const int rfc : {9293, 1122}) {
    const auto add = [&](const char* level, bool (*counts)(const Requirement&), bool is_open) {
      const Count c = count(record, rfc, counts);
      text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", rfc, level, c.all, c.tested,
                          c.excepted, is_open ? std::to_string(c.all - c.tested - c.excepted) : "");
    };
    add("MUST, MUST NOT", is_must, true);
    add("SHOULD, SHOULD NOT", is_should, true);
    add("MAY", is_may, false);
  }
  return text;
}

std::string render_requirements(const Record& record, int rfc) {
  std::string text =
      "| id | section | level | requirement | implemented | verified |\n|--|--|--|--|--|--|\n";
  for (const Requirement& requirement : record.requirements) {
    if (requirement.rfc != rfc) continue;
    std::string verified = links_to(citations_of(record.tests, rfc, requirement.id));
    const auto exception = record.exceptions.find(requirement.name());
    if (exception != record.exceptions.end()) verified = "*Exception:* " + exception->second;
    if (verified.empty() && requirement.is_binding()) verified = "**open**";
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", requirement.id, requirement.section,
                        requirement.level, requirement.text,
                        links_to(implementing(record, requirement)), verified);
  }
  return text;
}

// Sections in the order of numbers: 3.2 before 3.10.
std::vector<int> section_key(const std::string& place) {
  std::vector<int> key;
  static const std::regex kNumber(R"(\d+|[a-i]$)");
  for (std::sregex_iterator it(place.begin(), place.end(), kNumber), end; it != end; ++it) {
    const std::string part = it->str();
    key.push_back(std::isdigit(static_cast<unsigned char>(part[0])) != 0 ? std::stoi(part)
                                                                         : part[0]);
  }
  return key;
}

bool is_section(const Reference& reference) {
  return reference.place.find('-') == std::string::npos;
}

std::string render_sections(const Record& record) {
  std::map<std::tuple<int, std::vector<int>, std::string>, std::pair<CitationList, CitationList>>
      rows;
  const auto key_of = [](const Reference& reference) {
    return std::tuple{reference.rfc, section_key(reference.place), reference.place};
  };
  for (const Citation& citation : record.code) {
    if (is_section(citation.reference)) rows[key_of(citation.reference)].first.push_back(&citation);
  }
  for (const Citation& citation : record.tests) {
    if (is_section(citation.reference)) {
      rows[key_of(citation.reference)].second.push_back(&citation);
    }
  }
  std::string text;
  int rfc = 0;
  for (const auto& [key, links] : rows) {
    if (std::get<0>(key) != rfc) {
      rfc = std::get<0>(key);
      const auto title = record.titles.find(rfc);
      text += fmt::format("\n### RFC {}{}\n\n| section | implemented | verified |\n|--|--|--|\n",
                          rfc, title == record.titles.end() ? "" : ": " + title->second);
    }
    text += fmt::format("| {} | {} | {} |\n", std::get<2>(key), links_to(links.first),
                        links_to(links.second));
  }
  return text;
}

}  // namespace

std::vector<std::string> faults_of(const Record& record) {
  std::vector<std::string> faults;
  std::set<std::string> known;
  for (const Requirement& requirement : record.requirements) {
    const std::string name = requirement.name();
    known.insert(name);
    const bool is_tested = !citations_of(record.tests, requirement.rfc, requirement.id).empty();
    const bool is_excepted = record.exceptions.contains(name);
    const bool is_open =
        std::find(record.open.begin(), record.open.end(), name) != record.open.end();
    if (is_tested && is_excepted) {
      faults.push_back(name + " is tested, so it needs no exception");
    } else if (is_open && (is_tested || is_excepted)) {
      faults.push_back(name + " is no longer open: take it out of docs/conformance/open.txt");
    } else if (requirement.is_binding() && !is_tested && !is_excepted && !is_open) {
      faults.push_back(name + " has neither a test nor an exception: " + requirement.text);
    }
  }
  for (const auto& [name, reason] : record.exceptions) {
    if (!known.contains(name)) faults.push_back("exception for " + name + ", which does not exist");
    if (reason.size() < 20) faults.push_back("exception for " + name + " gives no reason");
  }
  for (const std::string& name : record.open) {
    if (!known.contains(name)) faults.push_back("open: " + name + ", which does not exist");
  }
  for (const auto* citations : {&record.code, &record.tests}) {
    for (const Citation& citation : *citations) {
      const std::string name =
          fmt::format("RFC {} {}", citation.reference.rfc, citation.reference.place);
      if (!is_section(citation.reference) && !known.contains(name)) {
        faults.push_back(fmt::format("{}:{} cites {}, which does not exist", citation.path,
                                     citation.line, name));
      }
    }
  }
  return faults;
}

std::vector<std::string> still_open(const Record& record) {
  std::vector<std::string> open;
  for (const Requirement& requirement : record.requirements) {
    const std::string name = requirement.name();
    const bool is_listed =
        std::find(record.open.begin(), record.open.end(), name) != record.open.end();
    const bool is_tested = !citations_of(record.tests, requirement.rfc, requirement.id).empty();
    if (is_listed && !is_tested && !record.exceptions.contains(name)) open.push_back(name);
  }
  return open;
}

std::string render_page(const Record& record) {
  std::string text =
      "# Conformance\n\n"
      "`tools/dev conformance` makes this page from the lists in [conformance/](conformance/), "
      "the\n"
      "citations in the code and the `verifies` lines of the tests; a test fails when it is stale, "
      "when\na MUST or SHOULD has neither a test nor an exception, or when a test cites what does "
      "not exist.\nRFC 1122 rows are named by their section and their place among the rows of that "
      "section in the\nsummary tables of the RFC.\n\n";
  text += render_summary(record);
  text += "\n## RFC 9293: Transmission Control Protocol\n\n" + render_requirements(record, 9293);
  text += "\n## RFC 1122: link layer, internet layer, UDP\n\n" + render_requirements(record, 1122);
  text +=
      "\n## Every RFC by section\n\nWhere code and tests cite a section, without a claim that "
      "the list is complete.\n" +
      render_sections(record);
  return text;
}

std::string without_line_numbers(const std::string& page) {
  static const std::regex kLine(R"(:\d+\]|#L\d+)");
  return std::regex_replace(page, kLine, "");
}

}  // namespace strata::conformance
