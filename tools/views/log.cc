// SPDX-License-Identifier: MIT
#include "tools/views/log.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/analysis/flow_end.h"
#include "sim/trace/words.h"
#include "stack/wire/dissect.h"

namespace strata::views {
namespace {

using trace::Recording;

constexpr std::size_t kClock = 13;
constexpr std::size_t kVerb = 6;

// Columns for the name of a node. A longer one moves the rest of its line.
std::size_t name_width(const trace::Directory& names) {
  std::size_t longest = 10;
  for (const trace::NodeEntry& node : names.nodes) longest = std::max(longest, columns(node.name));
  return std::min<std::size_t>(longest, 20);
}

class Writer {
 public:
  Writer(const trace::Directory& names, const PacketWords& words, const Event& event)
      : names_(names), words_(words), event_(event) {}

  std::optional<LogEntry> write() const {
    return std::visit([this](const auto& body) { return on(body); }, event_.body);
  }

 private:
  LogEntry about(std::string_view verb, Bytes octets, std::string_view more, Role more_role) const {
    LogEntry entry{verb, Text(fmt::format("#{} ", raw(event_.uid)))};
    const Label label = words_(event_.uid, octets);
    entry.text.add(label.text, label.role).add(more, more_role);
    return entry;
  }

  std::optional<LogEntry> on(const FrameSent& sent) const {
    return about("send", sent.frame, fmt::format("  to {}", names_.link_name(sent.link)),
                 Role::dim);
  }
  std::optional<LogEntry> on(const FrameReceived& received) const {
    const bool is_bad = received.error != FrameError::none;
    return about(
        "recv", received.frame,
        fmt::format("  from {}{}", names_.link_name(received.link), is_bad ? ", damaged" : ""),
        is_bad ? Role::damaged : Role::dim);
  }
  std::optional<LogEntry> on(const Dropped& dropped) const {
    if (!analysis::is_loss(dropped)) return std::nullopt;
    std::string text = fmt::format("#{} {}", raw(event_.uid), words_of(dropped.reason));
    if (dropped.link != kNoLink) text += fmt::format(" on {}", names_.link_name(dropped.link));
    text += decision_in_brackets(dropped.decision);
    return LogEntry{"drop", Text("✗ " + text, Role::drop)};
  }
  std::optional<LogEntry> on(const FrameCorrupted& corrupted) const {
    return LogEntry{"damage", Text(fmt::format("↯ #{} {} flipped on {}", raw(event_.uid),
                                               counted(corrupted.flipped_bits.size(), "bit"),
                                               names_.link_name(corrupted.link)),
                                   Role::damaged)};
  }
  std::optional<LogEntry> on(const FrameTruncated& truncated) const {
    return LogEntry{"damage",
                    Text(fmt::format("↯ #{} cut to {} of {} octets on {}", raw(event_.uid),
                                     truncated.arriving_bytes, truncated.sent_bytes,
                                     names_.link_name(truncated.link)),
                         Role::damaged)};
  }
  std::optional<LogEntry> on(const FrameDuplicated& duplicated) const {
    return LogEntry{
        "copy", Text(fmt::format("≈ #{} copied as #{} on {}", raw(event_.uid), raw(duplicated.copy),
                                 names_.link_name(duplicated.link)),
                     Role::damaged)};
  }
  std::optional<LogEntry> on(const FrameDelayed& delayed) const {
    return LogEntry{"delay",
                    Text(fmt::format("#{} held back {} on {}{}", raw(event_.uid),
                                     to_text(delayed.extra), names_.link_name(delayed.link),
                                     delayed.reordered ? " to be overtaken" : ""),
                         Role::damaged)};
  }
  std::optional<LogEntry> on(const FrameMarked& marked) const {
    return LogEntry{"mark", Text(fmt::format("#{} marked congestion experienced on {}",
                                             raw(event_.uid), names_.link_name(marked.link)),
                                 Role::retransmission)};
  }
  std::optional<LogEntry> on(const FrameReplayed& replayed) const {
    std::string text =
        fmt::format("#{} is frame {} of the capture", raw(event_.uid), replayed.number);
    if (replayed.bytes_left_out > 0) {
      text += fmt::format(", which left out {} octets", replayed.bytes_left_out);
    }
    return LogEntry{"replay", Text(std::move(text), Role::dim)};
  }
  std::optional<LogEntry> on(const FrameQueued& queued) const {
    return LogEntry{"queue", Text(fmt::format("#{} waits for {} ({}, {})", raw(event_.uid),
                                              names_.link_name(queued.link),
                                              counted(queued.queued_frames, "frame"),
                                              counted(queued.queued_bytes, "octet")),
                                  Role::dim)};
  }
  std::optional<LogEntry> on(const LinkStateChanged& change) const {
    return LogEntry{"link", Text(fmt::format("{} is {}", names_.link_name(change.link),
                                             change.up ? "up" : "down"),
                                 change.up ? Role::good : Role::bad)};
  }
  std::optional<LogEntry> on(const LinkMtuChanged& change) const {
    return LogEntry{"link", Text(fmt::format("{} takes datagrams of {} octets at most",
                                             names_.link_name(change.link), change.mtu),
                                 Role::network)};
  }
  std::optional<LogEntry> on(const MacTableChanged& change) const {
    return LogEntry{"fdb",
                    Text(fmt::format("{} {} at {}", to_text(change.address), to_text(change.change),
                                     names_.port_name(event_.node, change.port)),
                         Role::link)};
  }
  std::optional<LogEntry> on(const NeighbourChanged& change) const {
    std::string text = fmt::format("{} {}", to_text(change.address), to_text(change.state));
    if (change.mac != MacAddress{}) text += fmt::format(" {}", to_text(change.mac));
    return LogEntry{"arp", Text(fmt::format("{}: {}", text, change.cause), Role::link)};
  }
  std::optional<LogEntry> on(const RouteChanged& change) const {
    std::string via = change.next_hop.is_unspecified()
                          ? "on the link"
                          : fmt::format("via {}", to_text(change.next_hop));
    return LogEntry{"route", Text(fmt::format("{} {} {} ({})", to_text(change.route),
                                              to_text(change.change), via, to_text(change.origin)),
                                  Role::network)};
  }
  std::optional<LogEntry> on(const DatagramFragmented& cut) const {
    return LogEntry{"ip", Text(fmt::format("#{} cut into {} fragments for an MTU of {}",
                                           raw(event_.uid), cut.fragments.size(), cut.mtu),
                               Role::network)};
  }
  std::optional<LogEntry> on(const DatagramReassembled& whole) const {
    return LogEntry{"ip", Text(fmt::format("#{} reassembled from {} fragments, {} octets",
                                           raw(event_.uid), whole.fragments, whole.bytes),
                               Role::network)};
  }
  std::optional<LogEntry> on(const TcpStateChanged& change) const {
    return LogEntry{"state", Text(fmt::format("{} → {}: {}", to_text(change.from),
                                              to_text(change.to), change.cause),
                                  Role::transport)};
  }
  std::optional<LogEntry> on(const TimerChanged& timer) const {
    if (timer.action != TimerAction::fired) return std::nullopt;
    return LogEntry{"timer",
                    Text(fmt::format("{} timer fired", timer.timer), Role::retransmission)};
  }
  std::optional<LogEntry> on(const SocketCalled& call) const {
    return LogEntry{"call", Text(fmt::format("{}: {} = {}", call.process, printable(call.call),
                                             printable(call.result)),
                                 Role::application)};
  }
  std::optional<LogEntry> on(const ProcessStarted& started) const {
    return LogEntry{"start", Text(std::string{started.process}, Role::application)};
  }
  std::optional<LogEntry> on(const ProcessEnded& ended) const {
    return LogEntry{"end", Text(ended.error.empty()
                                    ? std::string{ended.process}
                                    : fmt::format("{}: {}", ended.process, printable(ended.error)),
                                ended.error.empty() ? Role::application : Role::bad)};
  }
  std::optional<LogEntry> on(const ProcessOutput& output) const {
    return LogEntry{"print", Text(fmt::format("{}| {}", output.process, printable(output.line)),
                                  Role::application)};
  }
  template <typename Other>
  std::optional<LogEntry> on(const Other&) const {
    return std::nullopt;
  }

