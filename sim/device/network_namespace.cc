// SPDX-License-Identifier: MIT
#include "sim/device/network_namespace.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>

#include <cerrno>
#include <cstring>

namespace strata::device {
namespace {

constexpr const char* kNamedNamespaces = "/run/netns/";  // ip-netns(8)

}  // namespace

tl::expected<InNamespace, std::string> InNamespace::enter(const std::string& name) {
  if (name.empty()) return InNamespace(Descriptor{});
  const std::string path = name.find('/') == std::string::npos ? kNamedNamespaces + name : name;
  const Descriptor wanted(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (wanted.get() < 0) {
    return tl::unexpected(fmt::format("cannot open the network namespace {} ({}): {}", name, path,
                                      errno == ENOENT
                                          ? fmt::format("make it with 'ip netns add {}'", name)
                                          : std::strerror(errno)));
  }
  Descriptor home(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  if (home.get() < 0 || ::setns(wanted.get(), CLONE_NEWNET) != 0) {
    return tl::unexpected(fmt::format("cannot enter the network namespace {}: {}", name,
                                      reason_of(errno, "CAP_SYS_ADMIN")));
  }
  return InNamespace(std::move(home));
}

InNamespace::~InNamespace() {
  if (home_.get() >= 0) (void)::setns(home_.get(), CLONE_NEWNET);
}

}  // namespace strata::device
