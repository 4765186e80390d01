// SPDX-License-Identifier: MIT
#include "sim/link.h"

#include <algorithm>
#include <utility>

#include "sim/congestion_mark.h"
#include "stack/base/assert.h"
#include "stack/physical/line_code.h"

namespace strata::sim {

LinkDirection::LinkDirection(const LinkConfig& config, const Wiring& wiring)
    : sender_(wiring.sender),
      receiver_(wiring.receiver),
      sender_port_(wiring.sender_port),
      receiver_port_(wiring.receiver_port),
      link_(wiring.link),
      queue_(wiring.queue),
      tag_(wiring.tag),
      delay_(config.delay),
      limits_(config.queue),
      line_code_(config.line_code),
      impairments_(config.impairments, wiring.direction, wiring.seed, wiring.stream_prefix),
      clock_(config.rate_bps),
      discipline_(make_queue_discipline(config.queue, config.rate_bps, wiring.seed,
                                        wiring.stream_prefix)) {}

void LinkDirection::offer(Packet frame, Instant now) {
  ++counters_.offered_frames;
  counters_.offered_bytes += frame.size();
  if (!is_up_) {
    drop(frame, DropReason::link_down, nullptr, now);
  } else if (waiting_.empty() && free_at_ <= now) {
    if (discipline_ == nullptr || admit(frame, now)) transmit(std::move(frame), now);
  } else if (has_room_for(frame)) {
    if (discipline_ == nullptr || admit(frame, now)) enqueue(std::move(frame), now);
  } else {
    drop(frame, DropReason::queue_full, nullptr, now);
  }
}

bool LinkDirection::admit(Packet& frame, Instant now) {
  return !discipline_->on_arrival(occupancy(), now) || signal_congestion(frame, now);
}

// Marks the frame, or drops it where it cannot be marked. True: it goes on.
bool LinkDirection::signal_congestion(Packet& frame, Instant now) {
  if (limits_.ecn && mark_congestion(frame.mutable_bytes())) {
    ++counters_.marked_frames;
    sender_.trace(now, frame, [&] {
      return FrameMarked{.port = sender_port_, .link = link_, .decision = discipline_->describe()};
    });
    return true;
  }
  if (discipline_->spares_the_unmarkable()) return true;
  counters_.dropped.add(DropReason::queue_managed);
  sender_.trace(now, frame, [&] {
    return Dropped{.layer = Layer::physical,
                   .reason = DropReason::queue_managed,
                   .port = sender_port_,
                   .link = link_,
                   .packet = frame.bytes(),
                   .decision = discipline_->describe()};
  });
  return false;
}

bool LinkDirection::has_room_for(const Packet& frame) const {
  if (limits_.frames_max != 0 && waiting_.size() >= limits_.frames_max) return false;
  return limits_.bytes_max == 0 || waiting_bytes_ + frame.size() <= limits_.bytes_max;
}

void LinkDirection::enqueue(Packet frame, Instant now) {
  waiting_bytes_ += frame.size();
  waiting_.push_back(std::move(frame));
  if (discipline_ != nullptr) waiting_since_.push_back(now);
  counters_.queue_bytes_peak = std::max(counters_.queue_bytes_peak, waiting_bytes_);
  counters_.queue_frames_peak = std::max(counters_.queue_frames_peak, waiting_.size());
  const Packet& queued = waiting_.back();
  sender_.trace(now, queued, [&] {
    return FrameQueued{.port = sender_port_,
                       .link = link_,
                       .frame_bytes = static_cast<std::uint32_t>(queued.size()),
                       .queued_frames = static_cast<std::uint32_t>(waiting_.size()),
                       .queued_bytes = static_cast<std::uint32_t>(waiting_bytes_)};
  });
  if (free_sequence_ == 0) {
    free_sequence_ = queue_->push(free_at_, EventTarget::transmitter_free, tag_);
  }
}

bool LinkDirection::expects(const QueuedEvent& event) const {
  if (event.target == EventTarget::transmitter_free) return event.sequence == free_sequence_;
  return !wire_.empty() && wire_.front().sequence == event.sequence;
}

void LinkDirection::on_transmitter_free(Instant now) {
  Packet frame = take_waiting(now);
  if (!waiting_.empty()) waiting_.front().prefetch();
  if (frame.has_value()) transmit(std::move(frame), now);
  free_sequence_ =
      waiting_.empty() ? 0 : queue_->push(free_at_, EventTarget::transmitter_free, tag_);
}

// The next frame to transmit; empty when the discipline dropped all that waited.
Packet LinkDirection::take_waiting(Instant now) {
  while (!waiting_.empty()) {
    Packet frame = waiting_.pop_front();
    waiting_bytes_ -= frame.size();
    if (discipline_ == nullptr) return frame;
    const Duration sojourn = now - waiting_since_.pop_front();
    if (!discipline_->on_departure(occupancy(), sojourn, now) || signal_congestion(frame, now)) {
      return frame;
    }
  }
  return {};
}

void LinkDirection::transmit(Packet frame, Instant now) {
  // After a silence the fraction of a nanosecond left over by earlier frames means nothing.
  if (free_at_ != now) clock_ = physical::TransmissionClock{clock_.rate_bps()};
  const Duration bits = clock_.transmit(8 * (physical::kPreambleAndStartBytes + frame.size()));
  const Duration gap = clock_.transmit(physical::kInterFrameGapBits);
  const Instant last_bit_out = after(now, bits);
  const Instant arrival = after(last_bit_out, delay_);
  free_at_ = after(last_bit_out, gap);
  ++counters_.sent_frames;
  counters_.sent_bytes += frame.size();
  counters_.busy += bits + gap;
  counters_.busy_until = free_at_;

  frame.clear_marks();  // the sender's knowledge ends at the medium
  if (!impairments_.empty() || line_code_) [[unlikely]] {
    launch_impaired(std::move(frame), now, last_bit_out, arrival);
    return;
  }
  trace_sent(frame, now, last_bit_out, arrival, true);
  launch(std::move(frame), FrameError::none, arrival);
}

void LinkDirection::trace_sent(const Packet& frame, Instant now, Instant last_bit_out,
                               Instant arrival, bool will_arrive) const {
  sender_.trace(now, frame, [&] {
    return FrameSent{.port = sender_port_,
                     .link = link_,
                     .frame = frame.bytes(),
                     .last_bit_out = last_bit_out,
                     .last_bit_in = arrival,
                     .will_arrive = will_arrive};
  });
}

void LinkDirection::launch_impaired(Packet frame, Instant now, Instant last_bit_out,
                                    Instant arrival) {
  std::size_t symbols = 0;
  if (line_code_) {
    // Really onto the medium and back: what the code cannot carry must not arrive.
    const std::vector<std::uint8_t> octets = physical::with_preamble(frame.bytes());
    const physical::Symbols levels = physical::encode(*line_code_, octets);
    symbols = levels.size();
    const auto decoded = physical::decode(*line_code_, levels);
    STRATA_ASSERT(decoded.has_value() && *decoded == octets);
  }
  outcome_ = &impairments_.decide(frame.bytes(), now, arrival, symbols);
  trace_sent(frame, now, last_bit_out, arrival, !outcome_->frames.front().lost);
  launches_.clear();
  launches_.push_back({.frame = std::move(frame)});
  for (const ImpairmentFact& fact : outcome_->facts) carry_out(fact, now);
  for (std::size_t i = 0; i < launches_.size(); ++i) {
    if (outcome_->frames[i].lost) continue;
    launch(std::move(launches_[i].frame), launches_[i].error,
           after(arrival, outcome_->frames[i].extra));
  }
  launches_.clear();
}

void LinkDirection::carry_out(const ImpairmentFact& fact, Instant now) {
  switch (fact.kind) {
    case ImpairmentFact::Kind::lost:
      drop(launches_[fact.frame].frame, outcome_->frames[fact.frame].reason, &fact, now);
      break;
    case ImpairmentFact::Kind::corrupted:
      corrupt(fact, now);
      break;
    case ImpairmentFact::Kind::truncated:
      truncate(fact, now);
      break;
    case ImpairmentFact::Kind::duplicated: {
      ++counters_.duplicated_frames;
      STRATA_ASSERT(fact.copy == launches_.size());
      const Packet& original = launches_[fact.frame].frame;
      Packet copy = original.clone();
      copy.assign_new_uid();
      copy.set_parent(original.uid(), Parentage::duplicate);
      sender_.trace(now, original, [&] {
        return FrameDuplicated{
            .link = link_, .copy = copy.uid(), .decision = impairments_.describe(fact)};
      });
      const FrameError error = launches_[fact.frame].error;
      launches_.push_back({.frame = std::move(copy), .error = error});
      break;
    }
    case ImpairmentFact::Kind::delayed:
      ++counters_.delayed_frames;
      sender_.trace(now, launches_[fact.frame].frame, [&] {
        return FrameDelayed{.link = link_,
                            .extra = fact.extra,
                            .reordered = impairments_.is_reordering(fact),
                            .decision = impairments_.describe(fact)};
      });
      break;
  }
}

void LinkDirection::corrupt(const ImpairmentFact& fact, Instant now) {
  Launch& launch = launches_[fact.frame];
  const std::span<const std::uint32_t> flips =
      std::span{outcome_->flips}.subspan(fact.flips_begin, fact.flips_end - fact.flips_begin);
  std::vector<std::uint32_t> flipped_bits;
  if (line_code_ && impairments_.is_random(fact)) {
    if (launch.error != FrameError::symbol &&
        corrupt_symbols(launch.frame, flips, flipped_bits) == FrameError::symbol) {
      launch.error = FrameError::symbol;
    }
  } else {
    flipped_bits = physical::flip_bits(launch.frame.mutable_bytes(), flips);
    if (flipped_bits.empty()) return;  // they lie where the frame was cut off
  }
  ++counters_.corrupted_frames;
  sender_.trace(now, launch.frame, [&] {
    return FrameCorrupted{.link = link_,
                          .flipped_bits = std::move(flipped_bits),
                          .decision = impairments_.describe(fact)};
  });
}

void LinkDirection::truncate(const ImpairmentFact& fact, Instant now) {
  Launch& launch = launches_[fact.frame];
  const std::size_t sent_bytes = launch.frame.size();
  if (fact.to_bytes >= sent_bytes) return;  // an earlier model cut off more
  launch.frame.trim_back(sent_bytes - fact.to_bytes);
  if (fact.to_bytes < physical::kFrameBytesMin && launch.error == FrameError::none) {
    launch.error = FrameError::too_short;
  }
  ++counters_.truncated_frames;
  sender_.trace(now, launch.frame, [&] {
    return FrameTruncated{.link = link_,
                          .sent_bytes = static_cast<std::uint32_t>(sent_bytes),
                          .arriving_bytes = fact.to_bytes,
                          .decision = impairments_.describe(fact)};
  });
}

FrameError LinkDirection::corrupt_symbols(Packet& frame, std::span<const std::uint32_t> symbols,
                                          std::vector<std::uint32_t>& flipped_bits) const {
  physical::Symbols levels = physical::encode(*line_code_, physical::with_preamble(frame.bytes()));
  for (const std::uint32_t symbol : symbols) {
    if (symbol >= levels.size()) continue;
    std::int8_t& level = levels[symbol];
    // A wrong level: the other one of two, or for three-level codes a neighbour.
    if (*line_code_ == physical::LineCodeKind::mlt3) {
      level = level == 0 ? 1 : 0;
    } else {
      level = static_cast<std::int8_t>(-level);
    }
  }
  const auto octets = physical::decode(*line_code_, levels);
  if (!octets) return FrameError::symbol;
  const auto decoded = physical::without_preamble(*octets);
  // A receiver that found the start of the frame elsewhere has lost it.
  if (!decoded || decoded->size() != frame.size()) return FrameError::symbol;
  const MutableBytes bytes = frame.mutable_bytes();
  for (std::uint32_t bit = 0; bit < 8 * bytes.size(); ++bit) {
    const std::uint8_t mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    if (((bytes[bit / 8] ^ (*decoded)[bit / 8]) & mask) != 0) flipped_bits.push_back(bit);
  }
  std::copy(decoded->begin(), decoded->end(), bytes.begin());
  return FrameError::none;
}

void LinkDirection::launch(Packet frame, FrameError error, Instant arrival) {
  InFlight flight{.arrival = arrival,
                  .sequence = queue_->reserve_sequence(),
                  .frame = std::move(frame),
                  .error = error};
  // Nearly always behind all others; in front of some only after delays.
  std::size_t position = wire_.size();
  while (position > 0 && wire_[position - 1].arrival > arrival) --position;
  if (position == wire_.size()) {
    wire_.push_back(std::move(flight));
  } else {
    wire_.insert(position, std::move(flight));
  }
  if (position == 0) schedule_first();
}

void LinkDirection::schedule_first() {
  if (wire_.empty() || wire_.front().is_scheduled) return;
  InFlight& first = wire_.front();
  first.is_scheduled = true;
  queue_->push_reserved(first.arrival, first.sequence, EventTarget::frame_arrival, tag_);
}

Packet LinkDirection::take_arrival(Instant now) {
  InFlight flight = wire_.pop_front();
  schedule_first();
  prefetch_arrival();  // cold by the time it arrives
  Packet& frame = flight.frame;
  frame.set_arrival(now);
  frame.set_sound_fcs(false);
  receiver_.trace(now, frame, [&] {
    FrameError error = flight.error;
    frame.set_sound_fcs(physical::has_valid_fcs(frame.bytes()));
    if (error == FrameError::none && !frame.has_sound_fcs()) error = FrameError::crc;
    return FrameReceived{
        .port = receiver_port_, .link = link_, .frame = frame.bytes(), .error = error};
  });
  if (flight.error == FrameError::symbol) [[unlikely]] {
    counters_.dropped.add(DropReason::symbol_error);
    receiver_.trace(now, frame, [&] {
      return Dropped{.layer = Layer::physical,
                     .reason = DropReason::symbol_error,
                     .port = receiver_port_,
                     .link = link_,
                     .packet = frame.bytes()};
    });
    return {};
  }
  ++counters_.delivered_frames;
  counters_.delivered_bytes += frame.size();
  return std::move(frame);
}

void LinkDirection::prefetch_arrival() const {
  constexpr std::size_t kLine = 64;
  if (wire_.empty()) return;
  const Bytes frame = wire_.front().frame.bytes();
  for (std::size_t at = 0; at < frame.size(); at += kLine) __builtin_prefetch(frame.data() + at);
}

void LinkDirection::set_up(bool up, Instant now) {
  if (up == is_up_) return;
  is_up_ = up;
  free_at_ = now;
  free_sequence_ = 0;
  if (up) return;
  while (!wire_.empty()) drop(wire_.pop_front().frame, DropReason::link_down, nullptr, now);
  while (!waiting_.empty()) drop(waiting_.pop_front(), DropReason::link_down, nullptr, now);
  while (!waiting_since_.empty()) waiting_since_.pop_front();
  waiting_bytes_ = 0;
}

void LinkDirection::drop(const Packet& frame, DropReason reason, const ImpairmentFact* fact,
                         Instant now) {
  counters_.dropped.add(reason);
  sender_.trace(now, frame, [&] {
    Dropped dropped{.layer = Layer::physical,
                    .reason = reason,
                    .port = sender_port_,
                    .link = link_,
                    .packet = frame.bytes()};
    if (fact != nullptr) dropped.decision = impairments_.describe(*fact);
    return dropped;
  });
}

}  // namespace strata::sim
