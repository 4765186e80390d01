// SPDX-License-Identifier: MIT
#include "sim/trace/capture_stream.h"

#include <algorithm>
#include <array>
#include <utility>

#include "sim/device/block_writer.h"
#include "sim/device/output_file.h"
#include "sim/device/pcap_file.h"
#include "stack/base/address.h"
#include "stack/physical/framing.h"

namespace strata::trace {
namespace {

constexpr std::array<std::uint8_t, physical::kPreambleAndStartBytes> kPreambleAndStart{
    physical::kPreambleOctet, physical::kPreambleOctet, physical::kPreambleOctet,
    physical::kPreambleOctet, physical::kPreambleOctet, physical::kPreambleOctet,
    physical::kPreambleOctet, physical::kStartDelimiter};

std::uint32_t flags_of(const CapturedFrame& frame) {
  std::uint32_t flags = frame.is_outbound ? packet_flag::outbound : packet_flag::inbound;
  if (!frame.is_outbound && frame.frame.size() >= MacAddress::kBytes) {
    const MacAddress destination = MacAddress::load(frame.frame.data());
    if (destination.is_broadcast()) {
      flags |= packet_flag::broadcast;
    } else {
      flags |= destination.is_group() ? packet_flag::multicast : packet_flag::unicast;
    }
  }
  switch (frame.error) {
    case FrameError::none:
      break;
    case FrameError::crc:
      flags |= packet_flag::crc_error;
      break;
    case FrameError::symbol:
      flags |= packet_flag::symbol_error;
      break;
    case FrameError::too_short:
      flags |= packet_flag::too_short;
      break;
    case FrameError::too_long:
      flags |= packet_flag::too_long;
      break;
  }
  return flags;
}

class FileSink final : public ByteSink {
 public:
  FileSink(device::OutputFile file, device::BlockWriter& writer) : file_(std::move(file), writer) {}
  tl::expected<std::size_t, std::string> write(device::Block& block, std::size_t used,
                                               bool more) override {
    return file_.write(block, used, more);
  }
  std::optional<std::string> flush() { return file_.flush(); }
  std::optional<std::string> commit() { return file_.commit(); }

 private:
  device::BackgroundFile file_;
};

class PcapngStream final : public CaptureStream {
 public:
  PcapngStream(device::OutputFile file, device::BlockWriter& writer, const CaptureHead& head)
      : sink_(std::move(file), writer), writer_(sink_) {
    if (head.is_physical) preamble_ = kPreambleAndStart;
    writer_.section(head.section);
    for (const PcapngWriter::Interface& interface : head.interfaces) writer_.interface(interface);
    writer_.names(head.names);
  }

  void begin(const CapturedFrame& frame) override {
    has_news_ = true;
    writer_.begin_packet({.interface = frame.interface,
                          .time = frame.time,
                          .head = preamble_,
                          .body = frame.frame,
                          .flags = flags_of(frame),
                          .id = raw(frame.uid),
                          .drops_before = frame.drops_before,
                          .comment = frame.comment});
  }
  void comment(std::string_view text) override { writer_.comment(text); }
  void end() override { writer_.end_packet(); }
  void statistics(std::uint32_t interface, Instant now, std::uint64_t frames,
                  std::uint64_t drops) override {
    writer_.statistics(interface, now, frames, drops);
  }
  void flush() override {
    if (!std::exchange(has_news_, false)) return;
    writer_.flush();
    if (auto error = sink_.flush(); error && !flush_error_) flush_error_ = std::move(error);
  }
  std::optional<std::string> finish() override {
    writer_.flush();
    if (writer_.error()) return writer_.error();
    return sink_.commit();
  }
  bool has_failed() const override { return writer_.error() || flush_error_; }

 private:
  FileSink sink_;
  PcapngWriter writer_;
  std::optional<std::string> flush_error_;
  bool has_news_ = true;  // since the last flush(); at first, the head of the file
  Bytes preamble_;
};

class PcapStream final : public CaptureStream {
 public:
  PcapStream(device::PcapFile file, const CaptureHead& head)
      : file_(std::move(file)), head_(head) {}

  void begin(const CapturedFrame& frame) override {
    Bytes octets = frame.frame;
    if (head_.is_physical) {
      scratch_.assign(kPreambleAndStart.begin(), kPreambleAndStart.end());
      scratch_.insert(scratch_.end(), octets.begin(), octets.end());
      octets = scratch_;
    } else {
      // A classic file cannot say that there is an FCS; captures of real interfaces have none.
      octets = octets.first(octets.size() - std::min(octets.size(), physical::kFcsBytes));
    }
    const std::uint32_t limit = head_.interfaces[frame.interface].snapshot_bytes;
    const std::size_t captured =
        limit == 0 ? octets.size() : std::min<std::size_t>(octets.size(), limit);
    file_.write(frame.time, octets.first(captured), octets.size());
    has_news_ = true;
  }
  void comment(std::string_view) override {}
  void end() override {}
  void statistics(std::uint32_t, Instant, std::uint64_t, std::uint64_t) override {}
  void flush() override {
    if (!std::exchange(has_news_, false)) return;
    has_failed_ = has_failed_ || file_.flush().has_value();
  }
  std::optional<std::string> finish() override { return file_.commit(); }
  bool has_failed() const override { return has_failed_; }

 private:
  device::PcapFile file_;
  CaptureHead head_;
  std::vector<std::uint8_t> scratch_;
  bool has_news_ = true;  // since the last flush()
  bool has_failed_ = false;
};

}  // namespace

tl::expected<std::unique_ptr<CaptureStream>, std::string> CaptureStream::create(
    const std::string& path, CaptureFormat format, const CaptureHead& head,
    device::BlockWriter& writer) {
  if (format == CaptureFormat::pcap) {
    constexpr std::uint32_t kNoLimit = 262144;
    const PcapngWriter::Interface& first = head.interfaces.front();
    auto file = device::PcapFile::create(
        path, first.link_type, first.snapshot_bytes == 0 ? kNoLimit : first.snapshot_bytes);
    if (!file) return tl::unexpected(std::move(file.error()));
    return std::make_unique<PcapStream>(std::move(*file), head);
  }
  auto file = device::OutputFile::create(path);
  if (!file) return tl::unexpected(std::move(file.error()));
  return std::make_unique<PcapngStream>(std::move(*file), writer, head);
}

}  // namespace strata::trace
