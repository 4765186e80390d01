// SPDX-License-Identifier: MIT
#include "tools/views/stream.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/analysis/stream_lanes.h"
#include "sim/trace/words.h"

namespace strata::views {
namespace {

using analysis::StreamLanes;
using analysis::StreamMove;
using analysis::StreamSegment;
using trace::Recording;

constexpr std::size_t kLabel = 8;       // columns of the name of a lane
constexpr std::size_t kCellsEach = 10;  // columns of a segment of the usual size, at least

// A range of octets drawn in a lane.
struct Item {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::string text;
  Role role = Role::plain;
  std::string_view shaft = "─";
  bool is_ordinary = true;  // may be drawn as one with those beside it
  std::size_t count = 1;    // so many ranges drawn as one
};

// A stretch of the stream that is drawn as one block.
struct Band {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  bool is_special = false;  // something in it was lost, sent again or held
};

class Drawing {
 public:
  Drawing(const Recording& recording, const StreamLanes& lanes, const Options& options)
      : recording_(recording),
        lanes_(lanes),
        width_(options.width),
        cells_(width_ - kLabel - 1),
        writes_(moves(lanes.writes, Role::application)),
        held_(held()),
        reads_(moves(lanes.reads, Role::application)) {
    for (const StreamSegment& segment : lanes.segments) {
      if (segment.end <= segment.begin) continue;
      (segment.cause == RetransmitCause::none ? first_ : again_).push_back(item_of(segment));
    }
  }

  void draw(Page& page, bool fold) {
    const std::vector<Band> bands = split();
    for (std::size_t i = 0; i < bands.size();) {
      std::size_t end = i;
      while (end < bands.size() && !bands[end].is_special) ++end;
      // The first and the last of a run of ordinary bands stay.
      if (fold && end - i > 3) {
        band(page, bands[i]);
        folded(page, bands[i + 1].begin, bands[end - 2].end);
        band(page, bands[end - 1]);
        i = end;
      } else {
        const std::size_t stop = std::max(end, i + 1);
        for (; i < stop; ++i) band(page, bands[i]);
      }
    }
  }

 private:
  // Blocks of as many segments as fit side by side.
  std::vector<Band> split() const {
    std::uint64_t total = 0;
    std::uint64_t longest = 1;
    for (const StreamMove& write : lanes_.writes) total = std::max(total, write.end);
    for (const StreamSegment& segment : lanes_.segments) {
      total = std::max(total, segment.end);
      longest = std::max(longest, segment.end - segment.begin);
    }
    const std::uint64_t size = std::min(std::max<std::uint64_t>(total, 1),
                                        longest * std::max<std::size_t>(1, cells_ / kCellsEach));
    std::vector<Band> bands;
    for (std::uint64_t at = 0; at < total; at += size) {
      bands.push_back({at, std::min(at + size, total), false});
    }
    const auto mark = [&](std::uint64_t begin, std::uint64_t end) {
      for (std::uint64_t i = begin / size; i <= (end - 1) / size && i < bands.size(); ++i) {
        bands[i].is_special = true;
      }
    };
    for (const StreamSegment& segment : lanes_.segments) {
      const bool is_plain = segment.cause == RetransmitCause::none && segment.arrived;
      if (!is_plain && segment.end > segment.begin) mark(segment.begin, segment.end);
    }
    for (const analysis::HeldRange& held : lanes_.held) mark(held.begin, held.end);
    return bands;
  }

  void folded(Page& page, std::uint64_t begin, std::uint64_t end) const {
    const auto count = std::count_if(
        lanes_.segments.begin(), lanes_.segments.end(),
        [&](const StreamSegment& segment) { return segment.begin >= begin && segment.end <= end; });
    page.wrap(Text(fmt::format("⋮       octets {} to {}: {} segments, sent once, in order", begin,
                               end - 1, count),
                   Role::dim),
              width_, 8);
  }

  void band(Page& page, const Band& band) const {
    axis(page, band);
    lane(page, band, "write", writes_);
    lane(page, band, "sent", first_);
    lane(page, band, "again", again_);
    lane(page, band, "held", held_);
    lane(page, band, "read", reads_);
  }

