// SPDX-License-Identifier: MIT
#include "sim/scenario/show.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "sim/scenario/units.h"
#include "stack/base/ascii.h"

namespace strata::scenario {
namespace {

struct ViewName {
  View view;
  std::string_view name;
  std::string_view help;
  std::string_view clauses;  // it takes; "packet" and "flow" are those of `of`
  bool needs_packet = false;
};
constexpr std::array kViews{
    ViewName{View::summary, "summary", "What happened in a few tables: flows, links, processes.",
             ""},
    ViewName{View::log, "log", "What happened, one line each, in order.", "flow on from until"},
    ViewName{View::ladder, "ladder", "Who sent what when, when it arrived and where it died.",
             "flow from until"},
    ViewName{View::packet, "packet", "One packet as nested boxes, byte by byte.",
             "packet flow link", true},
    ViewName{View::header, "header", "Its headers in rows of 32 bits, as RFCs draw them.",
             "packet flow link", true},
    ViewName{View::waveform, "waveform", "Octets of it as levels on the wire.",
             "packet flow link bytes code", true},
    ViewName{View::path, "path", "The way of one packet and what each layer on it did.",
             "packet flow", true},
    ViewName{View::diff, "diff", "What each node on its way changed in it.", "packet flow", true},
    ViewName{View::why, "why", "Why it was sent, what became of it and what that led to.",
             "packet flow", true},
    ViewName{View::demux, "demux", "Which socket a packet was delivered to, and why.",
             "packet flow on"},
    ViewName{View::sockets, "sockets", "The socket tables of the hosts at one instant.", "at on"},
    ViewName{View::states, "states", "The TCP states and timers of both ends over time.",
             "flow from until"},
    ViewName{View::stream, "stream", "What was written, sent, sent again and read, by octets.",
             "flow on"},
    ViewName{View::plot, "plot", "A figure over time: window, sequence, rtt, rate or queue.",
             "flow on from until"},
    ViewName{View::arp, "arp", "Who knew whose address at one instant.", "at on"},
    ViewName{View::fdb, "fdb", "Where the switches had seen which address at one instant.",
             "at on"},
    ViewName{View::routes, "routes", "The routes in use at one instant.", "at on"},
};

struct KindName {
  PacketKind kind;
  std::string_view name;
};
constexpr std::array<std::string_view, 5> kFigures{"window", "sequence", "rtt", "rate", "queue"};
constexpr std::array<std::string_view, 7> kHeaders{"ethernet", "vlan", "arp", "ipv4",
                                                   "icmpv4",   "udp",  "tcp"};

constexpr std::array kKinds{
    KindName{PacketKind::uid, "uid"},
    KindName{PacketKind::data, "data"},
    KindName{PacketKind::retransmission, "retransmission"},
    KindName{PacketKind::syn, "syn"},
    KindName{PacketKind::fin, "fin"},
    KindName{PacketKind::reset, "reset"},
    KindName{PacketKind::ack, "ack"},
    KindName{PacketKind::datagram, "datagram"},
    KindName{PacketKind::ping, "ping"},
    KindName{PacketKind::pong, "pong"},
    KindName{PacketKind::arp, "arp"},
    KindName{PacketKind::drop, "drop"},
};

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text) {
    if (c != ' ' && c != '\t') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

// Reads the clauses behind the name of the view.
class ClauseReader {
 public:
  ClauseReader(ShowRequest& request, std::vector<std::string> words)
      : request_(request), words_(std::move(words)) {}

  std::optional<Mistake> run() {
    while (!wrong_ && next_ < words_.size()) clause(words_[next_++]);
    if (!wrong_ && request_.until < request_.from) {
      wrong_ = Mistake{"the end lies before the beginning", "exchange the two"};
    }
    return std::move(wrong_);
  }

 private:
  void clause(const std::string& word) {
    if (word == "of") {
      of();
    } else if (word == "at") {
      if (const auto at = instant("at")) request_.at = *at;
    } else if (word == "from") {
      if (const auto from = instant("from")) request_.from = *from;
    } else if (word == "until") {
      if (const auto until = instant("until")) request_.until = *until;
    } else if (word == "on") {
      request_.node = take("on", "server");
    } else if (word == "link") {
      request_.link = take("link", "access");
    } else if (word == "bytes") {
      bytes(take("bytes", "14-17"));
    } else if (word == "code") {
      code(take("code", "manchester"));
    } else {
      subject(word);
      return;
    }
    if (word != "of") check_taken(word);
  }

  // A clause the view has no use for was meant for another.
  void check_taken(const std::string& clause) {
    const std::vector<std::string> taken = clauses_of(request_.view);
    if (wrong_ || std::find(taken.begin(), taken.end(), clause) != taken.end()) return;
    wrong_ = Mistake{
        fmt::format("'{}' takes no {}", to_text(request_.view), in_quotes(clause)),
        taken.empty() ? "leave it out" : fmt::format("it takes: {}", fmt::join(taken, ", "))};
  }

  // A word of its own, right behind the name of the view.
  void subject(const std::string& word) {
    const std::vector<std::string> subjects =
        next_ == 2 ? subjects_of(request_.view) : std::vector<std::string>{};
    if (std::find(subjects.begin(), subjects.end(), word) != subjects.end()) {
      request_.subject = word;
      return;
    }
    std::vector<std::string> known = subjects;
    for (const std::string& clause : clauses_of(request_.view)) {
      const std::string first = clause == "packet" || clause == "flow" ? "of" : clause;
      if (std::find(known.begin(), known.end(), first) == known.end()) known.push_back(first);
    }
    std::string mend = suggestion(word, known);
    if (mend.empty() && !subjects.empty()) mend = suggestion(word, subjects);
    wrong_ = Mistake{fmt::format("{} is not understood here", in_quotes(word)), std::move(mend)};
  }

  void bytes(const std::string& range) {
    if (wrong_) return;
    const std::size_t dash = range.find('-');
    const auto first = parse_count(range.substr(0, dash));
    const auto last = dash == std::string::npos ? first : parse_count(range.substr(dash + 1));
    if (!first || !last || *first > *last || *last > UINT16_MAX) {
      wrong_ = Mistake{fmt::format("{} are not bytes of a frame", in_quotes(range)),
                       "write the first and the last, counted from 0: 'bytes 14-17'"};
      return;
    }
    request_.bytes = {static_cast<std::uint32_t>(*first), static_cast<std::uint32_t>(*last)};
  }

  void code(const std::string& name) {
    if (wrong_) return;
    request_.code = physical::parse_line_code(name);
    if (!request_.code) {
      wrong_ = Mistake{fmt::format("there is no line code {}", in_quotes(name)),
                       "use nrz, nrzi, manchester or mlt3"};
    }
  }

  std::string take(std::string_view clause, std::string_view example) {
    if (next_ < words_.size()) return words_[next_++];
    wrong_ = Mistake{fmt::format("something is missing behind '{}'", clause),
                     fmt::format("write for instance '{} {}'", clause, example)};
    return {};
  }

  void of() {
    const std::string kind = take("of", "data 3");
    if (wrong_) return;
    if (kind != "flow") {
      if (auto known = parse_packet_selector(kind + " 1"); !known) wrong_ = known.error();
      if (wrong_) return;
    }
    const std::string number = take("of " + kind, "3");
    if (wrong_) return;
    if (kind == "flow") {
      const auto flow = parse_count(number);
      if (!flow || *flow == 0 || *flow > UINT32_MAX) {
        wrong_ = Mistake{fmt::format("{} is not the number of a flow", in_quotes(number)),
                         "flows count from 1"};
        return;
      }
      request_.flow = static_cast<std::uint32_t>(*flow);
      check_taken("flow");
      return;
    }
    auto selector = parse_packet_selector(kind + " " + number);
    if (!selector) {
      wrong_ = std::move(selector.error());
      return;
    }
    if (request_.packet) wrong_ = Mistake{"the packet is chosen twice", "keep one of the two"};
    request_.packet = *selector;
    check_taken("packet");
  }

  // "40 ms" and "40ms" are one duration.
  std::optional<Instant> instant(std::string_view clause) {
    std::string text = take(clause, "40 ms");
    if (wrong_) return std::nullopt;
    if (is_digit(text.back()) && next_ < words_.size()) text += " " + words_[next_++];
    auto duration = parse_duration(text);
    if (!duration) {
      wrong_ = std::move(duration.error());
      return std::nullopt;
    }
    return after(kStart, *duration);
  }

  ShowRequest& request_;
  std::vector<std::string> words_;
  std::size_t next_ = 1;
  std::optional<Mistake> wrong_;
};

}  // namespace

std::string_view to_text(View view) { return kViews[static_cast<std::size_t>(view)].name; }

std::string_view help(View view) { return kViews[static_cast<std::size_t>(view)].help; }

std::vector<std::string> view_names() {
  std::vector<std::string> names;
  for (const ViewName& view : kViews) names.emplace_back(view.name);
  return names;
}

bool needs_packet(View view) { return kViews[static_cast<std::size_t>(view)].needs_packet; }

std::vector<std::string> clauses_of(View view) {
  return words_of(kViews[static_cast<std::size_t>(view)].clauses);
}

std::vector<std::string> subjects_of(View view) {
  if (view == View::plot) return {kFigures.begin(), kFigures.end()};
  if (view == View::header) return {kHeaders.begin(), kHeaders.end()};
  return {};
}

std::vector<std::string> packet_kind_names() {
  std::vector<std::string> names;
  for (const KindName& kind : kKinds) names.emplace_back(kind.name);
  return names;
}

std::string to_text(const PacketSelector& selector) {
  return fmt::format("{} {}", kKinds[static_cast<std::size_t>(selector.kind)].name,
                     selector.number);
}

Parsed<PacketSelector> parse_packet_selector(std::string_view text) {
  const std::vector<std::string> words = words_of(text);
  if (words.size() != 2) {
    return mistake(fmt::format("{} does not name a packet", in_quotes(text)),
                   "write for instance 'data 3' or 'uid 41'");
  }
  const auto kind = std::find_if(kKinds.begin(), kKinds.end(),
                                 [&](const KindName& known) { return known.name == words[0]; });
  if (kind == kKinds.end()) {
    const std::string near = nearest(words[0], packet_kind_names());
    return mistake(fmt::format("there are no packets called {}", in_quotes(words[0])),
                   near.empty() ? "use uid, data, retransmission, syn, fin, reset, ack, datagram, "
                                  "ping, pong, arp or drop"
                                : fmt::format("did you mean '{}'?", near));
  }
  const auto number = parse_count(words[1]);
  if (!number || *number == 0) {
    return mistake(fmt::format("{} is not the number of a packet", in_quotes(words[1])),
                   "they count from 1");
  }
  return PacketSelector{kind->kind, *number};
}

Parsed<ShowRequest> parse_show(std::string_view text) {
  ShowRequest request;
  request.written = std::string{text};
  const std::vector<std::string> words = words_of(text);
  if (words.empty()) return mistake("an empty line shows nothing", "write for instance 'ladder'");
  const auto view = std::find_if(kViews.begin(), kViews.end(),
                                 [&](const ViewName& known) { return known.name == words[0]; });
  if (view == kViews.end()) {
    const std::string near = suggestion(words[0], view_names());
    return mistake(fmt::format("there is no view {}", in_quotes(words[0])),
                   near.empty() ? fmt::format("use {}", fmt::join(view_names(), ", ")) : near);
  }
  request.view = view->view;
  if (auto wrong = ClauseReader(request, words).run()) {
    return tl::unexpected(std::move(*wrong));
  }
  if (needs_packet(request.view) && !request.packet) {
    return mistake(fmt::format("'{}' shows one packet", view->name),
                   fmt::format("say which, for instance '{} of data 1'", view->name));
  }
  return request;
}

std::optional<Mistake> check_show(const ShowRequest& request, const Model& model) {
  if (!request.node.empty() && find_node(model, request.node) == nullptr) {
    std::vector<std::string> names;
    for (const NodeModel& node : model.nodes) names.push_back(node.name);
    return Mistake{fmt::format("there is no node {}", in_quotes(request.node)),
                   suggestion(request.node, names)};
  }
  if (!request.link.empty() && find_link(model, request.link) == nullptr) {
    std::vector<std::string> names;
    for (const LinkModel& link : model.links) names.push_back(link.name);
    return Mistake{fmt::format("there is no link {}", in_quotes(request.link)),
                   suggestion(request.link, names)};
  }
  return std::nullopt;
}

}  // namespace strata::scenario
