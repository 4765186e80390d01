// SPDX-License-Identifier: MIT
// Files and pipes, as far as they meet sockets: a file never ends, a pipe never fills, and both
// hold zeros.
#include <algorithm>

#include "sim/packetdrill/calls.h"
#include "sim/packetdrill/symbols.h"

namespace strata::packetdrill {

Calls::Returned Calls::call_open(const Call& call) {
  const int script = expected_descriptor(call);
  adopt(script, {.is_file = true});
  return {.value = script};
}

// pipe([5, 6]): the descriptors that the script expects.
Calls::Returned Calls::call_pipe(const Call& call) {
  for (const Expression& end : call.arguments[0].items) {
    if (const auto fd = value_of(end)) adopt(static_cast<int>(*fd), {.is_file = true});
  }
  return {};
}

// sendfile(socket, file, offset, count)
Calls::Returned Calls::call_sendfile(const Call& call) {
  return send(call, number(call, 3), 0, {});
}

// splice(from, NULL, to, NULL, count, flags): one of the two ends is a pipe.
Calls::Returned Calls::call_splice(const Call& call) {
  const auto from = descriptors_.find(static_cast<int>(number(call, 0)));
  if (from == descriptors_.end()) return failed(Errc::bad_descriptor);
  if (!from->second.is_file) return splice_in(call);
  return {.unsupported = "splice() into a socket"};
}

// What there is up to urgent data is taken; at them nothing is.
Calls::Returned Calls::splice_in(const Call& call) {
  const Descriptor& from = descriptors_.at(static_cast<int>(number(call, 0)));
  const std::int64_t most = std::clamp<std::int64_t>(number(call, 4), 0, 1 << 20);
  std::vector<std::uint8_t> buffer(static_cast<std::size_t>(most));
  const auto count =
      machine_.sockets().receive(from.live, buffer, socket::MessageFlags{}, machine_.now());
  if (count) return {.value = static_cast<std::int64_t>(*count)};
  if (count.error() != Errc::would_block) return failed(count.error());
  return machine_.sockets().readiness(from.live).urgent ? Returned{} : blocked();
}

}  // namespace strata::packetdrill
