// SPDX-License-Identifier: MIT
#include "stack/base/result.h"

namespace strata {

std::string_view to_text(Errc error) {
  switch (error) {
    case Errc::would_block:
      return "EAGAIN";
    case Errc::in_progress:
      return "EINPROGRESS";
    case Errc::already:
      return "EALREADY";
    case Errc::is_connected:
      return "EISCONN";
    case Errc::not_connected:
      return "ENOTCONN";
    case Errc::address_in_use:
      return "EADDRINUSE";
    case Errc::address_not_available:
      return "EADDRNOTAVAIL";
    case Errc::connection_refused:
      return "ECONNREFUSED";
    case Errc::connection_reset:
      return "ECONNRESET";
    case Errc::connection_aborted:
      return "ECONNABORTED";
    case Errc::timed_out:
      return "ETIMEDOUT";
    case Errc::host_unreachable:
      return "EHOSTUNREACH";
    case Errc::network_unreachable:
      return "ENETUNREACH";
    case Errc::message_size:
      return "EMSGSIZE";
    case Errc::broken_pipe:
      return "EPIPE";
    case Errc::bad_descriptor:
      return "EBADF";
    case Errc::invalid_argument:
      return "EINVAL";
    case Errc::not_supported:
      return "EOPNOTSUPP";
    case Errc::destination_required:
      return "EDESTADDRREQ";
    case Errc::permission_denied:
      return "EACCES";
    case Errc::no_buffer_space:
      return "ENOBUFS";
    case Errc::too_many_files:
      return "EMFILE";
    case Errc::protocol_not_available:
      return "ENOPROTOOPT";
    case Errc::protocol_error:
      return "EPROTO";
    case Errc::no_device:
      return "ENODEV";
    case Errc::no_entry:
      return "ENOENT";
  }
  return "E?";
}

std::optional<Errc> find_error(std::string_view name) {
  for (int i = 0; i <= static_cast<int>(kErrcLast); ++i) {
    const auto error = static_cast<Errc>(i);
    if (to_text(error) == name) return error;
  }
  return std::nullopt;
}

}  // namespace strata
