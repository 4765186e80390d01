// SPDX-License-Identifier: MIT
// What stands in a header beside the numbers: the options of a segment and its ECN bits. Which
// segment is sent is decided in output.cc.
#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "stack/transport/tcp/connection.h"

namespace strata::tcp {
namespace {

namespace flag = wire::tcp_flag;

}  // namespace

// The ECN bits of a segment, and the codepoint it asks for.
EcnMarks Connection::mark(const Outgoing& segment) {
  // RFC 3168 6.1.6: a window probe is not ECN-capable.
  const bool is_new_probe = segment.is_new_octet && config_.persona.ecn.marks_new_probes;
  const bool is_new_data = segment.kind == SegmentKind::data || is_new_probe;
  if ((segment.flags & flag::kSyn) != 0) {
    const EcnMarks marks =
        state_ == TcpState::syn_sent ? ecn_.syn_marks(timeouts_) : ecn_.syn_ack_marks(timeouts_);
    codepoint_ = ecn_.syn_codepoint();
    return marks;
  }
  codepoint_ = ecn_.codepoint(is_new_data);
  const bool is_forgotten = state_ == TcpState::time_wait && ecn_.is_accurate() &&
                            !config_.persona.ecn.counts_in_time_wait;
  if (is_forgotten) return {};
  const bool is_repeated_text = segment.kind == SegmentKind::retransmission && segment.length > 0;
  return ecn_.marks(is_new_data || (is_repeated_text && config_.persona.cwr_on_retransmission),
                    segment.kind == SegmentKind::pure_ack);
}

void Connection::write_syn_options(wire::TcpHeader& header, Instant now) {
  const bool has_ack = header.has(flag::kAck);
  const std::uint8_t plain_after = config_.persona.plain_syn_after;
  if (plain_after > 0 && timeouts_ >= plain_after)
    offer_ = {.mss = offer_.mss, .is_signed = offer_.is_signed};
  const CrossingOptions crossing = config_.persona.crossing_options;
  const bool repeats_offer =
      crossing != CrossingOptions::agreed && opened_actively_ && !is_synchronised();
  const bool is_offer = state_ == TcpState::syn_sent || repeats_offer;
  std::optional<wire::EcnCounters> counters;
  if (has_ack && ecn_.offers_option() && !offer_.is_signed) counters = ecn_.accurate().counters();
  const bool stamps = is_offer ? offer_.timestamps : terms_.timestamps;
  Offer offer = offer_;
  const bool may_lose_sack = has_ack && crossing == CrossingOptions::offered_but_for_sack;
  if (may_lose_sack) offer.sack = terms_.sack;
  if (has_ack && config_.persona.mss_of_peer) {
    constexpr std::uint16_t kLeast = 216;  // minmss
    offer.mss = std::max(std::min(offer.mss, fast_open_.peer_mss), kLeast);
  }
  header.options =
      syn_options(offer, is_offer ? nullptr : &terms_,
                  stamps ? timestamps_.option(now, has_ack) : wire::TcpTimestamps{}, counters);
  if (has_ack) ecn_.on_syn_ack_sent();
  // RFC 7413 4.2.1: a SYN that has to be repeated does without.
  // Nor does the SYN,ACK of a simultaneous open ask again.
  const bool asks_again = has_ack && opened_actively_;
  const bool has_room = !offer_.is_signed;
  if (fast_open_.option && timeouts_ == 0 && !asks_again && !fast_open_.is_spent && has_room) {
    header.options =
        with_fast_open(header.options, *fast_open_.option, config_.persona.pads_with_nop);
  }
}

// In front of its text, whose sum is known. RFC 2385 2.0: every segment of a connection with a key
// is signed.
void Connection::push_header(Packet& packet, wire::TcpHeader& header,
                             const InternetChecksum& text_sum) const {
  const IpAddress& source = flow_.local.address;
  const IpAddress& destination = flow_.remote.address;
  if (!config_.signature_key.empty()) [[unlikely]]
    sign(header, packet.bytes(), source, destination, config_.signature_key);
  packet.push_front(header.header_bytes(), Protocol::tcp);
  header.emit(packet.mutable_bytes(), source, destination, text_sum);
}

bool Connection::has_signature(const wire::TcpHeader& header, Bytes text) const {
  if (config_.signature_key.empty()) [[likely]]
    return true;
  return is_signed(header, text, flow_.remote.address, flow_.local.address, config_.signature_key);
}

// The ranges above gaps, with a FIN that waits there, as stream offsets.
std::span<const OffsetRange> Connection::held_above_gaps(std::vector<OffsetRange>& with_fin) const {
  const std::vector<OffsetRange>& ranges = receive_buffer_.ranges();
  if (!peer_fin_ || peer_fin_received_) return ranges;
  with_fin = ranges;
  const std::uint64_t fin = *peer_fin_ - 1;
  if (with_fin.empty() || with_fin.back().end != fin) {
    with_fin.push_back({.begin = fin, .end = fin});
  }
  with_fin.back().end = fin + 1;
  return with_fin;
}

// Puts the option of accurate ECN in front of `sack_blocks` blocks, and returns how many of them
// still fit. What has changed must be told; one block of three may go for it (RFC 9768 3.2.3.3).
std::size_t Connection::write_ecn_option(wire::TcpOptionWriter& writer, std::size_t room,
                                         std::size_t sack_blocks) {
  constexpr std::size_t kFieldsMost = 3;
  const std::size_t needed = ecn_.accurate().fields_needed();
  const auto fits = [&](std::size_t fields, std::size_t blocks) {
    const std::size_t octets = 2 + wire::EcnCounters::kBytesEach * fields;
    const std::size_t behind = blocks > 0 ? 2 + 8 * blocks : 0;
    return (octets + behind + 3) / 4 * 4 <= room;
  };
  for (std::size_t blocks = sack_blocks; blocks + 1 >= sack_blocks; --blocks) {
    for (std::size_t fields = kFieldsMost; fields >= std::max<std::size_t>(needed, 1); --fields) {
      if (!fits(fields, blocks)) continue;
      std::optional<std::uint64_t> duplicate;
      if (blocks > 0 && sack_report_.duplicate()) duplicate = *sack_report_.duplicate() + 1;
      writer.accurate_ecn(ecn_.accurate().counters(), fields);
      ecn_.on_option_sent(duplicate);
      return blocks;
    }
    if (blocks < 3) break;
  }
  return sack_blocks;
}

// The options of a segment that is no SYN. False: SACK blocks are due and there was no room.
bool Connection::write_options(wire::TcpHeader& header, std::uint32_t text_bytes, Instant now) {
  std::vector<OffsetRange> with_fin;
  const std::span<const OffsetRange> held = held_above_gaps(with_fin);
  const bool is_sack_due = terms_.sack && sack_report_.is_due(held);
  if (!terms_.timestamps && !is_sack_due && !ecn_.sends_option()) return true;
  wire::TcpOptionWriter writer;
  std::size_t room = wire::OptionBytes::kBytesMax - (offer_.is_signed ? kSignatureBytes : 0);
  if (terms_.timestamps) {
    writer.no_operation().no_operation().timestamps(timestamps_.option(now, true));
    room -= kTimestampsBytes;
  }
  std::size_t blocks = 0;
  // RFC 9293 3.7.1 (MUST-16): text and options together keep to what the peer takes.
  const std::size_t spare = terms_.smss - std::min(text_bytes, terms_.smss);
  if (text_bytes > 0) room = std::min(room, spare);
  SackReport::Blocks ranges;
  if (is_sack_due && room >= sack_option_bytes(1)) {
    blocks = sack_report_.fill(held, sack_blocks_in(room), ranges);
  }
  if (ecn_.sends_option()) blocks = write_ecn_option(writer, room, blocks);
  if (blocks > 0) {
    std::array<wire::SackBlock, SackReport::kBlocksMax> wire_blocks;
    for (std::size_t i = 0; i < blocks; ++i) {
      wire_blocks[i] = {rcv_.wire(ranges[i].begin + 1), rcv_.wire(ranges[i].end + 1)};
    }
    while ((writer.size() + 2) % 4 != 0) writer.no_operation();
    writer.sack(std::span{wire_blocks}.first(blocks));
    sack_report_.on_sent();
  }
  while (writer.size() % 4 != 0) writer.no_operation();
  header.options = writer.finish();
  return !is_sack_due || blocks > 0;
}

}  // namespace strata::tcp
