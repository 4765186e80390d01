// SPDX-License-Identifier: MIT
// A small pcapng reader, written from the format's description and not from our writer.
#pragma once

#include <cstdint>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace strata::trace {

struct PcapngOption {
  unsigned code = 0;
  std::vector<std::uint8_t> value;

  std::string text() const { return {value.begin(), value.end()}; }
  std::uint64_t number() const {
    std::uint64_t result = 0;
    for (std::size_t i = value.size(); i-- > 0;) result = (result << 8) | value[i];
    return result;
  }
};

struct PcapngBlock {
  std::uint32_t type = 0;
  std::vector<std::uint8_t> body;
  std::vector<PcapngOption> options;
  std::vector<std::uint8_t> data;  // of a packet

  std::uint32_t u32(std::size_t offset) const {
    return body[offset] | (std::uint32_t{body[offset + 1]} << 8) |
           (std::uint32_t{body[offset + 2]} << 16) | (std::uint32_t{body[offset + 3]} << 24);
  }
  std::uint64_t time() const { return (std::uint64_t{u32(4)} << 32) | u32(8); }
  const PcapngOption* option(unsigned code) const {
    for (const PcapngOption& entry : options) {
      if (entry.code == code) return &entry;
    }
    return nullptr;
  }
  std::vector<std::string> comments() const {
    std::vector<std::string> texts;
    for (const PcapngOption& entry : options) {
      if (entry.code == 1) texts.push_back(entry.text());
    }
    return texts;
  }
};

// Empty when the octets are no sequence of well-formed blocks.
inline std::vector<PcapngBlock> read_pcapng(const std::vector<std::uint8_t>& file) {
  std::vector<PcapngBlock> blocks;
  const auto u32 = [&](std::size_t at) {
    return file[at] | (std::uint32_t{file[at + 1]} << 8) | (std::uint32_t{file[at + 2]} << 16) |
           (std::uint32_t{file[at + 3]} << 24);
  };
  for (std::size_t at = 0; at < file.size();) {
    if (file.size() - at < 12) return {};
    const std::uint32_t length = u32(at + 4);
    if (length % 4 != 0 || length < 12 || length > file.size() - at) return {};
    if (u32(at + length - 4) != length) return {};
    PcapngBlock block{.type = u32(at)};
    block.body.assign(file.begin() + static_cast<std::ptrdiff_t>(at + 8),
                      file.begin() + static_cast<std::ptrdiff_t>(at + length - 4));
    std::size_t options = block.body.size();
    if (block.type == 0x0a0d0d0a) options = 16;
    if (block.type == 1) options = 8;
    if (block.type == 4) options = 0;  // its records have the shape of options
    if (block.type == 5) options = 12;
    if (block.type == 6) {
      const std::uint32_t captured = block.u32(12);
      options = 20 + (captured + 3) / 4 * 4;
      if (options > block.body.size()) return {};
      block.data.assign(block.body.begin() + 20, block.body.begin() + 20 + captured);
    }
    for (std::size_t i = options; i + 4 <= block.body.size();) {
      const unsigned code = block.body[i] | (std::uint32_t{block.body[i + 1]} << 8);
      const std::size_t size =
          block.body[i + 2] | (static_cast<std::size_t>(block.body[i + 3]) << 8);
      if (code == 0) break;
      if (i + 4 + size > block.body.size()) return {};
      const auto begin = block.body.begin() + static_cast<std::ptrdiff_t>(i + 4);
      block.options.push_back({code, {begin, begin + static_cast<std::ptrdiff_t>(size)}});
      i += 4 + (size + 3) / 4 * 4;
    }
    blocks.push_back(std::move(block));
    at += length;
  }
  return blocks;
}

inline std::vector<std::uint8_t> read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

inline std::vector<PcapngBlock> of_type(const std::vector<PcapngBlock>& blocks,
                                        std::uint32_t type) {
  std::vector<PcapngBlock> found;
  for (const PcapngBlock& block : blocks) {
    if (block.type == type) found.push_back(block);
  }
  return found;
}

}  // namespace strata::trace
