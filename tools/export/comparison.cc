// SPDX-License-Identifier: MIT
#include "tools/export/comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "tools/export/event_line.h"
#include "tools/export/format.h"

namespace strata::exports {
namespace {

using trace::Recording;
using views::LadderRow;

// ---- settings ----------------------------------------------------------------------------------

using Settings = std::map<std::string, std::string>;

// What is said about a run, or asked of it, does not change it.
bool changes_a_run(const std::string& path) {
  for (const std::string_view word : {"title", "about", "tags", "show", "expect"}) {
    if (path.substr(0, path.find('.')) == word) return false;
  }
  return true;
}

// Is there a setting at `path` or below it?
bool has_below(const Settings& settings, const std::string& path) {
  const auto next = settings.lower_bound(path);
  return next != settings.end() && (next->first == path || next->first.starts_with(path + "."));
}

// Settings that only one run has. Of a node or link with all that belongs to it one line is enough.
void only_in(const std::vector<std::pair<std::string, std::string>>& settings,
             const Settings& others, bool is_a, std::vector<SettingDifference>& differences) {
  std::string covered;
  for (const auto& [path, value] : settings) {
    if (!changes_a_run(path) || others.contains(path)) continue;
    if (!covered.empty() && path.starts_with(covered + ".")) continue;
    std::size_t end = path.find('.');
    while (end != std::string::npos && has_below(others, path.substr(0, end))) {
      end = path.find('.', end + 1);
    }
    covered = path.substr(0, end);
    const std::string shown = end == std::string::npos ? value : "(all of it)";
    differences.push_back(is_a ? SettingDifference{covered, shown, ""}
                               : SettingDifference{covered, "", shown});
  }
}

std::vector<SettingDifference> compare_settings(const ComparedRun& a, const ComparedRun& b) {
  const Settings ours(a.settings.begin(), a.settings.end());
  const Settings theirs(b.settings.begin(), b.settings.end());
  std::vector<SettingDifference> differences;
  for (const auto& [path, value] : a.settings) {
    const auto other = theirs.find(path);
    if (other != theirs.end() && other->second != value && changes_a_run(path)) {
      differences.push_back({path, value, other->second});
    }
  }
  only_in(a.settings, theirs, true, differences);
  only_in(b.settings, ours, false, differences);
  return differences;
}

// ---- figures -----------------------------------------------------------------------------------

// The figures that are worth a line; what is marked is shown even where it is equal.
struct Chosen {
  const char* pointer;
  bool is_always = false;
};
constexpr std::array kOfRun{Chosen{"/finished_s", true}, Chosen{"/frames/sent", true},
                            Chosen{"/frames/delivered"}, Chosen{"/frames/dropped/total", true},
                            Chosen{"/tcp/retransmissions/total", true}};
constexpr std::array kOfFlow{Chosen{"/bytes_delivered", true},
                             Chosen{"/goodput_bps", true},
                             Chosen{"/retransmissions/total", true},
                             Chosen{"/bytes_retransmitted"},
                             Chosen{"/duplicate_acks"},
                             Chosen{"/out_of_order"},
                             Chosen{"/rtt_min_ns"},
                             Chosen{"/rtt_mean_ns", true},
                             Chosen{"/rtt_max_ns"},
                             Chosen{"/handshake_ns"},
                             Chosen{"/state"}};
constexpr std::array kOfLink{
    Chosen{"/sent"},   Chosen{"/dropped/total"},    Chosen{"/corrupted"},      Chosen{"/truncated"},
    Chosen{"/marked"}, Chosen{"/queue_peak_bytes"}, Chosen{"/utilisation_ppm"}};

Json at(const Json& json, const std::string& pointer) {
  const Json::json_pointer where(pointer);
  return json.is_null() || !json.contains(where) ? Json{} : json.at(where);
}

class Figures {
 public:
  Figures(const Json& a, const Json& b) : a_(a), b_(b) {}

  std::vector<FigureComparison> compare() {
    add("run", "", kOfRun);
    causes("run", "/frames/dropped");
    causes("run", "/tcp/retransmissions");
    const std::size_t flows = std::max(at(a_, "/flows").size(), at(b_, "/flows").size());
    for (std::size_t i = 0; i < flows; ++i) {
      const std::string group = fmt::format("flow {}", i + 1);
      const std::string path = fmt::format("/flows/{}", i);
      add(group, path, kOfFlow);
      const Json back_a = at(a_, path + "/back/bytes_delivered");
      const Json back_b = at(b_, path + "/back/bytes_delivered");
      if (is_positive(back_a) || is_positive(back_b)) add(group + " back", path + "/back", kOfFlow);
    }
    const Json links = at(a_, "/links");
    for (const auto& [name, link] : links.items()) {
      for (const auto& [side, figures] : link.items()) {
        const std::string path = fmt::format("/links/{}/{}", escaped(name), escaped(side));
        if (!side.starts_with("from-") || at(b_, path).is_null()) continue;
        add(fmt::format("link {} from {}", name, side.substr(5)), path, kOfLink);
      }
    }
    return std::move(rows_);
  }

