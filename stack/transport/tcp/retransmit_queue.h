// SPDX-License-Identifier: MIT
// The retransmission queue: one small record per segment sent and not acknowledged, in sequence
// order, in a reusable ring. The text itself stays in the send buffer. The queue is the scoreboard
// too (RFC 6675 3): each record knows whether it was selectively acknowledged, is taken for lost,
// has been sent again. Deciding what is lost is the part of recovery.h and rack.h.
//
//     front                                                        back
//       | lost, resent | sacked | lost | sacked | in flight | ... |
//                                  next_lost()
//
// Nothing here walks the queue per acknowledgement: runs of sacked records are skipped by links
// that are shortened as they are followed, RFC 6675's IsLost() by an edge that only moves forward,
// RACK by a list in the order of transmission.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "stack/base/assert.h"
#include "stack/base/events.h"
#include "stack/base/ids.h"
#include "stack/base/time.h"

namespace strata::tcp {

struct SegmentRecord {
  std::uint64_t begin = 0;   // absolute sequence number of the first octet (or of SYN, FIN)
  std::uint32_t length = 0;  // sequence space, SYN and FIN included
  std::uint16_t transmissions = 1;
  bool syn = false;
  bool fin = false;
  bool pushed = false;  // it ends what a send() call gave us
  bool sacked = false;  // selectively acknowledged
  bool lost = false;    // taken for lost ...
  bool resent = false;  // ... and sent again since; or sent again for another reason
  RetransmitCause cause = RetransmitCause::none;  // why it is taken for lost
  Instant first_sent{};
  Instant last_sent{};
  PacketUid first_uid{};  // the packet that first carried these octets

  std::uint64_t end() const { return begin + length; }
  bool is_retransmitted() const { return transmissions > 1; }
  bool is_to_be_sent() const { return lost && !resent; }

  static constexpr std::uint32_t kNone = 0xffffffffU;
  // The queue's own links: numbers of records, cut to 32 bits.
  std::uint32_t next_unsacked = 0;    // of a sacked record: where to look for the next that is not
  std::uint32_t sent_before = kNone;  // neighbours in the order of transmission
  std::uint32_t sent_after = kNone;
};

// What leaves once more, and whether both copies are in flight now.
enum class Repeat : std::uint8_t {
  in_turn,      // recovery has come to it (HighRxt)
  out_of_turn,  // a probe or a rescue
  uncounted,    // out of turn, and counted once
};

// A transmission that is taken for lost, [begin, end).
struct LostRecord {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  Instant last_sent{};
};

// What an acknowledgement took off the queue.
struct Acknowledged {
  bool any_record = false;       // at least one record left entirely
  bool retransmitted = false;    // one of them had been sent more than once
  std::uint64_t last_begin = 0;  // of the last of them
  Instant last_sent{};
};

class RetransmitQueue {
 public:
  bool empty() const { return head_ == tail_; }
  std::size_t size() const { return static_cast<std::size_t>(tail_ - head_); }
  const SegmentRecord& front() const { return at(head_); }
  SegmentRecord& front() { return at(head_); }
  SegmentRecord& back() { return at(tail_ - 1); }

  // Appends a record that follows the last.
  void push(const SegmentRecord& record);
  // Names the packet of the record pushed last. Requires one.
  void set_last_uid(PacketUid uid) { at(tail_ - 1).first_uid = uid; }
  // Removes what lies below `una`; a record acknowledged in part is shortened. `on_delivered` is
  // called with each record that leaves and had not been sacked before.
  template <typename OnDelivered>
  Acknowledged acknowledge(std::uint64_t una, OnDelivered&& on_delivered);
  // Marks the records that lie wholly in [begin, end) (RFC 2018 5). `on_delivered` as above.
  template <typename OnDelivered>
  void sack(std::uint64_t begin, std::uint64_t end, OnDelivered&& on_delivered);
  void clear();
  // Divides the records so that none has more than `text_max` octets of text. O(size). What was
  // taken for lost stays so.
  void split(std::uint32_t text_max);
  // Cuts the records anew so that each but the last has `text_max` octets of text (RFC 1122
  // 4.2.2.15: "repacketizing"). Nothing may be sacked, and no SYN be outstanding. O(size).
  void repack(std::uint32_t text_max);

  // --- taking for lost ---
  // What is taken for lost from now on is noted there as well; nullptr: nowhere. It must outlive
  // the queue, and whoever reads it empties it.
  void note_losses_in(std::vector<LostRecord>* losses) { losses_ = losses; }
  // RFC 6298 5.4: all that is outstanding and not sacked. O(size).
  void mark_all_lost(RetransmitCause cause);
  void mark_first_lost(RetransmitCause cause);
  // What lies wholly in [begin, end).
  void mark_lost_between(std::uint64_t begin, std::uint64_t end, RetransmitCause cause);
  // RFC 6675 4, IsLost(): records below `runs` separate sacked runs, or below more than `octets`
  // sacked octets. What has been sent again stays so.
  void mark_lost_below_sacked(std::uint32_t runs, std::uint64_t octets);
  // RFC 8985: the last transmission of `record` is lost, be it the first or another.
  void mark_lost(SegmentRecord& record, RetransmitCause cause);
  // Nothing is taken for lost any more: what was outstanding is in flight after all.
  void forgive();
  // RFC 2018 8: the receiver may have reneged; nothing counts as sacked any more. O(size).
  void forget_sacks();

