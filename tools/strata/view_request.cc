// SPDX-License-Identifier: MIT
#include "tools/strata/view_request.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/program_options/value_semantic.hpp>

namespace strata::cli {

void add_selection_options(po::options_description& options) {
  options.add_options()("uid", po::value<std::string>()->value_name("N"),
                        "the packet with this number")(
      "of", po::value<std::string>()->value_name("PACKET"),
      "the packet meant, for instance 'data 3', 'syn 1', 'drop 1'")(
      "flow", po::value<std::string>()->value_name("N"), "the conversation with this number")(
      "at", po::value<std::string>()->value_name("TIME"), "sockets: at this instant")(
      "on", po::value<std::string>()->value_name("NODE"), "sockets, demux: of this node only")(
      "link", po::value<std::string>()->value_name("LINK"), "packet: as it was on this link")(
      "from", po::value<std::string>()->value_name("TIME"), "ladder: begin here")(
      "to", po::value<std::string>()->value_name("TIME"), "ladder: end here");
}

std::string request_text(const ParsedLine& line) {
  std::string text =
      fmt::format("{}", fmt::join(line.positional.begin() + 1, line.positional.end(), " "));
  const auto add = [&](const char* option, std::string_view clause) {
    if (line.has(option)) text += fmt::format(" {} {}", clause, line.text(option));
  };
  add("uid", "of uid");
  add("of", "of");
  add("flow", "of flow");
  add("at", "at");
  add("on", "on");
  add("link", "link");
  add("from", "from");
  add("to", "until");
  add("bytes", "bytes");
  add("code", "code");
  return text;
}

}  // namespace strata::cli
