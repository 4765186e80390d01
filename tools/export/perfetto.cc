// SPDX-License-Identifier: MIT
// Chrome's trace events in JSON, which ui.perfetto.dev opens. A process for each node, with a track
// for each port (a slice is a frame being sent), one for each connection (slices are states), and
// counters of TCP's variables and of the queues; a process "links" where a frame is on its way from
// first bit out to last bit in. Drops are instants; arrows lead from a packet to what it provoked
// and from the first sending of octets to their retransmission.
#include <fmt/format.h>

#include <iterator>
#include <map>

#include "sim/analysis/series.h"
#include "tools/export/format.h"
#include "tools/export/json.h"
#include "tools/views/label.h"

namespace strata::exports {
namespace {

using trace::Recording;

constexpr std::uint32_t kLinks = 1'000'000;  // process of the links
constexpr std::uint32_t kFlowTracks = 1000;  // tracks of connections come after those of ports

// Times are in microseconds; the fraction keeps the nanoseconds.
std::string us(Instant instant) {
  const auto ns = (instant - kStart).count();
  return fmt::format("{}.{:03}", ns / 1000, ns % 1000);
}

std::uint32_t process_of(NodeId node) { return raw(node) + 1; }

class TraceWriter {
 public:
  TraceWriter(const Recording& recording, const Request& request, const Sink& sink)
      : recording_(recording),
        names_(recording.directory()),
        request_(request),
        sink_(sink),
        labels_(recording),
        flows_(flows_of_events(recording)) {}

  void write() {
    text_ = "{\"displayTimeUnit\":\"ns\",\"otherData\":" +
            text_of({{"scenario", request_.scenario}, {"seed", recording_.seed()}}, false) +
            ",\"traceEvents\":[\n";
    tracks();
    for (std::size_t i = 0; i < recording_.events().size(); ++i) {
      const Event& event = recording_.events()[i];
      if (event.time < request_.from || event.time > request_.until) continue;
      if (request_.flow && flows_[i] != *request_.flow) continue;
      std::visit([&](const auto& body) { on(event, flows_[i], body); }, event.body);
    }
    end_states();
    queues();
    sink_(text_ + "\n]}\n");
  }

 private:
  struct Track {
    std::uint32_t process = 0;
    std::uint32_t thread = 0;
    friend auto operator<=>(const Track&, const Track&) = default;
  };
  struct Slice {  // a frame being sent by its first node
    Track track;
    Instant time{};
  };

  // ---- names ----
  void name(std::uint32_t process, std::string_view of) {
    record("M", {process, 0}, kStart, "process_name",
           fmt::format(",\"args\":{{\"name\":{}}}", quoted(of)));
  }
  void name(Track track, std::string_view of) {
    record("M", track, kStart, "thread_name", fmt::format(",\"args\":{{\"name\":{}}}", quoted(of)));
  }
  void tracks() {
    for (std::uint32_t node = 0; node < names_.nodes.size(); ++node) {
      name(node + 1, names_.nodes[node].name);
      for (std::uint32_t port = 0; port < names_.nodes[node].ports.size(); ++port) {
        name({node + 1, port + 1}, names_.nodes[node].ports[port].name + " sends");
      }
    }
    name(kLinks, "links");
    for (std::uint32_t link = 0; link < names_.links.size(); ++link) {
      name({kLinks, link + 1}, names_.links[link].name);
    }
    for (const trace::Flow& flow : recording_.flows()) {
      for (const NodeId node : {flow.opener_node, flow.responder_node}) {
        if (node == kNoNode) continue;
        name({process_of(node), kFlowTracks + flow.number},
             fmt::format("{} flow {}", to_text(flow.protocol), flow.number));
      }
    }
  }

