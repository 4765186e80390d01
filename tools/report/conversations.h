// SPDX-License-Identifier: MIT
// The tables of a report about TCP and UDP conversations: what each end knew and did, over time.
#pragma once

#include <map>
#include <string>

#include "sim/trace/recording.h"
#include "tools/report/table.h"

namespace strata::report {

class Conversations {
 public:
  Conversations(const trace::Recording& recording, Strings& strings)
      : recording_(recording), strings_(strings) {}

  // Every event, in order.
  void read(const Event& event);
  // Name of each table and its JSON.
  std::map<std::string, std::string> tables() const;
  // The conversations themselves.
  std::string flows_json() const;

 private:
  struct Place {
    std::int64_t flow = 0;
    std::int64_t side = 0;  // 0: the opener's
  };
  Place place(const FlowKey& key, Protocol protocol = Protocol::tcp) const;

  void on(const Event& event, const TcpVariables& variables);
  void on(const Event& event, const RttSampled& sampled);
  void on(const Event& event, const TcpStateChanged& change);
  void on(const Event& event, const TimerChanged& change);
  void on(const Event& event, const TcpSegmentSent& segment);
  void on(const Event& event, const TcpSegmentReceived& segment);
  void on(const Event& event, const StreamWritten& written);
  void on(const Event& event, const StreamRead& read);
  template <typename Other>
  void on(const Event&, const Other&) {}
  void read_sack(const Event& event, const TcpSegmentReceived& segment, Place at);

  const trace::Recording& recording_;
  Strings& strings_;
  Table variables_{"flow",   "side",       "~time",  "uid",    "state",  "phase",  "mss",
                   "cwnd",   "ssthresh",   "flight", "sndWnd", "rcvWnd", "sndUna", "sndNxt",
                   "rcvNxt", "outOfOrder", "srtt",   "rttvar", "rto",    "cause"};
  Table rtt_samples_{"flow", "side", "~time", "uid", "sample", "srtt", "rttvar", "rto"};
  Table states_{"flow", "side", "~time", "uid", "from", "to", "cause"};
  Table timers_{"flow", "side", "~time", "timer", "action", "deadline"};
  Table sent_{"flow",  "side", "~time", "uid",   "offset",   "length",
              "flags", "ack",  "kind",  "cause", "original", "because"};
  Table received_{"flow",  "side", "~time", "uid",        "offset", "length",
                  "flags", "ack",  "acked", "duplicates", "verdict"};
  Table sack_blocks_{"flow", "side", "~time", "uid", "begin", "end"};
  Table transfers_{"flow", "side", "~time", "action", "offset", "length"};
};

}  // namespace strata::report
