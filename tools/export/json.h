// SPDX-License-Identifier: MIT
// How the exports write things in JSON: one place decides what an instant, an endpoint or a missing
// value looks like. Names end in their unit: `_ns` nanoseconds of virtual time, `_bytes` octets.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>

#include "stack/base/address.h"
#include "stack/base/bytes.h"
#include "stack/base/ids.h"
#include "stack/base/time.h"

namespace strata::exports {

using Json = nlohmann::ordered_json;

// Nanoseconds since the start of the run.
inline Json json_of(Instant instant) { return (instant - kStart).count(); }
// Null when there is none.
inline Json json_of(const std::optional<Instant>& instant) {
  return instant ? json_of(*instant) : Json{};
}
inline Json json_of(Duration duration) { return duration.count(); }
// Null for kNoPacket.
inline Json json_of(PacketUid uid) { return uid == kNoPacket ? Json{} : Json(raw(uid)); }
// {"address": "10.0.1.10", "port": 40000}.
inline Json json_of(const Endpoint& endpoint) {
  return {{"address", to_text(endpoint.address)}, {"port", endpoint.port}};
}
// Lower-case hexadecimal digits, two per octet.
std::string hex_of(Bytes octets);
// One line, or indented by two; text that is not UTF-8 has its odd octets replaced.
std::string text_of(const Json& json, bool is_indented);

}  // namespace strata::exports
