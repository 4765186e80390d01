// SPDX-License-Identifier: MIT
#include "sim/inference/tcp_segments.h"

#include <algorithm>

#include "stack/wire/tcp.h"

namespace strata::inference {
namespace {

using wire::tcp_flag::kAck;
using wire::tcp_flag::kFin;
using wire::tcp_flag::kRst;
using wire::tcp_flag::kSyn;

// Text this soon after a duplicate acknowledgement was sent because of it.
constexpr Duration kFastRetransmission = 20ms;
// Reordering lasts no longer than a round trip; this long where none was measured.
constexpr Duration kReordering = 3ms;
// What is remembered of one side, against captures made to use up memory.
constexpr std::size_t kCarriersMost = 10'000;
constexpr std::size_t kIslandsMost = 1'000;

// Sequence numbers a segment takes up.
std::uint32_t span_of(const Segment& segment) {
  return segment.length + (segment.has(kSyn | kFin) ? 1 : 0);
}

}  // namespace

// The first segment of one side. Without a SYN, text begins where it does, as far as one can tell.
void TcpSegments::begin(Stream& sender, Stream& receiver, const Segment& segment) {
  if (!sender.is_known) {
    sender.is_known = true;
    sender.zero = segment.has(kSyn) ? segment.sequence + 1 : segment.sequence;
    sender.next = segment.sequence;
    sender.next_time = kNever;
  }
  if (!receiver.is_known && segment.has(kAck) && !segment.has(kRst)) {
    receiver.is_known = true;
    receiver.zero = segment.acknowledgement;
    receiver.next = segment.acknowledgement;
    receiver.next_time = kNever;
  }
}

Findings TcpSegments::take(Side side, const Segment& segment) {
  Stream& sender = at(side);
  Stream& receiver = at(other(side));
  // The same addresses and ports with another SYN are another connection.
  const bool is_new = segment.has(kSyn) && sender.is_known && segment.sequence + 1 != sender.zero &&
                      !segment.has(kAck);
  if (is_new) *this = TcpSegments{};
  const bool had_next = sender.is_known && sender.next_time != kNever;
  begin(sender, receiver, segment);

  Findings findings;
  const bool is_plain = !segment.has(kSyn | kFin | kRst);
  const bool is_keep_alive =
      had_next && is_plain && segment.length <= 1 && segment.sequence + 1 == sender.next;
  const bool is_window_probe = had_next && segment.length == 1 && segment.sequence == sender.next &&
                               receiver.has_ack && receiver.window == 0;
  findings.text_missing_before =
      had_next && segment.sequence.after(sender.next) && !segment.has(kRst);
  const std::int64_t offset =
      segment.sequence.unwrap(sender.zero, sender.highest) + (segment.has(kSyn) ? 1 : 0);
  findings.offset = static_cast<std::uint64_t>(std::max<std::int64_t>(offset, 0));
  if (is_window_probe) {
    findings.repetition = Repetition::window_probe;
  } else if (had_next) {
    findings.repetition = repetition_of(sender, receiver, segment, is_keep_alive);
  }
  const bool answers_probe = receiver.probed && segment.length == 0;
  if (had_next && !answers_probe && is_duplicate_ack(sender, segment)) {
    findings.duplicate_acks = ++sender.duplicate_acks;
  } else if (!sender.has_ack || segment.acknowledgement != sender.ack) {
    sender.duplicate_acks = 0;
  }
  if (const auto carrier = sender.carriers.find(findings.offset);
      carrier != sender.carriers.end() && findings.repetition != Repetition::none) {
    findings.first_sent_as = carrier->second;
  }
  acknowledge(sender, receiver, segment, findings);
  advance(sender, segment, findings.repetition);
  sender.probed = findings.repetition == Repetition::keep_alive ||
                  findings.repetition == Repetition::window_probe;
  measure_handshake(side, segment);
  return findings;
}

Repetition TcpSegments::repetition_of(const Stream& sender, const Stream& receiver,
                                      const Segment& segment, bool is_keep_alive) const {
  if (is_keep_alive) return Repetition::keep_alive;
  if (span_of(segment) == 0) return Repetition::none;
  bool is_behind = segment.sequence.before(sender.next);
  // One octet of it may have been a window probe before.
  if (segment.length > 1 && segment.sequence + 1 == sender.next) is_behind = false;
  const Seq32 end = segment.sequence + segment.length;
  if (segment.length > 0 && receiver.has_ack && !end.after(receiver.ack)) {
    return Repetition::spurious_retransmission;
  }
  if (!is_behind) return Repetition::none;
  // Text that comes too soon after what follows it cannot have been sent again.
  const Duration reordering = first_rtt_ == Duration{} ? kReordering : first_rtt_;
  const bool ends_at_next = segment.sequence + span_of(segment) == sender.next;
  if (receiver.duplicate_acks >= 2 && receiver.ack == segment.sequence &&
      segment.time - receiver.ack_time < kFastRetransmission) {
    return Repetition::fast_retransmission;
  }
  if (segment.time - sender.next_time < reordering && (!ends_at_next || !sender.next_ends_text)) {
    return Repetition::reordered;
  }
  return Repetition::retransmission;
}

bool TcpSegments::is_duplicate_ack(const Stream& sender, const Segment& segment) const {
  return segment.length == 0 && segment.window != 0 && segment.window == sender.window &&
         segment.sequence == sender.next && sender.has_ack &&
         segment.acknowledgement == sender.ack && !segment.has(kSyn | kFin | kRst);
}

void TcpSegments::acknowledge(Stream& sender, Stream& receiver, const Segment& segment,
                              Findings& findings) {
  if (segment.has(kSyn) && segment.scale) sender.shift = std::min<std::uint8_t>(*segment.scale, 14);
  if (segment.has(kSyn)) sender.scales = segment.scale.has_value();
  sender.window = segment.window;
  if (!segment.has(kAck) || !receiver.is_known) return;
  const std::int64_t acknowledged = segment.acknowledgement.unwrap(receiver.zero, receiver.highest);
  const std::uint64_t highest = receiver.highest;
  const auto upto =
      std::min(static_cast<std::uint64_t>(std::max<std::int64_t>(acknowledged, 0)), highest);
  findings.ack_offset = upto;
  if (upto > receiver.acknowledged) {
    findings.newly_acked = upto - receiver.acknowledged;
    receiver.acknowledged = upto;
    receiver.carriers.erase(receiver.carriers.begin(), receiver.carriers.lower_bound(upto));
  }
  sender.has_ack = true;
  sender.ack = segment.acknowledgement;
  sender.ack_time = segment.time;
}

void TcpSegments::advance(Stream& sender, const Segment& segment, Repetition repetition) {
  if (segment.length > 0 && sender.carriers.size() < kCarriersMost) {
    const std::int64_t offset =
        segment.sequence.unwrap(sender.zero, sender.highest) + (segment.has(kSyn) ? 1 : 0);
    if (offset >= 0) {
      sender.carriers.try_emplace(static_cast<std::uint64_t>(offset), segment.uid);
      fill(sender, static_cast<std::uint64_t>(offset),
           static_cast<std::uint64_t>(offset) + segment.length);
    }
  }
  const Seq32 end = segment.sequence + span_of(segment);
  const bool is_first = sender.next_time == kNever;
  if (repetition == Repetition::window_probe || (!is_first && !end.after(sender.next))) return;
  // A SYN or FIN that moves it by itself is no text.
  if (is_first || end.after(sender.next + (segment.has(kSyn | kFin) ? 1 : 0))) {
    sender.next_ends_text = segment.length > 0;
  }
  sender.next = end;
  sender.next_time = segment.time;
  const std::int64_t highest =
      end.unwrap(sender.zero, sender.highest) - (segment.has(kFin) ? 1 : 0);
  sender.highest =
      std::max(sender.highest, static_cast<std::uint64_t>(std::max<std::int64_t>(highest, 0)));
}

// Octets [begin, end) of the text were seen.
void TcpSegments::fill(Stream& sender, std::uint64_t begin, std::uint64_t end) {
  if (end <= sender.contiguous) return;
  if (begin > sender.contiguous) {
    if (sender.islands.size() >= kIslandsMost) return;
    std::uint64_t& known = sender.islands[begin];
    known = std::max(known, end);
  } else {
    sender.contiguous = end;
    while (!sender.islands.empty() && sender.islands.begin()->first <= sender.contiguous) {
      sender.contiguous = std::max(sender.contiguous, sender.islands.begin()->second);
      sender.islands.erase(sender.islands.begin());
    }
  }
  sender.beyond_gap = 0;
  std::uint64_t covered = sender.contiguous;
  for (const auto& [from, to] : sender.islands) {
    if (to <= covered) continue;
    sender.beyond_gap += to - std::max(from, covered);
    covered = to;
  }
}

// The time from the last SYN to the acknowledgement that ends the handshake.
void TcpSegments::measure_handshake(Side side, const Segment& segment) {
  if (segment.has(kSyn) && !segment.has(kAck)) {
    syn_time_ = segment.time;
    syn_side_ = side;
  } else if (first_rtt_ == Duration{} && syn_time_ != kNever && side == syn_side_ &&
             segment.has(kAck) && !segment.has(kSyn | kRst)) {
    first_rtt_ = segment.time - syn_time_;
  }
}

StreamView TcpSegments::stream(Side side) const {
  const Stream& stream = streams_[static_cast<std::size_t>(side)];
  const Stream& peer = streams_[static_cast<std::size_t>(other(side))];
  const bool scales = stream.scales && peer.scales;
  return {.next = stream.highest,
          .acknowledged = stream.acknowledged,
          .contiguous = stream.contiguous,
          .beyond_gap = stream.beyond_gap,
          .window = std::uint64_t{stream.window} << (scales ? stream.shift : 0)};
}

}  // namespace strata::inference
