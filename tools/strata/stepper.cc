// SPDX-License-Identifier: MIT
#include "tools/strata/stepper.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/scenario/units.h"
#include "tools/filter/filter.h"
#include "tools/strata/render.h"
#include "tools/views/log.h"

namespace strata::cli {
namespace {

using scenario::View;
using views::Page;
using views::Role;
using views::Text;

// What Tab goes through.
constexpr std::array kTabs{View::log,    View::ladder, View::packet, View::header,  View::path,
                           View::diff,   View::why,    View::demux,  View::sockets, View::states,
                           View::stream, View::plot,   View::arp,    View::fdb,     View::routes};

constexpr std::string_view kKeys =
    "n next  b back  g time  / find  u until  tab view  home, end  ? help  q quit";

constexpr std::array<std::string_view, 10> kHelp{
    "n, right       the next event; 'n 10' goes ten on",
    "b, left        the event before; 'b 10' goes ten back",
    "g TIME         to the last event until then: 'g 40 ms'",
    "/ TEXT         on to the next event whose line says TEXT; '/' alone looks again",
    "u FILTER       on to the next frame that passes: 'u tcp.flags.fin == 1'; 'u' alone: again",
    "home, end      to the first and to the last event",
    "tab, shift-tab the next view, the one before",
    "v NAME         that view: log, ladder, packet, header, path, diff, why, demux, sockets, ...",
    "?              these lines; any key takes them away",
    "q              leave"};

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\r')) text.remove_suffix(1);
  return text;
}

std::string lower(std::string_view text) {
  std::string result{text};
  for (char& c : result) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return result;
}

// The line of an event as it is searched and shown.
Text line_of(const trace::Recording& recording, views::Labeller& labeller, const Event& event) {
  const views::LogWriter writer(recording.directory(),
                                [&](PacketUid uid, Bytes) { return labeller.label(uid); });
  return writer.line(event).value_or(Text{});
}

}  // namespace

trace::Recording beginning_of(const trace::Recording& recording, trace::EventIndex count) {
  trace::Recorder recorder;
  for (trace::EventIndex i = 0; i < count; ++i) recorder.on_event(recording.event(i));
  const Instant end = count == 0 ? kStart : recording.event(count - 1).time;
  return recorder.finish(recording.directory(), recording.seed(), end);
}

Stepper::Stepper(const Execution& execution, std::string title, SocketsAt sockets_at)
    : whole_(execution),
      title_(std::move(title)),
      sockets_at_(std::move(sockets_at)),
      events_(views::logged_events(execution.recording, {})) {}

const Event& Stepper::event() const { return whole_.recording.event(events_[position_]); }

void Stepper::command(std::string_view line) {
  message_.clear();
  shows_help_ = false;
  line = trim(line);
  if (line.empty()) return;
  const std::size_t blank = line.front() == '/' ? 1 : line.find(' ');
  const std::string_view word = line.substr(0, blank);
  const std::string_view rest =
      blank == std::string_view::npos ? std::string_view{} : trim(line.substr(blank));
  const auto count = [&] {
    const auto number =
        rest.empty() ? scenario::Parsed<std::uint64_t>{1} : scenario::parse_count(rest);
    return number ? static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(*number, steps()))
                  : std::ptrdiff_t{0};
  };
  if (word == "n" || word == "next") {
    move(count());
  } else if (word == "b" || word == "back") {
    move(-count());
  } else if (word == "g" || word == "go") {
    go_to(rest);
  } else if (word == "/") {
    find(rest);
  } else if (word == "u" || word == "until") {
    run_until(rest);
  } else if (word == "home") {
    position_ = 0;
  } else if (word == "end") {
    position_ = events_.empty() ? 0 : events_.size() - 1;
  } else if (word == "tab") {
    view_ = (view_ + 1) % kTabs.size();
  } else if (word == "back-tab") {
    view_ = (view_ + kTabs.size() - 1) % kTabs.size();
  } else if (word == "v" || word == "view") {
    choose_view(rest);
  } else if (word == "?" || word == "help") {
    shows_help_ = true;
  } else if (word == "q" || word == "quit") {
    is_done_ = true;
  } else {
    message_ = fmt::format("'{}' is no key; ? shows them", views::printable(word));
  }
}

void Stepper::move(std::ptrdiff_t by) {
  if (events_.empty()) return;
  const auto last = static_cast<std::ptrdiff_t>(events_.size()) - 1;
  const std::ptrdiff_t wanted = static_cast<std::ptrdiff_t>(position_) + by;
  if (wanted > last) message_ = "this is the last event";
  if (wanted < 0) message_ = "this is the first event";
  position_ = static_cast<std::size_t>(std::clamp<std::ptrdiff_t>(wanted, 0, last));
}

void Stepper::go_to(std::string_view time) {
  const auto duration = scenario::parse_duration(time);
  if (!duration) {
    message_ = fmt::format("{}; {}", duration.error().what, duration.error().mend);
    return;
  }
  const Instant at = after(kStart, *duration);
  const auto found = std::upper_bound(events_.begin(), events_.end(), at,
                                      [this](Instant t, trace::EventIndex index) {
                                        return t < whole_.recording.event(index).time;
                                      });
  position_ = found == events_.begin() ? 0 : static_cast<std::size_t>(found - events_.begin()) - 1;
}

void Stepper::find(std::string_view text) {
  if (!text.empty()) last_text_ = lower(text);
  if (last_text_.empty()) return;
  views::Labeller labeller(whole_.recording);
  for (std::size_t i = position_ + 1; i < events_.size(); ++i) {
    const Event& next = whole_.recording.event(events_[i]);
    const std::string line = line_of(whole_.recording, labeller, next).render({});
    if (lower(line).find(last_text_) == std::string::npos) continue;
    position_ = i;
    return;
  }
  message_ = fmt::format("no event from here on says '{}'", views::printable(last_text_));
}

