// SPDX-License-Identifier: MIT
#include "tests/property/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "stack/base/random.h"
#include "stack/transport/tcp/congestion.h"
#include "stack/transport/tcp/profile.h"

namespace strata::property {
namespace {

using sim::Direction;

constexpr std::size_t kLinksMax = 8;
constexpr std::array<std::uint16_t, 6> kMtus{256, 576, 1006, 1280, 1500, 9000};

// Draws with the distributions that a swarm wants.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : random_(seed, "swarm/plan") {}

  bool one_in(std::uint64_t n) { return random_.below(n) == 0; }
  std::uint64_t below(std::uint64_t bound) { return random_.below(bound); }
  std::uint64_t between(std::uint64_t low, std::uint64_t high) {
    return low + random_.below(high - low + 1);
  }
  // Every power of two between the bounds is as likely as any other.
  std::uint64_t scale(std::uint64_t low, std::uint64_t high) {
    unsigned doublings = 0;
    while ((low << (doublings + 1)) <= high) ++doublings;
    const std::uint64_t base = low << random_.below(doublings + 1);
    return std::min(high, base + random_.below(base));
  }
  Duration time(Duration low, Duration high) {
    return Duration{static_cast<std::int64_t>(
        scale(static_cast<std::uint64_t>(low.count()), static_cast<std::uint64_t>(high.count())))};
  }
  template <typename T, std::size_t N>
  T one_of(const std::array<T, N>& choices) {
    return choices[random_.below(N)];
  }
  Probability per_mille(std::uint64_t low, std::uint64_t high) {
    return Probability::ratio(scale(low, high), 1000);
  }

