// SPDX-License-Identifier: MIT
#include <algorithm>
#include <utility>

#include "stack/wire/options.h"
#include "stack/wire/tcp.h"

namespace strata::wire {
namespace {

constexpr std::size_t kSackBlockBytes = 8;
constexpr std::size_t kSackBlocksMax = 4;
constexpr std::size_t kEcnCounters = 3;

// RFC 9768 3.2.3: none to three counters of three octets each; what does not fill one, or comes
// behind them, is padding.
EcnCounters ecn_counters(Bytes payload, bool ect1_first) {
  EcnCounters counters;
  std::optional<std::uint32_t>* order[] = {&counters.ect0, &counters.ce, &counters.ect1};
  if (ect1_first) std::swap(order[0], order[2]);
  const std::size_t count = std::min(payload.size() / EcnCounters::kBytesEach, kEcnCounters);
  for (std::size_t i = 0; i < count; ++i) {
    const std::uint8_t* octets = payload.data() + i * EcnCounters::kBytesEach;
    *order[i] = (std::uint32_t{octets[0]} << 16) | load_be16(octets + 1);
  }
  return counters;
}

// Takes one option over; false if its length is not one that its kind may have.
bool take(const Option& option, TcpOptionValues& values) {
  const Bytes payload = option.payload();
  switch (static_cast<TcpOptionKind>(option.kind)) {
    case TcpOptionKind::end:
    case TcpOptionKind::no_operation:
      return true;
    case TcpOptionKind::maximum_segment_size:  // RFC 9293 3.7.1
      if (payload.size() != 2) return false;
      values.mss = load_be16(payload.data());
      return true;
    case TcpOptionKind::window_scale:  // RFC 7323 2.2
      if (payload.size() != 1) return false;
      values.window_scale = payload[0];
      return true;
    case TcpOptionKind::sack_permitted:  // RFC 2018 2
      if (!payload.empty()) return false;
      values.sack_permitted = true;
      return true;
    case TcpOptionKind::sack: {  // RFC 2018 3
      const std::size_t count = payload.size() / kSackBlockBytes;
      if (payload.size() % kSackBlockBytes != 0 || count == 0 || count > kSackBlocksMax) {
        return false;
      }
      values.sack_count = static_cast<std::uint8_t>(count);
      for (std::size_t i = 0; i < count; ++i) {
        const std::uint8_t* block = payload.data() + i * kSackBlockBytes;
        values.sack_blocks[i] = {Seq32{load_be32(block)}, Seq32{load_be32(block + 4)}};
      }
      return true;
    }
    case TcpOptionKind::timestamps:  // RFC 7323 3.2
      if (payload.size() != 8) return false;
      values.timestamps = TcpTimestamps{load_be32(payload.data()), load_be32(payload.data() + 4)};
      return true;
    case TcpOptionKind::md5_signature:  // RFC 2385 3.0
      if (payload.size() != 16) return false;
      values.signature = payload;
      return true;
    case TcpOptionKind::fast_open:  // RFC 7413 4.1.1: other lengths, odd ones too, are ignored
      if (payload.empty() ||
          (payload.size() >= 4 && payload.size() <= 16 && payload.size() % 2 == 0)) {
        values.fast_open = payload;
      }
      return true;
    case TcpOptionKind::accurate_ecn_0:
      values.ecn_counters = ecn_counters(payload, /*ect1_first=*/false);
      return true;
    case TcpOptionKind::accurate_ecn_1:
      values.ecn_counters = ecn_counters(payload, /*ect1_first=*/true);
      return true;
  }
  return true;  // RFC 9293 3.1 (MUST-6): an option that is not implemented is ignored
}

}  // namespace

TcpOptionValues TcpOptionValues::from(Bytes options) {
  TcpOptionValues values;
  OptionWalker walk(options);
  while (const auto option = walk.next()) {
    if (!take(*option, values)) {
      values.malformed = true;
      return values;
    }
  }
  values.malformed = walk.is_malformed();
  return values;
}

TcpOptionWriter& TcpOptionWriter::mss(std::uint16_t bytes) {
  std::array<std::uint8_t, 2> payload{};
  store_be16(payload.data(), bytes);
  return raw(static_cast<std::uint8_t>(TcpOptionKind::maximum_segment_size), payload);
}

TcpOptionWriter& TcpOptionWriter::window_scale(std::uint8_t shift) {
  return raw(static_cast<std::uint8_t>(TcpOptionKind::window_scale), {&shift, 1});
}

TcpOptionWriter& TcpOptionWriter::sack_permitted() {
  return raw(static_cast<std::uint8_t>(TcpOptionKind::sack_permitted), {});
}

TcpOptionWriter& TcpOptionWriter::timestamps(TcpTimestamps timestamps) {
  std::array<std::uint8_t, 8> payload{};
  store_be32(payload.data(), timestamps.value);
  store_be32(payload.data() + 4, timestamps.echo_reply);
  return raw(static_cast<std::uint8_t>(TcpOptionKind::timestamps), payload);
}

TcpOptionWriter& TcpOptionWriter::sack(std::span<const SackBlock> blocks) {
  STRATA_ASSERT(!blocks.empty() && blocks.size() <= kSackBlocksMax);
  std::array<std::uint8_t, kSackBlocksMax * kSackBlockBytes> payload{};
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    store_be32(payload.data() + i * kSackBlockBytes, blocks[i].left.raw());
    store_be32(payload.data() + i * kSackBlockBytes + 4, blocks[i].right.raw());
  }
  return raw(static_cast<std::uint8_t>(TcpOptionKind::sack),
             Bytes{payload}.first(blocks.size() * kSackBlockBytes));
}

TcpOptionWriter& TcpOptionWriter::no_operation() {
  const std::uint8_t kind = Option::kNoOperation;
  put({&kind, 1});
  return *this;
}

TcpOptionWriter& TcpOptionWriter::accurate_ecn(const EcnCounters& counters, std::size_t fields) {
  STRATA_ASSERT(fields <= kEcnCounters);
  const std::optional<std::uint32_t> order[] = {counters.ect1, counters.ce, counters.ect0};
  std::array<std::uint8_t, kEcnCounters * EcnCounters::kBytesEach> payload{};
  for (std::size_t i = 0; i < fields; ++i) {
    const std::uint32_t counter = order[i].value_or(0);
    std::uint8_t* octets = payload.data() + i * EcnCounters::kBytesEach;
    octets[0] = static_cast<std::uint8_t>(counter >> 16);
    store_be16(octets + 1, static_cast<std::uint16_t>(counter));
  }
  return raw(static_cast<std::uint8_t>(TcpOptionKind::accurate_ecn_1),
             Bytes{payload}.first(fields * EcnCounters::kBytesEach));
}

TcpOptionWriter& TcpOptionWriter::raw(std::uint8_t kind, Bytes payload) {
  STRATA_ASSERT(kind > Option::kNoOperation);
  const std::array<std::uint8_t, 2> head{kind, static_cast<std::uint8_t>(payload.size() + 2)};
  put(head);
  put(payload);
  return *this;
}

OptionBytes TcpOptionWriter::finish() {
  // RFC 9293 3.1 (MUST-69): the padding is composed of zeros. Unused bytes have not been touched.
  return OptionBytes{Bytes{bytes_}.first((size_ + 3) / 4 * 4)};
}

void TcpOptionWriter::put(Bytes bytes) {
  STRATA_ASSERT(size_ + bytes.size() <= bytes_.size());
  std::copy(bytes.begin(), bytes.end(), bytes_.begin() + static_cast<std::ptrdiff_t>(size_));
  size_ += bytes.size();
}

}  // namespace strata::wire
