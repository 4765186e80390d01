// SPDX-License-Identifier: MIT
// What everything that opens devices needs: a descriptor that closes itself, and the reason why the
// system refused, with the way to mend it.
#pragma once

#include <unistd.h>

#include <string>
#include <string_view>
#include <utility>

namespace strata::device {

// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int value = -1) : value_(value) {}
  Descriptor(Descriptor&& other) noexcept : value_(other.release()) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

// "Operation not permitted" and the like; of missing rights: which capability, and how to give it.
std::string reason_of(int error, std::string_view capability);

}  // namespace strata::device
