// SPDX-License-Identifier: MIT
#include "sim/device/pcapng_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <utility>

#include "stack/base/time.h"
#include "stack/base/uint128.h"

namespace strata::device {
namespace {

constexpr std::uint32_t kSectionHeader = 0x0a0d0d0a;  // the same in either byte order
constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr std::uint32_t kInterfaceDescription = 1;
constexpr std::uint32_t kOldPacket = 2;
constexpr std::uint32_t kSimplePacket = 3;
constexpr std::uint32_t kNameResolution = 4;
constexpr std::uint32_t kEnhancedPacket = 6;

constexpr std::size_t kBlockFrame = 12;  // type, length, length again
// As libpcap has it: no honest block is longer, and a damaged length costs no memory.
constexpr std::size_t kBlockMost = 16U << 20;

constexpr std::size_t padded(std::size_t size) { return (size + 3) & ~std::size_t{3}; }

// Text of a file, for people: no control characters.
std::string clean(std::string_view text) {
  std::string kept;
  for (const char c : text.substr(0, 256)) {
    const bool is_control = static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
    if (!is_control) kept += c;
  }
  return kept;
}

}  // namespace

PcapngReader::PcapngReader(std::FILE* stream, std::string name)
    : CaptureFile(std::move(name)), stream_(stream) {}

PcapngReader::~PcapngReader() {
  if (stream_ != stdin) std::fclose(stream_);
}

std::uint16_t PcapngReader::u16(const std::uint8_t* p) const {
  return is_big_endian_ ? load_be16(p) : static_cast<std::uint16_t>(p[0] | (p[1] << 8));
}
std::uint32_t PcapngReader::u32(const std::uint8_t* p) const {
  if (is_big_endian_) return load_be32(p);
  return std::uint32_t{u16(p)} | (std::uint32_t{u16(p + 2)} << 16);
}

bool PcapngReader::fail(const std::string& what) {
  if (problem_.empty()) problem_ = fmt::format("{}: {}", name_, what);
  return false;
}

void PcapngReader::read_head() {
  for (;;) {
    const Block block = read_block(first_);
    has_first_ = block == Block::packet;
    if (block != Block::other) return;
  }
}

bool PcapngReader::next(CapturedPacket& packet) {
  if (has_first_) {
    has_first_ = false;
    packet = first_;
    ++packets_;
    return true;
  }
  for (;;) {
    switch (read_block(packet)) {
      case Block::packet:
        ++packets_;
        return true;
      case Block::end:
        return false;
      case Block::other:
        break;
    }
  }
}

// Behind it: the file itself ends or is damaged, though a block may have ended.
std::string PcapngReader::unreadable() const {
  return fmt::format("it is cut off or damaged after octet {} ({})", position_,
                     std::strerror(errno));
}

bool PcapngReader::read_octets(std::uint8_t* target, std::size_t size) {
  const std::size_t got = std::fread(target, 1, size, stream_);
  position_ += got;
  if (got == size) return true;
  if (std::ferror(stream_) != 0) return fail(unreadable());
  return fail(fmt::format("it is cut off at octet {}, in the middle of a block", position_));
}

PcapngReader::Block PcapngReader::read_block(CapturedPacket& packet) {
  if (!problem_.empty()) return Block::end;
  std::uint8_t head[kBlockFrame];
  const int first = std::fgetc(stream_);
  if (first == EOF) {  // between two blocks: the proper end
    if (std::ferror(stream_) != 0) fail(unreadable());
    return Block::end;
  }
  const std::uint64_t begin = position_++;
  head[0] = static_cast<std::uint8_t>(first);
  if (!read_octets(head + 1, 11)) return Block::end;
  const bool is_section = load_be32(head) == kSectionHeader;
  if (is_section) is_big_endian_ = load_be32(head + 8) == kByteOrderMagic;
  const std::size_t length = u32(head + 4);
  const bool is_head = is_section && u32(head + 8) != kByteOrderMagic;
  if (is_head || (!is_section && !has_section_)) {
    fail("it is neither a pcap nor a pcapng file");
    return Block::end;
  }
  if (length < kBlockFrame || length % 4 != 0 || length > kBlockMost) {
    fail(fmt::format("the block at octet {} claims to be {} octets long", begin, length));
    return Block::end;
  }
  // The third word read belongs to the body, or is the second length of an empty block.
  block_.resize(length - 8);
  std::copy_n(head + 8, 4, block_.begin());
  if (length > kBlockFrame && !read_octets(block_.data() + 4, length - kBlockFrame)) {
    return Block::end;
  }
  if (u32(block_.data() + block_.size() - 4) != length) {
    fail(fmt::format("the block at octet {} ends with another length than it begins with", begin));
    return Block::end;
  }
  const Bytes body = Bytes{block_}.first(block_.size() - 4);
  bool is_packet = false;
  switch (u32(head)) {
    case kSectionHeader:
      begin_section(body);
      break;
    case kInterfaceDescription:
      add_interface(body);
      break;
    case kNameResolution:
      add_names(body);
      break;
    case kEnhancedPacket:
      is_packet = enhanced_packet(body, packet);
      break;
    case kSimplePacket:
      is_packet = simple_packet(body, packet);
      break;
    case kOldPacket:
      is_packet = old_packet(body, packet);
      break;
    default:
      break;
  }
  if (!problem_.empty()) return Block::end;
  return is_packet ? Block::packet : Block::other;
}

void PcapngReader::begin_section(Bytes body) {
  constexpr std::size_t kFixed = 16;
  if (body.size() < kFixed) {
    fail("its section header is cut short");
    return;
  }
  if (u16(body.data() + 4) != 1) {
    fail(fmt::format("it is pcapng of version {}, which nobody has defined yet",
                     u16(body.data() + 4)));
    return;
  }
  has_section_ = true;
  section_begin_ = interfaces_.size();
}

void PcapngReader::add_interface(Bytes body) {
  constexpr std::size_t kFixed = 8;
  if (body.size() < kFixed) {
    fail("an interface description is cut short");
    return;
  }
  CaptureInterface interface { .link_type = static_cast<wire::LinkType>(u16(body.data())) };
  Clock clock;
  clock.snapshot_bytes = u32(body.data() + 4);
  for (Bytes options = body.subspan(kFixed); options.size() >= 4;) {
    const std::uint16_t code = u16(options.data());
    const std::size_t size = u16(options.data() + 2);
    if (code == 0 || size > options.size() - 4) break;
    const Bytes value = options.subspan(4, size);
    if (code == 2) interface.name = clean(as_text(value));
    if (code == 9 && size == 1) {
      clock.is_power_of_two = (value[0] & 0x80) != 0;
      clock.exponent = value[0] & 0x7f;
    }
    if (code == 13 && size == 1) interface.fcs_bytes = value[0];
    if (code == 14 && size == 8) {
      const std::uint64_t low = u32(value.data() + (is_big_endian_ ? 4 : 0));
      const std::uint64_t high = u32(value.data() + (is_big_endian_ ? 0 : 4));
      clock.offset_s = static_cast<std::int64_t>(high << 32 | low);
    }
    options = options.subspan(std::min(options.size(), 4 + padded(size)));
  }
  interfaces_.push_back(std::move(interface));
  clocks_.push_back(clock);
}

void PcapngReader::add_names(Bytes body) {
  constexpr std::uint16_t kIpv4Record = 1;
  constexpr std::uint16_t kIpv6Record = 2;
  constexpr std::size_t kNamesMost = 65536;
  while (body.size() >= 4 && names_.size() < kNamesMost) {
    const std::uint16_t type = u16(body.data());
    const std::size_t size = u16(body.data() + 2);
    if (type == 0 || size > body.size() - 4) return;
    const Bytes value = body.subspan(4, size);
    const std::size_t address_bytes = type == kIpv4Record   ? Ipv4Address::kBytes
                                      : type == kIpv6Record ? Ipv6Address::kBytes
                                                            : 0;
    if (address_bytes != 0 && size > address_bytes) {
      const std::string_view names = as_text(value.subspan(address_bytes));
      const std::string name = clean(names.substr(0, names.find('\0')));
      const IpAddress address = type == kIpv4Record ? IpAddress{Ipv4Address::load(value.data())}
                                                    : IpAddress{Ipv6Address::load(value.data())};
      if (!name.empty()) names_.push_back({address, name});
    }
    body = body.subspan(std::min(body.size(), 4 + padded(size)));
  }
}

std::int64_t PcapngReader::nanoseconds(std::size_t interface, std::uint64_t units) const {
  const Clock& clock = clocks_[interface];
  Uint128 ns = Uint128{units} * static_cast<std::uint64_t>(kNanosecondsPerSecond);
  if (clock.is_power_of_two) {
    ns >>= clock.exponent;
  } else {
    for (std::uint8_t i = 0; i < clock.exponent && ns != 0; ++i) ns /= 10;
  }
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max() / 2;
  const std::int64_t whole =
      ns > static_cast<std::uint64_t>(kMost) ? kMost : static_cast<std::int64_t>(ns);
  constexpr std::int64_t kOffsetMost = kMost / kNanosecondsPerSecond;
  return whole + std::clamp(clock.offset_s, -kOffsetMost, kOffsetMost) * kNanosecondsPerSecond;
}

bool PcapngReader::finish_packet(CapturedPacket& packet, std::size_t interface, Bytes data,
                                 std::size_t captured, std::size_t original) {
  if (captured > data.size()) return fail("a packet is longer than its block");
  packet.interface = static_cast<std::uint32_t>(interface);
  packet.octets = data.first(captured);
  packet.bytes_left_out = original - std::min(original, captured);
  return true;
}

bool PcapngReader::enhanced_packet(Bytes body, CapturedPacket& packet) {
  constexpr std::size_t kFixed = 20;
  if (body.size() < kFixed) return fail("a packet block is cut short");
  const std::size_t interface = section_begin_ + u32(body.data());
  if (interface >= interfaces_.size()) return fail("a packet is of an interface nobody described");
  const std::uint64_t units = (std::uint64_t{u32(body.data() + 4)} << 32) | u32(body.data() + 8);
  packet.nanoseconds = nanoseconds(interface, units);
  return finish_packet(packet, interface, body.subspan(kFixed), u32(body.data() + 12),
                       u32(body.data() + 16));
}

// It has no time: that of the packet before it is the best guess.
bool PcapngReader::simple_packet(Bytes body, CapturedPacket& packet) {
  constexpr std::size_t kFixed = 4;
  if (body.size() < kFixed) return fail("a packet block is cut short");
  if (section_begin_ >= interfaces_.size()) {
    return fail("a packet is of an interface nobody described");
  }
  const Bytes data = body.subspan(kFixed);
  const std::size_t original = u32(body.data());
  const std::uint32_t snapshot = clocks_[section_begin_].snapshot_bytes;
  std::size_t captured = std::min(original, data.size());
  if (snapshot != 0) captured = std::min<std::size_t>(captured, snapshot);
  return finish_packet(packet, section_begin_, data, captured, original);
}

bool PcapngReader::old_packet(Bytes body, CapturedPacket& packet) {
  constexpr std::size_t kFixed = 20;
  if (body.size() < kFixed) return fail("a packet block is cut short");
  const std::size_t interface = section_begin_ + u16(body.data());
  if (interface >= interfaces_.size()) return fail("a packet is of an interface nobody described");
  const std::uint64_t units = (std::uint64_t{u32(body.data() + 4)} << 32) | u32(body.data() + 8);
  packet.nanoseconds = nanoseconds(interface, units);
  return finish_packet(packet, interface, body.subspan(kFixed), u32(body.data() + 12),
                       u32(body.data() + 16));
}

}  // namespace strata::device
