// SPDX-License-Identifier: MIT
// Delivery-rate estimation (draft-cheng-iccrg-delivery-rate-estimation): each transmission notes
// how much had been delivered when it left; when it is acknowledged, what was delivered since over
// the time that took is how fast the network delivers. Kept only for algorithms that ask for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "stack/transport/tcp/congestion.h"

namespace strata::tcp {

class DeliveryRateSampler {
 public:
  // A segment that ends at absolute `end` leaves. `is_alone`: nothing else is in flight.
  void on_sent(std::uint64_t end, bool is_alone, Instant now);
  // `octets` were newly delivered; the one of them sent last ends at `end` and left at `sent`.
  // `in_flight` is what remains.
  DeliveryRate on_delivered(std::uint64_t octets, std::uint64_t end, Instant sent,
                            std::uint64_t in_flight, Instant now);
  // The user had nothing to send although the window had room: the rate until what is now in flight
  // is delivered says nothing about the network.
  void on_app_limited(std::uint64_t in_flight);

  std::uint64_t delivered() const { return delivered_; }
  std::size_t footprint_bytes() const { return ring_.capacity() * sizeof(Departure); }

 private:
  struct Departure {
    std::uint64_t end = 0;
    Instant sent{};
    std::uint64_t delivered = 0;  // so far, when it left
    Instant delivered_at{};
    Instant first_sent{};  // when the sampling window that it closes began
    bool is_app_limited = false;
  };

  Departure& at(std::uint64_t number) { return ring_[number & (ring_.size() - 1)]; }

  std::vector<Departure> ring_;  // a power of two; numbers [head_, tail_) in order of departure
  std::uint64_t head_ = 0;
  std::uint64_t tail_ = 0;
  std::uint64_t delivered_ = 0;
  std::uint64_t app_limited_until_ = 0;  // total of delivered octets; 0: the network sets the pace
  Instant delivered_at_{};
  Instant first_sent_{};
};

}  // namespace strata::tcp
