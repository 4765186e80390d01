// SPDX-License-Identifier: MIT
// `strata list`: the scenarios that come with Strata, or those in a folder.
#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "sim/scenario/document.h"
#include "tools/strata/files.h"
#include "tools/strata/options.h"
#include "tools/strata/terminal.h"

namespace strata::cli {
namespace {

// Nullopt after a complaint.
std::optional<std::string> title_of(const std::string& file) {
  const auto text = read_file(file);
  if (!text) return std::nullopt;
  scenario::Diagnostics ignored;
  const auto document = scenario::parse_document(*text, file, ignored);
  if (!document) return "(not a scenario)";
  const scenario::Entry* title = document->root.find("title");
  return title != nullptr ? title->value.text : std::string{};
}

}  // namespace

int list_command(const Arguments& arguments) {
  int status = kUsage;
  const auto line = parse_line("list", arguments, po::options_description("options"), status);
  if (!line) return status;
  if (line->positional.size() > 1) {
    complain("one folder at a time", "write 'strata list FOLDER'");
    return kUsage;
  }
  const std::string folder =
      line->positional.empty() ? scenario_folder() : line->positional.front();
  const std::vector<std::string> files =
      folder.empty() ? std::vector<std::string>{} : scenario_files(folder);
  if (files.empty()) {
    complain(folder.empty() ? "there are no scenarios here"
                            : fmt::format("there are no scenarios in {}", folder),
             "name a folder, or set STRATA_SCENARIOS");
    return kUsage;
  }
  std::size_t width = 0;
  for (const std::string& file : files) width = std::max(width, file.size());
  status = kOk;
  const bool ascii = view_options(0, When::never, false).ascii;
  for (const std::string& file : files) {
    const auto title = title_of(file);
    if (!title) status = kUsage;
    if (title) print(fmt::format("{:<{}}  {}\n", file, width, views::legible(*title, ascii)));
  }
  return status;
}

}  // namespace strata::cli
