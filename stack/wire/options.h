// SPDX-License-Identifier: MIT
// The walk over an option list. IPv4 (RFC 791 3.1) and TCP (RFC 9293 3.1) share the encoding: kind
// 0 ends the list, kind 1 is one byte of padding, every other kind carries its whole length in its
// second byte - so one walker serves both, at any alignment.
//
//     OptionWalker walk(header.options.bytes());
//     while (const auto option = walk.next()) use(option->kind, option->payload());
//     if (walk.is_malformed()) ... walk.offset() is the option with the illegal length
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "stack/base/bytes.h"

namespace strata::wire {

struct Option {
  static constexpr std::uint8_t kEnd = 0;
  static constexpr std::uint8_t kNoOperation = 1;

  std::uint8_t kind = 0;
  std::size_t offset = 0;  // of the kind byte in the option list
  Bytes bytes;             // the whole option: kind, length, payload

  // What follows kind and length; empty for the two one-byte kinds.
  Bytes payload() const { return bytes.size() < 2 ? Bytes{} : bytes.subspan(2); }
};

class OptionWalker {
 public:
  // `options` must outlive the walk and the options it yields.
  explicit OptionWalker(Bytes options) : options_(options) {}

  // The next option. Nullopt at the end of the bytes, after kind 0 (which is yielded; what follows
  // it is padding) and at an option whose length is below two or beyond the end.
  std::optional<Option> next() {
    if (ended_ || offset_ >= options_.size()) return std::nullopt;
    const std::uint8_t kind = options_[offset_];
    const std::size_t left = options_.size() - offset_;
    std::size_t length = 1;
    if (kind > Option::kNoOperation) {
      length = left < 2 ? 0 : options_[offset_ + 1];
      if (length < 2 || length > left) {
        malformed_ = ended_ = true;
        return std::nullopt;
      }
    }
    ended_ = kind == Option::kEnd;
    const Option option{
        .kind = kind, .offset = offset_, .bytes = options_.subspan(offset_, length)};
    offset_ += length;
    return option;
  }

  bool is_malformed() const { return malformed_; }
  // Where the walk stands: behind the last option yielded; at the offending one when malformed.
  std::size_t offset() const { return offset_; }

 private:
  Bytes options_;
  std::size_t offset_ = 0;
  bool ended_ = false;
  bool malformed_ = false;
};

}  // namespace strata::wire
