// SPDX-License-Identifier: MIT
#include "sim/packetdrill/parse_options.h"

#include "stack/base/ascii.h"
#include "stack/base/bytes.h"
#include "stack/transport/tcp/signature.h"
#include "stack/wire/tcp.h"

namespace strata::packetdrill {
namespace {

using wire::TcpOptionKind;
constexpr std::uint8_t kMd5 = 19;
constexpr std::uint8_t kFastOpen = 34;
constexpr std::uint8_t kExperimental = 254;
constexpr std::uint8_t kAccurateEcn0 = 172;
constexpr std::uint8_t kAccurateEcn1 = 174;

void put(std::vector<std::uint8_t>& bytes, std::uint64_t value, int octets) {
  for (int i = octets - 1; i >= 0; --i)
    bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

// Octets as hexadecimal digits, two each; nothing where none stand.
bool parse_blob(Reader& reader, std::vector<std::uint8_t>& bytes) {
  const Token token = reader.peek();
  if (token.kind != Token::Kind::word && token.kind != Token::Kind::number) return true;
  std::string digits = token.text;
  if (digits.starts_with("0x")) digits = digits.substr(2);
  if (digits.size() % 2 != 0) {
    return reader.fail(token, "an octet has two hexadecimal digits; one is left over");
  }
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const auto high = hex_digit(digits[i]);
    const auto low = hex_digit(digits[i + 1]);
    if (!high || !low) {
      return reader.fail(token, fmt::format("{} is not hexadecimal", Reader::quoted(token)));
    }
    bytes.push_back(static_cast<std::uint8_t>(*high << 4 | *low));
  }
  reader.take();
  return true;
}

bool parse_timestamp(Reader& reader, std::string_view word, OptionSpec& option, bool& any) {
  if (!reader.take_if(word)) {
    return reader.fail(reader.peek(), fmt::format("expected '{}' in a time stamp", word),
                       "write TS val 100 ecr 0");
  }
  std::uint64_t value = 0;
  any = reader.peek().kind == Token::Kind::ellipsis;
  if (any) {
    reader.take();
  } else if (!reader.number(kU32, "a time stamp", value)) {
    return false;
  }
  put(option.payload, value, 4);
  return true;
}

bool parse_sack(Reader& reader, OptionSpec& option) {
  do {
    std::uint64_t left = 0;
    std::uint64_t right = 0;
    if (!reader.number(kU32, "the left edge of a block", left) ||
        !reader.expect(':', "in a block") ||
        !reader.number(kU32, "the right edge of a block", right)) {
      return false;
    }
    put(option.payload, left, 4);
    put(option.payload, right, 4);
  } while (reader.peek().kind == Token::Kind::number);
  return true;
}

bool parse_number(Reader& reader, OptionSpec& option, int octets, std::string_view what) {
  std::uint64_t value = 0;
  if (!reader.number((std::uint64_t{1} << (8 * octets)) - 1, what, value)) return false;
  put(option.payload, value, octets);
  return true;
}

// ECN e1b 1 ceb 0 e0b 1 (RFC 9768 3.2.3): the order of the counters tells the kind.
bool parse_accurate_ecn(Reader& reader, OptionSpec& option) {
  option.kind = kAccurateEcn1;
  bool first = true;
  while (reader.peek().kind == Token::Kind::word) {
    const Token name = reader.take();
    if (name.text != "e0b" && name.text != "e1b" && name.text != "ceb") {
      return reader.fail(name, fmt::format("{} is no counter", Reader::quoted(name)),
                         "the counters are e0b, e1b and ceb");
    }
    if (first) option.kind = name.text == "e0b" ? kAccurateEcn0 : kAccurateEcn1;
    first = false;
    if (!parse_number(reader, option, 3, "a counter")) return false;
  }
  return true;
}

bool parse_option(Reader& reader, OptionSpec& option) {
  const auto kind = [](TcpOptionKind value) { return static_cast<std::uint8_t>(value); };
  const Token token = reader.take();
  if (token.is("nop") || token.is("NOP")) {
    option.kind = kind(TcpOptionKind::no_operation);
    return true;
  }
  if (token.is("eol") || token.is("EOL")) {
    option.kind = kind(TcpOptionKind::end);
    return true;
  }
  if (token.is("mss") || token.is("MSS")) {
    option.kind = kind(TcpOptionKind::maximum_segment_size);
    return parse_number(reader, option, 2, "a segment size");
  }
  if (token.is("wscale") || token.is("WS")) {
    option.kind = kind(TcpOptionKind::window_scale);
    return parse_number(reader, option, 1, "a shift");
  }
  if (token.is("sackOK") || token.is("SACKOK")) {
    option.kind = kind(TcpOptionKind::sack_permitted);
    return true;
  }
  if (token.is("sack") || token.is("SACK")) {
    option.kind = kind(TcpOptionKind::sack);
    return parse_sack(reader, option);
  }
  if (token.is("TS")) {
    option.kind = kind(TcpOptionKind::timestamps);
    return parse_timestamp(reader, "val", option, option.any_value) &&
           parse_timestamp(reader, "ecr", option, option.any_echo);
  }
  if (token.is("FO") || token.is("fast_open")) {
    option.kind = kFastOpen;
    return parse_blob(reader, option.payload);
  }
  if (token.is("FOEXP")) {
    option.kind = kExperimental;
    put(option.payload, 0xf989, 2);  // RFC 7413 appendix: the experiment's identifier
    return parse_blob(reader, option.payload);
  }
  if (token.is("md5") || token.is("MD5")) {
    option.kind = kMd5;
    if (reader.peek().is("valid") || reader.peek().is("invalid")) {
      option.is_valid = reader.take().is("valid");
      option.payload.resize(sizeof(strata::tcp::Signature));
      return true;
    }
    return parse_blob(reader, option.payload);
  }
  if (token.is("ECN") || token.is("acc_ecn")) return parse_accurate_ecn(reader, option);
  if (token.is("exp_tarr") || token.is("TARR") || token.is("gen")) {
    return reader.refuse(token, "the TCP option " + token.text);
  }
  return reader.fail(token, fmt::format("{} is no TCP option", Reader::quoted(token)),
                     "known are mss, wscale, sackOK, sack, TS, nop, eol, FO, FOEXP, md5, ECN");
}

}  // namespace

bool parse_tcp_options(Reader& reader, Direction direction, TcpSpec& tcp) {
  const Token open = reader.take();
  if (reader.peek().kind == Token::Kind::ellipsis) {
    reader.take();
    tcp.any_options = true;
    if (direction == Direction::inbound) {
      return reader.fail(open, "<...> describes packets that the stack sends",
                         "name the options of a packet that arrives");
    }
    return reader.expect('>', "after the options");
  }
  std::size_t bytes = 0;
  if (!reader.peek().is('>')) {
    do {
      OptionSpec& option = tcp.options.emplace_back();
      if (!parse_option(reader, option)) return false;
      bytes += option.kind <= 1 ? 1 : 2 + option.payload.size();
    } while (reader.take_if(','));
  }
  if (bytes > wire::OptionBytes::kBytesMax) {
    return reader.fail(open, fmt::format("these options take {} octets", bytes),
                       "a TCP header has room for 40");
  }
  return reader.expect('>', "after the options");
}

}  // namespace strata::packetdrill
