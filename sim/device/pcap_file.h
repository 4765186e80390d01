// SPDX-License-Identifier: MIT
// PcapFile: a classic capture file with nanosecond timestamps, written by libpcap, for tools that
// do not read pcapng. It has no room for comments, interfaces or directions.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "sim/device/output_file.h"
#include "stack/base/bytes.h"
#include "stack/base/time.h"

struct pcap;
struct pcap_dumper;

namespace strata::device {

// Link types a capture of ours can have (numbers of the tcpdump.org registry).
enum class LinkType : std::uint16_t {
  ethernet = 1,           // without FCS in a classic file
  ethernet_mpacket = 274  // preamble, SFD, frame, FCS
};

class PcapFile {
 public:
  // `snapshot_bytes` is the longest record to come.
  static tl::expected<PcapFile, FileError> create(std::string path, LinkType type,
                                                  std::uint32_t snapshot_bytes);
  PcapFile(PcapFile&&) noexcept;
  PcapFile& operator=(PcapFile&&) = delete;
  ~PcapFile();

  // One record; `captured` may be shorter than the `original_bytes` there were.
  void write(Instant time, Bytes captured, std::size_t original_bytes);
  // Whoever reads along has every record that was written.
  std::optional<FileError> flush() { return file_.flush(); }
  // Completes the file and gives it its name. Reports what went wrong since create().
  std::optional<FileError> commit();

 private:
  struct ClosePcap {
    void operator()(pcap* handle) const;
  };

  PcapFile(OutputFile file, std::unique_ptr<pcap, ClosePcap> handle, pcap_dumper* dumper);

  OutputFile file_;
  std::unique_ptr<pcap, ClosePcap> handle_;
  pcap_dumper* dumper_;  // writes to file_'s stream, which is not its to close
};

}  // namespace strata::device
