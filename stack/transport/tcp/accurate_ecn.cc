// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/accurate_ecn.h"

#include <algorithm>
#include <utility>

#include "stack/transport/tcp/ecn.h"

namespace strata::tcp {
namespace {

constexpr std::uint32_t kAceMask = 7;
constexpr std::uint32_t kCounterMask = 0xffffff;
// RFC 9768 3.2.3: these counters begin at one, so that a zeroed option is not mistaken for one.
constexpr std::uint32_t kFirstOctets = 1;
constexpr std::uint32_t kAverageUnit = 64;
// ACKs that cover more than this many segments each are thinned on the way as a rule: a large one
// says nothing about the field having gone round.
constexpr std::uint32_t kThinnedAcks = 4;

}  // namespace

bool AccurateEcn::on_packet(std::uint8_t codepoint, std::uint32_t text_octets) {
  const bool is_marked = codepoint == ecn_codepoint::kCe;
  const bool is_first = !std::exchange(was_marked_, is_marked) && is_marked;
  if (is_marked) {
    ++marked_packets_;
    if (untold_marks_ < kUntoldMarksMax) ++untold_marks_;
  }
  if (codepoint != ecn_codepoint::kNotEct && text_octets > 0) count_octets(codepoint, text_octets);
  return is_first;
}

void AccurateEcn::count_octets(std::uint8_t codepoint, std::uint32_t text_octets) {
  octets_[codepoint] += text_octets;
  const std::uint8_t place = codepoint == ecn_codepoint::kEct1 ? 1
                             : codepoint == ecn_codepoint::kCe ? 2
                                                               : 3;
  fields_needed_ = std::max(fields_needed_, place);
}

wire::EcnCounters AccurateEcn::counters() const {
  return {.ect0 = (octets_[ecn_codepoint::kEct0] + kFirstOctets) & kCounterMask,
          .ce = octets_[ecn_codepoint::kCe] & kCounterMask,
          .ect1 = (octets_[ecn_codepoint::kEct1] + kFirstOctets) & kCounterMask};
}

// True: the option says how many octets came with CE.
bool AccurateEcn::take_octets(const wire::EcnCounters& option) {
  const auto follow = [&](std::uint8_t codepoint, const std::optional<std::uint32_t>& told,
                          std::uint32_t first) {
    if (!told) return;
    std::uint32_t& known = delivered_octets_[codepoint];
    const std::uint32_t more = (*told - first - known) & kCounterMask;
    if (more <= kCounterMask / 2) known += more;  // else an ACK overtaken by later ones
  };
  follow(ecn_codepoint::kEct0, option.ect0, kFirstOctets);
  follow(ecn_codepoint::kCe, option.ce, 0);
  follow(ecn_codepoint::kEct1, option.ect1, kFirstOctets);
  return option.ce.has_value();
}

std::uint32_t AccurateEcn::on_ack(std::uint8_t ace, std::uint32_t segments,
                                  const std::optional<wire::EcnCounters>& option,
                                  std::uint32_t smss) {
  const std::uint32_t marked_octets_before = delivered_octets_[ecn_codepoint::kCe];
  const bool knows_octets = option && take_octets(*option);
  if (segments > 0) {
    const std::uint32_t latest = segments * kAverageUnit;
    segments_per_ack_ = segments_per_ack_ == 0 ? latest : (7 * segments_per_ack_ + latest) / 8;
  }
  const std::uint32_t least = (ace - kFirstCount - delivered_marks_) & kAceMask;
  std::uint32_t marks = least;
  if (segments > kAceMask) {
    // RFC 9768 A.2.1: the field may have gone round; the largest count that fits is the safe one,
    // unless (A.2.2) the octets say otherwise.
    const std::uint32_t most = segments - ((segments - least) & kAceMask);
    const std::uint32_t octets = delivered_octets_[ecn_codepoint::kCe] - marked_octets_before;
    const bool is_thinned = segments_per_ack_ > kThinnedAcks * kAverageUnit;
    const bool is_least =
        knows_octets ? octets <= least * smss && octets < most * smss / 2 : is_thinned;
    if (!is_least) marks = most;
  }
  delivered_marks_ += marks;
  return marks;
}

}  // namespace strata::tcp
