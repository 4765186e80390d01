// SPDX-License-Identifier: MIT
// The grammar of scripted calls; see script.h for its forms.
#include "stack/application/script_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace strata::application::script {
namespace {

struct VerbName {
  std::string_view name;
  Verb verb;
};
constexpr std::array kVerbs{
    VerbName{"socket", Verb::socket},
    VerbName{"bind", Verb::bind},
    VerbName{"listen", Verb::listen},
    VerbName{"accept", Verb::accept},
    VerbName{"connect", Verb::connect},
    VerbName{"send", Verb::send},
    VerbName{"recv", Verb::recv},
    VerbName{"sendto", Verb::sendto},
    VerbName{"recvfrom", Verb::recvfrom},
    VerbName{"sendmsg", Verb::sendmsg},
    VerbName{"recvmsg", Verb::recvmsg},
    VerbName{"shutdown", Verb::shutdown},
    VerbName{"close", Verb::close},
    VerbName{"setsockopt", Verb::setsockopt},
    VerbName{"set", Verb::setsockopt},
    VerbName{"getsockopt", Verb::getsockopt},
    VerbName{"getsockname", Verb::getsockname},
    VerbName{"getpeername", Verb::getpeername},
    VerbName{"poll", Verb::poll},
    VerbName{"ioctl", Verb::ioctl},
    VerbName{"fcntl", Verb::fcntl},
    VerbName{"sleep", Verb::sleep},
};
constexpr const char* kVerbList =
    "the calls are: socket, bind, listen, accept, connect, send, recv, sendto, recvfrom, sendmsg, "
    "recvmsg, shutdown, close, setsockopt, set, getsockopt, getsockname, getpeername, poll, ioctl, "
    "fcntl, sleep";

constexpr bool can_try(Verb verb) {
  return verb == Verb::accept || verb == Verb::connect || verb == Verb::send ||
         verb == Verb::recv || verb == Verb::sendto || verb == Verb::recvfrom;
}
constexpr bool may_wait(Verb verb) {
  return can_try(verb) || verb == Verb::sendmsg || verb == Verb::recvmsg || verb == Verb::poll;
}

constexpr std::int64_t kNumberMax = INT64_C(1) << 40;

}  // namespace

tl::expected<Call, ParseProblem> parse_call(std::string_view text) { return Parser(text).parse(); }

tl::expected<Call, ParseProblem> Parser::parse() {
  statement();
  if (accept("->")) call_.expectation = expectation();
  end_of_line();
  if (problem_) return tl::unexpected(std::move(*problem_));
  return std::move(call_);
}

void Parser::statement() {
  if (tokens_.size() > 1 && tokens_[1].text == "=" && !tokens_[1].is_string) {
    call_.result = name("a name", "");
    ++next_;
  }
  const std::size_t start = column();
  call_.is_try = accept("try");
  const Token verb = word("a call", kVerbList);
  if (has_failed()) return;
  const auto* known = std::find_if(kVerbs.begin(), kVerbs.end(),
                                   [&](const VerbName& v) { return v.name == verb.text; });
  if (known == kVerbs.end()) {
    fail(verb.column, fmt::format("there is no call '{}'", verb.text), kVerbList);
    return;
  }
  call_.verb = known->verb;
  if (call_.is_try && !can_try(call_.verb)) {
    fail(start, fmt::format("'{}' never waits", verb.text), "leave out 'try'");
  }
  const bool gives_socket = call_.verb == Verb::socket || call_.verb == Verb::accept;
  if (gives_socket && call_.result.empty()) {
    fail(start, "the socket needs a name", fmt::format("write 's = {} ...'", verb.text));
  }
  if (!gives_socket && !call_.result.empty()) {
    fail(1, fmt::format("'{}' gives no socket", verb.text),
         fmt::format("leave out '{} ='", call_.result));
  }
  arguments();
  wait_limit();
}

void Parser::arguments() {
  if (call_.verb == Verb::socket) {
    socket_type();
    return;
  }
  if (call_.verb == Verb::sleep) {
    pause();
    return;
  }
  if (call_.verb == Verb::poll) {
    polled_sockets();
    return;
  }
  socket_arguments();
}

