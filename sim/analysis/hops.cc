// SPDX-License-Identifier: MIT
#include "sim/analysis/hops.h"

#include <algorithm>

namespace strata::analysis {

void HopCollector::read(const Event& event) {
  std::visit([&](const auto& body) { on(event, body); }, event.body);
}

void HopCollector::on(const Event& event, const FrameQueued& queued) {
  waiting_[{event.node, queued.port}][event.uid] = {event.time, queued.queued_frames};
}

void HopCollector::on(const Event& event, const FrameSent& sent) {
  Hop hop;
  hop.uid = event.uid;
  hop.link = sent.link;
  hop.from = event.node;
  hop.out_port = sent.port;
  if (const auto peer = names_.peer_of(sent.link, event.node, sent.port)) {
    hop.to = peer->node;
    hop.in_port = peer->port;
  }
  auto& waiting = waiting_[{event.node, sent.port}];
  if (const auto found = waiting.find(event.uid); found != waiting.end()) {
    hop.queued = found->second.since;
    hop.queued_frames = found->second.frames;
    waiting.erase(found);
  }
  hop.sent = event.time;
  hop.last_bit_out = sent.last_bit_out;
  hop.last_bit_in = sent.last_bit_in;
  hop.sent_frame = sent.frame;
  hop.is_marked = marked_.erase(event.uid) > 0;
  append(std::move(hop));
}

void HopCollector::on(const Event& event, const FrameReceived& received) {
  Hop* hop = last(event.uid, received.link, [&](const Hop& candidate) {
    return candidate.to == event.node && !candidate.received;
  });
  if (hop == nullptr) return;
  hop->received = event.time;
  hop->received_frame = received.frame;
  hop->error = received.error;
}

void HopCollector::on(const Event& event, const Dropped& dropped) {
  waiting_[{event.node, dropped.port}].erase(event.uid);
  if (dropped.layer != Layer::physical || dropped.link == kNoLink) return;
  Hop* hop = sent_by(event, dropped.link);
  if (hop == nullptr || hop->received) return;
  hop->dropped = dropped.reason;
  hop->decision = dropped.decision;
}

void HopCollector::on(const Event& event, const FrameCorrupted& corrupted) {
  Hop* hop = sent_by(event, corrupted.link);
  if (hop == nullptr) return;
  hop->flipped_bits = corrupted.flipped_bits;
  if (!hop->decision) hop->decision = corrupted.decision;
}

void HopCollector::on(const Event& event, const FrameTruncated& truncated) {
  Hop* hop = sent_by(event, truncated.link);
  if (hop == nullptr) return;
  hop->cut_to = truncated.arriving_bytes;
  if (!hop->decision) hop->decision = truncated.decision;
}

void HopCollector::on(const Event& event, const FrameDelayed& delayed) {
  Hop* hop = sent_by(event, delayed.link);
  if (hop == nullptr) return;
  hop->delayed_by = delayed.extra;
  hop->is_reordered = delayed.reordered;
  if (!hop->decision) hop->decision = delayed.decision;
}

void HopCollector::on(const Event& event, const FrameDuplicated& duplicated) {
  const Hop* original = sent_by(event, duplicated.link);
  if (original == nullptr) return;
  Hop copy = *original;
  copy.uid = duplicated.copy;
  copy.queued.reset();
  copy.decision = duplicated.decision;
  append(std::move(copy));
}

void HopCollector::on(const Event& event, const FrameMarked& marked) {
  // Some queues mark as a frame leaves, after its first bit is announced; others before.
  Hop* hop = last(event.uid, marked.link, [&](const Hop& candidate) {
    return candidate.from == event.node && candidate.sent == event.time;
  });
  if (hop != nullptr) {
    hop->is_marked = true;
  } else {
    marked_[event.uid] = event.time;
  }
}

void HopCollector::append(Hop hop) {
  hops_of_uid_[hop.uid].push_back(hops_.size());
  hops_.push_back(std::move(hop));
}

Hop* HopCollector::sent_by(const Event& event, LinkId link) {
  return last(event.uid, link, [&](const Hop& candidate) { return candidate.from == event.node; });
}

template <typename Condition>
Hop* HopCollector::last(PacketUid uid, LinkId link, const Condition& condition) {
  const auto found = hops_of_uid_.find(uid);
  if (found == hops_of_uid_.end()) return nullptr;
  for (auto index = found->second.rbegin(); index != found->second.rend(); ++index) {
    Hop& hop = hops_[*index];
    if (hop.link == link && condition(hop)) return &hop;
  }
  return nullptr;
}

HopList hops_of(const trace::Recording& recording, std::size_t most) {
  HopCollector collector(recording.directory());
  HopList list;
  list.until = recording.end();
  for (const Event& event : recording.events()) {
    const bool is_hop = std::holds_alternative<FrameSent>(event.body) ||
                        std::holds_alternative<FrameDuplicated>(event.body);
    if (is_hop) ++list.total;
    if (event.time > list.until) continue;
    if (std::holds_alternative<FrameSent>(event.body) && collector.hops().size() >= most) {
      list.until = std::min(list.until, event.time);
      continue;
    }
    collector.read(event);
  }
  list.hops = collector.take();
  return list;
}

std::vector<Hop> hops_of_packet(const trace::Recording& recording, PacketUid uid) {
  const auto own = recording.of_packet(uid);
  std::vector<trace::EventIndex> indices(own.begin(), own.end());
  const trace::PacketRecord record = recording.packet(uid);
  if (record.parentage == Parentage::duplicate) {
    const auto original = recording.of_packet(record.parent);
    indices.insert(indices.end(), original.begin(), original.end());
    std::sort(indices.begin(), indices.end());
  }
  HopCollector collector(recording.directory());
  for (const trace::EventIndex index : indices) collector.read(recording.event(index));
  std::vector<Hop> hops = collector.take();
  std::erase_if(hops, [&](const Hop& hop) { return hop.uid != uid; });
  return hops;
}

}  // namespace strata::analysis
