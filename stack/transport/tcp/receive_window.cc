// SPDX-License-Identifier: MIT
// The receive window: what lies in it, what the header announces, and how it follows the room in
// the receive buffer. How large a step is worth an announcement is in announced_window.h.
#include <algorithm>
#include <utility>

#include "stack/transport/tcp/connection.h"

namespace strata::tcp {
namespace {

constexpr std::uint64_t kIpv4HeaderBytes = 20;
// A buffer for fewer segments counts on a reader that waits.
constexpr std::uint64_t kFewSegments = 16;

}  // namespace

// What has been read is free.
ReceiveMemory* Connection::receive_memory() {
  if (receive_memory_ != nullptr) receive_memory_->release(receive_buffer_.read_offset() + 1);
  return receive_memory_.get();
}

std::uint64_t Connection::receive_limit() const {
  return receive_memory_ != nullptr ? receive_memory_->full_space() : receive_buffer_.limit();
}

std::uint64_t Connection::receive_room() {
  const ReceiveMemory* memory = receive_memory();
  return memory != nullptr ? memory->room() : receive_buffer_.room();
}

// The right edge of the receive window: the highest ever announced.
std::uint64_t Connection::right_edge() const {
  const std::uint64_t announced = std::max(rcv_.edge, rcv_.nxt);
  // What a listener holds of a handshake has no buffer yet.
  const bool is_embryonic = state_ == TcpState::syn_received && !opened_actively_;
  if (!config_.persona.whole_segment_buffer || is_embryonic) return announced;
  return std::max(announced, rcv_.nxt + receive_buffer_.room());
}

bool Connection::is_refused_overrun(const Arrival& segment) const {
  if (!config_.persona.takes_overrun_whole || segment.text.empty() || !is_synchronised())
    return false;
  const std::int64_t end = segment.seq + segment.sequence_length();
  return end > static_cast<std::int64_t>(right_edge()) && receive_buffer_.readable() > 0;
}

// Is there no memory for the text of a segment that lies in the window? (Linux, tcp_data_queue():
// nothing is taken at a zero window or beyond the one that is offered now; and once the memory is
// overdrawn, only what a waiting reader gets at once.)
bool Connection::is_beyond_memory(const Arrival& segment) {
  ReceiveMemory* memory = receive_memory();
  if (memory == nullptr || segment.text.empty() || !is_synchronised()) return false;
  const bool is_next = segment.text_begin == rcv_.nxt;
  const bool is_awaited = is_next && receive_buffer_.readable() == 0;
  if (memory->edge <= std::max(rcv_.nxt, segment.text_begin)) {
    // What lies above a gap may be what fills the memory. It is given up, as RFC 2018 8 allows, and
    // the text that was missed taken (Linux, tcp_prune_ofo_queue()).
    if (!is_awaited || receive_buffer_.ranges().empty()) return true;
    receive_buffer_.truncate(receive_buffer_.next());
    memory->give_up_above(rcv_.nxt);
    return false;
  }
  const bool is_refused = memory->is_overdrawn() && !is_awaited;
  if (is_refused && is_next) {
    memory->is_exhausted = true;
    opening_.begin(std::min<std::uint64_t>(opening_.earned(), 2U * offer_.mss));  // to earn again
  }
  return is_refused;
}

// Text of `octets` is in the buffer now.
void Connection::charge_for(const Arrival& segment, std::uint64_t octets) {
  ReceiveMemory* memory = receive_memory();
  if (memory == nullptr) return;
  memory->on_kept(segment.text_begin + octets, octets,
                  kIpv4HeaderBytes + segment.header.header_bytes());
  if (octets > memory->limit()) memory->is_exhausted = ack_now_ = true;
  if (segment.text_begin > rcv_.nxt) grow_for_gap(segment.text_begin + octets);
}

// Text lies above a gap, which its user cannot read before the gap is closed: that is no reason to
// hold the sender up. Two windows as they were at first, and what lies above, fit (Linux,
// tcp_rcvbuf_grow()).
void Connection::grow_for_gap(std::uint64_t end) {
  if (is_receive_buffer_set_ || (!is_accepted_ && !opened_actively_)) return;
  constexpr std::uint64_t kFirst = 10;  // TCP_INIT_CWND
  const std::uint64_t window = 2 * kFirst * offer_.mss + (end - rcv_.nxt);
  const std::uint64_t most = 2 * std::uint64_t{config_.persona.window_scale_bytes};
  const std::uint64_t octets = std::min(receive_memory_->needed_for(window), most);
  if (octets <= receive_memory_->limit()) return;
  receive_memory_->set_limit(octets);
  receive_buffer_.grow_to(octets / 2);
}

// How long the segments of the peer are. What is longer than its own MSS, which its MTU gives (RFC
// 9293 3.7.1), was joined on its way (by the card: GRO), which may know how long the parts were.
void Connection::measure_segment(const Arrival& segment) {
  auto size = static_cast<std::uint32_t>(segment.text.size());
  if (config_.joined_segment > 0) {
    size = std::min<std::uint32_t>(size, config_.joined_segment);
  } else if (receive_memory_ != nullptr && size > path_mtu_.agreed()) {
    size = std::min<std::uint32_t>(offer_.mss, path_mtu_.agreed());
  }
  const std::uint32_t before = std::max<std::uint32_t>(peer_segment_estimate_, kDefaultMss);
  peer_segment_estimate_ = std::max(peer_segment_estimate_, size);
  // Linux, tcp_measure_rcv_mss().
  if (receive_memory_ != nullptr && size > before) {
    receive_memory_->measure(segment.text.size(), kIpv4HeaderBytes + segment.header.header_bytes());
  }
}

// Linux acknowledges more than a segment at once unless the window would get smaller by it; and
// once half of the memory is used, ACKs are not quick any more (__tcp_select_window()).
bool Connection::is_window_worth_telling() {
  const ReceiveMemory* memory = receive_memory();
  if (memory == nullptr) return true;
  if (2 * receive_room() < receive_limit()) quick_acks_left_ = 0;
  const std::uint64_t unit = std::uint64_t{1} << rcv_.shift;
  return next_window(rcv_.nxt, unit, receive_room(), buffer_edge()) >= memory->edge - rcv_.told;
}

// The user has read: does the window hold it back?
void Connection::tune_receive_buffer(Instant now) {
  const std::uint32_t segment = std::max<std::uint32_t>(peer_segment_estimate_, kDefaultMss);
  if (tuning_.on_read(receive_buffer_.read_offset(), segment, now)) {
    receive_buffer_.grow_to(tuning_.limit());
    if (receive_memory_ != nullptr) receive_memory_->set_limit(2 * tuning_.limit());
  }
}

// RFC 7323 2.4: the edge that was announced stays; as its text is read, the buffer gets to the size
// that its user wants.
void Connection::shrink_receive_buffer() {
  const std::uint64_t edge = std::max(rcv_.edge, rcv_.nxt);
  receive_buffer_.resize(config_.receive_buffer_bytes, edge == 0 ? 0 : edge - 1);
  if (receive_memory_ != nullptr) {
    receive_memory_->set_limit(2 * std::uint64_t{config_.receive_buffer_bytes});
  }
  round_buffers();
}

// The window of a SYN, which is never scaled (RFC 7323 2.2).
std::uint16_t Connection::first_window() const {
  std::size_t window = std::min<std::size_t>(receive_buffer_.limit(), window_most());
  const bool has_stamps = state_ == TcpState::syn_received && terms_.timestamps;
  const std::size_t segment = offer_.mss - (has_stamps ? kTimestampsBytes : 0U);
  if (config_.persona.whole_segments_first && window > segment) window -= window % segment;
  return static_cast<std::uint16_t>(
      std::min<std::size_t>(window, config_.persona.first_window_most));
}

// TCP_WINDOW_CLAMP; Linux lets two small segments in, whatever it says.
std::uint64_t Connection::window_most() const {
  constexpr std::uint32_t kLeast = 1152;  // SOCK_MIN_RCVBUF / 2
  return config_.window_clamp == 0 ? UINT64_MAX : std::max(config_.window_clamp, kLeast);
}

// The window to put into the header beside the acknowledgement of everything below `ack`, and with
// it the new right edge. It never moves left (RFC 7323 2.4), nor through rounding: a window that is
// no multiple of the scale's unit is rounded up where it would (or always, if that is the persona),
// as long as the octets so promised beyond the buffer stay below an eighth of it.
std::uint16_t Connection::window_field(bool scaled, std::uint64_t ack) {
  if (state_ == TcpState::syn_sent) {
    return first_window();
  }
  const std::uint8_t shift = scaled ? rcv_.shift : std::uint8_t{0};
  if (!scaled && state_ == TcpState::syn_received && config_.persona.whole_segments_first) {
    offer_up_to(ack + first_window());
    return first_window();
  }
  if (state_ == TcpState::time_wait && config_.persona.time_wait_keeps_edge) {
    return static_cast<std::uint16_t>(std::min<std::uint64_t>((rcv_.edge - ack) >> shift, 0xffff));
  }
  ReceiveMemory* memory = receive_memory();
  if (memory != nullptr && std::exchange(memory->is_exhausted, false)) {
    memory->edge = ack;
    return 0;
  }
  std::uint64_t field = window_units(ack, shift, receive_room(), buffer_edge());
  rcv_.solid_edge = std::max(rcv_.solid_edge, ack + (field << shift));
  if (memory == nullptr && (reader_room() > 0 || rcv_.edge > rcv_.solid_edge)) {
    field = std::max(field, window_units(ack, shift, receive_room() + reader_room(), rcv_.edge));
  }
  rcv_.edge = std::max(rcv_.edge, ack + (field << shift));
  if (memory != nullptr) memory->edge = ack + (field << shift);
  return static_cast<std::uint16_t>(field);
}

// The same for `room` beyond RCV.NXT, when everything below `edge` was promised before.
std::uint64_t Connection::window_units(std::uint64_t ack, std::uint8_t shift, std::uint64_t room,
                                       std::uint64_t edge) {
  const std::uint64_t unit = std::uint64_t{1} << shift;
  const std::uint64_t window = next_window(ack, unit, room, edge);
  std::uint64_t units = window >> shift;
  const bool is_cut = config_.persona.rounds_window_up && units << shift < window;
  if (receive_memory_ == nullptr && (is_cut || ack + (units << shift) < edge) &&
      ack + ((units + 1) << shift) <= rcv_.nxt + room + std::max(unit, receive_limit() / 8)) {
    ++units;
  }
  return std::min<std::uint64_t>(units, 0xffff);
}

void Connection::offer_up_to(std::uint64_t edge) {
  rcv_.edge = std::max(rcv_.edge, edge);
  rcv_.solid_edge = std::max(rcv_.solid_edge, edge);
  if (receive_memory_ != nullptr) receive_memory_->edge = edge;
}

std::uint64_t Connection::offered_edge() const {
  const std::uint64_t edge = receive_memory_ != nullptr ? receive_memory_->edge : rcv_.edge;
  return std::max(edge, rcv_.nxt);
}

// The edge that was offered without counting on the reader.
std::uint64_t Connection::buffer_edge() const {
  const std::uint64_t edge = receive_memory_ != nullptr ? receive_memory_->edge : rcv_.solid_edge;
  return std::max(edge, rcv_.nxt);
}

// RFC 9293 3.10.7.4: text is moved into the buffer of a user who waits for it, and RCV.WND follows
// "the current buffer availability". This one runs only later at this instant: what it will take is
// offered at once. The update that follows its reading tells the same again where there was too
// little room without it, because the ACK with the news may be lost. Only a buffer of few segments
// is nearly full before that.
std::uint64_t Connection::reader_room() const {
  if (config_.persona.window_rule != WindowRule::worthwhile_steps) return 0;
  if (receive_limit() >= kFewSegments * std::uint64_t{terms_.smss}) return 0;
  return std::min(posted_, receive_buffer_.readable());
}

// The window beside an acknowledgement of everything below `ack`; `unit` is that of the field.
std::uint64_t Connection::next_window(std::uint64_t ack, std::uint64_t unit, std::uint64_t room,
                                      std::uint64_t edge) {
  edge = std::max(edge, rcv_.nxt);
  return window_to_announce(
      config_.persona.window_rule,
      {.room = std::min(rcv_.nxt + room - ack, window_most()),
       .limit = std::min(receive_limit(), window_most()),
       .promised = edge - ack,
       .announced = edge - std::min(edge, rcv_.told),
       .earned = std::min(opening_.earned(), window_most()),
       // With SACK the blocks say that it is a duplicate, whatever the window.
       .repeats = ack == rcv_.told && !terms_.sack && !receive_buffer_.ranges().empty(),
       .unit = unit,
       .segment = terms_.smss,
       .peer_segment = peer_segment_estimate_});
}

// The user made room: tell the peer when it waits for it (less than a segment left) or when the
// edge can move far.
void Connection::update_window_after_read() {
  if (state_ != TcpState::established && state_ != TcpState::fin_wait_1 &&
      state_ != TcpState::fin_wait_2) {
    return;
  }
  // What the window field cannot announce is no news.
  const std::uint64_t limit =
      std::min<std::uint64_t>(receive_limit(), std::uint64_t{0xffff} << rcv_.shift);
  std::uint64_t room_edge = rcv_.nxt + std::min<std::uint64_t>(receive_room(), limit);
  const std::uint64_t left = buffer_edge() - rcv_.nxt;
  if (config_.persona.window_rule == WindowRule::slow_opening ||
      config_.persona.window_rule == WindowRule::shrinking) {
    // Linux, tcp_cleanup_rbuf(): what waits for an ACK is more than a segment, or the window has
    // become twice as large.
    if (receive_memory_ != nullptr && unacked_octets_ > peer_segment_estimate_) ack_now_ = true;
    room_edge = std::min(room_edge, rcv_.nxt + opening_.earned());
    if (2 * left > limit || room_edge < rcv_.nxt + 2 * left) return;
  }
  if (room_edge <= buffer_edge()) return;
  const std::uint64_t gain = room_edge - buffer_edge();
  const std::uint64_t step = std::min<std::uint64_t>(limit / 2, terms_.smss);
  const bool starved = left < step && gain >= step;
  const bool narrow = left < limit / 8 && gain >= 2 * std::uint64_t{terms_.smss};
  // FreeBSD, tcp_output(): a quarter of the buffer is worth telling where no ACK waits anyway.
  const bool is_quarter = config_.persona.window_rule == WindowRule::all_the_room &&
                          !timers_.is_armed(Timer::delayed_ack) &&
                          gain >= 2 * std::uint64_t{terms_.smss} && 4 * gain >= receive_limit();
  if (starved || narrow || is_quarter || 2 * gain >= limit) ack_now_ = true;
}

}  // namespace strata::tcp
