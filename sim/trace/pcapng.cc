// SPDX-License-Identifier: MIT
#include "sim/trace/pcapng.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "stack/base/assert.h"

namespace strata::trace {
namespace {

constexpr std::uint32_t kSectionHeaderBlock = 0x0a0d0d0a;
constexpr std::uint32_t kInterfaceBlock = 1;
constexpr std::uint32_t kNameResolutionBlock = 4;
constexpr std::uint32_t kInterfaceStatisticsBlock = 5;
constexpr std::uint32_t kEnhancedPacketBlock = 6;

constexpr std::uint32_t kByteOrderMagic = 0x1a2b3c4d;
constexpr std::uint16_t kVersionMajor = 1;
constexpr std::uint16_t kVersionMinor = 0;
constexpr std::uint64_t kUnknownLength = ~std::uint64_t{0};

constexpr std::uint16_t kComment = 1;  // in every block
constexpr std::uint16_t kSectionHardware = 2;
constexpr std::uint16_t kSectionSystem = 3;
constexpr std::uint16_t kSectionApplication = 4;
constexpr std::uint16_t kInterfaceName = 2;
constexpr std::uint16_t kInterfaceDescription = 3;
constexpr std::uint16_t kInterfaceIpv4 = 4;
constexpr std::uint16_t kInterfaceMac = 6;
constexpr std::uint16_t kInterfaceSpeed = 8;
constexpr std::uint16_t kInterfaceTimeResolution = 9;
constexpr std::uint16_t kInterfaceFcsBytes = 13;
constexpr std::uint16_t kPacketFlags = 2;
constexpr std::uint16_t kPacketDropCount = 4;
constexpr std::uint16_t kPacketId = 5;
constexpr std::uint16_t kStatisticsReceived = 4;
constexpr std::uint16_t kStatisticsDropped = 5;

constexpr std::uint16_t kNameIpv4 = 1;
constexpr std::uint16_t kNameIpv6 = 2;

constexpr std::uint8_t kNanoseconds = 9;  // 10^-9; finer resolutions are misread by readers
constexpr std::size_t kBufferBytes = std::size_t{64} << 10;  // to begin with
constexpr std::size_t kRoomBytes = 4096;                     // for a packet as most are
constexpr std::size_t kLineBytes = 64;                       // of the processor's caches
constexpr std::size_t kOptionBytesMax = 0xfffc;

constexpr std::size_t padding(std::size_t size) { return (4 - size % 4) % 4; }

// Little endian; each returns where the next value goes. In one piece: g++ 12 does not make one
// store of shifted octets when other values lie beside them.
template <typename T>
std::uint8_t* store(std::uint8_t* p, T value) {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(p, &value, sizeof value);
  } else {
    for (std::size_t i = 0; i < sizeof value; ++i) p[i] = static_cast<std::uint8_t>(value >> 8 * i);
  }
  return p + sizeof value;
}
std::uint8_t* store16(std::uint8_t* p, std::uint16_t value) { return store(p, value); }
std::uint8_t* store32(std::uint8_t* p, std::uint32_t value) { return store(p, value); }
std::uint8_t* store64(std::uint8_t* p, std::uint64_t value) { return store(p, value); }
std::uint8_t* store_time(std::uint8_t* p, Instant time) {
  const auto nanoseconds = static_cast<std::uint64_t>(time.time_since_epoch().count());
  return store32(store32(p, static_cast<std::uint32_t>(nanoseconds >> 32)),
                 static_cast<std::uint32_t>(nanoseconds));
}
std::uint8_t* store_option(std::uint8_t* p, std::uint16_t code, std::size_t size) {
  return store16(store16(p, code), static_cast<std::uint16_t>(size));
}
std::uint8_t* store_padded(std::uint8_t* p, Bytes octets, std::size_t padding) {
  if (!octets.empty()) std::memcpy(p, octets.data(), octets.size());
  p += octets.size();
  std::memset(p, 0, padding);
  return p + padding;
}

}  // namespace