 private:
  static bool is_positive(const Json& value) { return value.is_number() && value > 0; }
  // A part of a JSON pointer (RFC 6901).
  static std::string escaped(const std::string& part) {
    std::string text;
    for (const char c : part) text += c == '~' ? "~0" : c == '/' ? "~1" : std::string(1, c);
    return text;
  }

  template <std::size_t Count>
  void add(const std::string& group, const std::string& path,
           const std::array<Chosen, Count>& chosen) {
    for (const Chosen& figure : chosen) {
      one(group, path, figure.pointer, figure.is_always);
    }
  }
  void one(const std::string& group, const std::string& path, const std::string& pointer,
           bool is_always) {
    Json a = at(a_, path + pointer);
    Json b = at(b_, path + pointer);
    if (a.is_null() && b.is_null()) return;
    if (a == b && !is_always) return;
    std::string name = pointer.substr(1);
    std::replace(name.begin(), name.end(), '/', '.');
    if (name.ends_with(".total")) name.resize(name.size() - 6);
    rows_.push_back({group, std::move(name), std::move(a), std::move(b)});
  }
  // Each cause that differs.
  void causes(const std::string& group, const std::string& pointer) {
    std::vector<std::string> names;
    for (const Json* side : {&a_, &b_}) {
      const Json counts = at(*side, pointer);
      for (const auto& [cause, count] : counts.items()) {
        if (cause != "total" && std::find(names.begin(), names.end(), cause) == names.end()) {
          names.push_back(cause);
        }
      }
    }
    for (const std::string& cause : names) one(group, "", pointer + "/" + escaped(cause), false);
  }

  const Json& a_;
  const Json& b_;
  std::vector<FigureComparison> rows_;
};

// ---- the first event that differs --------------------------------------------------------------

std::optional<Divergence> first_difference(const Recording& a, const Recording& b) {
  const std::vector<std::uint32_t> a_flows = flows_of_events(a);
  const std::vector<std::uint32_t> b_flows = flows_of_events(b);
  const std::size_t common = std::min(a.events().size(), b.events().size());
  std::size_t i = 0;
  while (i < common && event_essence(a.events()[i], a_flows[i], a.directory()) ==
                           event_essence(b.events()[i], b_flows[i], b.directory())) {
    ++i;
  }
  if (i == a.events().size() && i == b.events().size()) return std::nullopt;
  Divergence found;
  const auto index = static_cast<trace::EventIndex>(i);
  if (i < a.events().size()) {
    found.a = index;
    found.a_event = Json::parse(event_line(a.events()[i], a_flows[i], a.directory()));
  }
  if (i < b.events().size()) {
    found.b = index;
    found.b_event = Json::parse(event_line(b.events()[i], b_flows[i], b.directory()));
  }
  if (found.a && found.b && found.a_event["event"] == found.b_event["event"]) {
    for (const auto& [name, value] : found.a_event.items()) {
      if (found.b_event.contains(name) && found.b_event[name] != value)
        found.fields.push_back(name);
    }
  }
  return found;
}

// ---- packets -----------------------------------------------------------------------------------

constexpr std::size_t kPacketsMost = 600;

// Two packets with the same key are the same packet of the two runs, whatever options it carries
// and why it was sent: "client RETX 2921:4381".
std::string key_of(const Recording& recording, const LadderRow& row) {
  std::string_view words = row.label.text;
  for (const std::string_view more : {" <", " (", " dup", ","}) {
    words = words.substr(0, words.find(more));
  }
  return fmt::format("{} {}", recording.directory().node_name(row.from), words);
}

std::vector<LadderRow> rows_of(const Recording& recording, std::optional<std::uint32_t> flow,
                               bool& cut) {
  std::vector<LadderRow> rows = views::ladder_rows(
      recording, {.flow = recording.flow(flow.value_or(0)) ? flow : std::nullopt});
  std::stable_sort(rows.begin(), rows.end(),
                   [](const LadderRow& a, const LadderRow& b) { return a.sent < b.sent; });
  if (rows.size() > kPacketsMost) {
    rows.resize(kPacketsMost);
    cut = true;
  }
  return rows;
}

// The longest common subsequence of the keys, and what stands between as packets of one run alone.
std::vector<PacketPair> align(const std::vector<LadderRow>& a,
                              const std::vector<std::string>& a_keys,
                              const std::vector<LadderRow>& b,
                              const std::vector<std::string>& b_keys) {
  const std::size_t columns = b.size() + 1;
  std::vector<std::uint16_t> length((a.size() + 1) * columns, 0);
  for (std::size_t i = a.size(); i-- > 0;) {
    for (std::size_t j = b.size(); j-- > 0;) {
      const std::size_t here = i * columns + j;
      length[here] = a_keys[i] == b_keys[j]
                         ? static_cast<std::uint16_t>(length[here + columns + 1] + 1)
                         : std::max(length[here + columns], length[here + 1]);
    }
  }
  std::vector<PacketPair> pairs;
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() || j < b.size()) {
    const bool has_both = i < a.size() && j < b.size();
    if (has_both && a_keys[i] == b_keys[j]) {
      pairs.push_back({a[i++], b[j++]});
      continue;
    }
    const std::size_t here = i * columns + j;
    const bool takes_a =
        has_both ? length[here + columns] > length[here + 1] ||
                       (length[here + columns] == length[here + 1] && a[i].sent <= b[j].sent)
                 : i < a.size();
    if (takes_a) {
      pairs.push_back({a[i++], std::nullopt});
    } else {
      pairs.push_back({std::nullopt, b[j++]});
    }
  }
  return pairs;
}

Json packet_json(const Recording& recording, const std::optional<LadderRow>& row) {
  if (!row) return {};
  const trace::Directory& names = recording.directory();
  return {{"uid", raw(row->uid)},
          {"from", names.node_name(row->from)},
          {"to", names.node_name(row->to)},
          {"sent_ns", json_of(row->sent)},
          {"arrived_ns", json_of(row->arrived)},
          {"label", row->label.text},
          {"drop", row->end ? Json(to_text(row->end->reason)) : Json{}}};
}

}  // namespace

