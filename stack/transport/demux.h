// SPDX-License-Identifier: MIT
// Demultiplexing: which endpoint gets a segment or datagram that arrived from `remote` for `local`.
// Three rules, tried in order, each one hash lookup:
//
//     TCP                              UDP
//     1. exact 4-tuple                 connected 4-tuple
//     2. listener address:port         bound address:port
//     3. listener *:port               bound *:port
//     4. none: RST                     none: ICMP port unreachable
//
// Several endpoints may share a local address and port (Sharing). What each rule looked for and
// found can be told in words (event Demultiplexed).
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "stack/base/address.h"
#include "stack/base/events.h"
#include "stack/transport/hash_table.h"

namespace strata::transport {

// Fixed mixing of an address and a port (see FlowKeyHash in base/address.h for when it may be
// used).
struct EndpointHash {
  std::size_t operator()(const Endpoint& endpoint) const;
};

// On what terms an endpoint takes a local address and port that others take, too.
enum class Sharing : std::uint8_t {
  none,      // alone
  newest,    // SO_REUSEADDR: who came last gets what comes for one
  balanced,  // SO_REUSEPORT: a hash of the 4-tuple decides, as long as all members agreed to that
};

class Demux {
 public:
  enum class Rule : std::uint8_t { exact, address_and_port, port_only, none };
  // `target` is what the entry was added with; meaningless when the rule is none.
  struct Match {
    Rule rule = Rule::none;
    std::uint32_t target = 0;
  };

  // O(1), does not allocate.
  Match find(const FlowKey& flow) const;
  // The target of exactly this 4-tuple, or nullptr.
  const std::uint32_t* find_flow(const FlowKey& flow) const { return flows_.find(flow); }

  // The target that rules 2 and 3 give, whatever the first says.
  std::optional<std::uint32_t> find_listener(const FlowKey& flow) const;
  // Every target that any rule gives, in the order of the rules and of their coming: all of them
  // get a broadcast.
  std::vector<std::uint32_t> find_all(const FlowKey& flow) const;

  // False, and nothing changes, when the key is taken and not shared by all. An unspecified address
  // is the wildcard.
  bool add_flow(const FlowKey& flow, std::uint32_t target);
  bool add_local(const Endpoint& local, std::uint32_t target, Sharing sharing = Sharing::none);
  // The entry must be present.
  void remove_flow(const FlowKey& flow);
  void remove_local(const Endpoint& local, std::uint32_t target);

  std::size_t flows() const { return flows_.size(); }

  // The decision `find(flow)` makes, rule by rule, under the names of `protocol`.
  std::vector<DemuxStep> explain(const FlowKey& flow, Protocol protocol) const;

 private:
  // Who shares one local address and port, in the order of their coming.
  struct Group {
    std::vector<std::uint32_t> targets;
    Sharing sharing = Sharing::none;

    std::uint32_t choose(const FlowKey& flow) const;
  };
  using LocalTable = HashTable<Endpoint, Group, EndpointHash>;
  LocalTable& table_for(const Endpoint& local) {
    return local.address.is_unspecified() ? wildcards_ : addressed_;
  }

  HashTable<FlowKey, std::uint32_t, FlowKeyHash> flows_;
  LocalTable addressed_;
  LocalTable wildcards_;
};

// The unspecified address of the same version, with the same port: "*:80".
Endpoint wildcard_of(const Endpoint& local);

}  // namespace strata::transport
