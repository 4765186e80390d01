// SPDX-License-Identifier: MIT
#include "sim/device/segmentation.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <optional>

#include "stack/base/checksum.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/tcp.h"

namespace strata::device {
namespace {

using wire::EthernetHeader;
using wire::Ipv4Header;
using wire::TcpHeader;

constexpr std::size_t kTypeOffset = 12;
constexpr std::uint16_t kTypeIpv4 = 0x0800;
constexpr std::uint16_t kTypeVlan = 0x8100;
constexpr std::uint8_t kTcp = 6;
constexpr std::uint8_t kUdp = 17;
constexpr std::size_t kUdpChecksum = 6;  // RFC 768
constexpr std::size_t kDatagramMost = 65'535;

// Fields by their place in the IPv4 header (RFC 791 3.1) and in the TCP header (RFC 9293 3.1).
namespace ip {
constexpr std::size_t kLength = 2, kId = 4, kFragment = 6, kProtocol = 9, kChecksum = 10,
                      kAddresses = 12;
}
namespace tcp {
constexpr std::size_t kSequence = 4, kOffset = 12, kFlags = 13, kChecksum = 16, kUrgent = 18;
}

// Source, destination, protocol and length, before the segment itself (RFC 9293 3.1).
InternetChecksum pseudo_header(Bytes ip_header, std::size_t segment_bytes,
                               std::uint8_t protocol = kTcp) {
  InternetChecksum sum;
  sum.add(ip_header.subspan(ip::kAddresses, 8));
  sum.add16(protocol);
  sum.add16(static_cast<std::uint16_t>(segment_bytes));
  return sum;
}

void set_ip_length(std::uint8_t* header, std::size_t header_bytes, std::size_t length) {
  store_be16(header + ip::kLength, static_cast<std::uint16_t>(length));
  store_be16(header + ip::kChecksum, 0);
  store_be16(header + ip::kChecksum, internet_checksum(Bytes{header, header_bytes}));
}

// Where the headers of a TCP over IPv4 frame are; nullopt: it is none, or cut short.
struct Layout {
  std::size_t network = 0;
  std::size_t transport = 0;
  std::size_t payload = 0;
  std::size_t end = 0;  // of the datagram: padding follows
};

std::optional<Layout> layout_of(Bytes frame) {
  Layout layout{.network = EthernetHeader::kBytes};
  if (frame.size() < layout.network + wire::VlanTag::kBytes) return std::nullopt;
  std::uint16_t type = load_be16(&frame[kTypeOffset]);
  if (type == kTypeVlan) {
    type = load_be16(&frame[kTypeOffset + wire::VlanTag::kBytes]);
    layout.network += wire::VlanTag::kBytes;
  }
  if (type != kTypeIpv4 || frame.size() < layout.network + Ipv4Header::kBytesMin) {
    return std::nullopt;
  }
  const std::uint8_t* header = &frame[layout.network];
  const std::size_t ip_bytes = 4U * (header[0] & 0x0fU);
  const std::size_t length = load_be16(header + ip::kLength);
  layout.transport = layout.network + ip_bytes;
  layout.end = layout.network + length;
  if (header[0] >> 4 != 4 || ip_bytes < Ipv4Header::kBytesMin || header[ip::kProtocol] != kTcp ||
      layout.end > frame.size() || layout.transport + TcpHeader::kBytesMin > layout.end) {
    return std::nullopt;
  }
  const std::size_t tcp_bytes = 4U * (frame[layout.transport + tcp::kOffset] >> 4);
  layout.payload = layout.transport + tcp_bytes;
  if (tcp_bytes < TcpHeader::kBytesMin || layout.payload > layout.end) return std::nullopt;
  return layout;
}

}  // namespace

bool complete_checksum(MutableBytes frame, const Offload& offload) {
  const std::size_t field = offload.checksum_start + offload.checksum_offset;
  if (field + 2 > frame.size()) return false;
  InternetChecksum sum;
  sum.add(frame.subspan(offload.checksum_start));
  store_be16(&frame[field], sum.finish());
  return true;
}

std::size_t segment_bytes_for(Bytes frame, std::size_t mtu) {
  const auto layout = layout_of(frame);
  if (!layout || layout->end - layout->network <= mtu) return 0;
  const std::size_t headers = layout->payload - layout->network;
  return headers < mtu ? mtu - headers : 0;
}

bool lacks_checksum(Bytes frame, Offload& offload) {
  constexpr std::size_t kNetwork = EthernetHeader::kBytes;
  if (frame.size() < kNetwork + Ipv4Header::kBytesMin + 8) return false;
  const auto header = Ipv4Header::parse(frame.subspan(kNetwork));
  if (!header || header->is_fragment() || load_be16(&frame[kTypeOffset]) != kTypeIpv4) return false;
  const auto protocol = static_cast<std::uint8_t>(header->protocol);
  if (protocol != kTcp && protocol != kUdp) return false;
  offload.checksum_start = kNetwork + header->header_bytes();
  offload.checksum_offset = protocol == kTcp ? tcp::kChecksum : kUdpChecksum;
  if (header->payload_bytes() < offload.checksum_offset + 2) return false;
  const Bytes segment = frame.subspan(offload.checksum_start, header->payload_bytes());
  InternetChecksum sum = pseudo_header(frame.subspan(kNetwork), segment.size(), protocol);
  const auto partial = static_cast<std::uint16_t>(~sum.finish());
  if (load_be16(&segment[offload.checksum_offset]) != partial) return false;
  sum.add(segment);
  return !sum.is_valid();
}

bool Splitter::load(Bytes frame, const Offload& offload) {
  const auto layout = layout_of(frame);
  if (!layout || offload.segment_bytes == 0 || layout->payload == layout->end) return false;
  frame_ = frame.first(layout->end);
  network_ = layout->network;
  transport_ = layout->transport;
  payload_ = layout->payload;
  segment_bytes_ = offload.segment_bytes;
  at_ = payload_;
  return true;
}

Bytes Splitter::next() {
  const std::size_t count = std::min(segment_bytes_, frame_.size() - at_);
  const std::size_t done = at_ - payload_;
  const bool is_last = at_ + count == frame_.size();
  out_.resize(payload_ + count);
  std::memcpy(out_.data(), frame_.data(), payload_);
  std::uint8_t* network = &out_[network_];
  const auto piece = static_cast<std::uint16_t>(done / segment_bytes_);
  store_be16(network + ip::kId, static_cast<std::uint16_t>(load_be16(network + ip::kId) + piece));
  set_ip_length(network, transport_ - network_, out_.size() - network_);
  std::uint8_t* transport = &out_[transport_];
  store_be32(transport + tcp::kSequence,
             load_be32(transport + tcp::kSequence) + static_cast<std::uint32_t>(done));
  // RFC 3168 6.1.2: CWR goes with the first new segment only. FIN and PSH belong to the last octet.
  std::uint8_t& flags = transport[tcp::kFlags];
  if (done != 0) flags &= static_cast<std::uint8_t>(~wire::tcp_flag::kCwr);
  if (!is_last) {
    flags &= static_cast<std::uint8_t>(~(wire::tcp_flag::kFin | wire::tcp_flag::kPsh));
  }
  store_be16(transport + tcp::kChecksum, 0);
  InternetChecksum sum =
      pseudo_header(Bytes{network, Ipv4Header::kBytesMin}, out_.size() - transport_);
  sum.add(Bytes{transport, payload_ - transport_});
  sum.add_copy(frame_.subspan(at_, count), &out_[payload_]);
  store_be16(transport + tcp::kChecksum, sum.finish());
  at_ += count;
  return out_;
}

// A segment with text and no flag but ACK and PSH, its datagram whole and without options.
struct Merger::Segment {
  std::size_t end = 0;
  std::size_t payload = 0;
  std::uint32_t sequence = 0;
  bool pushes = false;

