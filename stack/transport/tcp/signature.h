// SPDX-License-Identifier: MIT
// The MD5 signature option (RFC 2385): a digest over the addresses, the header without its options,
// the text and a key that both ends know. It protects BGP sessions from forged segments; TCP-AO
// (RFC 5925), which takes its place, is not here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "stack/base/address.h"
#include "stack/base/bytes.h"
#include "stack/wire/tcp.h"

namespace strata::tcp {

using Signature = std::array<std::uint8_t, 16>;
// With two octets of padding in front (RFC 2385 3.0: kind 19, length 18).
inline constexpr std::size_t kSignatureBytes = 20;
inline constexpr std::size_t kSignatureKeyMost = 80;  // octets, as Linux and FreeBSD have it

// RFC 2385 2.0. Of the options of `header` only how many octets they take counts.
Signature signature_of(const wire::TcpHeader& header, Bytes text, const IpAddress& source,
                       const IpAddress& destination, std::string_view key);

// Puts the option in front of the others, which must leave room for it.
void sign(wire::TcpHeader& header, Bytes text, const IpAddress& source,
          const IpAddress& destination, std::string_view key);

// Does the segment carry the signature that `key` gives?
bool is_signed(const wire::TcpHeader& header, Bytes text, const IpAddress& source,
               const IpAddress& destination, std::string_view key);

}  // namespace strata::tcp
