// SPDX-License-Identifier: MIT
#include "tools/report/hops.h"

#include <fmt/format.h>

#include <map>
#include <unordered_map>
#include <utility>

namespace strata::report {
namespace {

class Collector {
 public:
  Collector(const trace::Recording& recording, std::size_t most)
      : names_(recording.directory()), most_(most) {
    list_.until = recording.end();
  }

  // False once events are too late to matter.
  void read(const Event& event) {
    if (event.time > list_.until) {
      if (std::holds_alternative<FrameSent>(event.body)) ++list_.total;
      return;
    }
    std::visit([&](const auto& body) { on(event, body); }, event.body);
  }
  HopList take() { return std::move(list_); }

 private:
  using PortKey = std::pair<NodeId, PortId>;
  struct Waiting {
    Instant since;
    std::uint32_t depth = 0;
  };

  void on(const Event& event, const FrameQueued& queued) {
    waiting_[{event.node, queued.port}][event.uid] = {event.time, queued.queued_frames};
  }

  void on(const Event& event, const FrameSent& sent) {
    ++list_.total;
    if (list_.hops.size() >= most_) {
      list_.until = std::min(list_.until, event.time);
      return;
    }
    HopRecord hop;
    hop.uid = event.uid;
    hop.link = sent.link;
    hop.from = event.node;
    hop.from_port = sent.port;
    if (const auto peer = names_.peer_of(sent.link, event.node, sent.port)) {
      hop.to = peer->node;
      hop.to_port = peer->port;
    }
    auto& waiting = waiting_[{event.node, sent.port}];
    if (const auto found = waiting.find(event.uid); found != waiting.end()) {
      hop.queued = found->second.since;
      hop.depth = found->second.depth;
      waiting.erase(found);
    }
    hop.sent = event.time;
    hop.out = sent.last_bit_out;
    hop.due = sent.last_bit_in;
    hop.octets = sent.frame;
    hop.is_marked = marked_.erase(event.uid) > 0;
    append(std::move(hop));
  }

  void on(const Event& event, const FrameReceived& received) {
    HopRecord* hop = last(event.uid, received.link, [&](const HopRecord& candidate) {
      return candidate.to == event.node && !candidate.received;
    });
    if (hop == nullptr) return;
    hop->received = event.time;
    hop->received_octets = received.frame;
    hop->error = received.error;
  }

  void on(const Event& event, const Dropped& dropped) {
    waiting_[{event.node, dropped.port}].erase(event.uid);
    if (dropped.layer != Layer::physical || dropped.link == kNoLink) return;
    HopRecord* hop = sent_by(event, dropped.link);
    if (hop == nullptr || hop->received) return;
    hop->reason = dropped.reason;
    hop->decision = decision_text(dropped.decision);
  }

  void on(const Event& event, const FrameCorrupted& corrupted) {
    HopRecord* hop = sent_by(event, corrupted.link);
    if (hop == nullptr) return;
    hop->flipped_bits = corrupted.flipped_bits;
    if (hop->decision.empty()) hop->decision = decision_text(corrupted.decision);
  }

  void on(const Event& event, const FrameTruncated& truncated) {
    HopRecord* hop = sent_by(event, truncated.link);
    if (hop == nullptr) return;
    hop->cut_to = truncated.arriving_bytes;
    if (hop->decision.empty()) hop->decision = decision_text(truncated.decision);
  }

  void on(const Event& event, const FrameDelayed& delayed) {
    HopRecord* hop = sent_by(event, delayed.link);
    if (hop == nullptr) return;
    hop->extra = delayed.extra;
    hop->is_reordered = delayed.reordered;
    if (hop->decision.empty()) hop->decision = decision_text(delayed.decision);
  }

  void on(const Event& event, const FrameDuplicated& duplicated) {
    const HopRecord* original = sent_by(event, duplicated.link);
    if (original == nullptr) return;
    HopRecord copy = *original;
    copy.uid = duplicated.copy;
    copy.queued.reset();
    copy.decision = decision_text(duplicated.decision);
    ++list_.total;
    append(std::move(copy));
  }

  void on(const Event& event, const FrameMarked& marked) {
    // Some queues mark as a frame leaves, after its first bit is announced; others before.
    HopRecord* hop = last(event.uid, marked.link, [&](const HopRecord& candidate) {
      return candidate.from == event.node && candidate.sent == event.time;
    });
    if (hop != nullptr) {
      hop->is_marked = true;
    } else {
      marked_[event.uid] = event.time;
    }
  }

  template <typename Other>
  void on(const Event&, const Other&) {}

  void append(HopRecord hop) {
    hops_of_uid_[hop.uid].push_back(list_.hops.size());
    list_.hops.push_back(std::move(hop));
  }

  HopRecord* sent_by(const Event& event, LinkId link) {
    return last(event.uid, link,
                [&](const HopRecord& candidate) { return candidate.from == event.node; });
  }

  template <typename Condition>
  HopRecord* last(PacketUid uid, LinkId link, const Condition& condition) {
    const auto found = hops_of_uid_.find(uid);
    if (found == hops_of_uid_.end()) return nullptr;
    for (auto index = found->second.rbegin(); index != found->second.rend(); ++index) {
      HopRecord& hop = list_.hops[*index];
      if (hop.link == link && condition(hop)) return &hop;
    }
    return nullptr;
  }

  const trace::Directory& names_;
  std::size_t most_;
  HopList list_;
  std::unordered_map<PacketUid, std::vector<std::size_t>> hops_of_uid_;
  std::map<PortKey, std::unordered_map<PacketUid, Waiting>> waiting_;
  std::unordered_map<PacketUid, Instant> marked_;
};

}  // namespace

std::string decision_text(const std::optional<DecisionDetail>& decision) {
  if (!decision) return {};
  if (decision->stream.empty()) return decision->model;
  return fmt::format("{} p={:.6g} draw={:.6g}", decision->model, decision->probability,
                     decision->draw);
}

HopList hops_of(const trace::Recording& recording, std::size_t most) {
  Collector collector(recording, most);
  for (const Event& event : recording.events()) collector.read(event);
  return collector.take();
}

}  // namespace strata::report
