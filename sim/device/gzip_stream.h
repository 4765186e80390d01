// SPDX-License-Identifier: MIT
// What was compressed with gzip (RFC 1952), as a stream of what it was before. It is unpacked piece
// by piece as it is read: however much comes out, no more than a piece is in memory.
#pragma once

#include <cstdio>

namespace strata::device {

inline constexpr int kGzipFirstOctet = 0x1f;  // of every gzip file

// Reads on in `packed`, which is closed with the stream unless it is standard input. Where the file
// is cut off reading fails with ENODATA, where it is damaged with EBADMSG. Null: no memory.
std::FILE* unpacked(std::FILE* packed);

}  // namespace strata::device
