// SPDX-License-Identifier: MIT
#include "sim/scenario/filter.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <vector>

#include "sim/scenario/reader.h"
#include "sim/scenario/topology.h"

namespace strata::scenario {
namespace {

// Words that may follow src or dst without being a host, and words that end a name list.
constexpr std::array<std::string_view, 10> kQualifiers{
    "host", "net", "port", "portrange", "or", "and", "src", "dst", "not", "gateway"};

bool is_qualifier(std::string_view word) {
  return std::find(kQualifiers.begin(), kQualifiers.end(), word) != kQualifiers.end();
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.' || c == ':';
}

// Words, and the text between them, alternating: text, word, text, word, ..., text.
std::vector<std::string> split(const std::string& filter) {
  std::vector<std::string> pieces(1);
  bool in_word = false;
  for (const char c : filter) {
    if (is_word(c) != in_word) {
      in_word = !in_word;
      pieces.emplace_back();
    }
    pieces.back() += c;
  }
  if (in_word) pieces.emplace_back();
  return pieces;
}

std::vector<std::string> addresses_of(const Model& model, const std::string& name, bool is_mac) {
  std::vector<std::string> addresses;
  for (std::size_t node = 0; node < model.nodes.size(); ++node) {
    if (model.nodes[node].name != name) continue;
    for (std::size_t port = 0; port < model.nodes[node].ports.size(); ++port) {
      if (is_mac) addresses.push_back(strata::to_text(mac_of({node, port})));
      if (is_mac) continue;
      for (const Prefix& prefix : model.nodes[node].ports[port].addresses) {
        addresses.push_back(strata::to_text(prefix.address));
      }
    }
  }
  return addresses;
}

// The qualifiers in front of word `i`: "src host", "ether dst", "host", ...; their pieces begin at
// the returned index.
std::size_t qualifiers_before(const std::vector<std::string>& pieces, std::size_t i) {
  static constexpr std::array<std::string_view, 7> kBefore{"src", "dst",   "host",   "or",
                                                           "and", "ether", "gateway"};
  std::size_t first = i;
  while (first >= 3) {
    const std::string& word = pieces[first - 2];
    if (std::find(kBefore.begin(), kBefore.end(), word) == kBefore.end()) break;
    // "src or dst host": a conjunction belongs to it only between two directions.
    const bool is_conjunction = word == "or" || word == "and";
    if (is_conjunction &&
        (first < 5 || (pieces[first - 4] != "src" && pieces[first - 4] != "dst") ||
         (pieces[first] != "src" && pieces[first] != "dst"))) {
      break;
    }
    first -= 2;
  }
  return first;
}

}  // namespace

Parsed<std::string> resolve_names(const Model& model, const std::string& filter) {
  std::vector<std::string> pieces = split(filter);
  std::vector<std::string> names;
  for (const NodeModel& node : model.nodes) names.push_back(node.name);
  for (std::size_t i = 1; i < pieces.size(); i += 2) {
    const std::string word = pieces[i];
    if (i < 3 || check_name(word) || is_qualifier(word)) continue;
    const std::string& before = pieces[i - 2];
    if (before == "net") {
      return mistake(fmt::format("{} is not a network", in_quotes(word)),
                     "write its address, for instance 'net 10.0.1.0/24'");
    }
    if (before != "host" && before != "src" && before != "dst" && before != "gateway") continue;
    const std::size_t first = qualifiers_before(pieces, i);
    const bool is_mac = first < i && pieces[first] == "ether";
    const std::vector<std::string> addresses = addresses_of(model, word, is_mac);
    const bool exists = std::find(names.begin(), names.end(), word) != names.end();
    if (!exists) {
      return mistake(fmt::format("there is no node {}", in_quotes(word)), suggestion(word, names));
    }
    if (addresses.empty()) {
      return mistake(fmt::format("node '{}' has no address", word));
    }
    std::string qualifier;
    for (std::size_t k = first; k < i; ++k) qualifier += pieces[k];
    std::vector<std::string> alternatives;
    for (const std::string& address : addresses) alternatives.push_back(qualifier + address);
    for (std::size_t k = first; k < i; ++k) pieces[k].clear();
    pieces[i] = addresses.size() == 1 ? alternatives.front()
                                      : fmt::format("({})", fmt::join(alternatives, " or "));
  }
  std::string resolved;
  for (const std::string& piece : pieces) resolved += piece;
  return resolved;
}

}  // namespace strata::scenario
