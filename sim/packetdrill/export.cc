// SPDX-License-Identifier: MIT
#include "sim/packetdrill/export.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>

#include "sim/packetdrill/config_names.h"
#include "sim/packetdrill/export_calls.h"
#include "sim/packetdrill/packets.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/icmpv4.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/options.h"
#include "stack/wire/tcp.h"

namespace strata::packetdrill {
namespace {

using trace::EventIndex;
using wire::TcpHeader;

std::string seconds(Instant instant) {
  const auto ns = (instant - kStart).count();
  return fmt::format("{}.{:09}", ns / 1'000'000'000, ns % 1'000'000'000);
}

// "in 1.5 s" as the second time of a call.
std::string time_of(const ScriptLine& line) {
  if (!line.until) return seconds(line.at);
  return fmt::format("{}...{}", seconds(line.at), seconds(*line.until));
}

class Exporter {
 public:
  Exporter(const trace::Recording& recording, const ExportRequest& request)
      : recording_(recording), request_(request), flow_(*recording.flow(request.flow)) {
    const bool is_opener = flow_.opener_node == request.node;
    key_ = {.local = is_opener ? flow_.opener : flow_.responder,
            .remote = is_opener ? flow_.responder : flow_.opener};
  }

  tl::expected<std::string, std::string> write() {
    if (!key_.local.address.is_v4()) return tl::unexpected(std::string("scripts have no IPv6"));
    auto calls = calls_of(recording_, flow_, request_.node, counts_on_readers());
    if (!calls) return tl::unexpected(calls.error());
    lines_ = std::move(*calls);
    add_packets();
    if (!problem_.empty()) return tl::unexpected(problem_);
    std::stable_sort(lines_.begin(), lines_.end(), [](const ScriptLine& a, const ScriptLine& b) {
      return a.at != b.at ? a.at < b.at : a.place < b.place;
    });
    std::string script = head();
    for (const ScriptLine& line : lines_)
      script += fmt::format("{} {}\n", time_of(line), line.text);
    return script;
  }

 private:
  // Its windows depend on whether a reader waits: in a buffer of few segments.
  bool counts_on_readers() const {
    constexpr std::uint32_t kFewSegments = 16;
    return request_.config->receive_buffer_bytes < kFewSegments * std::uint32_t{request_.mtu};
  }
  std::string head() const {
    const ConfigText config = config_text(*request_.config);
    std::string text = fmt::format(
        "// {}\n--profile={}\n--local_ip={}\n--remote_ip={}\n--bind_port={}\n"
        "--connect_port={}\n--mtu={}\n"
        "--tolerance_usecs=0\n\n",
        request_.title, to_text(config.profile), to_text(key_.local.address),
        to_text(key_.remote.address), key_.local.port, key_.remote.port, request_.mtu);
    if (config.settings.empty()) return text;
    text += "0 `sysctl -q";
    for (const std::string& setting : config.settings) text += " " + setting;
    return text + "`\n";
  }

  void fail(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }
  void put(EventIndex index, std::string text) {
    lines_.push_back(
        {.at = recording_.event(index).time, .until = {}, .place = index, .text = std::move(text)});
  }

  // --- packets ---
  void add_packets() {
    for (const EventIndex index : recording_.of_node(request_.node)) {
      const strata::Event& event = recording_.event(index);
      if (const auto* received = std::get_if<FrameReceived>(&event.body)) {
        const std::size_t before = lines_.size();
        if (received->error == FrameError::none) on_frame(index, received->frame);
        arrived_ = lines_.size() > before ? event.uid : kNoPacket;
      } else if (const auto* dropped = std::get_if<Dropped>(&event.body)) {
        // The host had no memory for the frame: its TCP never saw it.
        const bool is_unseen = dropped->reason == DropReason::memory_limit &&
                               arrived_ != kNoPacket && event.uid == arrived_;
        if (is_unseen) lines_.pop_back();
        arrived_ = kNoPacket;
      } else if (const auto* whole = std::get_if<DatagramReassembled>(&event.body)) {
        on_datagram(index, whole->datagram);
      } else if (const auto* pushed = std::get_if<HeaderPushed>(&event.body)) {
        if (pushed->protocol == Protocol::tcp) segments_[event.uid] = pushed->packet;
      } else if (const auto* sent = std::get_if<TcpSegmentSent>(&event.body)) {
        if (sent->flow == key_) on_sent(index, event.uid);
      }
    }
  }

