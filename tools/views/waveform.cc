// SPDX-License-Identifier: MIT
#include "tools/views/waveform.h"

#include <fmt/format.h>

#include <algorithm>

#include "stack/physical/framing.h"
#include "tools/views/journey.h"
#include "tools/views/label.h"

namespace strata::views {
namespace {

using physical::LineCodeKind;
using physical::Symbols;

constexpr std::size_t kMargin = 6;  // columns for the names of the rows
constexpr std::size_t kPerSymbol = 2;

// Where the symbols of the octets of a frame begin in the encoded signal, and how many each has.
struct Layout {
  std::size_t begin = 0;
  std::size_t per_octet = 0;
};

Layout layout_of(LineCodeKind code) {
  const physical::SymbolRatio ratio = physical::symbol_ratio(code);
  const std::size_t per_octet = 8 * ratio.symbols / ratio.bits;
  // 4B5B: one idle group goes before the preamble (line_code.h).
  const std::size_t idle = code == LineCodeKind::mlt3 ? 5 : 0;
  return {idle + physical::kPreambleAndStartBytes * per_octet, per_octet};
}

// One line of the picture: octets side by side.
class Wave {
 public:
  explicit Wave(const Waveform& wave) : wave_(wave), symbols_(wave.symbols) {}

  std::size_t columns_each() const { return wave_.symbols_per_octet * kPerSymbol; }

  void draw(Page& page, std::size_t first, std::size_t count) const {
    octets(page, first, count);
    bits(page, first, count);
    if (wave_.code == LineCodeKind::mlt3) groups(page, first, count);
    for (const int level : {1, 0, -1}) {
      if (std::find(symbols_.begin(), symbols_.end(), level) != symbols_.end()) {
        row(page, first, count, level);
      }
    }
  }

 private:
  void octets(Page& page, std::size_t first, std::size_t count) const {
    Text text("octet", Role::dim);
    for (std::size_t i = 0; i < count; ++i) {
      text.pad_to(kMargin + i * columns_each());
      text.add(fmt::format("{:04x}: ", wave_.first + first + i), Role::dim);
      text.add(fmt::format("{:02x}", wave_.octets[first + i]), Role::heading);
    }
    page.line(std::move(text));
  }

  // Least significant first: in the order they are sent (IEEE 802.3 3.3).
  void bits(Page& page, std::size_t first, std::size_t count) const {
    Text text("bit", Role::dim);
    const std::size_t each = columns_each() / 8;
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t bit = 0; bit < 8; ++bit) {
        // Five symbols for four bits: the bits stand evenly over them.
        const std::size_t within = bit * columns_each() / 8 + (each > 2 ? 1 : 0);
        text.pad_to(kMargin + i * columns_each() + within);
        text.add((wave_.octets[first + i] >> bit & 1) != 0 ? "1" : "0");
      }
    }
    page.line(std::move(text));
  }

  // MLT-3 steps where the five-bit group has a one.
  void groups(Page& page, std::size_t first, std::size_t count) const {
    Text text("4B5B", Role::dim);
    for (std::size_t i = 0; i < count * wave_.symbols_per_octet; ++i) {
      const std::size_t at = first * wave_.symbols_per_octet + i;
      text.pad_to(kMargin + i * kPerSymbol);
      text.add(symbols_[at] != level_before(at) ? "1" : "0", Role::dim);
    }
    page.line(std::move(text));
  }

  int level_before(std::size_t at) const { return at == 0 ? wave_.level_before : symbols_[at - 1]; }

  // The signal where it is at `level`, and the edges that pass it.
  void row(Page& page, std::size_t first, std::size_t count, int level) const {
    Text text(level > 0 ? "+1" : level < 0 ? "-1" : "0", Role::dim);
    text.pad_to(kMargin - 1);
    const std::size_t begin = first * wave_.symbols_per_octet;
    for (std::size_t i = 0; i < count * wave_.symbols_per_octet; ++i) {
      const int now = symbols_[begin + i];
      const int before = level_before(begin + i);
      text.add(edge(before, now, level), Role::physical);
      for (std::size_t c = 1; c < kPerSymbol; ++c) {
        text.add(now == level ? "─" : " ", Role::physical);
      }
    }
    page.line(std::move(text));
  }

