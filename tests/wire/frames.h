// SPDX-License-Identifier: MIT
// Real frames, destination address to FCS, that an independent dissector (Wireshark) has read and
// found in order: the checksums in them are its, not ours. The same frames, in binary, seed the
// fuzz targets.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "stack/base/address.h"
#include "stack/base/ascii.h"

namespace strata::wire {

// The endpoints of these frames.
inline constexpr Ipv4Address kSource{10, 0, 1, 10};
inline constexpr Ipv4Address kDestination{10, 0, 2, 20};

// Octets of a text of hexadecimal digits; blanks are skipped.
inline std::vector<std::uint8_t> from_hex(std::string_view text) {
  std::vector<std::uint8_t> octets;
  std::optional<std::uint8_t> high;
  for (const char c : text) {
    if (c == ' ') continue;
    const std::uint8_t digit = hex_digit(c).value();
    if (high) {
      octets.push_back(static_cast<std::uint8_t>(*std::exchange(high, {}) << 4 | digit));
    } else {
      high = digit;
    }
  }
  return octets;
}

namespace frames {
inline constexpr std::string_view kArpRequest =
    "ffffffffffff02000000000a0806000108000604000102000000000a0a00010a0000000000000a0001010000"
    "0000000000000000000000000000000067b544d5";
inline constexpr std::string_view kArpReply =
    "02000000000a0200000000fe080600010800060400020200000000fe0a00010102000000000a0a00010a0000"
    "00000000000000000000000000000000f610e43e";
inline constexpr std::string_view kIcmpEchoRequest =
    "0200000000fe02000000000a08004500003c002a40004001237a0a00010a0a000214080004f5000700012021"
    "22232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3fcfb3b723";
inline constexpr std::string_view kUdpProbe =
    "0200000000fe02000000000a080045000022000700000111a2a70a00010a0a0002149c41829a000e84e27072"
    "6f626521000000000000000000000000f674cb44";
inline constexpr std::string_view kIcmpTimeExceeded =
    "02000000000a0200000000fe08004500003800090000400164b20a0001010a00010a0b005133000000004500"
    "0022000700000111a2a70a00010a0a0002149c41829a000e84e290755ffb";
inline constexpr std::string_view kIcmpFragNeeded =
    "02000000000a0200000000fe080045000038000a0000400164b10a0001010a00010a0304570a000005784500"
    "05dc002a400040061dd50a00010a0a0002149c400050000003e98e47e8c6";
inline constexpr std::string_view kIcmpPortUnreachable =
    "02000000000a0200000000fe08004500003e000b00003f0164970a0002140a00010a0303143a000000004500"
    "0022000700000111a2a70a00010a0a0002149c41829a000e84e270726f626521d17e1f38";
inline constexpr std::string_view kIcmpErrorAboutIcmpError =
    "02000000000a0200000000fe080045000054000c0000400163890a0002140a0001010301fcfe000000004500"
    "003800090000400164b20a0001010a00010a0b0051330000000045000022000700000111a2a70a00010a0a00"
    "02149c41829a000e84e26b9d05e0";
inline constexpr std::string_view kUdpHello =
    "0200000000fe02000000000a080045000021002a4000401123850a00010a0a00021413880007000d91556865"
    "6c6c6f000000000000000000000000006dbcd2f7";
inline constexpr std::string_view kUdpWithoutChecksum =
    "0200000000fe02000000000a080045000021002a4000401123850a00010a0a00021413880007000d00006865"
    "6c6c6f00000000000000000000000000ba364279";
inline constexpr std::string_view kTcpSynOptions =
    "0200000000fe02000000000a08004500003c002a4000400623750a00010a0a0002149c400050000003e80000"
    "0000a002faf095150000020405b40402080a000000640000000001030307c2551d5f";
inline constexpr std::string_view kTcpSack =
    "0200000000fe02000000000a08004500003c002a4000400623750a00010a0a0002149c400050000003e90000"
    "1389a01001fefdba00000101051200001b59000021050000266100002c15df62546d";
inline constexpr std::string_view kTcpUnknownOption =
    "0200000000fe02000000000a080045000030002a4000400623810a00010a0a0002149c400050000003e90000"
    "1389701001feca1b0000fe06f9890102000048b6b613";
inline constexpr std::string_view kTcpIllegalOptionLength =
    "0200000000fe02000000000a080045000030002a4000400623810a00010a0a0002149c400050000003e90000"
    "1389701001feb2310000020405780800010181bc0c6d";
inline constexpr std::string_view kTcpData =
    "0200000000fe02000000000a08004500003b002a4000400623760a00010a0a0002149c400050000003e90000"
    "1389801801fe5b8700000101080a000000160000001468656c6c6f0d0a2cd345d9";
inline constexpr std::string_view kVlanTagged =
    "0200000000fe02000000000a8100a064080045000022002a4000401123840a00010a0a00021413880007000e"
    "93f87461676765640000000000000000ee79ca6d";
inline constexpr std::string_view kIpv4RecordRoute =
    "0200000000fe02000000000a080048000030002a4000400110700a00010a0a000214070b080a000101000000"
    "00000800666100070002616263646566676807f62365";
inline constexpr std::string_view kIpv4TimestampAlertSourceRoute =
    "0200000000fe02000000000a08004b00003c002a40004001a0fb0a00010a0a000214440c0d010a0001010000"
    "0457940400008307040a00020101080066600007000361626364656667689ffd9f61";
inline constexpr std::string_view kFragmentFirst =
    "0200000000fe02000000000a080045000044004d20004011433f0a00010a0a000214138800070048f0ad0001"
    "02030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f20212223242526275f8a3959";
inline constexpr std::string_view kFragmentLast =
    "0200000000fe02000000000a08004500002c004d0006401163510a00010a0a00021428292a2b2c2d2e2f3031"
    "32333435363738393a3b3c3d3e3f0000263c0544";
inline constexpr std::string_view kHttpRequest =
    "0200000000fe02000000000a08004500005f002a4000400623520a00010a0a0002149c401f90000003e90000"
    "1389501801fe08820000474554202f696e6465782e68746d6c20485454502f312e310d0a486f73743a207365"
    "727665720d0a4163636570743a202a2f2a0d0a0d0adb3b8bb2";
inline constexpr std::string_view kHttpResponse =
    "02000000000a0200000000fe08004500006b002a40003f0624460a0002140a00010a00509c40000013890000"
    "0421501801f6372e0000485454502f312e3120323030204f4b0d0a436f6e74656e742d4c656e6774683a2033"
    "0d0a436f6e74656e742d547970653a20746578742f706c61696e0d0a0d0a68690a12467a6e";
inline constexpr std::string_view kLldpUnknownEthertype =
    "0180c200000e02000000000a88cc02070402000000000a040307657406020078000000000000000000000000"
    "00000000000000000000000000000000e26551b4";
inline constexpr std::string_view kIeee8023Length =
    "0180c200000002000000000a0026424203000000000000000000000000000000000000000000000000000000"
    "00000000000000000000000000000000b1e6cbc2";
inline constexpr std::string_view kIpv4TotalLengthBeyondFrame =
    "0200000000fe02000000000a0800450005dc002a400040111dca0a00010a0a00021413880007000d91556865"
    "6c6c6f0000000000000000000000000019660d7c";
inline constexpr std::string_view kIpv6NeighbourSolicitation =
    "3333ff00000102000000000a86dd6000000000083afffe80000000000000000000000000000aff0200000000"
    "000000000001ff00000180000000000700014a3d7061";

struct Named {
  std::string_view name;
  std::string_view hex;
};
inline constexpr Named kAll[] = {
    {"arp_request", kArpRequest},
    {"arp_reply", kArpReply},
    {"icmp_echo_request", kIcmpEchoRequest},
    {"udp_probe", kUdpProbe},
    {"icmp_time_exceeded", kIcmpTimeExceeded},
    {"icmp_frag_needed", kIcmpFragNeeded},
    {"icmp_port_unreachable", kIcmpPortUnreachable},
    {"icmp_error_about_icmp_error", kIcmpErrorAboutIcmpError},
    {"udp_hello", kUdpHello},
    {"udp_without_checksum", kUdpWithoutChecksum},
    {"tcp_syn_options", kTcpSynOptions},
    {"tcp_sack", kTcpSack},
    {"tcp_unknown_option", kTcpUnknownOption},
    {"tcp_illegal_option_length", kTcpIllegalOptionLength},
    {"tcp_data", kTcpData},
    {"vlan_tagged", kVlanTagged},
    {"ipv4_record_route", kIpv4RecordRoute},
    {"ipv4_timestamp_alert_source_route", kIpv4TimestampAlertSourceRoute},
    {"fragment_first", kFragmentFirst},
    {"fragment_last", kFragmentLast},
    {"http_request", kHttpRequest},
    {"http_response", kHttpResponse},
    {"lldp_unknown_ethertype", kLldpUnknownEthertype},
    {"ieee_802_3_length", kIeee8023Length},
    {"ipv4_total_length_beyond_frame", kIpv4TotalLengthBeyondFrame},
    {"ipv6_neighbour_solicitation", kIpv6NeighbourSolicitation},
};

}  // namespace frames
}  // namespace strata::wire
