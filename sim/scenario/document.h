// SPDX-License-Identifier: MIT
// A scenario as a tree of text values, each with its place in the file. YAML ends here: nothing
// above this file knows yaml-cpp, and its exceptions are caught here.
//
// Values keep the text as written; what "10 ms" or "true" mean is decided by the reader of a key,
// so YAML's guesses ("no" for a country, 1:30 for ninety) never happen. Anchors, aliases and merge
// keys (<<) are resolved. Hostile input is bounded: size of the text, depth of nesting, and number
// of values after aliases are expanded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/diagnostic.h"

namespace strata::scenario {

inline constexpr std::size_t kDocumentBytesMost = 1U << 20;
inline constexpr std::size_t kDocumentDepthMost = 32;
inline constexpr std::size_t kDocumentValuesMost = 100'000;

enum class ValueKind : std::uint8_t { null, scalar, list, map };
// "nothing", "a single value", "a list", "a map": for messages.
std::string_view to_text(ValueKind kind);

struct Entry;

struct Value {
  ValueKind kind = ValueKind::null;
  Position at;
  std::string text;            // of a scalar
  bool is_quoted = false;      // the scalar stood in quotes or in a block
  std::vector<Value> items;    // of a list
  std::vector<Entry> entries;  // of a map, in order of appearance; keys are unique

  const Entry* find(std::string_view key) const;
  Entry* find(std::string_view key);
};

struct Entry {
  std::string key;
  Position at;  // of the key
  Value value;
};

struct Document {
  Value root;  // a map, or null for an empty text
  // What positions refer to: the file's name, then one entry per override.
  std::vector<std::string> sources;
};

// Reads one YAML document. Mistakes (syntax, duplicate keys, several documents, excess) go to
// `diagnostics`; with any, the result is nullopt.
std::optional<Document> parse_document(std::string_view text, std::string file,
                                       Diagnostics& diagnostics);

// Reads one value in flow style ("20ms", "[client, r1:left]"), as `--set` gives it. Positions get
// `source` and no line.
std::optional<Value> parse_value(std::string_view text, int source, Diagnostics& diagnostics);

}  // namespace strata::scenario
