// SPDX-License-Identifier: MIT
// The rules of the house as functions from source text to violations, so that each rule can be
// tested on a few lines of its own. architecture_test.cc applies them to the tree.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace strata::arch {

struct SourceFile {
  std::string path;  // relative to the root, '/' separated
  std::string text;
};

struct Violation {
  std::string path;
  int line = 0;  // 1-based; 0: the whole file
  std::string message;
};

// Every arrow points down: a folder includes only folders of lower rank, and itself.
std::vector<Violation> check_include_direction(const SourceFile& file);
// Constructs that break determinism, ownership or the error model, each with what to use instead.
std::vector<Violation> check_banned(const SourceFile& file);
// The forms of co_await that g++-12 miscompiles silently (docs/hacking.md).
std::vector<Violation> check_coroutines(const SourceFile& file);
// Licence line, #pragma once, no tabs, no trailing blanks, at most 100 columns.
std::vector<Violation> check_layout(const SourceFile& file);
// Files of at most 600 lines, functions of at most 70.
std::vector<Violation> check_size(const SourceFile& file);
// `cmake` is the CMakeLists.txt of the file's folder: a source that is not listed is never built.
std::vector<Violation> check_listed(const SourceFile& file, std::string_view cmake);

}  // namespace strata::arch
