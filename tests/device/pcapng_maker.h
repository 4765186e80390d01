// SPDX-License-Identifier: MIT
// Pcapng files made by hand, block by block, for tests of what reads them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace strata::device {

// Writes pcapng blocks in either byte order.
class Pcapng {
 public:
  explicit Pcapng(bool is_big_endian = false) : is_big_endian_(is_big_endian) {
    block(0x0a0d0d0a, [&] {
      u32(0x1a2b3c4d);
      u16(1);
      u16(0);
      u32(0xffffffff);
      u32(0xffffffff);
    });
  }
  Pcapng& interface(std::uint16_t link_type, const std::string& name = {},
                    std::optional<std::uint8_t> resolution = {},
                    std::optional<std::uint8_t> fcs = {}) {
    block(1, [&] {
      u16(link_type);
      u16(0);
      u32(0);
      if (!name.empty()) option(2, name);
      if (resolution) option(9, std::string{static_cast<char>(*resolution)});
      if (fcs) option(13, std::string{static_cast<char>(*fcs)});
      u32(0);
    });
    return *this;
  }
  Pcapng& packet(std::uint32_t interface, std::uint64_t time, const std::string& octets,
                 std::size_t original = 0) {
    block(6, [&] {
      u32(interface);
      u32(static_cast<std::uint32_t>(time >> 32));
      u32(static_cast<std::uint32_t>(time));
      u32(static_cast<std::uint32_t>(octets.size()));
      u32(static_cast<std::uint32_t>(original == 0 ? octets.size() : original));
      padded(octets);
    });
    return *this;
  }
  template <typename Body>
  Pcapng& block(std::uint32_t type, const Body& body) {
    const std::size_t begin = text_.size();
    u32(type);
    u32(0);
    body();
    const auto length = static_cast<std::uint32_t>(text_.size() - begin + 4);
    u32(length);
    const std::string written = text_.substr(text_.size() - 4);
    text_.replace(begin + 4, 4, written);
    return *this;
  }
  void u16(std::uint16_t value) {
    const char low = static_cast<char>(value);
    const char high = static_cast<char>(value >> 8);
    text_ += is_big_endian_ ? high : low;
    text_ += is_big_endian_ ? low : high;
  }
  void u32(std::uint32_t value) {
    const auto low = static_cast<std::uint16_t>(value);
    const auto high = static_cast<std::uint16_t>(value >> 16);
    u16(is_big_endian_ ? high : low);
    u16(is_big_endian_ ? low : high);
  }
  void padded(const std::string& octets) {
    text_ += octets;
    text_.append((4 - octets.size() % 4) % 4, '\0');
  }
  void option(std::uint16_t code, const std::string& value) {
    u16(code);
    u16(static_cast<std::uint16_t>(value.size()));
    padded(value);
  }
  const std::string& text() const { return text_; }

 private:
  bool is_big_endian_;
  std::string text_;
};

}  // namespace strata::device
