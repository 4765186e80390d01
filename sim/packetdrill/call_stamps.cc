// SPDX-License-Identifier: MIT
// SO_TIMESTAMPING: Linux tells through the error queue when the last octet of a send() was handed
// to the device and when the peer has acknowledged it. A virtual device sends at once, so the first
// two notices name the same instant.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "sim/packetdrill/calls.h"
#include "sim/packetdrill/symbols.h"

namespace strata::packetdrill {
namespace {

constexpr std::int64_t kOnSoftware = 2;        // SOF_TIMESTAMPING_TX_SOFTWARE
constexpr std::int64_t kCountsOctets = 128;    // SOF_TIMESTAMPING_OPT_ID
constexpr std::int64_t kOnScheduled = 256;     // SOF_TIMESTAMPING_TX_SCHED
constexpr std::int64_t kOnAcknowledged = 512;  // SOF_TIMESTAMPING_TX_ACK
constexpr std::int64_t kSent = 0;              // SCM_TSTAMP_SND
constexpr std::int64_t kScheduled = 1;         // SCM_TSTAMP_SCHED
constexpr std::int64_t kAcknowledged = 2;      // SCM_TSTAMP_ACK
constexpr std::int64_t kOrigin = 4;            // SO_EE_ORIGIN_TIMESTAMPING

}  // namespace

void Calls::begin_stamping(Descriptor& descriptor, std::int64_t flags) {
  const bool counts_already = (descriptor.stamping & kCountsOctets) != 0;
  const auto info = info_of(descriptor);
  if (!counts_already && info) descriptor.stamp_base = info->snd_una + info->send_queue_bytes;
  descriptor.stamping = flags;
}

// A send() has handed over what is in the send queue now.
void Calls::stamp_send(Descriptor& descriptor) {
  if ((descriptor.stamping & (kOnSoftware | kOnScheduled | kOnAcknowledged)) == 0) return;
  const auto info = info_of(descriptor);
  if (info) descriptor.stamped_sends.push_back({.end = info->snd_una + info->send_queue_bytes});
}

void Calls::complete_stamps(Descriptor& descriptor) {
  if (descriptor.stamped_sends.empty()) return;
  const auto info = info_of(descriptor);
  if (!info) return;
  for (StampedSend& send : descriptor.stamped_sends) {
    const bool has_key = (descriptor.stamping & kCountsOctets) != 0;
    const std::uint64_t last = send.end - 1 - descriptor.stamp_base;
    const auto tell = [&](std::int64_t wish, std::int64_t kind) {
      if ((descriptor.stamping & wish) == 0) return;
      descriptor.stamps.push_back({.kind = kind,
                                   .key = has_key ? static_cast<std::uint32_t>(last) : 0,
                                   .at = machine_.now()});
    };
    if (!send.has_left && info->snd_nxt >= send.end) {
      send.has_left = true;
      tell(kOnScheduled, kScheduled);
      tell(kOnSoftware, kSent);
    }
    if (send.has_left && info->snd_una >= send.end) tell(kOnAcknowledged, kAcknowledged);
  }
  std::erase_if(descriptor.stamped_sends, [&](const StampedSend& send) {
    return send.has_left && info->snd_una >= send.end;
  });
}

Calls::Returned Calls::receive_stamp(const Call& call, Descriptor& descriptor) {
  const StampNotice notice = descriptor.stamps.front();
  descriptor.stamps.pop_front();
  Returned returned;
  const Expression* control = call.arguments[1].member("msg_control");
  if (control == nullptr) return returned;
  const auto differs = [&](std::string_view what, std::int64_t expected, std::int64_t actual) {
    if (!returned.problem.empty()) return;
    returned.problem =
        fmt::format("recvmsg() told another {}: expected {}, it was {}", what, expected, actual);
  };
  for (const Expression& message : control->items) {
    const Expression* data = message.member("cmsg_data");
    if (data == nullptr) continue;
    const auto wanted = [&](std::string_view name) -> std::optional<std::int64_t> {
      const Expression* item = data->member(name);
      return item == nullptr ? std::nullopt : value_of(*item);
    };
    if (const auto seconds = wanted("scm_sec")) {
      const Duration expected =
          std::chrono::seconds{*seconds} + std::chrono::nanoseconds{wanted("scm_nsec").value_or(0)};
      const Duration actual = notice.at - kStart;
      if (std::chrono::abs(expected - actual) > settings_.tolerance) {
        differs("instant (ns)", expected.count(), actual.count());
      }
    }
    const std::pair<std::string_view, std::int64_t> actual[] = {
        {"ee_errno", symbol("ENOMSG").value_or(0)},
        {"ee_origin", kOrigin},
        {"ee_type", 0},
        {"ee_code", 0},
        {"ee_info", notice.kind},
        {"ee_data", notice.key}};
    for (const auto& [name, value] : actual) {
      const auto expected = wanted(name);
      if (expected && *expected != value) differs(name, *expected, value);
    }
  }
  return returned;
}

}  // namespace strata::packetdrill