// Of the calls whose first argument is a socket.
void Parser::socket_arguments() {
  call_.socket_column = column();
  call_.socket = name("the name of a socket", "write the name that 's = socket ...' has given");
  switch (call_.verb) {
    case Verb::bind:
      call_.address = address(/*may_be_any=*/true);
      break;
    case Verb::listen:
      call_.count =
          is_number_next() ? static_cast<std::size_t>(integer("a backlog", 1, 65'535)) : 5;
      break;
    case Verb::connect:
      call_.address = address(/*may_be_any=*/false);
      break;
    case Verb::send:
      payload();
      message_flags();
      break;
    case Verb::sendto:
      payload();
      call_.address = address(/*may_be_any=*/false);
      message_flags();
      break;
    case Verb::sendmsg:
      payload();
      message_control();
      message_flags();
      break;
    case Verb::recv:
    case Verb::recvfrom:
    case Verb::recvmsg:
      receive_extent();
      message_flags();
      break;
    case Verb::shutdown:
      shutdown_how();
      break;
    case Verb::setsockopt:
      if (const socket::OptionRow* row = option()) call_.value = option_value(*row);
      break;
    case Verb::getsockopt:
      option();
      break;
    case Verb::ioctl:
      ioctl_request();
      break;
    case Verb::fcntl:
      file_flag();
      break;
    case Verb::getsockname:
    case Verb::getpeername:
    case Verb::poll:
    case Verb::socket:
    case Verb::sleep:
    case Verb::accept:
    case Verb::close:
      break;
  }
}

void Parser::socket_type() {
  constexpr const char* kMend = "write 'socket stream', 'socket datagram' or 'socket echo'";
  const Token type = word("the type of the socket", kMend);
  if (type.text == "datagram") {
    call_.type = socket::Type::datagram;
  } else if (type.text == "echo") {
    call_.type = socket::Type::icmp_echo;
  } else if (type.text != "stream") {
    fail(type.column, fmt::format("there is no socket type '{}'", type.text), kMend);
  }
}

void Parser::payload() {
  if (const Token* token = peek(); token != nullptr && token->is_string) {
    call_.data = token->text;
    ++next_;
  } else if (is_number_next()) {
    call_.data = pattern(static_cast<std::size_t>(byte_count()));
  } else {
    fail(column(), "what to send is missing", "write a string in quotes, or '5000 bytes'");
  }
}

void Parser::receive_extent() {
  constexpr std::size_t kDefault = 65'536;
  call_.count = kDefault;
  if (accept("until")) {
    expect("close", "write 'until close'");
    call_.is_until_close = true;
    if (call_.verb != Verb::recv) {
      fail(column(), "datagrams have no end of stream", "leave out 'until close'");
    }
  } else if (accept("at")) {
    expect("most", "write 'at most 100 bytes'");
    call_.count = static_cast<std::size_t>(byte_count());
  } else if (is_number_next()) {
    if (call_.verb != Verb::recv) {
      fail(column(), "a datagram comes as a whole", "write 'at most 100 bytes'");
    }
    call_.count = static_cast<std::size_t>(byte_count());
    call_.is_exact = true;
    if (call_.is_try)
      fail(column(), "a call that does not wait cannot be exact", "write 'at most'");
  }
}

void Parser::shutdown_how() {
  constexpr const char* kMend = "write 'read', 'write' or 'both'";
  const Token how = word("which direction to shut", kMend);
  if (how.text == "read") {
    call_.how = socket::How::read;
  } else if (how.text == "write") {
    call_.how = socket::How::write;
  } else if (how.text != "both") {
    fail(how.column, fmt::format("'{}' is no direction", how.text), kMend);
  }
}

void Parser::pause() {
  call_.is_absolute = accept("until");
  call_.duration = duration();
}

void Parser::wait_limit() {
  const std::size_t start = column();
  if (!accept("within")) return;
  call_.within = duration();
  if (!may_wait(call_.verb) || call_.is_try) {
    fail(start, "this call does not wait", "leave out 'within'");
  }
}

Expectation Parser::expectation() {
  Expectation expected;
  const std::size_t start = column();
  expected.written = call_.written.substr(start - 1 - indent_);
  if (accept("ok")) return expected;
  if (call_.verb == Verb::getsockname || call_.verb == Verb::getpeername) {
    if (!is_error_next()) {
      expected.kind = Expectation::Kind::address;
      expected.from = address(/*may_be_any=*/true);
      return expected;
    }
  } else if (call_.verb == Verb::getsockopt) {
    value_expectation(expected);
    return expected;
  } else if (call_.verb == Verb::poll && !is_error_next()) {
    events_expectation(expected);
    return expected;
  } else if (accept("connection") || is_next("from")) {
    peer(expected);
    return expected;
  }
  result(expected);
  if (is_next("from")) peer(expected);
  if (accept("with")) {
    const Token* token = peek();
    if (call_.verb != Verb::recvmsg || token == nullptr || !token->is_string) {
      fail(column(), "'with' tells the ancillary data of recvmsg", "write 'with \"IP_TTL 64\"'");
      return expected;
    }
    expected.with = token->text;
    ++next_;
  }
  return expected;
}

bool Parser::is_error_next() const {
  const Token* token = peek();
  return token != nullptr && !token->is_string && find_error(token->text).has_value();
}

// What a call returns: an error, octets or their number.
void Parser::result(Expectation& expected) {
  if (accept("contains")) expected.kind = Expectation::Kind::contains;
  if (const Token* token = peek(); token != nullptr && token->is_string) {
    if (expected.kind == Expectation::Kind::ok) expected.kind = Expectation::Kind::text;
    expected.text = token->text;
    ++next_;
  } else if (expected.kind == Expectation::Kind::contains) {
    fail(column(), "what it contains is missing", "write a string in quotes");
  } else if (is_number_next()) {
    const bool has_unit = next_ + 1 < tokens_.size() && tokens_[next_ + 1].text != "from" &&
                          tokens_[next_ + 1].text != "with";
    expected.number = has_unit ? byte_count() : integer("a number", 0, kNumberMax);
    expected.kind = Expectation::Kind::number;
  } else {
    const Token token_word =
        word("the expected result", "write ok, an error as ECONNREFUSED, a number or a string");
    const std::optional<Errc> error = find_error(token_word.text);
    if (!error) {
      fail(token_word.column, fmt::format("'{}' is no result of a call", token_word.text),
           "write ok, an error as ECONNREFUSED, a number or a string");
    }
    expected.kind = Expectation::Kind::error;
    expected.error = error.value_or(Errc{});
  }
}

void Parser::peer(Expectation& expectation) {
  const std::size_t start = column();
  expect("from", "write 'from 10.0.1.10:*'");
  expectation.from = address(/*may_be_any=*/true);
  const bool has_peer =
      call_.verb == Verb::accept || call_.verb == Verb::recvfrom || call_.verb == Verb::recvmsg;
  if (!has_peer) {
    fail(start, "this call names no peer", "'from' belongs to accept, recvfrom and recvmsg");
  }
}

}  // namespace strata::application::script
