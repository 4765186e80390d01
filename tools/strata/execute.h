// SPDX-License-Identifier: MIT
// One run as the command line wants it: with a recording if views need one, socket tables at the
// instants asked for, capture files, a progress line, and an orderly end on Ctrl-C.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/run.h"
#include "sim/trace/capture_observer.h"
#include "sim/trace/recording.h"
#include "tools/report/socket_log.h"
#include "tools/views/sockets.h"

namespace strata::cli {

struct SocketTables {
  Instant at{};
  std::vector<analysis::HostSockets> hosts;
};

struct ExecuteOptions {
  // Who makes time pass, in the time of the clock; a capture is then handed on whenever it asks
  // whether to stop. Empty: the simulation, as fast as it can.
  scenario::Drive drive;
  std::function<void()> at_end;  // see scenario::RunOptions
  bool fingerprint = true;       // likewise
  bool record = false;
  // Told of every event as it happens.
  std::function<void(const trace::Directory& names, const Event& event)> on_event;
  std::vector<Instant> socket_times;  // kNever: at the end of the run
  bool log_sockets = false;           // the tables of all hosts, at every instant
  std::optional<trace::CaptureOptions> capture;
  bool progress = false;
};

struct Execution {
  scenario::RunOutcome outcome;
  trace::Recording recording;  // empty unless asked for
  std::vector<SocketTables> socket_tables;
  report::SocketLog sockets;  // empty unless asked for
  std::vector<std::string> capture_files;
  std::string problem;  // a capture could not be written: a sentence; empty: all went well
};

Execution execute(const scenario::Scenario& scenario, const ExecuteOptions& options);

}  // namespace strata::cli
