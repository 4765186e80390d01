// SPDX-License-Identifier: MIT
// What the segments of one TCP connection, seen at one place in the network, allow to conclude:
// which were sent again, which were reordered, which acknowledgements are duplicates, what must
// have passed unseen. The rules are Wireshark's "TCP analysis" (its User's Guide, 7.5), so that
// both say the same of the same capture.
//
// A capture cannot know more: whether a segment was really lost, and why it was sent again, only
// its sender could tell.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "stack/base/ids.h"
#include "stack/base/seq32.h"
#include "stack/base/time.h"

namespace strata::inference {

// Which end of the connection sent a segment. The first is the one whose segment was seen first.
enum class Side : std::uint8_t { first, second };
constexpr Side other(Side side) { return side == Side::first ? Side::second : Side::first; }

struct Segment {
  PacketUid uid{};
  Instant time{};
  Seq32 sequence;
  Seq32 acknowledgement;
  std::uint8_t flags = 0;
  std::uint16_t window = 0;           // as on the wire
  std::optional<std::uint8_t> scale;  // window scale option
  std::uint32_t length = 0;           // octets of text

  // Is one of these flags set?
  bool has(std::uint8_t any_of) const { return (flags & any_of) != 0; }
};

enum class Repetition : std::uint8_t {
  none,
  retransmission,           // it was seen before, or must have been
  fast_retransmission,      // the same, right after duplicate acknowledgements asked for it
  spurious_retransmission,  // the same, after its text was acknowledged
  reordered,                // it comes too soon after later text to have been sent again
  keep_alive,
  window_probe,
};

struct Findings {
  Repetition repetition{};
  PacketUid first_sent_as{};         // of a repetition: who carried this sequence number first
  std::uint64_t offset = 0;          // of the text in the stream, SYN and FIN not counted
  std::uint64_t ack_offset = 0;      // next octet expected from the other side
  std::uint64_t newly_acked = 0;     // octets
  std::uint32_t duplicate_acks = 0;  // after this segment; 0: it is none
  bool text_missing_before = false;  // earlier text was not captured, or is still to come
};

// What is known of the stream of one side.
struct StreamView {
  std::uint64_t next = 0;          // behind the highest octet seen
  std::uint64_t acknowledged = 0;  // by the other side
  std::uint64_t contiguous = 0;    // behind the octets seen without a gap
  std::uint64_t beyond_gap = 0;    // octets seen above a gap
  std::uint64_t window = 0;        // octets this side offers to receive
};

class TcpSegments {
 public:
  Findings take(Side side, const Segment& segment);
  StreamView stream(Side side) const;

 private:
  struct Stream {
    bool is_known = false;
    Seq32 zero;                 // sequence number of the first octet of text
    std::uint64_t highest = 0;  // offset of `next`
    Seq32 next;                 // expected next
    Instant next_time{};
    bool next_ends_text = false;  // the segment that moved it there had text
    bool has_ack = false;         // this side has acknowledged something
    Seq32 ack;                    // what it acknowledged last
    Instant ack_time{};
    std::uint32_t duplicate_acks = 0;
    std::uint16_t window = 0;
    std::uint8_t shift = 0;
    bool scales = false;
    bool probed = false;  // its last segment was a keep-alive or window probe
    std::uint64_t acknowledged = 0;
    std::uint64_t contiguous = 0;
    std::uint64_t beyond_gap = 0;
    std::map<std::uint64_t, std::uint64_t> islands;  // begin and end of text above a gap
    std::map<std::uint64_t, PacketUid> carriers;     // of text not acknowledged, by offset
  };

  Stream& at(Side side) { return streams_[static_cast<std::size_t>(side)]; }
  void begin(Stream& sender, Stream& receiver, const Segment& segment);
  Repetition repetition_of(const Stream& sender, const Stream& receiver, const Segment& segment,
                           bool is_keep_alive) const;
  bool is_duplicate_ack(const Stream& sender, const Segment& segment) const;
  void advance(Stream& sender, const Segment& segment, Repetition repetition);
  void fill(Stream& sender, std::uint64_t begin, std::uint64_t end);
  void acknowledge(Stream& sender, Stream& receiver, const Segment& segment, Findings& findings);
  void measure_handshake(Side side, const Segment& segment);

  Stream streams_[2];
  Duration first_rtt_{};  // SYN to the end of the handshake; zero: not seen
  Instant syn_time_ = kNever;
  Side syn_side_{};
};

}  // namespace strata::inference
