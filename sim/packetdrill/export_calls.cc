// SPDX-License-Identifier: MIT
// What was written and read, and when, is told by the events of the stream; everything else by the
// texts of the calls ("shutdown(5, SHUT_WR)"): that is what is recorded of them.
#include "sim/packetdrill/export_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <limits>
#include <string_view>
#include <utility>

#include "stack/socket/option.h"

namespace strata::packetdrill {
namespace {

using trace::EventIndex;
using trace::Recording;

struct CallRecord {
  EventIndex index = 0;
  Instant returned{};
  const SocketCalled* event = nullptr;

  std::string_view name() const {
    const std::string_view text = event->call;
    return text.substr(0, text.find('('));
  }
  // What stands between the parentheses behind the descriptor: "7 bytes, MSG_OOB".
  std::string_view rest() const {
    std::string_view text = event->call;
    const std::size_t comma = text.find(", ");
    if (comma == std::string_view::npos) return {};
    text.remove_prefix(comma + 2);
    return text.substr(0, text.size() - (text.ends_with(')') ? 1 : 0));
  }
  bool has_failed() const { return !event->result.empty() && event->result[0] == 'E'; }
};

std::optional<std::int64_t> leading_number(std::string_view text) {
  std::int64_t value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc()) return std::nullopt;
  return value;
}

// "7 bytes, MSG_OOB" or "100, MSG_PEEK": the flags; empty: none.
std::string_view flags_in(std::string_view rest) {
  const std::size_t comma = rest.find(", ");
  return comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 2);
}

// The descriptors of scripts: the listener or the client's socket, and what accept() gives.
constexpr int kFirst = 3;
constexpr int kAccepted = 4;
// What a reader asks for when it takes all there is.
constexpr std::uint32_t kMuch = 65536;

class CallFinder {
 public:
  CallFinder(const Recording& recording, const trace::Flow& flow, NodeId node, bool readers_count)
      : recording_(recording),
        node_(node),
        flow_number_(flow.number),
        readers_count_(readers_count) {
    const bool is_opener = flow.opener_node == node;
    local_ = is_opener ? flow.opener : flow.responder;
    remote_ = is_opener ? flow.responder : flow.opener;
    for (const EventIndex index : recording.of_node(node)) {
      const strata::Event& event = recording.event(index);
      if (const auto* call = std::get_if<SocketCalled>(&event.body)) {
        calls_.push_back({index, event.time, call});
      }
    }
  }

  tl::expected<std::vector<ScriptLine>, std::string> find() {
    const auto opened = last_change({TcpState::syn_sent}, kNoIndex);
    if (opened ? !follow_connect(*opened) : !follow_accept()) {
      return tl::unexpected(std::string("no call made or accepted this connection"));
    }
    add_stream(opened ? kFirst : kAccepted);
    std::stable_sort(lines_.begin(), lines_.end(),
                     [](const ScriptLine& a, const ScriptLine& b) { return a.place < b.place; });
    if (problem_.empty()) check_overlaps();
    if (!problem_.empty()) return tl::unexpected(problem_);
    return std::move(lines_);
  }

 private:
  // --- which calls ---
  static constexpr EventIndex kNoIndex = std::numeric_limits<EventIndex>::max();

  bool follow_connect(EventIndex opened) {
    const std::string remote = to_text(remote_);
    for (const CallRecord& call : calls_) {
      if (call.name() != "connect" || call.rest() != remote || call.index < opened) continue;
      if (!is_ours(call.event->socket, opened).value_or(true)) continue;
      add_life(call.event->socket, kFirst, call.index);
      return true;
    }
    return false;
  }

  bool follow_accept() {
    // Descriptors are used again: the last call before something arrived for it has given it.
    const CallRecord* accepted = nullptr;
    const CallRecord* perhaps = nullptr;
    for (const CallRecord& call : calls_) {
      if (call.name() != "accept" || call.has_failed()) continue;
      const auto fd = leading_number(call.event->result);
      const std::optional<bool> ours = is_ours(static_cast<int>(fd.value_or(-1)), call.index);
      if (ours && *ours) accepted = &call;
      if (!ours && perhaps == nullptr) perhaps = &call;
    }
    if (accepted == nullptr) accepted = perhaps;
    if (accepted != nullptr) {
      add_listener(accepted->event->socket, accepted->index);
      add(*accepted, kFirst);
      add_life(static_cast<int>(*leading_number(accepted->event->result)), kAccepted,
               accepted->index);
      return true;
    }
    // Nobody has accepted it: the listener alone.
    for (const CallRecord& call : calls_) {
      const bool is_bind = call.name() == "bind" && !call.has_failed();
      if (!is_bind || !call.rest().ends_with(fmt::format(":{}", local_.port))) continue;
      add_listener(call.event->socket, call.index);
      return true;
    }
    return false;
  }

