// SPDX-License-Identifier: MIT
#include "sim/device/interface_setup.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace strata::device {
namespace {

ifreq request_for(const std::string& name) {
  ifreq request{};
  name.copy(request.ifr_name, IFNAMSIZ - 1);
  return request;
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

// Adds or removes an address of an interface, by netlink: unlike SIOCSIFADDR it leaves the
// addresses alone that are there already. 0, or an errno.
int change_address(int netlink, std::uint16_t type, unsigned interface, const Prefix& address) {
  struct Request {
    nlmsghdr header;
    ifaddrmsg message;
    rtattr attribute;
    std::uint32_t address;
  } request{};
  request.header.nlmsg_len = sizeof request;
  request.header.nlmsg_type = type;
  request.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK;
  if (type == RTM_NEWADDR) request.header.nlmsg_flags |= NLM_F_CREATE | NLM_F_EXCL;
  request.message.ifa_family = AF_INET;
  request.message.ifa_prefixlen = address.length;
  request.message.ifa_index = interface;
  request.attribute.rta_type = IFA_LOCAL;
  request.attribute.rta_len = RTA_LENGTH(sizeof request.address);
  request.address = htonl(address.address.v4().value());
  if (::send(netlink, &request, sizeof request, 0) < 0) return errno;
  struct Answer {
    nlmsghdr header;
    nlmsgerr error;
    std::array<char, 512> rest;
  } answer{};
  if (::recv(netlink, &answer, sizeof answer, 0) < 0) return errno;
  return answer.header.nlmsg_type == NLMSG_ERROR ? -answer.error.error : EPROTO;
}

}  // namespace

bool interface_exists(const std::string& name) { return ::if_nametoindex(name.c_str()) != 0; }

// ---- changes and how they are taken back -------------------------------------------------------

// Applies one step after the other; after a failure nothing more is done.
class SetupSteps {
 public:
  SetupSteps(InterfaceSetup& setup, const InterfaceConfig& config)
      : setup_(setup), config_(config), control_(setup.control_.get()) {}

  // One setting, unless it has the value already. `get` reads what is there, `same` compares.
  template <typename Same>
  void set(unsigned long get, unsigned long put, const ifreq& request, std::string_view what,
           Same&& same) {
    if (!failure_.empty()) return;
    ifreq before = request_for(config_.name);
    if (::ioctl(control_, get, &before) == 0 && same(before)) return;
    ifreq wanted = request;
    if (::ioctl(control_, put, &wanted) != 0) return fail(what, errno);
    setup_.changes_.emplace_back([put, before](const InterfaceSetup& setup) {
      ifreq back = before;
      (void)::ioctl(setup.control_.get(), put, &back);
    });
  }

  void set_mac() {
    if (!config_.mac) return;
    ifreq request = request_for(config_.name);
    request.ifr_hwaddr.sa_family = ARPHRD_ETHER;
    std::array<std::uint8_t, MacAddress::kBytes> octets{};
    config_.mac->store(octets.data());
    std::memcpy(request.ifr_hwaddr.sa_data, octets.data(), octets.size());
    set(SIOCGIFHWADDR, SIOCSIFHWADDR, request, "MAC address", [&](const ifreq& now) {
      return std::memcmp(now.ifr_hwaddr.sa_data, octets.data(), octets.size()) == 0;
    });
  }

  void set_mtu() {
    ifreq request = request_for(config_.name);
    request.ifr_mtu = config_.mtu;
    set(SIOCGIFMTU, SIOCSIFMTU, request, "MTU",
        [&](const ifreq& now) { return now.ifr_mtu == request.ifr_mtu; });
  }

  void bring_up() {
    ifreq request = request_for(config_.name);
    if (failure_.empty() && ::ioctl(control_, SIOCGIFFLAGS, &request) != 0) fail("state", errno);
    request.ifr_flags = static_cast<short>(request.ifr_flags | IFF_UP);
    set(SIOCGIFFLAGS, SIOCSIFFLAGS, request, "state",
        [](const ifreq& now) { return (now.ifr_flags & IFF_UP) != 0; });
  }

  void add_address() {
    if (!failure_.empty() || !config_.address) return;
    const unsigned index = ::if_nametoindex(config_.name.c_str());
    const int error = change_address(setup_.netlink_.get(), RTM_NEWADDR, index, *config_.address);
    if (error == EEXIST) return;
    if (error != 0) return fail("address", error);
    setup_.changes_.emplace_back([index, address = *config_.address](const InterfaceSetup& setup) {
      (void)change_address(setup.netlink_.get(), RTM_DELADDR, index, address);
    });
  }

  void add_routes() {
    for (const Prefix& network : config_.routes) {
      if (!failure_.empty() || !config_.gateway) return;
      rtentry route{};
      route.rt_dst = ipv4_sockaddr(network.address.v4().value());
      route.rt_genmask = ipv4_sockaddr(mask_of(network.length));
      route.rt_gateway = ipv4_sockaddr(config_.gateway->v4().value());
      route.rt_flags = RTF_UP | RTF_GATEWAY;
      const auto change = [route, device = config_.name](unsigned long code, int control) {
        rtentry request = route;
        std::string name = device;
        request.rt_dev = name.data();
        return ::ioctl(control, code, &request) == 0 ? 0 : errno;
      };
      const int error = change(SIOCADDRT, control_);
      if (error == EEXIST) continue;
      if (error != 0) {
        failure_ = fmt::format("cannot add the route to {} through {}: {}", to_text(network),
                               to_text(*config_.gateway), reason_of(error, "CAP_NET_ADMIN"));
        return;
      }
      setup_.changes_.emplace_back(
          [change](const InterfaceSetup& setup) { (void)change(SIOCDELRT, setup.control_.get()); });
    }
  }

  const std::string& failure() const { return failure_; }

 private:
  void fail(std::string_view what, int error) {
    failure_ = fmt::format("cannot set the {} of {}: {}", what, config_.name,
                           reason_of(error, "CAP_NET_ADMIN"));
  }

  InterfaceSetup& setup_;
  const InterfaceConfig& config_;
  int control_;
  std::string failure_;
};

tl::expected<InterfaceSetup, std::string> InterfaceSetup::apply(const InterfaceConfig& config) {
  Descriptor control(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  Descriptor netlink(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE));
  if (control.get() < 0 || netlink.get() < 0) {
    return tl::unexpected(fmt::format("cannot set up {}: {}", config.name, std::strerror(errno)));
  }
  InterfaceSetup setup(std::move(control), std::move(netlink));
  SetupSteps steps(setup, config);
  steps.set_mac();
  steps.set_mtu();
  steps.add_address();
  steps.bring_up();
  steps.add_routes();
  if (steps.failure().empty()) return setup;
  setup.undo();
  return tl::unexpected(steps.failure());
}

void InterfaceSetup::undo() {
  while (!changes_.empty()) {
    changes_.back()(*this);
    changes_.pop_back();
  }
}

}  // namespace strata::device
