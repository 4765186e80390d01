// SPDX-License-Identifier: MIT
// The model of a packetdrill script: options, then events. An event is an instant and an action:
// a packet that the peer sends or the stack must send, a system call with its expected result, a
// shell command (settings), or a block of assertions. docs/packetdrill.md tells the language.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "stack/base/address.h"
#include "stack/base/protocol.h"
#include "stack/base/time.h"
#include "stack/wire/tcp.h"

namespace strata::packetdrill {

// Where something stands in the script, counted from one.
struct Position {
  int line = 0;
  int column = 0;
};

// Why a script cannot be used. `unsupported`: it is well-formed, but asks for something that this
// simulator does not have (IPv6, SCTP, ...).
struct Problem {
  Position at;
  std::string text;
  std::string hint;  // how to mend it; may be empty
  bool unsupported = false;
};

// --name=value before the first event.
struct Option {
  Position at;
  std::string name;
  std::string value;
};

struct EventTime {
  enum class Kind : std::uint8_t { absolute, relative, any, absolute_range, relative_range };
  Kind kind = Kind::relative;
  Duration at{};
  Duration until{};  // of a range
};

// An argument or result of a system call, as written.
struct Expression {
  enum class Kind : std::uint8_t {
    ellipsis,  // ...: anything
    number,
    word,       // SOCK_STREAM
    text,       // "abc"
    either_of,  // A | B: items
    list,       // [A, B]: items
    structure,  // {name = A, name = B} or {A, B}: items, which may have names
    function,   // htons(A): text is its name, items are the arguments
  };
  Kind kind = Kind::ellipsis;
  Position at;
  std::int64_t number = 0;
  std::string text;
  std::string name;  // of a member of a structure
  std::vector<Expression> items;

  // The member of a structure with this name; nullptr when there is none.
  const Expression* member(std::string_view wanted) const {
    for (const Expression& item : items) {
      if (item.name == wanted) return &item;
    }
    return nullptr;
  }
};

struct Call {
  std::optional<Duration> blocks_until;  // `0...0.2 read(...)`: it may block until then
  std::string name;
  std::vector<Expression> arguments;
  Expression result;
  std::string error;  // "EAGAIN", or empty
};

struct Command {
  std::string text;
};
struct Code {
  std::string text;
};

enum class Direction : std::uint8_t { inbound, outbound };  // seen from the stack under test

struct IpSpec {
  std::optional<std::uint8_t> ecn;
  bool any_ect = false;  // [ect01]: ECT(0) or ECT(1)
  std::optional<std::uint8_t> tos;
  std::optional<std::uint8_t> ttl;
};

struct Ports {
  std::uint16_t source = 0;
  std::uint16_t destination = 0;
};

// One TCP option as it stands on the wire. Of time stamps the value or the echo may be anything.
struct OptionSpec {
  std::uint8_t kind = 0;
  std::vector<std::uint8_t> payload;  // after kind and length; of time stamps 8 octets
  bool any_value = false;             // TS val ...
  bool any_echo = false;              // ecr ...
  std::optional<bool> is_valid;       // of a signature: `md5 valid`, `md5 invalid`
};

struct TcpSpec {
  std::uint8_t flags = 0;
  bool accurate_ecn = false;  // the AE flag (RFC 9768), the lowest reserved bit
  std::uint32_t sequence = 0;
  std::uint32_t length = 0;
  bool any_sequence = false;       // ...(0): of the stack
  bool absolute_sequence = false;  // 0:0(0)!: not relative to the initial sequence number
  std::optional<std::uint32_t> acknowledgement;
  bool absolute_acknowledgement = false;
  std::optional<std::uint16_t> window;
  std::optional<std::uint16_t> urgent;
  std::vector<OptionSpec> options;
  bool any_options = false;  // <...>

  // Nullptr: it has none of the kind.
  const OptionSpec* find(wire::TcpOptionKind wanted) const {
    for (const OptionSpec& option : options) {
      if (option.kind == static_cast<std::uint8_t>(wanted)) return &option;
    }
    return nullptr;
  }
};

struct UdpSpec {
  std::uint16_t length = 0;  // of the payload
};

struct IcmpSpec {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::optional<std::uint16_t> mtu;
  std::uint16_t identifier = 0;
  IpProtocol quoted = IpProtocol::tcp;
  std::uint32_t quoted_sequence = 0;
  std::uint32_t quoted_length = 0;
  bool has_quote = false;  // else it is about the SYN
};

struct PacketSpec {
  Direction direction{};
  IpSpec ip;
  std::optional<Ports> ports;
  std::variant<TcpSpec, UdpSpec, IcmpSpec> body;
};

struct Event {
  Position at;
  EventTime time;
  std::variant<PacketSpec, Call, Command, Code> action;
};

struct Script {
  std::vector<Option> options;
  std::vector<Event> events;
};

}  // namespace strata::packetdrill
