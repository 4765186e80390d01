// SPDX-License-Identifier: MIT
// The numbers behind the symbolic constants of scripts. They are Linux's; where FreeBSD numbers
// differ, scripts cannot tell, because both sides of a comparison come from here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "sim/packetdrill/script.h"
#include "stack/base/result.h"

namespace strata::packetdrill {

// The value of a constant; nullopt for a word that is none.
std::optional<std::int64_t> symbol(std::string_view name);

// A number, a constant, A|B, or a function of them (htons). Nullopt for anything else.
std::optional<std::int64_t> value_of(const Expression& expression);

// "ECONNRESET" -> 104 and back.
std::string error_name(Errc error);
std::int64_t error_number(Errc error);

// The expression as a script writes it, for messages.
std::string to_text(const Expression& expression);

}  // namespace strata::packetdrill
