// SPDX-License-Identifier: MIT
#include "sim/trace/capture_observer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "sim/trace/line.h"
#include "sim/trace/words.h"
#include "stack/base/assert.h"
#include "stack/physical/framing.h"

namespace strata::trace {
namespace {

// As a value of a key=value pair: letters, digits, '-' and '.' stay, each run of anything else
// becomes one hyphen.
std::string as_value(std::string_view text) {
  std::string value;
  for (const char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '.' || c == '-';
    if (plain) {
      value += c;
    } else if (!value.empty() && value.back() != '-') {
      value += '-';
    }
  }
  while (!value.empty() && value.back() == '-') value.pop_back();
  return value;
}

std::string file_name(std::string_view node, std::string_view port, CaptureFormat format) {
  std::string name =
      fmt::format("{}-{}.{}", node, port, format == CaptureFormat::pcapng ? "pcapng" : "pcap");
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
}

}  // namespace

// ---- opening and closing ----

tl::expected<std::unique_ptr<CaptureObserver>, std::string> CaptureObserver::create(
    Directory directory, const CaptureOptions& options) {
  std::unique_ptr<CaptureObserver> observer{new CaptureObserver{std::move(directory), options}};
  if (auto error = observer->open_streams(options)) return tl::unexpected(std::move(*error));
  return observer;
}

CaptureObserver::CaptureObserver(Directory directory, const CaptureOptions& options)
    : directory_(std::move(directory)),
      filter_(options.filter),
      annotate_(options.annotate && options.format == CaptureFormat::pcapng),
      single_file_(options.single_file),
      segments_(kSegments) {
  for (std::uint32_t node = 0; node < directory_.nodes.size(); ++node) {
    const std::size_t ports = directory_.nodes[node].ports.size();
    tap_numbers_.emplace_back(ports, kNoTap);
    for (std::uint16_t port = 0; port < ports; ++port) {
      const sim::LinkEnd end{NodeId{node}, PortId{port}};
      const bool is_connected = directory_.nodes[node].ports[port].link != kNoLink;
      const bool is_chosen =
          options.interfaces.empty()
              ? is_connected
              : std::ranges::find(options.interfaces, end) != options.interfaces.end();
      if (!is_chosen) continue;
      tap_numbers_[node][port] = static_cast<std::uint32_t>(taps_.size());
      taps_.push_back({.end = end});
    }
  }
}

std::optional<std::string> CaptureObserver::open_streams(const CaptureOptions& options) {
  if (taps_.empty()) return "there is no interface to capture on";
  if (const auto wrong = sim::check_filter(options.filter)) {
    return fmt::format("the capture filter is not understood: {}", *wrong);
  }
  CaptureHead shared = head(options);
  if (options.single_file) {
    for (std::uint32_t i = 0; i < taps_.size(); ++i) {
      taps_[i].interface = i;
      shared.interfaces.push_back(describe(taps_[i].end, options));
    }
    auto file = CaptureStream::create(options.path, options.format, shared, block_writer_);
    if (!file) return std::move(file.error());
    streams_.push_back({.file = std::move(*file)});
    paths_.push_back(options.path);
    return std::nullopt;
  }
  std::error_code failure;
  std::filesystem::create_directories(options.path, failure);
  if (failure) return fmt::format("cannot make {}: {}", options.path, failure.message());
  for (Tap& tap : taps_) {
    tap.stream = static_cast<std::uint32_t>(streams_.size());
    shared.interfaces.assign(1, describe(tap.end, options));
    const std::filesystem::path path =
        std::filesystem::path{options.path} /
        file_name(directory_.node_name(tap.end.node),
                  directory_.port_name(tap.end.node, tap.end.port), options.format);
    auto file = CaptureStream::create(path.string(), options.format, shared, block_writer_);
    if (!file) return std::move(file.error());
    streams_.push_back({.file = std::move(*file)});
    paths_.push_back(path.string());
  }
  return std::nullopt;
}

CaptureHead CaptureObserver::head(const CaptureOptions& options) const {
  CaptureHead head{.is_physical = options.physical};
  head.section = {.hardware = "simulated",
                  .operating_system = {},
                  .application = options.application,
                  .comments = options.comments};
  for (const NodeEntry& node : directory_.nodes) {
    for (const PortEntry& port : node.ports) {
      for (const Prefix& prefix : port.addresses) head.names.push_back({prefix.address, node.name});
    }
  }
  return head;
}

PcapngWriter::Interface CaptureObserver::describe(const sim::LinkEnd& end,
                                                  const CaptureOptions& options) const {
  PcapngWriter::Interface interface {
    .name = directory_.interface_name(end.node, end.port),
    .link_type = options.physical ? device::LinkType::ethernet_mpacket : device::LinkType::ethernet,
    .snapshot_bytes = options.snapshot_bytes,
    .fcs_bytes = static_cast<std::uint8_t>(options.physical ? 0 : physical::kFcsBytes)
  };
  const PortEntry* port = directory_.port(end.node, end.port);
  if (port == nullptr) return interface;
  interface.mac = port->mac;
  interface.addresses = port->addresses;
  if (const LinkEntry* link = directory_.link(port->link)) {
    interface.speed_bps = link->rate_bps;
    const auto peer = directory_.peer_of(port->link, end.node, end.port);
    interface.description = fmt::format(
        "{} on link {} to {}", interface.name, link->name,
        peer ? directory_.interface_name(peer->node, peer->port) : std::string{"nobody"});
  }
  return interface;
}

bool CaptureObserver::has_failed() const {
  return std::ranges::any_of(streams_,
                             [](const Stream& stream) { return stream.file->has_failed(); });
}

void CaptureObserver::flush() {
  for (Stream& stream : streams_) {
    close(stream);
    stream.file->flush();
  }
}

std::optional<std::string> CaptureObserver::finish(Instant end) {
  for (Stream& stream : streams_) close(stream);
  for (const Tap& tap : taps_) {
    streams_[tap.stream].file->statistics(tap.interface, end, tap.frames, tap.drops);
  }
  std::optional<std::string> first_error;
  for (Stream& stream : streams_) {
    auto error = stream.file->finish();
    if (error && !first_error) first_error = std::move(error);
  }
  return first_error;
}

// ---- events ----

EventMask CaptureObserver::wanted() const {
  const EventMask frames = event_mask<FrameSent, FrameReceived, Dropped>();
  if (!annotate_) return frames;
  // Segments received teach the flow table nothing that a capture asks it.
  return frames | (FlowTable::kWanted & ~event_mask<TcpSegmentReceived>()) |
         event_mask<FrameCorrupted, FrameTruncated, FrameDuplicated, FrameDelayed, FrameMarked,
                    FrameReplayed>();
}

void CaptureObserver::on_event(const Event& event) {
  if (const auto* sent = std::get_if<FrameSent>(&event.body)) {
    on_frame(event, sent->port, sent->frame, true, FrameError::none);
    return;
  }
  if (const auto* received = std::get_if<FrameReceived>(&event.body)) {
    on_frame(event, received->port, received->frame, false, received->error);
    return;
  }
  if (const auto* dropped = std::get_if<Dropped>(&event.body)) {
    on_dropped(event, *dropped);
    return;
  }
  if (!annotate_) return;
  if (const auto* corrupted = std::get_if<FrameCorrupted>(&event.body)) {
    if (Stream* stream = open_at(event, kNoPort)) {
      describe_decision(*stream->file, corrupted->link,
                        fmt::format("event=corrupted bits={}", corrupted->flipped_bits.size()),
                        corrupted->decision);
    }
  } else if (const auto* truncated = std::get_if<FrameTruncated>(&event.body)) {
    if (Stream* stream = open_at(event, kNoPort)) {
      describe_decision(*stream->file, truncated->link,
                        fmt::format("event=truncated bytes={}", truncated->arriving_bytes),
                        truncated->decision);
    }
  } else if (const auto* duplicated = std::get_if<FrameDuplicated>(&event.body)) {
    if (Stream* stream = open_at(event, kNoPort)) {
      describe_decision(*stream->file, duplicated->link,
                        fmt::format("event=duplicated copy={}", raw(duplicated->copy)),
                        duplicated->decision);
    }
  } else if (const auto* delayed = std::get_if<FrameDelayed>(&event.body)) {
    if (Stream* stream = open_at(event, kNoPort)) {
      describe_decision(*stream->file, delayed->link,
                        fmt::format("event=delayed ns={}", delayed->extra.count()),
                        delayed->decision);
    }
  } else if (const auto* marked = std::get_if<FrameMarked>(&event.body)) {
    marks_.insert_or_assign(event.uid, *marked);  // told with the frame, once it is sent
  } else if (const auto* replayed = std::get_if<FrameReplayed>(&event.body)) {
    if (tap_at(event.node, replayed->port) != kNoTap) {
      replayed_.insert_or_assign(event.uid, *replayed);
    }
  } else {
    const FlowTable::Place place = flow_table_.observe(event);
    if (place.number == 0) return;
    if (const auto* segment = std::get_if<TcpSegmentSent>(&event.body)) {
      on_segment(event, place.number, *segment);
    }
  }
}

std::uint32_t CaptureObserver::tap_at(NodeId node, PortId port) const {
  if (raw(node) >= tap_numbers_.size() || raw(port) >= tap_numbers_[raw(node)].size()) {
    return kNoTap;
  }
  return tap_numbers_[raw(node)][raw(port)];
}

void CaptureObserver::on_frame(const Event& event, PortId port, Bytes frame, bool is_outbound,
                               FrameError error) {
  const std::uint32_t number = tap_at(event.node, port);
  if (number == kNoTap) return;
  Tap& tap = taps_[number];
  Stream& stream = streams_[tap.stream];
  close(stream);
  const auto replayed = is_outbound && !replayed_.empty() ? replayed_.extract(event.uid)
                                                          : decltype(replayed_)::node_type{};
  if (!filter_.matches(frame)) return;
  ++tap.frames;
  Line line;
  const Segment& kept = segments_[raw(event.uid) % kSegments];
  const bool is_known = kept.uid == event.uid && event.uid != kNoPacket;
  const Segment* segment = is_known ? &kept : nullptr;
  if (annotate_) describe_frame(line, event, segment, is_outbound);
  stream.file->begin({.interface = tap.interface,
                      .time = event.time,
                      .frame = frame,
                      .is_outbound = is_outbound,
                      .error = error,
                      .uid = event.uid,
                      .drops_before = tap.drops - tap.drops_told,
                      .comment = line.view()});
  tap.drops_told = tap.drops;
  stream.open = {.is_open = true, .tap = number, .uid = event.uid, .is_outbound = is_outbound};
  if (!annotate_) return;
  if (segment != nullptr && segment->cause != 0) {
    describe_repetition(*stream.file, event, *segment);
  }
  if (replayed) {
    text_ = fmt::format("strata: event=replayed frame={}", replayed.mapped().number);
    if (const std::uint64_t missing = replayed.mapped().bytes_left_out; missing > 0) {
      fmt::format_to(std::back_inserter(text_), " missing={}", missing);
    }
    stream.file->comment(text_);
  }
  if (marks_.empty() || !is_outbound) return;
  if (const auto mark = marks_.find(event.uid); mark != marks_.end()) {
    describe_decision(*stream.file, mark->second.link, "event=marked ce", mark->second.decision);
    marks_.erase(mark);
  }
}

void CaptureObserver::close(Stream& stream) {
  if (stream.open.is_open) stream.file->end();
  stream.open.is_open = false;
}

CaptureObserver::Stream* CaptureObserver::open_at(const Event& event, PortId port) {
  const auto fits = [&](const Stream& stream) {
    if (!stream.open.is_open || stream.open.uid != event.uid) return false;
    const sim::LinkEnd& end = taps_[stream.open.tap].end;
    return end.node == event.node && (port == kNoPort || end.port == port);
  };
  if (single_file_) return fits(streams_.front()) ? &streams_.front() : nullptr;
  if (raw(event.node) >= tap_numbers_.size()) return nullptr;
  for (const std::uint32_t number : tap_numbers_[raw(event.node)]) {
    if (number == kNoTap) continue;
    Stream& stream = streams_[taps_[number].stream];
    if (fits(stream)) return &stream;
  }
  return nullptr;
}

void CaptureObserver::on_dropped(const Event& event, const Dropped& dropped) {
  Stream* stream = event.uid == kNoPacket ? nullptr : open_at(event, dropped.port);
  const bool never_sent = dropped.reason == DropReason::queue_full ||
                          dropped.reason == DropReason::queue_managed ||
                          dropped.reason == DropReason::link_down;
  if (never_sent) marks_.erase(event.uid);
  replayed_.erase(event.uid);
  if (stream == nullptr) {
    const std::uint32_t number = tap_at(event.node, dropped.port);
    if (number != kNoTap && never_sent) ++taps_[number].drops;
    return;
  }
  if (!annotate_) return;
  const std::string reason = fmt::format("drop={}", to_text(dropped.reason));
  if (dropped.link == kNoLink) {
    text_ = fmt::format("strata: {} layer={}", reason, to_text(dropped.layer));
    stream->file->comment(text_);
    text_ =
        fmt::format("Ends at {}: {}", directory_.node_name(event.node), words_of(dropped.reason));
    stream->file->comment(text_);
    return;
  }
  describe_decision(*stream->file, dropped.link, reason, dropped.decision);
  text_ = fmt::format("Ends on {}: {}{}", directory_.link_name(dropped.link),
                      words_of(dropped.reason), decision_in_brackets(dropped.decision));
  stream->file->comment(text_);
}

void CaptureObserver::on_segment(const Event& event, std::uint32_t flow,
                                 const TcpSegmentSent& segment) {
  if (event.uid == kNoPacket) return;
  segments_[raw(event.uid) % kSegments] = {
      .uid = event.uid,
      .flow = flow & Segment::kFlowMask,
      .cause = static_cast<std::uint32_t>(segment.cause) & Segment::kCauseMask,
      .origin = event.node,
      .sender = segment.sender};
}

// ---- comments ----

void CaptureObserver::describe_frame(Line& line, const Event& event, const Segment* segment,
                                     bool is_outbound) {
  line.text("strata: uid=").number(raw(event.uid)).text(is_outbound ? " event=tx" : " event=rx");
  if (segment != nullptr) line.text(" flow=").number(segment->flow);
  // The state of the sender belongs to the frame only where it leaves the sender. A RST may
  // come from nobody, and so may the SYN,ACK of a cookie.
  const bool has_sender = segment != nullptr && segment->sender.cwnd != 0;
  if (has_sender && is_outbound && segment->origin == event.node) {
    const TcpSender& sender = segment->sender;
    line.text(" state=").text(to_text(sender.state)).text(" cwnd=").number(sender.cwnd);
    line.text(" ssthresh=").number(sender.ssthresh).text(" flight=").number(sender.flight);
  }
  if (event.parent != kNoPacket) line.text(" parent=").number(raw(event.parent));
}

void CaptureObserver::describe_repetition(CaptureStream& file, const Event& event,
                                          const Segment& segment) {
  const bool has_first = event.parentage == Parentage::retransmission;
  text_ = fmt::format("strata: event=retx cause={} of={}",
                      as_value(to_text(static_cast<RetransmitCause>(segment.cause))),
                      raw(has_first ? event.parent : kNoPacket));
  file.comment(text_);
}

void CaptureObserver::describe_decision(CaptureStream& file, LinkId link, std::string_view what,
                                        const std::optional<DecisionDetail>& decision) {
  text_ = fmt::format("strata: {} link={}", what, as_value(directory_.link_name(link)));
  if (decision) {
    auto out = std::back_inserter(text_);
    fmt::format_to(out, " model={}", as_value(decision->model));
    if (decision->probability != 0) fmt::format_to(out, " p={:.6g}", decision->probability);
    if (!decision->stream.empty()) fmt::format_to(out, " draw={:.6g}", decision->draw);
  }
  file.comment(text_);
}

}  // namespace strata::trace
