// SPDX-License-Identifier: MIT
// BSD sockets of one host: small integers that stand for transport endpoints, with the calls and
// the errors of POSIX.1-2017. The core is non-blocking throughout: what would wait returns
// would_block and tells a Watcher when trying again may help; blocking calls are built on that by
// the application layer.
//
// Split by concern: sockets.cc (descriptors and connections), transfer.cc (send and receive),
// options.cc (getsockopt and setsockopt), poll.cc, table.cc (what ss(8) shows).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "stack/base/result.h"
#include "stack/socket/message.h"
#include "stack/socket/option.h"
#include "stack/socket/poll.h"
#include "stack/transport/transport.h"

namespace strata::socket {

using Fd = int;
inline constexpr Fd kFirstFd = 3;  // 0 to 2 are a process's standard streams

enum class Type : std::uint8_t { stream, datagram, icmp_echo };
// "stream", "datagram", "icmp-echo".
std::string_view to_text(Type type);
enum class How : std::uint8_t { read, write, both };
using Readiness = tcp::Readiness;

// What ioctl() may ask.
enum class Ioctl : std::uint8_t {
  input_queue,      // SIOCINQ: octets to read; of datagrams: of the next one
  output_queue,     // SIOCOUTQ: octets sent or to send that are not acknowledged
  output_not_sent,  // SIOCOUTQNSD: octets not sent yet
  at_mark,          // SIOCATMARK: 1 when the next octet is where the urgent data ends
};
// "SIOCINQ", ...
std::string_view to_text(Ioctl request);

// A row of the socket table, in ss(8)'s manner.
struct SocketInfo {
  Fd fd = -1;  // -1: no descriptor any more (TIME-WAIT, closing) or not yet (in the backlog)
  std::string process;
  Type type{};
  Endpoint local;
  Endpoint remote;
  std::string state;              // "LISTEN", "ESTABLISHED", "bound", "connected", "unbound"
  std::size_t receive_queue = 0;  // bytes; of a listener: connections waiting for accept()
  std::size_t send_queue = 0;     // bytes; of a listener: the backlog limit
  std::optional<tcp::Info> tcp;
};

// Called when an operation on `fd` that would have blocked may now succeed. Must not call back into
// the stack: mark the task runnable and return.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_ready(Fd fd) = 0;
};

// The BSD socket calls of one host, non-blocking throughout (would_block instead of waiting). Every
// call on a descriptor that is not open fails with bad_descriptor.
class Sockets final : private transport::ReadinessListener {
 public:
  // Registers itself as the readiness listener of `transport`, which must outlive it.
  explicit Sockets(transport::Transport& transport);
  ~Sockets() override;
  Sockets(const Sockets&) = delete;
  Sockets& operator=(const Sockets&) = delete;

  // The lowest descriptor that is free. `process` labels it in tables. Errors: too_many_files.
  Result<Fd> socket(Type type, const std::string& process, Instant now);
  // Claims a local address (unspecified: all) and port (0: an ephemeral one, now). Errors:
  // address_in_use, address_not_available (not ours), invalid_argument (already bound, or a
  // connection).
  Result<void> bind(Fd fd, const Endpoint& local);
  // `backlog` bounds connections not yet accepted, at least one. A listener that was not bound gets
  // an ephemeral port. Calling again changes the backlog. Errors: address_in_use (another listener
  // has the address), invalid_argument (a connection), not_supported (not a stream).
  Result<void> listen(Fd fd, int backlog, Instant now);
  // A connection from the accept queue, or would_block. It inherits the options of the listener.
  // Errors: invalid_argument (not listening), not_supported (not a stream), too_many_files.
  Result<Fd> accept(Fd fd, Instant now);
  // Stream: in_progress, then writable (or error). Datagram: fixes the peer at once, and an
  // unspecified address with port 0 dissolves that. Errors: in_progress, already (the handshake
  // goes on), is_connected, not_supported (listening), address_in_use (the 4-tuple is taken),
  // address_not_available (no ephemeral port left), network_unreachable, permission_denied
  // (broadcast without leave), invalid_argument (port 0, multicast); after a failed attempt its
  // error, once.
  Result<void> connect(Fd fd, const Endpoint& remote, Instant now);