  std::size_t bytes() const { return end - payload; }
};

namespace {

constexpr std::size_t kNetwork = EthernetHeader::kBytes;
constexpr std::size_t kTransport = kNetwork + Ipv4Header::kBytesMin;

constexpr std::size_t kOptions = kTransport + TcpHeader::kBytesMin;

// The headers of a segment, without options, eight octets at a time, and what of them must be the
// same in frames that are joined: all but lengths, identification, checksums, sequence and flags.
struct HeaderWord {
  std::size_t at = 0;
  std::uint64_t mask = 0;

  constexpr std::uint64_t load(const std::uint8_t* header) const {
    std::array<std::uint8_t, sizeof(std::uint64_t)> octets{};
    std::copy_n(header + at, octets.size(), octets.begin());
    return std::bit_cast<std::uint64_t>(octets);
  }
};

constexpr auto kHeaderWords = [] {
  std::array<std::uint8_t, kOptions> must{};
  must.fill(0xff);
  const auto spare = [&](std::size_t at, std::size_t count) {
    std::fill_n(must.begin() + static_cast<std::ptrdiff_t>(at), count, std::uint8_t{0});
  };
  spare(kNetwork + ip::kLength, 4);  // and identification
  spare(kNetwork + ip::kChecksum, 2);
  spare(kTransport + tcp::kSequence, 4);
  spare(kTransport + tcp::kFlags, 1);
  spare(kTransport + tcp::kChecksum, 2);
  std::array<HeaderWord, 7> words{};
  for (std::size_t i = 0; i < words.size(); ++i) {
    words[i].at = std::min(8 * i, kOptions - 8);  // the last two overlap
    words[i].mask = words[i].load(must.data());
  }
  return words;
}();

bool is_undamaged(Bytes frame, const Layout& layout) {
  if (internet_checksum(frame.subspan(kNetwork, Ipv4Header::kBytesMin)) != 0) return false;
  InternetChecksum sum =
      pseudo_header(frame.subspan(kNetwork, Ipv4Header::kBytesMin), layout.end - kTransport);
  sum.add(frame.subspan(kTransport, layout.end - kTransport));
  return sum.is_valid();
}

}  // namespace

bool is_long(Bytes frame) { return frame.size() > kDatagramMost / 2 + kTransport; }

bool leave_checksum(Bytes frame, std::vector<std::uint8_t>& headers, Offload& offload) {
  const auto layout = layout_of(frame);
  if (!layout || layout->transport != kTransport || layout->end != frame.size()) return false;
  if ((load_be16(&frame[kNetwork + ip::kFragment]) & 0xbfffU) != 0) return false;
  if (!is_undamaged(frame, *layout)) return false;
  headers.assign(frame.begin(), frame.begin() + static_cast<std::ptrdiff_t>(layout->payload));
  const InternetChecksum partial =
      pseudo_header(frame.subspan(kNetwork, Ipv4Header::kBytesMin), frame.size() - kTransport);
  store_be16(&headers[kTransport + tcp::kChecksum], static_cast<std::uint16_t>(~partial.finish()));
  offload = {
      .needs_checksum = true, .checksum_start = kTransport, .checksum_offset = tcp::kChecksum};
  return true;
}

bool Merger::add(Bytes frame) {
  const auto layout = layout_of(frame);
  if (!layout || layout->transport != kTransport || layout->payload == layout->end) return false;
  const std::uint8_t flags = frame[kTransport + tcp::kFlags];
  const bool is_fragment = (load_be16(&frame[kNetwork + ip::kFragment]) & 0xbfffU) != 0;
  const bool is_plain = (flags & ~wire::tcp_flag::kPsh) == wire::tcp_flag::kAck;
  if (!is_plain || is_fragment || load_be16(&frame[kTransport + tcp::kUrgent]) != 0) return false;
  const Segment segment{.end = layout->end,
                        .payload = layout->payload,
                        .sequence = load_be32(&frame[kTransport + tcp::kSequence]),
                        .pushes = (flags & wire::tcp_flag::kPsh) != 0};
  if (!empty() && !continues(segment, frame)) return false;
  const std::size_t at = empty() ? segment.payload : size_;
  if (!take_text(segment, frame, at)) return false;
  if (empty()) {
    std::memcpy(held_.data(), frame.data(), segment.payload);
    offload_ = {.segment_bytes = segment.bytes(), .header_bytes = segment.payload};
    segments_ = 0;
  } else if (segment.pushes) {
    held_[kTransport + tcp::kFlags] |= wire::tcp_flag::kPsh;
  }
  size_ = at + segment.bytes();
  ++segments_;
  next_sequence_ = segment.sequence + static_cast<std::uint32_t>(segment.bytes());
  is_closed_ = segment.pushes || segment.bytes() < offload_.segment_bytes;
  return true;
}

// Copies the text behind what is held and sums it on the way. False: the frame is damaged.
bool Merger::take_text(const Segment& segment, Bytes frame, std::size_t at) {
  if (internet_checksum(frame.subspan(kNetwork, Ipv4Header::kBytesMin)) != 0) return false;
  if (held_.empty()) held_.resize(kNetwork + kDatagramMost);
  InternetChecksum sum =
      pseudo_header(frame.subspan(kNetwork, Ipv4Header::kBytesMin), segment.end - kTransport);
  sum.add(frame.subspan(kTransport, segment.payload - kTransport));
  sum.add_copy(frame.subspan(segment.payload, segment.bytes()), &held_[at]);
  return sum.is_valid();
}

bool Merger::continues(const Segment& segment, Bytes frame) const {
  if (is_closed_ || segment.sequence != next_sequence_ ||
      segment.payload != offload_.header_bytes || segment.bytes() > offload_.segment_bytes ||
      size_ - kNetwork + segment.bytes() > kDatagramMost) {
    return false;
  }
  const auto* mine = held_.data();
  const auto* theirs = frame.data();
  std::uint64_t difference = 0;
  for (const HeaderWord& word : kHeaderWords) {
    difference |= (word.load(mine) ^ word.load(theirs)) & word.mask;
  }
  const std::size_t options = segment.payload - kOptions;
  return difference == 0 && std::memcmp(mine + kOptions, theirs + kOptions, options) == 0;
}

MutableBytes Merger::frame() {
  const MutableBytes whole = MutableBytes{held_}.first(size_);
  if (segments_ == 1) {
    offload_.segment_bytes = 0;
    return whole;
  }
  set_ip_length(&held_[kNetwork], Ipv4Header::kBytesMin, size_ - kNetwork);
  const InternetChecksum partial =
      pseudo_header(whole.subspan(kNetwork, Ipv4Header::kBytesMin), size_ - kTransport);
  store_be16(&held_[kTransport + tcp::kChecksum], static_cast<std::uint16_t>(~partial.finish()));
  offload_.needs_checksum = true;
  offload_.checksum_start = kTransport;
  offload_.checksum_offset = tcp::kChecksum;
  return whole;
}

void Merger::clear() {
  size_ = 0;
  offload_ = {};
}

}  // namespace strata::device
