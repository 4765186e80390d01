// SPDX-License-Identifier: MIT
// `strata new`: a commented scenario to begin with.
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "tools/strata/options.h"

namespace strata::cli {
namespace {

constexpr std::string_view kTemplate = R"(# A scenario for Strata. Run it:    strata run {0}
# What every key means:             docs/scenario-language.md
# Everything that holds, defaults:  strata check --explain {0}

title: A first scenario
about: |
  What one should see, and why.
seed: 1                       # every random decision follows from it

nodes:                        # hosts, unless `kind:` says switch or router
  client: {{ address: 10.0.1.10/24 }}
  server: {{ address: 10.0.1.20/24 }}

links:
  wire:
    ends: [client, server]
    rate: 10 Mbit/s
    delay: 5 ms
    # impair: [ {{ loss: 1 % }} ]        what goes wrong on it

processes:
  - {{ on: client, run: ping, to: server }}

# show: [ladder]              # views that `strata run` prints
expect:
  - link.wire.dropped == 0
  - finished before 10 s
)";

struct CloseFile {
  void operator()(std::FILE* file) const { std::fclose(file); }
};

}  // namespace

int new_command(const Arguments& arguments) {
  int status = kUsage;
  const auto line = parse_line("new", arguments, po::options_description("options"), status);
  if (!line) return status;
  if (line->positional.size() != 1 || line->positional.front().empty()) {
    complain(line->positional.size() > 1 ? "one name at a time" : "a name is missing",
             "write 'strata new NAME.yaml'");
    return kUsage;
  }
  std::string path = line->positional.front();
  if (!path.ends_with(".yaml") && !path.ends_with(".yml")) path += ".yaml";
  // "x": fails when the file exists, without a moment between looking and writing.
  const std::unique_ptr<std::FILE, CloseFile> file(std::fopen(path.c_str(), "wx"));
  if (file == nullptr) {
    const bool exists = errno == EEXIST;
    complain(exists ? fmt::format("{} already exists", path)
                    : fmt::format("cannot write {}: {}", path, std::strerror(errno)),
             exists ? "choose another name" : "");
    return kUsage;
  }
  const std::string text = fmt::format(kTemplate, path);
  const bool written = std::fwrite(text.data(), 1, text.size(), file.get()) == text.size() &&
                       std::fflush(file.get()) == 0;
  if (!written) {
    complain(fmt::format("cannot write {}: {}", path, std::strerror(errno)), "");
    std::remove(path.c_str());
    return kUsage;
  }
  print(fmt::format("wrote {}; now: strata run {}\n", path, path));
  return kOk;
}

}  // namespace strata::cli
