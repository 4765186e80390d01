// SPDX-License-Identifier: MIT
#include "tools/views/sockets.h"

#include <fmt/format.h>

#include "tools/views/table.h"

namespace strata::views {
namespace {

Table::Cell cell(std::string text) { return {std::move(text), Role::plain}; }

// A row in the order of the columns below.
std::vector<Table::Cell> row_of(const socket::SocketInfo& info) {
  const bool is_listener = analysis::is_listener(info);
  const tcp::Info* tcp = analysis::connection_of(info);
  const auto of_tcp = [&](const auto& text) { return cell(tcp != nullptr ? text(*tcp) : "–"); };
  return {cell(info.fd < 0 ? "–" : std::to_string(info.fd)), cell(info.process),
          cell(std::string{analysis::protocol_text(info.type)}), cell(info.state),
          cell(is_listener ? fmt::format("{}/{}", info.receive_queue, info.send_queue)
                           : std::to_string(info.receive_queue)),
          cell(is_listener ? "0" : std::to_string(info.send_queue)),
          cell(analysis::socket_address_text(info.local)),
          cell(analysis::socket_address_text(info.remote)),
          of_tcp([](const tcp::Info& i) { return fmt::format("+{}", i.rcv_nxt); }),
          of_tcp([](const tcp::Info& i) { return fmt::format("+{}", i.snd_una); }),
          // A capture tells neither of the two.
          of_tcp([](const tcp::Info& i) { return i.cwnd == 0 ? "–" : std::to_string(i.cwnd); }),
          of_tcp([](const tcp::Info& i) { return i.rto == Duration{} ? "–" : to_text(i.rto); }),
          of_tcp([](const tcp::Info& i) { return i.timers; })};
}

Table table_of(const std::vector<socket::SocketInfo>& sockets) {
  Table table({{"fd", true},
               {"process", false, 76},
               {"proto"},
               {"state"},
               {"recv-q", true, 84},
               {"send-q", true, 84},
               {"local"},
               {"remote"},
               {"rcv_nxt", true, 104},
               {"snd_una", true, 104},
               {"cwnd", true, 112},
               {"rto", true, 120},
               {"timers", false, 140}});
  for (const socket::SocketInfo& info : sockets) table.row(row_of(info));
  return table;
}

}  // namespace

Page sockets(const std::vector<analysis::HostSockets>& hosts, Instant at, const Options& options) {
  Page page;
  if (hosts.empty()) page.line("only hosts have sockets", Role::dim);
  for (const analysis::HostSockets& host : hosts) {
    if (!page.lines().empty()) page.blank();
    Text title(fmt::format("t={}  {}", to_text(at), host.host), Role::heading);
    for (const Prefix& prefix : host.addresses) {
      title.add(fmt::format("  {}", to_text(prefix.address)), Role::dim);
    }
    page.wrap(title, options.width);
    if (host.sockets.empty()) {
      page.line("  no sockets", Role::dim);
    } else {
      table_of(host.sockets).write(page, options);
    }
  }
  return page;
}

}  // namespace strata::views
