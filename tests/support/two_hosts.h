// SPDX-License-Identifier: MIT
// TwoHosts: two hosts joined by one perfect cable, driven in virtual time by the four calls of
// node.h and nothing else. For tests that want whole stacks without a simulator: frames arrive
// after a fixed delay unless a hook eats or changes them.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <functional>
#include <utility>
#include <vector>

#include "stack/host/host.h"
#include "stack/wire/ethernet.h"

namespace strata::test {

// What happened, for assertions: copies of the events of a few kinds.
class EventLog final : public Observer {
 public:
  void on_event(const Event& event) override {
    if (const auto* demux = std::get_if<Demultiplexed>(&event.body)) demuxed.push_back(*demux);
    if (const auto* dropped = std::get_if<Dropped>(&event.body)) drops.push_back(dropped->reason);
    if (const auto* change = std::get_if<TcpStateChanged>(&event.body)) states.push_back(*change);
  }
  static constexpr EventMask kWanted = event_mask<Demultiplexed, Dropped, TcpStateChanged>();

  std::vector<Demultiplexed> demuxed;
  std::vector<DropReason> drops;
  std::vector<TcpStateChanged> states;
};

class TwoHosts {
 public:
  static inline const Ipv4Address kClient{10, 0, 0, 1};
  static inline const Ipv4Address kServer{10, 0, 0, 2};
  static inline const Ipv4Address kBroadcast{10, 0, 0, 255};
  static constexpr std::size_t kIpAt = wire::EthernetHeader::kBytes;  // the datagram in a frame

  struct Options {
    Duration delay{std::chrono::milliseconds{1}};  // one way
    tcp::Config tcp;
    network::NetworkConfig network;
    std::uint64_t seed = 1;
  };
  // Which host put a frame on the cable.
  enum class From : std::uint8_t { client, server };
  // Return false to lose the frame; it may be changed in place.
  using FrameHook = std::function<bool(From, Packet&)>;

  TwoHosts() : TwoHosts(Options{}) {}
  explicit TwoHosts(const Options& options)
      : delay_(options.delay),
        client(context(options, 0), config(options, "client", kClient, 0x0a)),
        server(context(options, 1), config(options, "server", kServer, 0x14)) {}

  socket::Sockets& c() { return client.sockets(); }
  socket::Sockets& s() { return server.sockets(); }
  Instant now() const { return now_; }
  void set_frame_hook(FrameHook hook) { hook_ = std::move(hook); }
  void observe(EventLog& log) { tracer_.attach(log, EventLog::kWanted); }
  void observe(Observer& observer, EventMask wanted) { tracer_.attach(observer, wanted); }
  std::size_t frames() const { return frames_; }

  // Lets everything happen that happens up to `duration` from now.
  void run_for(Duration duration) {
    const Instant end = now_ + duration;
    for (std::size_t steps = 0;; ++steps) {
      ASSERT_LT(steps, kStepsMax) << "the hosts make no progress";
      transmit();
      const Instant next = next_event();
      if (next > end) break;
      now_ = std::max(now_, next);
      step();
    }
    now_ = end;
    check_connections();
  }
  // Long enough for handshakes and answers, too short for any retransmission.
  void settle() { run_for(std::chrono::milliseconds{500}); }

  // Puts a frame in front of a host, as if it came off the cable now.
  void inject(From from, Packet frame) {
    in_flight_.push_back({.at = now_, .from = from, .frame = std::move(frame)});
  }
  PacketPool& pool() { return pool_; }
  Tracer& tracer() { return tracer_; }

 private:
  static constexpr std::size_t kStepsMax = 2'000'000;
  struct Flight {
    Instant at;
    From from{};
    Packet frame;
  };

  NodeContext context(const Options& options, std::uint32_t node) {
    return {.node = NodeId{node},
            .pool = &pool_,
            .tracer = &tracer_,
            .key = derive_key(options.seed, node == 0 ? "client" : "server")};
  }
  static host::HostConfig config(const Options& options, const char* name, Ipv4Address address,
                                 std::uint8_t mac) {
    host::HostConfig config;
    config.name = name;
    host::PortConfig port;
    port.interface.name = "eth0";
    port.interface.mac = MacAddress{{0x02, 0, 0, 0, 0, mac}};
    port.addresses = {{address, 24}};
    config.ports.push_back(std::move(port));
    config.network = options.network;
    config.tcp = options.tcp;
    config.names = {{"client", kClient}, {"server", kServer}};
    return config;
  }

  void transmit() {
    for (const From from : {From::client, From::server}) {
      host::Host& host = from == From::client ? client : server;
      while (auto out = host.poll_transmit(now_)) {
        ++frames_;
        if (hook_ && !hook_(from, out->packet)) continue;
        in_flight_.push_back({.at = now_ + delay_, .from = from, .frame = std::move(out->packet)});
      }
    }
  }
  // No connection may wait for something that no timer would ever bring about.
  void check_connections() {
    for (host::Host* host : {&client, &server}) {
      host->transport().tcp().for_each([](const transport::Stream& stream) {
        if (stream.connection != nullptr) stream.connection->check_invariants();
      });
    }
  }
  Instant next_event() const {
    Instant next = std::min(client.next_deadline(), server.next_deadline());
    for (const Flight& flight : in_flight_) next = std::min(next, flight.at);
    return next;
  }
  void step() {
    const auto due =
        std::ranges::find_if(in_flight_, [&](const Flight& f) { return f.at <= now_; });
    if (due != in_flight_.end()) {
      Flight flight = std::move(*due);
      in_flight_.erase(due);
      flight.frame.clear_marks();
      flight.frame.set_arrival(now_);
      host::Host& host = flight.from == From::client ? server : client;
      host.receive(PortId{0}, std::move(flight.frame), now_);
      return;
    }
    for (host::Host* host : {&client, &server}) {
      if (host->next_deadline() <= now_) host->on_deadline(now_);
    }
  }

  PacketPool pool_;
  Tracer tracer_;
  Duration delay_;
  Instant now_ = kStart;
  FrameHook hook_;
  std::deque<Flight> in_flight_;
  std::size_t frames_ = 0;

 public:
  host::Host client;
  host::Host server;
};

}  // namespace strata::test
