// SPDX-License-Identifier: MIT
#include "sim/trace/recording.h"

#include <algorithm>
#include <cstring>
#include <type_traits>
#include <utility>

#include "stack/base/assert.h"
#include "stack/wire/tcp.h"

namespace strata::trace {
namespace {

// Room kept around the octets of a packet that is being built: for the headers to come in front,
// padding and FCS behind.
constexpr std::size_t kRoom = 64;

template <typename T, typename... Ts>
concept OneOf = (std::is_same_v<T, Ts> || ...);

// Events that own all they say.
template <typename T>
concept SelfContained =
    OneOf<T, FrameQueued, FrameCorrupted, FrameTruncated, FrameDuplicated, FrameDelayed,
          FrameMarked, LinkStateChanged, LinkMtuChanged, SwitchForwarded, MacTableChanged,
          RouteChosen, DatagramForwarded, DatagramFragmented, RouteChanged, IcmpSent, IcmpReceived,
          TcpSegmentSent, TcpSegmentReceived, RttSampled, UdpDatagramSent, UdpDatagramReceived,
          StreamWritten, StreamRead, FrameReplayed>;

struct OctetsOf {
  Bytes operator()(const FrameSent& body) const { return body.frame; }
  Bytes operator()(const FrameReceived& body) const { return body.frame; }
  Bytes operator()(const Dropped& body) const { return body.packet; }
  Bytes operator()(const HeaderPushed& body) const { return body.packet; }
  Bytes operator()(const HeaderPulled& body) const { return body.packet; }
  Bytes operator()(const DatagramReassembled& body) const { return body.datagram; }
  Bytes operator()(const SocketCalled& body) const { return body.data; }
  template <typename Body>
  Bytes operator()(const Body&) const {
    return {};
  }
};

}  // namespace

Bytes octets(const Event& event) { return std::visit(OctetsOf{}, event.body); }

// ---- Recorder -----------------------------------------------------------------------------------

// One overload per kind of event, so that a new kind with a view in it does not compile until it is
// decided here what to keep.
struct Recorder::Keeper {
  Recorder& recorder;
  PacketUid uid;