PcapngWriter::PcapngWriter(ByteSink& sink) : sink_(sink), buffer_(kBufferBytes) {}

void PcapngWriter::section(const Section& section) {
  begin_block(kSectionHeaderBlock);
  put32(kByteOrderMagic);
  put16(kVersionMajor);
  put16(kVersionMinor);
  put64(kUnknownLength);
  if (!section.hardware.empty()) option_text(kSectionHardware, section.hardware);
  if (!section.operating_system.empty()) option_text(kSectionSystem, section.operating_system);
  if (!section.application.empty()) option_text(kSectionApplication, section.application);
  for (const std::string& text : section.comments) option_text(kComment, text);
  end_options();
  end_block();
}

std::uint32_t PcapngWriter::interface(const Interface& interface) {
  begin_block(kInterfaceBlock);
  put16(static_cast<std::uint16_t>(interface.link_type));
  put16(0);
  put32(interface.snapshot_bytes);
  option_text(kInterfaceName, interface.name);
  if (!interface.description.empty()) option_text(kInterfaceDescription, interface.description);
  for (const Prefix& prefix : interface.addresses) {
    if (!prefix.address.is_v4()) continue;
    std::array<std::uint8_t, 8> address_and_mask{};
    prefix.address.v4().store(address_and_mask.data());
    const std::uint32_t mask = prefix.length == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix.length);
    store_be32(address_and_mask.data() + 4, mask);
    option(kInterfaceIpv4, address_and_mask);
  }
  if (!interface.mac.is_zero()) option(kInterfaceMac, interface.mac.octets());
  if (interface.speed_bps != 0) option64(kInterfaceSpeed, interface.speed_bps);
  option(kInterfaceTimeResolution, std::array{kNanoseconds});
  if (interface.fcs_bytes != 0) option(kInterfaceFcsBytes, std::array{interface.fcs_bytes});
  end_options();
  end_block();
  snapshots_.push_back(interface.snapshot_bytes == 0 ? ~std::uint32_t{0}
                                                     : interface.snapshot_bytes);
  return static_cast<std::uint32_t>(snapshots_.size() - 1);
}

void PcapngWriter::names(std::span<const Name> names) {
  if (names.empty()) return;
  begin_block(kNameResolutionBlock);
  for (const Name& entry : names) {
    std::vector<std::uint8_t> record;
    if (entry.address.is_v4()) {
      record.resize(Ipv4Address::kBytes);
      entry.address.v4().store(record.data());
    } else {
      const Ipv6Address address = entry.address.v6();
      record.assign(address.octets().begin(), address.octets().end());
    }
    const Bytes name = as_bytes(entry.name);
    record.insert(record.end(), name.begin(), name.end());
    record.push_back(0);
    option(entry.address.is_v4() ? kNameIpv4 : kNameIpv6, record);
  }
  put32(0);  // end of the records; no options follow
  end_block();
}

void PcapngWriter::begin_packet(const Packet& packet) {
  STRATA_ASSERT(packet.interface < snapshots_.size());
  const std::size_t original = packet.head.size() + packet.body.size();
  const std::size_t captured = std::min<std::size_t>(original, snapshots_[packet.interface]);
  const Bytes head = packet.head.first(std::min(captured, packet.head.size()));
  const Bytes body = packet.body.first(captured - head.size());
  // Room for all of it is asked for at once, and what was not needed is given back.
  constexpr std::size_t kHead = 28;
  constexpr std::size_t kOptionsMost = 8 + 12 + 12 + 4;
  const Bytes comment = as_bytes(packet.comment);
  STRATA_ASSERT(comment.size() <= kOptionBytesMax);
  const std::size_t size = kHead + captured + padding(captured) + kOptionsMost + comment.size() +
                           padding(comment.size());
  if (used_ + size > buffer_.size()) [[unlikely]]
    hand_over(true);
  block_begin_ = used_;
  std::uint8_t* p = extend(size);
  p = store32(p, kEnhancedPacketBlock);
  p = store32(p, 0);  // the length is known at the end
  p = store32(p, packet.interface);
  p = store_time(p, packet.time);
  p = store32(p, static_cast<std::uint32_t>(captured));
  p = store32(p, static_cast<std::uint32_t>(original));
  if (!head.empty()) std::memcpy(p, head.data(), head.size());
  p = store_padded(p + head.size(), body, padding(captured));
  if (packet.flags != 0) p = store32(store_option(p, kPacketFlags, 4), packet.flags);
  if (packet.drops_before != 0) {
    p = store64(store_option(p, kPacketDropCount, 8), packet.drops_before);
  }
  if (packet.id != 0) p = store64(store_option(p, kPacketId, 8), packet.id);
  if (!comment.empty()) {
    p = store_padded(store_option(p, kComment, comment.size()), comment, padding(comment.size()));
  }
  used_ = static_cast<std::size_t>(p - buffer_.data());
}