  // --- what to send again ---
  // The first record to send again; nullptr when there is none.
  SegmentRecord* next_lost();
  bool has_lost() const { return to_send_octets_ > 0; }
  // RFC 6675 4, NextSeg() (3): the first that is not sacked beyond what has been sent again and
  // below the highest sacked; nullptr when there is none. And (4): the last that is not sacked.
  SegmentRecord* next_below_sacked();
  SegmentRecord* last_unsacked();
  // `record` has left once more at `now`. Recovery begins: nothing counts as sent again (HighRxt).
  void on_resent(SegmentRecord& record, Instant now, Repeat repeat = Repeat::in_turn);
  void begin_recovery() { high_rxt_ = head_; }

  // --- the order of transmission (RFC 8985 6.2): records in flight, the oldest first ---
  SegmentRecord* oldest_sent() { return record_or_null(oldest_); }
  SegmentRecord* sent_after(const SegmentRecord& record) {
    return record_or_null(record.sent_after);
  }

  // Octets taken for lost and not sent again.
  std::uint64_t lost_octets() const { return to_send_octets_; }
  std::uint64_t sacked_octets() const { return sacked_octets_; }
  // The end of the highest sacked record; 0 when there is none.
  std::uint64_t sacked_end_sequence() const {
    return sacked_end_ > head_ ? at(sacked_end_ - 1).end() : 0;
  }
  std::size_t sacked_count() const { return sacked_count_; }
  // Records taken for lost, sent again or not; and those sent again and in flight since. O(size).
  std::size_t lost_count() const;
  std::size_t resent_count() const;
  // RFC 6675 4, SetPipe(), for a queue that ends at SND.NXT: what is in the network.
  std::uint64_t pipe(std::uint64_t una, std::uint64_t nxt) const {
    return nxt - una - sacked_octets_ - to_send_octets_ + doubled_octets_;
  }
  std::size_t footprint_bytes() const { return ring_.capacity() * sizeof(SegmentRecord); }

 private:
  // Records are numbered from 0 as they are pushed; `ring_` holds numbers [head_, tail_).
  SegmentRecord& at(std::uint64_t number) { return ring_[number & (ring_.size() - 1)]; }
  const SegmentRecord& at(std::uint64_t number) const { return ring_[number & (ring_.size() - 1)]; }
  std::uint64_t widen(std::uint32_t number) const {
    return head_ + static_cast<std::uint32_t>(number - static_cast<std::uint32_t>(head_));
  }
  SegmentRecord* record_or_null(std::uint32_t number) {
    return number == SegmentRecord::kNone ? nullptr : &ring_[number & (ring_.size() - 1)];
  }
  std::uint64_t number_of(const SegmentRecord& record) const;
  void grow();
  void pop_front();
  void shrink_front(std::uint64_t una);
  void count(const SegmentRecord& record, bool add);
  void link_last(std::uint64_t number);
  void unlink(SegmentRecord& record);
  std::uint64_t first_at_or_above(std::uint64_t sequence) const;
  std::uint64_t skip_sacked(std::uint64_t number);
  void mark_sacked(std::uint64_t number);
  void leave_edge(std::uint64_t number);
  void recount();
  void release_memory();

  std::vector<SegmentRecord> ring_;  // a power of two
  std::uint64_t head_ = 0;
  std::uint64_t tail_ = 0;
  std::uint64_t to_send_hint_ = 0;  // nothing below is to be sent again
  std::uint64_t lost_edge_ = 0;     // below, IsLost() has been decided
  std::uint64_t sacked_end_ = 0;    // one beyond the highest sacked
  std::uint64_t high_rxt_ = 0;      // one beyond the highest sent again in this recovery
  std::uint32_t oldest_ = SegmentRecord::kNone;
  std::uint32_t newest_ = SegmentRecord::kNone;
  std::uint64_t to_send_octets_ = 0;
  std::uint64_t sacked_octets_ = 0;
  std::uint64_t doubled_octets_ = 0;  // sent again without being taken for lost
  std::size_t sacked_count_ = 0;
  std::uint32_t runs_above_edge_ = 0;  // of sacked records
  std::uint64_t octets_above_edge_ = 0;
  std::vector<LostRecord>* losses_ = nullptr;
};

template <typename OnDelivered>
Acknowledged RetransmitQueue::acknowledge(std::uint64_t una, OnDelivered&& on_delivered) {
  Acknowledged result;
  while (!empty() && at(head_).end() <= una) {
    const SegmentRecord& record = at(head_);
    result.any_record = true;
    result.retransmitted |= record.is_retransmitted();
    result.last_begin = record.begin;
    result.last_sent = record.last_sent;
    if (!record.sacked) on_delivered(record);
    pop_front();
  }
  if (!empty() && at(head_).begin < una) shrink_front(una);
  if (empty()) release_memory();
  return result;
}

template <typename OnDelivered>
void RetransmitQueue::sack(std::uint64_t begin, std::uint64_t end, OnDelivered&& on_delivered) {
  std::uint64_t number = skip_sacked(first_at_or_above(begin));
  while (number < tail_ && at(number).end() <= end) {
    on_delivered(std::as_const(at(number)));
    mark_sacked(number);
    number = skip_sacked(number + 1);
  }
}

}  // namespace strata::tcp
