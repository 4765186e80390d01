// SPDX-License-Identifier: MIT
// Recovery alone: 10 MiB over a path of 100 ms without a limit of rate, with random losses in both
// directions and buffers of 128 octets to 32 KiB, congestion control switched off. Nothing but the
// way losses are found and repaired decides how fast it goes; the ceiling is one buffer per round
// trip. Beside it stand the figures that smoltcp's own test of this kind records for its default
// build (tests/snapshots/netsim__netsim.snap), which has no congestion control either.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/run.h"
#include "tests/theory/table.h"

namespace strata::theory {
namespace {

constexpr double kOctets = 10.0 * 1024 * 1024;
constexpr std::array<unsigned, 9> kBuffers{128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768};
constexpr std::array<std::string_view, 8> kLosses{"0", "0.1", "1", "2", "5", "10", "20", "30"};
// Octets per second, buffers downwards, losses to the right.
constexpr double kSmoltcp[kBuffers.size()][kLosses.size()] = {
    {1280, 1256, 1054, 886, 539, 228, 34.0, 7.18},
    {2560, 2507, 2100, 1770, 1071, 468, 66.7, 14.4},
    {5120, 5012, 4172, 3532, 2099, 942, 145, 29.5},
    {10239, 10023, 8341, 7084, 4003, 1870, 291, 60.9},
    {17535, 17172, 14094, 11964, 7399, 3416, 691, 127},
    {35062, 33860, 26937, 21887, 14074, 7871, 1604, 402},
    {77374, 72992, 58491, 46528, 29421, 15515, 3737, 711},
    {161842, 159311, 127091, 104233, 55319, 27269, 7655, 1277},
    {322945, 314780, 219671, 166588, 76626, 37775, 6079, 1156},
};

// Octets per second over the whole transfer, the handshake included. The sender's buffer is the
// window, `announced` the buffer of the receiver.
double goodput(unsigned buffer, unsigned announced, std::string_view loss, std::string_view tcp) {
  const std::string text = fmt::format(
      "seed: 1\n"
      "nodes:\n"
      "  a: {{ address: 10.0.0.1/24, tcp: {{ send-buffer: {0} B, {1} }} }}\n"
      "  b: {{ address: 10.0.0.2/24, tcp: {{ receive-buffer: {3} B, {1} }} }}\n"
      "links:\n"
      "  wire:\n"
      "    ends: [a, b]\n"
      "    rate: unlimited\n"
      "    delay: 50 ms\n"
      "    impair: [ {{ loss: {2} %, match: tcp }} ]\n"
      "processes:\n"
      "  - {{ on: b, run: sink, listen: 5000 }}\n"
      "  - {{ on: a, run: bulk, to: b:5000, bytes: 10 MiB }}\n",
      buffer, tcp, loss, announced);
  scenario::Diagnostics diagnostics;
  std::vector<std::string> sources;
  const auto loaded = scenario::load(text, "grid.yaml", {}, diagnostics, sources);
  EXPECT_TRUE(loaded.has_value()) << text;
  if (!loaded) return 0;
  const scenario::RunOutcome outcome = scenario::Run(*loaded, {}).finish();
  const auto ended = scenario::finished(outcome.figures.processes);
  if (!ended) return 0;
  return kOctets / std::chrono::duration<double>(*ended - kStart).count();
}

std::string heading() {
  std::string text = fmt::format("{:>8}", "buffer");
  for (const std::string_view loss : kLosses)
    text += fmt::format(" {:>9}", fmt::format("{} %", loss));
  return text + '\n';
}

std::string cell(double rate) { return fmt::format(" {:>9.{}f}", rate, rate < 100 ? 1 : 0); }

// At least twice as fast at 5 % and more with 8 KiB and more.
std::string table(std::string_view tcp) {
  std::string text = heading();
  for (std::size_t row = 0; row < kBuffers.size(); ++row) {
    text += fmt::format("{:>8}", kBuffers[row]);
    for (std::size_t column = 0; column < kLosses.size(); ++column) {
      const double rate = goodput(kBuffers[row], kBuffers[row], kLosses[column], tcp);
      text += cell(rate);
      const bool is_lossy = column >= 4 && kBuffers[row] >= 8192;
      const double least = column < 2 ? 0.99 : is_lossy ? 2.0 : 1.0;
      EXPECT_GE(rate, least * kSmoltcp[row][column])
          << kBuffers[row] << " octets, " << kLosses[column] << " %";
    }
    text += '\n';
  }
  return text;
}

constexpr std::string_view kRecoveryOnly =
    "congestion-control: none, delayed-ack: 0 s, nagle: false, retries: 255, syn-retries: 50";

TEST(RecoveryGrid, KeepsUpWithOthersWithTheTimeoutOfTheRfc) {
  expect_table("recovery-grid-rfc", table(kRecoveryOnly));
}

TEST(RecoveryGrid, KeepsUpWithOthersWithTheTimeoutOfLinux) {
  expect_table("recovery-grid-linux", table(std::string{kRecoveryOnly} + ", rto-min: 200 ms"));
}

// Where ACKs are lost, timestamps must not take the time that went by for a round trip.
TEST(RecoveryGrid, KeepsUpWithOthersWithTimestamps) {
  expect_table("recovery-grid-timestamps",
               table(std::string{kRecoveryOnly} + ", timestamps: true"));
}

// With twice the buffer at the receiver its window is never what stops the sender. Without
// congestion control there are probes in recovery whether the key says so or not.
TEST(RecoveryGrid, IsTwiceAsFastAsOthersWhereMuchIsLost) {
  std::string text =
      "receiver  buffer       5 %            10 %            20 %            30 %  time-out\n";
  for (const unsigned times : {1U, 2U}) {
    for (const std::string_view least : {"1 s", "200 ms"}) {
      const std::string tcp =
          fmt::format("{}, probe-in-recovery: true, rto-min: {}", kRecoveryOnly, least);
      for (std::size_t row = 6; row < kBuffers.size(); ++row) {
        text += fmt::format("{:>8} {:>7}", times * kBuffers[row], kBuffers[row]);
        for (std::size_t column = 4; column < kLosses.size(); ++column) {
          const double rate = goodput(kBuffers[row], times * kBuffers[row], kLosses[column], tcp);
          const double factor = rate / kSmoltcp[row][column];
          text += fmt::format(" {:>7.0f} ({:.2f})", rate, factor);
          EXPECT_GE(factor, 2.0) << kBuffers[row] << " octets, " << kLosses[column] << " %, "
                                 << least;
        }
        text += fmt::format("  {}\n", least);
      }
    }
  }
  expect_table("recovery-grid-lossy", text);
}

// What a congestion control makes of the same losses: it takes each for a sign of congestion (or,
// BBR, does not) and gives up speed that this path could carry. No controller passes the ceiling.
TEST(RecoveryGrid, StandsBesideTheSameWithCongestionControl) {
  std::string text;
  for (const std::string_view control : {"newreno", "cubic", "bbr"}) {
    text += fmt::format("{}\n{}", control, heading());
    const std::string tcp = fmt::format(
        "congestion-control: {}, delayed-ack: 0 s, nagle: false, retries: 255, syn-retries: 50",
        control);
    for (const unsigned buffer : kBuffers) {
      text += fmt::format("{:>8}", buffer);
      for (const std::string_view loss : kLosses) {
        const double rate = goodput(buffer, buffer, loss, tcp);
        text += cell(rate);
        EXPECT_LE(rate, 10.0 * buffer) << control << " " << buffer << " " << loss;
        if (loss == "0") {
          // BBR paces at what it has measured, which windows this small keep below what is there.
          EXPECT_GE(rate, (control == "bbr" ? 7.0 : 9.8) * buffer) << control << " " << buffer;
        }
        EXPECT_GT(rate, 0) << control << " " << buffer << " " << loss;
      }
      text += '\n';
    }
  }
  expect_table("recovery-grid-controls", text);
}

}  // namespace
}  // namespace strata::theory
