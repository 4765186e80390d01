// SPDX-License-Identifier: MIT
#include "stack/base/system_memory.h"

#include <new>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace strata {

void FreeSystemMemory::operator()(std::uint8_t* memory) const {
  ::operator delete (memory, std::align_val_t{alignment});
}

SystemMemory system_memory(std::size_t bytes, std::size_t alignment) {
  const bool is_large = bytes >= kLargePageBytes;
  if (is_large) alignment = kLargePageBytes;
  void* memory = ::operator new (bytes, std::align_val_t{alignment});
#if defined(__linux__)
  if (is_large) ::madvise(memory, bytes, MADV_HUGEPAGE);  // a wish: nothing depends on it
#endif
  return {static_cast<std::uint8_t*>(memory), FreeSystemMemory{alignment}};
}

}  // namespace strata
