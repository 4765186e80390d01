// SPDX-License-Identifier: MIT
// Narrator: prints the run of a seed line by line, for people who look into a failure: segments as
// they leave and arrive, states, drops and socket calls.
#pragma once

#include "stack/base/tracer.h"

namespace strata::property {

class Narrator final : public Observer {
 public:
  // `port`: only segments and states of connections with this port; 0: all, and the calls.
  explicit Narrator(std::uint16_t port) : port_(port) {}
  void on_event(const Event& event) override;

 private:
  void tell_segment(const Event& event, Bytes frame, const char* what) const;
  bool is_wanted(std::uint16_t a, std::uint16_t b) const {
    return port_ == 0 || a == port_ || b == port_;
  }

  std::uint16_t port_;
};

}  // namespace strata::property
