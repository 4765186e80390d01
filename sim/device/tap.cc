// SPDX-License-Identifier: MIT
#include "sim/device/tap.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <fmt/format.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace strata::device {
namespace {

constexpr const char* kControlDevice = "/dev/net/tun";

// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int value) : value_(value) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (value_ >= 0) ::close(value_);
  }
  int get() const { return value_; }
  int release() { return std::exchange(value_, -1); }

 private:
  int value_;
};

ifreq request_for(const std::string& name) {
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  return request;
}

std::string reason(int error) {
  if (error == EPERM || error == EACCES) {
    return "it needs the capability CAP_NET_ADMIN: run as root, or once "
           "'sudo setcap cap_net_admin,cap_net_raw+ep $(command -v strata)'";
  }
  if (error == EBUSY) return "another process holds it";
  return std::strerror(error);
}

std::string open_failure(const std::string& name, int error) {
  if (error == ENOENT || error == ENODEV || error == ENXIO) {
    return fmt::format("cannot open TAP device {}: {} is not there: load the kernel module 'tun'",
                       name, kControlDevice);
  }
  return fmt::format("cannot open TAP device {}: {}", name, reason(error));
}

sockaddr ipv4_sockaddr(std::uint32_t address) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_addr.s_addr = htonl(address);
  sockaddr out{};
  std::memcpy(&out, &in, sizeof out);
  return out;
}

std::uint32_t mask_of(std::uint8_t length) {
  return length == 0 ? 0 : 0xffffffffU << (32 - length);
}

// One setting of an interface; the name of the step for the message when it fails.
class Settings {
 public:
  Settings(int control, const std::string& name) : control_(control), name_(name) {}

  // Applies one ioctl; after a failure nothing more is done.
  void apply(unsigned long code, ifreq request, std::string_view what) {
    if (!failure_.empty() || ::ioctl(control_, code, &request) == 0) return;
    failure_ = fmt::format("cannot set the {} of {}: {}", what, name_, reason(errno));
  }
  ifreq request() const { return request_for(name_); }
  const std::string& failure() const { return failure_; }

 private:
  int control_;
  const std::string& name_;
  std::string failure_;
};

// Empty: done. The routes disappear with the device.
std::string add_routes(int control, const TapConfig& config) {
  for (const Prefix& network : config.routes) {
    rtentry route{};
    route.rt_dst = ipv4_sockaddr(network.address.v4().value());
    route.rt_genmask = ipv4_sockaddr(mask_of(network.length));
    route.rt_gateway = ipv4_sockaddr(config.gateway->v4().value());
    route.rt_flags = RTF_UP | RTF_GATEWAY;
    std::string device = config.name;
    route.rt_dev = device.data();
    if (::ioctl(control, SIOCADDRT, &route) == 0 || errno == EEXIST) continue;
    return fmt::format("cannot add the route to {} through {}: {}", to_text(network),
                       to_text(*config.gateway), reason(errno));
  }
  return {};
}

// Gives the kernel's end its address, MTU and MAC, and brings it up. Empty: done.
std::string configure(const TapConfig& config) {
  const Descriptor control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  if (control.get() < 0) return fmt::format("cannot set up {}: {}", config.name, reason(errno));
  Settings settings(control.get(), config.name);
  if (config.mac) {
    ifreq request = settings.request();
    request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    std::array<std::uint8_t, MacAddress::kBytes> octets{};
    config.mac->store(octets.data());
    std::memcpy(request.ifr_hwaddr.sa_data, octets.data(), octets.size());
    settings.apply(SIOCSIFHWADDR, request, "MAC address");
  }
  ifreq mtu = settings.request();
  mtu.ifr_mtu = config.mtu;
  settings.apply(SIOCSIFMTU, mtu, "MTU");
  if (config.address) {
    ifreq address = settings.request();
    address.ifr_addr = ipv4_sockaddr(config.address->address.v4().value());
    settings.apply(SIOCSIFADDR, address, "address");
    ifreq mask = settings.request();
    mask.ifr_netmask = ipv4_sockaddr(mask_of(config.address->length));
    settings.apply(SIOCSIFNETMASK, mask, "netmask");
  }
  ifreq flags = settings.request();
  if (settings.failure().empty() && ::ioctl(control.get(), SIOCGIFFLAGS, &flags) == 0) {
    flags.ifr_flags = static_cast<short>(flags.ifr_flags | IFF_UP);
    settings.apply(SIOCSIFFLAGS, flags, "state");
  }
  if (settings.failure().empty() && config.gateway) return add_routes(control.get(), config);
  return settings.failure();
}

}  // namespace

tl::expected<Tap, std::string> Tap::open(const TapConfig& config) {
  if (config.name.empty() || config.name.size() >= IFNAMSIZ) {
    return tl::unexpected(fmt::format("'{}' is no name for a TAP device: 1 to {} characters",
                                      config.name, IFNAMSIZ - 1));
  }
  Descriptor descriptor(::open(kControlDevice, O_RDWR | O_NONBLOCK | O_CLOEXEC));
  if (descriptor.get() < 0) return tl::unexpected(open_failure(config.name, errno));
  ifreq request = request_for(config.name);
  request.ifr_flags = static_cast<short>(IFF_TAP | IFF_NO_PI);
  if (::ioctl(descriptor.get(), TUNSETIFF, &request) != 0) {
    return tl::unexpected(open_failure(config.name, errno));
  }
  if (std::string failure = configure(config); !failure.empty()) {
    return tl::unexpected(std::move(failure));
  }
  return Tap(config.name, descriptor.release());
}

Tap::Tap(Tap&& other) noexcept
    : name_(std::move(other.name_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      error_(other.error_) {}

Tap::~Tap() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

Transfer Tap::read(MutableBytes into, std::size_t& size) {
  const ssize_t count = ::read(descriptor_, into.data(), into.size());
  if (count >= 0) {
    size = static_cast<std::size_t>(count);
    return Transfer::done;
  }
  if (errno == EAGAIN || errno == EINTR) return Transfer::would_block;
  error_ = errno;
  return Transfer::failed;
}

Transfer Tap::write(Bytes frame) {
  if (::write(descriptor_, frame.data(), frame.size()) >= 0) return Transfer::done;
  if (errno == EAGAIN || errno == EINTR || errno == ENOBUFS) return Transfer::would_block;
  error_ = errno;
  // The interface is down at the moment (EIO), or the kernel finds no sense in the frame (EINVAL):
  // a frame lost, as on a cable that was pulled.
  return errno == EIO || errno == EINVAL ? Transfer::would_block : Transfer::failed;
}

std::string Tap::failure() const { return fmt::format("{}: {}", name_, std::strerror(error_)); }

}  // namespace strata::device
