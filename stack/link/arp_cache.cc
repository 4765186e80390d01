// SPDX-License-Identifier: MIT
#include "stack/link/arp_cache.h"

#include <algorithm>
#include <utility>

namespace strata::link {
namespace {

// RFC 1812 3.3.2: a router MUST NOT believe a reply that claims a broadcast or multicast link-layer
// address; a zero address cannot be anyone's either.
bool is_believable(const MacAddress& mac) { return !mac.is_group() && !mac.is_zero(); }

// Addresses that can belong to one neighbour. 0.0.0.0 is the sender of an ARP probe (RFC
// 5227 2.1.1) and says nothing about where that address is.
bool is_learnable(Ipv4Address address) {
  return !address.is_this_network() && !address.is_multicast() && !address.is_loopback() &&
         !address.is_limited_broadcast();
}

std::string_view cause_of(const wire::ArpMessage& message, bool known) {
  if (message.sender_ip == message.target_ip) return "announcement";  // RFC 5227 1.1
  if (message.operation == wire::ArpOperation::reply) return "reply";
  return known ? "merged from request" : "learned from request";
}

ArpConfig sane(ArpConfig config) {
  config.requests_max = std::max(config.requests_max, 1);
  config.polls_max = std::max(config.polls_max, 1);
  config.queue_packets_max = std::max<std::size_t>(config.queue_packets_max, 1);
  config.entries_max = std::max<std::size_t>(config.entries_max, 1);
  config.request_interval = std::max(config.request_interval, Duration{1});
  return config;
}

}  // namespace

NeighbourCache::NeighbourCache(const NodeContext& context, PortId port_id,
                               const MacAddress& own_mac, std::vector<Ipv4Address> own_addresses,
                               const ArpConfig& config, NeighbourPort& port)
    : context_(context),
      port_id_(port_id),
      own_mac_(own_mac),
      config_(sane(config)),
      port_(port),
      claim_(std::move(own_addresses), {.probe = config.probe, .announce = config.announce},
             context.key, own_mac) {}

NeighbourCache::~NeighbourCache() {
  for (auto& [address, entry] : entries_) deadlines_.remove(entry);
}

// ---- sending -----------------------------------------------------------------------------------

void NeighbourCache::resolve(Packet datagram, Ipv4Address neighbour, Instant now) {
  Entry* known = find(neighbour);
  Entry& entry = known != nullptr ? *known : insert(neighbour, now);
  entry.last_used = ++uses_;
  recent_[recent_index(neighbour)] = &entry;
  switch (entry.state) {
    case NeighbourState::reachable:
      if (now >= entry.fresh_until) go_stale(entry, datagram, now);
      [[fallthrough]];
    case NeighbourState::stale:
      port_.send_resolved(std::move(datagram), entry.mac, now);
      return;
    case NeighbourState::failed:
      entry.state = NeighbourState::incomplete;
      entry.unanswered = 0;
      [[fallthrough]];
    case NeighbourState::incomplete:
      hold(entry, std::move(datagram), now);
      return;
  }
}

void NeighbourCache::doubt(Ipv4Address neighbour) {
  Entry* entry = find(neighbour);
  if (entry != nullptr && entry->state == NeighbourState::reachable) {
    entry->fresh_until = Instant::min();
  }
}

// RFC 1122 2.3.2.2 (SHOULD): save at least the latest packet for an unresolved address.
void NeighbourCache::hold(Entry& entry, Packet datagram, Instant now) {
  if (entry.waiting.size() >= config_.queue_packets_max) {
    port_.drop(entry.waiting.front(), DropReason::neighbour_queue_full, now);
    entry.waiting.erase(entry.waiting.begin());
  }
  entry.waiting.push_back(std::move(datagram));
  const bool is_asking = entry.deadline_slot.deadline != kNever;
  const bool may_ask = !is_asking && now >= entry.next_request;
  report(entry, may_ask ? "request sent" : "packet queued", &entry.waiting.back(), now);
  if (!is_asking) ask_when_allowed(entry, now);
}

// RFC 1122 2.3.2.1 (2): an entry out of date is used on while its neighbour is polled.
void NeighbourCache::go_stale(Entry& entry, const Packet& datagram, Instant now) {
  entry.state = NeighbourState::stale;
  entry.fresh_until = Instant::min();
  entry.unanswered = 0;
  report(entry, "out of date", &datagram, now);
  ask_when_allowed(entry, now);
}

// RFC 1122 2.3.2.1 (MUST): no ARP flood, at most one request per interval and destination.
void NeighbourCache::ask_when_allowed(Entry& entry, Instant now) {
  if (now < entry.next_request) {
    deadlines_.set(entry, entry.next_request);
  } else {
    ask(entry, now);
  }
}

// Sends a request (stale: to the neighbour alone) and waits one interval for the answer.
void NeighbourCache::ask(Entry& entry, Instant now) {
  Packet packet = make_message({
      .operation = wire::ArpOperation::request,
      .sender_mac = own_mac_,
      .sender_ip = claim_.addresses().empty() ? Ipv4Address{} : claim_.addresses().front(),
      .target_mac = MacAddress{},  // RFC 826: "it is this value that it is trying to determine"
      .target_ip = entry.address,
  });
  if (entry.unanswered == 0) {
    entry.first_request = packet.uid();
  } else {
    packet.set_parent(entry.first_request, Parentage::retransmission);
  }
  ++entry.unanswered;
  entry.next_request = after(now, config_.request_interval);
  deadlines_.set(entry, entry.next_request);
  const bool is_poll = entry.state == NeighbourState::stale;
  send(std::move(packet), is_poll ? entry.mac : MacAddress::broadcast(), now);
}

void NeighbourCache::give_up(Entry& entry, Instant now) {
  // RFC 1122 2.4 (MUST NOT): a missing entry alone is not "unreachable"; only now it is.
  entry.state = NeighbourState::failed;
  entry.mac = MacAddress{};
  std::vector<Packet> waiting = std::exchange(entry.waiting, {});
  report(entry, "no answer", nullptr, now);
  // The listener may send, and that may change the table: `entry` is not touched any more.
  for (Packet& datagram : waiting) port_.on_unresolved(std::move(datagram), now);
}

// ---- receiving ---------------------------------------------------------------------------------

void NeighbourCache::receive(const Packet& packet, Instant now) {
  const auto parsed = wire::ArpMessage::parse(packet.bytes());
  if (!parsed || !is_believable(parsed->sender_mac)) {
    port_.drop(packet, DropReason::arp_malformed, now);
    return;
  }
  const wire::ArpMessage& message = *parsed;
  if (claim_.contradicts(message)) {
    on_refusal(message, packet, now);
    return;
  }
  if (claim_.is_own(message.sender_ip)) {
    if (message.sender_mac != own_mac_) on_conflict(message, packet, now);
    return;
  }
  context_.trace(now, packet, [&] {
    return HeaderPulled{Protocol::arp, wire::ArpMessage::kBytes, packet.bytes()};
  });
  // RFC 826 "Packet Reception": update what is known; then, for the target only, add what is not;
  // NOW look at the opcode.
  Entry* entry = find(message.sender_ip);
  const bool is_target = claim_.is_own(message.target_ip) && !claim_.is_probing();
  if (entry != nullptr || (is_target && is_learnable(message.sender_ip))) {
    learn(entry, message, packet, now);
  }
  if (is_target && message.operation == wire::ArpOperation::request) answer(message, packet, now);
}

// Takes the sender's address into `entry`, or into a new one when that is null.
void NeighbourCache::learn(Entry* entry, const wire::ArpMessage& message, const Packet& packet,
                           Instant now) {
  const bool is_known = entry != nullptr;
  if (!is_known) entry = &insert(message.sender_ip, now);
  const bool is_news =
      entry->state != NeighbourState::reachable || entry->mac != message.sender_mac;
  entry->state = NeighbourState::reachable;
  entry->mac = message.sender_mac;
  entry->updated = now;
  entry->fresh_until = after(now, config_.reachable_time);
  entry->unanswered = 0;
  deadlines_.set(*entry, kNever);
  if (!is_news) return;
  report(*entry, cause_of(message, is_known), &packet, now);
  for (Packet& datagram : std::exchange(entry->waiting, {})) {
    port_.send_resolved(std::move(datagram), message.sender_mac, now);
  }
}

void NeighbourCache::answer(const wire::ArpMessage& request, const Packet& packet, Instant now) {
  Packet reply = make_message({
      .operation = wire::ArpOperation::reply,
      .sender_mac = own_mac_,
      .sender_ip = request.target_ip,
      .target_mac = request.sender_mac,
      .target_ip = request.sender_ip,
  });
  reply.set_parent(packet.uid(), Parentage::reply);
  send(std::move(reply), request.sender_mac, now);
}

// RFC 5227 2.4 (c): someone else uses one of our addresses. We keep it, count, and defend it with
// one announcement unless the last conflict was within DEFEND_INTERVAL.
void NeighbourCache::on_conflict(const wire::ArpMessage& message, const Packet& packet,
                                 Instant now) {
  ++conflicts_;
  port_.drop(packet, DropReason::martian_source, now);
  if (claim_.should_defend(message.sender_ip, now)) {
    ask_about(message.sender_ip, message.sender_ip, now);
  }
}

// RFC 5227 2.1.1: the address we were probing for belongs to another station, or is wanted by one.
// It is never used here; the trace shows it as a neighbour, which its owner is.
void NeighbourCache::on_refusal(const wire::ArpMessage& message, const Packet& packet,
                                Instant now) {
  ++conflicts_;
  const bool is_claimed = claim_.is_own(message.sender_ip);
  Entry taken{.address = is_claimed ? message.sender_ip : message.target_ip,
              .mac = message.sender_mac,
              .state = NeighbourState::failed};
  claim_.refuse(taken.address);
  report(taken, "address is taken", &packet, now, /*is_kept=*/false);
}

// ---- time --------------------------------------------------------------------------------------

Instant NeighbourCache::next_deadline() const {
  return std::min(deadlines_.earliest(), claim_.next_deadline());
}

void NeighbourCache::on_deadline(Instant now) {
  if (now >= claim_.next_deadline()) {
    const bool is_probe = claim_.take_step(now) == AddressClaim::Step::probe;
    for (const Ipv4Address address : claim_.addresses()) {
      ask_about(address, is_probe ? Ipv4Address{} : address, now);
    }
  }
  while (Entry* entry = deadlines_.pop_due(now)) {
    const bool is_poll = entry->state == NeighbourState::stale;
    if (entry->unanswered >= (is_poll ? config_.polls_max : config_.requests_max)) {
      give_up(*entry, now);
    } else {
      ask(*entry, now);
    }
  }
}

// ---- messages ----------------------------------------------------------------------------------

// A request for an address of our own. RFC 5227 1.1: from nobody it is a probe, from the address
// itself an announcement.
void NeighbourCache::ask_about(Ipv4Address own, Ipv4Address sender, Instant now) {
  send(make_message({
           .operation = wire::ArpOperation::request,
           .sender_mac = own_mac_,
           .sender_ip = sender,
           .target_mac = MacAddress{},
           .target_ip = own,
       }),
       MacAddress::broadcast(), now);
}

Packet NeighbourCache::make_message(const wire::ArpMessage& message) const {
  Packet packet = context_.pool->make(0);
  message.emit(packet.push_front(wire::ArpMessage::kBytes, Protocol::arp).data());
  return packet;
}

void NeighbourCache::send(Packet message, const MacAddress& destination, Instant now) {
  context_.trace(now, message, [&] {
    return HeaderPushed{Protocol::arp, wire::ArpMessage::kBytes, message.bytes()};
  });
  port_.send_arp(std::move(message), destination, now);
}

// ---- table -------------------------------------------------------------------------------------

NeighbourCache::Entry* NeighbourCache::find(Ipv4Address address) {
  const auto found = entries_.find(address);
  return found == entries_.end() ? nullptr : &found->second;
}

NeighbourCache::Entry& NeighbourCache::insert(Ipv4Address address, Instant now) {
  if (entries_.size() >= config_.entries_max) evict_least_recently_used(now);
  Entry& entry = entries_[address];
  entry.address = address;
  entry.last_used = ++uses_;
  return entry;
}

void NeighbourCache::evict_least_recently_used(Instant now) {
  const auto oldest = std::ranges::min_element(
      entries_, {}, [](const auto& item) { return item.second.last_used; });
  Entry& entry = oldest->second;
  for (const Packet& datagram : entry.waiting) {
    port_.drop(datagram, DropReason::neighbour_queue_full, now);
  }
  entry.waiting.clear();
  entry.state = NeighbourState::failed;
  report(entry, "evicted", nullptr, now, /*is_kept=*/false);
  Entry*& recent = recent_[recent_index(entry.address)];
  if (recent == &entry) recent = nullptr;
  deadlines_.remove(entry);
  entries_.erase(oldest);
}

void NeighbourCache::flush(Instant now) {
  recent_.fill(nullptr);
  std::map<Ipv4Address, Entry> flushed;
  for (auto& [address, entry] : entries_) deadlines_.remove(entry);
  flushed.swap(entries_);
  for (auto& [address, entry] : flushed) {
    std::vector<Packet> waiting = std::exchange(entry.waiting, {});
    entry.state = NeighbourState::failed;
    report(entry, "flushed", nullptr, now, /*is_kept=*/false);
    for (Packet& datagram : waiting) port_.on_unresolved(std::move(datagram), now);
  }
}

std::vector<NeighbourEntry> NeighbourCache::entries() const {
  std::vector<NeighbourEntry> lines;
  lines.reserve(entries_.size());
  for (const auto& [address, entry] : entries_) {
    lines.push_back({address, entry.mac, entry.state, entry.updated, entry.waiting.size()});
  }
  return lines;
}

void NeighbourCache::report(const Entry& entry, std::string_view cause, const Packet* packet,
                            Instant now, bool is_kept) const {
  const auto build = [&] {
    return NeighbourChanged{.port = port_id_,
                            .address = entry.address,
                            .mac = entry.mac,
                            .state = entry.state,
                            .cause = cause,
                            .waiting_packets = static_cast<std::uint32_t>(entry.waiting.size()),
                            .is_kept = is_kept};
  };
  if (packet != nullptr) {
    context_.trace(now, *packet, build);
  } else {
    context_.trace(now, build);
  }
}

}  // namespace strata::link
