// SPDX-License-Identifier: MIT
#include "tools/filter/fields.h"

#include <algorithm>
#include <array>

namespace strata::filter {
namespace {

using enum FieldType;

constexpr auto kFields = std::to_array<FieldInfo>({

    {"frame.len", number, "octets of the frame, FCS included"},
    {"frame.time_epoch", seconds, "virtual time of the first bit"},
    {"frame.time_relative", seconds, "since the first frame of the run"},
    {"frame.interface_name", text, "interface it left: \"client:eth0\""},

    {"eth", protocol, "Ethernet"},
    {"eth.dst", mac, "destination address"},
    {"eth.src", mac, "source address"},
    {"eth.addr", mac, "either address"},
    {"eth.type", number, "EtherType"},
    {"vlan", protocol, "802.1Q tag"},
    {"vlan.id", number, "VLAN identifier"},
    {"vlan.priority", number, "priority code point"},

    {"arp", protocol, "address resolution"},
    {"arp.opcode", number, "1 request, 2 reply"},
    {"arp.src.hw_mac", mac, "sender hardware address"},
    {"arp.src.proto_ipv4", ipv4, "sender protocol address"},
    {"arp.dst.hw_mac", mac, "target hardware address"},
    {"arp.dst.proto_ipv4", ipv4, "target protocol address"},

    {"ip", protocol, "IPv4"},
    {"ip.src", ipv4, "source address"},
    {"ip.dst", ipv4, "destination address"},
    {"ip.addr", ipv4, "either address"},
    {"ip.hdr_len", number, "octets of the header"},
    {"ip.len", number, "total length"},
    {"ip.id", number, "identification"},
    {"ip.ttl", number, "time to live"},
    {"ip.proto", number, "1 ICMP, 6 TCP, 17 UDP"},
    {"ip.flags.df", boolean, "don't fragment"},
    {"ip.flags.mf", boolean, "more fragments"},
    {"ip.frag_offset", number, "fragment offset in octets"},
    {"ip.dsfield.dscp", number, "differentiated services code point"},
    {"ip.dsfield.ecn", number, "3: congestion experienced"},

    {"icmp", protocol, "ICMP"},
    {"icmp.type", number, "8 echo request, 0 reply, 3 unreachable, 11 time exceeded"},
    {"icmp.code", number, "code"},
    {"icmp.ident", number, "identifier of an echo"},
    {"icmp.seq", number, "sequence number of an echo"},

    {"udp", protocol, "UDP"},
    {"udp.srcport", number, "source port"},
    {"udp.dstport", number, "destination port"},
    {"udp.port", number, "either port"},
    {"udp.length", number, "header and payload"},

    {"tcp", protocol, "TCP"},
    {"tcp.srcport", number, "source port"},
    {"tcp.dstport", number, "destination port"},
    {"tcp.port", number, "either port"},
    {"tcp.seq", number, "sequence number, relative to the initial one"},
    {"tcp.ack", number, "acknowledgement number, relative"},
    {"tcp.seq_raw", number, "sequence number as in the header"},
    {"tcp.ack_raw", number, "acknowledgement number as in the header"},
    {"tcp.len", number, "octets of payload"},
    {"tcp.hdr_len", number, "octets of the header"},
    {"tcp.window_size_value", number, "window as in the header, not scaled"},
    {"tcp.urgent_pointer", number, "urgent pointer"},
    {"tcp.flags", number, "all flags as a number"},
    {"tcp.flags.syn", boolean, "SYN"},
    {"tcp.flags.ack", boolean, "ACK"},
    {"tcp.flags.fin", boolean, "FIN"},
    {"tcp.flags.reset", boolean, "RST"},
    {"tcp.flags.push", boolean, "PSH"},
    {"tcp.flags.urg", boolean, "URG"},
    {"tcp.flags.ece", boolean, "ECN echo"},
    {"tcp.flags.cwr", boolean, "congestion window reduced"},
    {"tcp.payload", text, "the octets carried, as text"},
    {"tcp.analysis.retransmission", protocol, "it was sent again: known here, not guessed"},
    {"tcp.analysis.duplicate_ack", protocol, "its receiver counted it as a duplicate ACK"},

    {"strata.uid", number, "packet number (#41)"},
    {"strata.parent", number, "packet it was made from: copy, fragment, quoted"},
    {"strata.flow", number, "conversation"},
    {"strata.node", text, "device that sent it on this link"},
    {"strata.link", text, "link it crossed"},
    {"strata.event", text, "\"tx\", \"retx\" or \"drop\""},
    {"strata.drop", text, "why it died: \"loss\", \"queue-full\", \"ttl-exceeded\", ..."},
    {"strata.retx", text, "why it was sent again: \"timeout\", \"fast retransmit\", ..."},
    {"strata.corrupt", number, "bits the medium flipped"},
    {"strata.state", text, "TCP state of the sender when it left"},
    {"strata.cwnd", number, "congestion window of the sender, octets"},
    {"strata.ssthresh", number, "slow start threshold of the sender, octets"},
    {"strata.flight", number, "octets in flight at the sender"},
});

}  // namespace

std::string_view to_text(FieldType type) {
  switch (type) {
    case FieldType::number:
      return "number";
    case FieldType::boolean:
      return "boolean";
    case FieldType::seconds:
      return "seconds";
    case FieldType::ipv4:
      return "IPv4 address";
    case FieldType::mac:
      return "MAC address";
    case FieldType::text:
      return "text";
    case FieldType::protocol:
      return "protocol";
  }
  return "?";
}

const std::vector<FieldInfo>& fields() {
  static const std::vector<FieldInfo> kAll(kFields.begin(), kFields.end());
  return kAll;
}

const FieldInfo* find_field(std::string_view name) {
  const auto found = std::find_if(fields().begin(), fields().end(),
                                  [&](const FieldInfo& field) { return field.name == name; });
  return found == fields().end() ? nullptr : &*found;
}

std::vector<std::string> field_names() {
  std::vector<std::string> names;
  for (const FieldInfo& field : fields()) names.emplace_back(field.name);
  return names;
}

}  // namespace strata::filter
