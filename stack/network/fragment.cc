// SPDX-License-Identifier: MIT
#include "stack/network/fragment.h"

#include <algorithm>

#include "stack/network/ip_options.h"

namespace strata::network {

std::vector<Packet> fragment(const Packet& datagram, const wire::Ipv4Header& original,
                             std::uint16_t mtu) {
  std::vector<Packet> fragments;
  const Bytes payload = datagram.bytes().subspan(original.header_bytes());
  wire::Ipv4Header header = original;
  std::size_t done = 0;
  while (done < payload.size()) {
    // RFC 791 3.2, example fragmentation procedure: NFB = (MTU - IHL * 4) / 8.
    const std::size_t header_bytes = header.header_bytes();
    const std::size_t room = mtu > header_bytes ? (mtu - header_bytes) / 8 * 8 : 0;
    if (room == 0) return {};
    const std::size_t left = payload.size() - done;
    // The last fragment need not be a multiple of eight.
    const bool is_last = left <= mtu - header_bytes;
    const std::size_t length = is_last ? left : room;

    Packet piece = datagram.pool().make(payload.subspan(done, length));
    header.fragment_offset = static_cast<std::uint16_t>(original.fragment_offset + done);
    header.more_fragments = original.more_fragments || !is_last;
    header.total_length = static_cast<std::uint16_t>(header_bytes + length);
    header.emit(piece.push_front(header_bytes, Protocol::ipv4).data());
    piece.set_parent(datagram.uid(), Parentage::fragment);
    piece.set_arrival(datagram.arrival());
    fragments.push_back(std::move(piece));

    done += length;
    // RFC 791 3.1: options without the copied flag appear in the first fragment only.
    if (done == length) header.options = copied_options(original.options.bytes());
  }
  return fragments;
}

}  // namespace strata::network
