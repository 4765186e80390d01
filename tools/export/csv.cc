// SPDX-License-Identifier: MIT
// Time series as CSV (RFC 4180): a head line with names that end in their unit, one row a change.
// The values are those of the events; nothing is interpolated.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <utility>

#include "sim/analysis/series.h"
#include "tools/export/format.h"

namespace strata::exports {
namespace {

using trace::Recording;

std::int64_t ns(Instant instant) { return (instant - kStart).count(); }

// A cell; in quotes where it has to be.
std::string cell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string{text};
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c;
    if (c == '"') quoted += c;
  }
  return quoted + '"';
}

// Hands rows on in large pieces.
class Rows {
 public:
  Rows(const Sink& sink, std::string_view head) : sink_(sink), text_(head) { text_ += '\n'; }
  ~Rows() { sink_(text_); }
  Rows(const Rows&) = delete;
  Rows& operator=(const Rows&) = delete;

  template <typename... Values>
  void row(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
    text_ += '\n';
    if (text_.size() < kPiece) return;
    sink_(text_);
    text_.clear();
  }

 private:
  static constexpr std::size_t kPiece = 1U << 16U;
  const Sink& sink_;
  std::string text_;
};

// Calls `row` with each event of one kind that the request asks for, and the number of its flow.
template <typename Body, typename Row>
void each(const Recording& recording, const Request& request, Row row) {
  const std::vector<std::uint32_t> flows = flows_of_events(recording);
  for (std::size_t i = 0; i < recording.events().size(); ++i) {
    const Event& event = recording.events()[i];
    const auto* body = std::get_if<Body>(&event.body);
    if (body == nullptr || event.time < request.from || event.time > request.until) continue;
    if (!request.flow || flows[i] == *request.flow) row(event, *body, flows[i]);
  }
}

// ---- throughput --------------------------------------------------------------------------------

constexpr std::int64_t kSteps = 100;

// A hundredth of the time in which the flow sent and received, so that TIME-WAIT does not count.
Duration step_of(const Recording& recording, const trace::Flow& flow) {
  Instant last = kStart;
  for (const trace::EventIndex index : recording.of_flow(flow.number)) {
    const Event& event = recording.event(index);
    if (std::holds_alternative<FrameReceived>(event.body)) last = event.time;
  }
  return std::max<Duration>((last - kStart) / kSteps, 1us);
}

void write_rates(const Recording& recording, const Request& request, const trace::Flow& flow,
                 bool is_opener, Rows& rows) {
  const auto end = analysis::flow_end(recording, flow.number, is_opener);
  if (!end) return;
  const Duration step = step_of(recording, flow);
  const std::vector<analysis::Series> rates = analysis::rate_series(recording, *end, step);
  if (rates.size() != 2) return;
  for (std::size_t i = 0; i < rates[0].samples.size(); ++i) {
    const Instant time = rates[0].samples[i].time;
    if (time < request.from || time > request.until) continue;
    rows.row("{},{},{},{},{},{}", ns(time), step.count(), flow.number,
             is_opener ? "opener" : "responder", rates[0].samples[i].value,
             i < rates[1].samples.size() ? rates[1].samples[i].value : 0);
  }
}

// ---- queues ------------------------------------------------------------------------------------

// The frames that wait at one port. Events tell when one begins to wait; it stops when it is sent
// or thrown away.
struct Queue {
  std::set<PacketUid> waiting;
  std::uint32_t frames = 0;
  std::uint32_t bytes = 0;

  // False when it did not wait here.
  bool leave(PacketUid uid, std::size_t size) {
    if (waiting.erase(uid) == 0) return false;
    frames -= std::min(frames, 1U);
    bytes -= std::min(bytes, static_cast<std::uint32_t>(size));
    return true;
  }
};

class QueueRows {
 public:
  QueueRows(const Recording& recording, const Request& request, const Sink& sink)
      : names_(recording.directory()),
        request_(request),
        rows_(sink, "t_ns,link,node,port,uid,change,queued_frames,queued_bytes") {}

