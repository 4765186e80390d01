// SPDX-License-Identifier: MIT
#include "sim/packetdrill/flows.h"

#include <algorithm>

namespace strata::packetdrill {
namespace {

bool is_bare_syn(const PacketSpec& packet) {
  const auto* tcp = std::get_if<TcpSpec>(&packet.body);
  if (tcp == nullptr) return false;
  return (tcp->flags & wire::tcp_flag::kSyn) != 0 && (tcp->flags & wire::tcp_flag::kAck) == 0;
}

}  // namespace

std::uint32_t Flow::stamp_on_wire(std::uint32_t script) const {
  if (const auto found = stamps.find(script); found != stamps.end()) return found->second;
  if (last_stamp) return last_stamp->second + (script - last_stamp->first);
  return script;
}

Flow& Flows::add(const Flow& flow) {
  flows_.push_back(flow);
  current_ = &flows_.back();
  return *current_;
}

Flow& Flows::current() {
  if (current_ != nullptr) return *current_;
  return add({.local = {local_, listen_port_}, .remote = {remote_, next_remote_port_++}});
}

void Flows::on_listen(std::uint16_t port) {
  is_listening_ = true;
  listen_port_ = port;
}

void Flows::on_connect(const Endpoint& local, const Endpoint& remote) {
  is_listening_ = false;
  for (Flow& flow : flows_) {
    if (flow.local != local || flow.remote != remote) continue;
    flow.syn_arrived = true;  // a new incarnation
    flow.is_numbered = false;
    flow.peer_offset = 0;
    flow.stamps.clear();
    flow.first_stamp = flow.last_stamp = std::nullopt;
    current_ = &flow;
    return;
  }
  add({.local = local, .remote = remote});
}

void Flows::on_datagram_socket(std::uint16_t port) {
  if (current_ != nullptr && current_->local.port == port) return;
  add({.local = {local_, port}, .remote = {remote_, 8080}});
}

Flow& Flows::inbound(const PacketSpec& packet) {
  Flow* flow = nullptr;
  if (packet.ports) {
    for (Flow& known : flows_) {
      const std::uint16_t local = known.script_local_port.value_or(known.local.port);
      const std::uint16_t remote = known.script_remote_port.value_or(known.remote.port);
      if (local == packet.ports->destination && remote == packet.ports->source) flow = &known;
    }
    if (flow == nullptr) {
      flow = &add({.local = {local_, packet.ports->destination},
                   .remote = {remote_, packet.ports->source}});
    }
    current_ = flow;
  } else if (is_listening_ && is_bare_syn(packet)) {
    flow = &add({.local = {local_, listen_port_}, .remote = {remote_, next_remote_port_++}});
  } else {
    flow = &current();
  }
  const auto* tcp = std::get_if<TcpSpec>(&packet.body);
  if (tcp != nullptr && (tcp->flags & wire::tcp_flag::kSyn) != 0) flow->peer_syn = tcp->sequence;
  if (is_bare_syn(packet)) {
    is_listening_ = false;
    flow->syn_arrived = true;
  }
  return *flow;
}

Flow* Flows::find(const Sniffed& packet) {
  Endpoint local{packet.ip.source, 0};
  Endpoint remote{packet.ip.destination, 0};
  if (packet.tcp) {
    local.port = packet.tcp->source_port;
    remote.port = packet.tcp->destination_port;
  } else if (packet.udp) {
    local.port = packet.udp->source_port;
    remote.port = packet.udp->destination_port;
  }
  const auto found = std::ranges::find_if(
      flows_, [&](const Flow& flow) { return flow.local == local && flow.remote == remote; });
  return found == flows_.end() ? nullptr : &*found;
}

void Flows::on_sent(const Sniffed& packet) {
  Flow* flow = find(packet);
  if (flow != nullptr && packet.tcp) flow->on_sent(*packet.tcp);
}

bool Flows::is_left_behind(const Sniffed& packet) {
  if (!packet.tcp || current_ == nullptr) return false;
  const Flow* flow = find(packet);
  return flow != nullptr && flow != current_;
}

Flow& Flows::of(const Sniffed& packet) {
  if (!packet.tcp && !packet.udp) return current();
  if (Flow* flow = find(packet)) return *flow;
  Flow made{.local = {packet.ip.source, 0}, .remote = {packet.ip.destination, 0}};
  made.local.port = packet.tcp ? packet.tcp->source_port : packet.udp->source_port;
  made.remote.port = packet.tcp ? packet.tcp->destination_port : packet.udp->destination_port;
  return add(made);
}

}  // namespace strata::packetdrill
