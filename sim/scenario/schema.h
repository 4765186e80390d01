// SPDX-License-Identifier: MIT
// The scenario language as one table: every key, where it may stand, what its value is, its default
// and one line of help. The reader's checks, `strata check --explain`, the JSON Schema and the
// language reference are all made from it. The parameters of programs are not in it: they come
// from application::programs(), which is a table of the same kind.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace strata::scenario {

// The maps of the language. `none` marks values that are not maps.
enum class Section : std::uint8_t {
  none,
  scenario,  // the file itself
  node,
  route,
  tcp,
  network,
  arp,
  link,
  queue,
  impairment,
  burst_loss,
  corrupt,
  truncate,
  duplicate,
  reorder,
  jitter,
  down,
  mtu_change,
  process,
  capture,
  device,
};
inline constexpr std::size_t kSections = static_cast<std::size_t>(Section::device) + 1;
// As messages call it: "the scenario", "a node", "'tcp'".
std::string_view to_text(Section section);
// As the JSON Schema and the reference call it: "node", "burst-loss".
std::string_view identifier(Section section);

enum class Kind : std::uint8_t {
  text,          // anything
  name,          // a new name: letters, digits, '-' and '_'
  node,          // the name of a node
  count,         // 3
  boolean,       // true, false
  duration,      // 5 ms
  rate,          // 10 Mbit/s, unlimited
  bytes,         // 64 kB, 1500
  queue,         // 64 kB, 20 frames, unlimited
  length,        // 50 m
  speed,         // 0.5, fast
  probability,   // 1 %, 1e-6, 1/50
  ordinals,      // 3rd, [3rd, 5th]
  drop,          // ordinals, or `all`
  bits,          // [100, 101]
  address,       // 10.0.1.1
  prefix,        // 10.0.1.10/24
  ports,         // { left: 10.0.1.1/24, right: [10.0.2.1/24, 10.0.3.1/24] }
  choice,        // one word of Key::choices
  program,       // the name of a program
  filter,        // a pcap filter
  direction,     // client > sw0
  window,        // [1 s, 2 s]
  ends,          // [client, r1:left]
  folder,        // a relative path
  file,          // the path of a file
  texts,         // a list of texts
  map,           // of Key::child
  map_or_share,  // of Key::child, or a probability, which means its `share`
  map_or_queue,  // of Key::child, or a queue, which means its `limit`
  list_of_maps,  // of Key::child
  named_maps,    // names, each with a map of Key::child
};
// "a duration such as 5 ms": for messages and the reference.
std::string_view describe(Kind kind);

// Node kinds a key makes sense for, as bits.
enum NodeKinds : std::uint8_t {
  on_host = 1,
  on_router = 2,
  on_switch = 4,
  on_device = 8,
  on_simulated = 7,  // everything but a device
  on_any = 15
};

// What a key of `tcp` begins with under a profile other than `rfc`; empty: as under that.
struct ProfileFallbacks {
  std::string_view linux_kernel;
  std::string_view freebsd;
  std::string_view teaching;
};

struct Key {
  Section section{};
  std::string_view name;
  Kind kind{};
  std::string_view fallback;  // as a scenario would write it; empty: none
  std::string_view help;      // one sentence
  Section child = Section::none;
  std::string_view choices;  // "host switch router"
  std::uint64_t low = 0;     // of count, bytes
  std::uint64_t high = 0;    // 0: as large as the type
  bool required = false;
  std::uint8_t nodes = on_any;
  std::string_view beside;  // "pcap capture": it belongs beside one of these keys; empty: anywhere
  ProfileFallbacks profiles;

  // The same key with one trait more; for the table.
  constexpr Key of(Section section_of_map) const {
    Key key = *this;
    key.child = section_of_map;
    return key;
  }
  constexpr Key one_of(std::string_view words) const {
    Key key = *this;
    key.choices = words;
    return key;
  }
  constexpr Key range(std::uint64_t least, std::uint64_t most) const {
    Key key = *this;
    key.low = least;
    key.high = most;
    return key;
  }
  constexpr Key must() const {
    Key key = *this;
    key.required = true;
    return key;
  }
  constexpr Key only(std::uint8_t node_kinds) const {
    Key key = *this;
    key.nodes = node_kinds;
    return key;
  }
  constexpr Key under(ProfileFallbacks fallbacks) const {
    Key key = *this;
    key.profiles = fallbacks;
    return key;
  }
  constexpr Key with(std::string_view keys_of_map) const {
    Key key = *this;
    key.beside = keys_of_map;
    return key;
  }
};

// The default of `key` under the profile `profile` of TCP ("linux"); any other word:
// `key.fallback`.
std::string_view fallback_under(const Key& key, std::string_view profile);

// All keys, those of a section side by side in the order of the reference.
std::span<const Key> keys();
std::span<const Key> keys(Section section);
const Key* find_key(Section section, std::string_view name);
// Names of the keys of a section, for suggestions.
std::vector<std::string> key_names(Section section);
// The words of a list such as Key::beside.
std::vector<std::string> words_of(std::string_view list);
// The words of a choice. Congestion control asks the stack which algorithms exist.
std::vector<std::string> choices(const Key& key);

}  // namespace strata::scenario
