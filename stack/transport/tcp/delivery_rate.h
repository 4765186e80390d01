// SPDX-License-Identifier: MIT
// Delivery-rate estimation (draft-cheng-iccrg-delivery-rate-estimation): each transmission notes
// how much had been delivered when it left; when it is acknowledged, what was delivered since over
// the time that took is how fast the network delivers. Kept only for algorithms that ask for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "stack/transport/tcp/congestion.h"
#include "stack/transport/tcp/retransmit_queue.h"

namespace strata::tcp {

class DeliveryRateSampler {
 public:
  // A segment of `octets` that ends at absolute `end` leaves; with it `in_flight` octets are.
  void on_sent(std::uint64_t end, std::uint64_t octets, std::uint64_t in_flight, Instant now);
  // `octets` were newly delivered; the one of them sent last ends at `end` and left at `sent`.
  // `in_flight` is what remains.
  DeliveryRate on_delivered(std::uint64_t octets, std::uint64_t end, Instant sent,
                            std::uint64_t in_flight, Instant now);
  // The user had nothing to send although the window had room: the rate until what is now in flight
  // is delivered says nothing about the network.
  void on_app_limited(std::uint64_t in_flight);

  // Where the retransmission queue notes what it takes for lost.
  std::vector<LostRecord>& losses() { return losses_; }
  // One of them: what was lost since it left, and what was in flight then. Call it before
  // on_delivered() for the ACK that tells of it. `has_sack` and `now` are passed on.
  LostSegment on_lost(const LostRecord& lost, bool has_sack, Instant now);
  // Departures before `oldest` are over: nothing more will be heard of them.
  void forget_before(Instant oldest);

  // `rate` becomes the one that is told, if its interval is no shorter than the least round trip
  // and, where the user set the pace, it is no lower than the last (Linux: tcp_rate_gen()).
  void note(const DeliveryRate& rate, Duration min_rtt);
  std::uint64_t octets_per_second() const;  // 0: none has been noted
  bool is_app_limited() const { return noted_app_limited_; }

  std::uint64_t delivered() const { return delivered_; }
  std::size_t footprint_bytes() const {
    return ring_.capacity() * sizeof(Departure) + losses_.capacity() * sizeof(LostRecord);
  }

 private:
  struct Departure {
    std::uint64_t end = 0;
    Instant sent{};
    std::uint64_t delivered = 0;  // so far, when it left
    Instant delivered_at{};
    Instant first_sent{};         // when the sampling window that it closes began
    std::uint64_t in_flight = 0;  // it included
    std::uint64_t lost = 0;       // so far
    bool is_app_limited = false;
  };

  // The number behind the last departure at `sent` that ended at `end`; head_: there is none.
  std::uint64_t number_behind(std::uint64_t end, Instant sent);
  Departure& at(std::uint64_t number) { return ring_[number & (ring_.size() - 1)]; }

  std::vector<Departure> ring_;  // a power of two; numbers [head_, tail_) in order of departure
  std::uint64_t head_ = 0;
  std::uint64_t tail_ = 0;
  std::uint64_t sampled_ = 0;  // departures below have given their sample, or never will
  std::uint64_t delivered_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t app_limited_until_ = 0;  // total of delivered octets; 0: the network sets the pace
  Instant delivered_at_{};
  Instant first_sent_{};
  std::uint64_t noted_octets_ = 0;
  Duration noted_interval_{};
  bool noted_app_limited_ = false;
  std::vector<LostRecord> losses_;
};

}  // namespace strata::tcp