  // Sends, to the connected peer. Flags: kMore, kOutOfBand (streams); the others change nothing
  // here. Errors: would_block, not_connected, broken_pipe, connection_reset and timed_out (once);
  // datagrams: destination_required, message_size, a pending ICMP error, and what the network layer
  // refuses; not_supported (a flag the socket does not have).
  Result<std::size_t> send(Fd fd, Bytes data, Instant now) { return send(fd, data, {}, now); }
  Result<std::size_t> send(Fd fd, Bytes data, MessageFlags flags, Instant now);
  // A stream refers to the octets instead of copying them, as sendfile(2) does with a page cache.
  Result<std::size_t> send(Fd fd, StaticBytes data, MessageFlags flags, Instant now);
  // Datagrams only: a stream fails with is_connected or not_connected, and so does a connected
  // socket (is_connected). On an echo socket `data` is what an echo request carries; the first is
  // numbered 1. Errors as for send(), and invalid_argument (port 0).
  Result<std::size_t> send_to(Fd fd, Bytes data, const Endpoint& to, Instant now) {
    return send_to(fd, data, to, {}, now);
  }
  Result<std::size_t> send_to(Fd fd, Bytes data, const Endpoint& to, MessageFlags flags,
                              Instant now);
  // sendmsg(): with a destination (else the peer), and for this datagram alone another time to
  // live, type of service or source address (address_not_available when it is not ours). Of a
  // stream only the data counts.
  Result<std::size_t> send_message(Fd fd, Bytes data, SendRequest request, MessageFlags flags,
                                   Instant now);
  // Receives. Stream: 0 at end of stream. Datagram: what does not fit is lost. Flags: kPeek;
  // kTruncated (a datagram's whole size is returned; of a stream: the octets are thrown away,
  // `into` holds nothing); kErrorQueue; kOutOfBand (streams: the urgent octet). Errors:
  // would_block, not_connected, a pending error, not_supported (a flag the socket does not have).
  Result<std::size_t> receive(Fd fd, MutableBytes into, MessageFlags flags, Instant now);
  // `from` of a stream is its peer.
  Result<Received> receive_from(Fd fd, MutableBytes into, MessageFlags flags, Instant now);
  // recvmsg(). With kErrorQueue: the oldest queued error with the data that came back, or
  // would_block.
  Result<ReceivedMessage> receive_message(Fd fd, MutableBytes into, MessageFlags flags,
                                          Instant now);
  // Errors: not_connected.
  Result<void> shutdown(Fd fd, How how, Instant now);
  // Frees the descriptor; a connection ends by its linger option. With a linger time above zero
  // and octets unacknowledged it returns would_block and the descriptor stays, closing: call again
  // when the watcher is told or at linger_deadline(), until it succeeds. Nothing else may be done
  // with a closing descriptor (bad_descriptor).
  Result<void> close(Fd fd, Instant now);
  // When a lingering close() stops waiting; kNever for a descriptor that is not closing.
  Instant linger_deadline(Fd fd) const;

