// SPDX-License-Identifier: MIT
// What goes with the octets of send(), recv() and their kin: flags, and the ancillary data of
// sendmsg() and recvmsg().
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stack/transport/endpoint.h"

namespace strata::socket {

// A set of MSG_ flags; made from the constants of msg.
class MessageFlags {
 public:
  constexpr MessageFlags() = default;
  explicit constexpr MessageFlags(std::uint32_t bits) : bits_(bits) {}

  constexpr bool has(MessageFlags flag) const { return (bits_ & flag.bits_) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  friend constexpr MessageFlags operator|(MessageFlags a, MessageFlags b) {
    return MessageFlags(a.bits_ | b.bits_);
  }
  friend constexpr bool operator==(MessageFlags, MessageFlags) = default;

 private:
  std::uint32_t bits_ = 0;
};

// The bits are Linux's.
namespace msg {
inline constexpr MessageFlags kOutOfBand{0x1};      // MSG_OOB: urgent data
inline constexpr MessageFlags kPeek{0x2};           // MSG_PEEK: it stays in the queue
inline constexpr MessageFlags kTruncated{0x20};     // MSG_TRUNC: the size of the whole datagram
inline constexpr MessageFlags kDontWait{0x40};      // MSG_DONTWAIT: EAGAIN instead of waiting
inline constexpr MessageFlags kEndOfRecord{0x80};   // MSG_EOR: no segment goes beyond this call
inline constexpr MessageFlags kWaitAll{0x100};      // MSG_WAITALL: all octets asked for
inline constexpr MessageFlags kErrorQueue{0x2000};  // MSG_ERRQUEUE: an error instead of data
// MSG_NOSIGNAL: no SIGPIPE. There are no signals here, so every call behaves as with it.
inline constexpr MessageFlags kNoSignal{0x4000};
inline constexpr MessageFlags kMore{0x8000};  // MSG_MORE: the next call goes on
// MSG_FASTOPEN: sendto() connects, and takes its data along in the SYN (RFC 7413).
inline constexpr MessageFlags kFastOpen{0x2000'0000};
}  // namespace msg

// "MSG_PEEK|MSG_DONTWAIT"; "0" for none.
std::string to_text(MessageFlags flags);
// The flag "MSG_PEEK"; nullopt when there is none of the name.
std::optional<MessageFlags> find_message_flag(std::string_view name);

using ErrorReport = transport::ErrorReport;
using Received = transport::Received;
using SendRequest = transport::SendRequest;

// IP_PKTINFO.
struct PacketInfo {
  IpAddress destination;  // as the header said
  std::string interface;  // it came in by; "lo" for loopback
};

// What recvmsg() gives besides the octets: the ancillary data that options asked for.
struct ReceivedMessage {
  std::size_t bytes = 0;                        // copied into the buffer
  std::size_t datagram = 0;                     // size of the whole datagram
  Endpoint from;                                // of an error: where our datagram was going
  MessageFlags flags;                           // kTruncated, kErrorQueue, kOutOfBand
  std::optional<std::uint8_t> ttl;              // IP_RECVTTL
  std::optional<std::uint8_t> type_of_service;  // IP_RECVTOS
  std::optional<PacketInfo> packet_info;        // IP_PKTINFO
  std::optional<wire::OptionBytes> options;     // IP_RECVOPTS
  std::optional<ErrorReport> error;             // IP_RECVERR with MSG_ERRQUEUE
};
// "IP_TTL 64 IP_PKTINFO 10.0.0.1 eth0", "MSG_TRUNC"; empty when there is nothing to tell.
std::string ancillary_text(const ReceivedMessage& message);

}  // namespace strata::socket
