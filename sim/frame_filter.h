// SPDX-License-Identifier: MIT
// FrameFilter: a pcap filter expression, compiled by libpcap for Ethernet and run on frames. It
// sees what a capture would: the frame without its FCS, so `len` is the length without the last 4
// octets.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "stack/base/bytes.h"

struct bpf_program;

namespace strata::sim {

class FrameFilter {
 public:
  // The empty expression matches every frame. Requires that check_filter(expression) found nothing.
  explicit FrameFilter(const std::string& expression);

  // `frame`: Ethernet header to FCS.
  bool matches(Bytes frame) const;

 private:
  struct Free {
    void operator()(bpf_program* program) const;
  };
  friend std::optional<std::string> check_filter(const std::string& expression);
  using Program = std::unique_ptr<bpf_program, Free>;
  // Null with a message in `error` when libpcap refuses.
  static Program compile(const std::string& expression, std::string& error);

  Program program_;  // null: matches everything
};

}  // namespace strata::sim
