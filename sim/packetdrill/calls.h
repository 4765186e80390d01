// SPDX-License-Identifier: MIT
// System calls of scripts, carried out on the sockets of the machine. The socket layer never waits;
// waiting is done here: a call that would block is tried again whenever the stack has moved.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/packetdrill/flows.h"
#include "sim/packetdrill/machine.h"
#include "sim/packetdrill/settings.h"

namespace strata::packetdrill {

// MSG_ERRQUEUE of recvmsg().
inline constexpr std::int64_t kErrorQueue = 0x2000;

// How an attempt at a call ended.
struct Attempt {
  enum class State : std::uint8_t { done, blocked, failed, unsupported };
  State state = State::done;
  std::string text;  // of a failure
};

class Calls {
 public:
  Calls(Machine& machine, Flows& flows, Settings& settings)
      : machine_(machine), flows_(flows), settings_(settings) {}

  // Begins a call. When it blocks, resume() is to be called until it does not.
  Attempt begin(const Call& call);
  Attempt resume();

  // The sockets have been idle or busy for a while: notes edges for epoll.
  void observe();
  // When a waiting poll(), epoll_wait() or lingering close() gives up.
  Instant deadline() const { return deadline_; }

  // TCP_INFO of the connection that was accepted, connected or used last.
  std::optional<tcp::Info> info() const;

 private:
  struct ZeroCopy {  // a send() with MSG_ZEROCOPY
    std::uint32_t call = 0;
    std::uint64_t end = 0;  // of the stream
  };
  struct StampedSend {      // a send() whose last octet SO_TIMESTAMPING tells of
    std::uint64_t end = 0;  // of the stream
    bool has_left = false;
  };
  struct StampNotice {
    std::int64_t kind = 0;  // SCM_TSTAMP_...
    std::uint32_t key = 0;  // the octet, counted from where SOF_TIMESTAMPING_OPT_ID was set
    Instant at{};
  };
  struct Descriptor {
    socket::Fd live = -1;
    socket::Type type{};
    bool non_blocking = false;
    bool is_connecting = false;               // a blocking connect() waits
    bool is_active = false;                   // connect() was called
    std::optional<std::int64_t> send_buffer;  // asked for, octets
    std::optional<std::int64_t> receive_buffer;
    std::optional<std::int64_t> not_sent_low_water;
    std::map<std::string, std::int64_t, std::less<>> ignored_options;  // as they were set
    bool copies_zero = false;                                          // SO_ZEROCOPY
    std::uint32_t zero_copy_calls = 0;
    std::deque<ZeroCopy> zero_copies;                               // not acknowledged
    std::deque<std::pair<std::uint32_t, std::uint32_t>> completed;  // first and last call of each
    bool opens_fast = false;                                        // TCP_FASTOPEN was set
    bool is_deferred = false;  // connect() has left the SYN to the first send()
    bool is_epoll = false;
    bool is_paced = false;      // TCP_RACK_PACE_ALWAYS
    std::int64_t pace = 0;      // octets per second
    bool is_file = false;       // open(), pipe(): an endless source of zeros
    std::int64_t stamping = 0;  // the flags of SO_TIMESTAMPING
    std::uint64_t stamp_base = 0;
    std::deque<StampedSend> stamped_sends;
    std::deque<StampNotice> stamps;
  };
  struct Interest {  // of an epoll descriptor
    int fd = 0;
    std::int64_t events = 0;
    std::int64_t told = 0;       // edge-triggered: reported and still true
    std::uint64_t received = 0;  // octets of the stream that had arrived when it was told
    bool is_spent = false;       // EPOLLONESHOT: told, until EPOLL_CTL_MOD
    std::string key;             // how the script names it: fd, ptr, u32, u64
    std::int64_t data = 0;
  };
  // What a call returned. `problem` is set when its outputs are not what the script expects.
  struct Returned {
    std::int64_t value = 0;
    std::optional<Errc> error;
    std::string_view error_is;  // an error that the socket layer has no name for
    bool blocked = false;
    std::string unsupported;
    std::string problem;
  };
  using Handler = Returned (Calls::*)(const Call& call);
  struct Entry {
    std::string_view name;
    Handler handler;
    std::size_t arguments_min;
  };

  Attempt attempt();
  void note(const Returned& returned) const;
  Attempt judge(const Returned& returned) const;
  static const Entry* find_handler(std::string_view name);
  static std::string name_of(const Returned& returned);  // the error's

