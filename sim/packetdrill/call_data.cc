// SPDX-License-Identifier: MIT
// Calls that read and write. Contents are of no interest to scripts, only their lengths.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/packetdrill/calls.h"
#include "sim/packetdrill/symbols.h"

namespace strata::packetdrill {
namespace {

constexpr std::int64_t kDontWait = 0x40;
constexpr std::int64_t kWaitAll = 0x100;
constexpr std::int64_t kEndOfRecord = 0x80;
constexpr std::int64_t kZeroCopy = 0x4000000;
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

// Linux lists at most 17 pages in a block of text (MAX_SKB_FRAGS), and of what is not copied each
// part of the vector is one: the end of the block that the octet at `progress` is in.
std::int64_t end_of_block(const Call& call, std::int64_t progress, std::int64_t bytes) {
  constexpr int kPagesMost = 17;
  const Expression* vector = call.arguments[1].member("msg_iov");
  if (vector == nullptr) return bytes;
  std::int64_t end = 0;
  int pages = 0;
  for (const Expression& item : vector->items) {
    if (!item.items.empty()) end += value_of(item.items.back()).value_or(0);
    if (++pages < kPagesMost) continue;
    if (end > progress) return std::min(end, bytes);
    pages = 0;
  }
  return bytes;
}

// The second argument is a buffer that is not there.
bool is_null(const Call& call) {
  return call.arguments.size() > 1 && call.arguments[1].kind == Expression::Kind::word &&
         call.arguments[1].text == "NULL";
}

// The bits of scripts are those of Linux, and so are the socket layer's.
socket::MessageFlags message_flags(std::int64_t flags) {
  return socket::MessageFlags(static_cast<std::uint32_t>(flags));
}

}  // namespace

std::int64_t Calls::message_bytes(const Expression& message) {
  const Expression* vector = message.member("msg_iov");
  return vector == nullptr ? 0 : vector_bytes(*vector);
}

// May a call that would block wait, or on? SO_RCVTIMEO and SO_SNDTIMEO end it.
bool Calls::is_patient(const Descriptor& descriptor, socket::Option option) {
  const auto limit = machine_.sockets().option(descriptor.live, option);
  const Duration* timeout = limit ? std::get_if<Duration>(&*limit) : nullptr;
  if (timeout == nullptr || *timeout == Duration{}) return true;
  if (deadline_ == kNever) deadline_ = after(machine_.now(), *timeout);
  return machine_.now() < deadline_;
}

Calls::Returned Calls::receive(const Call& call, std::int64_t bytes, std::int64_t flags) {
  const Descriptor* found = descriptor(call);
  if (found == nullptr) return failed(Errc::bad_descriptor);
  if ((flags & kErrorQueue) != 0) return receive_completion(call);
  if (is_null(call) && bytes > 0 && machine_.sockets().readiness(found->live).readable) {
    return failed_as("EFAULT");
  }
  bytes = std::clamp<std::int64_t>(bytes, 0, kBytesMax);
  const bool may_wait = !found->non_blocking && (flags & kDontWait) == 0;
  std::vector<std::uint8_t> buffer(static_cast<std::size_t>(bytes - progress_));
  const auto count =
      machine_.sockets().receive(found->live, buffer, message_flags(flags), machine_.now());
  if (!count) {
    if (count.error() == Errc::would_block && may_wait &&
        is_patient(*found, socket::Option::receive_timeout)) {
      return blocked();
    }
    if (progress_ > 0) return {.value = progress_};
    return failed(count.error());
  }
  progress_ += static_cast<std::int64_t>(*count);
  if ((flags & kWaitAll) != 0 && may_wait && progress_<bytes&& * count> 0) return blocked();
  return {.value = progress_};
}

Calls::Returned Calls::send(const Call& call, std::int64_t bytes, std::int64_t flags,
                            const std::optional<Endpoint>& to) {
  Descriptor* found = descriptor(call);
  if (found == nullptr) return failed(Errc::bad_descriptor);
  bytes = std::clamp<std::int64_t>(bytes, 0, kBytesMax);
  if (is_null(call) && bytes > 0) return failed_as("EFAULT");
  const bool may_wait = !found->non_blocking && (flags & kDontWait) == 0;
  socket::Sockets& sockets = machine_.sockets();
  if (found->is_connecting) {
    if (const auto returned = wait_for_handshake(*found, bytes)) return *returned;
  }
  const socket::Readiness ready = sockets.readiness(found->live);
  const bool is_woken =
      ready.writable || ready.error || ready.hangup || deadline_ <= machine_.now();
  if (progress_ > 0 && may_wait && !is_woken) return blocked();
  if (is_in_handshake(found)) return may_wait ? blocked() : failed(Errc::would_block);
  for (;;) {
    const std::int64_t end =
        (flags & kZeroCopy) != 0 ? end_of_block(call, progress_, bytes) : bytes;
    const std::vector<std::uint8_t> data(static_cast<std::size_t>(end - progress_), 'a');
    socket::MessageFlags how = message_flags(end < bytes ? flags | kEndOfRecord : flags);
    // Who does not wait for the handshake can say what the SYN takes.
    if (found->is_deferred && !may_wait) how = socket::msg::kFastOpen;
    const auto count = to ? sockets.send_to(found->live, data, *to, how, machine_.now())
                          : sockets.send(found->live, data, how, machine_.now());
    if (!count) {
      if (count.error() == Errc::would_block && may_wait &&
          is_patient(*found, socket::Option::send_timeout)) {
        return blocked();
      }
      if (progress_ > 0) {
        stamp_send(*found);
        return {.value = progress_};
      }
      // Linux does not tell a socket that never was connected from one that is no more.
      const bool is_pipe = settings_.profile == tcp::Profile::linux_kernel &&
                           count.error() == Errc::not_connected &&
                           found->type == socket::Type::stream;
      return failed(is_pipe ? Errc::broken_pipe : count.error());
    }
    progress_ += static_cast<std::int64_t>(*count);
    if (std::exchange(found->is_deferred, false)) {
      if (!may_wait) return {.value = progress_};
      found->is_connecting = true;  // the handshake decides
      return blocked();
    }
    // Who does not wait is given what there was room for, though sending may have made more.
    const bool is_short = !may_wait && *count < data.size();
    if (is_short) expect_room(static_cast<int>(number(call, 0)));
    if (progress_ >= bytes || is_short) {
      if ((flags & kZeroCopy) != 0 && bytes > 0) begin_zero_copy(*found);
      stamp_send(*found);
      return {.value = progress_};
    }
    machine_.transmit();
  }
}

// Has Linux sent a SYN for the socket that is not answered yet? It takes no text then, where RFC
// 9293 3.10.2 queues it.
bool Calls::is_in_handshake(const Descriptor* descriptor) const {
  const bool may_be = descriptor != nullptr && descriptor->type == socket::Type::stream &&
                      settings_.profile == tcp::Profile::linux_kernel &&
                      !descriptor->is_connecting && !descriptor->is_deferred;
  if (!may_be) return false;
  const auto info = info_of(*descriptor);
  return info && info->state == TcpState::syn_sent;
}

// The SYN has left with text, and the handshake decides what becomes of the call.
std::optional<Calls::Returned> Calls::wait_for_handshake(Descriptor& descriptor,
                                                         std::int64_t bytes) {
  const socket::Readiness ready = machine_.sockets().readiness(descriptor.live);
  if (!ready.writable && !ready.error && !ready.hangup) return blocked();
  descriptor.is_connecting = false;
  if (const auto error = machine_.sockets().take_error(descriptor.live)) return failed(*error);
  if (progress_ >= bytes) return Returned{.value = progress_};
  return std::nullopt;
}

Calls::Returned Calls::call_read(const Call& call) { return receive(call, number(call, 2), 0); }
Calls::Returned Calls::call_readv(const Call& call) {
  return receive(call, vector_bytes(call.arguments[1]), 0);
}
Calls::Returned Calls::call_recv(const Call& call) {
  return receive(call, number(call, 2), number(call, 3));
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
  const bool opens_nowhere = call.arguments[4].kind == Expression::Kind::word &&
                             call.arguments[4].text == "AF_UNSPEC" &&
                             (number(call, 3) & kFastOpen) != 0;
  if (opens_nowhere) return failed(Errc::not_supported);
  return send_opening(call, number(call, 2), number(call, 3), to);
}

// A send that may be an open at the same time.
Calls::Returned Calls::send_opening(const Call& call, std::int64_t bytes, std::int64_t flags,
                                    const std::optional<Endpoint>& to) {
  const Descriptor* found = descriptor(call);
  if (found != nullptr && progress_ == 0 && !found->is_active) {
    // FreeBSD opens with the first sendto() once TCP_FASTOPEN is set; Linux asks for it each time.
    const bool opens =
        settings_.profile == tcp::Profile::freebsd ? found->opens_fast : (flags & kFastOpen) != 0;
    if (opens) {
      if (!settings_.may_open_fast) return failed(Errc::not_supported);
      if (is_null(call) && bytes > 0) return failed_as("EFAULT");
      return open_fast(call, bytes, flags,
                       to.value_or(Endpoint{settings_.remote, settings_.connect_port}));
    }
  }
  if ((flags & kFastOpen) != 0 && is_in_handshake(found)) return failed_as("EALREADY");
  return send(call, bytes, flags & ~kFastOpen, {});
}

// sendto() as an open: the SYN takes along what it may. Linux does not wait for the handshake when
// the socket does not block, and says how much the SYN has taken; FreeBSD buffers the rest.
Calls::Returned Calls::open_fast(const Call& call, std::int64_t bytes, std::int64_t flags,
                                 const Endpoint& remote) {
  Descriptor* found = descriptor(call);
  socket::Sockets& sockets = machine_.sockets();
  const bool buffers = settings_.profile == tcp::Profile::freebsd;
  const std::vector<std::uint8_t> data(
      static_cast<std::size_t>(std::clamp<std::int64_t>(bytes, 0, kBytesMax)), 'a');
  const auto sent =
      sockets.send_to(found->live, data, remote, socket::msg::kFastOpen, machine_.now());
  if (!sent && sent.error() != Errc::in_progress) return failed(sent.error());
  current_ = static_cast<int>(number(call, 0));
  found->is_active = true;
  if (const auto local = sockets.local_name(found->live)) {
    flows_.on_connect({settings_.machine.local, local->port}, remote);
  }
  progress_ = sent ? static_cast<std::int64_t>(*sent) : 0;
  if ((flags & kZeroCopy) != 0 && sent) begin_zero_copy(*found);
  if (buffers) return progress_ < bytes ? send(call, bytes, 0, {}) : Returned{.value = progress_};
  if (found->non_blocking || (flags & kDontWait) != 0)
    return sent ? Returned{.value = progress_} : failed(sent.error());
  // What the SYN has not taken is queued (RFC 9293 3.10.2) and goes along with the ACK of its
  // answer.
  const auto rest = sockets.send(
      found->live, Bytes{data}.subspan(static_cast<std::size_t>(progress_)), {}, machine_.now());
  if (rest) progress_ += static_cast<std::int64_t>(*rest);
  found->is_connecting = true;
  return blocked();
}

Calls::Returned Calls::call_sendmsg(const Call& call) {
  return send_opening(call, message_bytes(call.arguments[1]), number(call, 2), {});
}

}  // namespace strata::packetdrill
