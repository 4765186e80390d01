// SPDX-License-Identifier: MIT
#include "stack/wire/dissector.h"

#include <fmt/format.h>

#include <algorithm>

#include "stack/base/assert.h"

namespace strata::wire {
namespace {

constexpr unsigned hex_digits(const Field& field) { return (field.bit_width + 3U) / 4U; }

std::string format_value(const Field& field, std::uint64_t raw, Bytes header) {
  const Bytes octets = field.bit_offset % 8 == 0 && field.bit_width % 8 == 0
                           ? header.subspan(field.bit_offset / 8, field.bit_width / 8)
                           : Bytes{};
  switch (field.format) {
    case FieldFormat::decimal:
      return fmt::format("{}", raw);
    case FieldFormat::hex:
    case FieldFormat::flags:  // their names are the protocol's own
      return fmt::format("0x{:0{}x}", raw, hex_digits(field));
    case FieldFormat::mac:
      return to_text(MacAddress::load(octets.data()));
    case FieldFormat::ipv4:
      return to_text(Ipv4Address::load(octets.data()));
    case FieldFormat::ipv6:
      return to_text(Ipv6Address::load(octets.data()));
    case FieldFormat::bytes:
      return to_hex(octets);
    case FieldFormat::text:
      return preview(octets);
  }
  return {};
}

std::string escape(std::uint8_t octet) {
  switch (octet) {
    case '\r':
      return "\\r";
    case '\n':
      return "\\n";
    case '\t':
      return "\\t";
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    default:
      if (octet >= 0x20 && octet < 0x7f) return {static_cast<char>(octet)};
      return fmt::format("\\x{:02x}", octet);
  }
}

bool is_text(std::uint8_t octet) {
  return (octet >= 0x20 && octet < 0x7f) || octet == '\r' || octet == '\n' || octet == '\t';
}

}  // namespace

std::string preview(Bytes bytes, std::size_t bytes_max) {
  const Bytes shown = bytes.first(std::min(bytes.size(), bytes_max));
  std::string text;
  if (std::ranges::all_of(shown, is_text)) {
    text = "\"";
    for (const std::uint8_t octet : shown) text += escape(octet);
    text += '"';
  } else {
    text = to_hex(shown.first(std::min<std::size_t>(shown.size(), 16)));
    if (shown.size() > 16) return text + " ...";
  }
  if (shown.size() < bytes.size()) text += " ...";
  return text;
}

std::string_view NetworkContext::why_unverified() const {
  if (quotes > 0) return "not verified: quoted";
  if (is_fragment) return "not verified: the first fragment alone";
  return is_cut ? "not verified: cut short" : "";
}

void DissectContext::add_padding(Range range, std::string_view name) {
  if (range.size() == 0) return;
  DissectedLayer layer{.protocol = Protocol::padding,
                       .offset = range.begin,
                       .header_bytes = range.size(),
                       .total_bytes = range.size(),
                       .summary = fmt::format("{} bytes", range.size())};
  const Bytes content = bytes(range);
  const bool zeros = std::ranges::all_of(content, [](std::uint8_t octet) { return octet == 0; });
  layer.fields.push_back(
      {.name = name,
       .section = "IEEE 802.3 3.2.7",
       .bit_offset = range.begin * 8,
       .bit_width = range.size() * 8,
       .value = zeros ? fmt::format("{} zero bytes", range.size()) : preview(content)});
  trailers.push_back(std::move(layer));
}

LayerWriter::LayerWriter(DissectContext& context, Protocol protocol, Range whole)
    : context_(context), index_(context.out.layers.size()) {
  context.out.layers.push_back({.protocol = protocol,
                                .offset = whole.begin,
                                .header_bytes = whole.size(),
                                .total_bytes = whole.size()});
}

bool LayerWriter::add_table(std::span<const Field> table, std::size_t base) {
  const std::size_t end = layer().offset + layer().total_bytes;
  const Bytes header = context_.frame.subspan(base, end - base);
  for (const Field& field : table) {
    const std::size_t field_end = field.bit_offset + std::size_t{field.bit_width};
    if (field_end > header.size() * 8) {
      const std::size_t left =
          header.size() * 8 - std::min<std::size_t>(field.bit_offset, header.size() * 8);
      if (left > 0) {
        layer().fields.push_back({.name = field.name,
                                  .section = field.section,
                                  .bit_offset = base * 8 + field.bit_offset,
                                  .bit_width = left,
                                  .value = "cut short",
                                  .status = FieldStatus::bad});
      }
      if (context_.network.quotes == 0 && context_.bytes_left_out == 0) {
        const Field& last = table.back();
        const std::size_t whole = (std::size_t{last.bit_offset} + last.bit_width) / 8;
        set_problem(fmt::format("header cut short: {} of {} bytes", header.size(), whole));
      }
      return false;
    }
    const std::uint64_t raw = field.bit_width <= 64 ? read(field, header) : 0;
    layer().fields.push_back({.name = field.name,
                              .abbreviation = field.abbreviation,
                              .section = field.section,
                              .bit_offset = base * 8 + field.bit_offset,
                              .bit_width = field.bit_width,
                              .raw = raw,
                              .value = format_value(field, raw, header)});
  }
  return true;
}

DissectedField& LayerWriter::add_bytes(std::string_view name, std::string_view section, Range range,
                                       std::string value) {
  std::uint64_t raw = 0;
  if (range.size() <= 8) {
    for (const std::uint8_t octet : context_.bytes(range)) raw = (raw << 8) | octet;
  }
  layer().fields.push_back({.name = name,
                            .section = section,
                            .bit_offset = range.begin * 8,
                            .bit_width = range.size() * 8,
                            .raw = raw,
                            .value = std::move(value)});
  return layer().fields.back();
}

DissectedField& LayerWriter::at(const Field& field) {
  for (DissectedField& candidate : layer().fields) {
    // The field in which a header was cut keeps its name, but not its width.
    if (candidate.name == field.name && candidate.bit_width == field.bit_width) return candidate;
  }
  return scratch_;
}

void LayerWriter::judge(const Field& field, std::uint64_t expected) {
  DissectedField& judged = at(field);
  const bool good = judged.raw == expected;
  judged.status = good ? FieldStatus::good : FieldStatus::bad;
  if (!good) judged.note = fmt::format("should be 0x{:0{}x}", expected, hex_digits(field));
}

void LayerWriter::judge_checksum(const Field& field, InternetChecksum sum, Bytes covered) {
  InternetChecksum as_received = sum;
  as_received.add(covered);
  // 0 and 0xffff are the same number in ones' complement: what sums up right is right.
  if (as_received.is_valid()) {
    judge(field, at(field).raw);
    return;
  }
  const std::size_t place = field.bit_offset / 8;
  sum.add(covered.first(place));
  sum.add16(0);
  sum.add(covered.subspan(place + 2));
  judge(field, sum.finish());
}

void LayerWriter::set_problem(std::string problem) {
  if (layer().problem.empty()) layer().problem = std::move(problem);
}

}  // namespace strata::wire
