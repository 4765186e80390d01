// SPDX-License-Identifier: MIT
#include "sim/packetdrill/host_marks.h"

#include <algorithm>
#include <variant>

#include "sim/packetdrill/age.h"
#include "stack/base/bytes.h"
#include "stack/wire/tcp.h"

namespace strata::packetdrill {
namespace {

const TcpSpec* first_syn(const Script& script) {
  for (const Event& event : script.events) {
    const auto* packet = std::get_if<PacketSpec>(&event.action);
    if (packet == nullptr || packet->direction != Direction::outbound) continue;
    const auto* tcp = std::get_if<TcpSpec>(&packet->body);
    if (tcp != nullptr && (tcp->flags & wire::tcp_flag::kSyn) != 0) return tcp;
  }
  return nullptr;
}

// What the SYN of a client does not offer its host had switched off.
void adopt_options(const TcpSpec& syn, tcp::Config& tcp) {
  const auto offers = [&syn](wire::TcpOptionKind kind) { return syn.find(kind) != nullptr; };
  if (!offers(wire::TcpOptionKind::maximum_segment_size)) return;  // <...>
  tcp.sack = tcp.sack && offers(wire::TcpOptionKind::sack_permitted);
  tcp.timestamps = tcp.timestamps && offers(wire::TcpOptionKind::timestamps);
  tcp.window_scaling = tcp.window_scaling && offers(wire::TcpOptionKind::window_scale);
}

// An MSS less than usual that the script has not set is that of an interface with a smaller MTU, or
// of IPv6, which the script then does not tell.
void adopt_mss(const Script& script, const TcpSpec& syn, std::uint16_t& mtu) {
  constexpr std::uint16_t kLeast = 536;  // RFC 9293 3.7.1
  const OptionSpec* mss = syn.find(wire::TcpOptionKind::maximum_segment_size);
  const auto usual = usual_mss(script);
  if (!usual || mss == nullptr || mss->payload.size() != 2) return;
  const std::uint16_t told = load_be16(mss->payload.data());
  if (told >= kLeast && told < *usual) mtu = static_cast<std::uint16_t>(mtu - (*usual - told));
}

}  // namespace

void adopt_host(const Script& script, Settings& settings) {
  const TcpSpec* syn = first_syn(script);
  const bool is_linux = settings.profile == tcp::Profile::linux_kernel;
  if (syn == nullptr || (!is_linux && settings.profile != tcp::Profile::freebsd)) return;
  tcp::Config& tcp = settings.machine.tcp;
  tcp.persona.syn_follows_path_mtu = !is_linux && settings.stands_in_for_ipv6;
  if ((syn->flags & wire::tcp_flag::kAck) == 0) adopt_options(*syn, tcp);
  if (!is_linux) return;
  adopt_mss(script, *syn, settings.machine.mtu);
  if (syn->window) tcp.persona.first_window_most = *syn->window;
  const OptionSpec* scale = syn->find(wire::TcpOptionKind::window_scale);
  if (scale == nullptr || scale->payload.empty()) return;
  constexpr std::uint8_t kOfDefaults = 8;
  constexpr std::uint8_t kMost = 14;  // RFC 7323 2.2
  const std::uint8_t shift = std::min(scale->payload.front(), kMost);
  if (shift == kOfDefaults) return;
  tcp.persona.window_scale_bytes = 0xffffU << shift;
  tcp.receive_buffer_bytes = 131'072 / 2;  // tcp_rmem 4096 131072 ...
  tcp.window_validation = tcp::WindowValidation::rfc5681;
}

}  // namespace strata::packetdrill
