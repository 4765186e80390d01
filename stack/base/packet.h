// SPDX-License-Identifier: MIT
// Packet: one contiguous buffer that every layer extends at the front on the way down and strips on
// the way up. Headers are real bytes in it; nothing else travels.
//
//     |<- headroom ->|<------------- bytes() ------------->|<- tailroom ->|
//     +--------------+------------+------+-----+-----------+--------------+
//     |   reserved   |  Ethernet  | IPv4 | TCP |  payload  |   reserved   |
//     +--------------+------------+------+-----+-----------+--------------+
//       push_front(n) moves left <-      -> pull_front(n) moves right
//
// A Packet is a move-only owner of a buffer from a PacketPool; destroying it gives the buffer back.
// push_front() records a layer mark, so the exact encapsulation is known without parsing. Marks are
// the sender's knowledge and end at the medium: the receiver parses bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "stack/base/assert.h"
#include "stack/base/bytes.h"
#include "stack/base/ids.h"
#include "stack/base/protocol.h"
#include "stack/base/slabs.h"
#include "stack/base/time.h"

namespace strata {

// One encapsulation step: `protocol` occupies `length` bytes at `begin` (offset in the buffer).
struct LayerMark {
  Protocol protocol = Protocol::data;
  std::uint16_t length = 0;
  std::uint32_t begin = 0;
};

// Why this packet exists, when it has a parent.
enum class Parentage : std::uint8_t {
  none,
  retransmission,
  fragment,
  reassembly,
  reply,      // echo reply, ARP reply, RST, ICMP error: provoked by the parent
  duplicate,  // a copy made by the medium
};

class PacketPool;

namespace detail {
struct alignas(64) PacketBuffer {
  static constexpr std::size_t kMarksMax = 9;

  PacketPool* pool = nullptr;
  PacketBuffer* next_free = nullptr;  // while it waits in the pool
  PacketUid uid{};
  PacketUid parent{};
  Instant arrival{};
  std::uint32_t capacity = 0;  // bytes after this header
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
  std::uint8_t size_class = 0;
  std::uint8_t mark_count = 0;
  Parentage parentage = Parentage::none;
  bool has_sound_fcs = false;
  std::array<LayerMark, kMarksMax> marks;

  std::uint8_t* data() { return static_cast<std::uint8_t*>(static_cast<void*>(this + 1)); }
};
}  // namespace detail

class Packet {
 public:
  // Room that PacketPool::make() reserves by default: enough for TCP, IPv4 with full options,
  // 802.1Q and Ethernet in front, padding and FCS behind. A payload begins at a cache line.
  static constexpr std::size_t kHeadroom = 192;
  static constexpr std::size_t kTailroom = 64;

  Packet() = default;  // empty: owns nothing; only has_value() and assignment are allowed
  Packet(Packet&& other) noexcept : buffer_(std::exchange(other.buffer_, nullptr)) {}
  Packet& operator=(Packet&& other) noexcept {
    std::swap(buffer_, other.buffer_);
    return *this;
  }
  Packet(const Packet&) = delete;
  Packet& operator=(const Packet&) = delete;
  ~Packet() {
    if (buffer_ != nullptr) give_back();
  }

  bool has_value() const { return buffer_ != nullptr; }
  std::size_t size() const { return buffer_->end - buffer_->begin; }
  Bytes bytes() const { return {buffer_->data() + buffer_->begin, size()}; }
  MutableBytes mutable_bytes() { return {buffer_->data() + buffer_->begin, size()}; }
  std::size_t headroom() const { return buffer_->begin; }
  std::size_t tailroom() const { return buffer_->capacity - buffer_->end; }

  // Extends by `n` bytes at the front for a header of `protocol` and records the mark. The new
  // bytes are uninitialised. Requires headroom() >= n (asserted: the layer that makes a packet
  // reserves).
  MutableBytes push_front(std::size_t n, Protocol protocol) {
    STRATA_ASSERT(headroom() >= n);
    buffer_->begin -= static_cast<std::uint32_t>(n);
    if (buffer_->mark_count < detail::PacketBuffer::kMarksMax) {
      buffer_->marks[buffer_->mark_count++] = {protocol, static_cast<std::uint16_t>(n),
                                               buffer_->begin};
    }
    return {buffer_->data() + buffer_->begin, n};
  }
  // Removes `n` bytes from the front and returns them; valid while the packet lives unchanged.
  // Requires size() >= n (asserted: the caller has checked the length).
  Bytes pull_front(std::size_t n) {
    STRATA_ASSERT(size() >= n);
    const Bytes pulled = bytes().first(n);
    buffer_->begin += static_cast<std::uint32_t>(n);
    return pulled;
  }
  // Extends by `n` uninitialised bytes at the back. Requires tailroom() >= n.
  MutableBytes push_back(std::size_t n) {
    STRATA_ASSERT(tailroom() >= n);
    buffer_->end += static_cast<std::uint32_t>(n);
    return {buffer_->data() + buffer_->end - n, n};
  }
  // Drops `n` bytes from the back. Requires size() >= n.
  void trim_back(std::size_t n) {
    STRATA_ASSERT(size() >= n);
    buffer_->end -= static_cast<std::uint32_t>(n);
  }