  // See option_table.cc. Errors: invalid_argument (wrong kind of value, out of range, or too late
  // for a connection), protocol_not_available (an option of another type of socket, one that cannot
  // be set, or one whose mechanism is not there), not_connected (IP_MTU without a peer).
  Result<void> set_option(Fd fd, Option option, const OptionValue& value, Instant now);
  Result<OptionValue> option(Fd fd, Option option);
  // fcntl(O_NONBLOCK): for the layer above; nothing waits here.
  Result<void> set_non_blocking(Fd fd, bool is_non_blocking);
  bool is_non_blocking(Fd fd) const;
  // How long a call may wait (SO_RCVTIMEO, SO_SNDTIMEO); zero: for ever.
  Duration receive_timeout(Fd fd) const;
  Duration send_timeout(Fd fd) const;
  // A blocking recv() for `wanted` octets waits for more (SO_RCVLOWAT).
  bool is_below_low_water(Fd fd, std::size_t wanted) const {
    return uses_low_water_ && holds_less_than_low_water(fd, wanted);
  }
  // Errors: invalid_argument (listening, or the socket has no such thing).
  Result<std::int64_t> ioctl(Fd fd, Ioctl request) const;
  std::optional<Errc> take_error(Fd fd);                // SO_ERROR: reading clears it
  std::optional<ErrorReport> take_error_report(Fd fd);  // MSG_ERRQUEUE
  Result<Endpoint> local_name(Fd fd) const;             // getsockname
  Result<Endpoint> peer_name(Fd fd) const;              // getpeername: not_connected
  Readiness readiness(Fd fd) const;                     // nothing ready on a bad descriptor: error
  // poll(2) without waiting: fills in `returned` and gives the number of entries that have any.
  int poll(std::span<PollEntry> entries) const;
  // At most one watcher per socket; nullptr removes it. Told once per change for the better, so
  // check readiness() or try the operation after registering.
  void watch(Fd fd, Watcher* watcher);

  std::vector<SocketInfo> table() const;  // listeners first, then by protocol, local, remote
  std::size_t open_descriptors() const { return open_; }
  // RLIMIT_NOFILE: how many descriptors may be open at once.
  void set_descriptor_limit(std::size_t limit) { limit_ = limit; }

 private:
  // What a descriptor refers to.
  struct Socket {
    Type type{};
    transport::EndpointId endpoint{};
    std::string process;
    Instant linger_deadline = kNever;
    bool is_non_blocking = false;
    bool is_closing = false;
    Watcher* watcher = nullptr;
  };

  void on_readiness(transport::EndpointId endpoint, Instant now) override;

  // Nullptr: no such descriptor, or it is closing.
  Socket* find(Fd fd) const;
  Socket* find_even_closing(Fd fd) const;
  // The lowest free descriptor, given to a new socket; too_many_files.
  Result<Fd> install(Socket socket);
  void release(Fd fd);
  void set_descriptor(transport::EndpointId endpoint, Fd fd);
  Fd descriptor_of(transport::EndpointId endpoint) const;
  Result<void> close_stream(Fd fd, Socket& socket, Instant now);

  // options.cc
  transport::EndpointOptions endpoint_options(transport::EndpointId endpoint) const;
  void set_endpoint_options(transport::EndpointId endpoint,
                            const transport::EndpointOptions& options, Instant now);
  Result<void> assign(transport::EndpointOptions& options, const OptionRow& row,
                      const OptionValue& value) const;
  static bool is_fixed_when_connected(Option option);
  bool is_connection(const Socket& socket) const;

  // transfer.cc
  bool holds_less_than_low_water(Fd fd, std::size_t wanted) const;
  Result<Received> receive_any(const Socket& socket, MutableBytes into, MessageFlags flags,
                               Instant now);
  Result<ReceivedMessage> receive_error(const Socket& socket, MutableBytes into);
  std::optional<ErrorReport> take_error_report(const Socket& socket);

  // table.cc
  SocketInfo describe(const transport::Stream& stream) const;
  SocketInfo describe(const transport::Datagram& datagram) const;
  SocketInfo describe(const transport::EchoEndpoint& echo) const;
  std::string process_of(Fd fd) const;

  transport::Transport& transport_;
  std::vector<std::unique_ptr<Socket>> sockets_;  // [0] is descriptor kFirstFd
  std::size_t lowest_free_ = 0;                   // no index below it is free
  std::size_t open_ = 0;
  std::size_t limit_ = 65536;
  bool uses_low_water_ = false;  // some socket has asked for more than one octet
};

}  // namespace strata::socket
