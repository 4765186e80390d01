// SPDX-License-Identifier: MIT
// What recvmsg() tells beside the octets: the completions of MSG_ZEROCOPY, which Linux puts into a
// socket's error queue when the peer has acknowledged what was sent, and how much is left to read
// (TCP_CM_INQ). Nothing is copied less here; scripts test the notices.
#include <fmt/format.h>

#include <algorithm>

#include "sim/packetdrill/calls.h"
#include "sim/packetdrill/symbols.h"

namespace strata::packetdrill {
namespace {

constexpr std::int64_t kZeroCopyOrigin = 5;  // SO_EE_ORIGIN_ZEROCOPY
constexpr std::int64_t kCopied = 1;          // SO_EE_CODE_ZEROCOPY_COPIED: as on a tunnel device

// The first message of msg_control; nullptr when none is expected.
const Expression* first_control(const Call& call) {
  const Expression* control = call.arguments[1].member("msg_control");
  if (control == nullptr || control->kind != Expression::Kind::list) return nullptr;
  return control->items.empty() ? nullptr : &control->items.front();
}

std::string differs(const Expression& data, std::string_view name, std::int64_t actual) {
  const Expression* wanted = data.member(name);
  const auto expected = wanted == nullptr ? std::nullopt : value_of(*wanted);
  if (!expected || *expected == actual) return {};
  return fmt::format("recvmsg() told another {}: expected {}, it was {}", name, to_text(*wanted),
                     actual);
}

}  // namespace

std::optional<tcp::Info> Calls::info_of(const Descriptor& descriptor) const {
  for (const socket::SocketInfo& row : machine_.sockets().table()) {
    if (row.fd != descriptor.live || !row.tcp) continue;
    tcp::Info info = *row.tcp;
    const Duration running = machine_.now() - info.activity_since;
    if (info.activity != "idle") info.busy_time += running;
    if (info.activity == "receiver-limited") info.receiver_limited_time += running;
    if (info.activity == "buffer-limited") info.buffer_limited_time += running;
    return info;
  }
  return std::nullopt;
}

// A call with MSG_ZEROCOPY has handed over what is in the send queue now.
void Calls::begin_zero_copy(Descriptor& descriptor) {
  const auto info = info_of(descriptor);
  if (!descriptor.copies_zero || !info) return;
  descriptor.zero_copies.push_back(
      {.call = descriptor.zero_copy_calls++, .end = info->snd_una + info->send_queue_bytes});
}

// True: another call has been completed since.
bool Calls::complete_zero_copies(Descriptor& descriptor) {
  if (descriptor.zero_copies.empty()) return false;
  const auto info = info_of(descriptor);
  bool is_news = false;
  while (!descriptor.zero_copies.empty()) {
    const ZeroCopy& first = descriptor.zero_copies.front();
    const bool is_over = !info || info->state == TcpState::closed;
    if (!is_over && info->snd_una < first.end) break;
    // Neighbours share one notice.
    auto& done = descriptor.completed;
    if (!done.empty() && done.back().second + 1 == first.call) {
      done.back().second = first.call;
    } else {
      done.emplace_back(first.call, first.call);
    }
    descriptor.zero_copies.pop_front();
    is_news = true;
  }
  return is_news;
}

Calls::Returned Calls::receive_completion(const Call& call) {
  Descriptor* found = descriptor(call);
  complete_zero_copies(*found);
  complete_stamps(*found);
  if (!found->stamps.empty()) return receive_stamp(call, *found);
  if (found->completed.empty()) return failed(Errc::would_block);
  const auto [from, to] = found->completed.front();
  found->completed.pop_front();
  const Expression* control = first_control(call);
  const Expression* data = control == nullptr ? nullptr : control->member("cmsg_data");
  if (data == nullptr) return {};
  const std::pair<std::string_view, std::int64_t> actual[] = {
      {"ee_errno", 0},   {"ee_origin", kZeroCopyOrigin},
      {"ee_type", 0},    {"ee_code", kCopied},
      {"ee_info", from}, {"ee_data", to}};
  Returned returned;
  for (const auto& [name, value] : actual) {
    if (returned.problem.empty()) returned.problem = differs(*data, name, value);
  }
  return returned;
}

Calls::Returned Calls::call_recvmsg(const Call& call) {
  const Descriptor* found = descriptor(call);
  if (found == nullptr) return failed(Errc::bad_descriptor);
  const std::int64_t flags = number(call, 2);
  if ((flags & kErrorQueue) != 0) return receive_completion(call);
  const Expression* control = first_control(call);
  const Expression* type = control == nullptr ? nullptr : control->member("cmsg_type");
  if (control != nullptr && (type == nullptr || type->text != "TCP_CM_INQ")) {
    return {.unsupported = "msg_control"};
  }
  Returned returned = receive(call, message_bytes(call.arguments[1]), flags);
  if (control == nullptr || returned.blocked || returned.error) return returned;
  const auto info = info_of(*found);
  std::int64_t left = info ? info->receive_queue_bytes : 0;
  if (left == 0 && machine_.sockets().readiness(found->live).peer_closed) left = 1;
  if (returned.problem.empty()) returned.problem = differs(*control, "cmsg_data", left);
  return returned;
}

}  // namespace strata::packetdrill
