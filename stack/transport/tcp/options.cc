// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/options.h"

#include <algorithm>

#include "stack/transport/tcp/signature.h"

namespace strata::tcp {

std::uint8_t window_shift_for(std::uint32_t buffer_bytes) {
  std::uint8_t shift = 0;
  while (shift < kWindowShiftMax && (buffer_bytes >> shift) > 0xffff) ++shift;
  return shift;
}

Offer make_offer(const Config& config, std::uint16_t mss_local) {
  const bool is_signed = !config.signature_key.empty();
  if (config.no_options) {
    return {.mss = std::min(kDefaultMss, mss_local), .is_empty = true, .is_signed = is_signed};
  }
  const std::uint16_t mss = config.mss_max != 0 ? std::min(config.mss_max, mss_local) : mss_local;
  return {.mss = std::max<std::uint16_t>(mss, 1),
          .window_scaling = config.window_scaling,
          .window_shift = window_shift_for(
              std::max(config.receive_buffer_bytes, config.receive_buffer_max_bytes)),
          // Beside a signature there is no room for both time stamps and SACK blocks.
          .timestamps = config.timestamps && !is_signed,
          .sack = config.sack,
          .order = config.persona.option_order,
          .is_signed = is_signed};
}

Terms agree(const Offer& offer, const wire::TcpOptionValues& peer) {
  Terms terms;
  const auto signature = static_cast<std::uint32_t>(offer.is_signed ? kSignatureBytes : 0);
  if (offer.is_empty) return {.smss = offer.mss - signature};
  // RFC 9293 3.7.1 (MUST-15): 536 when the option is absent. (MUST-16): no more than we can send.
  terms.smss = std::min(std::max(peer.mss.value_or(kDefaultMss), kMssMin), offer.mss);
  // RFC 7323 2.2: scaling is in force only if both SYNs carried the option.
  terms.window_scaling = offer.window_scaling && peer.window_scale.has_value();
  if (terms.window_scaling) {
    terms.send_shift = std::min(*peer.window_scale, kWindowShiftMax);
    terms.receive_shift = offer.window_shift;
  }
  terms.sack = offer.sack && peer.sack_permitted;
  terms.timestamps = offer.timestamps && peer.timestamps.has_value();
  // RFC 9293 3.7.1 (MUST-16), RFC 6691 2: an option that every segment carries makes room for less.
  if (terms.timestamps) terms.smss -= kTimestampsBytes;
  terms.smss -= signature;
  return terms;
}

wire::OptionBytes syn_options(const Offer& offer, const Terms* agreed,
                              const wire::TcpTimestamps& timestamps,
                              const std::optional<wire::EcnCounters>& counters) {
  constexpr std::size_t kAllFields = 3;
  if (offer.is_empty) return {};
  wire::TcpOptionWriter writer;
  writer.mss(offer.mss);
  const bool sack = agreed != nullptr ? agreed->sack : offer.sack;
  const bool scale = agreed != nullptr ? agreed->window_scaling : offer.window_scaling;
  const bool stamps = agreed != nullptr ? agreed->timestamps : offer.timestamps;
  if (offer.order == OptionOrder::scale_first) {
    if (scale) writer.no_operation().window_scale(offer.window_shift);
    if (sack) writer.sack_permitted();
    if (stamps) {
      if (!sack) writer.no_operation().no_operation();
      writer.timestamps(timestamps);
    }
    if (counters) writer.accurate_ecn(*counters, kAllFields).no_operation();
    return writer.finish();
  }
  // NOPs align each option on words.
  if (stamps) {
    sack ? writer.sack_permitted() : writer.no_operation().no_operation();
    writer.timestamps(timestamps);
  }
  if (counters) writer.accurate_ecn(*counters, kAllFields).no_operation();
  if (!stamps && sack) {
    writer.no_operation().no_operation().sack_permitted();
  }
  if (scale) writer.no_operation().window_scale(offer.window_shift);
  return writer.finish();
}

}  // namespace strata::tcp
