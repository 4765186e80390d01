// SPDX-License-Identifier: MIT
// The compilers' 128-bit integer, for exact products of two 64-bit numbers.
#pragma once

namespace strata {

__extension__ typedef unsigned __int128 Uint128;

}  // namespace strata
