// SPDX-License-Identifier: MIT
#include "tools/strata/files.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <system_error>

namespace strata::cli {
namespace fs = std::filesystem;

std::vector<std::string> scenario_files(const std::string& path) {
  std::error_code error;
  if (!fs::is_directory(path, error)) return {path};
  std::vector<std::string> files;
  fs::recursive_directory_iterator it(path, fs::directory_options::skip_permission_denied, error);
  for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
    const fs::path& file = it->path();
    if (file.extension() == ".yaml" || file.extension() == ".yml") files.push_back(file.string());
  }
  std::sort(files.begin(), files.end());
  return files;
}

std::string scenario_folder() {
  const char* named = std::getenv("STRATA_SCENARIOS");
  std::error_code error;
  for (const char* candidate : {named, "scenarios", STRATA_SCENARIO_FOLDER}) {
    if (candidate != nullptr && fs::is_directory(candidate, error)) return candidate;
  }
  return {};
}

}  // namespace strata::cli
