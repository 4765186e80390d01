// SPDX-License-Identifier: MIT
// Profiles: settings under which this TCP shows on the wire what another system shows, or no more
// than a lesson needs. A profile is nothing but a Config to begin with: every setting of it can be
// changed afterwards.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "stack/transport/tcp/config.h"

namespace strata::tcp {

enum class Profile : std::uint8_t {
  rfc,           // the defaults of Config: what the RFCs recommend
  linux_kernel,  // Linux with the settings of its own test suite
  freebsd,       // FreeBSD 14 with its defaults
  teaching,      // RFC 5681 and no options but the MSS: one mechanism at a time
};

// "rfc", "linux", "freebsd", "teaching"; nullopt for anything else.
std::optional<Profile> profile_named(std::string_view name);
std::string_view to_text(Profile profile);
Config config_for(Profile profile);
// What FreeBSD 11 and 12 do in another way.
void make_freebsd_11(Config& config);

}  // namespace strata::tcp
