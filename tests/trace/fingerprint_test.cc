// SPDX-License-Identifier: MIT
#include "sim/trace/fingerprint.h"

#include <gtest/gtest.h>

#include "tests/trace/sample_frames.h"

namespace strata::trace {
namespace {

std::uint64_t fingerprint_of(const std::vector<Event>& events) {
  Fingerprint fingerprint;
  for (const Event& event : events) fingerprint.on_event(event);
  return fingerprint.value();
}

Event sent(Instant time, Bytes frame) {
  return {.time = time, .node = NodeId{0}, .body = FrameSent{.frame = frame}};
}

TEST(Fingerprint, IsTheSameForTheSameEvents) {
  EXPECT_EQ(fingerprint_of({sent(kStart, kHelloSegment), sent(kStart + 1ns, kArpRequest)}),
            fingerprint_of({sent(kStart, kHelloSegment), sent(kStart + 1ns, kArpRequest)}));
}

TEST(Fingerprint, DependsOnTimeOrderAndEveryOctet) {
  const std::uint64_t value = fingerprint_of({sent(kStart, kHelloSegment)});

  EXPECT_NE(value, fingerprint_of({}));
  EXPECT_NE(value, fingerprint_of({sent(kStart + 1ns, kHelloSegment)}));
  for (std::size_t i = 0; i < kHelloSegment.size(); ++i) {
    std::array changed = kHelloSegment;
    changed[i] ^= 1;
    EXPECT_NE(value, fingerprint_of({sent(kStart, changed)})) << "octet " << i;
  }
  EXPECT_NE(fingerprint_of({sent(kStart, kHelloSegment), sent(kStart, kArpRequest)}),
            fingerprint_of({sent(kStart, kArpRequest), sent(kStart, kHelloSegment)}));
}

TEST(Fingerprint, DependsOnDropsStatesAndSocketCalls) {
  const std::vector<Event> events{
      {.body = Dropped{.reason = DropReason::loss}},
      {.body = Dropped{.reason = DropReason::queue_full}},
      {.body = TcpStateChanged{.to = TcpState::established}},
      {.body = TcpStateChanged{.to = TcpState::closed}},
      {.body = SocketCalled{.call = "send(5, 7 bytes)", .result = "7"}},
      {.body = SocketCalled{.call = "send(5, 7 bytes)", .result = "EPIPE"}},
      {.body = FrameReceived{.frame = kHelloSegment}},
      {.body = FrameReceived{.frame = kHelloSegment, .error = FrameError::crc}},
  };
  for (std::size_t i = 0; i < events.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      EXPECT_NE(fingerprint_of({events[i]}), fingerprint_of({events[j]})) << i << " " << j;
    }
  }
}

TEST(Fingerprint, LeavesOutWhatOnlyExplains) {
  EXPECT_EQ(fingerprint_of({{.body = TcpVariables{.cwnd = 1}}}), fingerprint_of({}));
}

TEST(StreamHash, TellsApartOctetsThatDifferOnlyInHowTheyAreCut) {
  StreamHash whole;
  whole.add(Bytes{kHelloSegment});
  StreamHash parts;
  parts.add(Bytes{kHelloSegment}.first(40));
  parts.add(Bytes{kHelloSegment}.subspan(40));
  StreamHash zero;
  zero.add(Bytes{});

  EXPECT_NE(whole.value(), parts.value());
  EXPECT_NE(zero.value(), StreamHash{}.value());
}

}  // namespace
}  // namespace strata::trace