  void on_frame(EventIndex index, Bytes frame) {
    const auto ethernet = wire::EthernetHeader::parse(frame);
    if (ethernet && ethernet->type == EtherType::ipv4) {
      on_datagram(index, frame.subspan(wire::EthernetHeader::kBytes));
    }
  }

  void on_datagram(EventIndex index, Bytes datagram) {
    const auto ip = wire::Ipv4Header::parse(datagram);
    if (!ip || ip->is_fragment() || ip->destination != key_.local.address.v4()) return;
    const Bytes payload = datagram.subspan(ip->header_bytes(), ip->payload_bytes());
    if (ip->protocol == IpProtocol::icmp) return on_icmp(index, payload);
    if (ip->protocol != IpProtocol::tcp || ip->source != key_.remote.address.v4()) return;
    const auto tcp = TcpHeader::parse(payload, ip->source, ip->destination);
    if (!tcp || tcp->source_port != key_.remote.port || tcp->destination_port != key_.local.port) {
      return;  // of another flow, or damaged: TCP does not see it
    }
    if (tcp->has(wire::tcp_flag::kSyn)) learn_isn(remote_isn_, tcp->sequence);
    PacketSpec packet = spec(*tcp, payload.size() - tcp->header_bytes(), Direction::inbound);
    if (ip->ecn != 0) packet.ip.ecn = ip->ecn;
    put(index, to_text(packet));
  }

  void on_sent(EventIndex index, PacketUid uid) {
    const auto found = segments_.find(uid);
    if (found == segments_.end())
      return fail("it was answered without a connection, as a closed port and a SYN cookie are");
    const Bytes segment = found->second;
    const auto tcp = TcpHeader::parse(segment, key_.local.address.v4(), key_.remote.address.v4());
    if (!tcp) return fail("a segment that was sent cannot be read");
    if (tcp->has(wire::tcp_flag::kSyn)) learn_isn(local_isn_, tcp->sequence);
    put(index, to_text(spec(*tcp, segment.size() - tcp->header_bytes(), Direction::outbound)));
  }

  void learn_isn(std::optional<Seq32>& isn, Seq32 sequence) {
    if (isn && *isn != sequence)
      fail("its ports were used by two connections, one after the other");
    isn = sequence;
  }

  // An error about a segment of the flow.
  void on_icmp(EventIndex index, Bytes message) {
    const auto icmp = wire::Icmpv4Message::parse(message);
    if (!icmp || !icmp->is_error()) return;
    const Bytes quoted = message.subspan(wire::Icmpv4Message::kHeaderBytes);
    const auto ip = wire::Ipv4Header::parse_quoted(quoted);
    constexpr std::size_t kQuotedMin = 8;
    if (!ip || ip->protocol != IpProtocol::tcp || ip->source != key_.local.address.v4() ||
        quoted.size() < ip->header_bytes() + kQuotedMin) {
      return;
    }
    const std::uint8_t* tcp = quoted.data() + ip->header_bytes();
    if (load_be16(tcp) != key_.local.port || load_be16(tcp + 2) != key_.remote.port) return;
    const std::uint32_t sequence = load_be32(tcp + 4) - local_isn_.value_or(Seq32{}).raw();
    PacketSpec packet{.direction = Direction::inbound};
    IcmpSpec& spec = packet.body.emplace<IcmpSpec>();
    spec.type = static_cast<std::uint8_t>(icmp->type);
    spec.code = icmp->code;
    const bool is_too_big =
        icmp->type == wire::IcmpType::destination_unreachable && icmp->code == 4;
    if (is_too_big) spec.mtu = icmp->next_hop_mtu();
    const std::size_t headers = ip->header_bytes() + TcpHeader::kBytesMin;
    const auto length = static_cast<std::uint32_t>(
        ip->total_length - std::min<std::size_t>(headers, ip->total_length));
    put(index, fmt::format("{} [{}:{}({})]", to_text(packet), sequence, sequence + length, length));
  }

