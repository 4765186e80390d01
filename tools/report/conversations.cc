// SPDX-License-Identifier: MIT
#include "tools/report/conversations.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "stack/base/seq32.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/tcp.h"

namespace strata::report {
namespace {

using Json = nlohmann::ordered_json;

// The TCP header in an Ethernet frame, tagged or not.
std::optional<wire::TcpHeader> tcp_in(Bytes frame) {
  const auto ethernet = wire::EthernetHeader::parse(frame);
  if (!ethernet) return std::nullopt;
  std::size_t offset = wire::EthernetHeader::kBytes;
  EtherType type = ethernet->type;
  if (type == EtherType::vlan) {
    const auto tag = wire::VlanTag::parse(frame.subspan(offset - 2));
    if (!tag) return std::nullopt;
    type = tag->type;
    offset += wire::VlanTag::kBytes;
  }
  if (type != EtherType::ipv4) return std::nullopt;
  const auto ip = wire::Ipv4Header::parse_quoted(frame.subspan(offset));
  if (!ip || ip->protocol != IpProtocol::tcp || ip->is_fragment()) return std::nullopt;
  if (frame.size() < offset + ip->total_length) return std::nullopt;
  const Bytes segment = frame.subspan(offset + ip->header_bytes(), ip->payload_bytes());
  const auto tcp = wire::TcpHeader::parse(segment, ip->source, ip->destination, /*verify=*/false);
  if (!tcp) return std::nullopt;
  return *tcp;
}

}  // namespace

void Conversations::read(const Event& event) {
  std::visit([&](const auto& body) { on(event, body); }, event.body);
}

Conversations::Place Conversations::place(const FlowKey& key, Protocol protocol) const {
  const trace::Flow* flow = recording_.find_flow(key, protocol);
  if (flow == nullptr) return {};
  return {std::int64_t{flow->number}, trace::Recording::is_opener(*flow, key) ? 0 : 1};
}

void Conversations::on(const Event& event, const TcpVariables& v) {
  const Place at = place(v.flow);
  // 0: a capture does not tell.
  const bool has_threshold =
      v.ssthresh != std::numeric_limits<std::uint32_t>::max() && v.ssthresh != 0;
  variables_.add({at.flow,
                  at.side,
                  number(event.time),
                  number(event.uid),
                  strings_.id(to_text(v.state)),
                  strings_.id(v.phase),
                  std::int64_t{v.mss},
                  std::int64_t{v.cwnd},
                  has_threshold ? std::int64_t{v.ssthresh} : kNone,
                  std::int64_t{v.flight},
                  std::int64_t{v.snd_wnd},
                  std::int64_t{v.rcv_wnd},
                  number(v.snd_una),
                  number(v.snd_nxt),
                  number(v.rcv_nxt),
                  number(v.out_of_order),
                  number(v.srtt),
                  number(v.rttvar),
                  number(v.rto),
                  strings_.id(v.cause)});
}

void Conversations::on(const Event& event, const RttSampled& s) {
  const Place at = place(s.flow);
  rtt_samples_.add({at.flow, at.side, number(event.time), number(event.uid), number(s.sample),
                    number(s.srtt), number(s.rttvar), number(s.rto)});
}

void Conversations::on(const Event& event, const TcpStateChanged& change) {
  const Place at = place(change.flow);
  states_.add({at.flow, at.side, number(event.time), number(event.uid),
               strings_.id(to_text(change.from)), strings_.id(to_text(change.to)),
               strings_.id(change.cause)});
}

void Conversations::on(const Event& event, const TimerChanged& change) {
  const Place at = place(change.flow);
  timers_.add({at.flow, at.side, number(event.time), strings_.id(change.timer),
               strings_.id(to_text(change.action)), number(change.deadline)});
}

void Conversations::on(const Event& event, const TcpSegmentSent& segment) {
  const Place at = place(segment.flow);
  sent_.add({at.flow, at.side, number(event.time), number(event.uid), number(segment.offset),
             std::int64_t{segment.length}, std::int64_t{segment.flags}, number(segment.ack_offset),
             strings_.id(to_text(segment.kind)), strings_.id(to_text(segment.cause)),
             number(segment.first_sent_as), number(segment.because_of)});
}

void Conversations::on(const Event& event, const TcpSegmentReceived& segment) {
  const Place at = place(segment.flow);
  received_.add({at.flow, at.side, number(event.time), number(event.uid), number(segment.offset),
                 std::int64_t{segment.length}, std::int64_t{segment.flags},
                 number(segment.ack_offset), number(segment.newly_acked),
                 std::int64_t{segment.duplicate_acks}, strings_.id(to_text(segment.verdict))});
  read_sack(event, segment, at);
}

void Conversations::on(const Event& event, const StreamWritten& written) {
  const Place at = place(written.flow);
  transfers_.add({at.flow, at.side, number(event.time), strings_.id("write"),
                  number(written.offset), std::int64_t{written.length}});
}

// Whose octets they are: those of the other side.
void Conversations::on(const Event& event, const StreamRead& read) {
  const Place at = place(read.flow);
  transfers_.add({at.flow, 1 - at.side, number(event.time), strings_.id("read"),
                  number(read.offset), std::int64_t{read.length}});
}

void Conversations::read_sack(const Event& event, const TcpSegmentReceived& segment, Place at) {
  const auto tcp = tcp_in(recording_.frame(event.uid));
  if (!tcp || !tcp->has(wire::tcp_flag::kAck)) return;
  const auto options = wire::TcpOptionValues::from(tcp->options.bytes());
  for (std::size_t i = 0; i < options.sack_count; ++i) {
    // Octets of our stream, counted from the octet that the same segment acknowledges.
    const wire::SackBlock& block = options.sack_blocks[i];
    const auto offset = [&](Seq32 edge) {
      const auto ahead = static_cast<std::int32_t>(edge.raw() - tcp->acknowledgement.raw());
      return number(segment.ack_offset) + ahead;
    };
    sack_blocks_.add({at.flow, at.side, number(event.time), number(event.uid), offset(block.left),
                      offset(block.right)});
  }
}

std::map<std::string, std::string> Conversations::tables() const {
  return {{"variables", variables_.json()},    {"rttSamples", rtt_samples_.json()},
          {"states", states_.json()},          {"timers", timers_.json()},
          {"segmentsSent", sent_.json()},      {"segmentsReceived", received_.json()},
          {"sackBlocks", sack_blocks_.json()}, {"transfers", transfers_.json()}};
}

std::string Conversations::flows_json() const {
  const trace::Directory& names = recording_.directory();
  Json flows = Json::array();
  for (const trace::Flow& flow : recording_.flows()) {
    const auto end = [&](const Endpoint& endpoint, NodeId node) {
      if (node == kNoNode) {
        const auto owner = names.owner_of(endpoint.address);
        if (owner) node = owner->node;
      }
      return Json{{"endpoint", to_text(endpoint)},
                  {"name", names.endpoint_text(endpoint)},
                  {"node", number(node)}};
    };
    flows.push_back({{"number", flow.number},
                     {"protocol", std::string{to_text(flow.protocol)}},
                     {"ends", Json::array({end(flow.opener, flow.opener_node),
                                           end(flow.responder, flow.responder_node)})}});
  }
  return flows.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace strata::report