  // The last change of state to one of `states` before `end`.
  std::optional<EventIndex> last_change(std::initializer_list<TcpState> states,
                                        EventIndex end) const {
    std::optional<EventIndex> found;
    for (const EventIndex index : recording_.of_flow(flow_number_)) {
      const strata::Event& event = recording_.event(index);
      const auto* change = std::get_if<TcpStateChanged>(&event.body);
      if (change == nullptr || event.node != node_ || index >= end) continue;
      if (std::ranges::find(states, change->to) != states.end()) found = index;
    }
    return found;
  }
  bool is_passive() const { return !last_change({TcpState::syn_sent}, kNoIndex).has_value(); }

  // Does the descriptor that is in use from `from` on belong to this flow? What arrives next for it
  // tells; nullopt: nothing does any more. False for an accept() before the flow began.
  std::optional<bool> is_ours(int fd, EventIndex from) const {
    bool is_known = !is_passive();
    for (const EventIndex index : recording_.of_node(node_)) {
      const auto* demux = std::get_if<Demultiplexed>(&recording_.event(index).body);
      if (demux == nullptr || demux->local != local_ || demux->remote != remote_) continue;
      if (index < from) {
        is_known = true;
      } else {
        return demux->socket == fd;
      }
    }
    return is_known ? std::nullopt : std::optional(false);
  }

  // The calls at a socket from its making, at the latest before `known`, to its closing.
  void add_life(int fd, int script, EventIndex known) {
    EventIndex begin = known;
    for (const CallRecord& call : calls_) {
      if (script == kAccepted) break;  // accept() has made it
      if (call.index < known && call.event->socket == fd && call.name() == "socket") {
        begin = call.index;
      }
    }
    bool is_closed = false;
    for (const CallRecord& call : calls_) {
      if (call.index < begin || call.event->socket != fd || is_closed) continue;
      if (script == kAccepted && call.name() == "accept") continue;
      add(call, script);
      is_closed = call.name() == "close" && !call.has_failed();
    }
    if (!is_closed) add_implicit_close(fd, script, begin);
  }

  void add_listener(int fd, EventIndex known) {
    EventIndex begin = known;
    for (const CallRecord& call : calls_) {
      if (call.index < known && call.event->socket == fd && call.name() == "socket") {
        begin = call.index;
      }
    }
    for (const CallRecord& call : calls_) {
      if (call.index < begin || call.event->socket != fd) continue;
      if (call.name() == "accept") continue;  // of other connections
      add(call, kFirst);
      if (call.name() == "close") return;
    }
  }

  // A process that ends closes what it holds.
  void add_implicit_close(int fd, int script, EventIndex begin) {
    std::string_view process;
    for (const CallRecord& call : calls_) {
      const bool is_accept = call.name() == "accept" && leading_number(call.event->result) == fd;
      if (call.index >= begin && (call.event->socket == fd || is_accept)) {
        process = call.event->process;
        break;
      }
    }
    for (const EventIndex index : recording_.of_node(node_)) {
      const auto* ended = std::get_if<ProcessEnded>(&recording_.event(index).body);
      if (ended == nullptr || index < begin || ended->process != process) continue;
      const Instant at = recording_.event(index).time;
      put(at, std::nullopt, ending(at, index).value_or(index),
          fmt::format("close({}) = 0", script));
      return;
    }
  }

