// SPDX-License-Identifier: MIT
// What Linux charges a connection for the text that it has received (sk_rmem_alloc). A segment
// costs the block it came in, not its octets: SO_RCVBUF bounds the sum, and the window is that part
// of the free memory which the largest segments so far have filled with text (scaling_ratio). Since
// the bound is looked at before a segment is taken, one may go beyond it. Offsets are absolute
// sequence numbers.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <deque>

namespace strata::tcp {

class ReceiveMemory {
 public:
  // Of a segment with its headers so much stands in front of its text in one block; the rest is in
  // pages.
  static constexpr std::uint64_t kDescriptor = 256;  // struct sk_buff
  static constexpr std::uint64_t kPage = 4096;
  static constexpr std::uint64_t kHeadroom = 64;     // in front of the headers
  static constexpr std::uint64_t kTail = 320;        // struct skb_shared_info behind the octets
  static constexpr std::uint64_t kSmallBlock = 704;  // the least one (skbuff_small_head)
  static constexpr std::uint64_t kRatioUnit = 256;
  static constexpr std::uint64_t kLeast = 2304;  // SOCK_MIN_RCVBUF: two small segments fit

  // `octets`: what SO_RCVBUF reads as, twice what was set.
  explicit ReceiveMemory(std::uint64_t octets) { set_limit(octets); }
  void set_limit(std::uint64_t octets) { limit_ = std::max(octets, kLeast); }
  std::uint64_t limit() const { return limit_; }

  // Text up to `end` is kept that came in a packet with `header` octets of headers.
  void on_kept(std::uint64_t end, std::uint64_t text, std::uint64_t header) {
    const bool is_last = blocks_.empty() || blocks_.back().end < end;
    if (is_last && !blocks_.empty() && text <= blocks_.back().spare &&
        blocks_.back().end + text == end) {
      blocks_.back().end = end;  // copied behind the one before
      blocks_.back().spare -= text;
      return;
    }
    const Block block{.end = end, .charge = cost(text + header), .spare = spare(text + header)};
    const auto place = std::ranges::upper_bound(blocks_, end, {}, &Block::end);
    blocks_.insert(place, block);
    charged_ += block.charge;
  }
  // The largest segment so far: how much of what it cost is text.
  void measure(std::uint64_t text, std::uint64_t header) {
    ratio_ = std::max<std::uint64_t>(text * kRatioUnit / cost(text + header), 1);
  }
  // Everything below `offset` has been read or given up.
  void release(std::uint64_t offset) {
    while (!blocks_.empty() && blocks_.front().end <= offset) {
      charged_ -= blocks_.front().charge;
      blocks_.pop_front();
    }
  }

  // Everything above `offset` has been given up.
  void give_up_above(std::uint64_t offset) {
    while (!blocks_.empty() && blocks_.back().end > offset) {
      charged_ -= blocks_.back().charge;
      blocks_.pop_back();
    }
  }

  bool is_overdrawn() const { return charged_ > limit_; }
  // Octets of text that all of the memory holds, and what is free of it.
  std::uint64_t full_space() const { return text_in(limit_); }
  std::uint64_t room() const { return is_overdrawn() ? 0 : text_in(limit_ - charged_); }
  // The memory that a window of `octets` needs.
  std::uint64_t needed_for(std::uint64_t octets) const { return octets * kRatioUnit / ratio_; }

  std::size_t footprint_bytes() const { return sizeof(*this) + blocks_.size() * sizeof(Block); }

  // The right edge that is offered now, at or below the highest one ever promised.
  std::uint64_t edge = 0;
  // Text had to be refused, or went far beyond the limit: the window to tell next is zero.
  bool is_exhausted = false;

 private:
  struct Block {
    std::uint64_t end = 0;
    std::uint64_t charge = 0;
    std::uint64_t spare = 0;  // octets that still fit behind its text
  };

  static std::uint64_t block_for(std::uint64_t octets) {
    return octets <= kSmallBlock ? kSmallBlock : std::bit_ceil(octets);
  }
  static bool is_in_one_block(std::uint64_t packet) { return kHeadroom + packet < kPage; }
  static std::uint64_t cost(std::uint64_t packet) {
    if (is_in_one_block(packet)) return block_for(kHeadroom + packet + kTail) + kDescriptor;
    const std::uint64_t rest = packet - (kPage - kHeadroom - kTail);
    return kPage + kDescriptor + (rest + kPage - 1) / kPage * kPage;
  }
  static std::uint64_t spare(std::uint64_t packet) {
    const std::uint64_t used = kHeadroom + packet + kTail;
    return is_in_one_block(packet) ? block_for(used) - used : 0;
  }
  std::uint64_t text_in(std::uint64_t octets) const { return octets * ratio_ / kRatioUnit; }

  std::uint64_t limit_ = 0;
  std::uint64_t charged_ = 0;
  std::uint64_t ratio_ = kRatioUnit / 2;  // before anything has come
  std::deque<Block> blocks_;
};

}  // namespace strata::tcp
