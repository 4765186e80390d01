// SPDX-License-Identifier: MIT
// The grammar of what goes with calls: socket options, message flags and ancillary data, poll.
#include <fmt/format.h>

#include <array>
#include <limits>

#include "stack/application/script_parser.h"

namespace strata::application::script {
namespace {

using socket::OptionRow;
using socket::OptionValue;
using socket::ValueKind;

constexpr std::array kMtuDiscovery{"dont", "want", "do", "probe"};

std::string option_list() {
  std::string list = "the options are: ";
  for (const OptionRow& row : socket::option_table()) {
    if (&row != &socket::option_table().front()) list += ", ";
    list += row.name;
  }
  return list;
}

}  // namespace

// SO_REUSEADDR, or reuse-address.
const OptionRow* Parser::option() {
  const Token token = word("an option", option_list());
  if (has_failed()) return nullptr;
  const OptionRow* row = socket::find_option(token.text);
  if (row == nullptr) {
    fail(token.column, fmt::format("there is no option '{}'", token.text), option_list());
    return nullptr;
  }
  call_.option = row->option;
  return row;
}

OptionValue Parser::option_value(const OptionRow& row) {
  const bool takes_flag = row.kind == ValueKind::flag || row.kind == ValueKind::linger ||
                          row.kind == ValueKind::mtu_discovery;
  if (takes_flag && (is_next("on") || is_next("off"))) {
    const std::size_t start = column();
    const bool is_on = accept("on");
    if (!is_on) expect("off", "");
    if (is_on && row.kind == ValueKind::linger) {
      fail(start, fmt::format("'{}' needs a time", row.word),
           fmt::format("write '{} 1 s' or '{} off'", row.word, row.word));
    }
    return is_on;
  }
  const std::size_t start = column();
  switch (row.kind) {
    case ValueKind::flag:
      fail(column(), fmt::format("'{}' is on or off", row.word),
           fmt::format("write 'set s {} on'", row.word));
      return false;
    case ValueKind::bytes:
    case ValueKind::integer:
    case ValueKind::duration:
    case ValueKind::linger: {
      const bool is_time = row.kind == ValueKind::duration || row.kind == ValueKind::linger;
      const std::int64_t number = is_time
                                      ? duration().count()
                                      : (row.kind == ValueKind::bytes
                                             ? byte_count()
                                             : integer("a value of the option", row.low, row.high));
      if (is_time && !has_failed() && number > row.high) {
        fail(start, fmt::format("'{}' is at most {}", row.word, to_text(Duration(row.high))),
             "write a shorter time");
      }
      return is_time ? OptionValue(Duration(number)) : OptionValue(number);
    }
    case ValueKind::mtu_discovery:
    case ValueKind::text:
    case ValueKind::octets:
    case ValueKind::error:
    case ValueKind::info:
      return named_value(row);
  }
  return false;
}

OptionValue Parser::named_value(const OptionRow& row) {
  if (row.kind == ValueKind::mtu_discovery) {
    for (std::size_t i = 0; i < kMtuDiscovery.size(); ++i) {
      if (accept(kMtuDiscovery[i])) return static_cast<std::int64_t>(i);
    }
    fail(column(), fmt::format("'{}' is dont, want, do or probe", row.name),
         fmt::format("write 'setsockopt s {} do'", row.name));
    return false;
  }
  if (row.kind == ValueKind::error || row.kind == ValueKind::info) {
    fail(column(), fmt::format("'{}' can only be read", row.name), "use getsockopt");
    return false;
  }
  if (const Token* token = peek(); token != nullptr && token->is_string) {
    ++next_;
    return token->text;
  }
  if (row.kind == ValueKind::octets) {
    fail(column(), fmt::format("'{}' is a string of octets", row.name),
         "write for instance \"\\x94\\x04\\x00\\x00\"");
    return false;
  }
  return word("a name", "write for instance 'cubic'").text;
}

// MSG_PEEK MSG_DONTWAIT, in any number.
void Parser::message_flags() {
  while (const Token* token = peek()) {
    if (token->is_string || !token->text.starts_with("MSG_")) return;
    const auto flag = socket::find_message_flag(token->text);
    if (!flag) {
      fail(token->column, fmt::format("there is no flag '{}'", token->text),
           fmt::format("the flags are: {}",
                       to_text(socket::MessageFlags(std::numeric_limits<std::uint32_t>::max()))));
      return;
    }
    call_.flags = call_.flags | *flag;
    ++next_;
  }
}

// [to server:53] [IP_TTL 3] [IP_TOS 184] [IP_PKTINFO 10.0.1.10]
void Parser::message_control() {
  if (accept("to")) call_.address = address(/*may_be_any=*/false);
  for (;;) {
    if (accept("IP_TTL")) {
      call_.request.ttl = static_cast<std::uint8_t>(integer("a time to live", 1, 255));
    } else if (accept("IP_TOS")) {
      call_.request.type_of_service =
          static_cast<std::uint8_t>(integer("a type of service", 0, 255));
    } else if (accept("IP_PKTINFO")) {
      call_.source.host = word("a source address", "write an address of this host").text;
    } else {
      return;
    }
  }
}

// s POLLIN|POLLOUT c POLLIN
void Parser::polled_sockets() {
  constexpr const char* kMend = "write for instance 'poll s POLLIN'";
  do {
    Polled polled{.column = column()};
    polled.socket = name("the name of a socket", kMend);
    polled.events = poll_events();
    call_.polled.push_back(std::move(polled));
  } while (!at_end() && !is_next("within") && !is_next("->"));
}

socket::PollEvents Parser::poll_events() {
  constexpr const char* kMend =
      "the events are: POLLIN, POLLPRI, POLLOUT, POLLERR, POLLHUP, POLLNVAL, POLLRDHUP";
  const Token token = word("an event", kMend);
  socket::PollEvents events;
  std::string_view rest = token.text;
  while (!rest.empty() && !has_failed()) {
    const std::string_view one = rest.substr(0, rest.find('|'));
    const auto event = socket::find_poll_event(one);
    if (!event) {
      fail(token.column, fmt::format("there is no event '{}'", one), kMend);
      return events;
    }
    events = events | *event;
    rest.remove_prefix(std::min(rest.size(), one.size() + 1));
  }
  return events;
}

void Parser::ioctl_request() {
  constexpr const char* kMend = "write SIOCINQ, SIOCOUTQ, SIOCOUTQNSD or SIOCATMARK";
  const Token token = word("a request", kMend);
  for (const socket::Ioctl request : {socket::Ioctl::input_queue, socket::Ioctl::output_queue,
                                      socket::Ioctl::output_not_sent, socket::Ioctl::at_mark}) {
    if (to_text(request) != token.text) continue;
    call_.ioctl = request;
    return;
  }
  fail(token.column, fmt::format("there is no request '{}'", token.text), kMend);
}

void Parser::file_flag() {
  expect("O_NONBLOCK", "write 'fcntl s O_NONBLOCK on'");
  call_.is_on = accept("on");
  if (!call_.is_on) expect("off", "write 'fcntl s O_NONBLOCK on'");
}

// What an option reads as: as it is set; of SO_ERROR the name of an error or 0.
void Parser::value_expectation(Expectation& expected) {
  const OptionRow& row = socket::option_row(call_.option);
  if (is_next("contains") || is_error_next() || row.kind == ValueKind::info) {
    result(expected);
    return;
  }
  expected.kind = Expectation::Kind::value;
  if (row.kind == ValueKind::error) {
    integer("0 or the name of an error", 0, 0);
    expected.value = std::optional<Errc>();
  } else if (row.kind == ValueKind::bytes && is_number_next()) {
    expected.value = byte_count();
  } else {
    expected.value = option_value(row);
  }
}

// s POLLIN c POLLIN|POLLHUP, or 0: nothing within the time.
void Parser::events_expectation(Expectation& expected) {
  expected.kind = Expectation::Kind::events;
  if (accept("0")) return;
  do {
    const std::string socket = name("the name of a socket", "write 's POLLIN', or 0 for none");
    const std::string events = to_text(poll_events());
    if (has_failed()) return;
    expected.text += fmt::format("{}{} {}", expected.text.empty() ? "" : " ", socket, events);
  } while (!at_end());
}

}  // namespace strata::application::script
