// SPDX-License-Identifier: MIT
// The extcap interface at work: a simulation that is captured while it runs.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <optional>

#include "sim/device/paced_run.h"
#include "sim/scenario/run.h"
#include "sim/trace/capture_observer.h"
#include "tools/strata/extcap.h"
#include "tools/strata/files.h"
#include "tools/strata/live.h"

namespace strata::cli {
namespace {

// Wireshark ends a capture with SIGTERM and waits for nothing that is still to come.
void on_end(int) { ::_exit(kOk); }

std::optional<double> number_of(const std::string& text) {
  double value = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
  return value;
}

// Virtual seconds per second; zero: as fast as it goes. Nullopt after a complaint.
std::optional<double> read_speed(const ParsedLine& line) {
  const std::string text = line.has("speed") ? line.text("speed") : "1";
  if (text == "fast") return 0.0;
  const auto speed = number_of(text);
  if (speed && *speed > 0 && *speed <= 1e9) return speed;
  complain(fmt::format("--speed {} is not a speed", scenario::in_quotes(text)),
           "write 1 for real time, 10 or 0.1 for ten times and a tenth, or fast");
  return std::nullopt;
}

// --loss in percent, added to every link. False after a complaint.
bool add_loss(const ParsedLine& line, scenario::Model& model) {
  if (!line.has("loss")) return true;
  const std::string text = line.text("loss");
  const auto percent = number_of(text);
  const auto probability =
      percent ? scenario::parse_probability(text + " %")
              : scenario::mistake(fmt::format("{} is not a number", scenario::in_quotes(text)), "");
  if (!probability) {
    complain(fmt::format("--loss {}: {}", text, probability.error().what),
             "write the percentage of frames to lose, 0 to 100");
    return false;
  }
  if (*percent == 0) return true;
  for (scenario::LinkModel& link : model.links) {
    scenario::ImpairmentModel loss;
    loss.model = sim::Loss{*probability};
    link.impairments.push_back(std::move(loss));
  }
  return true;
}

// The interfaces meant: all for "all", NODE or NODE:PORT, the first host's when nothing is said.
// False after a complaint.
bool choose_interfaces(const std::string& text, const trace::Directory& names,
                       trace::CaptureOptions& options) {
  if (text == "all") return true;
  NodeId node = kNoNode;
  PortId port{0};
  if (text.empty()) {
    for (std::uint32_t i = 0; i < names.nodes.size() && node == kNoNode; ++i) {
      if (names.nodes[i].kind == trace::NodeKind::host && !names.nodes[i].ports.empty()) {
        node = NodeId{i};
      }
    }
  } else {
    const std::size_t colon = text.find(':');
    node = names.find_node(text.substr(0, colon));
    if (node != kNoNode && colon != std::string::npos) {
      port = names.find_port(node, text.substr(colon + 1));
    }
  }
  if (node != kNoNode && names.port(node, port) != nullptr) {
    options.interfaces = {{node, port}};
    return true;
  }
  std::vector<std::string> known{"all"};
  for (std::uint32_t i = 0; i < names.nodes.size(); ++i) {
    for (std::uint16_t k = 0; k < names.nodes[i].ports.size(); ++k) {
      known.push_back(names.interface_name(NodeId{i}, PortId{k}));
    }
  }
  complain_about(text, known, "the scenario has no interface", "write for instance client:eth0");
  return false;
}

// Standard output becomes the FIFO. False after a complaint.
bool open_fifo(const std::string& path) {
  const int fifo = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fifo >= 0 && ::dup2(fifo, STDOUT_FILENO) >= 0) {
    ::close(fifo);
    return true;
  }
  complain(fmt::format("cannot write to {}: {}", path, std::strerror(errno)), "");
  return false;
}

}  // namespace

std::string extcap_default_scenario() {
  const std::string folder = scenario_folder();
  if (folder.empty()) return {};
  std::error_code error;
  const auto path = std::filesystem::absolute(folder, error) / "loss" / "fast-retransmit.yaml";
  return path.string();
}

int extcap_capture(const ParsedLine& line) {
  if (!line.has("fifo")) {
    complain("--capture needs --fifo", "Wireshark gives it");
    return kUsage;
  }
  std::signal(SIGTERM, on_end);
  std::signal(SIGINT, on_end);
  // Before anything can go wrong: dumpcap waits for the other end, even when we have ended.
  if (!open_fifo(line.text("fifo"))) return kUsage;
  const auto speed = read_speed(line);
  if (!speed) return kUsage;
  const std::string path = line.has("scenario") ? line.text("scenario") : extcap_default_scenario();
  auto scenario = load_scenario(path, line);
  if (!scenario || !is_simulation(*scenario, path) || !add_loss(line, scenario->model)) {
    return kUsage;
  }
  trace::CaptureOptions options{.path = "-", .single_file = true};
  options.filter = line.text("extcap-capture-filter");
  options.comments = {fmt::format("scenario {}", path),
                      fmt::format("seed {}", scenario->model.seed)};
  if (const auto wrong = sim::check_filter(options.filter)) {
    complain(fmt::format("the capture filter is not understood: {}", *wrong), "see pcap-filter(7)");
    return kUsage;
  }
  std::unique_ptr<trace::CaptureObserver> capture;
  scenario::RunOptions run_options;
  run_options.should_stop = [&] { return capture->has_failed(); };
  run_options.drive = [&](sim::World& world, Instant until,
                          const std::function<bool()>& should_stop) {
    if (*speed == 0) return world.run_until(until, should_stop);
    return device::run_paced(world, until, *speed, should_stop, [&] { capture->flush(); });
  };
  scenario::Run run(*scenario, run_options);
  const trace::Directory names = trace::Directory::of(run.world());
  if (!choose_interfaces(line.text("interface"), names, options)) return kUsage;
  auto opened = trace::CaptureObserver::create(names, options);
  if (!opened) {
    complain(opened.error(), "");
    return kUsage;
  }
  capture = std::move(*opened);
  capture->flush();
  run.observe(*capture, capture->wanted());
  const scenario::RunOutcome outcome = run.finish();
  // A reader that went away is no problem of ours.
  capture->finish(outcome.figures.metrics.result.end);
  return kOk;
}

}  // namespace strata::cli
