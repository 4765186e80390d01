// SPDX-License-Identifier: MIT
// Calls that read and write. Contents are of no interest to scripts, only their lengths.
#include <fmt/format.h>

#include <algorithm>

#include "sim/packetdrill/calls.h"
#include "sim/packetdrill/symbols.h"

namespace strata::packetdrill {
namespace {

constexpr std::int64_t kDontWait = 0x40;
constexpr std::int64_t kWaitAll = 0x100;
constexpr std::int64_t kErrorQueue = 0x2000;
constexpr std::int64_t kFastOpen = 0x20000000;
constexpr std::int64_t kBytesMax = 16 << 20;  // a call moves at most this much

// The total of [{..., 1000}, {..., 500}].
std::int64_t vector_bytes(const Expression& vector) {
  std::int64_t total = 0;
  for (const Expression& item : vector.items) {
    if (!item.items.empty()) total += value_of(item.items.back()).value_or(0);
  }
  return std::min(total, kBytesMax);
}

std::int64_t message_bytes(const Expression& message) {
  const Expression* vector = message.member("msg_iov");
  return vector == nullptr ? 0 : vector_bytes(*vector);
}

// The bits of scripts are those of Linux, and so are the socket layer's.
socket::MessageFlags message_flags(std::int64_t flags) {
  return socket::MessageFlags(static_cast<std::uint32_t>(flags));
}

}  // namespace

Calls::Returned Calls::receive(const Call& call, std::int64_t bytes, std::int64_t flags) {
  const Descriptor* found = descriptor(call);
  if (found == nullptr) return failed(Errc::bad_descriptor);
  if ((flags & kErrorQueue) != 0) return {.unsupported = "MSG_ERRQUEUE"};
  bytes = std::clamp<std::int64_t>(bytes, 0, kBytesMax);
  const bool may_wait = !found->non_blocking && (flags & kDontWait) == 0;
  std::vector<std::uint8_t> buffer(static_cast<std::size_t>(bytes - progress_));
  const auto count =
      machine_.sockets().receive(found->live, buffer, message_flags(flags), machine_.now());
  if (!count) {
    if (count.error() == Errc::would_block && may_wait) return blocked();
    if (progress_ > 0) return {.value = progress_};
    return failed(count.error());
  }
  progress_ += static_cast<std::int64_t>(*count);
  if ((flags & kWaitAll) != 0 && may_wait && progress_<bytes&& * count> 0) return blocked();
  return {.value = progress_};
}

Calls::Returned Calls::send(const Call& call, std::int64_t bytes, std::int64_t flags,
                            const std::optional<Endpoint>& to) {
  const Descriptor* found = descriptor(call);
  if (found == nullptr) return failed(Errc::bad_descriptor);
  if ((flags & kFastOpen) != 0) return {.unsupported = "MSG_FASTOPEN"};
  bytes = std::clamp<std::int64_t>(bytes, 0, kBytesMax);
  const bool may_wait = !found->non_blocking && (flags & kDontWait) == 0;
  socket::Sockets& sockets = machine_.sockets();
  for (;;) {
    const std::vector<std::uint8_t> data(static_cast<std::size_t>(bytes - progress_), 'a');
    const socket::MessageFlags how = message_flags(flags);
    const auto count = to ? sockets.send_to(found->live, data, *to, how, machine_.now())
                          : sockets.send(found->live, data, how, machine_.now());
    if (!count) {
      if (count.error() == Errc::would_block && may_wait) return blocked();
      if (progress_ > 0) return {.value = progress_};
      return failed(count.error());
    }
    progress_ += static_cast<std::int64_t>(*count);
    if (progress_ >= bytes) return {.value = progress_};
    machine_.transmit();
  }
}

Calls::Returned Calls::call_read(const Call& call) { return receive(call, number(call, 2), 0); }
Calls::Returned Calls::call_readv(const Call& call) {
  return receive(call, vector_bytes(call.arguments[1]), 0);
}
Calls::Returned Calls::call_recv(const Call& call) {
  return receive(call, number(call, 2), number(call, 3));
}

Calls::Returned Calls::call_recvmsg(const Call& call) {
  const Expression& message = call.arguments[1];
  const Expression* control = message.member("msg_control");
  if (control != nullptr && !control->items.empty()) return {.unsupported = "msg_control"};
  return receive(call, message_bytes(message), number(call, 2));
}

Calls::Returned Calls::call_write(const Call& call) { return send(call, number(call, 2), 0, {}); }
Calls::Returned Calls::call_writev(const Call& call) {
  return send(call, vector_bytes(call.arguments[1]), 0, {});
}
Calls::Returned Calls::call_send(const Call& call) {
  return send(call, number(call, 2), number(call, 3), {});
}

Calls::Returned Calls::call_sendto(const Call& call) {
  const Descriptor* found = descriptor(call);
  std::optional<Endpoint> to = address(call.arguments[4]);
  if (found != nullptr && found->type == socket::Type::datagram) {
    if (!to) to = Endpoint{settings_.remote, settings_.connect_port};
    const Returned returned = send(call, number(call, 2), number(call, 3), to);
    if (const auto local = machine_.sockets().local_name(found->live); local && !returned.error) {
      flows_.on_connect({settings_.machine.local, local->port}, *to);
    }
    return returned;
  }
  return send(call, number(call, 2), number(call, 3), {});
}

Calls::Returned Calls::call_sendmsg(const Call& call) {
  return send(call, message_bytes(call.arguments[1]), number(call, 2), {});
}

}  // namespace strata::packetdrill
