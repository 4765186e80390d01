// SPDX-License-Identifier: MIT
// The table of calls, judging their results, and the calls that make and end connections.
#include "sim/packetdrill/calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/packetdrill/symbols.h"

namespace strata::packetdrill {
namespace {

constexpr std::int64_t kNonBlocking = 0x800;  // O_NONBLOCK, SOCK_NONBLOCK
constexpr std::int64_t kReadWrite = 2;        // O_RDWR

// AF_UNSPEC, {sa_family = AF_UNSPEC}
bool is_unspecified(const Expression& address) {
  const Expression* family = address.member("sa_family");
  if (family == nullptr)
    return address.kind == Expression::Kind::word && address.text == "AF_UNSPEC";
  return value_of(*family) == 0;
}

}  // namespace

const Calls::Entry* Calls::find_handler(std::string_view name) {
  static constexpr std::array kEntries{
      Entry{"socket", &Calls::call_socket, 3},
      Entry{"bind", &Calls::call_bind, 3},
      Entry{"listen", &Calls::call_listen, 2},
      Entry{"accept", &Calls::call_accept, 3},
      Entry{"accept4", &Calls::call_accept, 4},
      Entry{"connect", &Calls::call_connect, 3},
      Entry{"shutdown", &Calls::call_shutdown, 2},
      Entry{"close", &Calls::call_close, 1},
      Entry{"fcntl", &Calls::call_fcntl, 2},
      Entry{"ioctl", &Calls::call_ioctl, 3},
      Entry{"read", &Calls::call_read, 3},
      Entry{"readv", &Calls::call_readv, 3},
      Entry{"recv", &Calls::call_recv, 4},
      Entry{"recvfrom", &Calls::call_recv, 4},
      Entry{"recvmsg", &Calls::call_recvmsg, 3},
      Entry{"write", &Calls::call_write, 3},
      Entry{"writev", &Calls::call_writev, 3},
      Entry{"send", &Calls::call_send, 4},
      Entry{"sendto", &Calls::call_sendto, 6},
      Entry{"sendmsg", &Calls::call_sendmsg, 3},
      Entry{"getsockopt", &Calls::call_getsockopt, 5},
      Entry{"setsockopt", &Calls::call_setsockopt, 5},
      Entry{"poll", &Calls::call_poll, 3},
      Entry{"epoll_create", &Calls::call_epoll_create, 1},
      Entry{"epoll_create1", &Calls::call_epoll_create, 1},
      Entry{"epoll_ctl", &Calls::call_epoll_ctl, 4},
      Entry{"epoll_wait", &Calls::call_epoll_wait, 4},
      Entry{"open", &Calls::call_open, 2},
      Entry{"pipe", &Calls::call_pipe, 1},
      Entry{"sendfile", &Calls::call_sendfile, 4},
      Entry{"splice", &Calls::call_splice, 6},
  };
  const auto found = std::ranges::find(kEntries, name, &Entry::name);
  return found == kEntries.end() ? nullptr : found;
}

Attempt Calls::begin(const Call& call) {
  const Entry* entry = find_handler(call.name);
  if (entry == nullptr) {
    return {Attempt::State::unsupported, fmt::format("the call {}() is not supported", call.name)};
  }
  if (call.arguments.size() < entry->arguments_min) {
    return {Attempt::State::failed, fmt::format("{}() takes {} arguments, here are {}", call.name,
                                                entry->arguments_min, call.arguments.size())};
  }
  call_ = &call;
  progress_ = 0;
  deadline_ = kNever;
  return attempt();
}

Attempt Calls::resume() { return attempt(); }

Attempt Calls::attempt() {
  const Returned returned = (this->*find_handler(call_->name)->handler)(*call_);
  machine_.transmit();
  if (returned.blocked) return {Attempt::State::blocked, {}};
  deadline_ = kNever;
  note(returned);
  return judge(returned);
}

// Tells whoever observes the run of the call in progress.
void Calls::note(const Returned& returned) const {
  if (!machine_.tracer().wants<SocketCalled>()) return;
  std::string text;
  for (const Expression& argument : call_->arguments) {
    text += (text.empty() ? "" : ", ") + to_text(argument);
  }
  const auto found = descriptors_.find(static_cast<int>(number(*call_, 0)));
  machine_.note_call(found == descriptors_.end() ? -1 : found->second.live,
                     fmt::format("{}({})", call_->name, text),
                     returned.error ? name_of(returned) : std::to_string(returned.value));
}

std::string Calls::name_of(const Returned& returned) {
  return returned.error_is.empty() ? error_name(*returned.error) : std::string(returned.error_is);
}

Attempt Calls::judge(const Returned& returned) const {
  if (!returned.unsupported.empty()) {
    return {Attempt::State::unsupported, returned.unsupported + " is not supported"};
  }
  const Expression& expected = call_->result;
  const std::string actual =
      returned.error ? fmt::format("-1 {}", name_of(returned)) : std::to_string(returned.value);
  const auto wrong = [&](std::string_view what) {
    return Attempt{Attempt::State::failed,
                   fmt::format("{}: expected {}{}{}, it was {}", what, to_text(expected),
                               call_->error.empty() ? "" : " ", call_->error, actual)};
  };
  const std::string what = fmt::format("{}() returned something else", call_->name);
  if (expected.kind != Expression::Kind::ellipsis) {
    const auto value = value_of(expected);
    if (!value) {
      return {Attempt::State::failed, fmt::format("the result {} is no number", to_text(expected))};
    }
    if (*value != returned.value) return wrong(what);
  }
  if (!call_->error.empty()) {
    const auto wanted = symbol(call_->error);
    if (!returned.error || (wanted && wanted != symbol(name_of(returned))) ||
        (!wanted && call_->error != name_of(returned))) {
      return wrong(what);
    }
  }
  if (!returned.problem.empty()) return {Attempt::State::failed, returned.problem};
  return {};
}

std::int64_t Calls::number(const Call& call, std::size_t index) const {
  if (index >= call.arguments.size()) return 0;
  return value_of(call.arguments[index]).value_or(0);
}

Calls::Descriptor* Calls::descriptor(const Call& call) {
  const auto found = descriptors_.find(static_cast<int>(number(call, 0)));
  return found == descriptors_.end() ? nullptr : &found->second;
}

void Calls::adopt(int script, Descriptor descriptor) { descriptors_[script] = descriptor; }

int Calls::expected_descriptor(const Call& call) const {
  const auto wanted = value_of(call.result);
  if (wanted && *wanted >= 0) return static_cast<int>(*wanted);
  int fd = socket::kFirstFd;
  while (descriptors_.contains(fd)) ++fd;
  return fd;
}

// {sa_family = AF_INET, sin_port = htons(80), sin_addr = inet_addr("192.0.2.1")}
std::optional<Endpoint> Calls::address(const Expression& expression) const {
  if (expression.kind != Expression::Kind::structure) return std::nullopt;
  Endpoint endpoint;
  if (const Expression* port = expression.member("sin_port")) {
    endpoint.port = static_cast<std::uint16_t>(value_of(*port).value_or(0));
  }
  const Expression* address = expression.member("sin_addr");
  if (address != nullptr && !address->items.empty()) {
    endpoint.address = Ipv4Address::parse(address->items.front().text).value_or(Ipv4Address{});
  }
  return endpoint;
}

Calls::Returned Calls::call_socket(const Call& call) {
  if (call.arguments[0].kind == Expression::Kind::word && call.arguments[0].text == "AF_INET6") {
    return {.unsupported = "IPv6"};
  }
  const std::int64_t type = number(call, 1);
  const std::int64_t protocol = number(call, 2);
  if (protocol == 132 || protocol == 262) return {.unsupported = to_text(call.arguments[2])};
  Descriptor made{.non_blocking = (type & kNonBlocking) != 0};
  switch (type & 0xf) {
    case 1:
      made.type = socket::Type::stream;
      break;
    case 2:
      made.type = socket::Type::datagram;
      break;
    default:
      return {.unsupported = "the socket type " + to_text(call.arguments[1])};
  }
  const auto fd = machine_.sockets().socket(made.type, "script", machine_.now());
  if (!fd) return failed(fd.error());
  made.live = *fd;
  const int script = expected_descriptor(call);
  adopt(script, made);
  if (!current_ && made.type == socket::Type::stream) current_ = script;
  return {.value = script};
}

Calls::Returned Calls::call_bind(const Call& call) {
  const Descriptor* found = descriptor(call);
  if (found == nullptr) return failed(Errc::bad_descriptor);
  const Endpoint local = address(call.arguments[1]).value_or(Endpoint{{}, settings_.bind_port});
  const auto bound = machine_.sockets().bind(found->live, local);
  if (bound && found->type == socket::Type::datagram) flows_.on_datagram_socket(local.port);
  return simple(bound);
}

Calls::Returned Calls::call_listen(const Call& call) {
  const Descriptor* found = descriptor(call);
  if (found == nullptr) return failed(Errc::bad_descriptor);
  if (settings_.opens_fast) {
    static_cast<void>(machine_.sockets().set_option(found->live, socket::Option::fast_open,
                                                    number(call, 1), machine_.now()));
  }
  const auto result =
      machine_.sockets().listen(found->live, static_cast<int>(number(call, 1)), machine_.now());
  if (result) {
    const auto name = machine_.sockets().local_name(found->live);
    if (name) flows_.on_listen(name->port);
  }
  return simple(result);
}

Calls::Returned Calls::call_accept(const Call& call) {
  const Descriptor* found = descriptor(call);
  if (found == nullptr) return failed(Errc::bad_descriptor);
  const auto fd = machine_.sockets().accept(found->live, machine_.now());
  if (!fd && fd.error() == Errc::would_block && !found->non_blocking) return blocked();
  if (!fd) return failed(fd.error());
  const bool non_blocking = call.arguments.size() > 3 && (number(call, 3) & kNonBlocking) != 0;
  const int script = expected_descriptor(call);
  adopt(script, {.live = *fd,
                 .type = socket::Type::stream,
                 .non_blocking = non_blocking,
                 .send_buffer = found->send_buffer,
                 .receive_buffer = found->receive_buffer,
                 .copies_zero = found->copies_zero});
  current_ = script;
  return {.value = script};
}

Calls::Returned Calls::call_connect(const Call& call) {
  Descriptor* found = descriptor(call);
  if (found == nullptr) return failed(Errc::bad_descriptor);
  if (is_unspecified(call.arguments[1])) return disconnect(*found);
  socket::Sockets& sockets = machine_.sockets();
  if (found->is_connecting) {
    const socket::Readiness ready = sockets.readiness(found->live);
    if (!ready.writable && !ready.error && !ready.hangup) return blocked();
    found->is_connecting = false;
    if (const auto error = sockets.take_error(found->live)) return failed(*error);
    return {};
  }
  const Endpoint remote =
      address(call.arguments[1]).value_or(Endpoint{settings_.remote, settings_.connect_port});
  const auto result = sockets.connect(found->live, remote, machine_.now());
  current_ = static_cast<int>(number(call, 0));
  const bool begun = result.has_value() || result.error() == Errc::in_progress;
  if (const auto local = sockets.local_name(found->live); begun && local) {
    flows_.on_connect(
        {local->address.is_unspecified() ? IpAddress{settings_.machine.local} : local->address,
         local->port},
        remote);
  }
  found->is_active = begun;
  if (result) {
    const socket::Readiness ready = sockets.readiness(found->live);
    const auto defers = sockets.option(found->live, socket::Option::fast_open_connect);
    const auto state = info_of(*found);
    found->is_deferred = found->type == socket::Type::stream && defers &&
                         *defers == socket::OptionValue{true} && state &&
                         state->state == TcpState::syn_sent && !ready.error;
    return {};
  }
  if (result.error() != Errc::in_progress || found->non_blocking) return failed(result.error());
  found->is_connecting = true;
  return blocked();
}

// connect() to AF_UNSPEC: what there was of a connection ends with a RST, and the descriptor names
// a new socket.
Calls::Returned Calls::disconnect(Descriptor& descriptor) {
  socket::Sockets& sockets = machine_.sockets();
  const auto fresh = sockets.socket(descriptor.type, "script", machine_.now());
  if (!fresh) return failed(fresh.error());
  static_cast<void>(
      sockets.set_option(descriptor.live, socket::Option::linger, Duration{}, machine_.now()));
  static_cast<void>(sockets.close(descriptor.live, machine_.now()));
  descriptor = {.live = *fresh, .type = descriptor.type, .non_blocking = descriptor.non_blocking};
  return {};
}

Calls::Returned Calls::call_shutdown(const Call& call) {
  const Descriptor* found = descriptor(call);
  if (found == nullptr) return failed(Errc::bad_descriptor);
  const std::int64_t how = number(call, 1);
  if (how < 0 || how > 2) return failed(Errc::invalid_argument);
  return simple(
      machine_.sockets().shutdown(found->live, static_cast<socket::How>(how), machine_.now()));
}

Calls::Returned Calls::call_close(const Call& call) {
  const int fd = static_cast<int>(number(call, 0));
  const Descriptor* found = descriptor(call);
  if (found == nullptr) return failed(Errc::bad_descriptor);
  if (found->is_epoll || found->is_file) {
    epolls_.erase(fd);
    descriptors_.erase(fd);
    return {};
  }
  const auto result = machine_.sockets().close(found->live, machine_.now());
  if (!result && result.error() == Errc::would_block) {
    deadline_ = machine_.sockets().linger_deadline(found->live);
    return blocked();
  }
  descriptors_.erase(fd);
  for (auto& [epoll, interests] : epolls_) {
    std::erase_if(interests, [fd](const Interest& interest) { return interest.fd == fd; });
  }
  return simple(result);
}

Calls::Returned Calls::call_fcntl(const Call& call) {
  Descriptor* found = descriptor(call);
  if (found == nullptr) return failed(Errc::bad_descriptor);
  const std::int64_t command = number(call, 1);
  if (command == symbol("F_GETFL")) {
    return {.value = kReadWrite | (found->non_blocking ? kNonBlocking : 0)};
  }
  if (command == symbol("F_SETFL")) {
    found->non_blocking = (number(call, 2) & kNonBlocking) != 0;
    return {};
  }
  if (command == symbol("F_GETFD") || command == symbol("F_SETFD")) return {};
  return {.unsupported = "fcntl() with " + to_text(call.arguments[1])};
}

Calls::Returned Calls::call_ioctl(const Call& call) {
  Descriptor* found = descriptor(call);
  if (found == nullptr) return failed(Errc::bad_descriptor);
  const std::int64_t command = number(call, 1);
  if (command == symbol("FIONBIO")) {
    const Expression& value = call.arguments[2];
    found->non_blocking = !value.items.empty() && value_of(value.items.front()).value_or(0) != 0;
    return {};
  }
  std::int64_t actual = 0;
  for (const socket::SocketInfo& row : machine_.sockets().table()) {
    if (row.fd != found->live) continue;
    if (command == symbol("SIOCINQ")) {
      actual = static_cast<std::int64_t>(row.receive_queue);
      // Linux counts the end of the stream as an octet once everything else has been read.
      const bool ended = row.state == "CLOSE-WAIT" || row.state == "LAST-ACK" ||
                         row.state == "CLOSING" || row.state == "TIME-WAIT";
      if (row.receive_queue > 0 && ended) actual += 0;
    } else if (command == symbol("SIOCOUTQ")) {
      actual = static_cast<std::int64_t>(row.send_queue);
    } else if (command == symbol("SIOCOUTQNSD") && row.tcp) {
      const std::uint64_t sent = row.tcp->snd_nxt - row.tcp->snd_una;
      actual =
          static_cast<std::int64_t>(row.send_queue - std::min<std::uint64_t>(row.send_queue, sent));
    } else {
      return {.unsupported = "ioctl() with " + to_text(call.arguments[1])};
    }
  }
  Returned returned;
  const Expression& list = call.arguments[2];
  const Expression& wanted = list.items.size() == 1 ? list.items.front() : list;
  if (const auto value = value_of(wanted); value && *value != actual) {
    returned.problem =
        fmt::format("ioctl() told something else: expected {}, it was {}", *value, actual);
  }
  return returned;
}

std::optional<tcp::Info> Calls::info() const {
  if (!current_) return std::nullopt;
  const auto found = descriptors_.find(*current_);
  if (found == descriptors_.end()) return std::nullopt;
  if (const auto info = info_of(found->second)) return info;
  if (found->second.type != socket::Type::stream) return std::nullopt;
  const bool listens = std::ranges::any_of(machine_.sockets().table(), [&](const auto& row) {
    return row.fd == found->second.live && row.state == to_text(TcpState::listen);
  });
  // Else there is no connection yet, or no more.
  return tcp::Info{.state = listens ? TcpState::listen : TcpState::closed};
}

}  // namespace strata::packetdrill
