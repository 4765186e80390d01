// SPDX-License-Identifier: MIT
#include "stack/base/packet.h"

#include <algorithm>
#include <cstring>
#include <new>

namespace strata {
namespace {

constexpr std::align_val_t kAlignment{alignof(detail::PacketBuffer)};

// Packets are often made in bursts, and what the pool holds beyond the first few buffers is cold:
// the processor can fetch one while the packet before it is filled. Changes nothing.
void prefetch_for_writing(detail::PacketBuffer& buffer, std::size_t capacity) {
  constexpr std::size_t kLine = 64;
  constexpr std::size_t kFrameBytes = 1536;
  const std::size_t end = std::min(capacity, Packet::kHeadroom + kFrameBytes);
  __builtin_prefetch(&buffer, 1);
  for (std::size_t at = Packet::kHeadroom - kLine; at < end; at += kLine) {
    __builtin_prefetch(buffer.data() + at, 1);
  }
}

}  // namespace

Packet Packet::clone() const {
  detail::PacketBuffer* copy = buffer_->pool->acquire(buffer_->capacity);
  copy->uid = buffer_->uid;
  copy->parent = buffer_->parent;
  copy->parentage = buffer_->parentage;
  copy->has_sound_fcs = false;
  copy->arrival = buffer_->arrival;
  copy->begin = buffer_->begin;
  copy->end = buffer_->end;
  copy->mark_count = buffer_->mark_count;
  copy->marks = buffer_->marks;
  std::memcpy(copy->data() + copy->begin, buffer_->data() + buffer_->begin, size());
  return Packet{copy};
}

void Packet::assign_new_uid() { buffer_->uid = buffer_->pool->next_uid(); }

PacketPool::~PacketPool() { STRATA_ASSERT(outstanding_ == 0); }

Packet PacketPool::make(std::size_t size, std::size_t headroom) {
  detail::PacketBuffer* buffer = acquire(headroom + size + Packet::kTailroom);
  buffer->uid = next_uid();
  buffer->parent = kNoPacket;
  buffer->parentage = Parentage::none;
  buffer->has_sound_fcs = false;
  buffer->arrival = Instant{};
  buffer->mark_count = 0;
  buffer->begin = static_cast<std::uint32_t>(headroom);
  buffer->end = static_cast<std::uint32_t>(headroom + size);
  return Packet{buffer};
}

Packet PacketPool::make(Bytes payload, std::size_t headroom) {
  Packet packet = make(payload.size(), headroom);
  if (!payload.empty()) {
    std::memcpy(packet.mutable_bytes().data(), payload.data(), payload.size());
  }
  return packet;
}

detail::PacketBuffer* PacketPool::acquire(std::size_t capacity) {
  std::uint8_t size_class = 0;
  while (size_class < kClassBytes.size() && kClassBytes[size_class] < capacity) ++size_class;
  ++outstanding_;
  if (size_class == kClassBytes.size()) return allocate(capacity, size_class);
  detail::PacketBuffer* buffer = free_[size_class];
  if (buffer == nullptr) return allocate(kClassBytes[size_class], size_class);
  free_[size_class] = buffer->next_free;
  if (buffer->next_free != nullptr)
    prefetch_for_writing(*buffer->next_free, kClassBytes[size_class]);
  return buffer;
}

detail::PacketBuffer* PacketPool::allocate(std::size_t capacity, std::uint8_t size_class) {
  const bool is_large = size_class == kClassBytes.size();
  const std::size_t bytes = sizeof(detail::PacketBuffer) + capacity;
  if (is_large) large_ += capacity;
  void* memory = is_large ? ::operator new(bytes, kAlignment) : slabs_.take(bytes);
  auto* buffer = new (memory) detail::PacketBuffer{};
  buffer->pool = this;
  buffer->capacity = static_cast<std::uint32_t>(capacity);
  buffer->size_class = size_class;
  return buffer;
}

void PacketPool::destroy(detail::PacketBuffer* buffer) {
  large_ -= buffer->capacity;
  buffer->~PacketBuffer();
  ::operator delete(buffer, kAlignment);
}

}  // namespace strata
