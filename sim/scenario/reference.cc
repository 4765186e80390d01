// SPDX-License-Identifier: MIT
#include "sim/scenario/reference.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/scenario/figures.h"
#include "sim/scenario/schema.h"
#include "sim/trace/words.h"
#include "stack/application/program.h"
#include "stack/base/drop_reason.h"

namespace strata::scenario {
namespace {

std::string_view where(Section section) {
  switch (section) {
    case Section::none:
      return "";
    case Section::scenario:
      return "The top of the file.";
    case Section::node:
      return "Each entry of `nodes`.";
    case Section::route:
      return "Each item of a node's `routes`.";
    case Section::tcp:
      return "`tcp` of a host or router.";
    case Section::network:
      return "`network` of a host or router.";
    case Section::arp:
      return "`arp` of a host or router.";
    case Section::link:
      return "Each entry of `links`.";
    case Section::queue:
      return "`queue` of a link, where it says more than a limit.";
    case Section::impairment:
      return "Each item of a link's `impair`: exactly one of the first ten keys, and conditions.";
    case Section::burst_loss:
    case Section::corrupt:
    case Section::truncate:
    case Section::duplicate:
    case Section::reorder:
    case Section::jitter:
    case Section::down:
    case Section::mtu_change:
      return "In an item of `impair`.";
    case Section::process:
      return "Each item of `processes`: `run` with the parameters of the program, or `calls`.";
    case Section::capture:
      return "`capture` of the scenario.";
    case Section::device:
      return "`device` of a node, or of an end of a link: an interface of the operating system, or "
             "a capture file.";
  }
  return "";
}

std::string value_of(const Key& key) {
  std::string text{describe(key.kind)};
  if (key.kind == Kind::choice) text = fmt::format("`{}`", fmt::join(choices(key), "`, `"));
  if (key.kind == Kind::map || key.kind == Kind::list_of_maps || key.kind == Kind::named_maps ||
      key.kind == Kind::map_or_share || key.kind == Kind::map_or_queue) {
    text += fmt::format(", see [{0}](#{0})", identifier(key.child));
  }
  if (key.high != 0 && key.kind == Kind::count) {
    text += fmt::format(", {} to {}", key.low, key.high);
  }
  return text;
}

std::string nodes_of(const Key& key) {
  if (key.nodes == on_any) return "";
  if (key.nodes == on_switch) return " Switches only.";
  if (key.nodes == on_device) return " Devices only.";
  if (key.nodes == on_simulated) return " Not on devices.";
  return " Hosts and routers only.";
}

// "`false`; linux, freebsd: `true`": profiles with the same default stand together.
std::string default_of(const Key& key) {
  if (key.required) return "required";
  if (key.fallback.empty()) return "";
  std::string text = fmt::format("`{}`", key.fallback);
  std::string_view last = key.fallback;
  for (const std::string_view profile : {"linux", "freebsd", "teaching"}) {
    const std::string_view fallback = fallback_under(key, profile);
    if (fallback == key.fallback) continue;
    if (fallback == last) {
      text.insert(text.rfind(": `"), fmt::format(", {}", profile));
    } else {
      text += fmt::format("; {}: `{}`", profile, fallback);
    }
    last = fallback;
  }
  return text;
}

void section_table(Section section, std::string& out) {
  out += fmt::format("### {}\n\n{}\n\n", identifier(section), where(section));
  out += "| key | value | default | meaning |\n|---|---|---|---|\n";
  for (const Key& key : keys(section)) {
    out += fmt::format("| `{}` | {} | {} | {}{} |\n", key.name, value_of(key), default_of(key),
                       key.help, nodes_of(key));
  }
  out += "\n";
}

void program_tables(std::string& out) {
  out += "### programs\n\nWhat `run` can name, and the parameters that stand beside it.\n\n";
  out += "| program | parameter | default | meaning |\n|---|---|---|---|\n";
  for (const application::Program& program : application::programs()) {
    if (program.name == "calls") continue;  // a key of its own
    out += fmt::format("| `{}` | | | {} Counts `{}`. |\n", program.name, program.help,
                       fmt::join(application::figure_names(program), "`, `"));
    for (const application::Parameter& parameter : program.parameters) {
      const std::string fallback = parameter.required ? "required"
                                   : parameter.fallback.empty()
                                       ? ""
                                       : fmt::format("`{}`", parameter.fallback);
      out += fmt::format("| | `{}` | {} | {} |\n", parameter.name, fallback, parameter.help);
    }
  }
  out += "\n";
}

void figure_table(std::string& out) {
  out += "### figures\n\nWhat `expect` can name; `run --json` reports the same numbers.\n\n";
  out += "| figure | kind | meaning |\n|---|---|---|\n";
  for (const FigureHelp& figure : figure_help()) {
    out += fmt::format("| `{}` | {} | {} |\n", figure.name, figure.unit, figure.help);
  }
  out +=
      fmt::format("\nWHY of a retransmission: {}.\n\n", fmt::join(retransmission_reasons(), ", "));
  out += "| CAUSE of a drop | in the words of the views |\n|---|---|\n";
  for (std::size_t i = 0; i < kDropReasons; ++i) {
    const auto reason = static_cast<DropReason>(i);
    out += fmt::format("| `{}` | {} |\n", strata::to_text(reason), words_of(reason));
  }
}

}  // namespace

std::string reference_tables() {
  std::string out;
  for (std::size_t i = 1; i < kSections; ++i) section_table(static_cast<Section>(i), out);
  program_tables(out);
  figure_table(out);
  return out;
}

}  // namespace strata::scenario