  Item item_of(const StreamSegment& segment) const {
    Item item{.begin = segment.begin, .end = segment.end};
    item.text = fmt::format("#{}", raw(segment.uid));
    const bool is_again = segment.cause != RetransmitCause::none;
    item.role = is_again ? Role::retransmission : Role::data;
    item.shaft = is_again ? "═" : "─";
    item.is_ordinary = !is_again && segment.arrived;
    if (segment.drop) {
      const auto& dropped = std::get<Dropped>(recording_.event(*segment.drop).body);
      item.text = fmt::format("✗ {} {}", item.text, words_of(dropped.reason));
      item.role = Role::drop;
    } else if (!segment.arrived) {
      item.text += " ⋮";
    } else if (segment.verdict == SegmentVerdict::duplicate) {
      item.text = "≈ " + item.text;
    }
    if (is_again) item.text += fmt::format(" {}", to_text(segment.cause));
    return item;
  }

  static std::vector<Item> moves(const std::vector<StreamMove>& moves, Role role) {
    std::vector<Item> items;
    for (const StreamMove& move : moves) {
      if (move.end <= move.begin) continue;
      items.push_back({.begin = move.begin,
                       .end = move.end,
                       .text = fmt::format("{} @{}", move.end - move.begin, to_text(move.time, 1)),
                       .role = role});
    }
    return items;
  }

  std::vector<Item> held() const {
    std::vector<Item> items;
    for (const analysis::HeldRange& held : lanes_.held) {
      items.push_back({.begin = held.begin,
                       .end = held.end,
                       .text = fmt::format("{}", to_text(held.until - held.from, 1)),
                       .role = Role::damaged,
                       .shaft = "▒"});
    }
    return items;
  }

  std::size_t column(const Band& band, std::uint64_t offset) const {
    const std::uint64_t size = band.end - band.begin;
    const std::uint64_t inside = std::clamp(offset, band.begin, band.end) - band.begin;
    // The last band may be short: it keeps the scale of the others where it can.
    return static_cast<std::size_t>(inside * (cells_ - 1) / size);
  }

  void axis(Page& page, const Band& band) const {
    Text text("octet", Role::dim);
    text.pad_to(kLabel);
    const std::size_t ticks = std::max<std::size_t>(2, cells_ / 16);
    for (std::size_t i = 0; i < ticks; ++i) {
      const std::uint64_t offset = band.begin + (band.end - band.begin) * i / ticks;
      text.pad_to(kLabel + column(band, offset)).add(fmt::format("{}", offset), Role::dim);
      text.add(" ");
    }
    page.line(std::move(text));
  }

  // What is in the band, in the order given; ranges too narrow to tell apart become one.
  std::vector<Item> visible(const Band& band, const std::vector<Item>& items) const {
    constexpr std::size_t kNarrow = 4;
    std::vector<Item> found;
    const auto columns_of = [&](std::uint64_t begin, std::uint64_t end) {
      return column(band, end) - column(band, begin);
    };
    for (const Item& item : items) {
      if (item.end <= band.begin || item.begin >= band.end) continue;
      Item* last = found.empty() ? nullptr : &found.back();
      const bool joins = last != nullptr && last->is_ordinary && item.is_ordinary &&
                         last->end == item.begin &&
                         std::min(columns_of(item.begin, item.end),
                                  columns_of(last->begin, last->end)) < kNarrow &&
                         columns_of(last->begin, item.end) <= 2 * kCellsEach;
      if (joins) {
        last->end = item.end;
        ++last->count;
      } else {
        found.push_back(item);
      }
    }
    return found;
  }

