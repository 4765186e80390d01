// SPDX-License-Identifier: MIT
// Recording: everything that happened in a run, kept in order. It is the only input of the views:
// terminal, report and JSON are functions of a Recording and nothing else.
//
// A Recorder observes a run; finish() turns what it saw into a Recording, which owns all of it: the
// events, the octets and names they point to, a directory of names, and indices by packet, node and
// flow. Octets that several events show (a frame as sent and as received, a packet before and after
// a header was pushed) are stored once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <span>
#include <string_view>
#include <vector>

#include "sim/trace/arena.h"
#include "sim/trace/directory.h"
#include "sim/trace/flow_table.h"
#include "stack/base/events.h"
#include "stack/base/tracer.h"
#include "stack/wire/dissect.h"

namespace strata::trace {

// Position of an event in Recording::events().
using EventIndex = std::uint32_t;

// One packet: where it came from and which events are about it.
struct PacketRecord {
  PacketUid uid = kNoPacket;  // kNoPacket: no event was about this number
  PacketUid parent = kNoPacket;
  Parentage parentage = Parentage::none;
  NodeId origin = kNoNode;  // node of the first event
  std::uint32_t flow = 0;   // number of its flow; 0: none
};

class Recording {
 public:
  Recording() = default;
  Recording(Recording&&) = default;
  Recording& operator=(Recording&&) = default;

  const Directory& directory() const { return directory_; }
  const std::vector<Event>& events() const { return events_; }
  const Event& event(EventIndex index) const { return events_[index]; }
  std::uint64_t seed() const { return seed_; }
  // Instant of the end of the run (not earlier than the last event).
  Instant end() const { return end_; }
  // Events were thrown away because the limit given to the Recorder was reached.
  std::uint64_t events_lost() const { return events_lost_; }

  // Indices of events, ascending. Empty for an id nothing is known about.
  std::span<const EventIndex> of_packet(PacketUid uid) const;
  std::span<const EventIndex> of_node(NodeId node) const;
  // Events that name the flow (TCP, demultiplexing) and events about packets that belong to it.
  std::span<const EventIndex> of_flow(std::uint32_t number) const;
  // Of these, the segments with SYN that were made.
  std::span<const EventIndex> syns_of(std::uint32_t number) const;

  // Uids run from 1 to last_uid(). A record with uid kNoPacket for one that is not known.
  PacketRecord packet(PacketUid uid) const;
  PacketUid last_uid() const;
  std::vector<PacketUid> children(PacketUid uid) const;  // ascending

  const std::vector<Flow>& flows() const { return flow_table_.flows(); }  // by number - 1
  const Flow* flow(std::uint32_t number) const;                           // null when there is none
  // The conversation of the two endpoints, whichever way round; null when there is none.
  const Flow* find_flow(const FlowKey& key, Protocol protocol = Protocol::tcp) const;
  // Is `key` (local, remote of some event) the opener's side of `flow`?
  static bool is_opener(const Flow& flow, const FlowKey& key) { return key.local == flow.opener; }

  // What a packet looks like: as first sent on a link, else the longest octets any event showed.
  // Empty when there are none. Valid as long as the recording.
  Bytes frame(PacketUid uid) const;
  // How to read frame(uid): with an FCS in a simulation; as the file says in a capture.
  wire::DissectOptions format_of(PacketUid uid) const {
    return raw(uid) < formats_.size() ? formats_[raw(uid)] : wire::DissectOptions{};
  }
  // It was made from a capture: hosts and links, and all that is not octets and times of frames,
  // was concluded from them.
  bool is_inferred() const { return is_inferred_; }
  // How many events have happened up to and including `time`: they are events()[0, count).
  EventIndex count_until(Instant time) const;

 private:
  friend class Recorder;

  struct Index {  // rows of ascending event numbers, one after the other
    std::vector<EventIndex> begin;
    std::vector<EventIndex> rows;
    std::span<const EventIndex> row(std::size_t number) const;
  };

  std::uint64_t seed_ = 0;
  Instant end_{};
  std::uint64_t events_lost_ = 0;
  Directory directory_;
  Arena arena_;  // the octets and characters that events_ points to
  std::vector<Event> events_;
  std::vector<PacketRecord> packets_;          // by uid
  std::vector<wire::DissectOptions> formats_;  // by uid; empty: all are of a simulation
  bool is_inferred_ = false;
  FlowTable flow_table_;
  Index by_packet_;
  Index by_node_;
  Index by_flow_;
  Index syns_;  // by flow
};

// The octets an event shows; empty when it shows none.
Bytes octets(const Event& event);

// Collects a run. Attach it to the world's tracer before the run.
class Recorder final : public Observer {
 public:
  struct Options {
    std::size_t events_max = 20'000'000;  // later events are counted, not kept
  };
  Recorder() : Recorder(Options{}) {}
  explicit Recorder(Options options) : options_(options) {}

  void on_event(const Event& event) override;
  std::size_t size() const { return recording_.events_.size(); }
  // Of a recording that is made from a capture: how to read the octets of a packet.
  void set_format(PacketUid uid, const wire::DissectOptions& format);
  // Hands over what was recorded, indexed. The recorder is empty afterwards.
  Recording finish(Directory directory, std::uint64_t seed, Instant end);

 private:
  struct Keeper;  // makes an event's views point into the arena

  // Where the octets of a packet were last stored, and the free room on both sides of them.
  struct Stored {
    std::uint8_t* begin = nullptr;
    std::uint8_t* end = nullptr;
    std::size_t room_before = 0;
    std::size_t room_after = 0;
    std::size_t cursor = 0;  // where what the last event showed began
  };

  Bytes keep(Bytes octets);
  Bytes keep_of(PacketUid uid, Bytes octets);
  Bytes keep_grown(PacketUid uid, Bytes octets);
  Bytes store(Stored& stored, Bytes octets, std::size_t room);
  Stored& stored_of(PacketUid uid);
  std::string_view keep(std::string_view text);

  void build_packets();
  void build_indices(const std::vector<std::uint32_t>& flow_of_event);

  Options options_;
  Recording recording_;
  std::vector<Stored> stored_;  // by uid
  std::set<std::string_view> texts_;
};

}  // namespace strata::trace
