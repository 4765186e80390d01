// SPDX-License-Identifier: MIT
#include "tools/views/boxes.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata::views {
namespace {

using wire::DissectedField;
using wire::DissectedLayer;
using wire::FieldStatus;

constexpr std::size_t kBoxesWidthMin = 80;
constexpr std::size_t kWideFrom = 96;  // eight bytes of a field in a line
constexpr std::size_t kPreambleBytes = 8;
constexpr std::size_t kGapBytes = 12;

// Fields that share a byte stand in one row: version and IHL, the flags and the fragment offset.
struct Row {
  std::size_t offset = 0;  // bytes, in the frame
  std::size_t length = 0;
  std::string name;
  std::string value;
  FieldStatus status = FieldStatus::plain;
};

std::string value_of(const DissectedField& field) {
  std::string text = field.value;
  if (field.status == FieldStatus::good) text += " ✓";
  if (field.status == FieldStatus::bad) text += " ✗";
  if (!field.note.empty()) text += fmt::format(" ({})", field.note);
  return text;
}

std::vector<Row> rows_of(const DissectedLayer& layer) {
  std::vector<Row> rows;
  for (const DissectedField& field : layer.fields) {
    if (field.bit_width == 0) continue;
    const std::size_t begin = field.bit_offset / 8;
    const std::size_t end = (field.bit_offset + field.bit_width + 7) / 8;
    const bool shares = !rows.empty() && begin < rows.back().offset + rows.back().length;
    if (!shares) {
      rows.push_back({begin, end - begin, std::string{field.name}, value_of(field), field.status});
      continue;
    }
    Row& row = rows.back();
    row.length = std::max(row.offset + row.length, end) - row.offset;
    row.name += fmt::format("/{}", field.name);
    row.value += fmt::format(" / {}", value_of(field));
    if (field.status == FieldStatus::bad) row.status = FieldStatus::bad;
  }
  return rows;
}

std::string title_of(Protocol protocol) {
  switch (protocol) {
    case Protocol::physical:
      return "PHYSICAL";
    case Protocol::ethernet:
      return "ETHERNET II";
    case Protocol::vlan:
      return "802.1Q";
    case Protocol::linux_cooked:
      return "LINUX COOKED";
    case Protocol::linux_cooked_v2:
      return "LINUX COOKED v2";
    case Protocol::loopback:
      return "NULL/LOOPBACK";
    case Protocol::arp:
      return "ARP";
    case Protocol::ipv4:
      return "IPv4";
    case Protocol::ipv6:
      return "IPv6";
    case Protocol::icmpv4:
      return "ICMP";
    case Protocol::icmpv6:
      return "ICMPv6";
    case Protocol::udp:
      return "UDP";
    case Protocol::tcp:
      return "TCP";
    case Protocol::http:
      return "HTTP";
    case Protocol::data:
      return "DATA";
    case Protocol::padding:
      return "PADDING";
    case Protocol::fcs:
      return "FCS";
  }
  return "?";
}

bool is_trailer(Protocol protocol) {
  return protocol == Protocol::padding || protocol == Protocol::fcs;
}

// Draws rows at a nesting depth; the tree form has no side borders.
class Drawing {
 public:
  Drawing(const BoxesInput& input, const Options& options)
      : input_(input),
        width_(std::max<std::size_t>(options.width, 40)),
        boxed_(options.width >= kBoxesWidthMin) {}

  Page take() { return std::move(page_); }

  void open(Protocol protocol, std::string_view size, std::string_view summary) {
    const Role role = role_of(layer_of(protocol));
    Text title = left();
    if (boxed_) {
      title.add("┌─ ", role).add(title_of(protocol), role);
      if (!size.empty()) title.add(fmt::format("  {}", size), role);
      title.add(" ", role);
      const bool fits = title.columns() + columns(summary) + 7 <= inner_end();
      const std::string right = summary.empty() || !fits ? "─┐" : fmt::format(" {} ─┐", summary);
      title.pad_to(inner_end() - std::min(inner_end(), columns(right)), "─", role);
      title.add(right, role);
      finish(title);
      roles_.push_back(role);
      if (!fits) remark(std::string{summary}, role);
    } else {
      title.add("▸ ", role)
          .add(title_of(protocol), role)
          .add(fmt::format("  {}  {}", size, summary));
      finish(title);
      roles_.push_back(role);
    }
  }

  void close(std::string_view summary = {}) {
    const Role role = roles_.back();
    roles_.pop_back();
    if (!boxed_) return;
    Text bottom = left();
    bottom.add("└─", role);
    const bool fits = bottom.columns() + columns(summary) + 4 <= inner_end();
    if (!summary.empty() && !fits) {
      roles_.push_back(role);
      remark(std::string{summary}, role);
      roles_.pop_back();
    }
    if (!summary.empty() && fits) bottom.add(fmt::format(" {} ", summary), role);
    bottom.pad_to(inner_end() - 1, "─", role).add("┘", role);
    finish(bottom);
  }