  // One row, or several where ranges overlap.
  void lane(Page& page, const Band& band, std::string_view name,
            const std::vector<Item>& all) const {
    const std::vector<Item> items = visible(band, all);
    std::vector<std::vector<const Item*>> rows;
    std::vector<std::size_t> free;  // the first free column of each row
    for (const Item& item : items) {
      const std::size_t begin = column(band, item.begin);
      std::size_t row = 0;
      while (row < rows.size() && free[row] > begin) ++row;
      if (row == rows.size()) {
        rows.emplace_back();
        free.push_back(0);
      }
      rows[row].push_back(&item);
      free[row] = std::max(column(band, item.end), begin + 1);
    }
    for (std::size_t row = 0; row < rows.size(); ++row) {
      Text text(row == 0 ? std::string{name} : "", Role::heading);
      text.pad_to(kLabel);
      for (const Item* item : rows[row]) {
        const std::size_t begin = column(band, item->begin);
        const std::size_t end = std::max(column(band, item->end), begin + 1);
        text.pad_to(kLabel + begin);
        add(text, *item, end - begin, item->begin >= band.begin, item->end <= band.end);
      }
      page.line(std::move(text));
    }
  }

  // A range `width` columns wide; without an end where it goes on in another band.
  static void add(Text& text, const Item& item, std::size_t width, bool begins, bool ends) {
    const std::string_view left = begins ? "├" : item.shaft;
    const std::string_view right = ends ? "┤" : item.shaft;
    if (width == 1) {
      text.add("┼", item.role);
      return;
    }
    std::string label = item.count > 1 ? fmt::format("{}× {}", item.count, item.text) : item.text;
    // By words: half a number would be another one.
    while (!label.empty() && columns(label) + 4 > width) {
      const std::size_t blank = label.rfind(' ');
      label.resize(blank == std::string::npos ? 0 : blank);
    }
    if (!label.empty()) label = " " + label + " ";
    const std::size_t room = width - 2 - columns(label);
    text.add(left, item.role);
    for (std::size_t i = 0; i < room / 2; ++i) text.add(item.shaft, item.role);
    text.add(label, item.role);
    for (std::size_t i = room / 2; i < room; ++i) text.add(item.shaft, item.role);
    text.add(right, item.role);
  }

  const Recording& recording_;
  const StreamLanes& lanes_;
  std::size_t width_;
  std::size_t cells_;
  // What the lanes hold, all bands together.
  std::vector<Item> writes_;
  std::vector<Item> first_;
  std::vector<Item> again_;
  std::vector<Item> held_;
  std::vector<Item> reads_;
};

void direction(Page& page, const Recording& recording, const analysis::FlowEnd& writer,
               std::size_t connection, std::size_t connections, bool fold, const Options& options) {
  const StreamLanes lanes = analysis::stream_lanes(recording, writer, connection);
  if (lanes.writes.empty() && lanes.segments.empty()) return;
  const trace::Directory& names = recording.directory();
  if (!page.lines().empty()) page.blank();
  Text title(fmt::format("flow {}  {} → {}", writer.flow, names.endpoint_text(writer.key.local),
                         names.endpoint_text(writer.key.remote)),
             Role::heading);
  if (connections > 1) title.add(fmt::format("  connection {} of {}", connection + 1, connections));
  const auto again = std::count_if(
      lanes.segments.begin(), lanes.segments.end(),
      [](const StreamSegment& segment) { return segment.cause != RetransmitCause::none; });
  title.add(fmt::format("   writes {}, segments {}, of them again {}, reads {}",
                        lanes.writes.size(), lanes.segments.size(), again, lanes.reads.size()),
            Role::dim);
  page.wrap(title, options.width, 8);
  Drawing(recording, lanes, options).draw(page, fold);
}

}  // namespace

Page stream(const Recording& recording, const StreamSelection& selection, const Options& options) {
  Page page;
  const std::size_t connections = analysis::connections_of(recording, selection.flow);
  for (std::size_t connection = 0; connection < connections; ++connection) {
    for (const bool is_opener : {true, false}) {
      const auto end = analysis::flow_end(recording, selection.flow, is_opener);
      if (!end || (selection.writer != kNoNode && end->node != selection.writer)) continue;
      direction(page, recording, *end, connection, connections, selection.fold, options);
    }
  }
  if (page.lines().empty()) {
    page.line(fmt::format("nothing was written in flow {}", selection.flow), Role::dim);
  }
  return page;
}

}  // namespace strata::views
