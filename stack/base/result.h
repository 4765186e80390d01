// SPDX-License-Identifier: MIT
// Result<T>: a value or an error, for everything that can fail without being our bug. Errors of the
// socket calls carry their POSIX names (POSIX.1-2017, <errno.h>).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tl/expected.hpp>

namespace strata {

enum class Errc : std::uint8_t {
  would_block,             // EAGAIN: nothing to do now; wait for readiness
  in_progress,             // EINPROGRESS: connect() goes on in the background
  already,                 // EALREADY
  is_connected,            // EISCONN
  not_connected,           // ENOTCONN
  address_in_use,          // EADDRINUSE
  address_not_available,   // EADDRNOTAVAIL
  connection_refused,      // ECONNREFUSED
  connection_reset,        // ECONNRESET
  connection_aborted,      // ECONNABORTED
  timed_out,               // ETIMEDOUT
  host_unreachable,        // EHOSTUNREACH
  network_unreachable,     // ENETUNREACH
  message_size,            // EMSGSIZE
  broken_pipe,             // EPIPE
  bad_descriptor,          // EBADF
  invalid_argument,        // EINVAL
  not_supported,           // EOPNOTSUPP
  destination_required,    // EDESTADDRREQ
  permission_denied,       // EACCES
  no_buffer_space,         // ENOBUFS
  too_many_files,          // EMFILE
  protocol_not_available,  // ENOPROTOOPT
  protocol_error,          // EPROTO
  no_device,               // ENODEV
  no_entry,                // ENOENT
};

inline constexpr Errc kErrcLast = Errc::no_entry;

// "EAGAIN", "ECONNREFUSED", ...
std::string_view to_text(Errc error);
// The error of this name; nullopt when there is none.
std::optional<Errc> find_error(std::string_view name);

template <typename T>
using Result = tl::expected<T, Errc>;

using tl::unexpected;

}  // namespace strata
