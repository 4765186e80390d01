// SPDX-License-Identifier: MIT
// PcapngWriter: the pcapng format (draft-ietf-opsawg-pcapng), byte by byte, little endian, into an
// abstract sink. Knows nothing of simulations.
//
//     section header | interface descriptions | names | packets ... | interface statistics
//
// Timestamps are nanoseconds. Custom blocks are never written: readers count them as packets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "sim/device/block.h"
#include "sim/device/pcap_file.h"
#include "stack/base/address.h"
#include "stack/base/bytes.h"
#include "stack/base/time.h"

namespace strata::trace {

// Where finished octets go.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  // Takes the first `used` octets of `block`, and may leave another block in its place. Where
  // `more` follow soon, some may stay for them, at the front of the block; how many is returned. An
  // error is a sentence saying what went wrong, now or earlier.
  virtual tl::expected<std::size_t, std::string> write(device::Block& block, std::size_t used,
                                                       bool more) = 0;
};

// epb_flags of the packets.
namespace packet_flag {
inline constexpr std::uint32_t inbound = 1;
inline constexpr std::uint32_t outbound = 2;
inline constexpr std::uint32_t unicast = 1U << 2;  // reception type, of inbound packets
inline constexpr std::uint32_t multicast = 2U << 2;
inline constexpr std::uint32_t broadcast = 3U << 2;
inline constexpr std::uint32_t crc_error = 1U << 24;
inline constexpr std::uint32_t too_long = 1U << 25;
inline constexpr std::uint32_t too_short = 1U << 26;
inline constexpr std::uint32_t symbol_error = 1U << 31;
}  // namespace packet_flag

class PcapngWriter {
 public:
  struct Section {
    std::string hardware;
    std::string operating_system;
    std::string application;
    std::vector<std::string> comments;
  };
  struct Interface {
    std::string name;
    std::string description;
    device::LinkType link_type = device::LinkType::ethernet;
    std::uint32_t snapshot_bytes = 0;  // 0: no limit
    std::uint64_t speed_bps = 0;       // 0: not stated
    std::uint8_t fcs_bytes = 0;        // at the end of every packet
    MacAddress mac;                    // zero: not stated
    std::vector<Prefix> addresses;
  };
  struct Name {
    IpAddress address;
    std::string name;
  };
  struct Packet {
    std::uint32_t interface = 0;
    Instant time;
    Bytes head;  // these octets come first, then `body`: both together are the packet
    Bytes body;
    std::uint32_t flags = 0;
    std::uint64_t id = 0;
    std::uint64_t drops_before = 0;  // packets lost at this interface since the one before
    std::string_view comment;        // the first; empty: none
  };

  // The sink must outlive the writer. Nothing is written to it before the buffer is full or
  // flush().
  explicit PcapngWriter(ByteSink& sink);

  void section(const Section& section);
  // Returns the number of the interface for its packets. All of a section come before its packets.
  std::uint32_t interface(const Interface& interface);
  void names(std::span<const Name> names);
  // A packet is open until end_packet(), so that comments can still be added.
  void begin_packet(const Packet& packet);
  void comment(std::string_view text);
  void end_packet();
  void statistics(std::uint32_t interface, Instant now, std::uint64_t received,
                  std::uint64_t dropped);

  // Hands everything to the sink.
  void flush();
  // The first error of the sink; nothing is handed to it afterwards.
  const std::optional<std::string>& error() const { return error_; }

 private:
  void begin_block(std::uint32_t type);
  void end_block();
  std::uint8_t* extend(std::size_t size) {
    if (used_ + size > buffer_.size()) [[unlikely]]
      grow(size);
    return buffer_.data() + std::exchange(used_, used_ + size);
  }
  void grow(std::size_t size);
  void hand_over(bool more);
  void put16(std::uint16_t value);
  void put32(std::uint32_t value);
  void put64(std::uint64_t value);
  void put_time(Instant time);
  void option(std::uint16_t code, Bytes value);
  void option_text(std::uint16_t code, std::string_view text);
  void option32(std::uint16_t code, std::uint32_t value);
  void option64(std::uint16_t code, std::uint64_t value);
  void end_options() { put32(0); }

  ByteSink& sink_;
  device::Block buffer_;
  std::size_t used_ = 0;                  // of buffer_
  std::size_t ahead_ = 0;                 // of buffer_: what the processor was asked for
  std::size_t block_begin_ = 0;           // of the block being built
  std::vector<std::uint32_t> snapshots_;  // by interface
  std::optional<std::string> error_;
};

}  // namespace strata::trace
