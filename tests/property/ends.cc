// SPDX-License-Identifier: MIT
#include "tests/property/ends.h"

#include <algorithm>

#include "stack/base/assert.h"

namespace strata::property {
namespace {

using application::Arguments;
using application::Process;
using application::Task;
using socket::Fd;

constexpr std::uint16_t kServerPort = 80;
constexpr std::uint16_t kClientPort = 20'000;   // of connection 0
constexpr std::uint16_t kCrossedPort = 30'000;  // of the other end, where both connect
constexpr std::uint16_t kDatagramPort = 5'000;

Cast* current_cast = nullptr;

Instant patience(const Process& process) { return after(process.now(), Cast::kPatience); }

// What a call that failed tells about the end.
void note(End* end, std::optional<Errc>& place, Errc error, Instant now, Instant deadline) {
  if (end->is_over) return;
  if (error == Errc::timed_out && now >= deadline) end->has_given_up = true;
  place = error;
}

Duration pause_up_to(End* end, Duration max) {
  return Duration{end->random.between(0, max.count())};
}

// The end is done with the connection: by its plan, or because both directions are over.
Task<void> leave(Process process, Fd fd, End* end) {
  const bool was_over = end->is_over;
  end->is_over = true;
  if (was_over) co_return;
  co_await process.close(fd);
}

Task<void> end_half(Process process, Fd fd, End* end) {
  const int left = --end->halves;
  if (left > 0) co_return;
  co_await leave(process, fd, end);
}

Task<void> write_stream(Process process, Fd fd, End* end) {
  const EndPlan& plan = *end->plan;
  std::vector<std::uint8_t> buffer;
  const bool leaves = plan.ending == Ending::abort || plan.ending == Ending::close_early;
  const std::uint64_t goal = leaves ? std::min(plan.bytes, plan.leave_after) : plan.bytes;
  while (end->accepted < goal && !end->is_over) {
    const std::uint64_t most = std::min<std::uint64_t>(goal - end->accepted, plan.write_bytes_max);
    buffer.resize(1 + end->random.below(most));
    fill_stream(buffer, end->salt, end->accepted);
    end->offered = end->accepted + buffer.size();
    const Instant deadline = patience(process);
    const Result<std::size_t> sent = co_await process.send_from(fd, buffer, deadline);
    if (!sent) note(end, end->send_error, sent.error(), process.now(), deadline);
    if (!sent) break;
    end->accepted += buffer.size();
    if (plan.write_pause_max > Duration{}) {
      co_await process.sleep(pause_up_to(end, plan.write_pause_max));
    }
  }
  if (leaves && !end->is_over) {
    if (plan.ending == Ending::abort) {
      (void)process.set_option(fd, socket::Option::linger, Duration{});
    }
    co_await leave(process, fd, end);
  }
  if (plan.ending == Ending::half_close || plan.ending == Ending::deaf) {
    if (!end->is_over) (void)process.shutdown(fd, socket::How::write);
  }
  co_await end_half(process, fd, end);
}

Task<void> read_stream(Process process, Fd fd, End* end, std::uint64_t peer_salt) {
  const EndPlan& plan = *end->plan;
  std::vector<std::uint8_t> buffer;
  while (!end->is_over) {
    if (plan.ending == Ending::deaf && end->received >= plan.leave_after) {
      (void)process.shutdown(fd, socket::How::read);
      break;
    }
    buffer.resize(1 + end->random.below(plan.read_bytes_max));
    const Instant deadline = patience(process);
    const Result<std::size_t> octets = co_await process.recv_into(fd, buffer, deadline);
    if (!octets) note(end, end->receive_error, octets.error(), process.now(), deadline);
    if (!octets) break;
    if (*octets == 0) end->saw_end = true;
    if (*octets == 0) break;
    if (!is_stream(Bytes(buffer).first(*octets), peer_salt, end->received)) {
      end->got_wrong_octet = true;
    }
    end->received += *octets;
    if (plan.read_pause_max > Duration{}) {
      co_await process.sleep(pause_up_to(end, plan.read_pause_max));
    }
  }
  co_await end_half(process, fd, end);
}

void converse(Process process, Fd fd, End* end, const End* peer) {
  end->is_connected = true;
  (void)process.set_option(fd, socket::Option::no_delay, end->plan->no_delay);
  if (end->plan->linger > Duration{}) {
    (void)process.set_option(fd, socket::Option::linger, end->plan->linger);
  }
  process.spawn(write_stream(process, fd, end));
  process.spawn(read_stream(process, fd, end, peer->salt));
}

Task<void> run_connect(Process process, Arguments arguments) {
  Cast& cast = Cast::current();
  const auto number = static_cast<std::size_t>(arguments.integer("connection"));
  const bool is_server = arguments.boolean("server");
  Connection& connection = cast.connections[number];
  End* end = is_server ? &connection.server : &connection.client;
  const End* peer = is_server ? &connection.client : &connection.server;
  const Endpoint local = is_server ? cast.server_endpoint(number) : cast.client_endpoint(number);
  const Endpoint remote = is_server ? cast.client_endpoint(number) : cast.server_endpoint(number);
  const Result<Fd> fd = process.socket(socket::Type::stream);
  const Result<void> bound = process.bind(*fd, local);
  STRATA_ASSERT(bound.has_value());
  (void)process.set_option(*fd, socket::Option::mtu_discovery, end->plan->dont_fragment);
  const Instant deadline = patience(process);
  const Result<void> connected = co_await process.connect(*fd, remote, deadline);
  if (!connected) {
    note(end, end->connect_error, connected.error(), process.now(), deadline);
    co_await process.close(*fd);
    co_return;
  }
  converse(process, *fd, end, peer);
}

Task<void> run_listen(Process process, Arguments arguments) {
  Cast& cast = Cast::current();
  const auto host = static_cast<std::size_t>(arguments.integer("host"));
  std::int64_t expected = arguments.integer("connections");
  const Result<Fd> listener = process.socket(socket::Type::stream);
  (void)process.bind(*listener, {cast.topology.addresses[host], kServerPort});
  (void)process.listen(*listener, cast.plan.hosts[host].backlog);
  while (expected > 0) {
    const Result<Fd> fd = co_await process.accept(*listener, patience(process));
    if (!fd) break;
    const Result<Endpoint> peer = process.peer_name(*fd);
    if (!peer) {  // reset before we looked
      co_await process.close(*fd);
      continue;
    }
    const auto number = static_cast<std::size_t>(peer->port - kClientPort);
    STRATA_ASSERT(number < cast.connections.size());
    Connection& connection = cast.connections[number];
    ++connection.accepts;
    --expected;
    converse(process, *fd, &connection.server, &connection.client);
  }
  co_await process.close(*listener);
}

// A datagram is its number in four octets and the stream of that salt.
Task<void> run_send_datagrams(Process process, Arguments arguments) {
  Cast& cast = Cast::current();
  const auto number = static_cast<std::size_t>(arguments.integer("flow"));
  const DatagramPlan& plan = *cast.flows[number].plan;
  RandomStream random(cast.plan.seed, "swarm/datagrams");
  const Result<Fd> fd = process.socket(socket::Type::datagram);
  const auto port = static_cast<std::uint16_t>(kDatagramPort + number);
  const Endpoint to{cast.topology.addresses[plan.to_host], port};
  std::vector<std::uint8_t> buffer;
  for (std::uint32_t i = 0; i < plan.count; ++i) {
    buffer.resize(4 + random.below(plan.bytes_max));
    store_be32(buffer.data(), i);
    fill_stream(MutableBytes(buffer).subspan(4), i, 0);
    const Result<std::size_t> sent = co_await process.sendto_from(*fd, buffer, to);
    (void)sent;  // an ICMP error may be pending
    co_await process.sleep(plan.interval);
  }
  co_await process.close(*fd);
}

Task<void> run_receive_datagrams(Process process, Arguments arguments) {
  Cast& cast = Cast::current();
  const auto number = static_cast<std::size_t>(arguments.integer("flow"));
  DatagramFlow& flow = cast.flows[number];
  const Result<Fd> fd = process.socket(socket::Type::datagram);
  (void)process.bind(*fd, {IpAddress{}, static_cast<std::uint16_t>(kDatagramPort + number)});
  std::vector<std::uint8_t> buffer(65'536);
  for (;;) {
    const Result<socket::Received> got =
        co_await process.recvfrom_into(*fd, buffer, after(process.now(), 10min));
    if (!got) break;
    const Bytes octets = Bytes(buffer).first(got->bytes);
    const std::uint32_t i = octets.size() < 4 ? ~0U : load_be32(octets.data());
    if (i >= flow.arrivals.size() || !is_stream(octets.subspan(4), i, 0)) {
      flow.got_wrong_octet = true;
    } else {
      ++flow.arrivals[i];
    }
  }
  co_await process.close(*fd);
}

constexpr application::Program kConnect{.name = "connect", .start = run_connect};
constexpr application::Program kListen{.name = "listen", .start = run_listen};
constexpr application::Program kSendDatagrams{.name = "send-datagrams",
                                              .start = run_send_datagrams};
constexpr application::Program kReceiveDatagrams{.name = "receive-datagrams",
                                                 .start = run_receive_datagrams};

std::uint64_t mixed(std::uint64_t word) {  // SplitMix64
  word += 0x9e3779b97f4a7c15U;
  word = (word ^ (word >> 30U)) * 0xbf58476d1ce4e5b9U;
  word = (word ^ (word >> 27U)) * 0x94d049bb133111ebU;
  return word ^ (word >> 31U);
}

}  // namespace

void fill_stream(MutableBytes into, std::uint64_t salt, std::uint64_t offset) {
  std::uint64_t word = mixed(salt ^ (offset / 8)) >> (offset % 8 * 8);
  for (std::uint8_t& octet : into) {
    octet = static_cast<std::uint8_t>(word);
    word >>= 8U;
    if (++offset % 8 == 0) word = mixed(salt ^ (offset / 8));
  }
}

bool is_stream(Bytes octets, std::uint64_t salt, std::uint64_t offset) {
  std::uint64_t word = mixed(salt ^ (offset / 8)) >> (offset % 8 * 8);
  for (const std::uint8_t octet : octets) {
    if (octet != static_cast<std::uint8_t>(word)) return false;
    word >>= 8U;
    if (++offset % 8 == 0) word = mixed(salt ^ (offset / 8));
  }
  return true;
}

Cast::Cast(const Plan& the_plan, Topology& the_topology)
    : plan(the_plan), topology(the_topology), connections(the_plan.connections.size()) {
  for (std::size_t i = 0; i < connections.size(); ++i) {
    Connection& connection = connections[i];
    connection.plan = &plan.connections[i];
    connection.client.plan = &connection.plan->client;
    connection.server.plan = &connection.plan->server;
    connection.client.salt = mixed(2 * i);
    connection.server.salt = mixed(2 * i + 1);
    connection.client.random = RandomStream(plan.seed + i, "swarm/client");
    connection.server.random = RandomStream(plan.seed + i, "swarm/server");
  }
  for (const DatagramPlan& datagrams : plan.datagrams) {
    flows.push_back({.plan = &datagrams, .arrivals = std::vector<std::uint32_t>(datagrams.count)});
  }
  STRATA_ASSERT(current_cast == nullptr);
  current_cast = this;
  start_programs(*the_topology.world);
}

Cast::~Cast() { current_cast = nullptr; }

Cast& Cast::current() { return *current_cast; }

Endpoint Cast::client_endpoint(std::size_t connection) const {
  return {topology.addresses[plan.connections[connection].client.host],
          static_cast<std::uint16_t>(kClientPort + connection)};
}

Endpoint Cast::server_endpoint(std::size_t connection) const {
  const ConnectionPlan& the_plan = plan.connections[connection];
  return {
      topology.addresses[the_plan.server.host],
      the_plan.is_crossed ? static_cast<std::uint16_t>(kCrossedPort + connection) : kServerPort};
}

void Cast::start_programs(sim::World& world) {
  std::vector<std::int64_t> expected(plan.hosts.size());
  for (std::size_t i = 0; i < connections.size(); ++i) {
    const ConnectionPlan& connection = plan.connections[i];
    Arguments arguments;
    arguments.set("connection", static_cast<std::int64_t>(i));
    arguments.set("server", false);
    world.start_process(topology.hosts[connection.client.host], "client", kConnect, arguments,
                        connection.start);
    if (connection.is_crossed) {
      arguments.set("server", true);
      world.start_process(topology.hosts[connection.server.host], "server", kConnect, arguments,
                          connection.start);
    } else {
      ++expected[connection.server.host];
    }
  }
  for (std::size_t host = 0; host < expected.size(); ++host) {
    if (expected[host] == 0) continue;
    Arguments arguments;
    arguments.set("host", static_cast<std::int64_t>(host));
    arguments.set("connections", expected[host]);
    world.start_process(topology.hosts[host], "listener", kListen, arguments, kStart);
  }
  for (std::size_t i = 0; i < flows.size(); ++i) {
    Arguments arguments;
    arguments.set("flow", static_cast<std::int64_t>(i));
    const DatagramPlan& datagrams = *flows[i].plan;
    world.start_process(topology.hosts[datagrams.to_host], "receiver", kReceiveDatagrams, arguments,
                        kStart);
    world.start_process(topology.hosts[datagrams.from_host], "sender", kSendDatagrams, arguments,
                        kStart);
  }
}

}  // namespace strata::property
