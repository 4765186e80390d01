// SPDX-License-Identifier: MIT
#include "sim/device/tap.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sstream>
#include <utility>

namespace strata::device {
namespace {

// In front of every frame of a device with offload: struct virtio_net_hdr (Virtual I/O Device 1.2,
// 5.1.6), whose header file C++ cannot read.
struct VirtioHeader {
  std::uint8_t flags;
  std::uint8_t gso_type;
  std::uint16_t hdr_len;
  std::uint16_t gso_size;
  std::uint16_t csum_start;
  std::uint16_t csum_offset;
};
constexpr std::uint8_t kNeedsChecksum = 1;
constexpr std::uint8_t kGsoNone = 0;
constexpr std::uint8_t kGsoTcp4 = 1;
constexpr std::uint8_t kGsoEcn = 0x80;  // goes with the others: the frame carries CWR

constexpr const char* kControlDevice = "/dev/net/tun";
constexpr std::size_t kFrameBytesMost = 65'550;  // what the kernel may hand over at once

std::string open_failure(const std::string& name, int error) {
  if (error == ENOENT || error == ENODEV || error == ENXIO) {
    return fmt::format("cannot open TAP device {}: {} is not there: load the kernel module 'tun'",
                       name, kControlDevice);
  }
  if (error == EINVAL) {
    return fmt::format(
        "cannot open TAP device {}: there is an interface of that name which is "
        "none; choose another name, or attach to it with 'pcap: {}'",
        name, name);
  }
  return fmt::format("cannot open TAP device {}: {}", name, reason_of(error, "CAP_NET_ADMIN"));
}

ifreq request_for(const std::string& name, int flags) {
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  request.ifr_flags = static_cast<short>(flags);
  return request;
}

// 0, or an errno. `has_offload`: wanted, and then whether the kernel agreed.
int attach(int descriptor, const std::string& name, bool& has_offload) {
  constexpr int kPlain = IFF_TAP | IFF_NO_PI;
  unsigned features = 0;
  if (::ioctl(descriptor, TUNGETFEATURES, &features) != 0) features = 0;
  has_offload = has_offload && (features & IFF_VNET_HDR) != 0;
  ifreq request = request_for(name, has_offload ? kPlain | IFF_VNET_HDR : kPlain);
  if (::ioctl(descriptor, TUNSETIFF, &request) != 0) return errno;
  if (!has_offload) return 0;
  int header_bytes = sizeof(VirtioHeader);
  if (::ioctl(descriptor, TUNSETVNETHDRSZ, &header_bytes) != 0) return errno;
  // An old kernel that refuses sends plain frames behind empty headers.
  (void)::ioctl(descriptor, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO_ECN);
  return 0;
}

// proc(5): a line for each interface. sysfs would show those of whoever mounted it.
Descriptor open_counters() {
  return Descriptor(::open("/proc/thread-self/net/dev", O_RDONLY | O_CLOEXEC));
}

// Frames to us that the kernel threw away: the twelfth number behind the name. 0: not to be found.
std::uint64_t drops_in(const std::string& counters, const std::string& name) {
  constexpr int kDropsColumn = 12;
  std::istringstream lines(counters);
  for (std::string line; std::getline(lines, line);) {
    const std::size_t colon = line.find(':');
    const std::size_t begin = line.find_first_not_of(' ');
    if (colon == std::string::npos || line.substr(begin, colon - begin) != name) continue;
    std::istringstream numbers(line.substr(colon + 1));
    std::uint64_t number = 0;
    for (int i = 0; i < kDropsColumn; ++i) numbers >> number;
    return number;
  }
  return 0;
}

}  // namespace

tl::expected<Tap, std::string> Tap::open(const TapConfig& config) {
  if (config.name.empty() || config.name.size() >= IFNAMSIZ) {
    return tl::unexpected(fmt::format("'{}' is no name for a TAP device: 1 to {} characters",
                                      config.name, IFNAMSIZ - 1));
  }
  Descriptor descriptor(::open(kControlDevice, O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (descriptor.get() < 0 && errno == EACCES) {
    return tl::unexpected(
        fmt::format("cannot open TAP device {}: you may not open {}: run as root, or once 'sudo "
                    "chmod 666 {}'",
                    config.name, kControlDevice, kControlDevice));
  }
  if (descriptor.get() < 0) return tl::unexpected(open_failure(config.name, errno));
  bool has_offload = config.offload;
  if (const int error = attach(descriptor.get(), config.name, has_offload); error != 0) {
    return tl::unexpected(open_failure(config.name, error));
  }
  if (config.persistent && ::ioctl(descriptor.get(), TUNSETPERSIST, 1) != 0) {
    return tl::unexpected(open_failure(config.name, errno));
  }
  return Tap(config.name, std::move(descriptor), has_offload);
}

Tap::Tap(std::string name, Descriptor descriptor, bool has_offload)
    : name_(std::move(name)),
      descriptor_(std::move(descriptor)),
      counters_(open_counters()),
      has_offload_(has_offload),
      buffer_(kHeaderBytes + kFrameBytesMost) {
  static_assert(sizeof(VirtioHeader) == kHeaderBytes);
  dropped_before_ = dropped_by_kernel();
}

Transfer Tap::read(Bytes& frame) {
  if (!splitter_.empty()) {
    frame = splitter_.next();
    return Transfer::done;
  }
  const ssize_t count = ::read(descriptor_.get(), buffer_.data(), buffer_.size());
  if (count >= 0) return unpack(static_cast<std::size_t>(count), frame);
  if (errno == EAGAIN || errno == EINTR) return Transfer::would_block;
  error_ = errno;
  return Transfer::failed;
}

Transfer Tap::unpack(std::size_t count, Bytes& frame) {
  if (!has_offload_) {
    frame = Bytes{buffer_}.first(count);
    return Transfer::done;
  }
  if (count < kHeaderBytes) return Transfer::lost;
  VirtioHeader header{};
  std::memcpy(&header, buffer_.data(), sizeof header);
  const MutableBytes whole = MutableBytes{buffer_}.subspan(kHeaderBytes, count - kHeaderBytes);
  const Offload offload{.checksum_start = header.csum_start,
                        .checksum_offset = header.csum_offset,
                        .segment_bytes = header.gso_size};
  const int kind = header.gso_type & ~kGsoEcn;
  if (kind != kGsoNone) {
    if (kind != kGsoTcp4 || !splitter_.load(whole, offload)) return Transfer::lost;
    frame = splitter_.next();
    return Transfer::done;
  }
  if ((header.flags & kNeedsChecksum) != 0 && !complete_checksum(whole, offload)) {
    return Transfer::lost;
  }
  frame = whole;
  return Transfer::done;
}

// A frame that does not go with those gathered leaves behind them.
Transfer Tap::write(Bytes frame) {
  if (!has_offload_) return put(frame, {});
  const bool leaves_alone = is_long(frame);
  if (!leaves_alone && gather(frame)) return Transfer::done;
  const Transfer before = flush();
  if (before == Transfer::failed || before == Transfer::would_block) return before;
  if (Offload offload; leaves_alone && leave_checksum(frame, headers_, offload)) {
    return put(headers_, frame.subspan(headers_.size()), offload);
  }
  return gather(frame) ? Transfer::done : put(frame, {});
}

// True: the frame waits for flush(), in the last super-frame or as the first of another one.
bool Tap::gather(Bytes frame) {
  if (first_ != end_ && gathered_[end_ - 1].add(frame)) return true;
  if (end_ == gathered_.size() || !gathered_[end_].add(frame)) return false;
  ++end_;
  return true;
}

Transfer Tap::flush() {
  Transfer transfer = Transfer::done;
  for (; first_ != end_; ++first_) {
    Merger& merger = gathered_[first_];
    const MutableBytes frame = merger.frame();
    transfer = put(frame, merger.offload());
    if (transfer == Transfer::would_block || transfer == Transfer::failed) return transfer;
    if (transfer == Transfer::lost) lost_later_ += merger.segments();
    merger.clear();
  }
  first_ = end_ = 0;
  return transfer;
}

Transfer Tap::put(Bytes headers, Bytes rest, const Offload& offload) {
  VirtioHeader header{};
  if (offload.needs_checksum) {
    header.flags = kNeedsChecksum;
    header.csum_start = static_cast<std::uint16_t>(offload.checksum_start);
    header.csum_offset = static_cast<std::uint16_t>(offload.checksum_offset);
  }
  if (offload.segment_bytes != 0) {
    header.gso_type = kGsoTcp4;
    header.gso_size = static_cast<std::uint16_t>(offload.segment_bytes);
    header.hdr_len = static_cast<std::uint16_t>(offload.header_bytes);
  }
  // writev() reads only; its interface is older than const.
  const std::array<iovec, 3> parts{{{&header, sizeof header},
                                    {const_cast<std::uint8_t*>(headers.data()), headers.size()},
                                    {const_cast<std::uint8_t*>(rest.data()), rest.size()}}};
  const ssize_t count =
      has_offload_ ? ::writev(descriptor_.get(), parts.data(), static_cast<int>(parts.size()))
                   : ::write(descriptor_.get(), rest.data(), rest.size());
  return count >= 0 ? Transfer::done : after_failure();
}

Transfer Tap::after_failure() {
  if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS) return Transfer::would_block;
  error_ = errno;
  // The interface is down at the moment (EIO), or the kernel finds no sense in the frame (EINVAL):
  // a frame lost, as on a cable that was pulled.
  return errno == EIO || errno == EINVAL ? Transfer::lost : Transfer::failed;
}

std::uint64_t Tap::dropped_by_kernel() const {
  std::string text;
  std::array<char, 4096> piece{};
  for (;;) {
    const ssize_t count =
        ::pread(counters_.get(), piece.data(), piece.size(), static_cast<off_t>(text.size()));
    if (count <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
  return std::max(drops_in(text, name_), dropped_before_);
}

std::string Tap::failure() const {
  if (error_ == EBADFD) return fmt::format("the device {} is gone: somebody removed it", name_);
  return fmt::format("{}: {}", name_, std::strerror(error_));
}

}  // namespace strata::device
