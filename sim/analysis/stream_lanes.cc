// SPDX-License-Identifier: MIT
#include "sim/analysis/stream_lanes.h"

#include <algorithm>
#include <map>

namespace strata::analysis {
namespace {

using trace::EventIndex;
using trace::Recording;

// A connection begins where an end leaves CLOSED while the other has, too.
class ConnectionCounter {
 public:
  // The number of the connection `event` belongs to.
  std::size_t number_of(const Event& event, const FlowEnd& opener) {
    if (const auto* change = std::get_if<TcpStateChanged>(&event.body)) {
      const bool is_opener = opener.reported(event);
      if (is_opener && change->from == TcpState::closed) {
        if (has_begun_) ++number_;
        has_begun_ = true;
      }
    }
    return number_;
  }
  std::size_t count() const { return number_ + 1; }

 private:
  bool has_begun_ = false;
  std::size_t number_ = 0;
};

class LaneReader {
 public:
  LaneReader(const Recording& recording, StreamLanes& lanes)
      : recording_(recording), lanes_(lanes) {}

  void read(EventIndex index) {
    const Event& event = recording_.event(index);
    if (const auto* dropped = std::get_if<Dropped>(&event.body)) {
      if (is_loss(*dropped)) on_dropped(index, event.uid);
      return;
    }
    // A broadcast arrives at several nodes.
    const auto* datagram = std::get_if<UdpDatagramReceived>(&event.body);
    const bool is_delivery = datagram != nullptr && datagram->flow == lanes_.reader.key;
    if (lanes_.writer.reported(event)) {
      std::visit([&](const auto& body) { written(index, event, body); }, event.body);
    } else if (is_delivery || lanes_.reader.reported(event)) {
      std::visit([&](const auto& body) { received(index, event, body); }, event.body);
    }
  }

  void finish() {
    for (StreamSegment& segment : lanes_.segments) {
      if (segment.arrived) segment.drop.reset();
    }
    for (HeldRange& held : lanes_.held) {
      if (held.until == kNever) held.until = recording_.end();
    }
  }

 private:
  void written(EventIndex index, const Event& event, const StreamWritten& body) {
    lanes_.writes.push_back({body.offset, body.offset + body.length, event.time, index});
  }
  void written(EventIndex index, const Event& event, const UdpDatagramSent& body) {
    lanes_.writes.push_back({datagrams_, datagrams_ + body.length, event.time, index});
    add_segment(event, {.begin = datagrams_, .end = datagrams_ + body.length});
    datagrams_ += body.length;
  }
  void written(EventIndex, const Event& event, const TcpSegmentSent& body) {
    if (body.length == 0) return;
    add_segment(event, {.begin = body.offset,
                        .end = body.offset + body.length,
                        .cause = body.cause,
                        .first_sent_as = body.first_sent_as});
  }
  template <typename Other>
  void written(EventIndex, const Event&, const Other&) {}

  void received(EventIndex index, const Event& event, const StreamRead& body) {
    lanes_.reads.push_back({body.offset, body.offset + body.length, event.time, index});
  }
  void received(EventIndex index, const Event& event, const UdpDatagramReceived& body) {
    StreamSegment* segment = segment_of(event.uid);
    if (segment == nullptr) return;
    if (!segment->arrived) segment->arrived = event.time;
    segment->verdict = SegmentVerdict::in_order;
    lanes_.reads.push_back({segment->begin, segment->begin + body.length, event.time, index});
  }
  void received(EventIndex, const Event& event, const TcpSegmentReceived& body) {
    if (body.length == 0) return;
    if (body.verdict == SegmentVerdict::out_of_order) {
      waiting_.push_back(lanes_.held.size());
      lanes_.held.push_back({body.offset, body.offset + body.length, event.time, kNever});
    }
    StreamSegment* segment = segment_of(event.uid);
    if (segment == nullptr || segment->arrived || body.verdict == SegmentVerdict::rejected) return;
    segment->arrived = event.time;
    segment->verdict = body.verdict;
  }
  void received(EventIndex, const Event& event, const TcpVariables& body) {
    std::erase_if(waiting_, [&](std::size_t i) {
      HeldRange& held = lanes_.held[i];
      if (held.end > body.rcv_nxt) return false;
      held.until = event.time;
      return true;
    });
  }
  template <typename Other>
  void received(EventIndex, const Event&, const Other&) {}

  void on_dropped(EventIndex index, PacketUid uid) {
    if (StreamSegment* segment = segment_of(uid)) segment->drop = index;
  }

  void add_segment(const Event& event, StreamSegment segment) {
    segment.sent = event.time;
    segment.uid = event.uid;
    segments_[event.uid] = lanes_.segments.size();
    lanes_.segments.push_back(segment);
  }
  StreamSegment* segment_of(PacketUid uid) {
    const auto found = segments_.find(origin_of(recording_, uid));
    return found == segments_.end() ? nullptr : &lanes_.segments[found->second];
  }

  const Recording& recording_;
  StreamLanes& lanes_;
  std::map<PacketUid, std::size_t> segments_;
  std::vector<std::size_t> waiting_;  // of lanes_.held: above a gap still
  std::uint64_t datagrams_ = 0;
};

}  // namespace

StreamLanes stream_lanes(const Recording& recording, const FlowEnd& writer,
                         std::size_t connection) {
  StreamLanes lanes;
  lanes.writer = writer;
  lanes.reader = other_end(recording, writer);
  const FlowEnd opener = writer.is_opener ? writer : lanes.reader;
  LaneReader reader(recording, lanes);
  ConnectionCounter counter;
  for (const EventIndex index : recording.of_flow(writer.flow)) {
    if (counter.number_of(recording.event(index), opener) == connection) reader.read(index);
  }
  reader.finish();
  return lanes;
}

std::size_t connections_of(const Recording& recording, std::uint32_t flow) {
  const auto opener = flow_end(recording, flow, true);
  ConnectionCounter counter;
  for (const EventIndex index : recording.of_flow(flow)) {
    if (opener) counter.number_of(recording.event(index), *opener);
  }
  return counter.count();
}

}  // namespace strata::analysis