  template <SelfContained Body>
  void operator()(Body&) const {}
  void operator()(FrameSent& body) const { body.frame = recorder.keep_of(uid, body.frame); }
  void operator()(FrameReceived& body) const { body.frame = recorder.keep_of(uid, body.frame); }
  void operator()(Dropped& body) const { body.packet = recorder.keep_of(uid, body.packet); }
  void operator()(HeaderPushed& body) const { body.packet = recorder.keep_grown(uid, body.packet); }
  void operator()(HeaderPulled& body) const {
    body.packet = recorder.keep_of(uid, body.packet);
    if (uid != kNoPacket) recorder.stored_of(uid).cursor += body.header_bytes;
  }
  void operator()(DatagramReassembled& body) const {
    body.datagram = recorder.keep_of(uid, body.datagram);
  }
  void operator()(NeighbourChanged& body) const { body.cause = recorder.keep(body.cause); }
  void operator()(Demultiplexed& body) const {
    body.outcome = recorder.keep(body.outcome);
    for (DemuxStep& step : body.steps) step.rule = recorder.keep(step.rule);
  }
  void operator()(TcpStateChanged& body) const { body.cause = recorder.keep(body.cause); }
  void operator()(TcpVariables& body) const {
    body.phase = recorder.keep(body.phase);
    body.cause = recorder.keep(body.cause);
  }
  void operator()(TimerChanged& body) const { body.timer = recorder.keep(body.timer); }
  void operator()(SocketCalled& body) const {
    body.process = recorder.keep(body.process);
    body.data = recorder.keep(body.data);
  }
  void operator()(ProcessStarted& body) const { body.process = recorder.keep(body.process); }
  void operator()(ProcessEnded& body) const {
    body.process = recorder.keep(body.process);
    body.error = recorder.keep(body.error);
  }
  void operator()(ProcessOutput& body) const {
    body.process = recorder.keep(body.process);
    body.line = recorder.keep(body.line);
  }
};

void Recorder::on_event(const Event& event) {
  if (recording_.events_.size() >= options_.events_max) {
    ++recording_.events_lost_;
    return;
  }
  recording_.events_.push_back(event);
  std::visit(Keeper{*this, event.uid}, recording_.events_.back().body);
}

Bytes Recorder::keep(Bytes octets) {
  if (octets.empty()) return {};
  std::uint8_t* copy = recording_.arena_.allocate(octets.size());
  std::memcpy(copy, octets.data(), octets.size());
  return {copy, octets.size()};
}

std::string_view Recorder::keep(std::string_view text) {
  if (const auto known = texts_.find(text); known != texts_.end()) return *known;
  const std::string_view kept = as_text(keep(as_bytes(text)));
  texts_.insert(kept);
  return kept;
}

Recorder::Stored& Recorder::stored_of(PacketUid uid) {
  if (raw(uid) >= stored_.size()) stored_.resize(raw(uid) + 1);
  return stored_[raw(uid)];
}

Bytes Recorder::store(Stored& stored, Bytes octets, std::size_t room) {
  std::uint8_t* begin = recording_.arena_.allocate(octets.size() + 2 * room) + room;
  if (!octets.empty()) std::memcpy(begin, octets.data(), octets.size());
  stored = {.begin = begin,
            .end = begin + octets.size(),
            .room_before = room,
            .room_after = room,
            .cursor = 0};
  return {begin, octets.size()};
}

// A packet on its way up or across: nearly always a part of what is stored already.
Bytes Recorder::keep_of(PacketUid uid, Bytes octets) {
  if (uid == kNoPacket) return keep(octets);
  Stored& stored = stored_of(uid);
  const auto size = static_cast<std::size_t>(stored.end - stored.begin);
  for (const std::size_t offset : {stored.cursor, std::size_t{0}}) {
    if (offset + octets.size() > size) continue;
    if (!std::equal(octets.begin(), octets.end(), stored.begin + offset)) continue;
    stored.cursor = offset;
    return {stored.begin + offset, octets.size()};
  }
  return store(stored, octets, 0);
}

// A packet on its way down, one header longer than before in front or behind: what is stored grows
// as the packet itself did.
Bytes Recorder::keep_grown(PacketUid uid, Bytes octets) {
  if (uid == kNoPacket) return keep(octets);
  Stored& stored = stored_of(uid);
  const auto size = static_cast<std::size_t>(stored.end - stored.begin);
  if (stored.cursor != 0 || size == 0 || octets.size() < size) return store(stored, octets, kRoom);
  const std::size_t more = octets.size() - size;
  if (more <= stored.room_before &&
      std::equal(stored.begin, stored.end, octets.begin() + static_cast<std::ptrdiff_t>(more))) {
    stored.begin -= more;
    stored.room_before -= more;
    std::copy_n(octets.begin(), more, stored.begin);
    return {stored.begin, octets.size()};
  }
  if (more <= stored.room_after && std::equal(stored.begin, stored.end, octets.begin())) {
    std::copy_n(octets.begin() + static_cast<std::ptrdiff_t>(size), more, stored.end);
    stored.end += more;
    stored.room_after -= more;
    return {stored.begin, octets.size()};
  }
  return store(stored, octets, kRoom);
}

void Recorder::set_format(PacketUid uid, const wire::DissectOptions& format) {
  recording_.is_inferred_ = true;
  if (raw(uid) >= recording_.formats_.size()) recording_.formats_.resize(raw(uid) + 1);
  recording_.formats_[raw(uid)] = format;
}

Recording Recorder::finish(Directory directory, std::uint64_t seed, Instant end) {
  recording_.directory_ = std::move(directory);
  recording_.seed_ = seed;
  recording_.end_ = end;
  if (!recording_.events_.empty()) {
    recording_.end_ = std::max(end, recording_.events_.back().time);
  }
  build_packets();
  stored_.clear();
  texts_.clear();
  return std::exchange(recording_, Recording{});
}

// Packet records and the flow of every packet and event.
void Recorder::build_packets() {
  std::vector<PacketRecord>& packets = recording_.packets_;
  std::vector<std::uint32_t> flow_of_event(recording_.events_.size());
  for (std::size_t i = 0; i < recording_.events_.size(); ++i) {
    const Event& event = recording_.events_[i];
    flow_of_event[i] = recording_.flow_table_.observe(event).number;
    if (event.uid == kNoPacket) continue;
    if (raw(event.uid) >= packets.size()) packets.resize(raw(event.uid) + 1);
    PacketRecord& packet = packets[raw(event.uid)];
    if (packet.uid == kNoPacket) packet = {.uid = event.uid, .origin = event.node};
    if (event.parent != kNoPacket) {
      packet.parent = event.parent;
      packet.parentage = event.parentage;
    }
    if (packet.flow == 0) packet.flow = flow_of_event[i];
  }
  // Fragments and copies belong to the flow of the whole, and the whole to that of its fragments.
  const auto is_part = [](const PacketRecord& packet) {
    return packet.parentage == Parentage::fragment || packet.parentage == Parentage::duplicate ||
           packet.parentage == Parentage::reassembly;
  };
  for (std::size_t i = packets.size(); i-- > 0;) {
    const PacketRecord& packet = packets[i];
    if (packet.flow == 0 || !is_part(packet) || raw(packet.parent) >= packets.size()) continue;
    std::uint32_t& parent_flow = packets[raw(packet.parent)].flow;
    if (parent_flow == 0) parent_flow = packet.flow;
  }
  for (PacketRecord& packet : packets) {
    if (packet.flow != 0 || !is_part(packet) || raw(packet.parent) >= packets.size()) continue;
    packet.flow = packets[raw(packet.parent)].flow;
  }
  for (std::size_t i = 0; i < flow_of_event.size(); ++i) {
    const PacketUid uid = recording_.events_[i].uid;
    if (flow_of_event[i] == 0 && uid != kNoPacket) flow_of_event[i] = packets[raw(uid)].flow;
  }
  build_indices(flow_of_event);
}

void Recorder::build_indices(const std::vector<std::uint32_t>& flow_of_event) {
  const std::vector<Event>& events = recording_.events_;
  // Counting sort: the events of one row stay in order. Rows that do not exist are left out.
  const auto build = [&](std::size_t rows, const auto& row_of) {
    Recording::Index index;
    index.begin.assign(rows + 1, 0);
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (row_of(i) < rows) ++index.begin[row_of(i) + 1];
    }
    for (std::size_t row = 0; row < rows; ++row) index.begin[row + 1] += index.begin[row];
    index.rows.resize(index.begin.back());
    std::vector<EventIndex> next(index.begin.begin(), index.begin.end() - 1);
    for (std::size_t i = 0; i < events.size(); ++i) {
      if (row_of(i) < rows) index.rows[next[row_of(i)]++] = static_cast<EventIndex>(i);
    }
    return index;
  };
  std::size_t nodes = 0;
  for (const Event& event : events) {
    if (event.node != kNoNode) nodes = std::max<std::size_t>(nodes, raw(event.node) + 1);
  }
  recording_.by_packet_ = build(recording_.packets_.size(), [&](std::size_t i) -> std::size_t {
    return events[i].uid == kNoPacket ? recording_.packets_.size() : raw(events[i].uid);
  });
  recording_.by_node_ =
      build(nodes, [&](std::size_t i) -> std::size_t { return raw(events[i].node); });
  const std::size_t flows = recording_.flow_table_.flows().size() + 1;
  recording_.by_flow_ = build(flows, [&](std::size_t i) -> std::size_t {
    return flow_of_event[i] == 0 ? flows : flow_of_event[i];
  });
  recording_.syns_ = build(flows, [&](std::size_t i) -> std::size_t {
    const auto* sent = std::get_if<TcpSegmentSent>(&events[i].body);
    const bool is_syn = sent != nullptr && (sent->flags & wire::tcp_flag::kSyn) != 0;
    return is_syn && flow_of_event[i] != 0 ? flow_of_event[i] : flows;
  });
}