void PcapngWriter::comment(std::string_view text) { option_text(kComment, text); }

void PcapngWriter::end_packet() {
  end_options();
  end_block();
  if (used_ + kRoomBytes > buffer_.size()) hand_over(true);
  // What was last written long ago is fetched while the simulation goes on.
  const std::size_t goal = std::min(used_ + kRoomBytes, buffer_.size());
  for (; ahead_ < goal; ahead_ += kLineBytes) __builtin_prefetch(buffer_.data() + ahead_, 1);
}

void PcapngWriter::statistics(std::uint32_t interface, Instant now, std::uint64_t received,
                              std::uint64_t dropped) {
  begin_block(kInterfaceStatisticsBlock);
  put32(interface);
  put_time(now);
  option64(kStatisticsReceived, received);
  option64(kStatisticsDropped, dropped);
  end_options();
  end_block();
}

void PcapngWriter::flush() { hand_over(false); }

void PcapngWriter::hand_over(bool more) {
  const std::size_t used = std::exchange(used_, 0);
  ahead_ = 0;
  if (error_ || used == 0) return;
  if (const auto rest = sink_.write(buffer_, used, more)) {
    used_ = *rest;
  } else {
    error_ = rest.error();
  }
}

void PcapngWriter::begin_block(std::uint32_t type) {
  block_begin_ = used_;
  store32(store32(extend(8), type), 0);  // the length is known at the end
}

// Every block states its length at both ends, so that files can be read backwards.
void PcapngWriter::end_block() {
  const auto length = static_cast<std::uint32_t>(used_ + 4 - block_begin_);
  put32(length);
  store32(buffer_.data() + block_begin_ + 4, length);
}

void PcapngWriter::grow(std::size_t size) {
  device::Block larger{std::max(2 * buffer_.size(), used_ + size)};
  std::memcpy(larger.data(), buffer_.data(), used_);
  buffer_ = std::move(larger);
}

void PcapngWriter::put16(std::uint16_t value) { store16(extend(2), value); }
void PcapngWriter::put32(std::uint32_t value) { store32(extend(4), value); }
void PcapngWriter::put64(std::uint64_t value) { store64(extend(8), value); }
void PcapngWriter::put_time(Instant time) { store_time(extend(8), time); }

void PcapngWriter::option(std::uint16_t code, Bytes value) {
  value = value.first(std::min(value.size(), kOptionBytesMax));
  std::uint8_t* p = extend(4 + value.size() + padding(value.size()));
  store_padded(store_option(p, code, value.size()), value, padding(value.size()));
}
void PcapngWriter::option_text(std::uint16_t code, std::string_view text) {
  option(code, as_bytes(text));
}
void PcapngWriter::option32(std::uint16_t code, std::uint32_t value) {
  store32(store_option(extend(8), code, 4), value);
}
void PcapngWriter::option64(std::uint16_t code, std::uint64_t value) {
  store64(store_option(extend(12), code, 8), value);
}

}  // namespace strata::trace
