// SPDX-License-Identifier: MIT
#include "tools/views/label.h"

#include <fmt/format.h>

#include "stack/wire/dissect.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/tcp.h"

namespace strata::views {
namespace {

using wire::EthernetHeader;
using wire::Ipv4Header;
using wire::TcpHeader;

// The IPv4 datagram inside a recorded frame or packet, if there is one.
struct Datagram {
  Ipv4Header header;
  Bytes payload;
};

std::optional<Datagram> datagram_in(Bytes frame) {
  const auto ethernet = EthernetHeader::parse(frame);
  if (!ethernet) return std::nullopt;
  std::size_t offset = EthernetHeader::kBytes;
  EtherType type = ethernet->type;
  if (type == EtherType::vlan) {
    const auto tag = wire::VlanTag::parse(frame.subspan(offset - 2));
    if (!tag) return std::nullopt;
    type = tag->type;
    offset += wire::VlanTag::kBytes;
  }
  if (type != EtherType::ipv4) return std::nullopt;
  const auto header = Ipv4Header::parse_quoted(frame.subspan(offset));
  if (!header || frame.size() < offset + header->total_length) return std::nullopt;
  return Datagram{*header, frame.subspan(offset + header->header_bytes(), header->payload_bytes())};
}

std::optional<TcpHeader> tcp_in(const Datagram& datagram) {
  if (datagram.header.protocol != IpProtocol::tcp || datagram.header.fragment_offset != 0) {
    return std::nullopt;
  }
  const auto header = TcpHeader::parse(datagram.payload, datagram.header.source,
                                       datagram.header.destination, /*verify=*/false);
  if (!header) return std::nullopt;
  return *header;
}

std::string options_text(const TcpHeader& header) {
  const wire::TcpOptionValues values = wire::TcpOptionValues::from(header.options.bytes());
  std::string text;
  const auto add = [&](const std::string& part) { text += text.empty() ? part : " " + part; };
  if (values.mss) add(fmt::format("mss {}", *values.mss));
  if (values.sack_permitted) add("sackOK");
  if (values.window_scale) add(fmt::format("ws {}", *values.window_scale));
  return text.empty() ? text : fmt::format(" <{}>", text);
}

// What the connection itself said about the segment.
const TcpSegmentSent* sent_event(const trace::Recording& recording, PacketUid uid) {
  for (const trace::EventIndex index : recording.of_packet(uid)) {
    if (const auto* sent = std::get_if<TcpSegmentSent>(&recording.event(index).body)) return sent;
  }
  return nullptr;
}

std::uint32_t duplicate_number(const trace::Recording& recording, PacketUid uid) {
  for (const trace::EventIndex index : recording.of_packet(uid)) {
    const auto* received = std::get_if<TcpSegmentReceived>(&recording.event(index).body);
    if (received != nullptr) return received->duplicate_acks;
  }
  return 0;
}

}  // namespace

Labeller::Labeller(const trace::Recording& recording) : recording_(recording) {
  for (const Event& event : recording.events()) {
    const auto* sent = std::get_if<FrameSent>(&event.body);
    if (sent == nullptr) continue;
    const auto datagram = datagram_in(sent->frame);
    const auto tcp = datagram ? tcp_in(*datagram) : std::nullopt;
    if (!tcp) continue;
    const FlowKey key{{datagram->header.source, tcp->source_port},
                      {datagram->header.destination, tcp->destination_port}};
    if (tcp->has(wire::tcp_flag::kSyn)) {
      initial_.insert_or_assign(key, tcp->sequence);
    } else {
      initial_.try_emplace(key, tcp->sequence);  // the handshake was not recorded
    }
  }
}

std::string Labeller::tcp_text(PacketUid uid, const IpAddress& source, const IpAddress& destination,
                               Bytes segment, Label& label) const {
  const auto parsed = TcpHeader::parse(segment, source, destination, /*verify=*/false);
  if (!parsed) return "TCP (malformed)";
  const TcpHeader& tcp = *parsed;
  const std::size_t length = segment.size() - tcp.header_bytes();
  const FlowKey key{{source, tcp.source_port}, {destination, tcp.destination_port}};
  const auto relative = [](const std::map<FlowKey, Seq32>& initial, const FlowKey& flow, Seq32 n) {
    const auto found = initial.find(flow);
    return found == initial.end() ? n.raw() : n.raw() - found->second.raw();
  };
  const std::uint32_t sequence = relative(initial_, key, tcp.sequence);
  const std::uint32_t acknowledged = relative(initial_, key.reversed(), tcp.acknowledgement);
  const TcpSegmentSent* sent = sent_event(recording_, uid);
  const bool again = recording_.packet(uid).parentage == Parentage::retransmission;
  const bool probe = sent != nullptr && sent->kind == SegmentKind::probe;

  std::string flags;
  if (tcp.has(wire::tcp_flag::kSyn)) flags += "SYN";
  if (tcp.has(wire::tcp_flag::kFin)) flags += "FIN";
  if (tcp.has(wire::tcp_flag::kRst)) flags += "RST";
  if (!flags.empty() && tcp.has(wire::tcp_flag::kAck)) flags += "·ACK";

  std::string text;
  label.role = Role::acknowledgement;
  if (again) {
    text = "RETX ";
    label.role = Role::retransmission;
  } else if (probe) {
    text = "PROBE ";
  }
  if (!flags.empty()) {
    text += fmt::format("{} seq {}", flags, sequence);
    if (length > 0) text += fmt::format(":{}", sequence + length);
    if (tcp.has(wire::tcp_flag::kAck)) text += fmt::format(" ack {}", acknowledged);
    text += options_text(tcp);
    if (tcp.has(wire::tcp_flag::kRst)) label.role = Role::bad;
  } else if (length > 0) {
    if (!again && !probe) text += "DATA ";
    text += fmt::format("{}:{}", sequence, sequence + length);
    if (!again) label.role = Role::data;
    label.is_ordinary = !again && !probe;
  } else {
    text += fmt::format("ACK {}", acknowledged);
    const std::uint32_t duplicate = duplicate_number(recording_, uid);
    if (duplicate > 0) text += fmt::format(" dup {}", duplicate);
    if (tcp.window == 0) text += " window 0";
    label.is_ordinary = duplicate == 0 && tcp.window != 0 && !again;
  }
  if (again && sent != nullptr && sent->cause != RetransmitCause::none) {
    text += fmt::format(" ({})", to_text(sent->cause));
  }
  return text;
}

Label Labeller::label(PacketUid uid) const {
  Label label;
  const Bytes frame = recording_.frame(uid);
  const auto datagram = datagram_in(frame);
  if (datagram && datagram->header.protocol == IpProtocol::tcp && !datagram->header.is_fragment()) {
    label.text = tcp_text(uid, datagram->header.source, datagram->header.destination,
                          datagram->payload, label);
  } else if (!frame.empty()) {
    label.text = wire::dissect(frame).line;
    label.role = datagram ? Role::data : Role::link;
  } else {
    label.text = "(never became a frame)";
  }
  if (recording_.packet(uid).parentage == Parentage::duplicate) {
    label.text = "≈ duplicate: " + label.text;
    label.role = Role::damaged;
    label.is_ordinary = false;
  }
  return label;
}

}  // namespace strata::views
