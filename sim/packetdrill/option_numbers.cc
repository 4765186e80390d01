// SPDX-License-Identifier: MIT
#include "sim/packetdrill/option_numbers.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "sim/packetdrill/symbols.h"

namespace strata::packetdrill {
namespace {

constexpr std::int64_t kIp = 0;
constexpr std::int64_t kTcp = 6;
constexpr std::int64_t kSocket = 1;  // of Linux
constexpr std::int64_t kSocketOfFreebsd = 0xffff;
constexpr std::int64_t kNone = -1;  // the system does not have the option

struct Numbers {
  std::string_view name;
  std::int64_t level;  // as Linux numbers it
  std::int64_t on_linux;
  std::int64_t on_freebsd;
};
// socket(7), tcp(7), ip(7) and the headers of both systems.
constexpr std::array kNumbers{
    Numbers{"SO_DEBUG", kSocket, 1, 0x1},
    Numbers{"SO_REUSEADDR", kSocket, 2, 0x4},
    Numbers{"SO_TYPE", kSocket, 3, 0x1008},
    Numbers{"SO_ERROR", kSocket, 4, 0x1007},
    Numbers{"SO_BROADCAST", kSocket, 6, 0x20},
    Numbers{"SO_SNDBUF", kSocket, 7, 0x1001},
    Numbers{"SO_RCVBUF", kSocket, 8, 0x1002},
    Numbers{"SO_KEEPALIVE", kSocket, 9, 0x8},
    Numbers{"SO_OOBINLINE", kSocket, 10, 0x100},
    Numbers{"SO_NO_CHECK", kSocket, 11, kNone},
    Numbers{"SO_PRIORITY", kSocket, 12, kNone},
    Numbers{"SO_LINGER", kSocket, 13, 0x80},
    Numbers{"SO_REUSEPORT", kSocket, 15, 0x200},
    Numbers{"SO_RCVLOWAT", kSocket, 18, 0x1004},
    Numbers{"SO_RCVTIMEO", kSocket, 20, 0x1006},
    Numbers{"SO_SNDTIMEO", kSocket, 21, 0x1005},
    Numbers{"SO_ACCEPTCONN", kSocket, 30, 0x2},
    Numbers{"SO_SNDBUFFORCE", kSocket, 32, kNone},
    Numbers{"SO_RCVBUFFORCE", kSocket, 33, kNone},
    Numbers{"SO_MARK", kSocket, 36, kNone},
    Numbers{"SO_TIMESTAMPING", kSocket, 37, kNone},
    Numbers{"SO_BUSY_POLL", kSocket, 46, kNone},
    Numbers{"SO_MAX_PACING_RATE", kSocket, 47, kNone},
    Numbers{"SO_ZEROCOPY", kSocket, 60, kNone},
    Numbers{"SO_NOSIGPIPE", kSocket, kNone, 0x800},
    Numbers{"TCP_NODELAY", kTcp, 1, 1},
    Numbers{"TCP_MAXSEG", kTcp, 2, 2},
    Numbers{"TCP_CORK", kTcp, 3, 4},
    Numbers{"TCP_KEEPIDLE", kTcp, 4, 256},
    Numbers{"TCP_KEEPINTVL", kTcp, 5, 512},
    Numbers{"TCP_KEEPCNT", kTcp, 6, 1024},
    Numbers{"TCP_SYNCNT", kTcp, 7, kNone},
    Numbers{"TCP_LINGER2", kTcp, 8, kNone},
    Numbers{"TCP_DEFER_ACCEPT", kTcp, 9, kNone},
    Numbers{"TCP_WINDOW_CLAMP", kTcp, 10, kNone},
    Numbers{"TCP_INFO", kTcp, 11, 32},
    Numbers{"TCP_QUICKACK", kTcp, 12, kNone},
    Numbers{"TCP_CONGESTION", kTcp, 13, 64},
    Numbers{"TCP_MD5SIG", kTcp, 14, 16},
    Numbers{"TCP_USER_TIMEOUT", kTcp, 18, kNone},
    Numbers{"TCP_FASTOPEN", kTcp, 23, 1025},
    Numbers{"TCP_TIMESTAMP", kTcp, 24, kNone},
    Numbers{"TCP_NOTSENT_LOWAT", kTcp, 25, kNone},
    Numbers{"TCP_FASTOPEN_CONNECT", kTcp, 30, kNone},
    Numbers{"TCP_FASTOPEN_KEY", kTcp, 33, kNone},
    Numbers{"TCP_INQ", kTcp, 36, kNone},
    Numbers{"TCP_NOOPT", kTcp, kNone, 8},
    Numbers{"TCP_KEEPINIT", kTcp, kNone, 128},
    Numbers{"IP_TOS", kIp, 1, 3},
    Numbers{"IP_TTL", kIp, 2, 4},
    Numbers{"IP_MTU_DISCOVER", kIp, 10, kNone},
    Numbers{"IP_FREEBIND", kIp, 15, kNone},
    Numbers{"IP_DONTFRAG", kIp, kNone, 67},
};

}  // namespace

std::string option_name(const Expression& level, const Expression& option, bool of_freebsd) {
  if (option.kind != Expression::Kind::number) return option.text;
  std::int64_t wanted = value_of(level).value_or(kNone);
  if (of_freebsd && wanted == kSocketOfFreebsd) wanted = kSocket;
  const auto found = std::ranges::find_if(kNumbers, [&](const Numbers& row) {
    return row.level == wanted && (of_freebsd ? row.on_freebsd : row.on_linux) == option.number;
  });
  return found == kNumbers.end() ? std::string{} : std::string{found->name};
}

}  // namespace strata::packetdrill