  // --- how they read ---
  void put(Instant at, std::optional<Instant> until, EventIndex place, std::string text) {
    lines_.push_back({.at = at, .until = until, .place = place, .text = std::move(text)});
  }
  std::string outcome(const CallRecord& call) const {
    if (call.has_failed()) return fmt::format("-1 {}", call.event->result);
    const auto value = leading_number(call.event->result);
    return std::to_string(value.value_or(0));
  }
  void put_call(const CallRecord& call, std::string_view text) {
    put(call.returned, std::nullopt, call.index, fmt::format("{} = {}", text, outcome(call)));
  }
  // A call that may wait: made at the change of state that it brought about, recorded when it
  // returned.
  void put_waiting(const CallRecord& call, std::optional<EventIndex> begin, std::string_view text) {
    if (!begin) return put_call(call, text);
    const Instant at = recording_.event(*begin).time;
    put(at, at < call.returned ? std::optional(call.returned) : std::nullopt, *begin,
        fmt::format("{} = {}", text, outcome(call)));
  }
  // The change of state that a call which ends the stream or the connection brought about, up to
  // `returned`. Nullopt: another had done so before, or the peer.
  std::optional<EventIndex> ending(Instant returned, EventIndex index) {
    const auto found =
        last_change({TcpState::fin_wait_1, TcpState::last_ack, TcpState::closed}, index);
    if (!found || found == ended_at_) return std::nullopt;
    const strata::Event& event = recording_.event(*found);
    const auto& change = std::get<TcpStateChanged>(event.body);
    const bool is_ours = change.cause == "close" || change.cause == "abort";
    if (change.to == TcpState::closed && (event.time != returned || !is_ours)) return std::nullopt;
    ended_at_ = found;
    return found;
  }

  // What entered the send buffer and left the receive buffer. Calls with flags stand for
  // themselves.
  void add_stream(int fd) {
    for (const EventIndex index : recording_.of_flow(flow_number_)) {
      const strata::Event& event = recording_.event(index);
      if (event.node != node_) continue;
      if (const auto* written = std::get_if<StreamWritten>(&event.body)) {
        if (std::ranges::find(special_, index) != special_.end()) continue;
        put(event.time, {}, index,
            fmt::format("write({}, ..., {}) = {}", fd, written->length, written->length));
      } else if (const auto* read = std::get_if<StreamRead>(&event.body)) {
        add_read(fd, index, *read);
      }
    }
  }

  // Windows of a small buffer count on a reader that waits: it has to wait in the script, too, from
  // what it did last, and to ask for as much.
  void add_read(int fd, EventIndex index, const StreamRead& read) {
    const Instant at = recording_.event(index).time;
    const auto at_once = [&] {
      put(at, {}, index, fmt::format("read({}, ..., {}) = {}", fd, read.length, read.length));
    };
    if (!readers_count_) return at_once();
    ScriptLine before{.at = at};
    for (const ScriptLine& line : lines_) {
      if (line.place < index && line.place >= before.place) before = line;
    }
    if (last_read_ && *last_read_ >= before.place) {
      before = {.at = recording_.event(*last_read_).time, .place = *last_read_};
    }
    last_read_ = index;
    const Instant since = before.until.value_or(before.at);
    if (since >= at || !came_with_text(index)) return at_once();
    const std::uint32_t asked = leaves_some(index) ? read.length : kMuch;
    put(since, at, before.place, fmt::format("read({}, ..., {}) = {}", fd, asked, read.length));
  }
  // Text arrived at the instant of this read, and nothing was read between.
  bool came_with_text(EventIndex read) const {
    bool came = false;
    for (const EventIndex index : recording_.of_flow(flow_number_)) {
      const strata::Event& event = recording_.event(index);
      if (index >= read) break;
      if (event.node != node_ || event.time != recording_.event(read).time) continue;
      const auto* segment = std::get_if<TcpSegmentReceived>(&event.body);
      came |= segment != nullptr && segment->length > 0;
      if (std::holds_alternative<StreamRead>(event.body)) came = false;
    }
    return came;
  }
  // More is read at the same instant: that was all the reader had asked for.
  bool leaves_some(EventIndex read) const {
    return std::ranges::any_of(recording_.of_flow(flow_number_), [&](EventIndex index) {
      const strata::Event& event = recording_.event(index);
      return index > read && event.node == node_ && event.time == recording_.event(read).time &&
             std::holds_alternative<StreamRead>(event.body);
    });
  }

  // What a call that sends with flags has written, at once and just before it returned.
  EventIndex written_by(const CallRecord& call) const {
    EventIndex found = call.index;
    for (const EventIndex index : recording_.of_flow(flow_number_)) {
      const strata::Event& event = recording_.event(index);
      const bool is_write = std::holds_alternative<StreamWritten>(event.body);
      if (is_write && event.node == node_ && event.time == call.returned && index < call.index) {
        found = index;
      }
    }
    return found;
  }

