// SPDX-License-Identifier: MIT
// Holds the tree against the requirements of the RFCs, and docs/conformance.md against both.
// STRATA_UPDATE_CONFORMANCE=1 (`tools/dev conformance`) rewrites the page, and takes out of the
// list of open requirements what is open no more.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/conformance/page.h"
#include "tests/support/command.h"

namespace strata::conformance {
namespace {

namespace fs = std::filesystem;

const fs::path kPage = test::source_root() / "docs/conformance.md";
const fs::path kData = test::source_root() / "docs/conformance";

std::vector<fs::path> files_under(const char* folder, std::vector<std::string> endings) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(test::source_root() / folder)) {
    const std::string ending = entry.path().extension().string();
    if (std::find(endings.begin(), endings.end(), ending) != endings.end()) {
      found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<Citation> collect(std::vector<const char*> folders, std::vector<std::string> endings,
                              std::vector<Citation> (*scan)(std::string_view, std::string_view)) {
  std::vector<Citation> all;
  for (const char* folder : folders) {
    for (const fs::path& path : files_under(folder, endings)) {
      const std::string name = fs::relative(path, test::source_root()).string();
      if (name.starts_with("tests/conformance/")) continue;  // speaks of citations itself
      std::vector<Citation> found = scan(name, test::read_file(path));
      std::move(found.begin(), found.end(), std::back_inserter(all));
    }
  }
  return all;
}

std::string data(const char* name) { return test::read_file(kData / name); }

Record read_record() {
  Record record;
  record.requirements = parse_rfc9293(data("rfc9293.txt"));
  const std::vector<Requirement> hosts = parse_rfc1122(data("rfc1122.txt"));
  record.requirements.insert(record.requirements.end(), hosts.begin(), hosts.end());
  record.exceptions = parse_exceptions(data("exceptions.txt"));
  record.open = parse_names(data("open.txt"));
  record.titles = parse_titles(data("titles.txt"));
  record.code = collect({"stack", "sim", "tools"}, {".h", ".cc"}, cited_in_code);
  record.tests = collect({"tests", "scenarios"}, {".h", ".cc", ".yaml", ".pkt"}, verified_in);
  return record;
}

const Record& record() {
  static const Record kRecord = read_record();
  return kRecord;
}

TEST(Conformance, TheListsAreWhole) {
  int must = 0;
  int should = 0;
  for (const Requirement& requirement : record().requirements) {
    EXPECT_FALSE(requirement.id.empty() || requirement.level.empty() || requirement.text.empty())
        << requirement.name();
    must += requirement.id.starts_with("MUST-") ? 1 : 0;
    should += requirement.id.starts_with("SHLD-") ? 1 : 0;
  }
  EXPECT_EQ(must, 69);
  EXPECT_EQ(should, 31);
  // 119 labels of RFC 9293 and the 189 rows of three summaries of RFC 1122.
  EXPECT_EQ(record().requirements.size(), 119U + 189U);
}

TEST(Conformance, EveryRequirementIsTestedOrExcepted) {
  for (const std::string& fault : faults_of(record())) ADD_FAILURE() << fault;
}

bool is_updating() { return std::getenv("STRATA_UPDATE_CONFORMANCE") != nullptr; }

void shorten_open_list() {
  const std::string text = data("open.txt");
  const std::vector<std::string> open = still_open(record());
  std::ofstream out(kData / "open.txt");
  for (const std::string& line : test::split_lines(text)) {
    const bool is_comment = line.empty() || line.starts_with('#');
    if (is_comment || std::ranges::find(open, line) != open.end()) out << line << '\n';
  }
}

TEST(Conformance, ThePageIsUpToDate) {
  const std::string page = render_page(record());
  if (is_updating()) {
    std::ofstream(kPage) << page;
    shorten_open_list();
    return;
  }
  EXPECT_TRUE(without_line_numbers(test::read_file(kPage)) == without_line_numbers(page))
      << "docs/conformance.md is stale: tools/dev conformance";
}

}  // namespace
}  // namespace strata::conformance
