// SPDX-License-Identifier: MIT
// What must be true of the programs' side of a run when nothing is left to happen.
#include <fmt/format.h>

#include "tests/property/ends.h"

namespace strata::property {
namespace {

bool has_error(const End& end) { return end.connect_error || end.send_error || end.receive_error; }

// May the other end wait for this one in vain? It has left with a RST that can get lost, or failed.
// Where what comes after shutdown(read) is kept, close() finds it unread and sends a RST, too.
bool may_be_gone(const End& end, const tcp::Config& config) {
  return has_error(end) || end.tcp_gave_up || !end.is_connected ||
         end.plan->ending == Ending::abort || end.plan->ending == Ending::close_early ||
         (end.plan->ending == Ending::deaf && config.persona.reads_after_shutdown);
}

// SYN cookies keep no state: an ACK that is lost is missed for ever, one that comes late may open
// the connection twice, and what overtakes it is refused. A SYN with a Fast Open cookie that comes
// late opens the connection twice, too (RFC 7413 2.1).
bool may_accept_twice(const tcp::Config& server) {
  constexpr std::uint32_t kEnoughForAll = 32;
  return server.fast_open || server.syn_cookies == tcp::SynCookies::always ||
         (server.syn_cookies == tcp::SynCookies::overflow && server.syn_backlog < kEnoughForAll);
}

std::string errors_of(const End& end) {
  std::string text;
  const auto add = [&](const char* call, const std::optional<Errc>& error) {
    if (error) text += fmt::format(" {}: {}", call, to_text(*error));
  };
  add("connect", end.connect_error);
  add("send", end.send_error);
  add("recv", end.receive_error);
  return text.empty() ? " no error" : text;
}

// What one end may never see, however the connection ended.
void judge_end(const End& end, const End& peer, const tcp::Config& peer_config,
               const std::string& name, std::vector<std::string>& verdicts) {
  if (end.got_wrong_octet) verdicts.push_back(name + " read octets that were not sent");
  if (end.received > peer.offered) verdicts.push_back(name + " read more than was sent");
  if (end.saw_end && !has_error(end) && !may_be_gone(peer, peer_config) &&
      end.received != peer.plan->bytes) {
    verdicts.push_back(
        fmt::format("{} saw the end after {} of {} octets", name, end.received, peer.plan->bytes));
  }
  if (end.has_given_up && !may_be_gone(peer, peer_config)) {
    verdicts.push_back(name + " waited for days though its peer was there: a stall");
  }
}

}  // namespace

bool Cast::is_complete(const Connection& connection) const {
  const auto has_all = [](const End& end, const End& peer) {
    return end.is_connected && end.saw_end && end.received == peer.plan->bytes &&
           end.accepted == end.plan->bytes && !has_error(end);
  };
  return has_all(connection.client, connection.server) &&
         has_all(connection.server, connection.client);
}

std::vector<std::string> Cast::judge() const {
  std::vector<std::string> verdicts;
  for (std::size_t i = 0; i < connections.size(); ++i) {
    const Connection& connection = connections[i];
    const End& client = connection.client;
    const End& server = connection.server;
    const tcp::Config& client_config = plan.hosts[connection.plan->client.host].tcp;
    const tcp::Config& server_config = plan.hosts[connection.plan->server.host].tcp;
    const bool is_loose = may_accept_twice(server_config);
    if (connection.accepts > 1 && is_loose) continue;  // what its ends saw is of two connections
    judge_end(client, server, server_config, fmt::format("connection {}: the client", i), verdicts);
    judge_end(server, client, client_config, fmt::format("connection {}: the server", i), verdicts);
    if (connection.accepts > 1) {
      verdicts.push_back(fmt::format("connection {} was accepted {} times", i, connection.accepts));
    }
    // The one excuse of a connection that nobody broke off is that the network was too bad; and
    // two ends that call each other may miss each other.
    // RFC 5461: systems that let an ICMP error end a handshake cannot connect over a broken path.
    const bool ends_by_icmp =
        client_config.persona.handshake_errors != tcp::HandshakeErrors::hard &&
        (client.connect_error == Errc::host_unreachable ||
         client.connect_error == Errc::network_unreachable);
    const bool is_excused =
        ends_by_icmp || client.tcp_gave_up || server.tcp_gave_up || is_loose ||
        (connection.plan->is_crossed && (client.connect_error || server.connect_error));
    if (connection.plan->is_orderly() && !is_complete(connection) && !is_excused) {
      verdicts.push_back(fmt::format(
          "connection {} did not complete: client read {} of {},{}; server read {} of {},{}", i,
          client.received, server.plan->bytes, errors_of(client), server.received,
          client.plan->bytes, errors_of(server)));
    }
  }
  for (const DatagramFlow& flow : flows) {
    if (flow.got_wrong_octet) verdicts.emplace_back("a datagram arrived that was not sent");
    for (const std::uint32_t arrivals : flow.arrivals) {
      if (arrivals > 1 && !plan.may_duplicate) verdicts.emplace_back("a datagram arrived twice");
    }
  }
  return verdicts;
}

}  // namespace strata::property
