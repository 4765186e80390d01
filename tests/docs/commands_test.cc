// SPDX-License-Identifier: MIT
// Every command that README and docs show is run. A line of a ```sh block that starts with
// `tools/dev run`, `tools/dev strata` or `strata` is a command; words in capitals (FILE) make it a
// synopsis, which is not run. Files it writes go to a folder of its own.
#include <filesystem>
#include <regex>

#include "tests/support/command.h"

namespace strata {
namespace {

namespace fs = std::filesystem;

struct ShownCommand {
  std::string page;
  int line = 0;
  std::string text;
};

std::vector<fs::path> pages() {
  std::vector<fs::path> found{test::source_root() / "README.md"};
  for (const auto& entry : fs::recursive_directory_iterator(test::source_root() / "docs")) {
    if (entry.path().extension() == ".md") found.push_back(entry.path());
  }
  return found;
}

std::vector<ShownCommand> shown_commands() {
  std::vector<ShownCommand> commands;
  for (const fs::path& page : pages()) {
    bool in_shell = false;
    int number = 0;
    for (const std::string& line : test::split_lines(test::read_file(page))) {
      ++number;
      if (line.starts_with("```")) in_shell = line == "```sh";
      const bool ours = line.starts_with("tools/dev run ") ||
                        line.starts_with("tools/dev strata ") || line.starts_with("strata ");
      static const std::regex kSynopsis(R"(\b[A-Z]{3,}\b)");
      if (in_shell && ours && !std::regex_search(line, kSynopsis)) {
        commands.push_back({page.filename().string(), number, line.substr(0, line.find("  #"))});
      }
    }
  }
  return commands;
}

// The words of a command line: blanks separate, quotes hold together.
std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  char quote = 0;
  bool any = false;
  for (const char c : text) {
    if (quote != 0) {
      if (c == quote)
        quote = 0;
      else
        word += c;
    } else if (c == '"' || c == '\'') {
      quote = c;
      any = true;
    } else if (c == ' ') {
      if (any || !word.empty()) words.push_back(word);
      word.clear();
      any = false;
    } else {
      word += c;
    }
  }
  if (any || !word.empty()) words.push_back(word);
  return words;
}

TEST(Documentation, EveryCommandItShowsWorks) {
  const std::vector<ShownCommand> commands = shown_commands();
  ASSERT_GE(commands.size(), 5U);
  const test::TemporaryFolder folder;
  fs::create_directory_symlink(test::source_root() / "scenarios", folder.path() / "scenarios");
  for (const ShownCommand& shown : commands) {
    std::vector<std::string> words = words_of(shown.text);
    if (words[0] == "tools/dev") words.erase(words.begin());
    if (words[0] == "strata") words.erase(words.begin());
    words.insert(words.begin(), test::strata_binary().string());
    // What a command installs for its user goes there too.
    const test::CommandResult result = test::run_command(
        words, {.folder = folder.path(),
                .environment = {"HOME=" + folder.path().string(), "XDG_CONFIG_HOME="}});
    EXPECT_EQ(result.exit_status, 0)
        << shown.page << ":" << shown.line << ": " << shown.text << "\n"
        << result.err;
  }
}

// `tools/dev pictures` made them.
TEST(Documentation, ItsPicturesOfTheTerminalAreWhatTheTerminalShows) {
  const fs::path folder = test::source_root() / "docs" / "pictures";
  for (const std::string& line : test::split_lines(test::read_file(folder / "terminal.txt"))) {
    std::vector<std::string> words = words_of(line);
    const std::string name = words.front();
    words.front() = "show";
    words.insert(words.begin(), test::strata_binary().string());
    words.push_back("--svg");
    const test::CommandResult result = test::run_command(words, {.folder = test::source_root()});
    EXPECT_EQ(result.exit_status, 0) << line << "\n" << result.err;
    EXPECT_TRUE(result.out == test::read_file(folder / (name + ".svg")))
        << name << ".svg is not what 'strata show' says now; 'tools/dev pictures' makes it anew";
  }
}

// So did it the recordings: the first line is what `strata step` takes, the others are its
// commands.
TEST(Documentation, ItsRecordingsOfTheTerminalAreWhatTheTerminalShows) {
  const fs::path folder = test::source_root() / "docs" / "pictures";
  std::size_t found = 0;
  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() != ".session") continue;
    ++found;
    const std::string session = test::read_file(entry.path());
    const std::size_t end = session.find('\n');
    std::vector<std::string> words = words_of(session.substr(0, end));
    words.insert(words.begin(), {test::strata_binary().string(), "step"});
    words.push_back("--svg");
    const test::CommandResult result =
        test::run_command(words, {.input = session.substr(end + 1), .folder = test::source_root()});
    EXPECT_EQ(result.exit_status, 0) << result.err;
    fs::path picture = entry.path();
    EXPECT_TRUE(result.out == test::read_file(picture.replace_extension(".svg")))
        << picture.filename()
        << " is not what 'strata step' says now; 'tools/dev pictures' makes it anew";
    EXPECT_LT(result.out.size(), 200'000U);
  }
  EXPECT_GE(found, 1U);
}

}  // namespace
}  // namespace strata
