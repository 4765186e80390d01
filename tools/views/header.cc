// SPDX-License-Identifier: MIT
#include "tools/views/header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "stack/wire/dissect.h"
#include "stack/wire/tcp.h"
#include "tools/views/journey.h"
#include "tools/views/label.h"

namespace strata::views {
namespace {

using wire::DissectedField;
using wire::DissectedLayer;

// A field as it is drawn: bits [begin, end) of the header.
struct Cell {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string name;
  std::string value;
  Role role = Role::plain;
};

bool is_header(Protocol protocol) {
  return protocol != Protocol::data && protocol != Protocol::padding && protocol != Protocol::fcs &&
         protocol != Protocol::physical && protocol != Protocol::http;
}

// The control bits of TCP are one field of the table and eight boxes of the diagram.
void add_tcp_flags(std::vector<Cell>& cells, const DissectedField& field, std::size_t begin) {
  constexpr std::array<std::string_view, 8> kNames{"CWR", "ECE", "URG", "ACK",
                                                   "PSH", "RST", "SYN", "FIN"};
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const bool is_set = (field.raw >> (kNames.size() - 1 - i) & 1) != 0;
    cells.push_back({begin + i, begin + i + 1, std::string{kNames[i]}, is_set ? "1" : "0",
                     is_set ? Role::heading : Role::dim});
  }
}

// The fields of a layer one after the other; bits that no field describes get a box of their own.
std::vector<Cell> cells_of(const DissectedLayer& layer) {
  std::vector<Cell> cells;
  std::size_t next = 0;
  const std::size_t total = layer.header_bytes * 8;
  std::vector<const DissectedField*> fields;
  for (const DissectedField& field : layer.fields) fields.push_back(&field);
  std::stable_sort(fields.begin(), fields.end(),
                   [](const auto* a, const auto* b) { return a->bit_offset < b->bit_offset; });
  for (const DissectedField* field : fields) {
    const std::size_t begin = field->bit_offset - std::min(field->bit_offset, layer.offset * 8);
    const std::size_t end = std::min(begin + field->bit_width, total);
    if (field->bit_offset < layer.offset * 8 || begin < next || end <= begin) continue;
    if (begin > next) cells.push_back({next, begin, "", "", Role::dim});
    next = end;
    if (field->name == wire::tcp_field::kFlags.name && layer.protocol == Protocol::tcp &&
        end - begin == 8) {
      add_tcp_flags(cells, *field, begin);
      continue;
    }
    const Role role = field->status == wire::FieldStatus::bad    ? Role::bad
                      : field->status == wire::FieldStatus::good ? Role::good
                                                                 : Role::heading;
    std::string value = printable(field->value);
    if (field->status != wire::FieldStatus::plain) {
      value += field->status == wire::FieldStatus::good ? " ✓" : " ✗";
    }
    cells.push_back({begin, end, std::string{field->name}, std::move(value), role});
  }
  if (next < total) cells.push_back({next, total, "", "", Role::dim});
  return cells;
}

class Diagram {
 public:
  Diagram(const DissectedLayer& layer, const Options& options)
      : role_(role_of(layer_of(layer.protocol))), cells_(cells_of(layer)) {
    bits_ = options.width >= 66 ? 32 : 16;
    columns_ = options.width >= 130 ? 4 : options.width >= 98 || bits_ == 16 ? 3 : 2;
    total_ = layer.header_bytes * 8;
  }

  void draw(Page& page) const {
    numbers(page);
    for (std::size_t row = 0; row * bits_ < total_; ++row) {
      border(page, row);
      content(page, row, /*is_value=*/false);
      content(page, row, /*is_value=*/true);
    }
    border(page, (total_ + bits_ - 1) / bits_);
  }

 private:
  // Tens and units of the bit numbers, as RFC 791 has them.
  void numbers(Page& page) const {
    Text tens(" ");
    Text units(" ");
    for (std::size_t bit = 0; bit < bits_; ++bit) {
      tens.pad_to(1 + bit * columns_);
      units.pad_to(1 + bit * columns_);
      if (bit % 10 == 0) tens.add(fmt::format("{}", bit / 10), Role::dim);
      units.add(fmt::format("{}", bit % 10), Role::dim);
    }
    page.line(std::move(tens));
    page.line(std::move(units));
  }

  // Index of the cell a bit belongs to; cells_.size() for bits beyond the header.
  std::size_t cell_at(std::size_t bit) const {
    if (bit >= total_) return cells_.size();
    for (std::size_t i = 0; i < cells_.size(); ++i) {
      if (bit < cells_[i].end) return i;
    }
    return cells_.size();
  }

