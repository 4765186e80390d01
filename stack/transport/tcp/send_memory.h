// SPDX-License-Identifier: MIT
// What Linux charges a connection for the text that it holds (sk_wmem_queued). Text is kept in
// blocks of about half a window, each of which costs something beside its octets. A block is only
// begun while the charge is below the limit, but once begun it is filled; and since the first part
// of a full block leaves at once, as far as the window allows, and makes room in it, one call may
// hand over a good deal more than the limit. Offsets are those of the stream.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <deque>

namespace strata::tcp {

class SendMemory {
 public:
  // Of a block: its descriptor, the head for protocol headers, the list of its pages.
  static constexpr std::uint64_t kBlockOverhead = 896;
  // What a card divides at most: 64 KiB less headers.
  static constexpr std::uint64_t kBlockMost = 65'215;
  static constexpr std::size_t kTextMost = std::size_t{1} << 30;

  // What the connection may send while a call still hands over text.
  struct Sender {
    std::uint64_t limit = 0;        // octets of memory
    std::uint64_t mss = 1;          // octets
    std::uint64_t cwnd = 0;         // segments
    std::uint64_t flight = 0;       // segments
    std::uint64_t window = 0;       // octets the peer has still room for
    std::uint64_t window_most = 0;  // the largest the peer has offered
    std::uint64_t burst = 1;        // segments that a card is given at once
    std::uint64_t unsent_most = 0;  // TCP_NOTSENT_LOWAT; 0: no limit
    bool pushes = true;             // no MSG_MORE
  };

  // Of `offered` octets so many are taken.
  std::uint64_t take(std::uint64_t offered, Sender sender) {
    const std::uint64_t block = block_octets(sender);
    std::uint64_t taken = 0;
    while (taken < offered) {
      std::uint64_t room = block - std::min(block, unsent_tail());
      if (room == 0 || unsent_tail() == 0) {
        if (!is_free(sender.limit, sender.unsent_most)) break;
        ends_.push_back(end_);
        room = block;
      } else if (taken == 0 && !pushed_.empty() && pushed_.back() == end_) {
        pushed_.pop_back();  // the block goes on
      }
      const std::uint64_t octets = std::min(room, offered - taken);
      end_ += octets;
      ends_.back() = end_;
      taken += octets;
      if (unsent_tail() < block || taken == offered) continue;
      if (end_ > push_seen_ + sender.window_most / 2) mark_push();
      if (end_ - sent_ == unsent_tail()) push(sender);
    }
    if (taken > 0 && (sender.pushes || taken < offered)) mark_push();
    if (taken < offered) {
      is_starved_ = true;
      is_released_ = false;
    }
    return taken;
  }
  // Linux, tcp_sndbuf_expand(): room for two windows of `segments`, each with its block, but no
  // more than `most`.
  void grow(std::uint64_t segments, std::uint64_t mss, std::uint64_t most) {
    constexpr std::uint64_t kHeaders = 640;     // before the text, and the list behind it
    constexpr std::uint64_t kDescriptor = 256;  // of a block
    const std::uint64_t segment = std::bit_ceil(mss + kHeaders) + kDescriptor;
    grown_ = std::max(grown_, std::min(2 * segments * segment, most));
  }
  // What grow() has given; 0: nothing yet.
  std::uint64_t grown() const { return grown_; }
  // The end of the block that holds the octet at `offset`.
  std::uint64_t block_end(std::uint64_t offset) const {
    const auto found = std::ranges::upper_bound(ends_, offset);
    return found == ends_.end() ? end_ : *found;
  }
  // A writer waits, and an ACK has made room since that was last looked into (on_looked()).
  bool may_have_space() const { return is_starved_ && is_released_; }
  bool is_starved() const { return is_starved_; }
  // The writer may go on; room that came before an ACK does not count, for it has been told less.
  void on_space_told() {
    if (is_released_) is_starved_ = false;
  }
  void on_looked() { is_released_ = false; }
  // Does the segment that ends at `offset` carry PSH? So does the last one of a call, and, in a
  // long one, the last of a block each half of the largest window (forced_push()).
  bool is_pushed_at(std::uint64_t offset) const {
    return std::ranges::binary_search(pushed_, offset);
  }
  // Everything below `next` has left.
  void on_sent(std::uint64_t next) {
    if (next <= sent_) return;
    sent_ = std::min(next, end_);
    split_at_sent();
  }
  // Everything below `offset` has been acknowledged.
  void release(std::uint64_t offset) {
    begin_ = std::min(offset, end_);
    is_released_ = true;
    on_sent(begin_);
    while (!ends_.empty() && ends_.front() <= begin_) ends_.pop_front();
    while (!pushed_.empty() && pushed_.front() <= begin_) pushed_.pop_front();
  }

