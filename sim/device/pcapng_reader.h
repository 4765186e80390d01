// SPDX-License-Identifier: MIT
// PcapngReader: the pcapng format (draft-ietf-opsawg-pcapng) block by block, of either byte order,
// with any number of sections, interfaces, link types and time resolutions. Blocks that are not
// about packets, interfaces or names are skipped.
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include "sim/device/capture_file.h"

namespace strata::device {

class PcapngReader final : public CaptureFile {
 public:
  // The first octet of every pcapng file.
  static constexpr int kFirstOctet = 0x0a;

  // Closes the stream in the end.
  PcapngReader(std::FILE* stream, std::string name);
  ~PcapngReader() override;

  // Reads up to the first packet, so that interfaces and names are known; problem() tells whether
  // that went well.
  void read_head();
  bool next(CapturedPacket& packet) override;

 private:
  // What else is to know about an interface to read its packets.
  struct Clock {
    bool is_power_of_two = false;
    std::uint8_t exponent = 6;
    std::int64_t offset_s = 0;
    std::uint32_t snapshot_bytes = 0;
  };
  enum class Block : std::uint8_t { packet, other, end };

  Block read_block(CapturedPacket& packet);
  bool read_octets(std::uint8_t* target, std::size_t size);
  void begin_section(Bytes body);
  void add_interface(Bytes body);
  void add_names(Bytes body);
  bool enhanced_packet(Bytes body, CapturedPacket& packet);
  bool simple_packet(Bytes body, CapturedPacket& packet);
  bool old_packet(Bytes body, CapturedPacket& packet);
  bool finish_packet(CapturedPacket& packet, std::size_t interface, Bytes data,
                     std::size_t captured, std::size_t original);
  std::int64_t nanoseconds(std::size_t interface, std::uint64_t units) const;
  bool fail(const std::string& what);
  std::string unreadable() const;

  std::uint16_t u16(const std::uint8_t* p) const;
  std::uint32_t u32(const std::uint8_t* p) const;

  std::FILE* stream_;
  std::uint64_t position_ = 0;  // in the file
  bool is_big_endian_ = false;
  bool has_section_ = false;
  std::size_t section_begin_ = 0;  // index of the section's first interface
  std::vector<Clock> clocks_;      // by interface
  std::vector<std::uint8_t> block_;
  CapturedPacket first_;  // found by read_head()
  bool has_first_ = false;
};

}  // namespace strata::device