  // One field row: offset, bytes, name, value; bytes and value wrap.
  void row(const Row& row) {
    const std::size_t per_line = bytes_per_line();
    const std::size_t hex_width = per_line * 3;
    const std::size_t used = columns_used() + 5 + hex_width;
    const std::size_t name_width = boxed_ && inner_end() - used >= 48 ? 24 : 17;
    const std::size_t right = inner_end() - (boxed_ ? 2 : 0);
    const std::size_t value_width =
        std::max<std::size_t>(8, right - std::min(right, used + name_width));
    const std::vector<std::string> values = wrap(row.value, value_width);
    const std::vector<std::string> names = wrap_name(row.name, name_width - 1);
    const std::size_t byte_lines = (row.length + per_line - 1) / per_line;
    const std::size_t lines = std::max({byte_lines, values.size(), names.size()});
    for (std::size_t i = 0; i < lines; ++i) {
      Text text = left();
      if (i < byte_lines) {
        text.add(fmt::format("{:04x} ", row.offset + i * per_line), Role::dim);
        add_hex(text, row.offset + i * per_line, std::min(per_line, row.length - i * per_line));
      }
      text.pad_to(columns_used() + 5 + hex_width);
      text.add(i < names.size() ? names[i] : "");
      text.pad_to(columns_used() + 5 + hex_width + name_width);
      const Role role = row.status == FieldStatus::good  ? Role::good
                        : row.status == FieldStatus::bad ? Role::bad
                                                         : Role::plain;
      text.add(i < values.size() ? values[i] : "", role);
      end(text);
    }
  }

  void remark(const std::string& remark, Role role) {
    const std::size_t room = inner_end() - columns_used() - 4;
    for (const std::string& part : wrap(remark, room)) {
      Text text = left();
      text.add(part, role);
      end(text);
    }
  }

  // Payload: hexadecimal and characters side by side. Damage shows even beyond the limit.
  void data(std::size_t offset, std::size_t length) {
    const std::size_t per_line = data_bytes_per_line();
    const std::size_t lines = (length + per_line - 1) / per_line;
    const std::size_t limit =
        input_.data_rows_max == 0 ? lines : std::min(lines, input_.data_rows_max);
    std::size_t left_out = 0;
    const auto tell_left_out = [&] {
      if (left_out > 0) remark(fmt::format("⋮ {} more bytes", left_out), Role::dim);
      left_out = 0;
    };
    for (std::size_t i = 0; i < lines; ++i) {
      const std::size_t start = offset + i * per_line;
      const std::size_t count = std::min(per_line, length - i * per_line);
      if (i >= limit && !is_flipped(start, count)) {
        left_out += count;
        continue;
      }
      tell_left_out();
      Text text = left();
      text.add(fmt::format("{:04x} ", start), Role::dim);
      add_hex(text, start, count);
      text.pad_to(columns_used() + 5 + per_line * 3 + 1);
      std::string characters;
      for (const std::uint8_t byte : input_.frame.subspan(start, count)) {
        characters += byte >= 0x20 && byte < 0x7f ? static_cast<char>(byte) : '.';
      }
      text.add(characters, Role::application);
      end(text);
    }
    tell_left_out();
  }

  std::size_t bytes_per_line() const { return width_ >= kWideFrom ? 8 : 4; }
  bool is_boxed() const { return boxed_; }

 private:
  // Field names may be long ("version/header length"): they break behind slashes and at blanks.
  static std::vector<std::string> wrap_name(std::string_view name, std::size_t width) {
    std::vector<std::string> lines;
    std::string line;
    while (!name.empty()) {
      const std::size_t length = std::min(name.find_first_of("/ "), name.size() - 1) + 1;
      const std::string_view piece = name.substr(0, length);
      name.remove_prefix(length);
      const std::size_t needed = columns(line) + columns(piece) - (piece.back() == ' ' ? 1 : 0);
      if (needed > width && !line.empty()) {
        lines.push_back(std::move(line));
        line.clear();
      }
      line += piece;
    }
    lines.push_back(std::move(line));
    return lines;
  }

  std::size_t data_bytes_per_line() const {
    const std::size_t right = inner_end() - (boxed_ ? 2 : 0);
    const std::size_t room = right - std::min(right, columns_used() + 6);
    return room >= 64 ? 16 : room >= 32 ? 8 : 4;
  }

  bool is_flipped(std::size_t offset, std::size_t count) const {
    return std::any_of(
        input_.flipped_bits.begin(), input_.flipped_bits.end(),
        [&](std::uint32_t bit) { return bit / 8 >= offset && bit / 8 < offset + count; });
  }

  void add_hex(Text& text, std::size_t offset, std::size_t count) const {
    for (std::size_t i = offset; i < offset + count; ++i) {
      const bool flipped = is_flipped(i, 1);
      text.add(fmt::format("{:02x}", input_.frame[i]), flipped ? Role::bad : Role::plain);
      text.add(flipped ? "↯" : " ", flipped ? Role::damaged : Role::plain);
    }
  }

