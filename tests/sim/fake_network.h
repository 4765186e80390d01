// SPDX-License-Identifier: MIT
// Two nodes of no layers at all and a link between them: they put frames on the link when told to
// and keep what arrives.
#pragma once

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "sim/engine.h"
#include "stack/physical/framing.h"

namespace strata::sim {

// Sends each frame of a list at its own time and keeps what it receives.
class FakeNode final : public Node {
 public:
  struct Arrival {
    Instant time;
    PacketUid uid{};
    PacketUid parent{};
    Parentage parentage{};
    std::vector<std::uint8_t> bytes;
    bool has_sound_fcs = false;
  };

  void send_at(Instant time, Packet frame) { plan_.push_back({time, std::move(frame)}); }

  void receive(PortId, Packet packet, Instant now) override {
    EXPECT_EQ(packet.arrival(), now);
    const Bytes bytes = packet.bytes();
    arrivals.push_back({now, packet.uid(), packet.parent(), packet.parentage(),
                        std::vector<std::uint8_t>(bytes.begin(), bytes.end()),
                        packet.has_sound_fcs()});
  }
  std::optional<OutgoingFrame> poll_transmit(Instant now) override {
    if (plan_.empty() || plan_.front().first > now) return std::nullopt;
    OutgoingFrame out{PortId{0}, std::move(plan_.front().second)};
    plan_.pop_front();
    return out;
  }
  Instant next_deadline() const override { return plan_.empty() ? kNever : plan_.front().first; }
  void on_deadline(Instant) override { ++deadlines; }

  std::vector<Arrival> arrivals;
  int deadlines = 0;

 private:
  std::deque<std::pair<Instant, Packet>> plan_;  // ordered by time
};

// Every event as one line of text, in order.
class EventLog final : public Observer {
 public:
  void on_event(const Event& event) override {
    lines.push_back(fmt::format(
        "{} node {} uid {} kind {}{}", event.time.time_since_epoch().count(), raw(event.node),
        raw(event.uid), event.body.index(), std::visit(Detail{}, event.body)));
  }
  std::vector<std::string> lines;

 private:
  struct Detail {
    std::string operator()(const Dropped& body) const {
      return fmt::format(" {}", to_text(body.reason));
    }
    std::string operator()(const FrameDelayed& body) const {
      return fmt::format(" {}", body.extra.count());
    }
    std::string operator()(const FrameReceived& body) const {
      return fmt::format(" {} {}", to_hex(body.frame), static_cast<int>(body.error));
    }
    template <typename Body>
    std::string operator()(const Body&) const {
      return {};
    }
  };
};

// Keeps the events of one kind.
template <typename Body>
class Collected final : public Observer {
 public:
  explicit Collected(Tracer& tracer) { tracer.attach(*this, event_mask<Body>()); }
  void on_event(const Event& event) override {
    events.push_back(event);
    bodies.push_back(std::get<Body>(event.body));
  }
  std::vector<Event> events;
  std::vector<Body> bodies;
};

// Nodes "a" and "b" joined by link "wire".
class FakeNetwork {
 public:
  explicit FakeNetwork(LinkConfig config, std::uint64_t seed = 1) : engine(seed) {
    config.name = "wire";
    config.a = {engine.add_node("a", a, 1), PortId{0}};
    config.b = {engine.add_node("b", b, 1), PortId{0}};
    link = engine.add_link(std::move(config));
  }

  // A frame of `size` octets, FCS included and valid, whose content depends on `number`.
  Packet frame(std::size_t size, std::uint8_t number = 0) {
    Packet packet = engine.pool().make(size - physical::kFcsBytes);
    std::ranges::fill(packet.mutable_bytes(), number);
    physical::append_fcs(packet);
    return packet;
  }
  // `count` frames from a, `spacing` apart.
  void send_from_a(std::size_t count, std::size_t size, Duration spacing) {
    for (std::size_t i = 0; i < count; ++i) {
      a.send_at(kStart + spacing * static_cast<std::int64_t>(i),
                frame(size, static_cast<std::uint8_t>(i)));
    }
  }
  RunResult run(Instant until = kNever) {
    engine.refresh(NodeId{0});
    engine.refresh(NodeId{1});
    return engine.run_until(until);
  }
  const LinkCounters& a_to_b() const {
    return engine.direction(link, Direction::a_to_b).counters();
  }

  Engine engine;
  FakeNode a;
  FakeNode b;
  LinkId link{};
};

inline LinkConfig ten_megabit() { return {.rate_bps = 10'000'000, .delay = 10ms}; }

inline LinkConfig impaired(ImpairmentModel model, std::string match = {}) {
  LinkConfig config{.rate_bps = 1'000'000'000, .delay = 1ms};
  config.impairments.push_back({.model = std::move(model), .match = std::move(match)});
  return config;
}

}  // namespace strata::sim
