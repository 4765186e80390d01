// SPDX-License-Identifier: MIT
#include "tools/views/label.h"

#include <fmt/format.h>

#include <algorithm>

#include "stack/wire/dissect.h"
#include "stack/wire/options.h"
#include "stack/wire/tcp.h"

namespace strata::views {
namespace {

using wire::Datagram;
using wire::TcpHeader;

std::optional<Datagram> datagram_of(const PacketOctets& packet) {
  if (packet.outermost != Protocol::ethernet) return std::nullopt;
  return wire::datagram_in(packet.octets, packet.format);
}

std::optional<TcpHeader> tcp_in(const Datagram& datagram) {
  if (datagram.protocol != IpProtocol::tcp || datagram.fragment_offset != 0) return std::nullopt;
  const auto header = wire::captured_tcp_header(datagram.payload, datagram.payload_bytes);
  if (!header || header->header_bytes() > datagram.payload_bytes) return std::nullopt;
  return *header;
}

// What a SYN offers, in the order of the wire: it tells systems apart.
std::string options_text(const TcpHeader& header) {
  std::string text;
  const auto add = [&](const std::string& part) { text += text.empty() ? part : " " + part; };
  wire::OptionWalker walk(header.options.bytes());
  while (const auto option = walk.next()) {
    const auto values = wire::TcpOptionValues::from(option->bytes);
    if (values.mss) add(fmt::format("mss {}", *values.mss));
    if (values.sack_permitted) add("sackOK");
    if (values.timestamps) add("ts");
    if (values.window_scale) add(fmt::format("ws {}", *values.window_scale));
    if (values.fast_open) add(values.fast_open->empty() ? "cookie?" : "cookie");
  }
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

PacketOctets octets_of(const trace::Recording& recording, PacketUid uid) {
  PacketOctets found;
  for (const trace::EventIndex index : recording.of_packet(uid)) {
    const EventBody& body = recording.event(index).body;
    if (const auto* sent = std::get_if<FrameSent>(&body)) {
      return {sent->frame, Protocol::ethernet, recording.format_of(uid)};
    }
    const auto* pushed = std::get_if<HeaderPushed>(&body);
    const auto* pulled = std::get_if<HeaderPulled>(&body);
    if (pushed == nullptr && pulled == nullptr) continue;
    const Bytes octets = pushed != nullptr ? pushed->packet : pulled->packet;
    if (octets.size() <= found.octets.size()) continue;
    const Protocol protocol = pushed != nullptr ? pushed->protocol : pulled->protocol;
    const bool is_frame = layer_of(protocol) == Layer::link && protocol != Protocol::arp;
    found = {octets, is_frame ? Protocol::ethernet : protocol, {}};
  }
  return found;
}

bool Labeller::knows(const std::vector<Beginning>& all, const Endpoint& sender) {
  return std::ranges::any_of(
      all, [&](const Beginning& beginning) { return beginning.sender == sender; });
}

void Labeller::add_beginnings(trace::EventIndex index, std::vector<Beginning>& all) const {
  const Event& event = recording_.event(index);
  const auto datagram = datagram_of(octets_of(recording_, event.uid));
  const auto tcp = datagram ? tcp_in(*datagram) : std::nullopt;
  if (!tcp) return;
  const Endpoint sender{datagram->source, tcp->source_port};
  const bool is_syn = std::holds_alternative<TcpSegmentSent>(event.body);
  if (!is_syn && knows(all, sender)) return;
  // As if a SYN had come before what was not seen: text begins at 1, as Wireshark counts. The
  // packet itself is counted from there, too: from the first that is known of it.
  const bool has_syn = tcp->has(wire::tcp_flag::kSyn);
  const trace::EventIndex first = recording_.of_packet(event.uid).front();
  all.push_back({first, sender, has_syn ? tcp->sequence : tcp->sequence - 1});
  const Endpoint receiver{datagram->destination, tcp->destination_port};
  if (tcp->has(wire::tcp_flag::kAck) && !knows(all, receiver)) {
    all.push_back({first, receiver, tcp->acknowledgement - 1});
  }
}

// SYNs, and frames until both sides are known.
const std::vector<Labeller::Beginning>& Labeller::beginnings_of(const trace::Flow& flow) {
  const auto [found, is_new] = beginnings_.try_emplace(flow.number);
  std::vector<Beginning>& all = found->second;
  if (!is_new) return all;
  const auto syns = recording_.syns_of(flow.number);
  auto syn = syns.begin();
  for (const trace::EventIndex index : recording_.of_flow(flow.number)) {
    if (knows(all, flow.opener) && knows(all, flow.responder)) break;
    const bool is_syn = syn != syns.end() && *syn == index;
    if (is_syn) ++syn;
    const bool is_frame = std::holds_alternative<FrameSent>(recording_.event(index).body);
    if (is_syn || is_frame) add_beginnings(index, all);
  }
  for (; syn != syns.end(); ++syn) add_beginnings(*syn, all);
  return all;
}

// `number` counted from where the sender, key.local, began.
std::uint32_t Labeller::relative(const FlowKey& key, trace::EventIndex at, Seq32 number) {
  const trace::Flow* flow = recording_.find_flow(key);
  if (flow == nullptr) return number.raw();
  const Beginning* last = nullptr;
  for (const Beginning& beginning : beginnings_of(*flow)) {
    if (beginning.sender != key.local) continue;
    if (last == nullptr || beginning.index <= at) last = &beginning;
  }
  return last == nullptr ? number.raw() : number.raw() - last->sequence.raw();
}

Labeller::RelativeNumbers Labeller::relative_numbers(PacketUid uid, const FlowKey& key,
                                                     const TcpHeader& tcp) {
  const trace::EventIndex at = recording_.of_packet(uid).front();
  return {relative(key, at, tcp.sequence), relative(key.reversed(), at, tcp.acknowledgement)};
}

std::optional<Labeller::RelativeNumbers> Labeller::relative_numbers(PacketUid uid) {
  const auto datagram = datagram_of(octets_of(recording_, uid));
  const auto tcp = datagram ? tcp_in(*datagram) : std::nullopt;
  if (!tcp) return std::nullopt;
  const FlowKey key{{datagram->source, tcp->source_port},
                    {datagram->destination, tcp->destination_port}};
  return relative_numbers(uid, key, *tcp);
}

std::string Labeller::tcp_text(PacketUid uid, const Datagram& datagram, Label& label) {
  const auto parsed = tcp_in(datagram);
  if (!parsed) return "TCP (malformed)";
  const TcpHeader& tcp = *parsed;
  const std::size_t length = datagram.payload_bytes - tcp.header_bytes();
  const FlowKey key{{datagram.source, tcp.source_port},
                    {datagram.destination, tcp.destination_port}};
  const auto [sequence, acknowledged] = relative_numbers(uid, key, tcp);
  const TcpSegmentSent* sent = sent_event(recording_, uid);
  const bool probe = sent != nullptr && (sent->kind == SegmentKind::probe ||
                                         sent->cause == RetransmitCause::window_probe);
  // Of a capture one knows that a segment was sent again, but not always why.
  const bool again = sent != nullptr && !probe &&
                     (sent->cause != RetransmitCause::none ||
                      (recording_.is_inferred() && sent->kind == SegmentKind::retransmission));

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
  if (again && sent->cause != RetransmitCause::none) {
    text +=
        fmt::format(" ({}{})", recording_.is_inferred() ? "inferred: " : "", to_text(sent->cause));
  } else if (again) {
    text += " (inferred)";
  }
  if (tcp.has(wire::tcp_flag::kUrg)) text += " URG";
  // RFC 3168: what the two ends tell each other of congestion.
  if (tcp.has(wire::tcp_flag::kEce)) text += " ECE";
  if (tcp.has(wire::tcp_flag::kCwr)) text += " CWR";
  label.is_ordinary &= !tcp.has(wire::tcp_flag::kEce) && !tcp.has(wire::tcp_flag::kCwr) &&
                       !tcp.has(wire::tcp_flag::kUrg);
  return text;
}

namespace {

// What a datagram that is not a TCP segment says.
std::string datagram_text(const trace::Recording& recording, PacketUid uid,
                          const wire::Dissection& dissection, const Datagram& datagram) {
  if (datagram.is_fragment) {
    const std::size_t begin = datagram.fragment_offset;
    return fmt::format("IP fragment {}:{} of 0x{:04x}", begin, begin + datagram.payload_bytes,
                       datagram.identification);
  }
  if (const auto* icmp = dissection.find(Protocol::icmpv4)) {
    std::string text = fmt::format("ICMP {}", printable(icmp->summary));
    for (const trace::EventIndex index : recording.of_packet(uid)) {
      const auto* sent = std::get_if<IcmpSent>(&recording.event(index).body);
      const bool is_error = sent != nullptr && sent->type != 0 && sent->type != 14;
      if (is_error && sent->because_of != kNoPacket) {
        text += fmt::format(", about #{}", raw(sent->because_of));
      }
    }
    return text;
  }
  if (const auto* udp = dissection.find(Protocol::udp)) {
    return fmt::format("UDP {}, {} B", udp->summary, udp->total_bytes - udp->header_bytes);
  }
  return dissection.line;
}

}  // namespace

Label Labeller::label(PacketUid uid) {
  Label label;
  const PacketOctets packet = octets_of(recording_, uid);
  const bool is_frame = packet.outermost == Protocol::ethernet;
  const auto datagram = datagram_of(packet);
  if (datagram) label.source = datagram->source;
  if (datagram && datagram->protocol == IpProtocol::tcp && !datagram->is_fragment) {
    label.text = tcp_text(uid, *datagram, label);
  } else if (is_frame) {
    const wire::Dissection dissection = wire::dissect(packet.octets, packet.format);
    const auto* arp = dissection.find(Protocol::arp);
    label.text = datagram         ? datagram_text(recording_, uid, dissection, *datagram)
                 : arp != nullptr ? fmt::format("ARP {}", arp->summary)
                                  : dissection.line;
    label.role = datagram ? Role::data : Role::link;
  } else if (packet.outermost == Protocol::ipv4) {
    label.text =
        wire::dissect(packet.octets, {.link_type = wire::LinkType::raw_ip, .has_fcs = false}).line;
  } else if (!packet.octets.empty()) {
    label.text = fmt::format("{} {} B",
                             packet.outermost == Protocol::udp   ? "UDP"
                             : packet.outermost == Protocol::tcp ? "TCP"
                                                                 : to_text(packet.outermost),
                             packet.octets.size());
  } else {
    label.text = "(no octets)";
  }
  if (recording_.packet(uid).parentage == Parentage::duplicate) {
    label.text = "≈ duplicate: " + label.text;
    label.role = Role::damaged;
    label.is_ordinary = false;
  }
  return label;
}

}  // namespace strata::views