// ---- Recording ----------------------------------------------------------------------------------

std::span<const EventIndex> Recording::Index::row(std::size_t number) const {
  if (number + 1 >= begin.size()) return {};
  return std::span{rows}.subspan(begin[number], begin[number + 1] - begin[number]);
}

std::span<const EventIndex> Recording::of_packet(PacketUid uid) const {
  return by_packet_.row(raw(uid));
}
std::span<const EventIndex> Recording::of_node(NodeId node) const {
  return by_node_.row(raw(node));
}
std::span<const EventIndex> Recording::of_flow(std::uint32_t number) const {
  return by_flow_.row(number);
}
std::span<const EventIndex> Recording::syns_of(std::uint32_t number) const {
  return syns_.row(number);
}

PacketRecord Recording::packet(PacketUid uid) const {
  return raw(uid) < packets_.size() ? packets_[raw(uid)] : PacketRecord{};
}
PacketUid Recording::last_uid() const {
  return packets_.empty() ? kNoPacket : PacketUid{packets_.size() - 1};
}
std::vector<PacketUid> Recording::children(PacketUid uid) const {
  std::vector<PacketUid> found;
  for (const PacketRecord& packet : packets_) {
    if (uid != kNoPacket && packet.parent == uid) found.push_back(packet.uid);
  }
  return found;
}

const Flow* Recording::flow(std::uint32_t number) const {
  return number >= 1 && number <= flows().size() ? &flows()[number - 1] : nullptr;
}
const Flow* Recording::find_flow(const FlowKey& key, Protocol protocol) const {
  return flow(flow_table_.find(protocol, key).number);
}

Bytes Recording::frame(PacketUid uid) const {
  Bytes longest;
  for (const EventIndex index : of_packet(uid)) {
    if (const auto* sent = std::get_if<FrameSent>(&events_[index].body)) return sent->frame;
    const Bytes shown = octets(events_[index]);
    if (shown.size() > longest.size()) longest = shown;
  }
  return longest;
}

EventIndex Recording::count_until(Instant time) const {
  const auto end = std::upper_bound(events_.begin(), events_.end(), time,
                                    [](Instant t, const Event& event) { return t < event.time; });
  return static_cast<EventIndex>(end - events_.begin());
}

}  // namespace strata::trace
