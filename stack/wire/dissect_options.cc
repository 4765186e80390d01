// SPDX-License-Identifier: MIT
// IPv4 and TCP options: one field each, with a value for people.
#include <fmt/format.h>

#include "stack/wire/dissector.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/options.h"
#include "stack/wire/tcp.h"

namespace strata::wire {
namespace {

std::string unknown(const Option& option) {
  const Bytes payload = option.payload();
  return payload.empty() ? fmt::format("kind {}", option.kind)
                         : fmt::format("kind {}: {}", option.kind, to_hex(payload));
}

// "pointer 4: 10.0.1.1 0.0.0.0" (RFC 791 3.1: record route and the source routes).
std::string route_text(std::string_view name, const Option& option) {
  const Bytes payload = option.payload();
  if (payload.empty()) return fmt::format("{} without a pointer", name);
  std::string text = fmt::format("{} pointer {}:", name, payload[0]);
  Bytes rest = payload.subspan(1);
  for (; rest.size() >= 4; rest = rest.subspan(4)) {
    text += ' ' + to_text(Ipv4Address::load(rest.data()));
  }
  if (!rest.empty()) text += " and " + to_hex(rest);
  return text;
}

std::string timestamp_text(const Option& option) {
  const Bytes payload = option.payload();
  if (payload.size() < 2) return "timestamp without a pointer";
  const unsigned flag = payload[1] & 0x0fU;
  std::string text =
      fmt::format("timestamp pointer {} overflow {} flag {}:", payload[0], payload[1] >> 4, flag);
  Bytes rest = payload.subspan(2);
  const bool has_addresses = flag != 0;
  const std::size_t entry = has_addresses ? 8 : 4;
  for (; rest.size() >= entry; rest = rest.subspan(entry)) {
    if (has_addresses) text += ' ' + to_text(Ipv4Address::load(rest.data()));
    text += fmt::format("{}{}", has_addresses ? '=' : ' ',
                        load_be32(rest.data() + (has_addresses ? 4 : 0)));
  }
  if (!rest.empty()) text += " and " + to_hex(rest);
  return text;
}

std::string ipv4_option_text(const Option& option) {
  switch (static_cast<Ipv4OptionType>(option.kind)) {
    case Ipv4OptionType::end:
      return "EOL";
    case Ipv4OptionType::no_operation:
      return "NOP";
    case Ipv4OptionType::record_route:
      return route_text("RR", option);
    case Ipv4OptionType::loose_source_route:
      return route_text("LSRR", option);
    case Ipv4OptionType::strict_source_route:
      return route_text("SSRR", option);
    case Ipv4OptionType::timestamp:
      return timestamp_text(option);
    case Ipv4OptionType::router_alert:
      if (option.bytes.size() != 4) break;
      return fmt::format("router alert {}", load_be16(option.bytes.data() + 2));
  }
  return unknown(option);
}

// The value of one TCP option: in the words of RFC 9293 and friends, and as tcpdump prints it.
struct TcpOptionText {
  std::string value;
  std::string brief;
};

TcpOptionText sack_text(const TcpOptionValues& values) {
  TcpOptionText text{.value = "SACK", .brief = fmt::format("sack {} ", values.sack_count)};
  for (std::size_t i = 0; i < values.sack_count; ++i) {
    const SackBlock& block = values.sack_blocks[i];
    text.value += fmt::format(" {}-{}", block.left.raw(), block.right.raw());
    text.brief += fmt::format("{{{}:{}}}", block.left.raw(), block.right.raw());
  }
  return text;
}

TcpOptionText tcp_option_text(const Option& option) {
  const TcpOptionValues values = TcpOptionValues::from(option.bytes);
  if (option.kind == Option::kEnd) return {"EOL", "eol"};
  if (option.kind == Option::kNoOperation) return {"NOP", "nop"};
  if (values.mss) return {fmt::format("MSS {}", *values.mss), fmt::format("mss {}", *values.mss)};
  if (values.window_scale) {
    return {fmt::format("window scale {}", *values.window_scale),
            fmt::format("wscale {}", *values.window_scale)};
  }
  if (values.sack_permitted) return {"SACK permitted", "sackOK"};
  if (values.timestamps) {
    const std::string text =
        fmt::format("TS val {} ecr {}", values.timestamps->value, values.timestamps->echo_reply);
    return {text, text};
  }
  if (values.sack_count > 0) return sack_text(values);
  if (values.ecn_counters) {
    const EcnCounters& counters = *values.ecn_counters;
    std::string text = "ECN octets";
    const std::pair<std::string_view, std::optional<std::uint32_t>> named[] = {
        {"ECT(0)", counters.ect0}, {"CE", counters.ce}, {"ECT(1)", counters.ect1}};
    for (const auto& [name, count] : named) {
      if (count) text += fmt::format(" {} {}", name, *count);
    }
    return {text, fmt::format("unknown-{}", option.kind)};
  }
  if (values.fast_open) {
    if (values.fast_open->empty()) return {"Fast Open cookie request", "tfo cookiereq"};
    return {"Fast Open cookie " + to_hex(*values.fast_open), "tfo"};
  }
  return {unknown(option), fmt::format("unknown-{}", option.kind)};
}

struct WalkedOption {
  Option option;
  Range range;
};

// Walks an option area and hands each option to `visit`; what is behind the end of the list or
// broken becomes a field of its own, so that no byte is left out.
template <typename Visit>
void walk_options(LayerWriter& layer, DissectContext& context, Range area, std::string_view section,
                  Visit visit) {
  OptionWalker walk(context.bytes(area));
  while (const auto option = walk.next()) {
    const std::size_t begin = area.begin + option->offset;
    const Range range{begin, begin + option->bytes.size()};
    visit(*option, range);
  }
  const Range rest{area.begin + walk.offset(), area.end};
  if (rest.size() == 0) return;
  if (!walk.is_malformed()) {
    layer.add_bytes("option padding", section, rest, to_hex(context.bytes(rest)));
    return;
  }
  layer.add_bytes("broken option", section, rest, to_hex(context.bytes(rest))).status =
      FieldStatus::bad;
  layer.set_problem(fmt::format("option {} at byte {} has an illegal length",
                                context.frame[rest.begin], rest.begin - layer.layer().offset));
}

}  // namespace

void dissect_ipv4_options(LayerWriter& layer, DissectContext& context, Range options) {
  constexpr std::string_view kSection = "RFC 791 3.1";
  walk_options(layer, context, options, kSection, [&](const Option& option, Range range) {
    DissectedField& field = layer.add_bytes("option", kSection, range, ipv4_option_text(option));
    field.abbreviation = "ip.opt.type";
    if (option.kind > Option::kNoOperation && (option.kind & 0x80) != 0) {
      field.note = "copied into fragments";
    }
  });
}

std::string dissect_tcp_options(LayerWriter& layer, DissectContext& context, Range options) {
  constexpr std::string_view kSection = "RFC 9293 3.2";
  std::string list;
  walk_options(layer, context, options, kSection, [&](const Option& option, Range range) {
    TcpOptionText text = tcp_option_text(option);
    if (!list.empty()) list += ',';
    list += text.brief;
    DissectedField& field = layer.add_bytes("option", kSection, range, std::move(text.value));
    field.abbreviation = "tcp.options";
    if (TcpOptionValues::from(option.bytes).malformed) {
      field.status = FieldStatus::bad;
      field.note = "illegal length";
    }
  });
  return list;
}

}  // namespace strata::wire
