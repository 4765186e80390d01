// SPDX-License-Identifier: MIT
#include "tools/strata/compare_view.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/scenario/units.h"
#include "sim/trace/words.h"
#include "tools/views/table.h"

namespace strata::cli {
namespace {

using exports::ComparedRun;
using exports::Comparison;
using exports::Json;
using exports::PacketPair;
using scenario::Quantity;
using scenario::Unit;
using views::Page;
using views::Role;
using views::Text;

constexpr std::size_t kAlikeShown = 2;   // packets that are the same, around those that are not
constexpr std::size_t kPairsShown = 60;  // lines of the ladders
constexpr std::string_view kNone = "–";

// ---- values ------------------------------------------------------------------------------------

std::optional<Unit> unit_of(std::string_view name) {
  if (name.ends_with("_bps")) return Unit::bits_per_second;
  if (name.ends_with("_bytes") || name.starts_with("bytes_")) return Unit::bytes;
  return std::nullopt;
}

std::string number_text(std::string_view name, double value) {
  if (name.ends_with("_s")) return to_text(Duration{static_cast<std::int64_t>(value * 1e9)});
  if (name.ends_with("_ns")) return to_text(Duration{static_cast<std::int64_t>(value)});
  if (name.ends_with("_ppm")) return fmt::format("{:.1f} %", value / 1e4);
  if (const auto unit = unit_of(name)) {
    return scenario::to_text(Quantity{static_cast<std::int64_t>(value), *unit});
  }
  return fmt::format("{:.0f}", value);
}

std::string value_text(std::string_view name, const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_number()) return std::string{kNone};
  return number_text(name, value.get<double>());
}

// "+3", "-12 ms (-40 %)", "=".
std::string difference_text(std::string_view name, const Json& a, const Json& b) {
  if (a == b) return "=";
  if (!a.is_number() || !b.is_number()) return "";
  const double before = a.get<double>();
  const double change = b.get<double>() - before;
  std::string text = (change > 0 ? "+" : "−") + number_text(name, std::abs(change));
  if (before != 0) text += fmt::format(" ({:+.0f} %)", change / before * 100);
  return text;
}

// "queue peak": the unit stands with the value.
std::string title_of(std::string_view name) {
  std::string title{name};
  for (const std::string_view unit : {"_bps", "_bytes", "_ns", "_ppm", "_s"}) {
    if (title.ends_with(unit)) title.resize(title.size() - unit.size());
  }
  if (title.starts_with("bytes_")) title = title.substr(6);
  if (title.starts_with("tcp.")) title = title.substr(4);
  std::replace(title.begin(), title.end(), '_', ' ');
  std::replace(title.begin(), title.end(), '.', ' ');
  return title;
}

// ---- tables ------------------------------------------------------------------------------------

void write_settings(Page& page, const Comparison& comparison, const views::Options& options) {
  page.line("settings", Role::heading);
  if (comparison.settings.empty()) {
    page.line("  the same in both", Role::dim);
    return;
  }
  const auto cell = [](const std::string& text) {
    return text.empty() ? std::string{kNone} : text;
  };
  views::Table table({{""}, {"A"}, {"B"}});
  for (const exports::SettingDifference& setting : comparison.settings) {
    table.row({{"  " + setting.path}, {cell(setting.a)}, {cell(setting.b)}});
  }
  table.write(page, options);
}

void write_figures(Page& page, const Comparison& comparison, const views::Options& options) {
  page.line("figures", Role::heading);
  views::Table table({{""}, {"A"}, {"B"}, {"B − A"}});
  std::string group;
  for (const exports::FigureComparison& figure : comparison.figures) {
    std::string a = value_text(figure.name, figure.a);
    std::string b = value_text(figure.name, figure.b);
    if (a == b && figure.a != figure.b) continue;  // too close to tell apart here
    if (figure.group != group && figure.group != "run") {
      table.row({{"  " + figure.group}, {}, {}, {}});
    }
    group = figure.group;
    const std::string indent = group == "run" ? "  " : "    ";
    const Role role = figure.a == figure.b ? Role::dim : Role::plain;
    table.row({{indent + title_of(figure.name), role},
               {std::move(a), role},
               {std::move(b), role},
               {difference_text(figure.name, figure.a, figure.b), role}});
  }
  table.write(page, options);
}

// ---- the first event that differs --------------------------------------------------------------

std::string event_text(const Json& event, const std::vector<std::string>& fields) {
  if (event.is_null()) return "nothing more happened";
  std::string text = event["event"];
  std::replace(text.begin(), text.end(), '_', ' ');
  if (!event["node"].is_null()) text += fmt::format(" at {}", event["node"].get<std::string>());
  if (!event["uid"].is_null()) text += fmt::format(" #{}", event["uid"].get<std::uint64_t>());
  std::string shown;
  for (const std::string& field : fields) {
    const Json& value = event[field];
    // Octets, ports and instants of the same event say little.
    if (field == "t_ns" || value.is_object() || value.is_array()) continue;
    const std::string part = exports::text_of(value, false);
    if (part.size() > 40) continue;
    shown += fmt::format("{}{} {}", shown.empty() ? ": " : ", ", field, part);
  }
  return text + shown;
}

void write_divergence(Page& page, const Comparison& comparison, std::size_t width) {
  page.line("first difference", Role::heading);
  if (!comparison.divergence) {
    page.line("  none: both runs went the same way", Role::good);
    return;
  }
  const exports::Divergence& found = *comparison.divergence;
  for (const auto& [name, event] :
       {std::pair{"A", &found.a_event}, std::pair{"B", &found.b_event}}) {
    const std::string time = event->is_null()
                                 ? std::string{kNone}
                                 : to_text(Duration{(*event)["t_ns"].get<std::int64_t>()}, 6);
    Text line(fmt::format("  {}  {:<14} ", name, time));
    line.add(event_text(*event, found.fields));
    page.wrap(line, width, 5);
  }
}

// ---- ladders -----------------------------------------------------------------------------------

class Ladders {
 public:
  Ladders(const ComparedRun& a, const ComparedRun& b, std::size_t width)
      : a_(a), b_(b), half_((width - 3) / 2) {}