  const trace::Directory& names_;
  const PacketWords& words_;
  const Event& event_;
};

bool is_selected(const Recording& recording, const LogSelection& selection, const Event& event) {
  if (event.time < selection.from || event.time > selection.until) return false;
  if (selection.node != kNoNode && event.node != selection.node) return false;
  if (selection.keep && (event.uid == kNoPacket || !selection.keep(event.uid))) return false;
  if (!selection.flow) return true;
  if (event.uid != kNoPacket) return recording.packet(event.uid).flow == *selection.flow;
  const auto end = analysis::end_of(recording, event);
  return end && end->flow == *selection.flow;
}

// Does the event have a line? Asks the writer, which then need not name packets.
bool is_logged(const trace::Directory& names, const Event& event) {
  static const PacketWords kNoWords = [](PacketUid, Bytes) { return Label{}; };
  return Writer(names, kNoWords, event).write().has_value();
}

}  // namespace

std::optional<LogEntry> LogWriter::entry(const Event& event) const {
  return Writer(names_, words_, event).write();
}

std::optional<Text> LogWriter::line(const Event& event) const {
  const auto said = entry(event);
  if (!said) return std::nullopt;
  Text text(fmt::format("{:>11}  ", clock_text(event.time)));
  text.add(event.node == kNoNode ? "-" : names_.node_name(event.node), Role::heading)
      .pad_to(kClock + name_width(names_))
      .add(" ");
  text.add(fmt::format("{:<{}} ", said->verb, kVerb), Role::dim).add(said->text);
  return text;
}

Label words_of_frame(PacketUid /*uid*/, Bytes octets) {
  Label label;
  label.text = wire::dissect(octets).line;
  return label;
}

Text log_title(const trace::Directory& names) {
  Text text(fmt::format("{:>11}  node", "t ms"), Role::heading);
  return text.pad_to(log_indent(names)).add("what", Role::heading);
}

std::size_t log_indent(const trace::Directory& names) {
  return kClock + name_width(names) + 1 + kVerb + 1;
}

std::vector<trace::EventIndex> logged_events(const Recording& recording,
                                             const LogSelection& selection) {
  std::vector<trace::EventIndex> found;
  for (trace::EventIndex index = 0; index < recording.events().size(); ++index) {
    const Event& event = recording.event(index);
    if (is_selected(recording, selection, event) && is_logged(recording.directory(), event)) {
      found.push_back(index);
    }
  }
  return found;
}

Page log(const Recording& recording, const LogSelection& selection, const Options& options) {
  Page page;
  const trace::Directory& names = recording.directory();
  page.line(log_title(names));
  Labeller labeller(recording);
  const LogWriter writer(names, [&](PacketUid uid, Bytes) { return labeller.label(uid); });
  for (const trace::EventIndex index : logged_events(recording, selection)) {
    if (auto line = writer.line(recording.event(index))) {
      page.wrap(*line, options.width, log_indent(names));
    }
  }
  if (page.lines().size() == 1) page.line("nothing of this happened", Role::dim);
  return page;
}

}  // namespace strata::views
