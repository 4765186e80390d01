// SPDX-License-Identifier: MIT
// PcapDevice: an interface of the kernel that is there already - a network card, one end of a veth
// pair - used through libpcap: what arrives at it is captured, what leaves the simulation is
// injected (pcap(3PCAP)). The kernel goes on using the interface as well: give it no address there,
// or both will answer.
//
// Frames that leave through the interface, our own included, are not captured. A filter chooses
// among those that arrive.
//
// The other end of a veth pair leaves checksums to be completed and segments to be cut, since
// nothing on that way could do damage. libpcap does not say so: a checksum field that holds nothing
// but the sum of the pseudo-header is completed, a TCP segment longer than the interface's MTU is
// cut, as a network card would have done.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "sim/device/frame_device.h"
#include "sim/device/segmentation.h"

typedef struct pcap pcap_t;

namespace strata::device {

struct PcapConfig {
  std::string name;          // "veth1"
  std::string filter;        // pcap-filter(7); empty: everything
  std::uint16_t mtu = 1500;  // longer datagrams are cut where that is possible
};

class PcapDevice final : public FrameDevice {
 public:
  // Opens the interface in the network namespace of this thread; that takes CAP_NET_RAW. A sentence
  // for the user on failure.
  static tl::expected<PcapDevice, std::string> open(const PcapConfig& config);
  PcapDevice(PcapDevice&&) noexcept = default;
  PcapDevice& operator=(PcapDevice&&) = delete;

  const std::string& name() const override { return name_; }
  int descriptor() const override { return descriptor_; }
  Transfer read(Bytes& frame) override;
  Transfer write(Bytes frame) override;
  std::uint64_t overruns() const override;
  std::string failure() const override;

 private:
  struct Close {
    void operator()(pcap_t* handle) const;
  };
  using Handle = std::unique_ptr<pcap_t, Close>;

  PcapDevice(const PcapConfig& config, Handle handle, int descriptor);

  std::string name_;
  std::size_t mtu_;
  Handle handle_;
  int descriptor_;
  std::vector<std::uint8_t> buffer_;  // the frame being read
  Splitter splitter_;
  int error_ = 0;  // errno of a failed injection; 0: ask libpcap
};

}  // namespace strata::device
