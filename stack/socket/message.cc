// SPDX-License-Identifier: MIT
#include "stack/socket/message.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace strata::socket {
namespace {

struct FlagName {
  std::string_view name;
  MessageFlags flag;
};
constexpr std::array kFlags{
    FlagName{"MSG_OOB", msg::kOutOfBand},     FlagName{"MSG_PEEK", msg::kPeek},
    FlagName{"MSG_TRUNC", msg::kTruncated},   FlagName{"MSG_DONTWAIT", msg::kDontWait},
    FlagName{"MSG_WAITALL", msg::kWaitAll},   FlagName{"MSG_ERRQUEUE", msg::kErrorQueue},
    FlagName{"MSG_NOSIGNAL", msg::kNoSignal}, FlagName{"MSG_MORE", msg::kMore},
    FlagName{"MSG_EOR", msg::kEndOfRecord},   FlagName{"MSG_FASTOPEN", msg::kFastOpen},
};

std::string error_text(const ErrorReport& report) {
  std::string text = fmt::format("IP_RECVERR {}", to_text(report.error));
  if (report.reporter.is_unspecified()) {
    text += " from this host";
  } else {
    text += fmt::format(" from {} type {} code {}", to_text(report.reporter),
                        static_cast<unsigned>(report.type), report.code);
  }
  if (report.mtu > 0) text += fmt::format(" mtu {}", report.mtu);
  return text;
}

}  // namespace

std::string to_text(MessageFlags flags) {
  std::string text;
  for (const FlagName& each : kFlags) {
    if (!flags.has(each.flag)) continue;
    if (!text.empty()) text += '|';
    text += each.name;
  }
  return text.empty() ? "0" : text;
}

std::optional<MessageFlags> find_message_flag(std::string_view name) {
  const auto* found = std::ranges::find(kFlags, name, &FlagName::name);
  if (found == kFlags.end()) return std::nullopt;
  return found->flag;
}

std::string ancillary_text(const ReceivedMessage& message) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : " ") + part; };
  if (!message.flags.empty()) add(to_text(message.flags));
  if (message.ttl) add(fmt::format("IP_TTL {}", *message.ttl));
  if (message.type_of_service) add(fmt::format("IP_TOS {}", *message.type_of_service));
  if (message.packet_info) {
    add(fmt::format("IP_PKTINFO {} {}", to_text(message.packet_info->destination),
                    message.packet_info->interface));
  }
  if (message.options) {
    add("IP_OPTIONS");
    for (const std::uint8_t octet : message.options->bytes()) add(fmt::format("{:02x}", octet));
  }
  if (message.error) add(error_text(*message.error));
  return text;
}

}  // namespace strata::socket