  // calls.cc: descriptors, connections
  Returned call_socket(const Call& call);
  Returned call_bind(const Call& call);
  Returned call_listen(const Call& call);
  Returned call_accept(const Call& call);
  Returned call_connect(const Call& call);
  Returned call_shutdown(const Call& call);
  Returned call_close(const Call& call);
  Returned call_fcntl(const Call& call);
  Returned call_ioctl(const Call& call);
  Returned disconnect(Descriptor& descriptor);
  // call_files.cc: what is no socket
  Returned call_open(const Call& call);
  Returned call_pipe(const Call& call);
  Returned call_sendfile(const Call& call);
  Returned call_splice(const Call& call);
  Returned splice_in(const Call& call);
  // call_data.cc: reading and writing
  Returned call_read(const Call& call);
  Returned call_readv(const Call& call);
  Returned call_recv(const Call& call);
  Returned call_recvmsg(const Call& call);
  Returned call_write(const Call& call);
  Returned call_writev(const Call& call);
  Returned call_send(const Call& call);
  Returned call_sendto(const Call& call);
  Returned call_sendmsg(const Call& call);
  Returned receive(const Call& call, std::int64_t bytes, std::int64_t flags);
  Returned send(const Call& call, std::int64_t bytes, std::int64_t flags,
                const std::optional<Endpoint>& to);
  Returned send_opening(const Call& call, std::int64_t bytes, std::int64_t flags,
                        const std::optional<Endpoint>& to);
  std::optional<Returned> wait_for_handshake(Descriptor& descriptor, std::int64_t bytes);
  bool is_in_handshake(const Descriptor* descriptor) const;
  bool is_patient(const Descriptor& descriptor, socket::Option option);
  static std::int64_t message_bytes(const Expression& message);
  // call_messages.cc
  std::optional<tcp::Info> info_of(const Descriptor& descriptor) const;
  void begin_zero_copy(Descriptor& descriptor);
  bool complete_zero_copies(Descriptor& descriptor);
  Returned receive_completion(const Call& call);
  // call_stamps.cc: SO_TIMESTAMPING
  void begin_stamping(Descriptor& descriptor, std::int64_t flags);
  void stamp_send(Descriptor& descriptor);
  void complete_stamps(Descriptor& descriptor);
  Returned receive_stamp(const Call& call, Descriptor& descriptor);
  Returned open_fast(const Call& call, std::int64_t bytes, std::int64_t flags,
                     const Endpoint& remote);
  // call_options.cc
  Returned call_getsockopt(const Call& call);
  Returned call_setsockopt(const Call& call);
  // call_poll.cc
  Returned call_poll(const Call& call);
  Returned call_epoll_create(const Call& call);
  Returned call_epoll_ctl(const Call& call);
  Returned call_epoll_wait(const Call& call);
  std::int64_t ready_events(int fd) const;
  std::uint64_t octets_received(int fd) const;
  void note_edges(Interest& interest);
  void expect_room(int fd);
  Returned wait(std::int64_t timeout_ms);

  Returned use_stack(const Expression& value);
  Returned pace(Descriptor& descriptor, std::string_view what, std::int64_t value);
  std::int64_t reported_buffer(const Descriptor& descriptor, std::string_view name,
                               std::int64_t bytes) const;

  Descriptor* descriptor(const Call& call);  // of the first argument
  std::int64_t number(const Call& call, std::size_t index) const;
  std::optional<Endpoint> address(const Expression& expression) const;
  void adopt(int script, Descriptor descriptor);
  // The descriptor that the script expects a call to return; the lowest free one if it does not
  // say.
  int expected_descriptor(const Call& call) const;
  static Returned failed(Errc error) { return {.value = -1, .error = error}; }
  static Returned failed_as(std::string_view name) {
    return {.value = -1, .error = Errc::invalid_argument, .error_is = name};
  }
  static Returned blocked() { return {.blocked = true}; }
  template <typename T>
  static Returned simple(const Result<T>& result) {
    if (!result) return failed(result.error());
    return {};
  }

  Machine& machine_;
  Flows& flows_;
  Settings& settings_;
  std::map<int, Descriptor> descriptors_;
  std::map<int, std::vector<Interest>> epolls_;
  std::optional<int> current_;  // the socket that assertions are about
  const Call* call_ = nullptr;  // the one in progress
  std::int64_t progress_ = 0;   // octets it has moved
  Instant deadline_ = kNever;
};

}  // namespace strata::packetdrill
