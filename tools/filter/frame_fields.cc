// SPDX-License-Identifier: MIT
#include "tools/filter/frame_fields.h"

#include <algorithm>
#include <array>

#include "sim/analysis/causes.h"
#include "stack/wire/dissect.h"

namespace strata::filter {
namespace {

using Values = std::vector<Value>;

Values number(std::uint64_t value) { return {{value, ""}}; }
Values text(std::string_view value) { return {{0, std::string{value}}}; }
Values if_any(std::uint64_t value) { return value == 0 ? Values{} : number(value); }

// Fields that Wireshark has under one name for two.
struct Union {
  std::string_view name;
  std::array<std::string_view, 2> of;
};
constexpr std::array kUnions{Union{"eth.addr", {"eth.dst", "eth.src"}},
                             Union{"ip.addr", {"ip.src", "ip.dst"}},
                             Union{"tcp.port", {"tcp.srcport", "tcp.dstport"}},
                             Union{"udp.port", {"udp.srcport", "udp.dstport"}}};

// Bits of a field of flags.
struct Flag {
  std::string_view name;
  std::string_view of;
  std::uint64_t weight;
};
constexpr std::array kFlags{
    Flag{"ip.flags.df", "ip.flags", 2},         Flag{"ip.flags.mf", "ip.flags", 1},
    Flag{"tcp.flags.fin", "tcp.flags", 0x01},   Flag{"tcp.flags.syn", "tcp.flags", 0x02},
    Flag{"tcp.flags.reset", "tcp.flags", 0x04}, Flag{"tcp.flags.push", "tcp.flags", 0x08},
    Flag{"tcp.flags.ack", "tcp.flags", 0x10},   Flag{"tcp.flags.urg", "tcp.flags", 0x20},
    Flag{"tcp.flags.ece", "tcp.flags", 0x40},   Flag{"tcp.flags.cwr", "tcp.flags", 0x80}};

struct Presence {
  std::string_view name;
  Protocol protocol;
};
constexpr std::array kProtocols{
    Presence{"eth", Protocol::ethernet}, Presence{"vlan", Protocol::vlan},
    Presence{"arp", Protocol::arp},      Presence{"ip", Protocol::ipv4},
    Presence{"icmp", Protocol::icmpv4},  Presence{"udp", Protocol::udp},
    Presence{"tcp", Protocol::tcp}};

// Fields that the header counts in larger units than octets.
std::uint64_t unit_of(std::string_view name) {
  if (name == "ip.frag_offset") return 8;
  return name == "tcp.hdr_len" || name == "ip.hdr_len" ? 4 : 1;
}

// Values of a field of the field tables, from wherever in the frame it is.
Values plain_values(const wire::Dissection& dissection, std::string_view abbreviation,
                    std::uint64_t unit) {
  Values values;
  for (const wire::DissectedLayer& layer : dissection.layers) {
    for (const wire::DissectedField& field : layer.fields) {
      const bool is_it = field.abbreviation == abbreviation && field.bit_width > 0;
      if (is_it) values.push_back({field.raw * unit, ""});
    }
  }
  return values;
}

// What TCP said when it sent the packet.
std::optional<trace::EventIndex> segment_of(const trace::Recording& recording, PacketUid uid) {
  for (const trace::EventIndex index : recording.of_packet(uid)) {
    if (std::holds_alternative<TcpSegmentSent>(recording.event(index).body)) return index;
  }
  return std::nullopt;
}

bool is_again(const TcpSegmentSent& sent) {
  return sent.kind == SegmentKind::retransmission ||
         (sent.cause != RetransmitCause::none && sent.cause != RetransmitCause::window_probe);
}

}  // namespace

FrameFields::FrameFields(const trace::Recording& recording)
    : recording_(recording), labeller_(recording) {
  const auto& events = recording.events();
  const auto first = std::find_if(events.begin(), events.end(), [](const Event& event) {
    return std::holds_alternative<FrameSent>(event.body);
  });
  if (first != events.end()) first_ = (*first).time;
}

void FrameFields::look_at(const analysis::Hop& hop) { look_at(hop.uid, hop); }
void FrameFields::look_at(PacketUid uid) { look_at(uid, std::nullopt); }
void FrameFields::look_at(PacketUid uid, std::optional<analysis::Hop> hop) {
  uid_ = uid;
  hop_ = std::move(hop);
  dissection_.reset();
}

const wire::Dissection& FrameFields::dissection() {
  if (!dissection_) {
    dissection_ =
        hop_ ? wire::dissect(hop_->sent_frame, recording_.format_of(uid_)) : wire::Dissection{};
  }
  return *dissection_;
}

Values FrameFields::values(const FieldInfo& field) {
  if (field.name.starts_with("frame.")) return frame_values(field.name);
  if (field.name.starts_with("strata.")) return strata_values(field.name);
  return header_values(field);
}

Values FrameFields::frame_values(std::string_view name) const {
  if (!hop_) return {};
  if (name == "frame.len") return number(hop_->sent_frame.size());
  if (name == "frame.interface_name") {
    return text(recording_.directory().interface_name(hop_->from, hop_->out_port));
  }
  const Instant since = name == "frame.time_relative" ? first_ : kStart;
  return number(static_cast<std::uint64_t>((hop_->sent - since).count()));
}

Values FrameFields::header_values(const FieldInfo& field) {
  const std::string_view name = field.name;
  const auto is_named = [&](const auto& row) { return row.name == name; };
  if (const auto row = std::find_if(kProtocols.begin(), kProtocols.end(), is_named);
      row != kProtocols.end()) {
    return dissection().find(row->protocol) != nullptr ? number(1) : Values{};
  }
  if (const auto row = std::find_if(kUnions.begin(), kUnions.end(), is_named);
      row != kUnions.end()) {
    Values values = plain_values(dissection(), row->of[0], 1);
    for (Value& value : plain_values(dissection(), row->of[1], 1)) values.push_back(value);
    return values;
  }
  if (const auto row = std::find_if(kFlags.begin(), kFlags.end(), is_named); row != kFlags.end()) {
    Values values = plain_values(dissection(), row->of, 1);
    for (Value& value : values) value.number = (value.number & row->weight) != 0 ? 1 : 0;
    return values;
  }
  if (name == "tcp.len" || name == "tcp.payload" || name == "tcp.seq" || name == "tcp.ack" ||
      name.starts_with("tcp.analysis.")) {
    return tcp_values(name);
  }
  return plain_values(dissection(), name, unit_of(name));
}

Values FrameFields::tcp_values(std::string_view name) {
  if (name == "tcp.analysis.retransmission") {
    const auto sent = segment_of(recording_, uid_);
    if (!sent) return {};
    return is_again(std::get<TcpSegmentSent>(recording_.event(*sent).body)) ? number(1) : Values{};
  }
  if (name == "tcp.analysis.duplicate_ack") {
    for (const trace::EventIndex index : recording_.of_packet(uid_)) {
      const auto* received = std::get_if<TcpSegmentReceived>(&recording_.event(index).body);
      if (received != nullptr && received->duplicate_acks > 0) return number(1);
    }
    return {};
  }
  // Of the first TCP header: one quoted by an ICMP error is not all there.
  const wire::DissectedLayer* tcp = dissection().find(Protocol::tcp);
  if (tcp == nullptr) return {};
  const std::size_t length = tcp->total_bytes - std::min(tcp->header_bytes, tcp->total_bytes);
  if (name == "tcp.len") return number(length);
  if (name == "tcp.payload") {
    if (length == 0) return {};
    const Bytes octets = hop_->sent_frame.subspan(tcp->offset + tcp->header_bytes, length);
    return text(std::string(octets.begin(), octets.end()));
  }
  const auto numbers = labeller_.relative_numbers(uid_);
  if (!numbers) return {};
  // Without ACK the number means nothing; as in Wireshark it is 0.
  const Values flags = plain_values(dissection(), "tcp.flags", 1);
  const bool has_ack = !flags.empty() && (flags.front().number & 0x10) != 0;
  return number(name == "tcp.seq" ? numbers->sequence : has_ack ? numbers->acknowledgement : 0);
}

Values FrameFields::strata_values(std::string_view name) const {
  const trace::Directory& names = recording_.directory();
  const trace::PacketRecord record = recording_.packet(uid_);
  if (name == "strata.uid") return if_any(raw(uid_));
  if (name == "strata.parent") return if_any(raw(record.parent));
  if (name == "strata.flow") return if_any(record.flow);
  if (name == "strata.node") return text(names.node_name(hop_ ? hop_->from : record.origin));
  if (name == "strata.link") return hop_ ? text(names.link_name(hop_->link)) : Values{};
  if (name == "strata.corrupt") return hop_ ? if_any(hop_->flipped_bits.size()) : Values{};

  Values drops;
  Values again;
  for (const trace::EventIndex index : recording_.of_packet(uid_)) {
    const EventBody& body = recording_.event(index).body;
    if (const auto* dropped = std::get_if<Dropped>(&body)) {
      drops.push_back({0, std::string{strata::to_text(dropped->reason)}});
    } else if (const auto* sent = std::get_if<TcpSegmentSent>(&body)) {
      if (sent->cause != RetransmitCause::none) again = text(strata::to_text(sent->cause));
    }
  }
  if (name == "strata.drop") return drops;
  if (name == "strata.retx") return again;
  if (name != "strata.event") return sender_values(name);
  Values events;
  if (hop_) events.push_back({0, "tx"});
  if (!again.empty()) events.push_back({0, "retx"});
  if (!drops.empty()) events.push_back({0, "drop"});
  return events;
}

// What TCP knew when it sent the segment.
Values FrameFields::sender_values(std::string_view name) const {
  constexpr std::uint32_t kNoThreshold = 0xffffffffU;
  const auto sent = segment_of(recording_, uid_);
  const TcpVariables* known = sent ? analysis::variables_before(recording_, *sent) : nullptr;
  if (known == nullptr) return {};
  if (name == "strata.state") return text(strata::to_text(known->state));
  if (name == "strata.cwnd") return number(known->cwnd);
  if (name == "strata.flight") return number(known->flight);
  return known->ssthresh == kNoThreshold ? Values{} : number(known->ssthresh);
}

}  // namespace strata::filter
