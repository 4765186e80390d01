// SPDX-License-Identifier: MIT
// User calls of the TCP layer, and what every change of a connection is followed by.
#include "stack/transport/tcp_layer.h"

#include <algorithm>
#include <utility>

#include "stack/base/assert.h"
#include "stack/transport/tcp/isn.h"

namespace strata::transport {
namespace {

// IPv4 and TCP headers without options: what a segment needs besides its text.
constexpr std::uint16_t kHeaderBytes = wire::Ipv4Header::kBytesMin + wire::TcpHeader::kBytesMin;

bool is_handshaking(TcpState state) {
  return state == TcpState::syn_sent || state == TcpState::syn_received;
}

// To its peer.
bool has_more_to_say(TcpState state) {
  return state != TcpState::closed && state != TcpState::time_wait;
}

tcp::Readiness readiness_of(const Stream& stream) {
  if (stream.listener != nullptr) return {.readable = stream.listener->waiting() > 0};
  if (stream.connection == nullptr) return {.writable = true, .hangup = true};
  tcp::Readiness ready = stream.connection->readiness();
  // POSIX SO_RCVLOWAT: fewer octets do not count, unless nothing more will come.
  if (ready.readable && !ready.error && !ready.peer_closed) {
    ready.readable = stream.connection->readable_octets() >= stream.options.receive_low_water;
  }
  return ready;
}

// A connection that accept() does not give out yet, because nothing has been said on it.
bool is_deferred(Stream& stream, Instant now) {
  const Duration patience = stream.options.defer_accept;
  if (patience == Duration{} || stream.parent == kNoEndpoint || stream.is_established) return false;
  if (stream.deferred_until == kNever) stream.deferred_until = after(now, patience);
  return !stream.connection->readiness().readable && now < stream.deferred_until;
}

// The time-outs of a SYN,ACK that make up `time`, each twice as long as the one before (Linux:
// secs_to_retrans()).
std::uint8_t timeouts_within(Duration time, Duration timeout) {
  constexpr std::uint8_t kMost = 16;
  std::uint8_t count = 0;
  for (Duration end{}; end < time && count < kMost; ++count) {
    end += timeout;
    timeout *= 2;
  }
  return count;
}

// The peer has acknowledged our FIN, or never will.
bool has_drained(const tcp::Connection& connection) {
  const TcpState state = connection.state();
  return state == TcpState::fin_wait_2 || state == TcpState::time_wait || state == TcpState::closed;
}

// RFC 9293 3.9.2.1 (MUST-51, MUST-52): a route the user gave goes before one the peer came by.
const wire::OptionBytes& options_of(const Stream& stream) {
  return stream.options.ip_options.empty() ? stream.return_route : stream.options.ip_options;
}

}  // namespace

TcpLayer::TcpLayer(const NodeContext& context, tcp::Config defaults, network::Network& network)
    : context_(context),
      defaults_(std::move(defaults)),
      network_(network),
      ephemeral_(context.key) {}

TcpLayer::~TcpLayer() = default;

Stream& TcpLayer::stream(EndpointId id) {
  Stream* found = streams_.find(id);
  STRATA_ASSERT(found != nullptr);
  return *found;
}

const Stream& TcpLayer::stream(EndpointId id) const {
  const Stream* found = streams_.find(id);
  STRATA_ASSERT(found != nullptr);
  return *found;
}

EndpointId TcpLayer::open() {
  Stream& stream = streams_.emplace();
  stream.options.ttl = network_.config().default_ttl;
  stream.options.no_delay = !defaults_.nagle;
  stream.options.mtu_discovery =
      defaults_.path_mtu_discovery ? MtuDiscovery::want : MtuDiscovery::dont;
  stream.options.keep_alive = defaults_.keepalive.enabled;
  stream.options.keep_idle = defaults_.keepalive.idle;
  stream.options.keep_interval = defaults_.keepalive.interval;
  stream.options.keep_count = defaults_.keepalive.probes;
  if (defaults_.fast_open) {
    constexpr std::uint32_t kMost = 0xffff;
    stream.options.fast_open =
        static_cast<std::uint16_t>(std::min(defaults_.fast_open_pending_max, kMost));
    stream.options.fast_open_connect = true;
  }
  stream.options.keep_init = defaults_.handshake_timeout;
  stream.options.user_timeout = defaults_.user_timeout;
  stream.options.oob_inline = defaults_.oob_inline;
  stream.options.max_segment = defaults_.mss_max;
  stream.options.send_buffer_bytes = defaults_.send_buffer_bytes;
  stream.options.receive_buffer_bytes = defaults_.receive_buffer_bytes;
  stream.options.syn_count = defaults_.syn_retries_max;
  stream.options.fin_wait_2 = defaults_.fin_wait_2_timeout;
  return stream.id;
}

Result<void> TcpLayer::bind(EndpointId id, const Endpoint& local) {
  Stream& stream = this->stream(id);
  if (stream.bound.port != 0 || stream.connection != nullptr) {
    return unexpected(Errc::invalid_argument);
  }
  if (!local.address.is_unspecified() && !network_.is_local(local.address)) {
    return unexpected(Errc::address_not_available);
  }
  Endpoint bound = local;
  if (bound.port == 0) {
    const auto port = ephemeral_.choose(local.address, Endpoint{}, [&](std::uint16_t candidate) {
      return ports_.is_free({.address = local.address, .port = candidate});
    });
    if (!port) return unexpected(Errc::address_in_use);
    bound.port = *port;
  } else if (!ports_.can_bind(hold_for(local, stream.options))) {
    return unexpected(Errc::address_in_use);
  }
  stream.bound = bound;
  hold_port(stream, hold_for(bound, stream.options));
  return {};
}

Result<void> TcpLayer::listen(EndpointId id, int backlog, Instant now) {
  if (stream(id).connection != nullptr) return unexpected(Errc::invalid_argument);
  if (stream(id).listener != nullptr) {
    stream(id).listener->set_backlog(backlog);
    return {};
  }
  if (stream(id).bound.port == 0) {
    if (const auto bound = bind(id, Endpoint{}); !bound) return bound;
  }
  Stream& stream = this->stream(id);
  const Sharing sharing = stream.options.reuse_port ? Sharing::balanced : Sharing::none;
  if (!demux_.add_local(stream.bound, Slots<Stream>::index_of(id), sharing)) {
    return unexpected(Errc::address_in_use);
  }
  hold_port(stream, {.local = stream.bound, .reuses_port = stream.options.reuse_port});
  stream.listener =
      std::make_unique<Listener>(backlog, Listener::Limits{.half_open = defaults_.syn_backlog,
                                                           .cookies = defaults_.syn_cookies,
                                                           .fast_open = stream.options.fast_open});
  stream.reported = readiness_of(stream);
  context_.trace(now, [&] {
    return TcpStateChanged{.flow = {.local = stream.bound, .remote = {}},
                           .from = TcpState::closed,
                           .to = TcpState::listen,
                           .cause = "passive open"};
  });
  return {};
}

Result<EndpointId> TcpLayer::accept(EndpointId id) {
  Stream& stream = this->stream(id);
  if (stream.listener == nullptr) return unexpected(Errc::invalid_argument);
  const EndpointId child = stream.listener->take();
  stream.reported = readiness_of(stream);
  if (child == kNoEndpoint) return unexpected(Errc::would_block);
  Stream& accepted = this->stream(child);
  accepted.parent = kNoEndpoint;
  if (accepted.connection != nullptr) accepted.connection->on_accepted();
  return child;
}

Result<std::size_t> TcpLayer::send_fast_open(EndpointId id, const Endpoint& remote, Bytes data,
                                             Instant now) {
  Stream& stream = this->stream(id);
  const bool is_held = stream.connection != nullptr && stream.connection->fast_open().is_held;
  if (!is_held) {
    stream.options.fast_open_connect = true;
    if (const auto opened = connect(id, remote, now); !opened) return unexpected(opened.error());
  }
  const std::size_t fits =
      std::min<std::size_t>(data.size(), stream.connection->fast_open().text_max);
  if (fits > 0) return send(id, data.first(fits), {}, now);
  stream.connection->release_syn();
  settle(stream, now);
  return unexpected(Errc::in_progress);
}

void TcpLayer::push(EndpointId id, Instant now) {
  Stream& stream = this->stream(id);
  if (stream.connection == nullptr || stream.connection->state() == TcpState::closed) return;
  stream.connection->push_pending();
  settle(stream, now);
}

// connect() on a stream that has a connection: only one whose handshake failed may try again, after
// its error has been reported.
Result<void> TcpLayer::forget_failed_attempt(Stream& stream) {
  const TcpState state = stream.connection->state();
  // connect() has succeeded already where the SYN waits for text.
  if (stream.connection->fast_open().is_held) return unexpected(Errc::is_connected);
  if (is_handshaking(state)) return unexpected(Errc::already);
  if (state != TcpState::closed || stream.is_established) return unexpected(Errc::is_connected);
  const std::optional<Errc> error = stream.connection->take_error();
  stream.connection.reset();
  stream.reported = readiness_of(stream);
  if (error) return unexpected(*error);
  return {};
}

Result<std::size_t> TcpLayer::send(EndpointId id, Bytes data, SendHints hints, Instant now) {
  Stream& stream = this->stream(id);
  if (stream.connection == nullptr) return unexpected(Errc::not_connected);
  stream.connection->expect_more(hints.more);
  const Result<std::size_t> sent = hints.urgent ? stream.connection->send_urgent(data, now)
                                                : stream.connection->send(data, now, hints.keep);
  if (sent && hints.ends_record && *sent == data.size()) stream.connection->end_record();
  settle(stream, now);
  return sent;
}

Result<std::size_t> TcpLayer::receive(EndpointId id, MutableBytes into, bool peek, Instant now) {
  Stream& stream = this->stream(id);
  if (stream.connection == nullptr) return unexpected(Errc::not_connected);
  const bool holds_syn = stream.connection->fast_open().is_held;
  const Result<std::size_t> received = stream.connection->receive(into, peek, now);
  if (received && stream.connection->is_quiet()) {
    stream.reported = readiness_of(stream);  // it can only have fallen
    return received;
  }
  // A reader that found nothing has changed nothing, unless the SYN waited for what it would do.
  if (received || received.error() != Errc::would_block || holds_syn) settle(stream, now);
  return received;
}

Result<std::size_t> TcpLayer::receive_urgent(EndpointId id, MutableBytes into, bool peek) {
  Stream& stream = this->stream(id);
  if (stream.connection == nullptr) return unexpected(Errc::not_connected);
  const Result<std::uint8_t> octet = stream.connection->receive_urgent(peek || into.empty());
  if (!octet) return unexpected(octet.error());
  stream.reported = readiness_of(stream);
  if (into.empty()) return 0;
  into.front() = *octet;
  return 1;
}

Result<void> TcpLayer::shutdown(EndpointId id, bool read, bool write, Instant now) {
  Stream& stream = this->stream(id);
  if (stream.connection == nullptr || stream.connection->state() == TcpState::closed) {
    return unexpected(Errc::not_connected);
  }
  if (read) stream.connection->shutdown_receive(now);
  if (write) stream.connection->shutdown_send(now);
  settle(stream, now);
  return {};
}

void TcpLayer::start_linger(EndpointId id, Instant now) {
  Stream& stream = this->stream(id);
  if (stream.connection == nullptr) return;
  stream.is_lingering = true;
  stream.connection->close(tcp::Close::graceful, now);
  settle(stream, now);
}

bool TcpLayer::is_drained(EndpointId id) const {
  const Stream& stream = this->stream(id);
  return stream.connection == nullptr || has_drained(*stream.connection);
}

void TcpLayer::close(EndpointId id, tcp::Close how, Instant now) {
  Stream& stream = this->stream(id);
  stream.descriptor = -1;
  if (stream.listener != nullptr) {
    demux_.remove_local(stream.bound, Slots<Stream>::index_of(id));
    abort_children(id, now);
    context_.trace(now, [&] {
      return TcpStateChanged{.flow = {.local = stream.bound, .remote = {}},
                             .from = TcpState::listen,
                             .to = TcpState::closed,
                             .cause = "close"};
    });
  }
  if (stream.connection == nullptr) {
    destroy(stream);
    return;
  }
  stream.is_released = true;
  if (!stream.is_lingering || how == tcp::Close::abort) stream.connection->close(how, now);
  settle(stream, now);
}

// RFC 9293 leaves open what becomes of connections nobody accepted: they are reset, so that their
// peers learn of it.
void TcpLayer::abort_children(EndpointId parent, Instant now) {
  std::vector<EndpointId> children;
  streams_.for_each([&](const Stream& stream) {
    if (stream.parent == parent) children.push_back(stream.id);
  });
  for (const EndpointId id : children) {
    stream(id).parent = kNoEndpoint;
    close(id, tcp::Close::abort, now);
  }
}

template <typename Condition>
void TcpLayer::abort_where(Condition&& holds, Instant now) {
  std::vector<EndpointId> found;
  streams_.for_each([&](const Stream& stream) {
    const bool is_meant = stream.connection != nullptr && holds(stream.connection->state());
    if (is_meant) found.push_back(stream.id);
  });
  for (const EndpointId id : found) {
    stream(id).connection->close(tcp::Close::abort, now);
    settle(stream(id), now);
  }
}

void TcpLayer::drop_connections(TcpState state, Instant now) {
  abort_where([state](TcpState its) { return its == state; }, now);
}

void TcpLayer::abort_connections(Instant now) { abort_where(has_more_to_say, now); }

std::size_t TcpLayer::open_connections() const {
  std::size_t open = 0;
  streams_.for_each([&](const Stream& stream) {
    if (stream.connection != nullptr && has_more_to_say(stream.connection->state())) ++open;
  });
  return open;
}

std::optional<Errc> TcpLayer::take_error(EndpointId id) {
  Stream& stream = this->stream(id);
  if (stream.connection == nullptr) return std::nullopt;
  const std::optional<Errc> error = stream.connection->take_error();
  stream.reported = readiness_of(stream);
  return error;
}

tcp::Readiness TcpLayer::readiness(EndpointId id) const { return readiness_of(stream(id)); }

void TcpLayer::set_options(EndpointId id, const EndpointOptions& options, Instant now) {
  Stream& stream = this->stream(id);
  stream.options = options;
  if (stream.listener != nullptr) stream.listener->set_fast_open(options.fast_open);
  if (stream.port_hold && stream.listener == nullptr) {
    hold_port(stream, hold_for(stream.port_hold->local, options, stream.port_hold->is_bound));
  }
  if (stream.connection != nullptr && stream.connection->state() != TcpState::closed) {
    stream.connection->reconfigure(config_for(stream), now);
    settle(stream, now);
  }
}

void TcpLayer::set_defaults(const tcp::Config& defaults, Instant now) {
  defaults_ = defaults;
  streams_.for_each([&](Stream& stream) {
    if (stream.connection == nullptr || stream.connection->state() == TcpState::closed) return;
    stream.connection->reconfigure(config_for(stream), now);
  });
}

tcp::Info TcpLayer::info(EndpointId id) const {
  const Stream& stream = this->stream(id);
  if (stream.connection != nullptr) return stream.connection->info();
  tcp::Info info;
  info.state = stream.listener != nullptr ? TcpState::listen : TcpState::closed;
  return info;
}

tcp::Config TcpLayer::config_for(const Stream& stream) const {
  tcp::Config config = defaults_;
  config.send_buffer_bytes = stream.options.send_buffer_bytes;
  config.receive_buffer_bytes = stream.options.receive_buffer_bytes;
  // Linux: a buffer that the user has set is the largest there will be.
  const bool is_set = config.receive_buffer_bytes != defaults_.receive_buffer_bytes;
  if (is_set && config.persona.charges_for_segments) {
    config.persona.window_scale_bytes = config.receive_buffer_bytes;
  }
  if (config.send_buffer_bytes != defaults_.send_buffer_bytes) {
    config.persona.send_memory_most = 0;
    config.persona.send_buffer_step = 0;
  }
  config.mss_max = stream.options.max_segment;
  config.nagle = !stream.options.no_delay;
  config.no_options = stream.options.no_options;
  config.signature_key = stream.options.signature_key;
  config.keepalive = {.enabled = stream.options.keep_alive,
                      .idle = stream.options.keep_idle,
                      .interval = stream.options.keep_interval,
                      .probes = stream.options.keep_count};
  config.handshake_timeout = stream.options.keep_init;
  config.user_timeout = stream.options.user_timeout;
  if (config.persona.defers_in_handshake) {
    config.deferred_timeouts = timeouts_within(stream.options.defer_accept, config.rto_initial);
  }
  config.oob_inline = stream.options.oob_inline;
  config.cork = stream.options.cork;
  if (!stream.options.congestion.empty()) config.congestion_control = stream.options.congestion;
  if (stream.options.quick_ack) config.delayed_ack = Duration::zero();
  config.window_clamp = stream.options.window_clamp;
  config.pacing_rate_max = stream.options.pacing_rate_max;
  config.syn_retries_max = stream.options.syn_count;
  config.fin_wait_2_timeout = stream.options.fin_wait_2;
  if (stream.options.not_sent_low_water > 0) {
    config.not_sent_low_water = stream.options.not_sent_low_water;
  }
  return config;
}

// The text that fits into one datagram to `remote`.
std::uint16_t TcpLayer::mss_for(const Stream& stream, const IpAddress& remote) const {
  return mss_of(stream, network_.mtu_for(remote));
}

// RFC 9293 3.7.1 (MUST-67): what is announced depends on what this end can receive, not on what a
// router once said of the path to the other one.
std::uint16_t TcpLayer::announced_mss_for(const Stream& stream, const IpAddress& remote) const {
  const std::uint16_t mss = mss_of(stream, network_.interface_mtu_for(remote));
  return defaults_.advertised_mss_max == 0 ? mss : std::min(mss, defaults_.advertised_mss_max);
}

std::uint16_t TcpLayer::mss_of(const Stream& stream, std::uint16_t mtu) const {
  // RFC 9293 3.7.1 (MUST-67): IP options take their room from the segment.
  const auto headers = static_cast<std::uint16_t>(kHeaderBytes + options_of(stream).size());
  return static_cast<std::uint16_t>(mtu - std::min(mtu, headers));
}

void TcpLayer::start_connection(Stream& stream, const FlowKey& flow, Seq32 isn) {
  stream.connection =
      std::make_unique<tcp::Connection>(context_, flow, config_for(stream), isn,
                                        announced_mss_for(stream, flow.remote.address), &chunks_);
  stream.connection->start_with_path(mss_for(stream, flow.remote.address));
  stream.isn = isn;
  stream.mtu_changes = network_.mtu_changes();
  stream.is_routed = demux_.add_flow(flow, Slots<Stream>::index_of(stream.id));
  STRATA_ASSERT(stream.is_routed);  // the caller has looked
}

void TcpLayer::settle(Stream& stream, Instant now) {
  // RFC 9293 3.8.3 (MUST-20): at R1, negative advice to the network layer.
  if (stream.connection->take_path_doubt()) {
    network_.doubt_route(stream.connection->flow().remote.address);
  }
  drain(stream, now);
  const TcpState state = stream.connection->state();
  if (state == TcpState::closed) {
    detach(stream);
  } else {
    const bool is_open = !is_handshaking(state) || stream.connection->fast_open().is_accepted;
    const bool must_wait =
        is_open && !defaults_.persona.defers_in_handshake && is_deferred(stream, now);
    deadlines_.set(*stream.connection,
                   must_wait ? std::min(stream.connection->next_deadline(), stream.deferred_until)
                             : stream.connection->next_deadline());
    const bool is_usable = is_open && !must_wait;
    if (is_usable && !stream.is_established) {
      stream.is_established = true;
      tell_parent(stream, now);
    }
  }
  if (!is_handshaking(state)) note_fast_open(stream, now);
  if (state == TcpState::closed && !stream.is_established && stream.parent != kNoEndpoint) {
    this->stream(stream.parent).listener->on_child_failed();
    stream.is_released = true;
  }
  if (stream.is_released) {
    if (state == TcpState::closed) destroy(stream);
    return;
  }
  notify(stream, now);
}

// The MTU of an interface has changed: segments that leave through it fit again, those that are
// sent once more, too. How large they are to begin with is settled in the handshake.
void TcpLayer::follow_mtu(Stream& stream, Instant now) {
  if (is_handshaking(stream.connection->state())) return;
  stream.mtu_changes = network_.mtu_changes();
  stream.connection->on_interface_mtu(mss_for(stream, stream.connection->flow().remote.address),
                                      now);
}

void TcpLayer::drain(Stream& stream, Instant now) {
  if (stream.mtu_changes != network_.mtu_changes()) [[unlikely]]
    follow_mtu(stream, now);
  std::optional<Packet> segment = stream.connection->poll_segment(now);
  if (!segment) return;
  const FlowKey& flow = stream.connection->flow();
  if (stream.connection->is_path_narrowed()) [[unlikely]] {
    stream.connection->on_path_mtu_expired(mss_for(stream, flow.remote.address), now);
  }
  network::SendOptions options = send_options(stream.options, flow.local.address);
  options.options = options_of(stream);
  // A segment that is too large all the same (the path is narrower than the least MSS, or another
  // connection found out) is fragmented by this host: the alternative is a black hole.
  options.dont_fragment = false;
  options.dont_fragment_if_fits = stream.options.mtu_discovery != MtuDiscovery::dont;
  for (; segment; segment = stream.connection->poll_segment(now)) {
    // RFC 3168 6.1: TCP alone says which segments are ECN-capable, whatever IP_TOS holds.
    options.ecn = stream.connection->ecn_codepoint();
    // What cannot be sent now is lost, as on a link: TCP will repeat it, or give up in time.
    static_cast<void>(
        network_.send(std::move(*segment), IpProtocol::tcp, flow.remote.address, options, now));
  }
}

// The handshake is over, one way or the other: what Fast Open has learned from it.
void TcpLayer::note_fast_open(Stream& stream, Instant now) {
  if (stream.is_fast_open_pending) {
    stream.is_fast_open_pending = false;
    Stream* listener = streams_.find(stream.fast_open_parent);
    if (listener != nullptr) listener->listener->on_fast_open_ended();
  }
  const tcp::FastOpen& fast_open = stream.connection->fast_open();
  if (fast_open.is_accepted) return;  // we are the server
  if (stream.is_fast_open_noted || (!fast_open.option && fast_open.text_sent == 0)) return;
  stream.is_fast_open_noted = true;
  const IpAddress& server = stream.connection->flow().remote.address;
  if (fast_open.option && fast_open.granted && !fast_open.granted->empty()) {
    fast_open_cache_.put(server, *fast_open.granted, stream.connection->peer_mss());
  } else if (fast_open.text_was_taken) {
    // It did not say anything new, but for its MSS.
    fast_open_cache_.put(server, fast_open.option.value_or(tcp::FastOpenCookie{}),
                         stream.connection->peer_mss());
  } else if (fast_open.text_was_refused && defaults_.persona.fast_open_gives_up) {
    fast_open_cache_.disable(server, now);
  } else if (fast_open.text_was_refused && fast_open.text_sent > 0) {
    // RFC 7413 4.1.3: a path or server that does not take it; the next connection asks anew.
    fast_open_cache_.put(server, tcp::FastOpenCookie{}, 0);
  } else if (defaults_.persona.fast_open_tries_experiment && fast_open.request_was_ignored) {
    fast_open_cache_.on_request_ignored(server, fast_open.option->is_experimental,
                                        stream.connection->peer_mss());
  }
}

void TcpLayer::tell_parent(Stream& stream, Instant now) {
  if (stream.parent == kNoEndpoint) return;
  Stream& parent = this->stream(stream.parent);
  parent.listener->on_child_established(stream.id);
  notify(parent, now);
}

void TcpLayer::notify(Stream& stream, Instant now) {
  const tcp::Readiness before = std::exchange(stream.reported, readiness_of(stream));
  const bool has_lingered = stream.is_lingering && has_drained(*stream.connection);
  // RFC 9293 3.8.5 (MUST-32): each advance of the urgent pointer is news.
  const bool is_urgent = stream.connection != nullptr && stream.connection->take_urgent_notice();
  if (listener_ != nullptr && (has_lingered || is_urgent || has_risen(before, stream.reported))) {
    listener_->on_readiness(stream.id, now);
  }
}

// The connection is over: its 4-tuple and port are free for others. A user may still read from it.
void TcpLayer::detach(Stream& stream) {
  if (!stream.is_routed) return;
  stream.is_routed = false;
  deadlines_.remove(*stream.connection);
  demux_.remove_flow(stream.connection->flow());
  if (stream.bound.port == 0) release_port(stream);
}

void TcpLayer::destroy(Stream& stream) {
  release_port(stream);
  streams_.erase(stream.id);
}

void TcpLayer::hold_port(Stream& stream, const PortHold& hold) {
  release_port(stream);
  ports_.hold(hold);
  stream.port_hold = hold;
}

void TcpLayer::release_port(Stream& stream) {
  if (!stream.port_hold) return;
  ports_.release(*stream.port_hold);
  stream.port_hold.reset();
}

}  // namespace strata::transport
