// SPDX-License-Identifier: MIT
// Holds the tree against the rules of the house (rules.h) and the documentation against the tree.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

#include "tests/arch/rules.h"

namespace strata::arch {
namespace {

namespace fs = std::filesystem;

const fs::path kRoot = STRATA_SOURCE_DIR;

std::string read(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::vector<fs::path> files_under(std::initializer_list<const char*> folders,
                                  std::initializer_list<const char*> endings) {
  std::vector<fs::path> found;
  for (const char* folder : folders) {
    if (!fs::exists(kRoot / folder)) continue;
    for (const auto& entry : fs::recursive_directory_iterator(kRoot / folder)) {
      const std::string ending = entry.path().extension().string();
      if (std::find(endings.begin(), endings.end(), ending) != endings.end()) {
        found.push_back(entry.path());
      }
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<SourceFile> sources() {
  std::vector<SourceFile> files;
  for (const fs::path& path : files_under({"stack", "sim", "tools", "tests"}, {".h", ".cc"})) {
    files.push_back({fs::relative(path, kRoot).string(), read(path)});
  }
  return files;
}

std::string report(const std::vector<Violation>& violations) {
  std::ostringstream out;
  for (const Violation& v : violations) out << v.path << ':' << v.line << ": " << v.message << '\n';
  return out.str();
}

template <typename Rule>
void expect_tree_obeys(Rule rule) {
  const std::vector<SourceFile> files = sources();
  ASSERT_GT(files.size(), 50U) << "the tree was not found at " << kRoot;
  std::vector<Violation> all;
  for (const SourceFile& file : files) {
    std::vector<Violation> found = rule(file);
    std::move(found.begin(), found.end(), std::back_inserter(all));
  }
  EXPECT_TRUE(all.empty()) << report(all);
}

TEST(Architecture, EveryIncludePointsDown) { expect_tree_obeys(check_include_direction); }
TEST(Architecture, NoBannedConstructIsUsed) { expect_tree_obeys(check_banned); }
TEST(Architecture, CoroutinesKeepToTheSafeForms) { expect_tree_obeys(check_coroutines); }
TEST(Architecture, EveryFileHasTheHouseLayout) { expect_tree_obeys(check_layout); }
TEST(Architecture, FilesAndFunctionsStaySmall) { expect_tree_obeys(check_size); }

TEST(Architecture, EverySourceIsBuilt) {
  expect_tree_obeys([](const SourceFile& file) -> std::vector<Violation> {
    // The benchmark's counterparts on other simulators are built by tests/bench/run.
    if (file.path.starts_with("tests/bench/peers/")) return {};
    const fs::path folder = (kRoot / file.path).parent_path();
    return check_listed(file, read(folder / "CMakeLists.txt"));
  });
}

TEST(Documentation, EveryPageHasOneTitle) {
  std::vector<fs::path> pages = files_under({"docs"}, {".md"});
  pages.push_back(kRoot / "README.md");
  for (const fs::path& page : pages) {
    std::istringstream text(read(page));
    int titles = 0;
    bool in_code = false;
    for (std::string line; std::getline(text, line);) {
      if (line.starts_with("```")) in_code = !in_code;
      if (!in_code && line.starts_with("# ")) ++titles;
    }
    EXPECT_EQ(titles, 1) << page;
  }
}

TEST(Documentation, EveryRelativeLinkLeadsSomewhere) {
  static const std::regex kLink(R"(\]\(([^)#\s]+)(#[^)]*)?\))");
  std::vector<fs::path> pages = files_under({"docs"}, {".md"});
  pages.push_back(kRoot / "README.md");
  for (const fs::path& page : pages) {
    const std::string text = read(page);
    for (std::sregex_iterator it(text.begin(), text.end(), kLink), end; it != end; ++it) {
      const std::string target = (*it)[1];
      if (target.find("://") != std::string::npos) continue;
      EXPECT_TRUE(fs::exists(page.parent_path() / target)) << page << " links to " << target;
    }
  }
}

}  // namespace
}  // namespace strata::arch
