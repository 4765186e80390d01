// SPDX-License-Identifier: MIT
#include "sim/trace/fingerprint.h"

#include <bit>

namespace strata::trace {
namespace {

constexpr std::uint64_t kPrime1 = 0x9e3779b185ebca87U;
constexpr std::uint64_t kPrime2 = 0xc2b2ae3d27d4eb4fU;
constexpr std::uint64_t kPrime3 = 0x165667b19e3779f9U;
constexpr std::size_t kStripeBytes = 32;
constexpr std::size_t kFcsBytes = 4;

std::uint64_t load_le64(const std::uint8_t* p) {
  return std::uint64_t{p[0]} | (std::uint64_t{p[1]} << 8) | (std::uint64_t{p[2]} << 16) |
         (std::uint64_t{p[3]} << 24) | (std::uint64_t{p[4]} << 32) | (std::uint64_t{p[5]} << 40) |
         (std::uint64_t{p[6]} << 48) | (std::uint64_t{p[7]} << 56);
}

std::uint64_t round(std::uint64_t lane, std::uint64_t word) {
  return std::rotl(lane + word * kPrime2, 31) * kPrime1;
}

void add_text(StreamHash& hash, std::string_view text) { hash.add(as_bytes(text)); }

// What of each kind of event goes into the fingerprint besides time, node and kind.
struct Absorb {
  StreamHash& hash;

  void operator()(const FrameSent& sent) const {
    hash.add(raw(sent.port));
    hash.add(sent.frame);
  }
  void operator()(const FrameReceived& received) const {
    // The octets were hashed when they were sent; damage shows in the error.
    hash.add(raw(received.port));
    hash.add(received.frame.size());
    if (received.frame.size() >= kFcsBytes) hash.add(received.frame.last(kFcsBytes));
    hash.add(static_cast<std::uint64_t>(received.error));
  }
  void operator()(const Dropped& dropped) const { add_text(hash, to_text(dropped.reason)); }
  void operator()(const TcpStateChanged& change) const {
    add_text(hash, to_text(change.flow));
    add_text(hash, to_text(change.to));
  }
  void operator()(const SocketCalled& call) const {
    add_text(hash, call.process);
    add_text(hash, call.call);
    add_text(hash, call.result);
    hash.add(call.data);
  }
  template <typename Body>
  void operator()(const Body&) const {}
};

}  // namespace

std::uint64_t StreamHash::mix(std::uint64_t state, std::uint64_t word) {
  return std::rotl(state ^ round(0, word), 27) * kPrime1 + kPrime3;
}

void StreamHash::add(Bytes octets) {
  const std::uint64_t size = octets.size();
  if (size >= kStripeBytes) {
    std::array<std::uint64_t, 4> lanes{state_ + kPrime1 + kPrime2, state_ + kPrime2, state_,
                                       state_ - kPrime1};
    for (; octets.size() >= kStripeBytes; octets = octets.subspan(kStripeBytes)) {
      for (std::size_t lane = 0; lane < lanes.size(); ++lane) {
        lanes[lane] = round(lanes[lane], load_le64(octets.data() + 8 * lane));
      }
    }
    for (const std::uint64_t lane : lanes) add(lane);
  }
  for (; octets.size() >= 8; octets = octets.subspan(8)) add(load_le64(octets.data()));
  std::array<std::uint8_t, 8> rest{};
  for (std::size_t i = 0; i < octets.size(); ++i) rest[i] = octets[i];
  add(load_le64(rest.data()));
  add(size);
}

std::uint64_t StreamHash::value() const {
  std::uint64_t value = state_;
  value = (value ^ (value >> 33)) * kPrime2;
  value = (value ^ (value >> 29)) * kPrime3;
  return value ^ (value >> 32);
}

void Fingerprint::on_event(const Event& event) {
  if ((kWanted & (EventMask{1} << event.body.index())) == 0) return;
  hash_.add(static_cast<std::uint64_t>(event.time.time_since_epoch().count()));
  hash_.add(raw(event.node));
  hash_.add(event.body.index());
  std::visit(Absorb{hash_}, event.body);
}

}  // namespace strata::trace
