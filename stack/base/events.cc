// SPDX-License-Identifier: MIT
#include "stack/base/events.h"

namespace strata {

std::string_view to_text(TableChange change) {
  switch (change) {
    case TableChange::added:
      return "added";
    case TableChange::updated:
      return "updated";
    case TableChange::removed:
      return "removed";
    case TableChange::expired:
      return "expired";
  }
  return "?";
}

std::string_view to_text(RouteOrigin origin) {
  switch (origin) {
    case RouteOrigin::configured:
      return "configured";
    case RouteOrigin::connected:
      return "connected";
    case RouteOrigin::redirect:
      return "redirect";
  }
  return "?";
}

std::string_view to_text(NeighbourState state) {
  switch (state) {
    case NeighbourState::incomplete:
      return "incomplete";
    case NeighbourState::reachable:
      return "reachable";
    case NeighbourState::stale:
      return "stale";
    case NeighbourState::failed:
      return "failed";
  }
  return "?";
}

std::string_view to_text(TcpState state) {
  switch (state) {
    case TcpState::closed:
      return "CLOSED";
    case TcpState::listen:
      return "LISTEN";
    case TcpState::syn_sent:
      return "SYN-SENT";
    case TcpState::syn_received:
      return "SYN-RECEIVED";
    case TcpState::established:
      return "ESTABLISHED";
    case TcpState::fin_wait_1:
      return "FIN-WAIT-1";
    case TcpState::fin_wait_2:
      return "FIN-WAIT-2";
    case TcpState::close_wait:
      return "CLOSE-WAIT";
    case TcpState::closing:
      return "CLOSING";
    case TcpState::last_ack:
      return "LAST-ACK";
    case TcpState::time_wait:
      return "TIME-WAIT";
  }
  return "?";
}

std::string_view to_text(SegmentKind kind) {
  switch (kind) {
    case SegmentKind::control:
      return "control";
    case SegmentKind::data:
      return "data";
    case SegmentKind::retransmission:
      return "retransmission";
    case SegmentKind::pure_ack:
      return "ack";
    case SegmentKind::probe:
      return "probe";
    case SegmentKind::reset:
      return "reset";
  }
  return "?";
}

std::string_view to_text(RetransmitCause cause) {
  switch (cause) {
    case RetransmitCause::none:
      return "none";
    case RetransmitCause::timeout:
      return "timeout";
    case RetransmitCause::fast_retransmit:
      return "fast retransmit";
    case RetransmitCause::partial_ack:
      return "partial ACK";
    case RetransmitCause::sack:
      return "SACK";
    case RetransmitCause::rescue:
      return "rescue";
    case RetransmitCause::rack:
      return "RACK";
    case RetransmitCause::tail_loss_probe:
      return "tail loss probe";
    case RetransmitCause::window_probe:
      return "window probe";
    case RetransmitCause::path_mtu:
      return "path MTU";
  }
  return "?";
}

std::string_view to_text(SegmentVerdict verdict) {
  switch (verdict) {
    case SegmentVerdict::in_order:
      return "in order";
    case SegmentVerdict::out_of_order:
      return "out of order";
    case SegmentVerdict::duplicate:
      return "duplicate";
    case SegmentVerdict::acknowledgement:
      return "acknowledgement";
    case SegmentVerdict::control:
      return "control";
    case SegmentVerdict::rejected:
      return "rejected";
  }
  return "?";
}

std::string_view to_text(TimerAction action) {
  switch (action) {
    case TimerAction::set:
      return "set";
    case TimerAction::cancelled:
      return "cancelled";
    case TimerAction::fired:
      return "fired";
  }
  return "?";
}

}  // namespace strata
