// SPDX-License-Identifier: MIT
// Windows that do not answer to the network, for teaching and for measuring recovery alone: "none"
// leaves only the peer's window as a limit, "fixed" stays at the initial window (with one segment:
// stop-and-wait).
#include <string_view>

#include "stack/transport/tcp/congestion.h"

namespace strata::tcp {
namespace {

class Unlimited final : public CongestionControl {
 public:
  Unlimited() : CongestionControl({.owns_window = true, .probes_in_recovery = true}) {}

  std::string_view name() const override { return "none"; }
  void on_start(CongestionWindow& window, Instant, Duration) override { open(window); }
  void on_ack(CongestionWindow& window, const AckSample&) override { open(window); }
  std::uint32_t ssthresh_after(CongestionEvent, const CongestionWindow& window, std::uint64_t,
                               Instant) override {
    return window.ssthresh;
  }

 private:
  static void open(CongestionWindow& window) { window.cwnd = CongestionWindow::kMax; }
};

class Fixed final : public CongestionControl {
 public:
  Fixed() : CongestionControl({.owns_window = true}) {}

  std::string_view name() const override { return "fixed"; }
  void on_ack(CongestionWindow&, const AckSample&) override {}
  std::uint32_t ssthresh_after(CongestionEvent, const CongestionWindow& window, std::uint64_t,
                               Instant) override {
    return window.ssthresh;
  }
};

}  // namespace

std::unique_ptr<CongestionControl> make_none() { return std::make_unique<Unlimited>(); }
std::unique_ptr<CongestionControl> make_fixed() { return std::make_unique<Fixed>(); }

}  // namespace strata::tcp