  std::uint64_t charge() const { return end_ - begin_ + kBlockOverhead * ends_.size(); }
  // Is a writer woken? Not before a third of the limit is free, nor while half of what may wait
  // unsent does.
  bool has_room(std::uint64_t limit, std::uint64_t unsent, std::uint64_t unsent_most) const {
    return charge() < limit && limit - charge() >= charge() / 2 &&
           (unsent_most == 0 || 2 * unsent < unsent_most);
  }

 private:
  bool is_free(std::uint64_t limit, std::uint64_t unsent_most) const {
    return charge() < limit && (unsent_most == 0 || end_ - sent_ < unsent_most);
  }
  // Half of the largest window, in whole segments; all of it while it is tiny, and what a card
  // takes before there was one.
  static std::uint64_t block_octets(const Sender& sender) {
    constexpr std::uint64_t kTiny = 536;
    std::uint64_t most = sender.window_most;
    if (most > kTiny) most /= 2;
    if (most == 0) most = kBlockMost;
    return std::max(std::min(most, kBlockMost) / sender.mss * sender.mss, sender.mss);
  }
  // Octets of the last block if none of it has left.
  std::uint64_t unsent_tail() const {
    if (ends_.empty() || ends_.back() <= sent_) return 0;
    const std::uint64_t start = ends_.size() > 1 ? ends_[ends_.size() - 2] : begin_;
    return ends_.back() - std::max(start, sent_);
  }
  // The first part of a full block leaves: at most half of the window, so that two are in flight.
  void push(Sender& sender) {
    const std::uint64_t quota = sender.cwnd - std::min(sender.cwnd, sender.flight);
    const std::uint64_t segments = std::min({std::max<std::uint64_t>(sender.cwnd / 2, 2), quota,
                                             sender.burst, sender.window / sender.mss});
    if (segments == 0) return;
    const std::uint64_t octets = std::min(segments * sender.mss, unsent_tail());
    sender.flight += segments;
    sender.window -= octets;
    sent_ += octets;
    split_at_sent();
  }
  void mark_push() {
    if (pushed_.empty() || pushed_.back() < end_) pushed_.push_back(end_);
    push_seen_ = end_;
  }
  // What has left and what has not are two blocks.
  void split_at_sent() {
    const auto found = std::ranges::lower_bound(ends_, sent_);
    if (found == ends_.end() || *found == sent_) return;
    const std::uint64_t start = found == ends_.begin() ? begin_ : *(found - 1);
    if (start < sent_) ends_.insert(found, sent_);
  }

  std::uint64_t begin_ = 0;  // acknowledged
  std::uint64_t grown_ = 0;
  bool is_starved_ = false;   // a writer got less than it offered (SOCK_NOSPACE)
  bool is_released_ = false;  // by an ACK, since the last on_looked()
  std::uint64_t sent_ = 0;
  std::uint64_t end_ = 0;
  std::deque<std::uint64_t> ends_;  // of the blocks that hold [begin_, end_)
  std::deque<std::uint64_t> pushed_;
  std::uint64_t push_seen_ = 0;  // the last of them, ever (pushed_seq)
};

}  // namespace strata::tcp
