// SPDX-License-Identifier: MIT
#include "tools/strata/export_scripts.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <tl/expected.hpp>

#include "sim/packetdrill/export.h"
#include "tools/strata/files.h"
#include "tools/strata/terminal.h"

namespace strata::cli {
namespace {

namespace fs = std::filesystem;

class ScriptExport {
 public:
  ScriptExport(const scenario::Scenario& scenario, const trace::Recording& recording,
               const std::string& file)
      : scenario_(scenario),
        recording_(recording),
        file_(file),
        unsteady_links_(packetdrill::links_with_mtu_changes(recording)) {}

  // One side of one flow, or why it cannot be a script.
  tl::expected<std::string, std::string> script(const trace::Flow& flow, NodeId node) const {
    const std::string name(recording_.directory().node_name(node));
    const auto& nodes = scenario_.model.nodes;
    const auto model = std::ranges::find(nodes, name, &scenario::NodeModel::name);
    if (model == nodes.end() || model->kind != scenario::NodeKind::host) {
      return tl::unexpected(std::string("it has no end at a host of the scenario there"));
    }
    packetdrill::ExportRequest request{.flow = flow.number, .node = node, .config = &model->tcp};
    request.mtu = mtu_of(node, flow);
    request.unsteady_links = unsteady_links_;
    request.title = fmt::format("Flow {} of {} as {} saw it.", flow.number, file_, name);
    return packetdrill::export_script(recording_, request);
  }

 private:
  std::uint16_t mtu_of(NodeId node, const trace::Flow& flow) const {
    const IpAddress& address =
        flow.opener_node == node ? flow.opener.address : flow.responder.address;
    constexpr std::uint16_t kDefault = 1500;
    const auto owner = recording_.directory().owner_of(address);
    if (!owner) return kDefault;
    const trace::PortEntry* port = recording_.directory().port(owner->node, owner->port);
    if (port == nullptr || port->link == kNoLink) return kDefault;
    const auto& links = scenario_.model.links;
    const std::string name(recording_.directory().link_name(port->link));
    const auto link = std::ranges::find(links, name, &scenario::LinkModel::name);
    return link == links.end() ? kDefault : link->mtu;
  }

  const scenario::Scenario& scenario_;
  const trace::Recording& recording_;
  const std::string& file_;
  std::vector<LinkId> unsteady_links_;
};

bool write(const fs::path& path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  out.close();
  if (out) return true;
  complain(fmt::format("{} cannot be written", path.string()), "");
  return false;
}

// --flow N, else the first that is TCP; null after a complaint.
const trace::Flow* flow_asked_for(const trace::Recording& recording, const ParsedLine& line) {
  if (line.has("flow")) {
    const std::string text = line.text("flow");
    std::uint32_t number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool is_number = read.ec == std::errc() && read.ptr == text.data() + text.size();
    if (is_number && recording.flow(number) != nullptr) return recording.flow(number);
    complain(fmt::format("there is no flow {}", text),
             fmt::format("the run had {}", recording.flows().size()));
    return nullptr;
  }
  for (const trace::Flow& flow : recording.flows()) {
    if (flow.protocol == Protocol::tcp) return &flow;
  }
  complain("the run had no TCP flow", "only TCP flows become scripts");
  return nullptr;
}

bool export_one(const ScriptExport& exporter, const trace::Recording& recording,
                const ParsedLine& line, bool is_quiet) {
  const trace::Flow* flow = flow_asked_for(recording, line);
  if (flow == nullptr) return false;
  const trace::Directory& names = recording.directory();
  const NodeId node = line.has("on") ? names.find_node(line.text("on")) : flow->opener_node;
  if (node == kNoNode || (node != flow->opener_node && node != flow->responder_node)) {
    complain(fmt::format("flow {} has no end at '{}'", flow->number, line.text("on")),
             fmt::format("its ends are {} and {}", names.node_name(flow->opener_node),
                         names.node_name(flow->responder_node)));
    return false;
  }
  const auto script = exporter.script(*flow, node);
  if (!script) {
    complain(fmt::format("flow {} at {} cannot be a script: {}", flow->number,
                         names.node_name(node), script.error()),
             "");
    return false;
  }
  const std::string path = line.text("export-pkt");
  if (!write(path, *script)) return false;
  if (!is_quiet) print(fmt::format("wrote {}\n", path));
  return true;
}

bool export_all(const ScriptExport& exporter, const trace::Recording& recording,
                const ParsedLine& line, bool is_quiet) {
  const fs::path folder = line.text("export-pkt");
  std::error_code error;
  fs::create_directories(folder, error);
  if (error) {
    complain(fmt::format("{} cannot be made: {}", folder.string(), error.message()), "");
    return false;
  }
  for (const trace::Flow& flow : recording.flows()) {
    if (flow.protocol != Protocol::tcp) continue;
    for (const NodeId node : {flow.opener_node, flow.responder_node}) {
      if (node == kNoNode) continue;  // not of the scenario
      const std::string name(recording.directory().node_name(node));
      const auto script = exporter.script(flow, node);
      if (!script) {
        if (is_quiet) continue;
        print(fmt::format("left out flow {} at {}: {}\n", flow.number, name, script.error()));
        continue;
      }
      const fs::path path = folder / fmt::format("flow-{}-{}.pkt", flow.number, name);
      if (!write(path, *script)) return false;
      if (!is_quiet) print(fmt::format("wrote {}\n", path.string()));
    }
  }
  return true;
}

}  // namespace

void add_export_options(po::options_description& options) {
  options.add_options()("export-pkt", po::value<std::string>()->value_name("PATH"),
                        "write TCP flows as packetdrill scripts: one to a file *.pkt, else each "
                        "side of each to a folder")(
      "flow", po::value<std::string>()->value_name("N"), "export-pkt to a file: this flow")(
      "on", po::value<std::string>()->value_name("NODE"),
      "export-pkt to a file: as this node saw it");
}

bool check_export_options(const ParsedLine& line) {
  const bool is_file = line.has("export-pkt") && is_packetdrill_script(line.text("export-pkt"));
  for (const char* name : {"flow", "on"}) {
    if (!line.has(name) || is_file) continue;
    complain(fmt::format("--{} chooses the one flow of --export-pkt FILE.pkt", name),
             "a folder gets all of them");
    return false;
  }
  if (line.has("export-pkt") && line.text("export-pkt").empty()) {
    complain("--export-pkt names no file",
             "write '--export-pkt FOLDER' or '--export-pkt FILE.pkt'");
    return false;
  }
  return true;
}

bool export_scripts(const scenario::Scenario& scenario, const trace::Recording& recording,
                    const std::string& file, const ParsedLine& line, bool is_quiet) {
  if (!line.has("export-pkt")) return true;
  const ScriptExport exporter(scenario, recording, file);
  return is_packetdrill_script(line.text("export-pkt"))
             ? export_one(exporter, recording, line, is_quiet)
             : export_all(exporter, recording, line, is_quiet);
}

}  // namespace strata::cli
