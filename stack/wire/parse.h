// SPDX-License-Identifier: MIT
// What parsing a header yields: the header, or the reason the packet must be dropped.
#pragma once

#include <tl/expected.hpp>

#include "stack/base/bytes.h"
#include "stack/base/drop_reason.h"

namespace strata::wire {

// A parser fills in a Parsed<Header> where its caller will have it. A header that is put together
// elsewhere and copied is read in larger pieces than it was written in, and a processor waits for
// that until every piece has reached its cache: as long as all the rest of parsing takes.
template <typename Header>
using Parsed = tl::expected<Header, DropReason>;

}  // namespace strata::wire
