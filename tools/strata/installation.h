// SPDX-License-Identifier: MIT
// Files that Strata puts into folders of another program, and takes out again: nothing of the
// user's is overwritten, and nothing that was changed since is removed.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace strata::cli {

struct InstalledFile {
  std::filesystem::path path;
  std::string content;
  bool is_program = false;
};

// Writes all of them, or none. A file of another content is replaced only when it holds `mark`,
// which every file of ours does. The error is a sentence for the user.
std::optional<std::string> install(const std::vector<InstalledFile>& files, std::string_view mark);

struct Removal {
  std::vector<std::filesystem::path> removed;
  std::vector<std::filesystem::path> kept;  // changed since, or not ours
};
// Removes what install() wrote, and the folders above it that are empty then, up to `root`.
Removal uninstall(const std::vector<InstalledFile>& files, const std::filesystem::path& root);

// The user's folders: $HOME, and where its configuration is ($XDG_CONFIG_HOME or ~/.config).
// Nullopt when the environment does not say.
std::optional<std::filesystem::path> home_folder();
std::optional<std::filesystem::path> configuration_folder();

// The running program's file.
std::filesystem::path own_path();

}  // namespace strata::cli
