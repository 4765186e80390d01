// SPDX-License-Identifier: MIT
// NewReno (RFC 6582): Reno whose fast recovery stays until everything that was outstanding when it
// began has been acknowledged, and repairs one hole per partial ACK.
#include "stack/transport/tcp/reno.h"

namespace strata::tcp {
namespace {

class NewReno final : public Reno {
 public:
  std::string_view name() const override { return "newreno"; }
  bool repairs_on_partial_ack() const override { return true; }
};

}  // namespace

std::unique_ptr<CongestionControl> make_newreno() { return std::make_unique<NewReno>(); }

}  // namespace strata::tcp