  // Numbers counted from those of the SYNs.
  PacketSpec spec(const TcpHeader& header, std::size_t text_bytes, Direction direction) {
    const bool leaves = direction == Direction::outbound;
    const std::uint32_t base = (leaves ? local_isn_ : remote_isn_).value_or(Seq32{}).raw();
    const std::uint32_t other = (leaves ? remote_isn_ : local_isn_).value_or(Seq32{}).raw();
    PacketSpec packet{.direction = direction};
    TcpSpec& tcp = packet.body.emplace<TcpSpec>();
    tcp.flags = header.flags;
    tcp.sequence = header.sequence.raw() - base;
    tcp.length = static_cast<std::uint32_t>(text_bytes);
    if (header.has(wire::tcp_flag::kAck)) {
      tcp.acknowledgement = header.acknowledgement.raw() - other;
    }
    tcp.accurate_ecn = (header.reserved & 1) != 0;
    tcp.window = header.window;
    tcp.urgent = header.urgent_pointer;
    wire::OptionWalker walk(header.options.bytes());
    while (const auto option = walk.next()) {
      tcp.options.push_back(option_spec(*option, other));
      if (option->kind != wire::Option::kEnd) continue;
      const std::size_t padding = header.options.size() - option->offset - 1;
      tcp.options.insert(tcp.options.end(), padding, OptionSpec{});
    }
    return packet;
  }

  OptionSpec option_spec(const wire::Option& option, std::uint32_t other) {
    const Bytes payload = option.payload();
    OptionSpec spec{.kind = option.kind, .payload = {payload.begin(), payload.end()}};
    switch (static_cast<wire::TcpOptionKind>(option.kind)) {
      case wire::TcpOptionKind::sack:
        for (std::size_t i = 0; i + 4 <= spec.payload.size(); i += 4) {
          store_be32(&spec.payload[i], load_be32(&spec.payload[i]) - other);
        }
        break;
      case wire::TcpOptionKind::fast_open:
        if (!payload.empty()) fail("a Fast Open cookie is good for one host and one run only");
        break;
      case wire::TcpOptionKind::md5_signature:
        fail("a signature covers sequence numbers and ports, which a script does not keep");
        break;
      case wire::TcpOptionKind::end:
      case wire::TcpOptionKind::no_operation:
      case wire::TcpOptionKind::maximum_segment_size:
      case wire::TcpOptionKind::window_scale:
      case wire::TcpOptionKind::sack_permitted:
      case wire::TcpOptionKind::timestamps:
      case wire::TcpOptionKind::accurate_ecn_0:
      case wire::TcpOptionKind::accurate_ecn_1:
        break;
    }
    return spec;
  }

  const trace::Recording& recording_;
  const ExportRequest& request_;
  const trace::Flow& flow_;
  FlowKey key_;
  std::vector<ScriptLine> lines_;
  std::map<PacketUid, Bytes> segments_;  // as TCP handed them over
  PacketUid arrived_ = kNoPacket;        // the frame whose line is the last
  std::optional<Seq32> local_isn_;
  std::optional<Seq32> remote_isn_;
  std::string problem_;
};

bool is_on_one_of(const trace::Recording& recording, NodeId node, std::span<const LinkId> links) {
  const trace::NodeEntry* entry = recording.directory().node(node);
  return entry != nullptr && std::ranges::any_of(entry->ports, [&](const trace::PortEntry& port) {
           return std::ranges::find(links, port.link) != links.end();
         });
}

}  // namespace

std::vector<LinkId> links_with_mtu_changes(const trace::Recording& recording) {
  std::vector<LinkId> links;
  for (const strata::Event& event : recording.events()) {
    const auto* change = std::get_if<LinkMtuChanged>(&event.body);
    if (change == nullptr || std::ranges::find(links, change->link) != links.end()) continue;
    links.push_back(change->link);
  }
  return links;
}

tl::expected<std::string, std::string> export_script(const trace::Recording& recording,
                                                     const ExportRequest& request) {
  const trace::Flow* flow = recording.flow(request.flow);
  if (flow == nullptr) return tl::unexpected(fmt::format("there is no flow {}", request.flow));
  if (flow->protocol != Protocol::tcp) {
    return tl::unexpected(std::string("only TCP flows become scripts"));
  }
  if (flow->opener_node == flow->responder_node) {
    return tl::unexpected(std::string("both ends are on one host"));
  }
  if (is_on_one_of(recording, request.node, request.unsteady_links)) {
    return tl::unexpected(std::string("the MTU of its link changed; a script has one MTU"));
  }
  return Exporter(recording, request).write();
}

}  // namespace strata::packetdrill
