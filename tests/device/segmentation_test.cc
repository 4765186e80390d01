// SPDX-License-Identifier: MIT
// Super-frames cut and joined as RFC 791, RFC 9293 and RFC 3168 want the single frames. The
// headers' own parsers, which verify every checksum, are the judges.
#include "sim/device/segmentation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stack/wire/ethernet.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/tcp.h"

namespace strata::device {
namespace {

using testing::ElementsAre;

constexpr std::size_t kNetwork = wire::EthernetHeader::kBytes;
constexpr std::size_t kTransport = kNetwork + wire::Ipv4Header::kBytesMin;
constexpr std::size_t kText = kTransport + wire::TcpHeader::kBytesMin;

using Frame = std::vector<std::uint8_t>;

struct Segment {
  std::uint32_t sequence = 1000;
  std::size_t bytes = 0;
  std::uint8_t flags = wire::tcp_flag::kAck;
  std::uint16_t id = 7;
  std::uint16_t port = 80;
};

// Text that tells octets apart: each is its sequence number, modulo 251.
std::vector<std::uint8_t> text_of(const Segment& segment) {
  std::vector<std::uint8_t> text(segment.bytes);
  for (std::size_t i = 0; i < text.size(); ++i) {
    text[i] = static_cast<std::uint8_t>((segment.sequence + i) % 251);
  }
  return text;
}

Frame frame_of(const Segment& segment) {
  const auto text = text_of(segment);
  Frame frame(kText + text.size());
  std::copy(text.begin(), text.end(), frame.begin() + kText);
  wire::EthernetHeader{.type = EtherType::ipv4}.emit(frame.data());
  const wire::Ipv4Header ip{.total_length = static_cast<std::uint16_t>(frame.size() - kNetwork),
                            .identification = segment.id,
                            .dont_fragment = true,
                            .ttl = 64,
                            .protocol = IpProtocol::tcp,
                            .source = Ipv4Address{0x0a000001},
                            .destination = Ipv4Address{0x0a000002}};
  ip.emit(&frame[kNetwork]);
  const wire::TcpHeader tcp{.source_port = 40000,
                            .destination_port = segment.port,
                            .sequence = Seq32{segment.sequence},
                            .acknowledgement = Seq32{5},
                            .flags = segment.flags,
                            .window = 500};
  tcp.emit(MutableBytes{frame}.subspan(kTransport), IpAddress{ip.source},
           IpAddress{ip.destination});
  return frame;
}

std::vector<Frame> cut(const Frame& frame, std::size_t segment_bytes) {
  Splitter splitter;
  std::vector<Frame> frames;
  if (!splitter.load(frame, {.segment_bytes = segment_bytes})) return frames;
  while (!splitter.empty()) {
    const Bytes next = splitter.next();
    frames.emplace_back(next.begin(), next.end());
  }
  return frames;
}

TEST(Splitter, CutsASuperFrameIntoTheFramesThatATcpWouldHaveSent) {
  using wire::tcp_flag::kAck, wire::tcp_flag::kCwr, wire::tcp_flag::kFin, wire::tcp_flag::kPsh;
  const Segment whole{.bytes = 2500, .flags = kAck | kPsh | kFin | kCwr};

  // RFC 3168 6.1.2: CWR with the first only; FIN and PSH belong to the last octet.
  EXPECT_THAT(
      cut(frame_of(whole), 1000),
      ElementsAre(
          frame_of({.bytes = 1000, .flags = kAck | kCwr}),
          frame_of({.sequence = 2000, .bytes = 1000, .id = 8}),
          frame_of({.sequence = 3000, .bytes = 500, .flags = kAck | kPsh | kFin, .id = 9})));
}

TEST(Splitter, RefusesWhatIsNoTcpSegmentWithText) {
  Splitter splitter;
  Frame frame = frame_of({.bytes = 3000});
  EXPECT_FALSE(splitter.load(frame, {.segment_bytes = 0}));
  EXPECT_FALSE(splitter.load(Bytes{frame}.first(100), {.segment_bytes = 1000}));
  EXPECT_FALSE(splitter.load(frame_of({}), {.segment_bytes = 1000}));
  for (std::size_t length = 0; length < kText; ++length) {
    EXPECT_FALSE(splitter.load(Bytes{frame}.first(length), {.segment_bytes = 1000})) << length;
  }
  frame[kNetwork] = 0x4f;  // 60 octets of header: the TCP header is elsewhere, its length nonsense
  (void)splitter.load(frame, {.segment_bytes = 1000});
  frame[kNetwork + 9] = 17;
  EXPECT_FALSE(splitter.load(frame, {.segment_bytes = 1000}));
}

TEST(Merger, JoinsWhatTheSplitterWouldCutApart) {
  const std::vector<Frame> frames{
      frame_of({.bytes = 1000}), frame_of({.sequence = 2000, .bytes = 1000, .id = 8}),
      frame_of({.sequence = 3000, .bytes = 500, .flags = wire::tcp_flag::kAck | 8, .id = 9})};
  Merger merger;
  for (const Frame& frame : frames) EXPECT_TRUE(merger.add(frame));

  const MutableBytes joined = merger.frame();
  EXPECT_EQ(merger.offload().segment_bytes, 1000U);
  EXPECT_EQ(merger.offload().header_bytes, kText);
  EXPECT_TRUE(merger.offload().needs_checksum);
  EXPECT_EQ(joined.size(), kText + 2500);
  EXPECT_EQ(cut(Frame(joined.begin(), joined.end()), 1000), frames);
  // What the kernel completes: the checksum of the whole.
  EXPECT_TRUE(complete_checksum(joined, merger.offload()));
  EXPECT_EQ(Frame(joined.begin(), joined.end()),
            frame_of({.bytes = 2500, .flags = wire::tcp_flag::kAck | 8}));
}

TEST(Merger, LeavesASingleFrameAsItIs) {
  Merger merger;
  const Frame frame = frame_of({.bytes = 1000});
  ASSERT_TRUE(merger.add(frame));
  const MutableBytes held = merger.frame();
  EXPECT_EQ(Frame(held.begin(), held.end()), frame);
  EXPECT_FALSE(merger.offload().needs_checksum);
  EXPECT_EQ(merger.offload().segment_bytes, 0U);
}

TEST(Merger, JoinsOnlyWhatCouldHaveBeenOneSegment) {
  using wire::tcp_flag::kAck, wire::tcp_flag::kFin, wire::tcp_flag::kPsh;
  const Segment first{.bytes = 1000};
  const Segment next{.sequence = 2000, .bytes = 1000};
  const auto goes_with = [](const Segment& held, const Frame& frame) {
    Merger merger;
    return merger.add(frame_of(held)) && merger.add(frame);
  };
  EXPECT_TRUE(goes_with(first, frame_of(next)));
  Segment other = next;
  other.sequence = 2001;  // a gap
  EXPECT_FALSE(goes_with(first, frame_of(other)));
  other = next;
  other.port = 81;  // another connection
  EXPECT_FALSE(goes_with(first, frame_of(other)));
  other = next;
  other.bytes = 1001;  // longer than the first
  EXPECT_FALSE(goes_with(first, frame_of(other)));
  other = next;
  other.bytes = 0;  // an acknowledgement
  EXPECT_FALSE(goes_with(first, frame_of(other)));
  other = next;
  other.flags = kAck | kFin;
  EXPECT_FALSE(goes_with(first, frame_of(other)));
  other = first;
  other.flags = kAck | kPsh;  // nothing may follow
  EXPECT_FALSE(goes_with(other, frame_of(next)));
  Frame damaged = frame_of(next);
  damaged.back() ^= 1;  // joined, its checksum would be mended
  EXPECT_FALSE(goes_with(first, damaged));
}

TEST(Merger, KeepsNothingOfADamagedFrame) {
  Frame damaged = frame_of({.sequence = 2000, .bytes = 1000});
  damaged.back() ^= 1;
  Merger merger;
  EXPECT_FALSE(merger.add(damaged));
  EXPECT_TRUE(merger.empty());
  ASSERT_TRUE(merger.add(frame_of({.bytes = 1000})));
  EXPECT_FALSE(merger.add(damaged));
  EXPECT_EQ(merger.segments(), 1U);
  const MutableBytes held = merger.frame();
  EXPECT_EQ(Frame(held.begin(), held.end()), frame_of({.bytes = 1000}));
}

TEST(Merger, StopsAtTheLongestDatagram) {
  Merger merger;
  std::size_t joined = 0;
  for (Segment segment{.bytes = 1460}; merger.add(frame_of(segment)); segment.sequence += 1460) {
    ++joined;
  }
  EXPECT_EQ(joined, 44U);  // 44 * 1460 + 40 <= 65535
}

TEST(Checksum, LeftToALinkWithoutDamageIsCompleted) {
  const Frame right = frame_of({.bytes = 10});
  Frame partial = right;
  // RFC 9293 3.1: the sum of the pseudo-header alone, 10.0.0.1 + 10.0.0.2 + 6 + 30.
  partial[kTransport + 16] = 0x14;
  partial[kTransport + 17] = 0x03 + 6 + 30;
  Offload offload;
  EXPECT_FALSE(lacks_checksum(right, offload));
  ASSERT_TRUE(lacks_checksum(partial, offload));
  ASSERT_TRUE(complete_checksum(partial, offload));
  EXPECT_EQ(partial, right);
  partial[kTransport + 17] ^= 0xff;  // damage is not mended
  EXPECT_FALSE(lacks_checksum(partial, offload));
}

TEST(Checksum, OfALongFrameIsLeftToTheKernelUnlessItIsWrong) {
  Frame frame = frame_of({.bytes = 60'000});
  EXPECT_TRUE(is_long(frame));
  EXPECT_FALSE(is_long(frame_of({.bytes = 30'000})));
  Frame headers;
  Offload offload;
  ASSERT_TRUE(leave_checksum(frame, headers, offload));

  Frame completed = headers;
  completed.insert(completed.end(), frame.begin() + static_cast<std::ptrdiff_t>(headers.size()),
                   frame.end());
  ASSERT_TRUE(complete_checksum(completed, offload));
  EXPECT_EQ(completed, frame);

  frame.back() ^= 1;
  EXPECT_FALSE(leave_checksum(frame, headers, offload));
}

TEST(SegmentBytes, FillTheMtu) {
  EXPECT_EQ(segment_bytes_for(frame_of({.bytes = 1460}), 1500), 0U);
  EXPECT_EQ(segment_bytes_for(frame_of({.bytes = 1461}), 1500), 1460U);
  EXPECT_EQ(segment_bytes_for(frame_of({.bytes = 1461}), 30), 0U);
}

}  // namespace
}  // namespace strata::device
