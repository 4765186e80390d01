// SPDX-License-Identifier: MIT
// Two connections joined by a channel that loses, duplicates, delays and reorders segments as one
// seed decides, and users at both ends who write, read and close at their own pace. After every
// event the invariants of both connections are checked.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "stack/transport/tcp/connection.h"

namespace strata::tcp::testing {

struct ChannelSettings {
  Config config[2];  // of the active and the passive end
  std::uint16_t mss[2] = {1460, 1460};
  std::size_t octets[2] = {100'000, 20'000};  // to send from each end
  Probability loss;
  Probability duplication;
  Probability reordering;  // held back by up to `delay`
  Duration delay{10ms};
  Duration serialisation{10us};  // between two segments of one end
  std::size_t read_chunk = 4096;
  Duration read_pause{};  // between two reads; zero: read whenever there is something
  bool simultaneous_open = false;
};

class Channel {
 public:
  Channel(std::uint64_t seed, const ChannelSettings& settings);
  ~Channel();

  // Runs until both ends are CLOSED or `limit` has passed; true when all went well.
  bool run(Duration limit);

  // What went wrong, for the failure message; empty if nothing did.
  const std::string& problem() const { return problem_; }
  Instant now() const { return now_; }
  Connection& end(int index) { return *ends_[static_cast<std::size_t>(index)].connection; }
  const std::string& received(int index) const {
    return ends_[static_cast<std::size_t>(index)].received;
  }
  std::uint64_t segments() const { return segments_; }

 private:
  struct Flight {
    int to = 0;
    Packet packet;
  };
  struct End {
    std::unique_ptr<Connection> connection;
    bool is_open = false;
    std::size_t written = 0;
    bool closed = false;
    std::string received;
    bool saw_end = false;
    Instant next_read = kStart;
    Instant link_free = kStart;
  };

  void deliver(Flight flight);
  void pump(int index);
  void run_user(int index);
  void put(int from, Packet packet);
  void schedule(Instant at, Flight flight);
  void check(int index);

  ChannelSettings settings_;
  RandomStream random_;
  PacketPool pool_;
  Tracer tracer_;
  NodeContext context_;
  ChunkPool chunks_;
  End ends_[2];
  std::map<std::pair<Instant, std::uint64_t>, Flight> in_flight_;
  std::uint64_t order_ = 0;
  std::uint64_t segments_ = 0;
  Instant now_ = kStart;
  std::string problem_;
};

// The octet that end `index` sends at `position` of its stream.
char stream_octet(int index, std::size_t position);

}  // namespace strata::tcp::testing