  Text heading() const {
    Text text = side_heading("A");
    text.pad_to(half_).add(" │ ", Role::dim).add(side_heading("B"));
    return text;
  }
  // As many lines as the longer of the two takes.
  void write(Page& page, const PacketPair& pair) const {
    const std::vector<Text> left = side(a_, pair.a).wrapped(half_, kTimeColumns);
    const std::vector<Text> right = side(b_, pair.b).wrapped(half_, kTimeColumns);
    for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
      Text line = i < left.size() ? left[i] : Text{};
      line.pad_to(half_);
      const bool differs = i == 0 && !pair.is_alike();
      line.add(differs ? " ≠ " : " │ ", differs ? Role::bad : Role::dim);
      if (i < right.size()) line.add(right[i]);
      page.line(std::move(line));
    }
  }

 private:
  static constexpr std::size_t kTimeColumns = 11;

  static Text side_heading(std::string_view name) {
    return Text(fmt::format("{:>10}  {}", "t ms", name), Role::heading);
  }
  // "   36.809 → DATA 2921:4381 ✗ loss".
  Text side(const ComparedRun& run, const std::optional<views::LadderRow>& row) const {
    Text text;
    if (!row) return text;
    const auto us = (row->sent - kStart).count() / 1000;
    text.add(fmt::format("{:>6}.{:03} ", us / 1000, us % 1000), Role::dim);
    const std::string_view from = run.recording->directory().node_name(row->from);
    text.add(fmt::format("{} ", from), Role::dim);
    text.pad_to(half_ >= 55 ? 22 : 18).add(row->label.text, row->label.role);
    if (row->end) text.add(fmt::format(" ✗ {}", words_of(row->end->reason)), Role::drop);
    return text;
  }

  const ComparedRun& a_;
  const ComparedRun& b_;
  std::size_t half_;
};

void write_packets(Page& page, const ComparedRun& a, const ComparedRun& b,
                   const Comparison& comparison, const ComparisonOptions& options) {
  const std::vector<PacketPair>& pairs = comparison.packets;
  const Ladders ladders(a, b, options.view.width);
  page.line("packets", Role::heading);
  page.line(ladders.heading());
  const auto is_near = [&](std::size_t i) {
    if (options.is_complete) return true;
    const std::size_t from = i - std::min(i, kAlikeShown);
    const std::size_t to = std::min(pairs.size(), i + kAlikeShown + 1);
    return std::any_of(pairs.begin() + static_cast<std::ptrdiff_t>(from),
                       pairs.begin() + static_cast<std::ptrdiff_t>(to),
                       [](const PacketPair& pair) { return !pair.is_alike(); });
  };
  std::size_t shown = 0;
  for (std::size_t i = 0; i < pairs.size();) {
    std::size_t end = i;
    while (end < pairs.size() && !is_near(end)) ++end;
    if (end > i) {
      page.line(
          fmt::format("{:>10}  {} {} alike", "⋮", end - i, end - i == 1 ? "packet" : "packets"),
          Role::dim);
      i = end;
      continue;
    }
    if (!options.is_complete && shown == kPairsShown) {
      page.line(fmt::format("{:>10}  {} more; --all shows them", "⋮", pairs.size() - i), Role::dim);
      break;
    }
    ladders.write(page, pairs[i++]);
    ++shown;
  }
  if (comparison.packets_cut) {
    page.line(fmt::format("{:>10}  only the first packets of each run are compared", "⋮"),
              Role::dim);
  }
}

void write_title(Page& page, std::string_view name, const ComparedRun& run, std::size_t width) {
  Text line(fmt::format("{}  ", name), Role::heading);
  line.add(views::printable(run.file));
  line.add(fmt::format("  seed {}  fingerprint {:016x}", run.seed, run.fingerprint), Role::dim);
  page.wrap(line, width);
}

}  // namespace

Page comparison_page(const ComparedRun& a, const ComparedRun& b, const Comparison& comparison,
                     const ComparisonOptions& options) {
  const std::size_t width = options.view.width;
  Page page;
  write_title(page, "A", a, width);
  write_title(page, "B", b, width);
  page.blank();
  write_settings(page, comparison, options.view);
  page.blank();
  write_figures(page, comparison, options.view);
  page.blank();
  write_divergence(page, comparison, width);
  page.blank();
  write_packets(page, a, b, comparison, options);
  return page;
}

}  // namespace strata::cli