  void read(const Event& event) {
    if (const auto* queued = std::get_if<FrameQueued>(&event.body)) {
      Queue& queue = queues_[{event.node, queued->port}];
      queue.waiting.insert(event.uid);
      queue.frames = queued->queued_frames;
      queue.bytes = queued->queued_bytes;
      row(event, queued->link, queued->port, "queued");
    } else if (const auto* sent = std::get_if<FrameSent>(&event.body)) {
      Queue& queue = queues_[{event.node, sent->port}];
      if (queue.leave(event.uid, sent->frame.size())) row(event, sent->link, sent->port, "sent");
    } else if (const auto* dropped = std::get_if<Dropped>(&event.body)) {
      const bool is_here = dropped->reason == DropReason::queue_full ||
                           dropped->reason == DropReason::queue_managed ||
                           dropped->reason == DropReason::link_down;
      if (!is_here || dropped->port == kNoPort) return;
      queues_[{event.node, dropped->port}].leave(event.uid, dropped->packet.size());
      row(event, dropped->link, dropped->port, to_text(dropped->reason));
    }
  }

 private:
  void row(const Event& event, LinkId link, PortId port, std::string_view change) {
    if (event.time < request_.from || event.time > request_.until) return;
    const Queue& queue = queues_[{event.node, port}];
    rows_.row("{},{},{},{},{},{},{},{}", ns(event.time), cell(names_.link_name(link)),
              cell(names_.node_name(event.node)), cell(names_.port_name(event.node, port)),
              raw(event.uid), change, queue.frames, queue.bytes);
  }

  const trace::Directory& names_;
  const Request& request_;
  Rows rows_;
  std::map<std::pair<NodeId, PortId>, Queue> queues_;
};

}  // namespace

Trouble write_tcp_csv(const Recording& recording, const Request& request, const Sink& sink) {
  const trace::Directory& names = recording.directory();
  Rows rows(sink,
            "t_ns,flow,node,local,remote,state,phase,mss_bytes,cwnd_bytes,ssthresh_bytes,"
            "flight_bytes,snd_wnd_bytes,rcv_wnd_bytes,snd_una,snd_nxt,rcv_nxt,out_of_order_bytes,"
            "srtt_ns,rttvar_ns,rto_ns");
  each<TcpVariables>(
      recording, request, [&](const Event& event, const TcpVariables& v, std::uint32_t flow) {
        rows.row("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}", ns(event.time),
                 flow, cell(names.node_name(event.node)), to_text(v.flow.local),
                 to_text(v.flow.remote), to_text(v.state), v.phase, v.mss, v.cwnd, v.ssthresh,
                 v.flight, v.snd_wnd, v.rcv_wnd, v.snd_una, v.snd_nxt, v.rcv_nxt, v.out_of_order,
                 v.srtt.count(), v.rttvar.count(), v.rto.count());
      });
  return std::nullopt;
}

Trouble write_rtt_csv(const Recording& recording, const Request& request, const Sink& sink) {
  const trace::Directory& names = recording.directory();
  Rows rows(sink, "t_ns,flow,node,local,remote,sample_ns,srtt_ns,rttvar_ns,rto_ns");
  each<RttSampled>(recording, request,
                   [&](const Event& event, const RttSampled& rtt, std::uint32_t flow) {
                     rows.row("{},{},{},{},{},{},{},{},{}", ns(event.time), flow,
                              cell(names.node_name(event.node)), to_text(rtt.flow.local),
                              to_text(rtt.flow.remote), rtt.sample.count(), rtt.srtt.count(),
                              rtt.rttvar.count(), rtt.rto.count());
                   });
  return std::nullopt;
}

Trouble write_queue_csv(const Recording& recording, const Request& request, const Sink& sink) {
  QueueRows rows(recording, request, sink);
  for (const Event& event : recording.events()) rows.read(event);
  return std::nullopt;
}

Trouble write_throughput_csv(const Recording& recording, const Request& request, const Sink& sink) {
  Rows rows(sink, "t_ns,step_ns,flow,sender,throughput_bps,goodput_bps");
  for (const trace::Flow& flow : recording.flows()) {
    if (request.flow && flow.number != *request.flow) continue;
    for (const bool is_opener : {true, false}) {
      write_rates(recording, request, flow, is_opener, rows);
    }
  }
  return std::nullopt;
}

}  // namespace strata::exports
