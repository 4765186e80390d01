// SPDX-License-Identifier: MIT
#include "tools/report/devices.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "sim/analysis/socket_table.h"

namespace strata::report {
namespace {

std::int64_t outcome_number(DemuxOutcome outcome) {
  switch (outcome) {
    case DemuxOutcome::hit:
      return 0;
    case DemuxOutcome::miss:
      return 1;
    case DemuxOutcome::not_tried:
      return 2;
  }
  return 2;
}

}  // namespace

void Devices::read(const Event& event) {
  std::visit([&](const auto& body) { on(event, body); }, event.body);
}

void Devices::on(const Event& event, const Demultiplexed& decision) {
  std::string steps;
  for (const DemuxStep& step : decision.steps) {
    steps += fmt::format("{}[{},{},{},{}]", steps.empty() ? "" : ",", strings_.id(step.rule),
                         strings_.id(step.candidate), outcome_number(step.outcome), step.entries);
  }
  const auto [found, is_new] =
      steps_.try_emplace(steps, static_cast<std::int64_t>(step_order_.size()));
  if (is_new) step_order_.push_back(fmt::format("[{}]", steps));
  demux_.add({number(event.time), number(event.node), number(event.uid),
              strings_.id(to_text(decision.protocol)),
              strings_.id(analysis::socket_address_text(decision.local)),
              strings_.id(analysis::socket_address_text(decision.remote)),
              std::int64_t{decision.socket}, strings_.id(decision.outcome), found->second});
}

void Devices::on(const Event& event, const NeighbourChanged& change) {
  neighbours_.add({number(event.time), number(event.node), number(change.port),
                   strings_.id(to_text(change.address)), strings_.id(to_text(change.mac)),
                   strings_.id(to_text(change.state)), strings_.id(change.cause),
                   std::int64_t{change.waiting_packets}, change.is_kept ? 1 : 0});
}

void Devices::on(const Event& event, const MacTableChanged& change) {
  mac_table_.add({number(event.time), number(event.node), strings_.id(to_text(change.change)),
                  strings_.id(to_text(change.address)), number(change.port),
                  std::int64_t{change.vlan}});
}

void Devices::on(const Event& event, const RouteChanged& change) {
  routes_.add({number(event.time), number(event.node), strings_.id(to_text(change.change)),
               strings_.id(to_text(change.route)),
               change.next_hop.is_unspecified() ? 0 : strings_.id(to_text(change.next_hop)),
               number(change.port), std::int64_t{change.metric},
               strings_.id(to_text(change.origin))});
}

void Devices::on(const Event& event, const LinkStateChanged& change) {
  link_states_.add({number(event.time), number(change.link), change.up ? 1 : 0, kNone});
}

void Devices::on(const Event& event, const LinkMtuChanged& change) {
  link_states_.add({number(event.time), number(change.link), kNone, std::int64_t{change.mtu}});
}

void Devices::read(const SocketChange& change) {
  if (!change.info) {
    sockets_.add({number(change.time), number(change.node), std::int64_t{change.row}, kNone, 0, 0,
                  0, 0, 0, 0, 0, kNone, kNone, kNone, kNone, 0});
    return;
  }
  const socket::SocketInfo& info = *change.info;
  const tcp::Info none;
  const tcp::Info* connection = analysis::connection_of(info);
  const bool is_tcp = connection != nullptr;
  const tcp::Info& tcp = is_tcp ? *connection : none;
  const auto only_tcp = [&](std::int64_t value) { return is_tcp ? value : kNone; };
  sockets_.add({number(change.time), number(change.node), std::int64_t{change.row},
                std::int64_t{info.fd}, strings_.id(info.process),
                strings_.id(analysis::protocol_text(info.type)), strings_.id(info.state),
                number(std::uint64_t{info.receive_queue}), number(std::uint64_t{info.send_queue}),
                strings_.id(analysis::socket_address_text(info.local)),
                strings_.id(analysis::socket_address_text(info.remote)),
                only_tcp(number(tcp.rcv_nxt)), only_tcp(number(tcp.snd_una)),
                tcp.cwnd == 0 ? kNone : std::int64_t{tcp.cwnd},  // a capture does not tell
                tcp.rto == Duration{} ? kNone : number(tcp.rto), strings_.id(tcp.timers)});
}

std::map<std::string, std::string> Devices::tables() const {
  return {{"demux", demux_.json()},           {"sockets", sockets_.json()},
          {"neighbours", neighbours_.json()}, {"macTable", mac_table_.json()},
          {"routes", routes_.json()},         {"linkStates", link_states_.json()}};
}

std::string Devices::demux_steps_json() const {
  return fmt::format("[{}]", fmt::join(step_order_, ","));
}

}  // namespace strata::report
