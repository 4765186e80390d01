// SPDX-License-Identifier: MIT
#include "tests/transport/tcp/channel.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata::tcp::testing {
namespace {

FlowKey flow_of(int index) {
  const FlowKey flow{.local = {Ipv4Address{10, 0, 0, 1}, 4000},
                     .remote = {Ipv4Address{10, 0, 0, 2}, 80}};
  return index == 0 ? flow : flow.reversed();
}

}  // namespace

char stream_octet(int index, std::size_t position) {
  return static_cast<char>((position * 7 + position / 251 + static_cast<std::size_t>(index) * 13) &
                           0xff);
}

Channel::Channel(std::uint64_t seed, const ChannelSettings& settings)
    : settings_(settings),
      random_(seed, "channel"),
      context_{.node = NodeId{1}, .pool = &pool_, .tracer = &tracer_} {
  for (int i = 0; i < 2; ++i) {
    // Numbers near the top of the space, so that every run wraps.
    const Seq32 isn{0xffffff00U + static_cast<std::uint32_t>(random_.below(400))};
    ends_[i].connection = std::make_unique<Connection>(context_, flow_of(i), settings_.config[i],
                                                       isn, settings_.mss[i], &chunks_);
  }
  ends_[0].is_open = true;
  ends_[0].connection->open_active(now_);
  if (settings_.simultaneous_open) {
    ends_[1].is_open = true;
    ends_[1].connection->open_active(now_);
    pump(1);
  }
  pump(0);
}

Channel::~Channel() = default;

void Channel::schedule(Instant at, Flight flight) {
  in_flight_.emplace(std::make_pair(at, ++order_), std::move(flight));
}

void Channel::put(int from, Packet packet) {
  ++segments_;
  End& end = ends_[from];
  end.link_free = std::max(end.link_free, now_) + settings_.serialisation;
  const bool lost = random_.chance(settings_.loss);
  const bool twice = random_.chance(settings_.duplication);
  const bool late = random_.chance(settings_.reordering);
  Instant arrival = end.link_free + settings_.delay;
  if (late) arrival += Duration{random_.between(0, settings_.delay.count())};
  if (twice) schedule(arrival + settings_.delay / 3, {.to = 1 - from, .packet = packet.clone()});
  if (!lost) schedule(arrival, {.to = 1 - from, .packet = std::move(packet)});
}

void Channel::deliver(Flight flight) {
  End& end = ends_[flight.to];
  const FlowKey flow = flow_of(flight.to);
  const Bytes bytes = flight.packet.bytes();
  const auto header = wire::TcpHeader::parse(bytes, flow.remote.address, flow.local.address);
  if (!header) {
    problem_ = "a segment with a bad header or checksum was sent";
    return;
  }
  const Bytes payload = bytes.subspan(header->header_bytes());
  const bool is_syn = header->has(wire::tcp_flag::kSyn) && !header->has(wire::tcp_flag::kAck);
  if (!end.is_open) {
    if (!is_syn) return;
    end.is_open = true;
    end.connection->open_passive(*header, payload, flight.packet.uid(), now_, now_);
  } else if (end.connection->state() == TcpState::closed) {
    // RFC 9293 3.10.7.1, e.g. for a FIN repeated after our TIME-WAIT has ended.
    if (const auto reset = reset_for(*header, payload.size())) {
      Packet packet = pool_.make(0);
      packet.push_front(reset->header_bytes(), Protocol::tcp);
      reset->emit(packet.mutable_bytes(), flow.local.address, flow.remote.address);
      put(flight.to, std::move(packet));
    }
    return;
  } else {
    end.connection->on_segment(*header, payload, flight.packet.uid(), now_, now_);
  }
  pump(flight.to);
}

void Channel::run_user(int index) {
  End& end = ends_[index];
  Connection& tcp = *end.connection;
  const std::size_t total = settings_.octets[index];
  while (end.written < total && !end.closed) {
    std::uint8_t chunk[3000];
    const std::size_t size = std::min(total - end.written, std::size_t{1} + random_.below(3000));
    for (std::size_t i = 0; i < size; ++i) {
      chunk[i] = static_cast<std::uint8_t>(stream_octet(index, end.written + i));
    }
    const auto accepted = tcp.send({chunk, size}, now_);
    if (!accepted) {
      if (accepted.error() != Errc::would_block) {
        problem_ = fmt::format("send at end {}: {}", index, to_text(accepted.error()));
      }
      break;
    }
    end.written += *accepted;
  }
  if (end.written == total && !end.closed && tcp.state() != TcpState::syn_sent) {
    tcp.shutdown_send(now_);
    end.closed = true;
  }
  while (now_ >= end.next_read) {
    std::vector<std::uint8_t> into(settings_.read_chunk);
    const auto count = tcp.receive(into, false, now_);
    if (!count) {
      if (count.error() != Errc::would_block) {
        problem_ = fmt::format("receive at end {}: {}", index, to_text(count.error()));
      }
      break;
    }
    if (*count == 0) {
      end.saw_end = true;
      break;
    }
    end.received.append(as_text(Bytes{into}.first(*count)));
    if (settings_.read_pause > Duration{}) end.next_read = now_ + settings_.read_pause;
  }
}

void Channel::pump(int index) {
  End& end = ends_[index];
  if (!end.is_open) return;
  run_user(index);
  while (auto packet = end.connection->poll_segment(now_)) put(index, std::move(*packet));
  check(index);
}

void Channel::check(int index) { ends_[index].connection->check_invariants(); }

bool Channel::run(Duration limit) {
  const Instant deadline = now_ + limit;
  while (problem_.empty()) {
    Instant next = in_flight_.empty() ? kNever : in_flight_.begin()->first.first;
    bool done = true;
    for (End& end : ends_) {
      if (!end.is_open) {
        done = false;
        continue;
      }
      next = std::min(next, end.connection->next_deadline());
      if (!end.saw_end && end.next_read > now_) next = std::min(next, end.next_read);
      done &= end.connection->state() == TcpState::closed && end.saw_end;
    }
    if (done) break;
    if (next > deadline) {
      problem_ =
          fmt::format("not finished at {}: {} and {}", to_text(now_),
                      to_text(ends_[0].connection->state()), to_text(ends_[1].connection->state()));
      break;
    }
    now_ = std::max(now_, next);
    while (!in_flight_.empty() && in_flight_.begin()->first.first <= now_) {
      Flight flight = std::move(in_flight_.begin()->second);
      in_flight_.erase(in_flight_.begin());
      deliver(std::move(flight));
    }
    for (int i = 0; i < 2; ++i) {
      if (!ends_[i].is_open) continue;
      if (ends_[i].connection->next_deadline() <= now_) ends_[i].connection->on_deadline(now_);
      pump(i);
    }
  }
  for (int i = 0; i < 2 && problem_.empty(); ++i) {
    const std::string& got = ends_[1 - i].received;
    if (got.size() != settings_.octets[i] || !ends_[1 - i].saw_end) {
      problem_ =
          fmt::format("end {} received {} of {} octets", 1 - i, got.size(), settings_.octets[i]);
    }
    for (std::size_t at = 0; at < got.size() && problem_.empty(); ++at) {
      if (got[at] != stream_octet(i, at)) problem_ = fmt::format("octet {} differs", at);
    }
  }
  in_flight_.clear();
  return problem_.empty();
}

}  // namespace strata::tcp::testing
