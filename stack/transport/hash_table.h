// SPDX-License-Identifier: MIT
// HashTable: a map with open addressing, linear probing and deletion by backward shift, so there
// are no tombstones and a lookup touches neighbouring memory only. It cannot be iterated: the order
// of a hash table must never show.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace strata::transport {

// `Hash` is a stateless function object with well-mixed low and high bits. Values move when the
// table changes: pointers to them last until the next insert() or erase().
template <typename Key, typename Value, typename Hash>
class HashTable {
 public:
  std::size_t size() const { return size_; }

  const Value* find(const Key& key) const {
    if (size_ == 0) return nullptr;
    const std::size_t hash = Hash{}(key);
    const std::uint8_t tag = tag_of(hash);
    for (std::size_t i = hash & mask();; i = (i + 1) & mask()) {
      if (tags_[i] == kEmpty) return nullptr;
      if (tags_[i] == tag && entries_[i].key == key) return &entries_[i].value;
    }
  }
  Value* find(const Key& key) { return const_cast<Value*>(std::as_const(*this).find(key)); }

  // The value of `key`, inserted as Value{} if it was absent.
  Value& operator[](const Key& key) {
    if (Value* value = find(key)) return *value;
    if (4 * (size_ + 1) > 3 * tags_.size()) grow();
    ++size_;
    return place(key, Value{});
  }

  // False when the key was absent.
  bool erase(const Key& key) {
    const Value* value = find(key);
    if (value == nullptr) return false;
    std::size_t hole = index_of(key);
    // Pull every later entry of the run back whose own place is not behind the hole.
    for (std::size_t i = (hole + 1) & mask(); tags_[i] != kEmpty; i = (i + 1) & mask()) {
      const std::size_t home = Hash{}(entries_[i].key) & mask();
      if (((i - home) & mask()) < ((i - hole) & mask())) continue;
      entries_[hole] = std::move(entries_[i]);
      tags_[hole] = tags_[i];
      hole = i;
    }
    entries_[hole] = Entry{};
    tags_[hole] = kEmpty;
    --size_;
    return true;
  }

 private:
  struct Entry {
    Key key{};
    Value value{};
  };
  static constexpr std::uint8_t kEmpty = 0;
  static constexpr std::size_t kCapacityMin = 16;

  std::size_t mask() const { return tags_.size() - 1; }
  static std::uint8_t tag_of(std::size_t hash) {
    return static_cast<std::uint8_t>(0x80U | (std::uint64_t{hash} >> 57));
  }
  // Requires that the key is present.
  std::size_t index_of(const Key& key) const {
    std::size_t i = Hash{}(key)&mask();
    while (!(entries_[i].key == key)) i = (i + 1) & mask();
    return i;
  }
  Value& place(const Key& key, Value value) {
    const std::size_t hash = Hash{}(key);
    std::size_t i = hash & mask();
    while (tags_[i] != kEmpty) i = (i + 1) & mask();
    tags_[i] = tag_of(hash);
    entries_[i] = Entry{key, std::move(value)};
    return entries_[i].value;
  }
  void grow() {
    const std::size_t capacity = tags_.empty() ? kCapacityMin : 2 * tags_.size();
    const std::vector<std::uint8_t> tags =
        std::exchange(tags_, std::vector<std::uint8_t>(capacity, kEmpty));
    std::vector<Entry> entries = std::exchange(entries_, std::vector<Entry>(capacity));
    for (std::size_t i = 0; i < tags.size(); ++i) {
      if (tags[i] != kEmpty) place(entries[i].key, std::move(entries[i].value));
    }
  }

  std::vector<std::uint8_t> tags_;  // 0: empty; else the top bit and seven bits of the hash
  std::vector<Entry> entries_;
  std::size_t size_ = 0;
};

}  // namespace strata::transport
