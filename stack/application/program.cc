// SPDX-License-Identifier: MIT
// The registry of programs.
#include "stack/application/program.h"

#include <algorithm>
#include <array>

#include "stack/application/program_support.h"
#include "stack/application/script.h"

namespace strata::application {
namespace {

constexpr std::array kCallsParameters{
    Parameter{"calls", ParameterKind::text, true, "",
              "The calls, one per line; a scenario writes them as a list."},
};

}  // namespace

constexpr Program kCalls{"calls", "Makes socket calls one by one and compares their results.",
                         kCallsParameters, script::run_calls, "calls passed failed"};

std::span<const Program> programs() {
  static const std::array kPrograms{
      kBulk,          kCall,          kCalls,      kChat,        kDiscardServer,
      kEchoClient,    kEchoServer,    kGame,       kHttpClient,  kHttpServer,
      kMessageReader, kMessageWriter, kPing,       kQueryClient, kQueryServer,
      kSink,          kSlowReader,    kTraceroute, kUdpSink,     kUdpSource,
  };
  return kPrograms;
}

const Program* find_program(std::string_view name) {
  const auto all = programs();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const Program& p) { return p.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string_view> figure_names(const Program& program) {
  std::vector<std::string_view> names;
  std::string_view rest = program.figures;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    names.push_back(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  names.emplace_back("errors");
  return names;
}

bool is_figure(std::string_view declared, std::string_view name) {
  if (!declared.ends_with('*')) return declared == name;
  declared.remove_suffix(1);
  return name.size() > declared.size() && name.starts_with(declared);
}

}  // namespace strata::application
