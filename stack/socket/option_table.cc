// SPDX-License-Identifier: MIT
// The table of socket options: the one place that says which there are.
#include <algorithm>
#include <array>

#include "stack/base/assert.h"
#include "stack/socket/option.h"
#include "stack/transport/tcp/signature.h"

namespace strata::socket {
namespace {

using transport::EndpointOptions;
using enum OptionLevel;
using enum ValueKind;
using enum OptionAccess;

constexpr std::uint8_t kStream = 1U << 0;
constexpr std::uint8_t kDatagram = 1U << 1;
constexpr std::uint8_t kEcho = 1U << 2;
constexpr std::uint8_t kMessages = kDatagram | kEcho;
constexpr std::uint8_t kAll = kStream | kMessages;

constexpr std::int64_t kBufferMax = 1 << 30;
constexpr std::int64_t kMilli = 1'000'000;
constexpr std::int64_t kSecond = 1'000 * kMilli;
constexpr std::int64_t kTimeMax = INT64_C(2'147'483'647) * kMilli;  // an int of milliseconds

// clang-format off
constexpr std::array kTable{
    OptionRow{Option::reuse_address, socket, "SO_REUSEADDR", "reuse-address", flag, both, kAll, 0, 1,
              &EndpointOptions::reuse_address, "POSIX; RFC 9293 3.6.1",
              "bind() shares a port that others hold who allow it, too, and that nobody listens on"},
    OptionRow{Option::reuse_port, socket, "SO_REUSEPORT", "reuse-port", flag, both,
              kStream | kDatagram, 0, 1, &EndpointOptions::reuse_port, "Linux, BSD",
              "several sockets take the same address and port; a hash of the 4-tuple picks one"},
    OptionRow{Option::keep_alive, socket, "SO_KEEPALIVE", "keep-alive", flag, both, kStream, 0, 1,
              &EndpointOptions::keep_alive, "POSIX; RFC 9293 3.8.4 (MUST-24)",
              "an idle connection asks whether its peer is still there"},
    OptionRow{Option::linger, socket, "SO_LINGER", "linger", ValueKind::linger, both, kAll, -1,
              kTimeMax, &EndpointOptions::linger, "POSIX; RFC 9293 3.10.5",
              "close() waits until all is acknowledged, at most this long; zero: it resets"},
    OptionRow{Option::oob_inline, socket, "SO_OOBINLINE", "oob-inline", flag, both, kStream, 0, 1,
              &EndpointOptions::oob_inline, "POSIX; RFC 6093 3.4",
              "urgent data stays in the stream"},
    OptionRow{Option::send_buffer, socket, "SO_SNDBUF", "send-buffer", bytes, both, kAll, 1,
              kBufferMax, &EndpointOptions::send_buffer_bytes, "POSIX",
              "octets accepted and not yet acknowledged"},
    OptionRow{Option::receive_buffer, socket, "SO_RCVBUF", "receive-buffer", bytes, both, kAll, 1,
              kBufferMax, &EndpointOptions::receive_buffer_bytes, "POSIX; RFC 9293 3.8.6",
              "octets received and not yet read; what was announced to the peer stays, should it shrink"},
    OptionRow{Option::receive_low_water, socket, "SO_RCVLOWAT", "receive-low-water", bytes, both,
              kStream, 1, kBufferMax, &EndpointOptions::receive_low_water, "POSIX",
              "fewer octets than this do not make a stream readable"},
    OptionRow{Option::receive_timeout, socket, "SO_RCVTIMEO", "receive-timeout", duration, both,
              kAll, 0, kTimeMax, &EndpointOptions::receive_timeout, "POSIX",
              "a waiting recv() or accept() ends with EAGAIN after this time; zero: never"},
    OptionRow{Option::send_timeout, socket, "SO_SNDTIMEO", "send-timeout", duration, both, kAll, 0,
              kTimeMax, &EndpointOptions::send_timeout, "POSIX",
              "a waiting send() ends with EAGAIN, connect() with EINPROGRESS, after this time"},
    OptionRow{Option::broadcast, socket, "SO_BROADCAST", "broadcast", flag, both, kAll, 0, 1,
              &EndpointOptions::broadcast, "POSIX; RFC 1122 3.3.6",
              "datagrams may go to broadcast addresses"},
    OptionRow{Option::bind_to_device, socket, "SO_BINDTODEVICE", "bind-to-device", text, none,
              kAll, 0, 0, {}, "Linux", "only this interface is used; empty: any"},
    OptionRow{Option::no_check, socket, "SO_NO_CHECK", "no-check", flag, both, kDatagram, 0, 1,
              &EndpointOptions::no_check, "Linux; RFC 1122 4.1.3.4",
              "datagrams are sent without a checksum"},
    OptionRow{Option::pacing_rate_max, socket, "SO_MAX_PACING_RATE", "max-pacing-rate", bytes, both,
              kStream, 0, UINT32_MAX, &EndpointOptions::pacing_rate_max, "Linux",
              "no more octets than this leave in a second, one burst after the other; zero: no limit"},
    OptionRow{Option::error, socket, "SO_ERROR", "error", ValueKind::error, get, kAll, 0, 0, {},
              "POSIX", "the pending error; reading clears it"},
    OptionRow{Option::type, socket, "SO_TYPE", "type", text, get, kAll, 0, 0, {}, "POSIX",
              "SOCK_STREAM or SOCK_DGRAM"},
    OptionRow{Option::accepts_connections, socket, "SO_ACCEPTCONN", "accepts-connections", flag,
              get, kAll, 0, 1, {}, "POSIX", "whether it listens"},

    OptionRow{Option::no_delay, tcp, "TCP_NODELAY", "no-delay", flag, both, kStream, 0, 1,
              &EndpointOptions::no_delay, "POSIX; RFC 9293 3.7.4 (MUST-17)",
              "small segments do not wait for an acknowledgement (Nagle)"},
    OptionRow{Option::no_options, tcp, "TCP_NOOPT", "no-options", flag, both, kStream, 0, 1,
              &EndpointOptions::no_options, "BSD; RFC 9293 3.1",
              "no TCP options are sent, and those of the peer are ignored; before connecting"},
    OptionRow{Option::cork, tcp, "TCP_CORK", "cork", flag, both, kStream, 0, 1,
              &EndpointOptions::cork, "Linux",
              "only full segments leave until it is cleared, or 200 ms have passed"},
    OptionRow{Option::quick_ack, tcp, "TCP_QUICKACK", "quick-ack", flag, both, kStream, 0, 1,
              &EndpointOptions::quick_ack, "Linux; RFC 9293 3.8.6.3",
              "acknowledgements are not delayed"},
    OptionRow{Option::max_segment, tcp, "TCP_MAXSEG", "max-segment", integer, both, kStream, 88,
              65'495, &EndpointOptions::max_segment, "Linux, BSD; RFC 9293 3.7.1",
              "octets of a segment: what is announced before connecting, what is in use after"},
    OptionRow{Option::congestion, tcp, "TCP_CONGESTION", "congestion", text, both, kStream, 0, 0,
              {}, "Linux", "the congestion control algorithm by name"},
    OptionRow{Option::user_timeout, tcp, "TCP_USER_TIMEOUT", "user-timeout", duration, both,
              kStream, 0, kTimeMax, &EndpointOptions::user_timeout, "Linux; RFC 5482, RFC 9293 3.9.1.1",
              "how long data may stay unacknowledged before the connection is given up (ms)"},
    OptionRow{Option::keep_idle, tcp, "TCP_KEEPIDLE", "keep-idle", duration, both, kStream,
              kSecond, 32'767 * kSecond, &EndpointOptions::keep_idle, "Linux; RFC 9293 3.8.4 (MUST-26)",
              "silence before the first keep-alive probe (s)"},
    OptionRow{Option::keep_interval, tcp, "TCP_KEEPINTVL", "keep-interval", duration, both,
              kStream, kSecond, 32'767 * kSecond, &EndpointOptions::keep_interval, "Linux", "between keep-alive probes (s)"},
    OptionRow{Option::keep_count, tcp, "TCP_KEEPCNT", "keep-count", integer, both, kStream, 1, 127,
              &EndpointOptions::keep_count, "Linux", "unanswered keep-alive probes before the connection is given up"},
    OptionRow{Option::keep_init, tcp, "TCP_KEEPINIT", "keep-init", duration, both, kStream, 0,
              32'767 * kSecond, &EndpointOptions::keep_init, "FreeBSD",
              "a handshake may take so long in all (s); zero: no limit"},
    OptionRow{Option::syn_count, tcp, "TCP_SYNCNT", "syn-count", integer, both, kStream, 1, 127,
              &EndpointOptions::syn_count, "Linux; RFC 9293 3.8.3 (MUST-23)",
              "retransmissions of a SYN before connect() fails"},
    OptionRow{Option::linger_2, tcp, "TCP_LINGER2", "linger-2", duration, both, kStream, 0,
              kTimeMax, &EndpointOptions::fin_wait_2, "Linux",
              "a closed connection in FIN-WAIT-2 is given up after this time (s); zero: never"},
    OptionRow{Option::defer_accept, tcp, "TCP_DEFER_ACCEPT", "defer-accept", duration, both,
              kStream, 0, kTimeMax, &EndpointOptions::defer_accept, "Linux",
              "accept() gives a connection once it has data, at most this much later (s)"},
    OptionRow{Option::window_clamp, tcp, "TCP_WINDOW_CLAMP", "window-clamp", bytes, both, kStream,
              0, kBufferMax, &EndpointOptions::window_clamp, "Linux", "the largest window offered; zero: the buffer decides"},
    OptionRow{Option::fast_open, tcp, "TCP_FASTOPEN", "fast-open", integer, both, kStream, 0,
              65'535, &EndpointOptions::fast_open, "Linux; RFC 7413", "pending connections opened by a SYN with data"},
    OptionRow{Option::fast_open_connect, tcp, "TCP_FASTOPEN_CONNECT", "fast-open-connect", flag,
              both, kStream, 0, 1, &EndpointOptions::fast_open_connect, "Linux; RFC 7413",
              "the first send() takes its data along in the SYN"},
    OptionRow{Option::fast_open_key, tcp, "TCP_FASTOPEN_KEY", "fast-open-key", octets, both, kStream,
              16, 16, {}, "Linux; RFC 7413 4.1.2", "the key that a listener's cookies are made with, in place of the host's"},
    OptionRow{Option::signature_key, tcp, "TCP_MD5SIG", "md5-key", octets, both, kStream, 0,
              tcp::kSignatureKeyMost, {}, "Linux; RFC 2385", "segments are signed with this key, and what is not signed so is dropped; before connecting"},
    OptionRow{Option::not_sent_low_water, tcp, "TCP_NOTSENT_LOWAT", "not-sent-low-water", bytes,
              both, kStream, 0, kBufferMax, &EndpointOptions::not_sent_low_water, "Linux",
              "a stream is writable while fewer octets than this are unsent; zero: no limit"},
    OptionRow{Option::timestamp, tcp, "TCP_TIMESTAMP", "timestamp", integer, get, kStream, 0,
              0xffff'ffff, {}, "Linux; RFC 7323 5.4",
              "the value of our timestamp clock as the latest segment told it; zero: none did"},
    OptionRow{Option::info, tcp, "TCP_INFO", "info", ValueKind::info, get, kStream, 0, 0, {},
              "Linux", "the variables of the connection"},

    OptionRow{Option::ttl, ip, "IP_TTL", "ttl", integer, both, kAll, 1, 255, &EndpointOptions::ttl,
              "RFC 1122 3.2.1.7, 4.1.4; RFC 9293 3.9.2 (MUST-49)", "time to live of what is sent"},
    OptionRow{Option::local_port_range, ip, "IP_LOCAL_PORT_RANGE", "local-port-range", integer, both,
              kStream, 0, INT64_C(0xffffffff), &EndpointOptions::local_port_range, "Linux",
              "the ports connect() chooses from: the lowest, and the highest times 65536; zero: the host's"},
    OptionRow{Option::type_of_service, ip, "IP_TOS", "type-of-service", integer, both, kAll, 0, 255,
              &EndpointOptions::type_of_service, "RFC 1122 3.2.1.6, 4.1.4; RFC 9293 3.9.2 (MUST-48)",
              "DSCP and ECN octet of what is sent; TCP sets ECN itself"},
    OptionRow{Option::mtu, ip, "IP_MTU", "mtu", integer, get, kAll, 0, 65'535, {},
              "Linux; RFC 1122 3.4 (GET_MAXSIZES)", "what the path to the peer is known to carry"},
    OptionRow{Option::mtu_discovery, ip, "IP_MTU_DISCOVER", "dont-fragment",
              ValueKind::mtu_discovery, both, kAll, 0, 3, {}, "Linux; RFC 1191",
              "dont, want, do (don't fragment: EMSGSIZE for what is larger than the path) or probe"},
    OptionRow{Option::receive_errors, ip, "IP_RECVERR", "receive-errors", flag, both, kMessages, 0,
              1, &EndpointOptions::receive_errors, "Linux; RFC 1122 4.1.3.3",
              "ICMP errors are queued for recvmsg() with MSG_ERRQUEUE"},
    OptionRow{Option::receive_ttl, ip, "IP_RECVTTL", "receive-ttl", flag, both, kMessages, 0, 1,
              &EndpointOptions::receive_ttl, "Linux, BSD", "recvmsg() tells the time to live"},
    OptionRow{Option::receive_tos, ip, "IP_RECVTOS", "receive-tos", flag, both, kMessages, 0, 1,
              &EndpointOptions::receive_tos, "Linux; RFC 1122 4.1.4", "recvmsg() tells DSCP and ECN"},
    OptionRow{Option::receive_options, ip, "IP_RECVOPTS", "receive-options", flag, both, kMessages,
              0, 1, &EndpointOptions::receive_options, "BSD; RFC 1122 4.1.3.2",
              "recvmsg() tells the IP options"},
    OptionRow{Option::packet_info, ip, "IP_PKTINFO", "packet-info", flag, both, kMessages, 0, 1,
              &EndpointOptions::packet_info, "Linux; RFC 1122 4.1.3.5",
              "recvmsg() tells the destination address and the interface"},
    OptionRow{Option::ip_options, ip, "IP_OPTIONS", "ip-options", octets, both, kAll, 0, 40, {},
              "RFC 791 3.1; RFC 1122 4.1.3.2", "IP options of what is sent"},
};
// clang-format on

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<std::size_t>(kTable[i].option) != i) return false;
  }
  return true;
}
static_assert(is_in_order() && kTable.back().option == Option::ip_options);

}  // namespace

std::span<const OptionRow> option_table() { return kTable; }

const OptionRow& option_row(Option option) {
  const auto index = static_cast<std::size_t>(option);
  STRATA_ASSERT(index < kTable.size());
  return kTable[index];
}

const OptionRow* find_option(std::string_view name_or_word) {
  const auto* found = std::ranges::find_if(kTable, [&](const OptionRow& row) {
    return row.name == name_or_word || row.word == name_or_word;
  });
  return found == kTable.end() ? nullptr : found;
}

std::string_view to_text(Option option) { return option_row(option).name; }

std::string_view to_text(OptionLevel level) {
  switch (level) {
    case OptionLevel::socket:
      return "SOL_SOCKET";
    case OptionLevel::tcp:
      return "IPPROTO_TCP";
    case OptionLevel::ip:
      return "IPPROTO_IP";
  }
  return "";
}

}  // namespace strata::socket
