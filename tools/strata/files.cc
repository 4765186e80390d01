// SPDX-License-Identifier: MIT
#include "tools/strata/files.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace strata::cli {
namespace fs = std::filesystem;

namespace {

bool is_scenario(const fs::path& file) {
  return file.extension() == ".yaml" || file.extension() == ".yml";
}

template <typename Wanted>
std::vector<std::string> files_below(const std::string& path, Wanted&& wanted) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<std::string> files;
  fs::recursive_directory_iterator it(path, fs::directory_options::skip_permission_denied, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    if (wanted(it->path())) files.push_back(it->path().string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

bool is_packetdrill_script(const std::string& path) { return fs::path(path).extension() == ".pkt"; }

std::vector<std::string> scenario_files(const std::string& path) {
  return files_below(path, is_scenario);
}

std::vector<std::string> test_files(const std::string& path) {
  return files_below(path, [](const fs::path& file) {
    return is_scenario(file) || is_packetdrill_script(file.string());
  });
}

std::string scenario_folder() {
  if (const char* named = std::getenv("STRATA_SCENARIOS")) return named;
  std::error_code error;
  for (const char* candidate : {"scenarios", STRATA_SCENARIO_FOLDER}) {
    if (fs::is_directory(candidate, error)) return candidate;
  }
  return {};
}

}  // namespace strata::cli
