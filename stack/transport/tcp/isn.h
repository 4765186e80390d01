// SPDX-License-Identifier: MIT
// Initial sequence numbers (RFC 6528): a clock that ticks every 4 microseconds plus a keyed hash of
// the 4-tuple, so that numbers of one tuple rise and those of another cannot be guessed.
#pragma once

#include "stack/base/address.h"
#include "stack/base/random.h"
#include "stack/base/seq32.h"
#include "stack/base/time.h"

namespace strata::tcp {

// ISN = M + F(localip, localport, remoteip, remoteport, secretkey), RFC 6528 section 3.
Seq32 initial_sequence_number(const SecretKey& key, const FlowKey& flow, Instant now);

}  // namespace strata::tcp
