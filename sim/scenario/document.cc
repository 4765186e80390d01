// SPDX-License-Identifier: MIT
#include "sim/scenario/document.h"

#include <fmt/format.h>
#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <boost/locale/utf.hpp>
#include <map>
#include <set>
#include <sstream>
#include <utility>

namespace strata::scenario {
namespace {

// Builds the tree from the parser's events. After the first excess it ignores what follows.
class TreeBuilder final : public YAML::EventHandler {
 public:
  TreeBuilder(int source, Diagnostics& diagnostics) : source_(source), diagnostics_(diagnostics) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    finish({.kind = ValueKind::null, .at = position(mark)}, anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    if (excess_) return;
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) {
      diagnostics_.error(position(mark), "this alias stands inside the value it names");
      finish({.kind = ValueKind::null, .at = position(mark)}, 0);
      return;
    }
    count(position(mark), known->second.values);
    if (excess_) return;
    finish(known->second.value, 0);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    check_tag(mark, tag);
    const bool is_null = tag == "?" && (value == "~" || value == "null");
    finish({.kind = is_null ? ValueKind::null : ValueKind::scalar,
            .at = position(mark),
            .text = value,
            .is_quoted = tag == "!"},
           anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, ValueKind::list);
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, ValueKind::map);
  }
  void OnMapEnd() override { close(); }

  Value take_root() { return std::move(root_); }

 private:
  struct Open {
    Value value;
    YAML::anchor_t anchor = 0;
    std::size_t values_before = 0;
    bool has_key = false;  // of a map: `key` waits for its value
    std::string key;
    Position key_at;
    std::set<std::string, std::less<>> keys;
    std::vector<std::pair<Position, Value>> merged;  // values of "<<"
  };
  struct Anchored {
    Value value;
    std::size_t values = 0;
  };

  Position position(const YAML::Mark& mark) const {
    if (source_ > 0) return {.source = source_};
    return {.source = 0, .line = mark.line + 1, .column = mark.column + 1};
  }

  void check_tag(const YAML::Mark& mark, const std::string& tag) {
    if (tag.empty() || tag == "?" || tag == "!" || tag.starts_with("tag:yaml.org,2002:")) return;
    diagnostics_.error(position(mark),
                       fmt::format("a scenario has no tags such as {}", in_quotes(tag)),
                       "leave it out");
  }

  void count(Position at, std::size_t values) {
    values_ += values;
    if (values_ <= kDocumentValuesMost || excess_) return;
    excess_ = true;
    diagnostics_.error(at, fmt::format("more than {} values", kDocumentValuesMost));
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, ValueKind kind) {
    ++depth_;
    check_tag(mark, tag);
    if (depth_ > kDocumentDepthMost && !excess_) {
      excess_ = true;
      diagnostics_.error(position(mark),
                         fmt::format("nested more than {} levels deep", kDocumentDepthMost));
    }
    if (excess_) return;
    Open opened;
    opened.value.kind = kind;
    opened.value.at = position(mark);
    opened.anchor = anchor;
    opened.values_before = values_;
    stack_.push_back(std::move(opened));
  }

  void close() {
    --depth_;
    if (excess_ || stack_.empty()) return;
    Open closed = std::move(stack_.back());
    stack_.pop_back();
    for (auto& [at, value] : closed.merged) merge(closed, at, value);
    finish(std::move(closed.value), closed.anchor, values_ - closed.values_before);
  }

  // A value is complete: it becomes the root, an item, a key or the value of a key.
  void finish(Value value, YAML::anchor_t anchor, std::size_t values = 0) {
    count(value.at, 1);
    if (excess_) return;
    if (anchor != 0) anchors_[anchor] = {value, values + 1};
    if (stack_.empty()) {
      root_ = std::move(value);
      return;
    }
    Open& parent = stack_.back();
    if (parent.value.kind == ValueKind::list) {
      parent.value.items.push_back(std::move(value));
    } else if (!parent.has_key) {
      take_key(parent, std::move(value));
    } else {
      take_value(parent, std::move(value));
    }
  }

  void take_key(Open& parent, Value value) {
    if (value.kind != ValueKind::scalar && value.kind != ValueKind::null) {
      diagnostics_.error(value.at,
                         fmt::format("a key must be a single word, not {}", to_text(value.kind)));
    }
    parent.has_key = true;
    parent.key_at = value.at;
    parent.key = std::move(value.text);
  }

  void take_value(Open& parent, Value value) {
    parent.has_key = false;
    if (parent.key == "<<") {
      parent.merged.emplace_back(parent.key_at, std::move(value));
      return;
    }
    if (!parent.keys.insert(parent.key).second) {
      const Entry* first = parent.value.find(parent.key);
      std::string where;
      if (first != nullptr && first->at.line > 0) {
        where = fmt::format(" (first at line {})", first->at.line);
      }
      diagnostics_.error(parent.key_at,
                         fmt::format("{} is given twice{}", in_quotes(parent.key), where),
                         "remove one of the two");
      return;
    }
    parent.value.entries.push_back({std::move(parent.key), parent.key_at, std::move(value)});
    parent.key.clear();
  }

  // "<<: *base": entries of the merged map that the map itself does not have.
  void merge(Open& into, Position at, Value& from) {
    if (from.kind == ValueKind::list) {
      for (Value& item : from.items) merge(into, at, item);
      return;
    }
    if (from.kind != ValueKind::map) {
      diagnostics_.error(at, "'<<' merges a map", "write for instance '<<: *name'");
      return;
    }
    for (Entry& entry : from.entries) {
      if (into.keys.insert(entry.key).second) into.value.entries.push_back(std::move(entry));
    }
  }

