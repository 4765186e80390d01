// SPDX-License-Identifier: MIT
#include "tests/arch/rules.h"

#include <array>
#include <optional>
#include <regex>

namespace strata::arch {
namespace {

// Folders in order of rank; equal ranks may not include each other. Longest match wins.
struct Room {
  std::string_view folder;
  int rank;
};
constexpr std::array kRooms{
    Room{"stack/base/", 0},
    Room{"stack/wire/", 1},
    Room{"stack/physical/", 2},
    Room{"stack/link/", 3},
    Room{"stack/network/", 4},
    Room{"stack/transport/tcp/", 5},
    Room{"stack/transport/", 6},
    Room{"stack/socket/", 7},
    Room{"stack/application/", 8},
    Room{"stack/host/", 9},
    Room{"sim/", 10},
    Room{"sim/device/", 11},
    Room{"sim/trace/", 12},
    Room{"sim/analysis/", 13},
    Room{"sim/inference/", 14},
    Room{"sim/scenario/", 13},
    Room{"sim/packetdrill/", 13},
    Room{"tools/views/", 14},
    Room{"tools/filter/", 15},
    Room{"tools/export/", 15},
    Room{"tools/report/", 15},
    Room{"tools/strata/", 16},
};

const Room* room_of(std::string_view path) {
  const Room* best = nullptr;
  for (const Room& room : kRooms) {
    if (path.starts_with(room.folder) &&
        (best == nullptr || room.folder.size() > best->folder.size())) {
      best = &room;
    }
  }
  return best;
}

std::vector<std::string> lines_of(std::string_view text) {
  std::vector<std::string> lines;
  std::size_t start = 0;
  while (start < text.size()) {
    std::size_t end = text.find('\n', start);
    if (end == std::string_view::npos) end = text.size();
    lines.emplace_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

// The line without string literals and without a trailing comment, so that words in either do not
// count. Raw strings that span lines are not understood; the rules do not need it.
std::string code_of(const std::string& line) {
  std::string code;
  bool in_string = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
      continue;
    }
    if (c == '"') {
      in_string = true;
      code += "\"\"";
    } else if (c == '/' && i + 1 < line.size() && line[i + 1] == '/') {
      break;
    } else {
      code += c;
    }
  }
  return code;
}

std::size_t columns(const std::string& line) {
  std::size_t count = 0;
  for (const char c : line) {
    if ((static_cast<unsigned char>(c) & 0xc0) != 0x80) ++count;  // UTF-8 continuation bytes
  }
  return count;
}

bool in_any(std::string_view path, std::initializer_list<std::string_view> folders) {
  for (const std::string_view folder : folders) {
    if (path.starts_with(folder)) return true;
  }
  return false;
}

struct Ban {
  std::string_view pattern;
  std::string_view advice;
  std::string_view where;   // folder the ban holds in; empty: everywhere
  std::string_view except;  // path prefix where it does not; empty: nowhere
};
constexpr std::array kBans{
    Ban{R"(\breinterpret_cast\b)", "parse bytes with shifts, or as_bytes() for text", "",
        "stack/base/bytes.cc"},
    Ban{R"(\busing namespace\b)", "name what you use", "", ""},
    Ban{R"(\bassert\()", "STRATA_ASSERT", "", ""},
    Ban{R"(\bs?rand\(|\brandom_device\b|_distribution\b)", "RandomStream", "", ""},
    Ban{R"(\b(system|steady|high_resolution)_clock\b|\bgettimeofday\b|\btime\(nullptr\))",
        "take `now` as an argument", "stack/", ""},
    Ban{R"(\b(system|steady|high_resolution)_clock\b|\bgettimeofday\b|\btime\(nullptr\))",
        "virtual time", "sim/", "sim/device/"},
    Ban{R"(\bthrow\b)", "Result, or a counted drop", "stack/", ""},
    Ban{R"(\bthrow\b)", "Result, or a diagnostic", "sim/", ""},
    Ban{R"(#include <(iostream|fstream|thread|mutex|pcap|yaml-cpp))", "the stack does no I/O",
        "stack/", ""},
    Ban{R"(\bshared_ptr\b)", "one owner, or a handle", "stack/", ""},
    Ban{R"(\bdynamic_cast\b|\btypeid\b)", "a virtual function or a variant", "stack/", ""},
    Ban{R"(\bpthread_|\bstd::thread\b)", "a world is single-threaded", "sim/",
        "sim/device/block_writer"},
};

// A test's own text may quote what the rules forbid.
bool is_rule_test(std::string_view path) { return path.starts_with("tests/arch/"); }

}  // namespace

std::vector<Violation> check_include_direction(const SourceFile& file) {
  std::vector<Violation> found;
  const Room* home = room_of(file.path);
  if (home == nullptr) return found;
  static const std::regex kInclude(R"re(^#include "([^"]+)")re");
  const std::vector<std::string> lines = lines_of(file.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    std::smatch match;
    if (!std::regex_search(lines[i], match, kInclude)) continue;
    const std::string target = match[1];
    const Room* room = room_of(target);
    const int line = static_cast<int>(i) + 1;
    if (room == nullptr) {
      found.push_back({file.path, line, target + " is not a path from the root of the tree"});
    } else if (room != home && room->rank >= home->rank) {
      found.push_back({file.path, line,
                       std::string{home->folder} + " may not include " + target +
                           ": it stands on the same floor or higher"});
    }
  }
  return found;
}

std::vector<Violation> check_banned(const SourceFile& file) {
  std::vector<Violation> found;
  if (is_rule_test(file.path)) return found;
  const std::vector<std::string> lines = lines_of(file.text);
  for (const Ban& ban : kBans) {
    if (!ban.where.empty() && !file.path.starts_with(ban.where)) continue;
    if (!ban.except.empty() && file.path.starts_with(ban.except)) continue;
    const std::regex pattern{std::string{ban.pattern}};
    for (std::size_t i = 0; i < lines.size(); ++i) {
      std::smatch match;
      const std::string code = code_of(lines[i]);
      if (!std::regex_search(code, match, pattern)) continue;
      found.push_back({file.path, static_cast<int>(i) + 1,
                       "'" + match.str() + "': use instead: " + std::string{ban.advice}});
    }
  }
  return found;
}

std::vector<Violation> check_coroutines(const SourceFile& file) {
  std::vector<Violation> found;
  if (is_rule_test(file.path)) return found;
  static const std::regex kCondition(R"(\b(if|while|switch|for)\s*\([^;]*\bco_await\b)");
  static const std::regex kMacro(R"(\b[A-Z][A-Z_]{3,}\(.*\bco_await\b)");
  static const std::regex kBrace(R"(\bco_await\b[^;]*\{)");
  static const std::regex kTernary(R"(\bco_await\b[^;]*\?[^;]*:|\?[^;]*\bco_await\b)");
  static const std::regex kReference(R"(^\s*(static )?Task<[^;=]*>\s+[\w:]+\([^)]*&)");
  struct Form {
    const std::regex* pattern;
    std::string_view message;
  };
  const std::array forms{
      Form{&kCondition, "co_await in a condition: bind it to a named local first"},
      Form{&kMacro, "co_await inside a macro argument: bind it to a named local first"},
      Form{&kBrace, "a brace after co_await in the same expression: name the temporary first"},
      Form{&kTernary, "co_await in a conditional expression: write it out"},
      Form{&kReference, "a coroutine takes parameters by value"},
  };
  const std::vector<std::string> lines = lines_of(file.text);
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string code = code_of(lines[i]);
    for (const Form& form : forms) {
      if (std::regex_search(code, *form.pattern)) {
        found.push_back({file.path, static_cast<int>(i) + 1, std::string{form.message}});
      }
    }
  }
  return found;
}

std::vector<Violation> check_layout(const SourceFile& file) {
  std::vector<Violation> found;
  const std::vector<std::string> lines = lines_of(file.text);
  if (lines.empty() || lines[0] != "// SPDX-License-Identifier: MIT") {
    found.push_back({file.path, 1, "the first line is // SPDX-License-Identifier: MIT"});
  }
  if (file.path.ends_with(".h") && file.text.find("#pragma once") == std::string::npos) {
    found.push_back({file.path, 0, "a header says #pragma once"});
  }
  bool is_table = false;  // columns that line up by hand may be wider
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const int line = static_cast<int>(i) + 1;
    if (lines[i] == "// clang-format off") is_table = true;
    if (lines[i] == "// clang-format on") is_table = false;
    if (lines[i].find('\t') != std::string::npos) found.push_back({file.path, line, "tab"});
    if (lines[i].ends_with(' ')) found.push_back({file.path, line, "trailing blank"});
    if (!is_table && columns(lines[i]) > 100)
      found.push_back({file.path, line, "longer than 100 columns"});
  }
  return found;
}

std::vector<Violation> check_size(const SourceFile& file) {
  std::vector<Violation> found;
  const std::vector<std::string> lines = lines_of(file.text);
  if (lines.size() > 600) {
    found.push_back({file.path, 0, std::to_string(lines.size()) + " lines: split by concern"});
  }
  if (!in_any(file.path, {"stack/", "sim/", "tools/"})) return found;
  // clang-format puts a function's opening brace at the end of an unindented line and its closing
  // brace alone in the first column; namespaces, types and tables are not functions.
  static const std::regex kOpens(R"(^[A-Za-z~].*\)( const)?( noexcept)?( override)?.*\{$)");
  static const std::regex kNotFunction(
      R"(^(namespace|class|struct|enum|union|constexpr [^(]*=)\b)");
  std::optional<std::size_t> start;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    const std::string& line = lines[i];
    if (!start && line.ends_with("{") && !line.starts_with(" ") &&
        !std::regex_search(line, kNotFunction)) {
      if (std::regex_search(line, kOpens)) start = i;
    } else if (!start && line.ends_with(") {") && !line.starts_with("  }") && i > 0 &&
               line.starts_with("   ") && !lines[i - 1].starts_with(" ")) {
      start = i;  // a signature folded over two lines
    }
    if (line == "}" && start) {
      const std::size_t length = i - *start + 1;
      if (length > 70) {
        found.push_back({file.path, static_cast<int>(*start) + 1,
                         std::to_string(length) + " lines in one function: one job each"});
      }
      start.reset();
    }
  }
  return found;
}

std::vector<Violation> check_listed(const SourceFile& file, std::string_view cmake) {
  if (!file.path.ends_with(".cc")) return {};
  const std::string name = file.path.substr(file.path.rfind('/') + 1);
  const std::regex listed("(^|[\\s(])" + std::regex_replace(name, std::regex(R"(\.)"), "\\.") +
                          "($|[\\s)])");
  if (std::regex_search(std::string{cmake}, listed)) return {};
  return {{file.path, 0, "not listed in its folder's CMakeLists.txt: it is never built"}};
}

}  // namespace strata::arch