  std::size_t depth() const { return roles_.size(); }
  std::size_t columns_used() const { return boxed_ ? 2 * depth() : depth(); }
  // Column after the last one that belongs to the current depth.
  std::size_t inner_end() const { return boxed_ ? width_ - 2 * depth() : width_; }
  Text left() const {
    Text text;
    for (const Role role : roles_) text.add(boxed_ ? "│ " : " ", role);
    return text;
  }
  // Right border of a row at the current depth, then of the boxes around it.
  void end(Text& text) {
    if (boxed_) text.pad_to(inner_end());
    finish(text);
  }
  void finish(Text& text) {
    if (boxed_) {
      text.pad_to(inner_end());
      for (std::size_t i = depth(); i-- > 0;) text.add(" │", roles_[i]);
      page_.line(std::move(text));
    } else {
      page_.wrap(text, width_, columns_used() + 4);
    }
  }

  const BoxesInput& input_;
  std::size_t width_;
  bool boxed_;
  std::vector<Role> roles_;  // of the open boxes, outermost first
  Page page_;
};

std::string footer(const BoxesInput& input) {
  const std::size_t frame = input.frame.size();
  const std::size_t on_wire = kPreambleBytes + frame + kGapBytes;
  std::size_t data = 0;
  for (const DissectedLayer& layer : input.dissection.layers) {
    if (layer.protocol == Protocol::data || layer.protocol == Protocol::http) {
      data += layer.total_bytes;
      break;
    }
  }
  std::string text = fmt::format("{} B frame = {} B on the wire", frame, on_wire);
  if (input.rate_bps > 0) {
    const double us = static_cast<double>(on_wire) * 8e6 / static_cast<double>(input.rate_bps);
    text += fmt::format(" = {:.4g} µs", us);
  }
  return text + fmt::format(";  overhead {} B / {} B data", on_wire - data, data);
}

std::string size_of(const DissectedLayer& layer) { return fmt::format("{} B", layer.header_bytes); }

// Octets that no field describes: what is left of a truncated header.
void draw_rest(Drawing& drawing, std::size_t shown, std::size_t end) {
  if (shown < end) drawing.data(shown, end - shown);
}

void draw_layer(Drawing& drawing, const BoxesInput& input, const DissectedLayer& layer) {
  drawing.open(layer.protocol, size_of(layer), printable(layer.summary));
  if (!layer.problem.empty()) drawing.remark("! " + layer.problem, Role::bad);
  if (input.collapsed.contains(layer.protocol)) return;
  if (layer.protocol == Protocol::data) {
    drawing.data(layer.offset, layer.total_bytes);
    return;
  }
  std::size_t shown = layer.offset;
  for (const Row& row : rows_of(layer)) {
    shown = row.offset + row.length;
    if (row.length > 4 * drawing.bytes_per_line()) {
      drawing.remark(fmt::format("{}: {}", row.name, row.value), Role::plain);
      drawing.data(row.offset, row.length);
    } else {
      drawing.row(row);
    }
  }
  draw_rest(drawing, shown, layer.offset + layer.header_bytes);
}

// Padding and FCS.
void draw_trailers(Drawing& drawing, const BoxesInput& input) {
  for (const DissectedLayer& layer : input.dissection.layers) {
    if (!is_trailer(layer.protocol)) continue;
    if (layer.protocol == Protocol::padding) {
      drawing.remark(fmt::format("padding: {} bytes to the minimum frame", layer.total_bytes),
                     Role::dim);
      drawing.data(layer.offset, layer.total_bytes);
      continue;
    }
    const std::vector<Row> rows = rows_of(layer);
    if (rows.empty()) drawing.data(layer.offset, layer.total_bytes);
    for (const Row& row : rows) drawing.row(row);
  }
}

}  // namespace

Page boxes(const BoxesInput& input, const Options& options) {
  Page page;
  page.wrap(Text(input.title), options.width);
  Drawing drawing(input, options);
  if (input.on_link) {
    drawing.open(Protocol::physical, input.medium, "+8 B preamble/SFD, +12 B gap");
    drawing.remark("55 55 55 55 55 55 55 d5  preamble ×7, SFD", Role::physical);
  }
  std::size_t open = 0;
  bool has_trailer = false;
  for (const DissectedLayer& layer : input.dissection.layers) {
    has_trailer |= is_trailer(layer.protocol);
    if (is_trailer(layer.protocol) || layer.protocol == Protocol::physical) continue;
    draw_layer(drawing, input, layer);
    ++open;
  }
  // Padding and FCS belong to the outermost box, the frame.
  for (; open > 1; --open) drawing.close();
  if (has_trailer) draw_trailers(drawing, input);
  if (open == 1) drawing.close();
  if (input.on_link) drawing.close(footer(input));
  page.append(drawing.take());
  if (input.on_link && !drawing.is_boxed()) {
    for (const std::string& line : wrap(footer(input), options.width)) page.line(line);
  }
  return page;
}

}  // namespace strata::views
