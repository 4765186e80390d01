// SPDX-License-Identifier: MIT
#include "tests/property/narrator.h"

#include <fmt/format.h>

#include "stack/wire/tcp.h"

namespace strata::property {

void Narrator::on_event(const Event& event) {
  const auto line = [&](const std::string& text) {
    fmt::print("{:>14} node {} {}\n", to_text(event.time, 6), raw(event.node), text);
  };
  if (const auto* sent = std::get_if<FrameSent>(&event.body)) {
    tell_segment(event, sent->frame, "sends");
  } else if (const auto* received = std::get_if<FrameReceived>(&event.body)) {
    tell_segment(event, received->frame, "receives");
  } else if (const auto* change = std::get_if<TcpStateChanged>(&event.body)) {
    if (!is_wanted(change->flow.local.port, change->flow.remote.port)) return;
    line(fmt::format("{} {} -> {}: {}", to_text(change->flow), to_text(change->from),
                     to_text(change->to), change->cause));
  } else if (const auto* dropped = std::get_if<Dropped>(&event.body)) {
    line(fmt::format("drops packet {}: {}", raw(event.uid), to_text(dropped->reason)));
  } else if (const auto* called = std::get_if<SocketCalled>(&event.body)) {
    if (port_ == 0) line(fmt::format("{}: {} = {}", called->process, called->call, called->result));
  }
}

void Narrator::tell_segment(const Event& event, Bytes frame, const char* what) const {
  if (frame.size() < 58 || load_be16(&frame[12]) != 0x0800 || frame[23] != 6) return;
  if ((load_be16(&frame[20]) & 0x1fffU) != 0) return;  // not the first fragment
  const Bytes datagram = frame.subspan(14);
  const std::size_t ip_bytes = (datagram[0] & 0x0fU) * std::size_t{4};
  const Bytes tcp = datagram.subspan(ip_bytes);
  const std::uint16_t source = load_be16(&tcp[0]);
  const std::uint16_t destination = load_be16(&tcp[2]);
  if (!is_wanted(source, destination)) return;
  std::string flags;
  for (unsigned bit = 0; bit < 8; ++bit) {
    if ((tcp[13] >> bit & 1U) != 0) flags += "FSRPAUEC"[bit];
  }
  const std::size_t header_bytes = (tcp[12] >> 4U) * std::size_t{4};
  fmt::print("{:>14} node {} {} packet {} {} > {} {} seq {} ack {} win {} options {} text {}\n",
             to_text(event.time, 6), raw(event.node), what, raw(event.uid), source, destination,
             flags, load_be32(&tcp[4]), load_be32(&tcp[8]), load_be16(&tcp[14]),
             to_hex(tcp.subspan(20, header_bytes - 20)),
             load_be16(&datagram[2]) - ip_bytes - header_bytes);
}

}  // namespace strata::property
