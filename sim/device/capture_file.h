// SPDX-License-Identifier: MIT
// CaptureFile: reads a capture made by anyone, classic pcap (by libpcap) or pcapng (by ourselves,
// because libpcap tells nothing of interfaces and refuses files with several link types), of either
// also what gzip has compressed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "stack/base/address.h"
#include "stack/base/bytes.h"
#include "stack/wire/dissect.h"

namespace strata::device {

struct CaptureInterface {
  std::string name;  // "eth0"; empty in a classic file
  wire::LinkType link_type{};
  std::uint8_t fcs_bytes = 0;  // at the end of every packet
};

// A name the file gives to an address.
struct CaptureName {
  IpAddress address;
  std::string name;
};

struct CapturedPacket {
  std::uint32_t interface = 0;   // of CaptureFile::interfaces()
  std::int64_t nanoseconds = 0;  // since the beginning of 1970
  Bytes octets;                  // valid until the next one is read
  std::size_t bytes_left_out = 0;
};

class CaptureFile {
 public:
  // The file, or "-" for standard input. The error is a sentence for the user.
  static tl::expected<std::unique_ptr<CaptureFile>, std::string> open(const std::string& path);
  // Reads from an open stream and closes it; `name` is for messages.
  static tl::expected<std::unique_ptr<CaptureFile>, std::string> open(std::FILE* stream,
                                                                      std::string name);
  virtual ~CaptureFile() = default;

  // Reads the next packet. False at the end; problem() then tells whether it was a proper one.
  virtual bool next(CapturedPacket& packet) = 0;
  // A sentence about what is wrong with the file; empty: nothing so far.
  const std::string& problem() const { return problem_; }
  // Those met so far: a pcapng file may introduce more at any time.
  const std::vector<CaptureInterface>& interfaces() const { return interfaces_; }
  const std::vector<CaptureName>& names() const { return names_; }
  std::uint64_t packets() const { return packets_; }

 protected:
  explicit CaptureFile(std::string name) : name_(std::move(name)) {}

  std::string name_;  // of the file
  std::string problem_;
  std::vector<CaptureInterface> interfaces_;
  std::vector<CaptureName> names_;
  std::uint64_t packets_ = 0;  // read so far
};

}  // namespace strata::device
