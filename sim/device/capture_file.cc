// SPDX-License-Identifier: MIT
#include "sim/device/capture_file.h"

#include <fmt/format.h>
#include <pcap/pcap.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "sim/device/gzip_stream.h"
#include "sim/device/pcapng_reader.h"
#include "stack/base/time.h"

namespace strata::device {
namespace {

struct ClosePcap {
  void operator()(pcap* handle) const { pcap_close(handle); }
};

// The link type of a DLT_ number of libpcap: they differ where systems disagree.
wire::LinkType link_type_of(int dlt) {
  switch (dlt) {
    case DLT_RAW:
    case 14:  // DLT_RAW of OpenBSD
    case DLT_IPV4:
    case DLT_IPV6:
      return wire::LinkType::raw_ip;
    default:
      return static_cast<wire::LinkType>(dlt);
  }
}

class ClassicFile final : public CaptureFile {
 public:
  ClassicFile(std::unique_ptr<pcap, ClosePcap> handle, std::string name)
      : CaptureFile(std::move(name)), handle_(std::move(handle)) {
    interfaces_.push_back({.name = {}, .link_type = link_type_of(pcap_datalink(handle_.get()))});
  }

  bool next(CapturedPacket& packet) override {
    pcap_pkthdr* header = nullptr;
    const u_char* data = nullptr;
    const int status = pcap_next_ex(handle_.get(), &header, &data);
    if (status != 1) {
      if (status == PCAP_ERROR) {
        problem_ = fmt::format("{}: it is cut off or damaged after packet {} ({})", name_, packets_,
                               pcap_geterr(handle_.get()));
      }
      return false;
    }
    ++packets_;
    packet.interface = 0;
    packet.nanoseconds = header->ts.tv_sec * kNanosecondsPerSecond + header->ts.tv_usec;
    packet.octets = {data, header->caplen};
    packet.bytes_left_out = header->len - std::min(header->len, header->caplen);
    return true;
  }

 private:
  std::unique_ptr<pcap, ClosePcap> handle_;
};

// What the stream begins with, still to be read; or EOF.
int first_octet(std::FILE* stream) {
  const int octet = std::fgetc(stream);
  if (octet != EOF) std::ungetc(octet, stream);
  return octet;
}

}  // namespace

tl::expected<std::unique_ptr<CaptureFile>, std::string> CaptureFile::open(const std::string& path) {
  std::FILE* stream = path == "-" ? stdin : std::fopen(path.c_str(), "rb");
  if (stream == nullptr) {
    return tl::unexpected(fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  }
  return open(stream, path == "-" ? "standard input" : path);
}

tl::expected<std::unique_ptr<CaptureFile>, std::string> CaptureFile::open(std::FILE* stream,
                                                                          std::string name) {
  int first = first_octet(stream);
  if (first == kGzipFirstOctet) {
    stream = unpacked(stream);
    if (stream == nullptr) return tl::unexpected(fmt::format("{}: out of memory", name));
    first = first_octet(stream);
  }
  const auto refuse = [&](std::string_view why) {
    if (stream != stdin) std::fclose(stream);
    return tl::unexpected(fmt::format("{}: {}", name, why));
  };
  if (first == EOF) return refuse(std::ferror(stream) != 0 ? std::strerror(errno) : "it is empty");
  if (first == PcapngReader::kFirstOctet) {
    auto reader = std::make_unique<PcapngReader>(stream, std::move(name));
    reader->read_head();
    if (!reader->problem().empty()) return tl::unexpected(reader->problem());
    return reader;
  }
  std::array<char, PCAP_ERRBUF_SIZE> error{};
  std::unique_ptr<pcap, ClosePcap> handle{
      pcap_fopen_offline_with_tstamp_precision(stream, PCAP_TSTAMP_PRECISION_NANO, error.data())};
  if (handle != nullptr) return std::make_unique<ClassicFile>(std::move(handle), std::move(name));
  const std::string_view said = error.data();
  return refuse(said.starts_with("unknown file format") ? "it is neither a pcap nor a pcapng file"
                                                        : said);
}

}  // namespace strata::device
