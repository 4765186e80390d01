// SPDX-License-Identifier: MIT
#include "tools/strata/installation.h"

#include <fmt/format.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <system_error>

namespace strata::cli {
namespace fs = std::filesystem;

namespace {

std::optional<std::string> content_of(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  return std::string{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::optional<std::string> write_file(const InstalledFile& file) {
  std::error_code error;
  fs::create_directories(file.path.parent_path(), error);
  if (error) {
    return fmt::format("cannot make {}: {}", file.path.parent_path().string(), error.message());
  }
  std::ofstream out(file.path, std::ios::binary | std::ios::trunc);
  out << file.content;
  out.close();
  if (!out) return fmt::format("cannot write {}", file.path.string());
  constexpr fs::perms kReadable = fs::perms::owner_read | fs::perms::owner_write |
                                  fs::perms::group_read | fs::perms::others_read;
  constexpr fs::perms kExecutable =
      kReadable | fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec;
  fs::permissions(file.path, file.is_program ? kExecutable : kReadable, error);
  if (error) return fmt::format("cannot make {} readable: {}", file.path.string(), error.message());
  return std::nullopt;
}

}  // namespace

std::optional<std::string> install(const std::vector<InstalledFile>& files, std::string_view mark) {
  for (const InstalledFile& file : files) {
    std::error_code error;
    if (!fs::exists(file.path, error)) continue;
    const auto content = content_of(file.path);
    const bool is_ours =
        content && (*content == file.content || content->find(mark) != std::string::npos);
    if (!is_ours) return fmt::format("{} is there and is not ours", file.path.string());
  }
  std::vector<fs::path> written;
  for (const InstalledFile& file : files) {
    if (auto problem = write_file(file)) {
      std::error_code ignored;
      for (const fs::path& path : written) fs::remove(path, ignored);
      return problem;
    }
    written.push_back(file.path);
  }
  return std::nullopt;
}

Removal uninstall(const std::vector<InstalledFile>& files, const fs::path& root) {
  Removal removal;
  for (const InstalledFile& file : files) {
    std::error_code error;
    if (!fs::exists(file.path, error)) continue;
    if (content_of(file.path) != file.content || !fs::remove(file.path, error)) {
      removal.kept.push_back(file.path);
      continue;
    }
    removal.removed.push_back(file.path);
    // Only an empty folder can be removed.
    for (fs::path folder = file.path.parent_path(); folder != root; folder = folder.parent_path()) {
      if (folder == folder.root_path() || !fs::remove(folder, error) || error) break;
    }
  }
  return removal;
}

std::optional<fs::path> home_folder() {
  const char* home = std::getenv("HOME");
  if (home == nullptr || *home == '\0') return std::nullopt;
  return fs::path{home};
}

std::optional<fs::path> configuration_folder() {
  const char* named = std::getenv("XDG_CONFIG_HOME");
  if (named != nullptr && *named != '\0') return fs::path{named};
  const auto home = home_folder();
  if (!home) return std::nullopt;
  return *home / ".config";
}

fs::path own_path() {
  std::error_code error;
  const fs::path path = fs::read_symlink("/proc/self/exe", error);
  return error ? fs::path{"strata"} : path;
}

}  // namespace strata::cli
