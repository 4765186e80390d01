// SPDX-License-Identifier: MIT
#include "sim/packetdrill/symbols.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace strata::packetdrill {
namespace {

struct Symbol {
  std::string_view name;
  std::int64_t value;
};

constexpr std::array kErrors{
    Symbol{"EPERM", 1},
    Symbol{"ENOENT", 2},
    Symbol{"EINTR", 4},
    Symbol{"EIO", 5},
    Symbol{"EBADF", 9},
    Symbol{"EAGAIN", 11},
    Symbol{"EWOULDBLOCK", 11},
    Symbol{"ENOMEM", 12},
    Symbol{"EACCES", 13},
    Symbol{"EFAULT", 14},
    Symbol{"EBUSY", 16},
    Symbol{"EINVAL", 22},
    Symbol{"EMFILE", 24},
    Symbol{"ENOTTY", 25},
    Symbol{"EPIPE", 32},
    Symbol{"ENOMSG", 42},
    Symbol{"EPROTO", 71},
    Symbol{"ENOTSOCK", 88},
    Symbol{"EDESTADDRREQ", 89},
    Symbol{"EMSGSIZE", 90},
    Symbol{"EPROTOTYPE", 91},
    Symbol{"ENOPROTOOPT", 92},
    Symbol{"EPROTONOSUPPORT", 93},
    Symbol{"EOPNOTSUPP", 95},
    Symbol{"ENOTSUP", 95},
    Symbol{"EAFNOSUPPORT", 97},
    Symbol{"EADDRINUSE", 98},
    Symbol{"EADDRNOTAVAIL", 99},
    Symbol{"ENETDOWN", 100},
    Symbol{"ENETUNREACH", 101},
    Symbol{"ENETRESET", 102},
    Symbol{"ECONNABORTED", 103},
    Symbol{"ECONNRESET", 104},
    Symbol{"ENOBUFS", 105},
    Symbol{"EISCONN", 106},
    Symbol{"ENOTCONN", 107},
    Symbol{"ESHUTDOWN", 108},
    Symbol{"ETIMEDOUT", 110},
    Symbol{"ECONNREFUSED", 111},
    Symbol{"EHOSTDOWN", 112},
    Symbol{"EHOSTUNREACH", 113},
    Symbol{"EALREADY", 114},
    Symbol{"EINPROGRESS", 115},
};

constexpr std::array kSymbols{
    // Sockets.
    Symbol{"AF_UNSPEC", 0},
    Symbol{"AF_INET", 2},
    Symbol{"PF_INET", 2},
    Symbol{"AF_INET6", 10},
    Symbol{"SOCK_STREAM", 1},
    Symbol{"SOCK_DGRAM", 2},
    Symbol{"SOCK_RAW", 3},
    Symbol{"SOCK_NONBLOCK", 0x800},
    Symbol{"SOCK_CLOEXEC", 0x80000},
    Symbol{"IPPROTO_IP", 0},
    Symbol{"IPPROTO_ICMP", 1},
    Symbol{"IPPROTO_TCP", 6},
    Symbol{"IPPROTO_UDP", 17},
    Symbol{"IPPROTO_IPV6", 41},
    Symbol{"IPPROTO_SCTP", 132},
    Symbol{"IPPROTO_MPTCP", 262},
    Symbol{"SOMAXCONN", 4096},
    Symbol{"INADDR_ANY", 0},
    // Calls.
    Symbol{"SHUT_RD", 0},
    Symbol{"SHUT_WR", 1},
    Symbol{"SHUT_RDWR", 2},
    Symbol{"F_GETFD", 1},
    Symbol{"F_SETFD", 2},
    Symbol{"F_GETFL", 3},
    Symbol{"F_SETFL", 4},
    Symbol{"O_RDONLY", 0},
    Symbol{"O_WRONLY", 1},
    Symbol{"O_RDWR", 2},
    Symbol{"O_NONBLOCK", 0x800},
    Symbol{"FIONREAD", 0x541b},
    Symbol{"SIOCINQ", 0x541b},
    Symbol{"TIOCINQ", 0x541b},
    Symbol{"SIOCOUTQ", 0x5411},
    Symbol{"TIOCOUTQ", 0x5411},
    Symbol{"SIOCOUTQNSD", 0x894b},
    Symbol{"FIONWRITE", 0x5411},
    Symbol{"FIONSPACE", 0x8000},
    Symbol{"SIOCATMARK", 0x8905},
    Symbol{"FIONBIO", 0x5421},
    // Messages.
    Symbol{"MSG_OOB", 1},
    Symbol{"MSG_PEEK", 2},
    Symbol{"MSG_DONTROUTE", 4},
    Symbol{"MSG_CTRUNC", 8},
    Symbol{"MSG_TRUNC", 0x20},
    Symbol{"MSG_DONTWAIT", 0x40},
    Symbol{"MSG_EOR", 0x80},
    Symbol{"MSG_WAITALL", 0x100},
    Symbol{"MSG_EOF", 0x200},
    Symbol{"MSG_ERRQUEUE", 0x2000},
    Symbol{"MSG_NOSIGNAL", 0x4000},
    Symbol{"MSG_MORE", 0x8000},
    Symbol{"MSG_ZEROCOPY", 0x4000000},
    Symbol{"MSG_FASTOPEN", 0x20000000},
    // Readiness.
    Symbol{"POLLIN", 1},
    Symbol{"POLLPRI", 2},
    Symbol{"POLLOUT", 4},
    Symbol{"POLLERR", 8},
    Symbol{"POLLHUP", 0x10},
    Symbol{"POLLNVAL", 0x20},
    Symbol{"POLLRDNORM", 0x40},
    Symbol{"POLLWRNORM", 0x100},
    Symbol{"POLLRDHUP", 0x2000},
    Symbol{"EPOLLIN", 1},
    Symbol{"EPOLLPRI", 2},
    Symbol{"EPOLLOUT", 4},
    Symbol{"EPOLLERR", 8},
    Symbol{"EPOLLHUP", 0x10},
    Symbol{"EPOLLRDNORM", 0x40},
    Symbol{"EPOLLWRNORM", 0x100},
    Symbol{"EPOLLRDHUP", 0x2000},
    Symbol{"EPOLLET", 0x80000000},
    Symbol{"EPOLLONESHOT", 0x40000000},
    Symbol{"EPOLL_CTL_ADD", 1},
    Symbol{"EPOLL_CTL_DEL", 2},
    Symbol{"EPOLL_CTL_MOD", 3},
    // Levels.
    Symbol{"SOL_SOCKET", 1},
    Symbol{"SOL_IP", 0},
    Symbol{"SOL_TCP", 6},
    Symbol{"SOL_UDP", 17},
    Symbol{"SOL_IPV6", 41},
    // Type of service.
    Symbol{"IPTOS_LOWDELAY", 0x10},
    Symbol{"IPTOS_THROUGHPUT", 8},
    Symbol{"IPTOS_RELIABILITY", 4},
    Symbol{"IPTOS_DSCP_CS0", 0},
    Symbol{"IPTOS_DSCP_CS1", 0x20},
    Symbol{"IPTOS_DSCP_CS2", 0x40},
    Symbol{"IPTOS_DSCP_CS3", 0x60},
    Symbol{"IPTOS_DSCP_CS4", 0x80},
    Symbol{"IPTOS_DSCP_CS5", 0xa0},
    Symbol{"IPTOS_DSCP_CS6", 0xc0},
    Symbol{"IPTOS_DSCP_CS7", 0xe0},
    Symbol{"IPTOS_DSCP_EF", 0xb8},
    Symbol{"IP_PMTUDISC_DONT", 0},
    Symbol{"IP_PMTUDISC_WANT", 1},
    Symbol{"IP_PMTUDISC_DO", 2},
    Symbol{"IP_PMTUDISC_PROBE", 3},
    // Time stamps and errors as messages.
    Symbol{"SOF_TIMESTAMPING_TX_HARDWARE", 1},
    Symbol{"SOF_TIMESTAMPING_TX_SOFTWARE", 2},
    Symbol{"SOF_TIMESTAMPING_RX_HARDWARE", 4},
    Symbol{"SOF_TIMESTAMPING_RX_SOFTWARE", 8},
    Symbol{"SOF_TIMESTAMPING_SOFTWARE", 16},
    Symbol{"SOF_TIMESTAMPING_RAW_HARDWARE", 64},
    Symbol{"SOF_TIMESTAMPING_OPT_ID", 128},
    Symbol{"SOF_TIMESTAMPING_TX_SCHED", 256},
    Symbol{"SOF_TIMESTAMPING_TX_ACK", 512},
    Symbol{"SOF_TIMESTAMPING_OPT_TSONLY", 2048},
    Symbol{"SCM_TSTAMP_SND", 0},
    Symbol{"SCM_TSTAMP_SCHED", 1},
    Symbol{"SCM_TSTAMP_ACK", 2},
    Symbol{"SO_EE_ORIGIN_LOCAL", 1},
    Symbol{"SO_EE_ORIGIN_ICMP", 2},
    Symbol{"SO_EE_ORIGIN_TIMESTAMPING", 4},
    Symbol{"SO_EE_ORIGIN_ZEROCOPY", 5},
    Symbol{"SO_EE_CODE_ZEROCOPY_COPIED", 1},
    Symbol{"TCP_CM_INQ", 36},
    Symbol{"EPOLLEXCLUSIVE", 0x10000000},
    // What TCP_INFO says.
    Symbol{"TCP_ESTABLISHED", 1},
    Symbol{"TCP_SYN_SENT", 2},
    Symbol{"TCP_SYN_RECV", 3},
    Symbol{"TCP_FIN_WAIT1", 4},
    Symbol{"TCP_FIN_WAIT2", 5},
    Symbol{"TCP_TIME_WAIT", 6},
    Symbol{"TCP_CLOSE", 7},
    Symbol{"TCP_CLOSE_WAIT", 8},
    Symbol{"TCP_LAST_ACK", 9},
    Symbol{"TCP_LISTEN", 10},
    Symbol{"TCP_CLOSING", 11},
    // The same as FreeBSD names and numbers them.
    Symbol{"TCPI_CLOSED", 0},
    Symbol{"TCPI_LISTEN", 1},
    Symbol{"TCPI_SYN_SENT", 2},
    Symbol{"TCPI_SYN_RECEIVED", 3},
    Symbol{"TCPI_ESTABLISHED", 4},
    Symbol{"TCPI_CLOSE_WAIT", 5},
    Symbol{"TCPI_FIN_WAIT_1", 6},
    Symbol{"TCPI_CLOSING", 7},
    Symbol{"TCPI_LAST_ACK", 8},
    Symbol{"TCPI_FIN_WAIT_2", 9},
    Symbol{"TCPI_TIME_WAIT", 10},
    Symbol{"TCP_CA_Open", 0},
    Symbol{"TCP_CA_Disorder", 1},
    Symbol{"TCP_CA_CWR", 2},
    Symbol{"TCP_CA_Recovery", 3},
    Symbol{"TCP_CA_Loss", 4},
    Symbol{"TCPI_OPT_TIMESTAMPS", 1},
    Symbol{"TCPI_OPT_SACK", 2},
    Symbol{"TCPI_OPT_WSCALE", 4},
    Symbol{"TCPI_OPT_ECN", 8},
    Symbol{"TCPI_OPT_ECN_SEEN", 16},
    Symbol{"TCPI_OPT_SYN_DATA", 32},
    Symbol{"TCPI_OPT_TOE", 16},
    Symbol{"TCPI_OPT_TFO", 32},
    Symbol{"TFO_STATUS_UNSPEC", 0},
    Symbol{"TFO_COOKIE_UNAVAILABLE", 1},
    Symbol{"TFO_DATA_NOT_ACKED", 2},
    Symbol{"TFO_SYN_RETRANSMITTED", 3},
    Symbol{"INT_MAX", 2147483647},
    Symbol{"UINT_MAX", 4294967295},
};

template <std::size_t N>
std::optional<std::int64_t> find(const std::array<Symbol, N>& symbols, std::string_view name) {
  const auto found = std::ranges::find(symbols, name, &Symbol::name);
  if (found == symbols.end()) return std::nullopt;
  return found->value;
}

std::string joined(const std::vector<Expression>& items, std::string_view separator) {
  std::string text;
  for (const Expression& item : items) {
    if (!text.empty()) text += separator;
    if (!item.name.empty()) text += item.name + "=";
    text += to_text(item);
  }
  return text;
}

}  // namespace

