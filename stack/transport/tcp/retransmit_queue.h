// SPDX-License-Identifier: MIT
// The retransmission queue: one small record per segment sent and not acknowledged, in sequence
// order, in a reusable ring. The text itself stays in the send buffer. A cursor marks the records
// that are taken for lost and have not been sent again yet; every operation is O(1) per record.
//
//     front                 lost_begin_        lost_end_             back
//       | sent again, in flight | lost, to be sent |  in flight        |
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "stack/base/assert.h"
#include "stack/base/ids.h"
#include "stack/base/time.h"

namespace strata::tcp {

struct SegmentRecord {
  std::uint64_t begin = 0;   // absolute sequence number of the first octet (or of SYN, FIN)
  std::uint32_t length = 0;  // sequence space, SYN and FIN included
  std::uint16_t transmissions = 1;
  bool syn = false;
  bool fin = false;
  Instant first_sent{};
  Instant last_sent{};
  PacketUid first_uid{};  // the packet that first carried these octets

  std::uint64_t end() const { return begin + length; }
  bool is_retransmitted() const { return transmissions > 1; }
};

// What an acknowledgement took off the queue.
struct Acknowledged {
  bool any_record = false;       // at least one record left entirely
  bool retransmitted = false;    // one of them had been sent more than once
  std::uint64_t last_begin = 0;  // of the last of them
  Instant last_sent{};
  Instant newest_sent{};  // the latest departure among them, and where that segment ended
  std::uint64_t newest_end = 0;
};

class RetransmitQueue {
 public:
  bool empty() const { return head_ == tail_; }
  std::size_t size() const { return static_cast<std::size_t>(tail_ - head_); }
  const SegmentRecord& front() const { return at(head_); }

  // Appends a record that follows the last.
  void push(const SegmentRecord& record);
  // Names the packet of the record pushed last. Requires one.
  void set_last_uid(PacketUid uid) { at(tail_ - 1).first_uid = uid; }
  // Removes what lies below `una`; a record acknowledged in part is shortened.
  Acknowledged acknowledge(std::uint64_t una);
  void clear();
  // Divides the records so that none has more than `text_max` octets of text. O(size); forgets what
  // was marked lost.
  void split(std::uint32_t text_max);

  // All that is outstanding is taken for lost (RFC 6298 5.4), or only the first segment.
  void mark_all_lost();
  void mark_first_lost();
  // The next record to send again; nullptr when there is none.
  SegmentRecord* next_lost() { return lost_begin_ < lost_end_ ? &at(lost_begin_) : nullptr; }
  bool has_lost() const { return lost_begin_ < lost_end_; }
  void advance_lost() { ++lost_begin_; }
  // Octets taken for lost and not sent again.
  std::uint64_t lost_octets() const {
    return has_lost() ? at(lost_end_ - 1).end() - at(lost_begin_).begin : 0;
  }
  std::size_t footprint_bytes() const { return ring_.capacity() * sizeof(SegmentRecord); }

 private:
  // Records are numbered from 0 as they are pushed; `ring_` holds numbers [head_, tail_).
  SegmentRecord& at(std::uint64_t number) { return ring_[number & (ring_.size() - 1)]; }
  const SegmentRecord& at(std::uint64_t number) const { return ring_[number & (ring_.size() - 1)]; }
  void grow();

  std::vector<SegmentRecord> ring_;  // a power of two
  std::uint64_t head_ = 0;
  std::uint64_t tail_ = 0;
  std::uint64_t lost_begin_ = 0;
  std::uint64_t lost_end_ = 0;
};

}  // namespace strata::tcp