  // ---- events ----
  void on(const Event& event, std::uint32_t, const FrameSent& sent) {
    const Track track{process_of(event.node), raw(sent.port) + 1U};
    const std::string label = labels_.label(event.uid).text;
    const std::string facts =
        fmt::format(",\"args\":{{\"uid\":{},\"octets\":{}}}", raw(event.uid), sent.frame.size());
    const auto sending = (sent.last_bit_out - event.time).count();
    record("X", track, event.time, label,
           fmt::format(",\"cat\":\"sending\",\"dur\":{}.{:03}{}", sending / 1000, sending % 1000,
                       facts));
    // Frames overlap on a link: asynchronous slices, told apart by an id.
    const Track link{kLinks, raw(sent.link) + 1};
    const std::string id = fmt::format(",\"cat\":\"wire\",\"id\":\"0x{:x}\"", ++last_wire_);
    record("b", link, event.time, names_.link_name(sent.link), id + facts);
    record("e", link, sent.will_arrive ? sent.last_bit_in : sent.last_bit_out,
           names_.link_name(sent.link), id);
    if (const auto [slice, is_first] = first_.try_emplace(event.uid, Slice{track, event.time});
        is_first) {
      arrow_to(event, slice->second);
    }
  }
  void on(const Event& event, std::uint32_t, const Dropped& dropped) {
    const Track track = dropped.link != kNoLink ? Track{kLinks, raw(dropped.link) + 1}
                                                : Track{process_of(event.node), 0};
    record("i", track, event.time, fmt::format("dropped: {}", to_text(dropped.reason)),
           fmt::format(",\"s\":\"t\",\"cat\":\"drop\",\"args\":{{\"uid\":{}}}", raw(event.uid)));
  }
  void on(const Event& event, std::uint32_t flow, const TcpStateChanged& change) {
    if (flow == 0) return;
    const Track track{process_of(event.node), kFlowTracks + flow};
    if (states_.erase(track) > 0) record("E", track, event.time, to_text(change.from), "");
    if (change.to == TcpState::closed) return;
    record("B", track, event.time, to_text(change.to), ",\"cat\":\"state\"");
    states_.emplace(track, to_text(change.to));
  }
  void on(const Event& event, std::uint32_t flow, const TcpVariables& v) {
    if (flow == 0) return;
    counter(event, fmt::format("flow {} windows (octets)", flow),
            v.ssthresh == 0xffffffffU ? fmt::format("\"cwnd\":{},\"flight\":{}", v.cwnd, v.flight)
                                      : fmt::format("\"cwnd\":{},\"flight\":{},\"ssthresh\":{}",
                                                    v.cwnd, v.flight, v.ssthresh));
  }
  void on(const Event& event, std::uint32_t flow, const RttSampled& rtt) {
    if (flow == 0) return;
    counter(event, fmt::format("flow {} RTT (ns)", flow),
            fmt::format("\"sample\":{},\"srtt\":{}", rtt.sample.count(), rtt.srtt.count()));
  }
  template <typename Other>
  void on(const Event&, std::uint32_t, const Other&) {}

  void counter(const Event& event, const std::string& what, const std::string& values) {
    record("C", {process_of(event.node), 0}, event.time, what,
           fmt::format(",\"args\":{{{}}}", values));
  }

  // From the packet that provoked this one, or that carried its octets first.
  void arrow_to(const Event& event, const Slice& to) {
    const PacketUid cause = cause_of(event.uid);
    const auto from = first_.find(cause);
    if (cause == kNoPacket || from == first_.end()) return;
    const std::string id = fmt::format(",\"cat\":\"cause\",\"id\":{}", ++last_arrow_);
    record("s", from->second.track, from->second.time, "cause", id);
    record("f", to.track, to.time, "cause", id + ",\"bp\":\"e\"");
  }
  PacketUid cause_of(PacketUid uid) const {
    for (const trace::EventIndex index : recording_.of_packet(uid)) {
      const auto* segment = std::get_if<TcpSegmentSent>(&recording_.event(index).body);
      if (segment == nullptr) continue;
      return segment->first_sent_as != kNoPacket ? segment->first_sent_as : segment->because_of;
    }
    return recording_.packet(uid).parent;
  }

  // States that last until the end.
  void end_states() {
    for (const auto& [track, state] : states_) {
      record("E", track, std::min(recording_.end(), request_.until), state, "");
    }
  }
  void queues() {
    if (request_.flow) return;
    for (const auto& [node, port] : analysis::queues_of(recording_)) {
      for (const analysis::Sample& sample :
           analysis::queue_series(recording_, node, port).samples) {
        if (sample.time < request_.from || sample.time > request_.until) continue;
        record("C", {process_of(node), 0}, sample.time,
               fmt::format("{} queue (frames)", names_.port_name(node, port)),
               fmt::format(",\"args\":{{\"waiting\":{}}}", sample.value));
      }
    }
  }

  // ---- writing ----
  static std::string quoted(std::string_view text) { return text_of(Json(text), false); }
  void record(std::string_view phase, Track track, Instant time, std::string_view what,
              const std::string& more) {
    constexpr std::size_t kPiece = 1U << 16U;
    if (!is_first_) text_ += ",\n";
    is_first_ = false;
    fmt::format_to(std::back_inserter(text_),
                   "{{\"ph\":\"{}\",\"pid\":{},\"tid\":{},\"ts\":{},\"name\":{}{}}}", phase,
                   track.process, track.thread, us(time), quoted(what), more);
    if (text_.size() < kPiece) return;
    sink_(text_);
    text_.clear();
  }

  const Recording& recording_;
  const trace::Directory& names_;
  const Request& request_;
  const Sink& sink_;
  views::Labeller labels_;
  std::vector<std::uint32_t> flows_;
  std::string text_;
  bool is_first_ = true;
  std::uint64_t last_wire_ = 0;
  std::uint64_t last_arrow_ = 0;
  std::map<PacketUid, Slice> first_;
  std::map<Track, std::string_view> states_;  // open slices
};

}  // namespace

Trouble write_perfetto(const Recording& recording, const Request& request, const Sink& sink) {
  TraceWriter(recording, request, sink).write();
  return std::nullopt;
}

}  // namespace strata::exports