  // The line above `row`; open where a field goes on from the row before.
  void border(Page& page, std::size_t row) const {
    Text text;
    for (std::size_t i = 0; i < bits_; ++i) {
      const std::size_t below = cell_at(row * bits_ + i);
      const std::size_t above = row == 0 ? cells_.size() : cell_at((row - 1) * bits_ + i);
      const bool is_outside = below == cells_.size() && above == cells_.size();
      const bool is_open = below == above;
      const bool is_joint = !is_outside || (i > 0 && is_edge(row, i));
      text.add(is_joint && !(is_open && i > 0 && !is_edge(row, i)) ? "+" : " ", role_);
      for (std::size_t c = 1; c < columns_; ++c) text.add(is_open ? " " : "-", role_);
    }
    const std::size_t last = row * bits_ + bits_ - 1;
    const bool closes = last < total_ || (row > 0 && last - bits_ < total_);
    text.add(closes ? "+" : "", role_);
    page.line(std::move(text));
  }
  // Is there a line or a corner just before bit `i` of the border above `row`?
  bool is_edge(std::size_t row, std::size_t i) const {
    const auto differs = [&](std::size_t at) {
      return cell_at(at * bits_ + i) != cell_at(at * bits_ + i - 1);
    };
    const auto is_closed = [&](std::size_t bit) {
      return row == 0 || cell_at(row * bits_ + bit) != cell_at((row - 1) * bits_ + bit);
    };
    const bool is_line = is_closed(i) && cell_at(row * bits_ + i) != cells_.size();
    return differs(row) || (row > 0 && differs(row - 1)) || is_line || is_closed(i - 1);
  }

  // The part of a field that stands in one row, with its words.
  struct Part {
    std::vector<std::string> lines;
    std::size_t width;
    Role role;
  };
  // The words stand in the first row of a field; the rows it goes on in are empty.
  std::vector<Part> parts_of(std::size_t row, bool is_value) const {
    std::vector<Part> parts;
    const std::size_t begin = row * bits_;
    const std::size_t end = std::min(begin + bits_, total_);
    for (std::size_t bit = begin; bit < end;) {
      const Cell& cell = cells_[cell_at(bit)];
      const std::size_t stop = std::min(cell.end, end);
      const std::size_t width = (stop - bit) * columns_ - 1;
      std::string words = is_value ? cell.value : cell.name;
      if (bit != cell.begin) words = "";
      if (words == "reserved" && columns(words) > width) words = "Rsrvd";  // as RFC 9293 has it
      if (columns(words) > width && width < 3) words = words.substr(0, width);  // flags
      parts.push_back({wrap(words, width), width, is_value ? cell.role : Role::plain});
      bit = stop;
    }
    return parts;
  }

  void content(Page& page, std::size_t row, bool is_value) const {
    const std::vector<Part> parts = parts_of(row, is_value);
    std::size_t height = 0;
    for (const Part& part : parts) height = std::max(height, part.lines.size());
    for (std::size_t i = 0; i < height; ++i) {
      Text text;
      for (const Part& part : parts) {
        const std::string words = i < part.lines.size() ? part.lines[i] : "";
        const std::size_t left = (part.width - columns(words)) / 2;
        text.add("|", role_).add(std::string(left, ' ')).add(words, part.role);
        text.add(std::string(part.width - columns(words) - left, ' '));
      }
      page.line(std::move(text.add("|", role_)));
    }
  }

  Role role_;
  std::vector<Cell> cells_;
  std::size_t bits_ = 32;
  std::size_t columns_ = 2;
  std::size_t total_ = 0;
};

// All layers of the packet where the selection looks at it.
Headers layers_of(const trace::Recording& recording, const HeaderSelection& selection) {
  const Journey journey = journey_of(recording, selection.uid);
  for (const Hop& hop : journey.hops) {
    if (selection.link && hop.link != *selection.link) continue;
    return {fmt::format("on {}", recording.directory().link_name(hop.link)),
            wire::dissect(hop.sent_frame, recording.format_of(selection.uid)).layers};
  }
  if (selection.link) return {};
  const PacketOctets packet = octets_of(recording, selection.uid);
  Headers headers{"never on a link", {}};
  if (packet.outermost == Protocol::ethernet) {
    headers.layers = wire::dissect(packet.octets).layers;
  } else if (packet.outermost == Protocol::ipv4) {
    headers.layers =
        wire::dissect(packet.octets, {.link_type = wire::LinkType::raw_ip, .has_fcs = false})
            .layers;
  }
  return headers;
}

}  // namespace

Headers headers_of(const trace::Recording& recording, const HeaderSelection& selection) {
  Headers headers = layers_of(recording, selection);
  std::erase_if(headers.layers, [&](const DissectedLayer& layer) {
    const bool is_other = selection.protocol && layer.protocol != *selection.protocol;
    return !is_header(layer.protocol) || layer.header_bytes == 0 || is_other;
  });
  return headers;
}

Page header(const trace::Recording& recording, const HeaderSelection& selection,
            const Options& options) {
  Page page;
  const Headers source = headers_of(recording, selection);
  const Label label = Labeller(recording).label(selection.uid);
  Text title(fmt::format("#{}  ", raw(selection.uid)), Role::heading);
  title.add(label.text, label.role).add("  " + source.where, Role::dim);
  page.wrap(title, options.width);
  for (const DissectedLayer& layer : source.layers) {
    page.blank();
    page.wrap(Text(fmt::format("{}, {} octets at {:04x}  {}", to_text(layer.protocol),
                               layer.header_bytes, layer.offset, printable(layer.summary)),
                   role_of(layer_of(layer.protocol))),
              options.width);
    if (!layer.problem.empty()) page.wrap(Text("! " + layer.problem, Role::bad), options.width, 2);
    Diagram(layer, options).draw(page);
  }
  if (source.layers.empty()) {
    page.line(selection.protocol
                  ? fmt::format("  it has no {} header", to_text(*selection.protocol))
                  : "  it has no header that could be drawn",
              Role::dim);
  }
  return page;
}

}  // namespace strata::views
