// SPDX-License-Identifier: MIT
#include "sim/device/pcap_file.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <utility>

#include "stack/base/time.h"

namespace strata::device {
namespace {

constexpr std::size_t kBufferBytes = 256 * 1024;

}  // namespace

void PcapFile::ClosePcap::operator()(pcap* handle) const { pcap_close(handle); }

PcapFile::PcapFile(OutputFile file, std::unique_ptr<pcap, ClosePcap> handle, pcap_dumper* dumper)
    : file_(std::move(file)), handle_(std::move(handle)), dumper_(dumper) {}
PcapFile::PcapFile(PcapFile&&) noexcept = default;
PcapFile::~PcapFile() = default;

tl::expected<PcapFile, FileError> PcapFile::create(std::string path, LinkType type,
                                                   std::uint32_t snapshot_bytes) {
  auto file = OutputFile::create(std::move(path));
  if (!file) return tl::unexpected(std::move(file.error()));
  std::setvbuf(file->stream(), nullptr, _IOFBF, kBufferBytes);
  std::unique_ptr<pcap, ClosePcap> handle{pcap_open_dead_with_tstamp_precision(
      static_cast<int>(type), static_cast<int>(snapshot_bytes), PCAP_TSTAMP_PRECISION_NANO)};
  if (handle == nullptr) return tl::unexpected(FileError{"libpcap: out of memory"});
  // libpcap's dumper is the stream itself and closing it would close the stream; it is the file
  // that does that.
  pcap_dumper* dumper = pcap_dump_fopen(handle.get(), file->stream());
  if (dumper == nullptr) {
    return tl::unexpected(
        fmt::format("cannot write {}: {}", file->path(), pcap_geterr(handle.get())));
  }
  return PcapFile{std::move(*file), std::move(handle), dumper};
}

void PcapFile::write(Instant time, Bytes captured, std::size_t original_bytes) {
  const std::int64_t nanoseconds = time.time_since_epoch().count();
  pcap_pkthdr header{};
  header.ts.tv_sec = nanoseconds / kNanosecondsPerSecond;
  header.ts.tv_usec = nanoseconds % kNanosecondsPerSecond;  // nanoseconds in this kind of file
  header.caplen = static_cast<bpf_u_int32>(captured.size());
  header.len = static_cast<bpf_u_int32>(original_bytes);
  // The interface takes the dumper as the first argument of a read callback.
  pcap_dump(static_cast<u_char*>(static_cast<void*>(dumper_)), &header, captured.data());
}

std::optional<FileError> PcapFile::commit() { return file_.commit(); }

}  // namespace strata::device
