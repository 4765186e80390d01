// SPDX-License-Identifier: MIT
// What parsing a header yields: the header, or the reason the packet must be dropped.
#pragma once

#include <tl/expected.hpp>

#include "stack/base/bytes.h"
#include "stack/base/drop_reason.h"

namespace strata::wire {

template <typename Header>
using Parsed = tl::expected<Header, DropReason>;

}  // namespace strata::wire
