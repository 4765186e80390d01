// SPDX-License-Identifier: MIT
// One packet in a few words, as the ladder shows it: "SYN seq 0 <mss 1460>", "DATA 1:1461",
// "RETX 1461:2921 (fast retransmit)", "ARP who has 10.0.1.1". TCP numbers are relative to the
// initial sequence numbers, as Wireshark counts them.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "sim/trace/recording.h"
#include "stack/base/seq32.h"
#include "tools/views/text.h"

namespace strata::views {

struct Label {
  std::string text;
  Role role = Role::plain;
  bool is_ordinary = false;  // in-order data or a plain ACK: a run of them may be folded
};

// Knows the initial sequence numbers of a recording.
class Labeller {
 public:
  explicit Labeller(const trace::Recording& recording);
  Label label(PacketUid uid) const;

 private:
  std::string tcp_text(PacketUid uid, const IpAddress& source, const IpAddress& destination,
                       Bytes segment, Label& label) const;

  const trace::Recording& recording_;
  std::map<FlowKey, Seq32> initial_;  // by (sender, receiver)
};

}  // namespace strata::views
