// SPDX-License-Identifier: MIT
#include "stack/transport/demux.h"

#include <algorithm>

#include "stack/base/assert.h"
#include "stack/base/bytes.h"

namespace strata::transport {
namespace {

constexpr std::uint64_t kMultiplier = 0x9e3779b97f4a7c15U;  // 2^64 / golden ratio

struct RuleNames {
  std::string_view exact;
  std::string_view address_and_port;
  std::string_view port_only;
};

constexpr RuleNames names_for(Protocol protocol) {
  if (protocol == Protocol::tcp) {
    return {"exact 4-tuple", "listener address:port", "listener *:port"};
  }
  return {"connected 4-tuple", "bound address:port", "bound *:port"};
}

std::string wildcard_text(const Endpoint& local) { return "*:" + std::to_string(local.port); }

// "", or how many share the entry.
std::string sharers_text(std::size_t sharers) {
  return sharers < 2 ? "" : " (" + std::to_string(sharers) + " sockets)";
}

DemuxOutcome outcome_of(Demux::Rule step, Demux::Rule hit) {
  if (step == hit) return DemuxOutcome::hit;
  return step < hit ? DemuxOutcome::miss : DemuxOutcome::not_tried;
}

}  // namespace

std::size_t EndpointHash::operator()(const Endpoint& endpoint) const {
  std::uint64_t hash = endpoint.port;
  if (endpoint.address.is_v4()) {
    hash |= std::uint64_t{endpoint.address.v4().value()} << 16;
  } else {
    const Ipv6Address v6 = endpoint.address.v6();
    hash ^= load_be64(v6.octets().data()) * kMultiplier;
    hash += load_be64(v6.octets().data() + 8);
  }
  hash *= kMultiplier;
  hash ^= hash >> 32;
  return static_cast<std::size_t>(hash * kMultiplier);
}

Endpoint wildcard_of(const Endpoint& local) {
  return {.address = local.address.is_v4() ? IpAddress{} : IpAddress{Ipv6Address{}},
          .port = local.port};
}

Demux::Match Demux::find(const FlowKey& flow) const {
  if (const std::uint32_t* target = flows_.find(flow)) return {Rule::exact, *target};
  if (const Group* group = addressed_.find(flow.local)) {
    return {Rule::address_and_port, group->choose(flow)};
  }
  if (const Group* group = wildcards_.find(wildcard_of(flow.local))) {
    return {Rule::port_only, group->choose(flow)};
  }
  return {};
}

std::optional<std::uint32_t> Demux::find_listener(const FlowKey& flow) const {
  const Group* group = addressed_.find(flow.local);
  if (group == nullptr) group = wildcards_.find(wildcard_of(flow.local));
  if (group == nullptr) return std::nullopt;
  return group->choose(flow);
}

std::vector<std::uint32_t> Demux::find_all(const FlowKey& flow) const {
  std::vector<std::uint32_t> all;
  if (const std::uint32_t* target = flows_.find(flow)) all.push_back(*target);
  for (const Group* group :
       {addressed_.find(flow.local), wildcards_.find(wildcard_of(flow.local))}) {
    if (group != nullptr) all.insert(all.end(), group->targets.begin(), group->targets.end());
  }
  return all;
}

// The high bits of the hash, scaled to the size of the group: the same flow always finds the same
// member while the group stays as it is.
std::uint32_t Demux::Group::choose(const FlowKey& flow) const {
  if (sharing != Sharing::balanced) return targets.back();
  const std::uint64_t hash = std::uint64_t{FlowKeyHash{}(flow)} >> 32;
  return targets[static_cast<std::size_t>((hash * targets.size()) >> 32)];
}

bool Demux::add_flow(const FlowKey& flow, std::uint32_t target) {
  if (flows_.find(flow) != nullptr) return false;
  flows_[flow] = target;
  return true;
}

bool Demux::add_local(const Endpoint& local, std::uint32_t target, Sharing sharing) {
  Group& group = table_for(local)[local];
  const bool is_first = group.targets.empty();
  if (!is_first && (group.sharing == Sharing::none || sharing == Sharing::none)) return false;
  group.sharing = is_first ? sharing : std::min(group.sharing, sharing);
  group.targets.push_back(target);
  return true;
}

void Demux::remove_flow(const FlowKey& flow) {
  const bool was_present = flows_.erase(flow);
  STRATA_ASSERT(was_present);
}

void Demux::remove_local(const Endpoint& local, std::uint32_t target) {
  LocalTable& table = table_for(local);
  Group* group = table.find(local);
  STRATA_ASSERT(group != nullptr);
  const std::size_t removed = std::erase(group->targets, target);
  STRATA_ASSERT(removed == 1);
  if (group->targets.empty()) table.erase(local);
}

std::vector<DemuxStep> Demux::explain(const FlowKey& flow, Protocol protocol) const {
  const RuleNames names = names_for(protocol);
  const Rule hit = find(flow).rule;
  const Group* on_address = addressed_.find(flow.local);
  const Group* on_port = wildcards_.find(wildcard_of(flow.local));
  const auto sharers = [](const Group* group) {
    return sharers_text(group == nullptr ? 0 : group->targets.size());
  };
  return {
      {.rule = names.exact,
       .candidate = "to " + to_text(flow.local) + " from " + to_text(flow.remote),
       .outcome = outcome_of(Rule::exact, hit),
       .entries = static_cast<std::uint32_t>(flows_.size())},
      {.rule = names.address_and_port,
       .candidate = to_text(flow.local) + sharers(on_address),
       .outcome = outcome_of(Rule::address_and_port, hit),
       .entries = static_cast<std::uint32_t>(addressed_.size())},
      {.rule = names.port_only,
       .candidate = wildcard_text(flow.local) + sharers(on_port),
       .outcome = outcome_of(Rule::port_only, hit),
       .entries = static_cast<std::uint32_t>(wildcards_.size())},
  };
}

}  // namespace strata::transport