void Stepper::run_until(std::string_view filter) {
  if (!filter.empty()) last_filter_ = filter;
  auto read = filter::Filter::parse(last_filter_);
  if (last_filter_.empty() || !read) {
    message_ = read ? "until what? 'u tcp.flags.fin == 1', for instance"
                    : fmt::format("column {}: {}", read.error().column, read.error().what);
    return;
  }
  filter::PacketFilter packets(whole_.recording, std::move(*read));
  for (std::size_t i = position_ + 1; i < events_.size(); ++i) {
    const Event& next = whole_.recording.event(events_[i]);
    const auto* sent = std::get_if<FrameSent>(&next.body);
    // What dies in a queue never is a frame on a link.
    const bool is_drop = std::holds_alternative<Dropped>(next.body);
    const bool is_it = sent != nullptr ? packets.passes(next.uid, sent->link, next.time)
                                       : is_drop && packets.passes(next.uid);
    if (!is_it) continue;
    position_ = i;
    return;
  }
  message_ = fmt::format("no frame from here on passes '{}'", views::printable(last_filter_));
}

void Stepper::choose_view(std::string_view name) {
  const auto found =
      std::find_if(kTabs.begin(), kTabs.end(), [&](View view) { return to_text(view) == name; });
  if (found == kTabs.end()) {
    message_ = fmt::format("there is no view '{}' here", views::printable(name));
    return;
  }
  view_ = static_cast<std::size_t>(found - kTabs.begin());
}

const Execution& Stepper::so_far(bool with_sockets) {
  const std::size_t wanted = events_[position_] + 1;
  if (partial_events_ != wanted) {
    partial_.recording = beginning_of(whole_.recording, static_cast<trace::EventIndex>(wanted));
    partial_events_ = wanted;
  }
  const Instant now = event().time;
  if (with_sockets && sockets_of_ != now) {
    partial_.socket_tables = sockets_at_(now);
    sockets_of_ = now;
  }
  return partial_;
}

Page Stepper::body(const views::Options& options) {
  Page page;
  if (shows_help_) {
    for (const std::string_view line : kHelp) page.wrap(Text(std::string{line}), options.width, 15);
    return page;
  }
  const View view = kTabs[view_];
  const Execution& now = so_far(view == View::sockets);
  scenario::ShowRequest request;
  request.view = view;
  if (view == View::sockets) request.at = event().time;
  // The packet and the conversation of this event, else of the last one that had one.
  for (std::size_t i = position_ + 1; i-- > 0 && (!request.packet || !request.flow);) {
    const PacketUid uid = whole_.recording.event(events_[i]).uid;
    if (uid == kNoPacket) continue;
    if (!request.packet) request.packet = {scenario::PacketKind::uid, raw(uid)};
    const std::uint32_t flow = now.recording.packet(uid).flow;
    if (flow != 0) request.flow = flow;
  }
  const bool is_of_packet = scenario::needs_packet(view) || view == View::demux;
  if (scenario::needs_packet(view) && !request.packet) {
    page.line("no packet yet", Role::dim);
    return page;
  }
  if (is_of_packet) {
    request.flow.reset();
  } else {
    request.packet.reset();
  }
  if (view == View::log || view == View::ladder) request.flow.reset();
  const bool is_of_flow = view == View::states || view == View::stream || view == View::plot;
  if (is_of_flow && !request.flow) {
    page.line("no conversation yet", Role::dim);
    return page;
  }
  auto shown = render(request, now, options);
  if (shown) return *shown;
  page.wrap(Text(shown.error().what, Role::bad), options.width);
  return page;
}

Page Stepper::screen(const views::Options& options, std::size_t rows) {
  Page page;
  if (events_.empty()) {
    page.line("nothing happened in this run", Role::dim);
    return page;
  }
  Text title(title_, Role::heading);
  title.add(fmt::format("  {}  event {} of {}  ", to_text(event().time), position_ + 1, steps()));
  title.add(fmt::format("[{}]", to_text(kTabs[view_])), Role::heading);
  page.wrap(title, options.width);
  views::Labeller labeller(whole_.recording);
  page.wrap(line_of(whole_.recording, labeller, event()), options.width,
            views::log_indent(whole_.recording.directory()));
  page.line(Text{}.pad_to(options.width, "─", Role::dim));

  Page below;
  below.line(Text{}.pad_to(options.width, "─", Role::dim));
  below.wrap(message_.empty() ? Text(std::string{kKeys}, Role::dim) : Text(message_, Role::bad),
             options.width);

  const Page shown = body(options);
  const std::vector<Text>& lines = shown.lines();
  const std::size_t frame = page.lines().size() + below.lines().size();
  const std::size_t room =
      rows == 0 ? lines.size() : (rows > frame + 1 ? rows - frame : std::size_t{1});
  const bool shows_end = kTabs[view_] == View::log || kTabs[view_] == View::ladder;
  if (lines.size() <= room) {
    page.append(shown);
    for (std::size_t i = lines.size(); rows != 0 && i < room; ++i) page.blank();
  } else if (shows_end) {
    page.line(lines.front());  // the titles of the columns stay
    for (std::size_t i = lines.size() - room + 1; i < lines.size(); ++i) page.line(lines[i]);
  } else {
    for (std::size_t i = 0; i + 1 < room; ++i) page.line(lines[i]);
    page.line(fmt::format("⋮ {} more lines; a taller terminal shows them", lines.size() - room + 1),
              Role::dim);
  }
  page.append(below);
  return page;
}

}  // namespace strata::cli
