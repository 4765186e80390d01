// SPDX-License-Identifier: MIT
// Runs a packetdrill script in virtual time against one host of this stack.
//
// The script is the other end of the cable and the user of the sockets: what it says with '<'
// arrives, what it says with '>' must be the next packet that the host sends, at that time within
// the tolerance. Segments that leave at one instant, one behind the other, count as the one packet
// that a card with segmentation offload would have been given.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/packetdrill/parser.h"
#include "sim/packetdrill/script.h"
#include "sim/trace/directory.h"
#include "sim/trace/metrics.h"
#include "stack/base/tracer.h"
#include "stack/socket/sockets.h"

namespace strata::packetdrill {

enum class Verdict : std::uint8_t {
  passed,
  failed,       // the stack did something else
  broken,       // the script has a mistake
  unsupported,  // the script asks for what there is not
};

struct Report {
  Verdict verdict = Verdict::passed;
  std::size_t events = 0;  // of the script
  Position at;             // of what is wrong
  std::string problem;
  std::vector<std::string> details;  // expected and actual, how to mend it
  std::vector<std::string> notes;    // commands and options that were left out
  bool over_ipv4 = false;            // in place of IPv6, which the script asks for

  // What there is to look at afterwards, up to where the script ended or failed.
  struct SocketsAt {
    Instant at{};
    std::vector<socket::SocketInfo> sockets;
  };
  Instant end{};
  trace::Directory directory;
  trace::LinkMetrics cable;        // "a" is the end of the stack
  std::vector<Prefix> addresses;   // of the stack
  std::vector<SocketsAt> sockets;  // at the instants asked for, then at the end
};

// Who sees everything of a kind that happens in a run. The observer must outlive it.
struct Watch {
  Observer* observer = nullptr;
  EventMask wanted = kAllEvents;
};

struct RunOptions {
  Definitions definitions;      // -D NAME=VALUE
  std::vector<Option> options;  // as if they stood first in the script
  std::string profile;          // instead of what the script says or looks like
  std::vector<Watch> watches;
  std::vector<Instant> socket_times;  // ascending: when Report::sockets is to be taken
};

Report run(std::string_view script, const RunOptions& options = {});

}  // namespace strata::packetdrill