  void add(const CallRecord& call, int fd) {
    const std::string_view name = call.name();
    const std::string_view rest = call.rest();
    const auto number = leading_number(rest).value_or(0);
    const std::string_view flags = flags_in(rest);
    if (name == "socket") {
      put(call.returned, {}, call.index,
          fmt::format("socket(..., SOCK_STREAM, IPPROTO_TCP) = {}", fd));
    } else if (name == "bind") {
      put_call(call, fmt::format("bind({}, ..., ...)", fd));
    } else if (name == "listen") {
      put_call(call, fmt::format("listen({}, {})", fd, number));
    } else if (name == "accept") {
      put(call.returned, {}, call.index, fmt::format("accept({}, ..., ...) = {}", fd, kAccepted));
    } else if (name == "connect") {
      const auto begin = std::exchange(is_connecting_, true)
                             ? std::nullopt
                             : last_change({TcpState::syn_sent}, call.index);
      put_waiting(call, begin, fmt::format("connect({}, ..., ...)", fd));
    } else if (name == "fcntl") {
      put(call.returned, {}, call.index,
          fmt::format("fcntl({}, F_SETFL, O_RDWR{}) = 0", fd,
                      rest.starts_with('~') ? "" : "|O_NONBLOCK"));
    } else if (name == "send") {
      if (flags.empty() || call.has_failed()) return;  // add_stream(); an error sends nothing
      special_.push_back(written_by(call));
      put(call.returned, std::nullopt, special_.back(),
          fmt::format("send({}, ..., {}, {}) = {}", fd, number, flags, outcome(call)));
    } else if (name == "recv") {
      if (flags.find("MSG_OOB") == std::string_view::npos) return;
      put_call(call, fmt::format("recv({}, ..., {}, {})", fd, number, flags));
    } else if (name == "shutdown") {
      put_waiting(call, ending(call.returned, call.index),
                  fmt::format("shutdown({}, {})", fd, rest));
    } else if (name == "close") {
      const bool is_listener = fd == kFirst && is_passive();
      put_waiting(call, is_listener ? std::nullopt : ending(call.returned, call.index),
                  fmt::format("close({})", fd));
    } else if (name == "setsockopt") {
      add_option(call, fd);
    } else if (name != "getsockopt" && name != "ioctl") {
      fail(fmt::format("scripts have no call that does what {} did", call.event->call));
    }
  }

  // setsockopt(5, TCP_NODELAY, on)
  void add_option(const CallRecord& call, int fd) {
    const std::string_view rest = call.rest();
    const std::size_t comma = rest.find(", ");
    const std::string name(rest.substr(0, comma));
    const std::string_view value = comma == std::string_view::npos ? "" : rest.substr(comma + 2);
    const socket::OptionRow* row = socket::find_option(name);
    std::optional<std::int64_t> number = leading_number(value);
    if (value == "on" || value == "off") number = value == "on" ? 1 : 0;
    const bool is_number = row != nullptr && (row->kind == socket::ValueKind::flag ||
                                              row->kind == socket::ValueKind::integer ||
                                              row->kind == socket::ValueKind::bytes);
    if (!is_number || !number) {
      return fail(fmt::format("scripts cannot say {}", call.event->call));
    }
    put_call(call, fmt::format("setsockopt({}, {}, {}, [{}], 4)", fd, to_text(row->level),
                               row->name, *number));
  }

  void fail(std::string problem) {
    if (problem_.empty()) problem_ = std::move(problem);
  }
  // A script has one user, who waits for one call at a time.
  void check_overlaps() {
    for (std::size_t i = 0; i + 1 < lines_.size(); ++i) {
      if (lines_[i].until && lines_[i + 1].at < *lines_[i].until) {
        return fail(fmt::format("two calls are under way at the same time: {} and {}",
                                lines_[i].text, lines_[i + 1].text));
      }
    }
  }

  const Recording& recording_;
  NodeId node_;
  std::uint32_t flow_number_;
  bool readers_count_ = false;
  std::optional<EventIndex> ended_at_;  // the change of state that a call has been found for
  bool is_connecting_ = false;          // its first connect() has been found
  Endpoint local_;
  Endpoint remote_;
  std::vector<CallRecord> calls_;
  std::vector<ScriptLine> lines_;
  std::vector<EventIndex> special_;  // written by calls with flags
  std::optional<EventIndex> last_read_;
  std::string problem_;
};

}  // namespace

tl::expected<std::vector<ScriptLine>, std::string> calls_of(const trace::Recording& recording,
                                                            const trace::Flow& flow, NodeId node,
                                                            bool readers_count) {
  return CallFinder(recording, flow, node, readers_count).find();
}

}  // namespace strata::packetdrill
