// SPDX-License-Identifier: MIT
// Urgent data of a connection, both directions (RFC 9293 3.8.5, RFC 6093).
#include "stack/transport/tcp/urgent.h"

#include <algorithm>

#include "stack/transport/tcp/connection.h"

namespace strata::tcp {

// RFC 9293 3.10.2: SND.UP, here behind the octets just queued (MUST-62). A second call before the
// first has been sent moves the pointer on: urgent data of any length (MUST-31).
Result<std::size_t> Connection::send_urgent(Bytes data, Instant now) {
  const Result<std::size_t> accepted = send(data, now);
  if (!accepted || *accepted == 0) return accepted;
  snd_.up = send_buffer_.end() + 1;
  // The peer should know even where its window is shut: an ACK can carry the pointer.
  if (is_synchronised() && snd_.usable() == 0) ack_now_ = true;
  return accepted;
}

// RFC 9293 3.10.7.4 sixth.
void Connection::process_urg(const Arrival& segment) {
  if (!segment.has(wire::tcp_flag::kUrg)) return;
  // After a FIN, and where nobody reads any more, it means nothing.
  if (state_ != TcpState::established && state_ != TcpState::fin_wait_1 &&
      state_ != TcpState::fin_wait_2) {
    return;
  }
  if (user_gone_ || receive_shut_) return;
  const std::int64_t up = segment.seq + segment.header.urgent_pointer;
  if (up <= 1) return;
  if (urgent_.on_pointer(static_cast<std::uint64_t>(up - 1), receive_buffer_.read_offset())) {
    divert_urgent_octet();
  }
}

// Out-of-band delivery: the urgent octet leaves the stream and waits for receive_urgent().
void Connection::divert_urgent_octet() {
  if (!urgent_.is_set() || config_.oob_inline) return;
  const std::uint64_t mark = urgent_.mark();
  const std::uint64_t read = receive_buffer_.read_offset();
  if (mark < read || mark >= receive_buffer_.next()) return;
  if (!urgent_.has_octet()) urgent_.on_octet(receive_buffer_.at(mark));
  if (read == mark) receive_buffer_.skip_octet();
}

// A read stops at the mark, so that the user can ask whether it is there (sockatmark).
std::size_t Connection::read_text(MutableBytes into, bool peek) {
  const std::uint64_t read = receive_buffer_.read_offset();
  if (urgent_.is_set() && read < urgent_.mark()) {
    const auto before_mark =
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), urgent_.mark() - read));
    into = into.first(before_mark);
  }
  const std::size_t count = receive_buffer_.read(into, peek);
  if (count > 0 && !peek) divert_urgent_octet();
  return count;
}

Result<std::uint8_t> Connection::receive_urgent(bool peek) {
  if (config_.oob_inline || !urgent_.is_set() || urgent_.is_taken()) {
    return unexpected(Errc::invalid_argument);
  }
  const std::optional<std::uint8_t> octet = urgent_.octet();
  if (!octet) return unexpected(Errc::would_block);
  if (!peek) urgent_.take_octet();
  return *octet;
}

bool Connection::is_at_mark() const {
  return urgent_.is_at_mark(receive_buffer_.read_offset(), config_.oob_inline);
}

bool Connection::is_urgent_pending() const {
  return !urgent_.is_taken() &&
         (urgent_.has_octet() || urgent_.remaining(receive_buffer_.read_offset()) > 0);
}

}  // namespace strata::tcp