  int source_;
  Diagnostics& diagnostics_;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, Anchored> anchors_;
  Value root_;
  std::size_t depth_ = 0;
  std::size_t values_ = 0;
  bool excess_ = false;
};

// yaml-cpp's own words, with the mend for what people stumble over most.
std::string mend_for(std::string_view message, std::string_view line) {
  if (line.find('\t') != std::string_view::npos) return "indent with blanks, not with tabs";
  if (message.find("end of map flow") != std::string_view::npos) {
    return "close the '{' with '}', and put ',' between its entries";
  }
  if (message.find("end of sequence flow") != std::string_view::npos) {
    return "close the '[' with ']', and put ',' between its items";
  }
  if (message.find("illegal map value") != std::string_view::npos) {
    return "put a value that contains ': ' in quotes";
  }
  if (message.find("end of map not found") != std::string_view::npos) {
    return "check the indentation, and that each key ends in ':'";
  }
  return {};
}

std::string_view line_of(std::string_view text, int number) {
  std::size_t start = 0;
  for (; number > 0; --number) {
    start = text.find('\n', start);
    if (start == std::string_view::npos) return {};
    ++start;
  }
  return text.substr(start, text.find('\n', start) - start);
}

// The root of the text's document; nullopt after a mistake. After a mistake of syntax the tree is
// not what was meant, so that what else seems wrong with it is not told.
std::optional<Value> build_tree(std::string_view text, int source, Diagnostics& diagnostics) {
  Diagnostics found;
  TreeBuilder builder(source, found);
  std::istringstream stream{std::string{text}};
  try {
    YAML::Parser parser(stream);
    if (!parser.HandleNextDocument(builder)) return Value{.at = {.source = source}};
    Diagnostics ignored;
    TreeBuilder second(source, ignored);
    if (!found.has_errors() && parser.HandleNextDocument(second)) {
      found.error({.source = source}, "the file holds more than one YAML document",
                  "a scenario is one document: remove what follows '---'");
    }
  } catch (const YAML::Exception& error) {
    Position at{.source = source};
    if (source == 0 && !error.mark.is_null()) {
      at.line = error.mark.line + 1;
      at.column = error.mark.column + 1;
    }
    // What yaml-cpp says when its parser has called itself too often.
    const bool is_too_deep = error.msg == YAML::ErrorMsg::BAD_FILE;
    diagnostics.error(
        at, is_too_deep ? "nested too deeply" : fmt::format("not valid YAML: {}", error.msg),
        mend_for(error.msg, line_of(text, error.mark.line)));
    return std::nullopt;
  }
  for (const Diagnostic& diagnostic : found.all()) {
    diagnostics.error(diagnostic.at, diagnostic.what, diagnostic.mend);
  }
  if (found.has_errors()) return std::nullopt;
  return builder.take_root();
}

}  // namespace

std::string_view to_text(ValueKind kind) {
  switch (kind) {
    case ValueKind::null:
      return "nothing";
    case ValueKind::scalar:
      return "a single value";
    case ValueKind::list:
      return "a list";
    case ValueKind::map:
      return "a map";
  }
  return "?";
}

const Entry* Value::find(std::string_view key) const {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

Entry* Value::find(std::string_view key) {
  const auto found = std::find_if(entries.begin(), entries.end(),
                                  [&](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

namespace {

// Where what is not well-formed UTF-8 begins; nullopt when nothing is.
std::optional<Position> not_utf8(std::string_view text) {
  using Utf8 = boost::locale::utf::utf_traits<char>;
  Position at{.source = 0, .line = 1, .column = 1};
  const char* const end = text.data() + text.size();
  for (const char* next = text.data(); next != end; ++at.column) {
    const bool ends_line = *next == '\n';
    if (!boost::locale::utf::is_valid_codepoint(Utf8::decode(next, end))) return at;
    if (ends_line) at = {.source = 0, .line = at.line + 1, .column = 0};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Document> parse_document(std::string_view text, std::string file,
                                       Diagnostics& diagnostics) {
  Document document;
  document.sources.push_back(std::move(file));
  if (text.size() > kDocumentBytesMost) {
    diagnostics.error({}, fmt::format("the file is larger than {} MiB", kDocumentBytesMost >> 20));
    return std::nullopt;
  }
  if (text.find('\0') != std::string_view::npos) {
    diagnostics.error({}, "this is not a text file");
    return std::nullopt;
  }
  if (const auto at = not_utf8(text)) {
    diagnostics.error(*at, "what begins here is not UTF-8", "save the file in that encoding");
    return std::nullopt;
  }
  auto root = build_tree(text, 0, diagnostics);
  if (!root) return std::nullopt;
  document.root = std::move(*root);
  if (document.root.kind == ValueKind::scalar || document.root.kind == ValueKind::list) {
    diagnostics.error(
        document.root.at,
        fmt::format("a scenario is a map of keys, not {}", to_text(document.root.kind)),
        "begin with 'nodes:'");
    return std::nullopt;
  }
  return document;
}

std::optional<Value> parse_value(std::string_view text, int source, Diagnostics& diagnostics) {
  if (text.size() > kDocumentBytesMost) {
    diagnostics.error({.source = source}, "the value is too long");
    return std::nullopt;
  }
  return build_tree(text, source, diagnostics);
}

}  // namespace strata::scenario
