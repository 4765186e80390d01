// SPDX-License-Identifier: MIT
// The fields of Linux's struct tcp_info by name, from the figures of a connection.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "stack/transport/tcp/info.h"

namespace strata::packetdrill {

// tcpi_rtt and the like, in the units of Linux: microseconds and octets; tcpi_snd_cwnd and
// tcpi_snd_ssthresh in segments. `of_freebsd`: those in octets, and tcpi_state as FreeBSD counts.
std::optional<std::int64_t> info_value(std::string_view name, const tcp::Info& info, Instant now,
                                       bool of_freebsd);

}  // namespace strata::packetdrill
