// SPDX-License-Identifier: MIT
#include "sim/inference/tcp_states.h"

#include <utility>

#include "stack/wire/tcp.h"

namespace strata::inference {
namespace {

using wire::tcp_flag::kAck;
using wire::tcp_flag::kFin;
using wire::tcp_flag::kRst;
using wire::tcp_flag::kSyn;

std::size_t index(Side side) { return static_cast<std::size_t>(side); }

// Does the receiver of a FIN in this state still wait for one?
bool awaits_fin(TcpState state) {
  return state == TcpState::established || state == TcpState::fin_wait_1 ||
         state == TcpState::fin_wait_2 || state == TcpState::syn_received;
}

}  // namespace

void TcpStates::enter(Side side, TcpState to, std::string_view cause) {
  if (at(side) == to) return;
  changes_.push_back({side, at(side), to, cause});
  at(side) = to;
}

std::vector<StateChange> TcpStates::take(Side side, const Segment& segment) {
  changes_.clear();
  const Side receiver = other(side);
  if (segment.has(kRst)) {
    enter(side, TcpState::closed, "RST sent");
    enter(receiver, TcpState::closed, "RST seen");
    is_over_ = true;
    return std::exchange(changes_, {});
  }
  if (segment.has(kSyn)) {
    on_syn(side, segment);
    return std::exchange(changes_, {});
  }
  if (at(side) == TcpState::closed && at(receiver) == TcpState::closed && !is_over_) {
    enter(side, TcpState::established, "seen in mid-conversation");
    enter(receiver, TcpState::established, "seen in mid-conversation");
  }
  on_sent(side, segment);
  on_received(receiver, segment);
  return std::exchange(changes_, {});
}

// RFC 9293 3.5: the handshake, simultaneous opening included.
void TcpStates::on_syn(Side side, const Segment& segment) {
  const Side receiver = other(side);
  const bool acknowledges = segment.has(kAck);
  if (acknowledges) {
    if (at(receiver) == TcpState::closed) enter(receiver, TcpState::syn_sent, "its SYN was unseen");
    if (at(side) == TcpState::closed || at(side) == TcpState::syn_sent) {
      enter(side, TcpState::syn_received, "SYN and ACK sent");
    }
    if (at(receiver) == TcpState::syn_sent) {
      enter(receiver, TcpState::established, "SYN and ACK seen");
    } else if (at(receiver) == TcpState::syn_received) {
      enter(receiver, TcpState::established, "ACK of SYN seen");
    }
    return;
  }
  const bool is_new = at(side) != TcpState::syn_sent && at(side) != TcpState::syn_received;
  if (is_new) {
    has_fin_[0] = has_fin_[1] = false;
    is_over_ = false;
    enter(side, TcpState::syn_sent, "SYN sent");
    if (at(receiver) != TcpState::syn_sent) enter(receiver, TcpState::closed, "a new connection");
  }
}

void TcpStates::on_sent(Side side, const Segment& segment) {
  if (!segment.has(kFin) || has_fin_[index(side)]) return;
  has_fin_[index(side)] = true;
  fin_end_[index(side)] = segment.sequence + segment.length + 1;
  if (at(side) == TcpState::established || at(side) == TcpState::syn_received) {
    enter(side, TcpState::fin_wait_1, "FIN sent");
  } else if (at(side) == TcpState::close_wait) {
    enter(side, TcpState::last_ack, "FIN sent");
  }
}

// RFC 9293 3.10.7.4, as far as an onlooker can follow.
void TcpStates::on_received(Side side, const Segment& segment) {
  const bool acknowledges_fin = segment.has(kAck) && has_fin_[index(side)] &&
                                !segment.acknowledgement.before(fin_end_[index(side)]);
  if (at(side) == TcpState::syn_received && segment.has(kAck)) {
    enter(side, TcpState::established, "ACK of SYN seen");
  }
  if (acknowledges_fin) {
    if (at(side) == TcpState::fin_wait_1) enter(side, TcpState::fin_wait_2, "ACK of FIN seen");
    if (at(side) == TcpState::closing) enter(side, TcpState::time_wait, "ACK of FIN seen");
    if (at(side) == TcpState::last_ack) {
      is_over_ = true;
      enter(side, TcpState::closed, "ACK of FIN seen");
    }
  }
  if (!segment.has(kFin) || !awaits_fin(at(side))) return;
  if (at(side) == TcpState::fin_wait_2) {
    enter(side, TcpState::time_wait, "FIN seen");
  } else if (at(side) == TcpState::fin_wait_1) {
    enter(side, TcpState::closing, "FIN seen");
  } else {
    enter(side, TcpState::close_wait, "FIN seen");
  }
}

}  // namespace strata::inference
