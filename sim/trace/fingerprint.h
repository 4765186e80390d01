// SPDX-License-Identifier: MIT
// Fingerprint: 64 bits that stand for a whole run. Two runs with the same fingerprint did the same;
// it is printed after every run and compared between compilers, optimisation levels and machines.
//
// It covers, in order of events: every frame sent (time, node, port, all its octets), every frame
// received (time, node, port, length, FCS, error), every drop (time, node, reason), every change of
// a TCP state, and every socket call with its result. Not cryptographic.
#pragma once

#include <cstdint>

#include "stack/base/bytes.h"
#include "stack/base/tracer.h"

namespace strata::trace {

// A streaming hash in the manner of xxHash64 (Collet): four lanes of multiply and rotate over
// 32-octet stripes. Octets are read little endian by shifts, so the value is the same everywhere.
class StreamHash {
 public:
  void add(std::uint64_t word) { state_ = mix(state_, word); }
  // The octets and their number.
  void add(Bytes octets);
  std::uint64_t value() const;

 private:
  static std::uint64_t mix(std::uint64_t state, std::uint64_t word);

  std::uint64_t state_ = 0x9e3779b185ebca87U;
};

class Fingerprint final : public Observer {
 public:
  static constexpr EventMask kWanted =
      event_mask<FrameSent, FrameReceived, Dropped, TcpStateChanged, SocketCalled>();

  void on_event(const Event& event) override;
  std::uint64_t value() const { return hash_.value(); }

 private:
  StreamHash hash_;
};

}  // namespace strata::trace