  static std::string_view edge(int before, int now, int level) {
    if (before == now) return now == level ? "─" : " ";
    if (now == level) return before < level ? "┌" : "└";
    if (before == level) return now < level ? "┐" : "┘";
    const bool passes = (before < level) != (now < level);
    return passes ? "│" : " ";
  }

  const Waveform& wave_;
  const Symbols& symbols_;
};

}  // namespace

tl::expected<Waveform, std::string> waveform_of(const trace::Recording& recording,
                                                const WaveformSelection& selection) {
  const Journey journey = journey_of(recording, selection.uid);
  const auto hop = std::find_if(journey.hops.begin(), journey.hops.end(), [&](const Hop& each) {
    return !selection.link || each.link == *selection.link;
  });
  if (hop == journey.hops.end()) {
    return tl::unexpected(fmt::format("packet #{} was never on {}", raw(selection.uid),
                                      selection.link ? "that link" : "a link"));
  }
  const Bytes frame = hop->sent_frame;
  if (selection.first >= frame.size()) {
    return tl::unexpected(fmt::format("the frame has only {} octets", frame.size()));
  }
  Waveform wave;
  wave.hop = *hop;
  const trace::LinkEntry* link = recording.directory().link(hop->link);
  wave.code = selection.code.value_or(
      link != nullptr && link->line_code ? *link->line_code : LineCodeKind::manchester);
  wave.rate_bps = link == nullptr ? 0 : link->rate_bps;
  const std::size_t last = std::min<std::size_t>(selection.last, frame.size() - 1);
  wave.first = selection.first;
  wave.octets = frame.subspan(wave.first, last < wave.first ? 0 : last - wave.first + 1);
  const Symbols all = physical::encode(wave.code, physical::with_preamble(frame));
  const Layout layout = layout_of(wave.code);
  wave.symbols_per_octet = layout.per_octet;
  const std::size_t begin = layout.begin + wave.first * layout.per_octet;
  wave.level_before = begin == 0 ? 0 : all[begin - 1];
  const auto from = all.begin() + static_cast<std::ptrdiff_t>(begin);
  wave.symbols.assign(from,
                      from + static_cast<std::ptrdiff_t>(wave.octets.size() * layout.per_octet));
  return wave;
}

Page waveform(const trace::Recording& recording, const WaveformSelection& selection,
              const Options& options) {
  Page page;
  const auto wave = waveform_of(recording, selection);
  if (!wave) {
    page.line(wave.error(), Role::bad);
    return page;
  }
  const Label label = Labeller(recording).label(selection.uid);
  Text title(fmt::format("#{}  ", raw(selection.uid)), Role::heading);
  title.add(label.text, label.role);
  page.wrap(title, options.width);
  std::string medium = fmt::format("{} on {}", physical::title(wave->code),
                                   recording.directory().link_name(wave->hop.link));
  if (wave->rate_bps > 0) {
    const auto baud = static_cast<double>(physical::baud(wave->code, wave->rate_bps));
    medium += fmt::format(", {:.4g} MBd, {:.4g} ns a symbol", baud / 1e6, 1e9 / baud);
  }
  page.wrap(Text(medium, Role::physical), options.width);
  const Wave picture(*wave);
  const std::size_t each =
      std::max<std::size_t>(1, (options.width - kMargin) / picture.columns_each());
  for (std::size_t first = 0; first < wave->octets.size(); first += each) {
    if (first > 0) page.blank();
    picture.draw(page, first, std::min(each, wave->octets.size() - first));
  }
  return page;
}

}  // namespace strata::views
