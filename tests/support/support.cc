// SPDX-License-Identifier: MIT
// Anchor of the test support library; helpers join it as tests need them.
