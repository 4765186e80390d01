// SPDX-License-Identifier: MIT
// `calls:`, a process spelled out socket call by socket call. The language of the calls belongs to
// the application layer (stack/application/script.h); here it gets positions.
#include <fmt/format.h>

#include "sim/scenario/parse.h"
#include "stack/application/script.h"

namespace strata::scenario {
namespace {

namespace script = application::script;

void report(const Value& item, const script::ParseProblem& problem, Diagnostics& diagnostics) {
  Position at = item.at;
  // In a plain scalar the column of the problem is a column of the file.
  if (!item.is_quoted && at.line > 0 && problem.column > 0) {
    at.column += static_cast<int>(problem.column) - 1;
  }
  diagnostics.error(at, problem.message, problem.mend);
}

}  // namespace

void parse_calls(MapReader& reader, ProcessModel& process, Diagnostics& diagnostics) {
  process.program = application::find_program("calls");
  std::string lines;
  script::NameCheck names;
  bool is_empty = true;
  for (const Value* item : reader.texts("calls")) {
    is_empty = false;
    if (item->text.find('\n') != std::string::npos) {
      diagnostics.error(item->at, "a call is one line", "make each call an item of the list");
      continue;
    }
    lines += (lines.empty() ? "" : "\n") + item->text;
    const auto call = script::parse_call(item->text);
    if (!call) {
      report(*item, call.error(), diagnostics);
      continue;
    }
    if (const auto problem = names.check(*call)) report(*item, *problem, diagnostics);
    const bool has_destination = call->verb == script::Verb::connect ||
                                 call->verb == script::Verb::sendto ||
                                 call->verb == script::Verb::sendmsg;
    if (!has_destination) continue;
    if (call->address.host.empty()) continue;
    process.targets.push_back({.text = item->text,
                               .node = call->address.host,
                               .is_name = !IpAddress::parse(call->address.host).has_value(),
                               .parameter = "calls",
                               .at = item->at});
  }
  if (is_empty) {
    diagnostics.error(reader.at("calls"), "'calls' is empty",
                      "write for instance '- s = socket stream'");
  }
  process.arguments.set("calls", std::move(lines));
}

}  // namespace strata::scenario
