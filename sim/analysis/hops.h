// SPDX-License-Identifier: MIT
// Crossings of links: when a frame was queued, when its bits left and arrived, and what the medium
// did to it. Of a whole recording or of one packet, depending on the events given.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "sim/trace/recording.h"

namespace strata::analysis {

// One crossing of one link. Octets are valid as long as the recording.
struct Hop {
  PacketUid uid = kNoPacket;
  LinkId link = kNoLink;
  NodeId from = kNoNode;
  PortId out_port = kNoPort;
  NodeId to = kNoNode;
  PortId in_port = kNoPort;
  std::optional<Instant> queued;    // none: it did not have to wait
  std::uint32_t queued_frames = 0;  // in the queue then, itself included
  Instant sent{};                   // first bit out
  Instant last_bit_out{};
  Instant last_bit_in{};            // were it not lost or delayed
  std::optional<Instant> received;  // last bit in
  Bytes sent_frame;
  Bytes received_frame;  // differs from sent_frame when the medium damaged it; empty when lost
  FrameError error = FrameError::none;
  std::optional<DropReason> dropped;       // by the medium
  std::optional<DecisionDetail> decision;  // how that, or what else befell it, was decided
  Duration delayed_by{};
  bool is_reordered = false;
  bool is_marked = false;
  std::vector<std::uint32_t> flipped_bits;  // by the medium
  std::optional<std::uint32_t> cut_to;      // octets of it that the medium delivers

  bool is_damaged() const { return cut_to || !flipped_bits.empty(); }
};

// Give it events in order; hops are in order of sending. A copy that the medium made crosses the
// link beside its original, as a hop of its own.
class HopCollector {
 public:
  // `names` outlives the collector.
  explicit HopCollector(const trace::Directory& names) : names_(names) {}

  void read(const Event& event);
  const std::vector<Hop>& hops() const { return hops_; }
  std::vector<Hop> take() { return std::move(hops_); }

 private:
  struct Waiting {
    Instant since;
    std::uint32_t frames = 0;
  };

  void on(const Event& event, const FrameQueued& queued);
  void on(const Event& event, const FrameSent& sent);
  void on(const Event& event, const FrameReceived& received);
  void on(const Event& event, const Dropped& dropped);
  void on(const Event& event, const FrameCorrupted& corrupted);
  void on(const Event& event, const FrameTruncated& truncated);
  void on(const Event& event, const FrameDelayed& delayed);
  void on(const Event& event, const FrameDuplicated& duplicated);
  void on(const Event& event, const FrameMarked& marked);
  template <typename Other>
  void on(const Event&, const Other&) {}

  void append(Hop hop);
  Hop* sent_by(const Event& event, LinkId link);
  template <typename Condition>
  Hop* last(PacketUid uid, LinkId link, const Condition& condition);

  const trace::Directory& names_;
  std::vector<Hop> hops_;
  std::unordered_map<PacketUid, std::vector<std::size_t>> hops_of_uid_;
  std::map<std::pair<NodeId, PortId>, std::unordered_map<PacketUid, Waiting>> waiting_;
  std::unordered_map<PacketUid, Instant> marked_;
};

struct HopList {
  std::vector<Hop> hops;
  std::size_t total = 0;  // of the run, copies included
  // Nothing later is known here: the end of the run, or the instant of the first hop left out.
  Instant until{};
};
// The first `most` hops of a recording.
HopList hops_of(const trace::Recording& recording, std::size_t most);
// Those of one packet. A copy that the medium made has the one beside its original.
std::vector<Hop> hops_of_packet(const trace::Recording& recording, PacketUid uid);

}  // namespace strata::analysis
