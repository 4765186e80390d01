// SPDX-License-Identifier: MIT
#include "sim/device/pcap_device.h"

#include <fmt/format.h>
#include <net/if.h>
#include <pcap/pcap.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "sim/device/descriptor.h"

namespace strata::device {
namespace {

constexpr int kSnapshotBytes = 65'550;
// The kernel's ring. Each frame takes the room of the longest one: 512 of them.
constexpr int kRingBytes = 32 << 20;

std::string open_failure(const std::string& name, pcap_t* handle, int status) {
  if (status == PCAP_ERROR_PERM_DENIED || status == PCAP_ERROR_PROMISC_PERM_DENIED) {
    return fmt::format("cannot open the interface {}: {}", name, reason_of(EPERM, "CAP_NET_RAW"));
  }
  if (status == PCAP_ERROR_NO_SUCH_DEVICE) {
    return fmt::format("there is no interface {}: 'ip link' lists those there are", name);
  }
  if (status == PCAP_ERROR_IFACE_NOT_UP) {
    return fmt::format("the interface {} is down: 'ip link set {} up'", name, name);
  }
  const std::string detail = handle != nullptr ? pcap_geterr(handle) : "";
  return fmt::format("cannot open the interface {}: {}", name,
                     detail.empty() ? pcap_statustostr(status) : detail);
}

// Empty: done.
std::string set_filter(pcap_t* handle, const std::string& filter) {
  if (filter.empty()) return {};
  bpf_program program{};
  if (pcap_compile(handle, &program, filter.c_str(), 1, PCAP_NETMASK_UNKNOWN) != 0) {
    return fmt::format("'{}' is not a pcap filter: {}; see pcap-filter(7)", filter,
                       pcap_geterr(handle));
  }
  const int status = pcap_setfilter(handle, &program);
  pcap_freecode(&program);
  return status == 0 ? "" : fmt::format("cannot set the filter: {}", pcap_geterr(handle));
}

}  // namespace

void PcapDevice::Close::operator()(pcap_t* handle) const { pcap_close(handle); }

tl::expected<PcapDevice, std::string> PcapDevice::open(const PcapConfig& config) {
  char problem[PCAP_ERRBUF_SIZE] = {};
  Handle handle(pcap_create(config.name.c_str(), problem));
  if (handle == nullptr) {
    return tl::unexpected(fmt::format("cannot open the interface {}: {}", config.name, problem));
  }
  pcap_set_snaplen(handle.get(), kSnapshotBytes);
  pcap_set_promisc(handle.get(), 1);
  pcap_set_immediate_mode(handle.get(), 1);
  pcap_set_buffer_size(handle.get(), kRingBytes);
  if (const int status = pcap_activate(handle.get()); status < 0) {
    return tl::unexpected(open_failure(config.name, handle.get(), status));
  }
  if (pcap_datalink(handle.get()) != DLT_EN10MB) {
    return tl::unexpected(fmt::format("the interface {} does not carry Ethernet frames but {}",
                                      config.name,
                                      pcap_datalink_val_to_name(pcap_datalink(handle.get()))));
  }
  if (pcap_setdirection(handle.get(), PCAP_D_IN) != 0 ||
      pcap_setnonblock(handle.get(), 1, problem) != 0) {
    return tl::unexpected(open_failure(config.name, handle.get(), PCAP_ERROR));
  }
  if (std::string failure = set_filter(handle.get(), config.filter); !failure.empty()) {
    return tl::unexpected(std::move(failure));
  }
  const int descriptor = pcap_get_selectable_fd(handle.get());
  return PcapDevice(config, std::move(handle), descriptor);
}

PcapDevice::PcapDevice(const PcapConfig& config, Handle handle, int descriptor)
    : name_(config.name), mtu_(config.mtu), handle_(std::move(handle)), descriptor_(descriptor) {}

Transfer PcapDevice::read(Bytes& frame) {
  if (!splitter_.empty()) {
    frame = splitter_.next();
    return Transfer::done;
  }
  pcap_pkthdr* header = nullptr;
  const u_char* octets = nullptr;
  const int status = pcap_next_ex(handle_.get(), &header, &octets);
  if (status == 0) return Transfer::would_block;
  if (status < 0) {
    error_ = 0;
    return Transfer::failed;
  }
  if (header->caplen < header->len) return Transfer::lost;
  frame = Bytes{octets, header->caplen};
  Offload offload{.segment_bytes = segment_bytes_for(frame, mtu_)};
  if (offload.segment_bytes != 0) {
    buffer_.assign(frame.begin(), frame.end());
    if (!splitter_.load(buffer_, offload)) return Transfer::lost;
    frame = splitter_.next();
  } else if (lacks_checksum(frame, offload)) {
    buffer_.assign(frame.begin(), frame.end());
    if (!complete_checksum(buffer_, offload)) return Transfer::lost;
    frame = buffer_;
  }
  return Transfer::done;
}

Transfer PcapDevice::write(Bytes frame) {
  if (pcap_inject(handle_.get(), frame.data(), frame.size()) >= 0) return Transfer::done;
  error_ = errno;
  if (error_ == EAGAIN || error_ == ENOBUFS || error_ == EINTR) return Transfer::would_block;
  // Down at the moment, or longer than the interface takes: a frame lost.
  return error_ == ENETDOWN || error_ == EMSGSIZE || error_ == EINVAL ? Transfer::lost
                                                                      : Transfer::failed;
}

std::uint64_t PcapDevice::overruns() const {
  pcap_stat counters{};
  return pcap_stats(handle_.get(), &counters) == 0 ? counters.ps_drop : 0;
}

std::string PcapDevice::failure() const {
  return fmt::format("{}: {}", name_,
                     error_ != 0 ? std::strerror(error_) : pcap_geterr(handle_.get()));
}

}  // namespace strata::device
