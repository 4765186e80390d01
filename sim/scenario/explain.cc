// SPDX-License-Identifier: MIT
#include "sim/scenario/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/scenario/parse.h"
#include "sim/scenario/schema.h"
#include "stack/application/program.h"

namespace strata::scenario {
namespace {

constexpr std::size_t kNoteColumn = 48;

class Explainer {
 public:
  explicit Explainer(std::string& out) : out_(out) {}

  void section(Section section, const Value* map, int depth) {
    const std::uint8_t kind = section == Section::node ? kind_of(map) : std::uint8_t{on_any};
    const std::string_view profile = section == Section::tcp ? profile_of(map) : "";
    for (const Key& key : keys(section)) {
      if ((key.nodes & kind) == 0) continue;
      const Entry* entry = map != nullptr ? map->find(key.name) : nullptr;
      if (entry != nullptr && entry->value.kind == ValueKind::null) entry = nullptr;
      if (entry != nullptr) {
        given(key, entry->value, depth);
      } else if (!key.fallback.empty() && !has_alternative(key, map)) {
        const std::string_view fallback = fallback_under(key, profile);
        line(depth, fmt::format("{}: {}", key.name, fallback),
             fallback == key.fallback ? "default" : fmt::format("default of {}", profile));
      } else if (key.kind == Kind::map && has_defaults(key.child)) {
        line(depth, fmt::format("{}:", key.name), "");
        section_defaults(key.child, depth + 1);
      }
    }
    if (section == Section::process && map != nullptr) program(*map, depth);
  }

 private:
  static std::uint8_t kind_of(const Value* map) {
    const Entry* kind = map != nullptr ? map->find("kind") : nullptr;
    if (map != nullptr && map->find("device") != nullptr) return on_device;
    if (kind == nullptr || kind->value.text == "host") return on_host;
    return kind->value.text == "router" ? on_router : on_switch;
  }

  static std::string_view profile_of(const Value* tcp) {
    const Entry* profile = tcp != nullptr ? tcp->find("profile") : nullptr;
    return profile != nullptr ? std::string_view{profile->value.text} : std::string_view{};
  }

  // A key whose default does not hold because another one was given, or is missing.
  static bool has_alternative(const Key& key, const Value* map) {
    if (map == nullptr) return false;
    if (key.section == Section::node && key.name == "kind") return map->find("device") != nullptr;
    const std::vector<std::string> beside = words_of(key.beside);
    if (!beside.empty() && std::none_of(beside.begin(), beside.end(), [&](const std::string& name) {
          return map->find(name) != nullptr;
        })) {
      return true;
    }
    const bool is_length =
        key.section == Section::link && (key.name == "length" || key.name == "medium");
    return is_length && map->find("delay") != nullptr;
  }

  // Only the options of a node's layers hold without being written; captures and the like do not.
  static bool has_defaults(Section section) {
    return section == Section::tcp || section == Section::network || section == Section::arp;
  }

  void section_defaults(Section of, int depth) { section(of, nullptr, depth); }

  void line(int depth, std::string text, std::string_view note) {
    std::string whole = std::string(static_cast<std::size_t>(depth) * 2, ' ') + std::move(text);
    if (!note.empty()) {
      whole.resize(std::max(whole.size() + 1, kNoteColumn), ' ');
      whole += fmt::format("# {}", note);
    }
    out_ += whole + "\n";
  }

  static std::string scalar(const Value& value) {
    if (value.kind == ValueKind::null) return "null";
    const bool needs_quotes = value.is_quoted || value.text.empty() ||
                              value.text.find_first_of(":#{}[],&*!|>'\"%@`\n") != std::string::npos;
    if (!needs_quotes) return value.text;
    std::string text = "\"";
    for (const char c : value.text) {
      if (c == '\n') {
        text += "\\n";
        continue;
      }
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    return text + "\"";
  }

  static std::string flow(const Value& value) {
    std::string text;
    if (value.kind == ValueKind::list) {
      for (const Value& item : value.items) text += (text.empty() ? "" : ", ") + flow(item);
      return "[" + text + "]";
    }
    if (value.kind == ValueKind::map) {
      for (const Entry& entry : value.entries) {
        text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", entry.key, flow(entry.value));
      }
      return "{ " + text + " }";
    }
    return scalar(value);
  }

  void given(const Key& key, const Value& value, int depth) {
    const bool is_map =
        key.kind == Kind::map || key.kind == Kind::map_or_share || key.kind == Kind::map_or_queue;
    if (is_map && value.kind == ValueKind::map) {
      line(depth, fmt::format("{}:", key.name), "");
      section(key.child, &value, depth + 1);
    } else if (key.kind == Kind::named_maps) {
      line(depth, fmt::format("{}:", key.name), "");
      for (const Entry& entry : value.entries) {
        line(depth + 1, entry.key + ":", "");
        section(key.child, &entry.value, depth + 2);
      }
    } else if (key.kind == Kind::list_of_maps) {
      line(depth, fmt::format("{}:", key.name), "");
      for (const Value& item : value.items) list_item(key.child, item, depth + 1);
    } else {
      line(depth, fmt::format("{}: {}", key.name, flow(value)), "");
    }
  }

  // The first line of an item carries the dash.
  void list_item(Section of, const Value& item, int depth) {
    const std::size_t start = out_.size();
    section(of, &item, depth + 1);
    const std::size_t dash = start + static_cast<std::size_t>(depth) * 2;
    if (dash < out_.size()) out_[dash] = '-';
  }

  void program(const Value& map, int depth) {
    const Entry* run = map.find("run");
    const application::Program* program =
        run != nullptr ? application::find_program(run->value.text) : nullptr;
    if (program == nullptr) return;
    for (const application::Parameter& parameter : program->parameters) {
      const Entry* entry = map.find(parameter.name);
      if (entry != nullptr) {
        line(depth, fmt::format("{}: {}", parameter.name, flow(entry->value)), "");
      } else if (!parameter.fallback.empty()) {
        line(depth, fmt::format("{}: {}", parameter.name, parameter.fallback), "default");
      }
    }
  }

  std::string& out_;
};

}  // namespace

std::string explain(const Document& document) {
  std::string out;
  Explainer(out).section(Section::scenario, &document.root, 0);
  return out;
}

}  // namespace strata::scenario
