// SPDX-License-Identifier: MIT
// Options and events; packets and calls have files of their own.
#include "sim/packetdrill/parser.h"

#include <algorithm>

#include "sim/packetdrill/reader.h"

namespace strata::packetdrill {
namespace {

bool parse_time(Reader& reader, EventTime& time) {
  using Kind = EventTime::Kind;
  if (reader.take_if('*')) {
    time.kind = Kind::any;
    return true;
  }
  const bool relative = reader.take_if('+');
  if (!parse_seconds(reader, time.at)) return false;
  time.kind = relative ? Kind::relative : Kind::absolute;
  if (!reader.take_if('~')) return true;
  if (reader.take_if('+') != relative) {
    return reader.fail(reader.peek(), "both ends of a range are relative, or neither",
                       "write +.1~+.2 or .1~.2");
  }
  if (!parse_seconds(reader, time.until)) return false;
  if (time.until < time.at) return reader.fail(reader.peek(), "this range ends before it begins");
  time.kind = relative ? Kind::relative_range : Kind::absolute_range;
  return true;
}

bool begins_time(const Token& token) {
  return token.is('+') || token.is('*') || token.kind == Token::Kind::number ||
         token.kind == Token::Kind::fraction;
}

bool parse_event(Reader& reader, Event& event) {
  event.at = reader.peek().at;
  if (begins_time(reader.peek())) {
    if (!parse_time(reader, event.time)) return false;
  } else if (reader.peek().kind != Token::Kind::command &&
             reader.peek().kind != Token::Kind::code) {
    return reader.fail(reader.peek(),
                       fmt::format("expected an event, not {}", Reader::quoted(reader.peek())),
                       "an event begins with its time, as in '+0 < S 0:0(0) win 1000'");
  }
  const Token& token = reader.peek();
  if (token.is('<') || token.is('>')) {
    return parse_packet(reader, event.action.emplace<PacketSpec>());
  }
  if (token.kind == Token::Kind::command) {
    event.action = Command{reader.take().text};
    return true;
  }
  if (token.kind == Token::Kind::code) {
    event.action = Code{reader.take().text};
    return true;
  }
  if (token.kind == Token::Kind::word || token.kind == Token::Kind::ellipsis) {
    return parse_call(reader, event.action.emplace<Call>());
  }
  return reader.fail(token, fmt::format("expected a packet, a call, a command or code, not {}",
                                        Reader::quoted(token)));
}

// A word with a definition becomes what was defined, as in the original.
void substitute(std::vector<Token>& tokens, const Definitions& definitions) {
  for (Token& token : tokens) {
    if (token.kind != Token::Kind::word) continue;
    const auto found = definitions.find(token.text);
    if (found == definitions.end()) continue;
    const std::string& value = found->second;
    const char first = value.empty() ? '\0' : value.front();
    if (value.size() >= 2 && (first == '"' || first == '`') && value.back() == first) {
      token.kind = first == '"' ? Token::Kind::text : Token::Kind::command;
      token.text = value.substr(1, value.size() - 2);
      continue;
    }
    auto read = tokenize(value);
    if (!read || read->size() != 2) {
      token.text = value;
      continue;
    }
    read->front().at = token.at;
    token = read->front();
  }
}

}  // namespace

bool parse_seconds(Reader& reader, Duration& value) {
  const Token& token = reader.peek();
  if (token.kind != Token::Kind::number && token.kind != Token::Kind::fraction) {
    return reader.fail(token,
                       fmt::format("expected a time in seconds, not {}", Reader::quoted(token)),
                       "write 1, .25 or 0.001");
  }
  if (token.text[0] == '-') return reader.fail(token, "a time is not negative");
  constexpr std::int64_t kSecondsMax = 1'000'000'000;
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;
  std::int64_t unit = 100'000'000;
  bool is_fraction = false;
  for (const char c : token.text) {
    if (c == '.') {
      is_fraction = true;
    } else if (is_fraction) {
      nanoseconds += (c - '0') * unit;
      unit /= 10;
    } else if (c >= '0' && c <= '9' && seconds < kSecondsMax) {
      seconds = seconds * 10 + (c - '0');
    } else {
      return reader.fail(token, "this is no time in seconds", "write 1, .25 or 0.001");
    }
  }
  value = std::chrono::seconds{std::min(seconds, kSecondsMax)} + Duration{nanoseconds};
  reader.take();
  return true;
}

tl::expected<Script, Problem> parse(std::string_view text, const Definitions& definitions,
                                    std::string_view system) {
  auto tokens = tokenize(text, system);
  if (!tokens) return tl::unexpected(tokens.error());
  substitute(*tokens, definitions);
  Reader reader(std::move(*tokens));
  Script script;
  while (reader.peek().kind == Token::Kind::option) {
    const Token& token = reader.take();
    Option option{token.at, token.text, token.value};
    // --name value, --name = value
    const bool has_sign = option.value.empty() && reader.take_if('=');
    const Token::Kind next = reader.peek().kind;
    if (has_sign && (next == Token::Kind::number || next == Token::Kind::word ||
                     next == Token::Kind::address || next == Token::Kind::text)) {
      option.value = reader.take().text;
    }
    script.options.push_back(std::move(option));
  }
  while (!reader.at_end()) {
    if (!parse_event(reader, script.events.emplace_back())) break;
  }
  if (script.events.empty()) {
    reader.fail(reader.peek(), "the script has no event",
                "for instance: 0 socket(..., SOCK_STREAM, IPPROTO_TCP) = 3");
  }
  if (reader.problem()) return tl::unexpected(*reader.problem());
  return script;
}

}  // namespace strata::packetdrill