  // Asks the processor to have the bookkeeping and the headers at hand soon. Changes nothing.
  void prefetch() const {
    __builtin_prefetch(buffer_);
    __builtin_prefetch(buffer_->data() + Packet::kHeadroom - 64);
    __builtin_prefetch(buffer_->data() + Packet::kHeadroom);
  }

  PacketUid uid() const { return buffer_->uid; }
  PacketUid parent() const { return buffer_->parent; }
  Parentage parentage() const { return buffer_->parentage; }
  void set_parent(PacketUid parent, Parentage parentage) {
    buffer_->parent = parent;
    buffer_->parentage = parentage;
  }
  // The instant the last bit of the frame arrived at this node; stamped by the driver. RTT and
  // time-out arithmetic uses it, never the time of processing.
  Instant arrival() const { return buffer_->arrival; }
  void set_arrival(Instant arrival) { buffer_->arrival = arrival; }
  // Whoever handed the frame to this node has verified its FCS already, for the trace.
  bool has_sound_fcs() const { return buffer_->has_sound_fcs; }
  void set_sound_fcs(bool is_sound) { buffer_->has_sound_fcs = is_sound; }

  // Marks in the order pushed (innermost header first).
  std::span<const LayerMark> marks() const { return {buffer_->marks.data(), buffer_->mark_count}; }
  void clear_marks() { buffer_->mark_count = 0; }

  // A copy with the same bytes, marks and metadata. The same uid: the caller decides whether this
  // is the same frame on another link (a flooding switch) or a new packet (assign_new_uid()).
  Packet clone() const;
  void assign_new_uid();
  PacketPool& pool() const { return *buffer_->pool; }

 private:
  friend class PacketPool;
  explicit Packet(detail::PacketBuffer* buffer) : buffer_(buffer) {}
  inline void give_back();

  detail::PacketBuffer* buffer_ = nullptr;
};

// Recycles packet buffers by size class and numbers packets. One pool per world or driver; it must
// outlive its packets. Not thread-safe: a world is single-threaded.
class PacketPool {
 public:
  PacketPool() = default;
  PacketPool(const PacketPool&) = delete;
  PacketPool& operator=(const PacketPool&) = delete;
  ~PacketPool();

  // A packet of `size` uninitialised bytes with a fresh uid, `headroom` in front and at least
  // Packet::kTailroom behind.
  Packet make(std::size_t size, std::size_t headroom = Packet::kHeadroom);
  // As make(), filled with `payload`.
  Packet make(Bytes payload, std::size_t headroom = Packet::kHeadroom);

  PacketUid next_uid() { return PacketUid{++last_uid_}; }
  // Packets alive now. Zero at the end of a run, or something leaked.
  std::size_t outstanding() const { return outstanding_; }
  // Bytes had from the system for buffers, live, recycled or still to be made.
  std::size_t footprint_bytes() const { return slabs_.footprint_bytes() + large_; }

 private:
  friend class Packet;
  // Capacities (headroom, payload and tailroom together); larger requests get a buffer of their
  // own.
  static constexpr std::array<std::uint32_t, 4> kClassBytes{512, 2048, 10240, 66048};

  detail::PacketBuffer* acquire(std::size_t capacity);
  detail::PacketBuffer* allocate(std::size_t capacity, std::uint8_t size_class);
  void recycle(detail::PacketBuffer* buffer) {
    --outstanding_;
    if (buffer->size_class == kClassBytes.size()) [[unlikely]] {
      destroy(buffer);
      return;
    }
    buffer->next_free = std::exchange(free_[buffer->size_class], buffer);
  }
  void destroy(detail::PacketBuffer* buffer);

  // By size class, the one given back last (and so warm in the caches) first.
  std::array<detail::PacketBuffer*, kClassBytes.size()> free_{};
  std::uint64_t last_uid_ = 0;
  std::size_t outstanding_ = 0;
  Slabs slabs_;
  std::size_t large_ = 0;  // bytes of buffers of their own
};

inline void Packet::give_back() { buffer_->pool->recycle(buffer_); }

}  // namespace strata
