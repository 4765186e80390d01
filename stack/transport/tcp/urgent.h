// SPDX-License-Identifier: MIT
// The receiving half of the urgent mechanism (RFC 9293 3.8.5, RFC 6093): where the urgent pointer
// is, whether the user has passed it, and the one octet that the socket interface may hand out of
// band. Stream offsets count octets from 0.
//
//      read             mark = up - 1   up
//    ----|------------------|###########|------    the urgent octet, as sockets see it
//
// The pointer names the octet that follows the urgent data (MUST-62); urgent data of any length end
// there (MUST-31). Sockets call the last of them "the" out-of-band octet.
#pragma once

#include <cstdint>
#include <optional>

namespace strata::tcp {

class UrgentMark {
 public:
  // A segment says that urgent data end before `up`; `read` is what the user has taken. True if
  // the user must be told (MUST-32): urgent data were not pending, or the pointer moved on.
  bool on_pointer(std::uint64_t up, std::uint64_t read) {
    if (up == 0 || up <= up_ || up <= read) return false;
    up_ = up;
    octet_.reset();
    is_taken_ = false;
    is_notice_due_ = true;
    return true;
  }
  // The octet at mark() has arrived (out-of-band delivery).
  void on_octet(std::uint8_t octet) {
    if (!is_taken_) octet_ = octet;
  }

  // There has been urgent data, read or not.
  bool is_set() const { return up_ > 0; }
  // Offset of the urgent octet. Requires is_set().
  std::uint64_t mark() const { return up_ - 1; }
  // Octets up to the end of the urgent data that the user has not read (MUST-33).
  std::uint64_t remaining(std::uint64_t read) const { return up_ > read ? up_ - read : 0; }
  // SIOCATMARK: the next octet to be read is the urgent one, or, when that one is delivered out of
  // band, the octet behind it.
  bool is_at_mark(std::uint64_t read, bool inline_delivery) const {
    return is_set() && (read == mark() || (!inline_delivery && read == up_));
  }
  bool has_octet() const { return octet_.has_value(); }
  bool is_taken() const { return is_taken_; }
  std::optional<std::uint8_t> octet() const { return octet_; }
  void take_octet() {
    octet_.reset();
    is_taken_ = true;
  }
  // The asynchronous notification, once per advance of the pointer.
  bool take_notice() {
    const bool due = is_notice_due_;
    is_notice_due_ = false;
    return due;
  }

 private:
  std::uint64_t up_ = 0;
  std::optional<std::uint8_t> octet_;
  bool is_taken_ = false;
  bool is_notice_due_ = false;
};

}  // namespace strata::tcp
