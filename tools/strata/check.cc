// SPDX-License-Identifier: MIT
// `strata check`: tells all that is wrong with scenarios without running them.
#include <fmt/format.h>

#include "sim/scenario/explain.h"
#include "sim/scenario/json_schema.h"
#include "sim/scenario/overrides.h"
#include "sim/scenario/reference.h"
#include "tools/strata/options.h"

namespace strata::cli {
namespace {

bool explain_file(const std::string& file, const ParsedLine& line) {
  const auto text = read_file(file);
  if (!text) return false;
  scenario::Diagnostics diagnostics;
  auto document = scenario::parse_document(*text, file, diagnostics);
  if (!document) return false;
  for (const std::string& assignment : overrides_of(line)) {
    scenario::apply_override(*document, assignment, diagnostics);
  }
  print(scenario::explain(*document));
  return true;
}

}  // namespace

int check_command(const Arguments& arguments) {
  po::options_description options("options");
  options.add_options()("explain", "print every value that holds, defaults included")(
      "schema", "print the JSON Schema of the language, for editors")(
      "reference", "print the tables of the language reference, in Markdown");
  add_scenario_options(options);
  int status = kUsage;
  const auto line = parse_line("check", arguments, options, status);
  if (!line) return status;
  if (line->has("schema")) {
    print(scenario::json_schema_text());
    return kOk;
  }
  if (line->has("reference")) {
    print(scenario::reference_tables());
    return kOk;
  }
  if (line->positional.empty()) {
    complain("scenarios are missing", "write 'strata check FILE...'");
    return kUsage;
  }
  status = kOk;
  for (const std::string& file : line->positional) {
    if (!load_scenario(file, *line)) {
      status = kUsage;
      continue;
    }
    if (!line->has("explain")) {
      print(fmt::format("{}: ok\n", file));
    } else if (!explain_file(file, *line)) {
      status = kUsage;
    }
  }
  return status;
}

}  // namespace strata::cli
