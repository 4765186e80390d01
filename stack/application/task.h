// SPDX-License-Identifier: MIT
// (contract; the owner writes it) Task<T>: a lazy, move-only coroutine. See docs/hacking.md for the
// g++-12 rules.
#pragma once
