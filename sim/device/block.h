// SPDX-License-Identifier: MIT
// Block: octets of a file on their way to it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "stack/base/bytes.h"
#include "stack/base/system_memory.h"

namespace strata::device {

class Block {
 public:
  Block() = default;  // of size 0
  // Uninitialised, at the beginning of a page.
  explicit Block(std::size_t size) : memory_(system_memory(size)), size_(size) {}

  std::uint8_t* data() { return memory_.get(); }
  std::size_t size() const { return size_; }
  Bytes first(std::size_t count) const { return {memory_.get(), count}; }

 private:
  SystemMemory memory_{nullptr, {}};
  std::size_t size_ = 0;
};

}  // namespace strata::device