Comparison compare(const ComparedRun& a, const ComparedRun& b, std::optional<std::uint32_t> flow) {
  Comparison comparison;
  comparison.settings = compare_settings(a, b);
  comparison.figures = Figures(a.figures, b.figures).compare();
  comparison.divergence = first_difference(*a.recording, *b.recording);
  const std::vector<LadderRow> a_rows = rows_of(*a.recording, flow, comparison.packets_cut);
  const std::vector<LadderRow> b_rows = rows_of(*b.recording, flow, comparison.packets_cut);
  std::vector<std::string> a_keys;
  std::vector<std::string> b_keys;
  for (const LadderRow& row : a_rows) a_keys.push_back(key_of(*a.recording, row));
  for (const LadderRow& row : b_rows) b_keys.push_back(key_of(*b.recording, row));
  comparison.packets = align(a_rows, a_keys, b_rows, b_keys);
  return comparison;
}

Json comparison_json(const ComparedRun& a, const ComparedRun& b, const Comparison& comparison) {
  Json json{{"version", 1}};
  for (const auto& [name, run] : {std::pair{"a", &a}, std::pair{"b", &b}}) {
    json[name] = {{"file", run->file},
                  {"seed", run->seed},
                  {"fingerprint", fmt::format("{:016x}", run->fingerprint)}};
  }
  json["settings"] = Json::array();
  for (const SettingDifference& setting : comparison.settings) {
    json["settings"].push_back({{"path", setting.path},
                                {"a", setting.a.empty() ? Json{} : Json(setting.a)},
                                {"b", setting.b.empty() ? Json{} : Json(setting.b)}});
  }
  json["figures"] = Json::array();
  for (const FigureComparison& figure : comparison.figures) {
    const bool are_numbers = figure.a.is_number() && figure.b.is_number();
    json["figures"].push_back(
        {{"group", figure.group},
         {"name", figure.name},
         {"a", figure.a},
         {"b", figure.b},
         {"difference",
          are_numbers ? Json(figure.b.get<double>() - figure.a.get<double>()) : Json{}}});
  }
  json["first_difference"] = Json{};
  if (comparison.divergence) {
    json["first_difference"] = {{"a", comparison.divergence->a_event},
                                {"b", comparison.divergence->b_event},
                                {"fields", comparison.divergence->fields}};
  }
  json["packets"] = Json::array();
  for (const PacketPair& pair : comparison.packets) {
    json["packets"].push_back({{"a", packet_json(*a.recording, pair.a)},
                               {"b", packet_json(*b.recording, pair.b)},
                               {"alike", pair.is_alike()}});
  }
  json["packets_cut"] = comparison.packets_cut;
  return json;
}

}  // namespace strata::exports
