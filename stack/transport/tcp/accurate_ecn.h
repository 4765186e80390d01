// SPDX-License-Identifier: MIT
// Accurate ECN (RFC 9768): in place of "there was a mark", the receiver tells how many packets were
// marked, in three bits of the header (ACE), and how many octets came with each codepoint, in an
// option. ecn.h negotiates it; here is the counting at both ends.
//
//     receiver counts CE packets   r.cep = 5, 6, 7, 8 ...      ACE = r.cep modulo 8
//     sender follows               s.cep                       marks = (ACE - s.cep) modulo 8
#pragma once

#include <cstdint>
#include <optional>

#include "stack/wire/tcp.h"

namespace strata::tcp {

class AccurateEcn {
 public:
  // --- what arrives (RFC 9768 3.2.1) ---
  // A packet with `codepoint` and this much text. True: it is marked, the one before it was not.
  bool on_packet(std::uint8_t codepoint, std::uint32_t text_octets);
  // The SYN,ACK of the peer came with CE: the count begins one higher.
  void on_marked_syn() { ++marked_packets_; }
  std::uint8_t ace() const { return marked_packets_ & 7; }
  // RFC 9768 3.2.2.5.1: so many marks are not told yet that an ACK must not wait: two while text
  // is not acknowledged; three else, so that ACKs of marked ACKs die out.
  bool owes_ack(bool has_text) const { return untold_marks_ >= (has_text ? 2 : kUntoldMarksMax); }
  void on_told() { untold_marks_ = 0; }

  // --- the option ---
  wire::EcnCounters counters() const;
  // The option must hold so many counters to tell what has changed since it was sent last, in the
  // order ECT(1), CE, ECT(0).
  std::uint8_t fields_needed() const { return fields_needed_; }
  void on_option_sent() { fields_needed_ = 0; }

  // --- what the peer tells (RFC 9768 3.2.2, appendix A.2) ---
  // Our SYN or SYN,ACK arrived with CE.
  void on_syn_told_marked() { ++delivered_marks_; }
  // An ACK that newly acknowledged `segments` of ours has this ACE field, and perhaps the option.
  // Returns how many packets it newly reports as marked. `smss` octets are in a full segment.
  std::uint32_t on_ack(std::uint8_t ace, std::uint32_t segments,
                       const std::optional<wire::EcnCounters>& option, std::uint32_t smss);

  std::uint64_t delivered_marks() const { return delivered_marks_; }
  // Octets of ours that the peer's option says to have arrived, by codepoint.
  std::uint32_t delivered_octets(std::uint8_t codepoint) const {
    return delivered_octets_[codepoint];
  }
  std::uint32_t received_marks() const { return marked_packets_ - kFirstCount; }
  std::uint32_t received_octets(std::uint8_t codepoint) const { return octets_[codepoint]; }

 private:
  static constexpr std::uint32_t kFirstCount = 5;  // RFC 9768 3.2.1: what no bleaching produces
  static constexpr std::uint8_t kUntoldMarksMax = 3;

  void count_octets(std::uint8_t codepoint, std::uint32_t text_octets);
  bool take_octets(const wire::EcnCounters& option);

  std::uint32_t marked_packets_ = kFirstCount;  // r.cep
  std::uint32_t octets_[4] = {};                // by codepoint, without the offsets of the option
  std::uint8_t untold_marks_ = 0;
  bool was_marked_ = false;  // the last packet that came
  std::uint8_t fields_needed_ = 0;

  std::uint32_t delivered_marks_ = 0;  // s.cep - 5
  std::uint32_t delivered_octets_[4] = {};
  std::uint32_t segments_per_ack_ = 0;  // moving average, in 1/64; 0: none yet
};

}  // namespace strata::tcp
