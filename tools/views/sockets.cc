// SPDX-License-Identifier: MIT
#include "tools/views/sockets.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>

namespace strata::views {
namespace {

using socket::SocketInfo;

std::string endpoint_text(const Endpoint& endpoint) {
  const std::string address = endpoint.address.is_unspecified() ? "*" : to_text(endpoint.address);
  return fmt::format("{}:{}", address, endpoint.port == 0 ? "*" : std::to_string(endpoint.port));
}

std::string_view type_text(socket::Type type) {
  switch (type) {
    case socket::Type::stream:
      return "tcp";
    case socket::Type::datagram:
      return "udp";
    case socket::Type::icmp_echo:
      return "icmp";
  }
  return "?";
}

struct Column {
  std::string_view title;
  bool right = false;             // aligned
  std::size_t dropped_below = 0;  // hidden on terminals narrower than this
  std::function<std::string(const SocketInfo&)> cell;
};

std::string queue_text(const SocketInfo& info) {
  return info.state == "LISTEN" ? fmt::format("{}/{}", info.receive_queue, info.send_queue)
                                : std::to_string(info.receive_queue);
}

std::vector<Column> all_columns() {
  const auto tcp = [](const SocketInfo& info,
                      const std::function<std::string(const tcp::Info&)>& f) {
    return info.tcp && info.state != "LISTEN" ? f(*info.tcp) : std::string{"–"};
  };
  return {
      {"fd", true, 0, [](const SocketInfo& s) { return s.fd < 0 ? "–" : std::to_string(s.fd); }},
      {"process", false, 76, [](const SocketInfo& s) { return shorten(s.process, 14); }},
      {"proto", false, 0, [](const SocketInfo& s) { return std::string{type_text(s.type)}; }},
      {"state", false, 0, [](const SocketInfo& s) { return s.state; }},
      {"recv-q", true, 84, queue_text},
      {"send-q", true, 84,
       [](const SocketInfo& s) {
         return s.state == "LISTEN" ? std::string{"0"} : std::to_string(s.send_queue);
       }},
      {"local", false, 0, [](const SocketInfo& s) { return endpoint_text(s.local); }},
      {"remote", false, 0, [](const SocketInfo& s) { return endpoint_text(s.remote); }},
      {"rcv_nxt", true, 104,
       [tcp](const SocketInfo& s) {
         return tcp(s, [](const tcp::Info& i) { return fmt::format("+{}", i.rcv_nxt); });
       }},
      {"snd_una", true, 104,
       [tcp](const SocketInfo& s) {
         return tcp(s, [](const tcp::Info& i) { return fmt::format("+{}", i.snd_una); });
       }},
      {"cwnd", true, 112,
       [tcp](const SocketInfo& s) {
         return tcp(s, [](const tcp::Info& i) { return std::to_string(i.cwnd); });
       }},
      {"rto", true, 120,
       [tcp](const SocketInfo& s) {
         return tcp(s, [](const tcp::Info& i) { return to_text(i.rto); });
       }},
      {"timers", false, 140,
       [tcp](const SocketInfo& s) { return tcp(s, [](const tcp::Info& i) { return i.timers; }); }},
  };
}

void table(Page& page, const std::vector<SocketInfo>& sockets, const Options& options) {
  std::vector<Column> shown;
  for (Column& column : all_columns()) {
    if (options.width >= column.dropped_below) shown.push_back(std::move(column));
  }
  std::vector<std::vector<std::string>> rows;
  std::vector<std::size_t> widths;
  for (const Column& column : shown) widths.push_back(columns(column.title));
  for (const SocketInfo& info : sockets) {
    std::vector<std::string> row;
    for (std::size_t c = 0; c < shown.size(); ++c) {
      row.push_back(shown[c].cell(info));
      widths[c] = std::max(widths[c], columns(row.back()));
    }
    rows.push_back(std::move(row));
  }
  const auto add = [&](Text& text, std::size_t c, std::string_view cell, Role role) {
    const std::size_t blanks = widths[c] - columns(cell);
    if (shown[c].right) text.add(std::string(blanks, ' '));
    text.add(cell, role);
    if (!shown[c].right) text.add(std::string(blanks, ' '));
    text.add("  ");
  };
  Text heading;
  for (std::size_t c = 0; c < shown.size(); ++c) add(heading, c, shown[c].title, Role::heading);
  page.line(heading.cut_to(options.width));
  for (const auto& row : rows) {
    Text line;
    for (std::size_t c = 0; c < shown.size(); ++c) add(line, c, row[c], Role::plain);
    page.line(line.cut_to(options.width));
  }
}

}  // namespace

Page sockets(const std::vector<HostSockets>& hosts, Instant at, const Options& options) {
  Page page;
  for (const HostSockets& host : hosts) {
    if (!page.lines().empty()) page.blank();
    Text title(fmt::format("t={}  {}", to_text(at), host.host), Role::heading);
    for (const Prefix& prefix : host.addresses) {
      title.add(fmt::format("  {}", to_text(prefix.address)), Role::dim);
    }
    page.line(title.cut_to(options.width));
    if (host.sockets.empty()) {
      page.line("  no sockets", Role::dim);
    } else {
      table(page, host.sockets, options);
    }
  }
  return page;
}

}  // namespace strata::views