 private:
  RandomStream random_;
};

// Mostly as it is by default; each mechanism is also seen missing.
void draw_recovery(Dice& dice, tcp::Config& config) {
  for (bool tcp::Config::*const mechanism :
       {&tcp::Config::sack, &tcp::Config::d_sack, &tcp::Config::fast_retransmit,
        &tcp::Config::limited_transmit, &tcp::Config::rack, &tcp::Config::tail_loss_probe,
        &tcp::Config::f_rto, &tcp::Config::undo}) {
    if (dice.one_in(5)) config.*mechanism = !(config.*mechanism);
  }
  config.timestamps = dice.one_in(2);
  config.prr =
      dice.one_of(std::to_array({tcp::ReductionBound::none, tcp::ReductionBound::conservative,
                                 tcp::ReductionBound::slow_start}));
  // What the other knobs leave over, so that no draw more is made.
  config.counted_pipe = !config.rack && config.prr == tcp::ReductionBound::none;
  config.probe_in_recovery = config.rack && config.prr == tcp::ReductionBound::conservative;
}

// What happens at the ends of a connection's life, and what it finds out about the path.
void draw_life(Dice& dice, tcp::Config& config) {
  config.path_mtu_discovery = !dice.one_in(4);
  if (dice.one_in(3)) {
    config.path_mtu_probing =
        dice.one_in(2) ? tcp::PathMtuProbing::search : tcp::PathMtuProbing::black_hole;
  }
  config.fast_open = dice.one_in(3);
  if (dice.one_in(3)) config.syn_backlog = static_cast<std::uint32_t>(dice.between(1, 4));
  config.syn_cookies =
      dice.one_of(std::to_array({tcp::SynCookies::off, tcp::SynCookies::overflow,
                                 tcp::SynCookies::overflow, tcp::SynCookies::always}));
  config.keepalive.enabled = dice.one_in(4);
  if (dice.one_in(2)) config.keepalive.idle = dice.time(1s, 600s);
  config.time_wait_ignores_rst = dice.one_in(4);
  if (dice.one_in(8)) config.user_timeout = dice.time(100s, 1000s);
}

tcp::Config draw_tcp(Dice& dice) {
  tcp::Config config = tcp::config_for(
      dice.one_of(std::to_array({tcp::Profile::rfc, tcp::Profile::rfc, tcp::Profile::linux_kernel,
                                 tcp::Profile::freebsd, tcp::Profile::teaching})));
  draw_recovery(dice, config);
  draw_life(dice, config);
  if (dice.one_in(2)) {
    config.send_buffer_bytes = static_cast<std::uint32_t>(dice.scale(64, 512 * 1024));
    config.receive_buffer_bytes = static_cast<std::uint32_t>(dice.scale(64, 512 * 1024));
  }
  // No coarser a unit of the window than a small buffer bears: a right edge that cannot be told
  // exactly must be rounded.
  const std::uint32_t scalable = 256 * config.receive_buffer_bytes;
  if (dice.one_in(3)) {
    config.receive_buffer_max_bytes =
        std::min(scalable, static_cast<std::uint32_t>(dice.scale(64, 1024 * 1024)));
  }
  config.persona.window_scale_bytes = std::min(scalable, config.persona.window_scale_bytes);
  if (dice.one_in(3)) config.mss_max = static_cast<std::uint16_t>(dice.between(48, 1460));
  config.window_scaling = !dice.one_in(4);
  config.nagle = !dice.one_in(3);
  if (dice.one_in(2)) config.delayed_ack = Duration{1ms} * dice.below(500);
  if (dice.one_in(2)) config.rto_min = 200ms;
  config.initial_window_segments = dice.one_of(std::to_array<std::uint8_t>({10, 10, 0, 1, 4}));
  const auto names = tcp::congestion_control_names();
  if (dice.one_in(2)) config.congestion_control = names[dice.below(names.size())];
  config.abc_limit = dice.one_in(2) ? 1 : 2;
  config.window_validation =
      dice.one_of(std::to_array({tcp::WindowValidation::off, tcp::WindowValidation::rfc5681,
                                 tcp::WindowValidation::rfc7661}));
  config.ecn = dice.one_of(std::to_array({tcp::EcnUse::off, tcp::EcnUse::on, tcp::EcnUse::passive,
                                          tcp::EcnUse::accurate, tcp::EcnUse::accurate_passive}));
  config.pacing = dice.one_in(4);
  return config;
}

// One thing that goes wrong on a link.
sim::ImpairmentModel draw_model(Dice& dice) {
  switch (dice.below(8)) {
    case 0:
      return sim::Loss{dice.per_mille(1, 150)};
    case 1:
      return sim::BurstLoss{.enter = dice.per_mille(1, 20), .leave = dice.per_mille(250, 800)};
    case 2:
      return sim::Duplicate{.probability = dice.per_mille(1, 300), .after = dice.time(1us, 200ms)};
    case 3:
      return sim::Reorder{.probability = dice.per_mille(1, 300), .by = dice.time(10us, 300ms)};
    case 4:
      return sim::BitErrors{Probability::ratio(dice.scale(1, 64), 4'000'000)};
    case 5: {
      sim::DropNth drop;
      for (std::uint64_t i = 0, n = dice.between(1, 6); i < n; ++i) {
        drop.ordinals.push_back(dice.scale(1, 200));
      }
      std::ranges::sort(drop.ordinals);
      return drop;
    }
    case 6: {
      sim::Truncate cut{.probability = dice.per_mille(1, 100)};
      if (dice.one_in(3)) cut.to_bytes = static_cast<std::uint32_t>(dice.scale(1, 1500));
      return cut;
    }
    default:
      return sim::Jitter{
          .shape = dice.one_of(std::to_array({sim::JitterShape::uniform, sim::JitterShape::normal,
                                              sim::JitterShape::exponential})),
          .mean = dice.time(10us, 100ms),
          .deviation = dice.time(10us, 50ms),
          .keep_order = dice.one_in(2)};
  }
}

sim::QueueDisciplineConfig draw_discipline(Dice& dice) {
  switch (dice.below(6)) {
    case 0: {
      const std::size_t low = dice.scale(3'000, 64'000);
      return sim::Red{.low = low, .high = 3 * low, .weight_bits = 4};
    }
    case 1:
      return sim::CoDel{};
    case 2:
      return sim::ThresholdMark{.frames = dice.between(1, 40)};
    default:
      return sim::DropTail{};
  }
}

LinkPlan draw_link(Dice& dice) {
  LinkPlan link;
  link.rate_bps = dice.one_in(6) ? 0 : dice.scale(64'000, 1'000'000'000);
  if (!dice.one_in(6)) link.delay = dice.time(1us, 300ms);
  link.queue.bytes_max = dice.one_in(2) ? dice.scale(3'100, 256 * 1024) : 256 * 1024;
  if (dice.one_in(6)) link.queue.frames_max = dice.between(2, 50);
  link.queue.discipline = draw_discipline(dice);
  link.queue.ecn = !dice.one_in(4);
  for (std::uint64_t i = 0, n = dice.below(4); i < n; ++i) {
    sim::ImpairmentConfig impairment{.model = draw_model(dice)};
    impairment.direction = dice.one_of(
        std::to_array({Direction::both, Direction::both, Direction::a_to_b, Direction::b_to_a}));
    if (dice.one_in(2)) {
      impairment.from = kStart + dice.time(1ms, 10s);
      impairment.until = impairment.from + dice.time(10ms, 60s);
    }
    link.impairments.push_back(std::move(impairment));
  }
  Instant at = kStart;
  for (std::uint64_t i = 0, n = dice.one_in(5) ? dice.between(1, 3) : 0; i < n; ++i) {
    at += dice.time(10ms, 10s);
    link.blackouts.emplace_back(at, dice.time(1ms, 30s));
    at += link.blackouts.back().second;
  }
  return link;
}

EndPlan draw_end(Dice& dice, std::uint32_t host, std::uint64_t segment_bytes) {
  EndPlan end{.host = host};
  // Now and then nothing; mostly a few hundred segments, the size of which counts.
  if (!dice.one_in(6)) end.bytes = dice.scale(1, 2000 * segment_bytes);
  end.write_bytes_max = static_cast<std::uint32_t>(dice.scale(1, 256 * 1024));
  end.read_bytes_max = static_cast<std::uint32_t>(dice.scale(1, 256 * 1024));
  end.no_delay = dice.one_in(4);
  end.dont_fragment = dice.one_in(2);
  if (dice.one_in(4)) end.write_pause_max = dice.time(1ms, 3s);
  if (dice.one_in(4)) end.read_pause_max = dice.time(1ms, 3s);
  // A reader or writer of single octets must come to an end, too.
  end.bytes = std::min<std::uint64_t>(end.bytes, std::uint64_t{end.write_bytes_max} * 1000);
  if (end.write_pause_max > Duration{}) {
    end.bytes = std::min<std::uint64_t>(end.bytes, std::uint64_t{end.write_bytes_max} * 30);
  }
  if (dice.one_in(8)) end.linger = dice.time(10ms, 100s);
  return end;
}

ConnectionPlan draw_connection(Dice& dice, const Plan& plan) {
  const auto hosts = static_cast<std::uint32_t>(plan.hosts.size());
  const auto client = static_cast<std::uint32_t>(dice.below(hosts));
  const auto server = static_cast<std::uint32_t>((client + 1 + dice.below(hosts - 1)) % hosts);
  const std::uint64_t mss_max =
      std::min(plan.hosts[client].tcp.mss_max, plan.hosts[server].tcp.mss_max);
  const std::uint64_t segment_bytes = mss_max == 0 ? 1000 : mss_max;
  ConnectionPlan connection{
      .client = draw_end(dice, client, segment_bytes),
      .server = draw_end(dice, server, segment_bytes),
      .start = kStart + Duration{1ms} * dice.below(dice.one_in(2) ? 1 : 5000)};
  // What is read slowly or squeezed through small buffers takes its time: there is less of it.
  const auto slow = [&](EndPlan& sender, const EndPlan& reader) {
    const std::uint64_t reads = reader.read_pause_max > Duration{} ? 30 : 5000;
    const std::uint64_t buffer = std::min(plan.hosts[sender.host].tcp.send_buffer_bytes,
                                          plan.hosts[reader.host].tcp.receive_buffer_bytes);
    sender.bytes = std::min({sender.bytes, reads * reader.read_bytes_max / 2 + 1, 500 * buffer});
  };
  slow(connection.client, connection.server);
  slow(connection.server, connection.client);
  // At most one end says nothing before the other has ended its stream.
  if (dice.one_in(3)) {
    (dice.one_in(2) ? connection.client : connection.server).ending = Ending::close_after;
  }
  if (dice.one_in(4)) {
    EndPlan& leaver = dice.one_in(2) ? connection.client : connection.server;
    leaver.ending = dice.one_of(std::to_array({Ending::abort, Ending::close_early, Ending::deaf}));
    const EndPlan& other = &leaver == &connection.client ? connection.server : connection.client;
    leaver.leave_after =
        dice.below(1 + (leaver.ending == Ending::deaf ? other.bytes : leaver.bytes));
  }
  connection.is_crossed = dice.one_in(10);
  return connection;
}

}  // namespace

bool ConnectionPlan::is_orderly() const {
  const auto stays = [](Ending ending) {
    return ending == Ending::half_close || ending == Ending::close_after;
  };
  return stays(client.ending) && stays(server.ending);
}

Plan draw_plan(std::uint64_t seed) {
  Dice dice(seed);
  Plan plan{.seed = seed};
  const std::uint64_t routers = dice.one_in(2) ? 0 : dice.between(1, 3);
  const std::uint64_t hosts = dice.one_in(2) ? 2 : dice.between(2, 4);
  for (std::uint64_t i = 0; i <= routers; ++i) {
    NetworkPlan network{.has_switch = dice.one_in(3)};
    if (dice.one_in(5)) {
      network.mtu = kMtus[dice.below(kMtus.size())];
    }
    for (Instant at = kStart; dice.one_in(4);) {
      at += dice.time(10ms, 10s);
      network.mtu_changes.emplace_back(at, kMtus[dice.below(kMtus.size())]);
    }
    plan.networks.push_back(network);
  }
  for (std::uint64_t i = 0; i < hosts; ++i) {
    plan.hosts.push_back({.network = static_cast<std::uint32_t>(i % 2 == 0 ? 0 : routers),
                          .tcp = draw_tcp(dice),
                          .backlog = static_cast<int>(dice.scale(1, 32))});
    if (dice.one_in(8)) plan.hosts.back().allocation_failure = dice.per_mille(1, 100);
  }
  for (std::size_t i = 0; i < kLinksMax; ++i) plan.links.push_back(draw_link(dice));
  const std::uint64_t connections = dice.one_in(3) ? dice.scale(2, 16) : dice.between(1, 3);
  for (std::uint64_t i = 0; i < connections; ++i) {
    plan.connections.push_back(draw_connection(dice, plan));
  }
  if (dice.one_in(3)) {
    plan.datagrams.push_back({.from_host = 0,
                              .to_host = 1,
                              .count = static_cast<std::uint32_t>(dice.scale(1, 100)),
                              .bytes_max = static_cast<std::uint32_t>(dice.scale(32, 6000)),
                              .interval = dice.time(10us, 100ms)});
  }
  for (const LinkPlan& link : plan.links) {
    for (const sim::ImpairmentConfig& impairment : link.impairments) {
      plan.may_duplicate |= std::holds_alternative<sim::Duplicate>(impairment.model);
    }
  }
  return plan;
}

std::string describe(const Plan& plan) {
  const auto end = [](const EndPlan& e) {
    constexpr std::array kEndings{"half-close", "close", "abort", "close early", "deaf"};
    return fmt::format("host{} sends {} by {} (pause {}), reads by {} (pause {}), {}{}{}", e.host,
                       e.bytes, e.write_bytes_max, to_text(e.write_pause_max), e.read_bytes_max,
                       to_text(e.read_pause_max), kEndings[static_cast<std::size_t>(e.ending)],
                       e.leave_after > 0 ? fmt::format(" after {}", e.leave_after) : "",
                       e.linger > Duration{} ? ", linger " + to_text(e.linger) : "");
  };
  std::string text = fmt::format("seed {}: {} hosts, {} routers\n", plan.seed, plan.hosts.size(),
                                 plan.networks.size() - 1);
  for (const HostPlan& host : plan.hosts) {
    const tcp::Config& tcp = host.tcp;
    text += fmt::format("  host on network {}: buffers {}/{}, MSS {}, scaling {}, {}, backlog {}\n",
                        host.network, tcp.send_buffer_bytes, tcp.receive_buffer_bytes, tcp.mss_max,
                        tcp.window_scaling, tcp.congestion_control, host.backlog);
  }
  for (const NetworkPlan& network : plan.networks) {
    text += fmt::format("  network: MTU {}", network.mtu);
    for (const auto& [at, mtu] : network.mtu_changes) {
      text += fmt::format(", {} from {}", mtu, to_text(at));
    }
    text += network.has_switch ? ", switch\n" : "\n";
  }
  for (const LinkPlan& link : plan.links) {
    text +=
        fmt::format("  link: {} bit/s, {}, queue {} B/{} frames, {} impairments, {} blackouts\n",
                    link.rate_bps, to_text(link.delay), link.queue.bytes_max, link.queue.frames_max,
                    link.impairments.size(), link.blackouts.size());
  }
  for (std::size_t i = 0; i < plan.connections.size(); ++i) {
    const ConnectionPlan& c = plan.connections[i];
    text +=
        fmt::format("  connection {} at {}{}\n    client {}\n    server {}\n", i, to_text(c.start),
                    c.is_crossed ? ", crossed" : "", end(c.client), end(c.server));
  }
  return text;
}

}  // namespace strata::property
