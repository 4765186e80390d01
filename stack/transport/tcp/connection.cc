// SPDX-License-Identifier: MIT
// Construction, the user's calls (RFC 9293 3.9.1, 3.10.1 to 3.10.6) and what can be asked.
#include "stack/transport/tcp/connection.h"

#include <algorithm>

#include "stack/base/assert.h"

namespace strata::tcp {
namespace {

namespace flag = wire::tcp_flag;

constexpr Duration kDelayedAckMax{499ms};  // RFC 9293 3.8.6.3 (MUST-40): less than 0.5 s

// An unknown name is the configuration's error and has been reported there.
std::unique_ptr<CongestionControl> congestion_control_or_default(std::string_view name) {
  std::unique_ptr<CongestionControl> control = make_congestion_control(name);
  return control != nullptr ? std::move(control) : make_newreno();
}

// DCTCP cannot do without.
EcnUse ecn_use(EcnUse configured, bool is_needed) {
  const bool is_asked_for = configured == EcnUse::on || configured == EcnUse::accurate;
  return is_needed && !is_asked_for ? EcnUse::on : configured;
}

}  // namespace

Connection::Connection(const NodeContext& context, const FlowKey& flow, const Config& config,
                       Seq32 isn, std::uint16_t mss_local, ChunkPool* chunks)
    : context_(&context),
      flow_(flow),
      config_(config),
      offer_(make_offer(config, mss_local)),
      send_buffer_(config.send_buffer_bytes, chunks),
      receive_buffer_(config.receive_buffer_bytes, chunks),
      rtt_(config),
      control_(congestion_control_or_default(config.congestion_control)),
      recovery_({.config = config_,
                 .control = control_,
                 .snd = snd_,
                 .rtt = rtt_,
                 .window = window_,
                 .queue = queue_}),
      validator_(config.window_validation, config.persona.growth_by_usage),
      ecn_(ecn_use(config.ecn, control_->traits.exact_ecn), control_->traits.exact_ecn,
           config.persona.ecn),
      tuning_(config.receive_buffer_bytes, config.receive_buffer_max_bytes),
      keepalive_(config.keepalive) {
  snd_.iss = isn;
  quick_acks_left_ = config_.persona.quick_acks;
  if (config_.persona.charges_for_blocks) {
    send_memory_ = std::make_unique<SendMemory>();
    send_buffer_.set_limit(SendMemory::kTextMost);
  }
  if (config_.persona.charges_for_segments) {
    receive_memory_ =
        std::make_unique<ReceiveMemory>(2 * std::uint64_t{config_.receive_buffer_bytes});
  }
  offer_.window_shift =
      std::max(offer_.window_shift, window_shift_for(config_.persona.window_scale_bytes));
  if (config_.window_clamp > 0) {
    offer_.window_shift = std::min(offer_.window_shift, window_shift_for(config_.window_clamp));
  }
  config_.delayed_ack = std::min(config_.delayed_ack, kDelayedAckMax);
  terms_.smss = std::min<std::uint32_t>(kDefaultMss, offer_.mss);
  window_.smss = terms_.smss;
  window_.cwnd = terms_.smss;
  window_.abc_limit = config_.abc_limit;
  window_.of_freebsd = config_.persona.slow_start_of_freebsd;
  window_.fast_convergence = config_.fast_convergence;
  window_.of_linux = config_.persona.counts_segments;
  watch_rates();
}

Connection::~Connection() = default;

void Connection::open_active(Instant now) {
  STRATA_ASSERT(state_ == TcpState::closed && snd_.nxt == 0);
  opened_actively_ = true;
  set_state(TcpState::syn_sent, "active open", now);
  report_variables("active open", now);
}

Result<std::size_t> Connection::send(Bytes data, Instant now, Keep keep) {
  if (error_) return unexpected(*take_error());
  if (fin_queued_ || user_gone_) return unexpected(Errc::broken_pipe);
  if (state_ == TcpState::closed) {
    return unexpected(snd_.nxt == 0 ? Errc::not_connected : Errc::broken_pipe);
  }
  because_of_ = kNoPacket;
  if (!data.empty() && config_.not_sent_low_water > 0 &&
      unsent_octets() >= config_.not_sent_low_water) {
    return unexpected(Errc::would_block);
  }
  const std::uint64_t offset = send_buffer_.end();
  const std::size_t accepted = send_buffer_.append(data.first(take_room(data.size())), keep);
  if (accepted == 0 && !data.empty()) return unexpected(Errc::would_block);
  if (accepted > 0) {
    fast_open_.is_held = false;
    context_->trace(now, [&] {
      return StreamWritten{
          .flow = flow_, .offset = offset, .length = static_cast<std::uint32_t>(accepted)};
    });
  }
  if (!more_coming_) pushed_ = send_buffer_.end();
  report_variables("send", now);
  return accepted;
}

Result<std::size_t> Connection::receive(MutableBytes into, bool peek, Instant now) {
  // Who reads first has nothing to send along.
  if (config_.persona.read_releases_syn) fast_open_.is_held = false;
  if (is_open_to_user() || state_ == TcpState::closed) {
    const std::uint64_t offset = receive_buffer_.read_offset();
    const std::size_t count = read_text(into, peek);
    if (count > 0) {
      because_of_ = kNoPacket;
      if (!peek) {
        context_->trace(now, [&] {
          return StreamRead{
              .flow = flow_, .offset = offset, .length = static_cast<std::uint32_t>(count)};
        });
        posted_ = 0;
        tune_receive_buffer(now);
        if (is_receive_buffer_set_) shrink_receive_buffer();
        update_window_after_read();
      }
      report_variables("receive", now);
      return count;
    }
  }
  if (error_) return unexpected(*take_error());
  if (peer_fin_received_ || receive_shut_) return std::size_t{0};
  if (state_ == TcpState::closed) {
    if (snd_.nxt == 0) return unexpected(Errc::not_connected);
    return std::size_t{0};
  }
  if (into.empty() && receive_buffer_.readable() > 0) return std::size_t{0};
  posted_ = peek ? 0 : into.size();
  return unexpected(Errc::would_block);
}

// RFC 9293 3.10.4: the FIN follows what is queued.
void Connection::queue_fin(Instant now) {
  if (fin_queued_) return;
  fast_open_.is_held = false;
  switch (state_) {
    case TcpState::syn_sent:
      fin_queued_ = true;
      break;
    case TcpState::syn_received:
      // With text queued the FIN waits for ESTABLISHED; without, it may go at once.
      fin_queued_ = true;
      if (send_buffer_.size() == 0) set_state(TcpState::fin_wait_1, "close", now);
      break;
    case TcpState::established:
      fin_queued_ = true;
      set_state(TcpState::fin_wait_1, "close", now);
      break;
    case TcpState::close_wait:
      fin_queued_ = true;
      set_state(TcpState::last_ack, "close", now);
      break;
    case TcpState::closed:
    case TcpState::listen:
    case TcpState::fin_wait_1:
    case TcpState::fin_wait_2:
    case TcpState::closing:
    case TcpState::last_ack:
    case TcpState::time_wait:
      break;
  }
}

void Connection::shutdown_send(Instant now) {
  because_of_ = kNoPacket;
  queue_fin(now);
  report_variables("shutdown", now);
}

void Connection::shutdown_receive(Instant now) {
  receive_shut_ = true;
  discard_unwanted();
  update_window_after_read();
  report_variables("shutdown", now);
}

// The user has said that it reads no more.
void Connection::discard_unwanted() {
  if (receive_shut_ && !config_.persona.reads_after_shutdown) receive_buffer_.discard_readable();
}

void Connection::close(Close how, Instant now) {
  because_of_ = kNoPacket;
  const bool unread = receive_buffer_.readable() > 0 && config_.persona.close_resets_unread;
  user_gone_ = true;
  error_.reset();
  receive_buffer_.discard_readable();
  if (state_ == TcpState::closed) return;
  const bool is_half_open = state_ == TcpState::syn_received && !fast_open_.is_accepted;
  if (state_ == TcpState::syn_sent || (is_half_open && config_.persona.forgets_half_open &&
                                       !opened_actively_ && how == Close::abort)) {
    enter_closed("close", now);
  } else if (how == Close::abort || unread) {
    // RFC 9293 3.10.5; unread text: SHLD-3, RFC 2525 2.17. After both FINs there is nobody to tell.
    const bool both_closed = state_ == TcpState::closing || state_ == TcpState::last_ack ||
                             state_ == TcpState::time_wait;
    if (!both_closed) reset_peer();
    if (how == Close::abort || !both_closed) enter_closed(unread ? "close" : "abort", now);
  } else {
    queue_fin(now);
    if (state_ == TcpState::fin_wait_2 && config_.fin_wait_2_timeout > Duration{}) {
      set_timer(Timer::fin_wait_2, after(now, config_.fin_wait_2_timeout), now);
    }
  }
  report_variables("close", now);
}

std::optional<Errc> Connection::take_error() { return std::exchange(error_, std::nullopt); }

const FlowKey& Connection::flow() const { return flow_; }

TcpState Connection::state() const { return state_; }

Readiness Connection::readiness() const {
  Readiness ready;
  const bool closed = state_ == TcpState::closed;
  const bool end_of_stream = peer_fin_received_ || receive_shut_ || closed;
  ready.error = error_.has_value();
  ready.readable =
      (is_open_to_user() && receive_buffer_.readable() > 0) || end_of_stream || ready.error;
  ready.writable = closed || ready.error || fin_queued_ ||
                   ((is_open_to_user() || fast_open_.is_held) && has_send_room());
  ready.hangup = closed || (end_of_stream && fin_queued_);
  ready.peer_closed = end_of_stream;
  ready.urgent = is_urgent_pending();
  return ready;
}

bool Connection::may_answer_later() const {
  return state_ == TcpState::established && !peer_fin_ && receive_buffer_.ranges().empty() &&
         !sack_report_.is_due({}) && !pending_reset_ && !early_ack_ && !challenging_ &&
         queue_.empty() && !has_unsent();
}

bool Connection::is_finished() const {
  if (state_ != TcpState::closed || pending_reset_) return false;
  return user_gone_ || (!error_ && receive_buffer_.readable() == 0);
}

void Connection::reconfigure(const Config& config, Instant now) {
  because_of_ = kNoPacket;
  if (config.congestion_control != config_.congestion_control) {
    control_ = congestion_control_or_default(config.congestion_control);
    watch_rates();
    if (is_synchronised()) control_->on_start(window_, now, rtt_.srtt());
  }
  if (config.keepalive != config_.keepalive) set_keepalive(config.keepalive, now);
  const bool resizes = config.receive_buffer_bytes != config_.receive_buffer_bytes;
  config_ = config;
  ecn_.set_habits(config_.persona.ecn);
  if (resizes) {
    is_receive_buffer_set_ = true;
    tuning_ = ReceiveTuning(config_.receive_buffer_bytes, 0);
    shrink_receive_buffer();
    if (is_synchronised()) update_window_after_read();
  }
  send_buffer_.set_limit(send_memory_ != nullptr ? SendMemory::kTextMost
                                                 : whole_segments(config_.send_buffer_bytes));
  config_.delayed_ack = std::min(config_.delayed_ack, kDelayedAckMax);
  if (config_.delayed_ack == Duration::zero() && timers_.is_armed(Timer::delayed_ack)) {
    ack_now_ = true;
  }
  report_variables("option", now);
}

void Connection::end_record() {
  constexpr std::size_t kRecordsMax = 4096;  // beyond, they run together
  const std::uint64_t end = send_buffer_.end() + 1;
  if (end <= snd_.nxt || record_ends_.size() >= kRecordsMax) return;
  if (record_ends_.empty() || record_ends_.back() < end) record_ends_.push_back(end);
}

// Linux, tcp_sendmsg_locked().
std::size_t Connection::take_room(std::size_t offered) {
  if (send_memory_ == nullptr) {
    if (config_.persona.send_buffer_step > 0) grow_send_buffer(offered);
    return offered;  // the buffer itself has a limit
  }
  const std::uint64_t smss = std::max(terms_.smss, 1U);
  const std::uint64_t sent = std::clamp<std::uint64_t>(snd_.nxt, 1, send_buffer_.end() + 1) - 1;
  send_memory_->on_sent(sent);
  if (send_memory_->grown() == 0 && is_synchronised()) grow_send_memory();
  return static_cast<std::size_t>(
      send_memory_->take(offered, {.limit = send_limit(),
                                   .mss = smss,
                                   .cwnd = window_.cwnd / smss,
                                   .flight = (recovery_.in_flight() + smss - 1) / smss,
                                   .window = is_synchronised() ? snd_.usable() : 0,
                                   .window_most = snd_.max_wnd,
                                   .burst = burst_segments(),
                                   .unsent_most = config_.not_sent_low_water,
                                   .pushes = !more_coming_}));
}

// FreeBSD, tcp_sbuf_autosize(): the kernel hands text over as it fits and sends what it can before
// the rest; each time the buffer is full, it grows if what has not left then could.
void Connection::grow_send_buffer(std::size_t offered) {
  if (!is_synchronised()) return;
  const std::uint64_t window = std::min<std::uint64_t>(window_.cwnd, snd_.wnd);
  const std::uint64_t wanted = send_buffer_.size() + offered;
  const std::uint64_t flight = snd_.nxt - snd_.una;
  std::uint64_t left = flight;  // of the buffer
  std::uint64_t limit = send_buffer_.limit();
  while (limit < wanted && limit < config_.persona.send_buffer_most) {
    if (snd_.wnd / 4 * 5 < limit || limit - std::min(limit, left) > window) break;
    left = std::max(left, std::min(limit, window));
    limit = std::min<std::uint64_t>(limit + config_.persona.send_buffer_step,
                                    config_.persona.send_buffer_most);
  }
  send_buffer_.set_limit(limit);
}

std::uint64_t Connection::send_limit() const {
  return config_.persona.send_memory_most == 0
             ? config_.send_buffer_bytes
             : std::max<std::uint64_t>(config_.send_buffer_bytes, send_memory_->grown());
}

void Connection::grow_send_memory() {
  constexpr std::uint32_t kSegmentsLeast = 10;  // TCP_INIT_CWND
  const std::uint32_t smss = std::max(terms_.smss, 1U);
  send_memory_->grow(std::max(window_.cwnd / smss, kSegmentsLeast), smss,
                     config_.persona.send_memory_most);
}

// What leaves next goes to the card as one, so far (Linux, tcp_write_xmit()).
std::uint64_t Connection::next_burst_octets() const {
  const std::uint64_t smss = std::max(terms_.smss, 1U);
  const std::uint64_t cwnd = window_.cwnd / smss;
  const std::uint64_t flight = (recovery_.in_flight() + smss - 1) / smss;
  const std::uint64_t segments = std::min(
      {std::max<std::uint64_t>(cwnd / 2, 1), cwnd - std::min(cwnd, flight), burst_segments()});
  const std::uint64_t block = send_memory_->block_end(snd_.nxt - 1) - (snd_.nxt - 1);
  return std::min(segments * smss, block);
}

// Linux, tcp_check_space(): after an ACK and after each burst that left, a writer that waits is
// given more memory unless the window is full; and it learns of room.
void Connection::find_send_space() {
  if (recovery_.in_flight() + terms_.smss <= window_.cwnd) grow_send_memory();
  if (has_send_room()) send_memory_->on_space_told();
}

// What a card is given at once: a millisecond's worth at twice the rate of the window (1.2 times
// past slow start), more the shorter the path is (Linux, tcp_tso_autosize()).
std::uint64_t Connection::burst_segments() const {
  const std::uint64_t smss = std::max(terms_.smss, 1U);
  const std::uint64_t least = config_.persona.burst_segments_min;
  const auto rtt = static_cast<std::uint64_t>(rtt_.srtt() / std::chrono::microseconds{1});
  if (rtt == 0) return SendMemory::kBlockMost / smss;
  const std::uint64_t gain = window_.cwnd < window_.ssthresh / 2 ? 200 : 120;  // percent
  constexpr std::uint64_t kMicroseconds = 1'000'000;
  std::uint64_t octets = (window_.cwnd * gain / 100 * kMicroseconds / rtt) >> 10;
  const auto shift = static_cast<std::uint64_t>(rtt_.min_rtt() / std::chrono::microseconds{1}) >> 9;
  if (config_.pacing_rate_max > 0) octets = std::min(octets, config_.pacing_rate_max >> 10);
  if (shift < 16) octets += SendMemory::kBlockMost >> shift;
  return std::max(std::min(octets, SendMemory::kBlockMost) / smss, least);
}

// A quarter of the buffer free, so that a writer is not woken for every ACK; with a small buffer a
// segment, or the window would not be used; with a large one no more than a writer hands over at
// once: what it writes after a long time leaves as one burst.
bool Connection::has_send_room() const {
  const std::uint32_t low_water = config_.not_sent_low_water;
  if (send_memory_ != nullptr) {
    return send_memory_->has_room(send_limit(), unsent_octets(), low_water);
  }
  constexpr std::size_t kSmallBuffer = 64 * 1024;
  constexpr std::size_t kRoomMost = 256 * 1024;
  const std::size_t quarter = std::min((send_buffer_.limit() + 3) / 4, kRoomMost);
  const std::size_t enough = send_buffer_.limit() < kSmallBuffer
                                 ? std::min<std::size_t>(quarter, std::max(terms_.smss, 1U))
                                 : quarter;
  return send_buffer_.room() > 0 && send_buffer_.room() >= enough &&
         (low_water == 0 || unsent_octets() < low_water);
}

std::size_t Connection::unsent_octets() const {
  return static_cast<std::size_t>(send_buffer_.end() + 1 -
                                  std::clamp<std::uint64_t>(snd_.nxt, 1, send_buffer_.end() + 1));
}

std::uint64_t Connection::stream_offset_sent(std::uint64_t absolute) const {
  return absolute == 0 ? 0 : std::min(absolute - 1, send_buffer_.end());
}

std::uint64_t Connection::stream_offset_received() const { return receive_buffer_.next(); }

std::size_t Connection::footprint_bytes() const {
  return send_buffer_.footprint_bytes() + receive_buffer_.footprint_bytes() +
         (receive_memory_ != nullptr ? receive_memory_->footprint_bytes() : 0) +
         queue_.footprint_bytes() + (rates_ != nullptr ? rates_->footprint_bytes() : 0) +
         (reported_ != nullptr ? sizeof(*reported_) : 0);
}

void Connection::check_invariants() const {
  STRATA_ASSERT(snd_.una <= snd_.nxt && snd_.nxt <= snd_.max && snd_.max <= snd_.nxt + 1);
  STRATA_ASSERT(queue_.lost_octets() <= snd_.nxt - snd_.una);
  STRATA_ASSERT(rcv_.nxt <= std::max<std::uint64_t>(rcv_.edge, 1));
  STRATA_ASSERT(window_.cwnd >= window_.smss && window_.smss > 0);
  if (state_ == TcpState::closed) {
    STRATA_ASSERT(!timers_.is_any_armed() && queue_.empty());
    return;
  }
  STRATA_ASSERT(queue_.empty() == (snd_.una == snd_.nxt));
  STRATA_ASSERT(queue_.empty() || queue_.front().begin == snd_.una);
  STRATA_ASSERT(!is_synchronised() ||
                send_buffer_.begin() == std::min(snd_.una - 1, send_buffer_.end()));
  STRATA_ASSERT(!timers_.is_any_armed() || timers_.wake_up() != kNever);
  STRATA_ASSERT(!pending_reset_ && !early_ack_ && !ack_now_ && !probe_now_ && !keepalive_now_ &&
                !tail_probe_now_);  // poll_segment() has been emptied
  // Whatever waits for an ACK or for room has a timer that will stir it.
  const bool stirred = timers_.is_armed(Timer::retransmission) ||
                       timers_.is_armed(Timer::persist) || timers_.is_armed(Timer::pacing);
  STRATA_ASSERT(queue_.empty() || stirred);
  STRATA_ASSERT(!is_synchronised() || !has_unsent() || stirred);
  STRATA_ASSERT(unacked_octets_ == 0 || timers_.is_armed(Timer::delayed_ack));
  STRATA_ASSERT(state_ != TcpState::time_wait || timers_.is_armed(Timer::time_wait));
}

}  // namespace strata::tcp