std::optional<std::int64_t> symbol(std::string_view name) {
  if (const auto error = find(kErrors, name)) return error;
  return find(kSymbols, name);
}

std::optional<std::int64_t> value_of(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::number:
      return expression.number;
    case Expression::Kind::word:
      return symbol(expression.text);
    case Expression::Kind::either_of: {
      std::int64_t value = 0;
      for (const Expression& item : expression.items) {
        const auto part = value_of(item);
        if (!part) return std::nullopt;
        value |= *part;
      }
      return value;
    }
    case Expression::Kind::function:
      // htons() and htonl(): values here are in host order already.
      if (expression.items.size() == 1) return value_of(expression.items.front());
      return std::nullopt;
    case Expression::Kind::ellipsis:
    case Expression::Kind::text:
    case Expression::Kind::list:
    case Expression::Kind::structure:
      return std::nullopt;
  }
  return std::nullopt;
}

std::string error_name(Errc error) { return std::string(to_text(error)); }

std::int64_t error_number(Errc error) { return find(kErrors, to_text(error)).value_or(0); }

std::string to_text(const Expression& expression) {
  switch (expression.kind) {
    case Expression::Kind::ellipsis:
      return "...";
    case Expression::Kind::number:
      return fmt::format("{}", expression.number);
    case Expression::Kind::word:
      return expression.text;
    case Expression::Kind::text:
      return fmt::format("\"{}\"", expression.text);
    case Expression::Kind::either_of:
      return joined(expression.items, "|");
    case Expression::Kind::list:
      return fmt::format("[{}]", joined(expression.items, ", "));
    case Expression::Kind::structure:
      return fmt::format("{{{}}}", joined(expression.items, ", "));
    case Expression::Kind::function:
      return fmt::format("{}({})", expression.text, joined(expression.items, ", "));
  }
  return {};
}

}  // namespace strata::packetdrill
