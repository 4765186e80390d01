// SPDX-License-Identifier: MIT
#include "stack/wire/dissect.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <vector>

#include "stack/base/crc32.h"
#include "tests/wire/frames.h"
#include "tests/wire/random_headers.h"

namespace strata::wire {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<Protocol> layers_of(const Dissection& dissection) {
  std::vector<Protocol> protocols;
  for (const DissectedLayer& layer : dissection.layers) protocols.push_back(layer.protocol);
  return protocols;
}

const DissectedField& field_of(const Dissection& dissection, Protocol protocol,
                               std::string_view name) {
  static const DissectedField kMissing{.value = "(missing)"};
  const DissectedLayer* layer = dissection.find(protocol);
  if (layer == nullptr) return kMissing;
  const auto found = std::ranges::find(layer->fields, name, &DissectedField::name);
  return found == layer->fields.end() ? kMissing : *found;
}

// The FCS of `frame` made right again after a change.
void repair_fcs(std::vector<std::uint8_t>& frame) {
  const std::uint32_t fcs = crc32(Bytes{frame}.first(frame.size() - 4));
  for (std::size_t i = 0; i < 4; ++i) {
    frame[frame.size() - 4 + i] = static_cast<std::uint8_t>(fcs >> 8 * i);
  }
}

// Every bit of the frame belongs to exactly one field, and every field lies in its layer.
void expect_tiled(Bytes frame, const DissectOptions& options) {
  const Dissection dissection = dissect(frame, options);
  std::vector<std::pair<std::size_t, std::size_t>> runs;
  for (const DissectedLayer& layer : dissection.layers) {
    for (const DissectedField& field : layer.fields) {
      runs.emplace_back(field.bit_offset, field.bit_width);
      EXPECT_GE(field.bit_offset, layer.offset * 8) << field.name;
      EXPECT_LE(field.bit_offset + field.bit_width, (layer.offset + layer.header_bytes) * 8)
          << to_text(layer.protocol) << ' ' << field.name;
      EXPECT_FALSE(field.name.empty());
    }
    EXPECT_LE(layer.header_bytes, layer.total_bytes);
    EXPECT_LE(layer.offset + layer.total_bytes, frame.size());
  }
  std::ranges::sort(runs);
  std::size_t next = 0;
  for (const auto& [offset, width] : runs) {
    ASSERT_EQ(offset, next) << dissection.line << '\n' << to_hex(frame);
    ASSERT_GT(width, 0U);
    next = offset + width;
  }
  EXPECT_EQ(next, frame.size() * 8) << dissection.line << '\n' << to_hex(frame);
}

constexpr std::array kLinkTypes{LinkType::ethernet,          LinkType::raw_ip,
                                LinkType::ethernet_physical, LinkType::linux_cooked,
                                LinkType::linux_cooked_v2,   LinkType::null};

TEST(Dissect, ARealFrameFieldByField) {
  const auto frame = from_hex(frames::kTcpData);
  const Dissection dissection = dissect(frame);

  EXPECT_THAT(layers_of(dissection), ElementsAre(Protocol::ethernet, Protocol::ipv4, Protocol::tcp,
                                                 Protocol::data, Protocol::fcs));
  const auto value = [&](Protocol protocol, std::string_view name) {
    return field_of(dissection, protocol, name).value;
  };
  EXPECT_EQ(value(Protocol::ethernet, "destination"), "02:00:00:00:00:fe");
  EXPECT_EQ(value(Protocol::ethernet, "type"), "0x0800");
  EXPECT_EQ(value(Protocol::ipv4, "identification"), "0x002a");
  EXPECT_EQ(value(Protocol::ipv4, "flags"), "DF");
  EXPECT_EQ(value(Protocol::ipv4, "time to live"), "64");
  EXPECT_EQ(field_of(dissection, Protocol::ipv4, "protocol").note, "TCP");
  EXPECT_EQ(value(Protocol::ipv4, "source"), "10.0.1.10");
  EXPECT_EQ(value(Protocol::tcp, "sequence number"), "1001");
  EXPECT_EQ(field_of(dissection, Protocol::tcp, "flags").note, "PSH ACK");
  EXPECT_EQ(value(Protocol::data, "payload"), "\"hello\\r\\n\"");
  EXPECT_EQ(value(Protocol::fcs, "frame check sequence"), "0xd945d32c");
}

TEST(Dissect, GoodChecksumsAreSaidToBeGood) {
  const Dissection dissection = dissect(from_hex(frames::kTcpData));
  EXPECT_EQ(field_of(dissection, Protocol::ipv4, "header checksum").status, FieldStatus::good);
  EXPECT_EQ(field_of(dissection, Protocol::tcp, "checksum").status, FieldStatus::good);
  EXPECT_EQ(field_of(dissection, Protocol::fcs, "frame check sequence").status, FieldStatus::good);
}

TEST(Dissect, ABadChecksumSaysWhatItShouldBe) {
  auto frame = from_hex(frames::kTcpData);
  frame[24] = 0;  // of IPv4
  frame[50] = 0;  // of TCP
  const Dissection dissection = dissect(frame);

  const DissectedField& ip = field_of(dissection, Protocol::ipv4, "header checksum");
  EXPECT_EQ(ip.status, FieldStatus::bad);
  EXPECT_EQ(ip.value, "0x0076");
  EXPECT_EQ(ip.note, "should be 0x2376");
  EXPECT_EQ(field_of(dissection, Protocol::tcp, "checksum").note, "should be 0x5b87");
  const DissectedField& fcs = field_of(dissection, Protocol::fcs, "frame check sequence");
  EXPECT_EQ(fcs.status, FieldStatus::bad);
  EXPECT_THAT(dissection.line, HasSubstr("[fcs: bad frame check sequence]"));
}

TEST(Dissect, TheExpectedFcsIsTheOneThatWouldBeGood) {
  auto frame = from_hex(frames::kUdpHello);
  frame[50] ^= 1;
  const std::string note = field_of(dissect(frame), Protocol::fcs, "frame check sequence").note;
  repair_fcs(frame);
  const DissectedField repaired = field_of(dissect(frame), Protocol::fcs, "frame check sequence");
  EXPECT_EQ(note, "should be " + repaired.value);
  EXPECT_EQ(repaired.status, FieldStatus::good);
}

// The lines are those of tcpdump -S for the same frames, but for the length of ARP (which it counts
// with padding) and for fragments.
TEST(Dissect, SaysItInOneLineAsTcpdumpDoes) {
  const std::map<std::string_view, std::string> lines{
      {frames::kArpRequest, "ARP, Request who-has 10.0.1.1 tell 10.0.1.10, length 28"},
      {frames::kArpReply, "ARP, Reply 10.0.1.1 is-at 02:00:00:00:00:fe, length 28"},
      {frames::kIcmpEchoRequest,
       "IP 10.0.1.10 > 10.0.2.20: ICMP echo request, id 7, seq 1, length 40"},
      {frames::kIcmpTimeExceeded,
       "IP 10.0.1.1 > 10.0.1.10: ICMP time exceeded in-transit, length 36"},
      {frames::kIcmpFragNeeded,
       "IP 10.0.1.1 > 10.0.1.10: ICMP 10.0.2.20 unreachable - need to frag (mtu 1400), length 36"},
      {frames::kIcmpPortUnreachable,
       "IP 10.0.2.20 > 10.0.1.10: ICMP 10.0.2.20 udp port 33434 unreachable, length 42"},
      {frames::kIcmpErrorAboutIcmpError,
       "IP 10.0.2.20 > 10.0.1.1: ICMP host 10.0.1.10 unreachable, length 64"},
      {frames::kUdpHello, "IP 10.0.1.10.5000 > 10.0.2.20.7: UDP, length 5"},
      {frames::kTcpSynOptions,
       "IP 10.0.1.10.40000 > 10.0.2.20.80: Flags [S], seq 1000, win 64240, options [mss "
       "1460,sackOK,TS val 100 ecr 0,nop,wscale 7], length 0"},
      {frames::kTcpSack,
       "IP 10.0.1.10.40000 > 10.0.2.20.80: Flags [.], ack 5001, win 510, options [nop,nop,sack 2 "
       "{7001:8453}{9825:11285}], length 0"},
      {frames::kTcpData,
       "IP 10.0.1.10.40000 > 10.0.2.20.80: Flags [P.], seq 1001:1008, ack 5001, win 510, options "
       "[nop,nop,TS val 22 ecr 20], length 7"},
      {frames::kVlanTagged, "IP 10.0.1.10.5000 > 10.0.2.20.7: UDP, length 6"},
      {frames::kHttpRequest,
       "IP 10.0.1.10.40000 > 10.0.2.20.8080: Flags [P.], seq 1001:1056, ack 5001, win 510, length "
       "55: HTTP: GET /index.html HTTP/1.1"},
      {frames::kFragmentFirst,
       "IP 10.0.1.10 > 10.0.2.20: UDP fragment (id 77, offset 0, length 48, more)"},
      {frames::kLldpUnknownEthertype,
       "02:00:00:00:00:0a > 01:80:c2:00:00:0e, ethertype unknown (0x88cc), length 64"},
  };
  for (const auto& [hex, line] : lines) EXPECT_EQ(dissect(from_hex(hex)).line, line);
}

TEST(Dissect, EveryBitOfEveryFrameBelongsToExactlyOneField) {
  for (const frames::Named& named : frames::kAll) {
    for (const LinkType link_type : kLinkTypes) {
      for (const bool has_fcs : {true, false}) {
        SCOPED_TRACE(named.name);
        expect_tiled(from_hex(named.hex), {.link_type = link_type, .has_fcs = has_fcs});
      }
    }
  }
}

TEST(Dissect, EveryBitBelongsToAFieldWhereverTheFrameIsCut) {
  for (const frames::Named& named : frames::kAll) {
    const auto frame = from_hex(named.hex);
    for (std::size_t size = 0; size < frame.size(); ++size) {
      SCOPED_TRACE(named.name);
      expect_tiled(Bytes{frame}.first(size), {.has_fcs = false});
      expect_tiled(Bytes{frame}.first(size), {.has_fcs = true});
    }
  }
}

TEST(Dissect, EveryBitBelongsToAFieldWhicheverBitIsFlipped) {
  for (const frames::Named& named : frames::kAll) {
    const auto good = from_hex(named.hex);
    for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
      auto damaged = good;
      damaged[bit / 8] ^= static_cast<std::uint8_t>(0x80 >> bit % 8);
      SCOPED_TRACE(named.name);
      expect_tiled(damaged, {});
    }
  }
}

TEST(Dissect, EverySingleBitErrorMakesTheFcsBad) {
  const auto good = from_hex(frames::kTcpSynOptions);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto damaged = good;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(0x80 >> bit % 8);
    const Dissection dissection = dissect(damaged);
    EXPECT_EQ(field_of(dissection, Protocol::fcs, "frame check sequence").status, FieldStatus::bad);
  }
}

TEST(Dissect, PaddingStandsBetweenTheDatagramAndTheFcs) {
  const Dissection dissection = dissect(from_hex(frames::kUdpHello));
  EXPECT_THAT(layers_of(dissection), ElementsAre(Protocol::ethernet, Protocol::ipv4, Protocol::udp,
                                                 Protocol::data, Protocol::padding, Protocol::fcs));
  EXPECT_EQ(dissection.find(Protocol::padding)->total_bytes, 13U);
  EXPECT_EQ(dissection.find(Protocol::ipv4)->total_bytes, 33U);
  EXPECT_EQ(dissection.find(Protocol::ethernet)->total_bytes, 64U);
}

TEST(Dissect, AVlanTagIsALayerOfItsOwn) {
  const Dissection dissection = dissect(from_hex(frames::kVlanTagged));
  EXPECT_EQ(layers_of(dissection)[1], Protocol::vlan);
  EXPECT_EQ(field_of(dissection, Protocol::vlan, "vlan identifier").value, "100");
  EXPECT_EQ(field_of(dissection, Protocol::vlan, "priority").value, "5");
  EXPECT_EQ(field_of(dissection, Protocol::vlan, "type").note, "IPv4");
}

TEST(Dissect, TheOptionsOfTcpAreOneFieldEach) {
  const Dissection dissection = dissect(from_hex(frames::kTcpSynOptions));
  std::vector<std::string> values;
  for (const DissectedField& field : dissection.find(Protocol::tcp)->fields) {
    if (field.name == "option") values.push_back(field.value);
  }
  EXPECT_THAT(values, ElementsAre("MSS 1460", "SACK permitted", "TS val 100 ecr 0", "NOP",
                                  "window scale 7"));
}

TEST(Dissect, AnIllegalTcpOptionLengthIsSaidAndTheRestShown) {
  const Dissection dissection = dissect(from_hex(frames::kTcpIllegalOptionLength));
  EXPECT_EQ(dissection.find(Protocol::tcp)->problem, "option 8 at byte 24 has an illegal length");
  EXPECT_EQ(field_of(dissection, Protocol::tcp, "broken option").value, "08 00 01 01");
}

TEST(Dissect, TheOptionsOfIpv4AreOneFieldEach) {
  const Dissection dissection = dissect(from_hex(frames::kIpv4TimestampAlertSourceRoute));
  std::vector<std::string> values;
  for (const DissectedField& field : dissection.find(Protocol::ipv4)->fields) {
    if (field.name == "option") values.push_back(field.value);
  }
  EXPECT_THAT(values, ElementsAre("timestamp pointer 13 overflow 0 flag 1: 10.0.1.1=1111",
                                  "router alert 0", "LSRR pointer 4: 10.0.2.1", "NOP"));
}

TEST(Dissect, AnIcmpErrorShowsTheDatagramItQuotes) {
  const Dissection dissection = dissect(from_hex(frames::kIcmpPortUnreachable));
  EXPECT_THAT(layers_of(dissection),
              ElementsAre(Protocol::ethernet, Protocol::ipv4, Protocol::icmpv4, Protocol::ipv4,
                          Protocol::udp, Protocol::data, Protocol::fcs));
  EXPECT_EQ(dissection.layers[4].summary, "40001 > 33434");
  EXPECT_EQ(dissection.layers[4].fields.back().note, "not verified: quoted");
}

TEST(Dissect, AQuoteCutAfterEightBytesShowsThePortsWithoutComplaint) {
  const Dissection dissection = dissect(from_hex(frames::kIcmpFragNeeded));
  const DissectedLayer* tcp = dissection.find(Protocol::tcp);
  ASSERT_NE(tcp, nullptr);
  EXPECT_EQ(tcp->summary, "40000 > 80");
  EXPECT_EQ(tcp->problem, "");
  EXPECT_EQ(tcp->fields.size(), 3U);  // both ports and the sequence number
}

TEST(Dissect, QuotesInQuotesEndAtAFixedDepth) {
  // An ICMP error that quotes an ICMP error that quotes ... eighty deep.
  std::vector<std::uint8_t> message;
  for (int depth = 0; depth < 80; ++depth) {
    Ipv4Header header{.ttl = 64, .protocol = IpProtocol::icmp};
    std::vector<std::uint8_t> outer(20 + 8 + message.size());
    std::ranges::copy(message, outer.begin() + 28);
    Icmpv4Message{.type = IcmpType::time_exceeded}.emit(MutableBytes{outer}.subspan(20));
    header.total_length = static_cast<std::uint16_t>(outer.size());
    header.emit(outer.data());
    message = outer;
  }
  const DissectOptions raw{.link_type = LinkType::raw_ip};
  const Dissection dissection = dissect(message, raw);
  EXPECT_LE(dissection.layers.size(), 12U);
  EXPECT_EQ(dissection.layers.back().protocol, Protocol::data);
  expect_tiled(message, raw);
}

TEST(Dissect, OnlyTheFirstFragmentHasATransportHeader) {
  const Dissection first = dissect(from_hex(frames::kFragmentFirst));
  const Dissection last = dissect(from_hex(frames::kFragmentLast));
  EXPECT_EQ(field_of(first, Protocol::udp, "checksum").note,
            "not verified: the first fragment alone");
  EXPECT_EQ(last.find(Protocol::udp), nullptr);
  EXPECT_EQ(last.find(Protocol::data)->total_bytes, 24U);
}

TEST(Dissect, HttpIsRecognisedOnAnyPort) {
  const Dissection dissection = dissect(from_hex(frames::kHttpRequest));
  const DissectedLayer* http = dissection.find(Protocol::http);
  ASSERT_NE(http, nullptr);
  EXPECT_EQ(http->summary, "GET /index.html HTTP/1.1");
  EXPECT_EQ(http->fields[1].value, "Host: server");
  EXPECT_EQ(http->fields.back().name, "end of head");
  EXPECT_EQ(http->problem, "");
}

TEST(Dissect, TheBodyOfAnHttpMessageIsData) {
  const Dissection dissection = dissect(from_hex(frames::kHttpResponse));
  EXPECT_EQ(field_of(dissection, Protocol::http, "status line").value, "HTTP/1.1 200 OK");
  EXPECT_EQ(field_of(dissection, Protocol::data, "payload").value, "\"hi\\n\"");
}

TEST(Dissect, ThePreambleOfAPhysicalCaptureIsChecked) {
  auto octets = from_hex("55555555555555d5");
  const auto frame = from_hex(frames::kTcpData);
  octets.insert(octets.end(), frame.begin(), frame.end());
  const DissectOptions physical{.link_type = LinkType::ethernet_physical};

  const Dissection good = dissect(octets, physical);
  EXPECT_EQ(layers_of(good)[0], Protocol::physical);
  EXPECT_EQ(good.layers[1].offset, 8U);
  EXPECT_EQ(field_of(good, Protocol::physical, "start frame delimiter").status, FieldStatus::good);
  EXPECT_EQ(field_of(good, Protocol::fcs, "frame check sequence").status, FieldStatus::good);

  octets[7] = 0x55;
  const Dissection bad = dissect(octets, physical);
  EXPECT_EQ(field_of(bad, Protocol::physical, "start frame delimiter").note, "should be 0xd5");
}

TEST(Dissect, AnEightOhTwoThreeLengthFieldBoundsTheData) {
  const Dissection dissection = dissect(from_hex(frames::kIeee8023Length));
  EXPECT_EQ(dissection.find(Protocol::data)->total_bytes, 38U);
  EXPECT_EQ(dissection.find(Protocol::padding)->total_bytes, 8U);
}

// verifies RFC 4443 2.3: the checksum covers the IPv6 pseudo-header
TEST(Dissect, Ipv6IsShownWithItsHeaderAndWhatIsInside) {
  // A neighbour solicitation that Wireshark finds in order.
  const auto frame = from_hex(
      "3333ff00000102000000000a86dd6000000000203afffe80000000000000000000000000000aff02"
      "00000000000000000001ff00000187007a8700000000fe8000000000000000000000000000010101"
      "02000000000ac4edab53");
  const Dissection dissection = dissect(frame);
  EXPECT_THAT(layers_of(dissection), ElementsAre(Protocol::ethernet, Protocol::ipv6,
                                                 Protocol::icmpv6, Protocol::data, Protocol::fcs));
  EXPECT_EQ(field_of(dissection, Protocol::ethernet, "type").note, "IPv6");
  EXPECT_EQ(field_of(dissection, Protocol::ipv6, "hop limit").value, "255");
  EXPECT_EQ(field_of(dissection, Protocol::icmpv6, "checksum").status, FieldStatus::good);
  EXPECT_THAT(dissection.line, testing::HasSubstr("ICMP6, neighbour solicitation"));
}

// verifies RFC 8200 4.1: extension headers in a chain
TEST(Dissect, Ipv6ExtensionHeadersAreSteppedOver) {
  // Hop-by-hop options, destination options, then UDP 7777 > 7778 without payload.
  const auto datagram = from_hex(
      "6000000000180040fe800000000000000000000000000001fe800000000000000000000000000002"
      "3c00010400000000"
      "1100010400000000"
      "1e611e620008c606");
  const Dissection dissection = dissect(datagram, {.link_type = LinkType::raw_ip});
  EXPECT_THAT(layers_of(dissection), ElementsAre(Protocol::ipv6, Protocol::udp));
  EXPECT_EQ(dissection.layers[0].header_bytes, 56U);
  EXPECT_EQ(field_of(dissection, Protocol::udp, "source port").value, "7777");
}

TEST(Dissect, LinuxCookedCapturesSayWhoSentAndWhatIsInside) {
  const auto frame = from_hex(frames::kTcpData);
  // tcpdump -i any: sent by us, ARPHRD_ETHER, six octets of address, IPv4.
  auto first = from_hex(
      "0004"
      "0001"
      "0006"
      "02000000000a0000"
      "0800");
  first.insert(first.end(), frame.begin() + 14, frame.end() - 4);
  const Dissection sll = dissect(first, {.link_type = LinkType::linux_cooked});
  EXPECT_THAT(layers_of(sll),
              ElementsAre(Protocol::linux_cooked, Protocol::ipv4, Protocol::tcp, Protocol::data));
  EXPECT_EQ(field_of(sll, Protocol::linux_cooked, "sender address").value, "02:00:00:00:00:0a");
  EXPECT_EQ(field_of(sll, Protocol::linux_cooked, "packet type").note, "sent by us");

  auto second = from_hex(
      "0800"
      "0000"
      "00000002"
      "0001"
      "04"
      "06"
      "02000000000a0000");
  second.insert(second.end(), frame.begin() + 14, frame.end() - 4);
  const Dissection sll2 = dissect(second, {.link_type = LinkType::linux_cooked_v2});
  EXPECT_EQ(sll2.layers[0].protocol, Protocol::linux_cooked_v2);
  EXPECT_EQ(field_of(sll2, Protocol::linux_cooked_v2, "interface index").value, "2");
  EXPECT_EQ(field_of(sll2, Protocol::tcp, "checksum").status, FieldStatus::good);
}

TEST(Dissect, ANullCaptureIsReadInTheByteOrderItWasWrittenIn) {
  const auto frame = from_hex(frames::kTcpData);
  for (const std::string_view family : {"02000000", "00000002"}) {
    auto octets = from_hex(family);
    octets.insert(octets.end(), frame.begin() + 14, frame.end() - 4);
    const Dissection dissection = dissect(octets, {.link_type = LinkType::null});
    EXPECT_EQ(field_of(dissection, Protocol::loopback, "address family").value, "2");
    EXPECT_NE(dissection.find(Protocol::tcp), nullptr);
  }
}

TEST(Dissect, WhatTheCaptureLeftOutIsNotMalformed) {
  auto frame = from_hex(frames::kTcpData);
  const std::size_t whole = frame.size() - 4;
  for (std::size_t size = 1; size < whole; ++size) {
    const DissectOptions cut{.has_fcs = false, .bytes_left_out = whole - size};
    for (const DissectedLayer& layer : dissect(Bytes{frame}.first(size), cut).layers) {
      EXPECT_EQ(layer.problem, "") << size;
    }
    expect_tiled(Bytes{frame}.first(size), cut);
  }
}

TEST(Dissect, OfASegmentThatTheCaptureCutInItsHeaderThePortsAreShown) {
  constexpr std::size_t kHere = 14 + 20 + 14;  // to the flags
  const auto frame = from_hex(frames::kTcpData);
  const DissectOptions cut{.has_fcs = false, .bytes_left_out = frame.size() - 4 - kHere};
  const std::string line = dissect(Bytes{frame}.first(kHere), cut).line;
  const std::string whole = dissect(frame).line;
  EXPECT_EQ(line, whole.substr(0, whole.find(": Flags")) + ": TCP, the capture ends in its header");
}

TEST(Dissect, OfASegmentThatTheCaptureCutInItsOptionsEverythingElseIsShown) {
  const auto frame = from_hex(frames::kTcpData);
  const std::string whole = dissect(frame).line;
  const std::size_t options = whole.find("options [") + 9;
  const std::size_t end = whole.find(']', options);
  for (const std::size_t here : {14U + 20U + 20U, 14U + 20U + 23U}) {
    const DissectOptions cut{.has_fcs = false, .bytes_left_out = frame.size() - 4 - here};
    EXPECT_EQ(dissect(Bytes{frame}.first(here), cut).line,
              whole.substr(0, options) + "cut off" + whole.substr(end));
  }
}

TEST(Dissect, TheLengthIsThatOfTheMessageAndNotOfWhatWasCaptured) {
  constexpr std::size_t kHere = 14 + 20 + 34;  // all headers and a little of what they carry
  for (const std::string_view text : {frames::kIcmpEchoRequest, frames::kTcpData}) {
    const auto frame = from_hex(text);
    const DissectOptions cut{.has_fcs = false, .bytes_left_out = frame.size() - 4 - kHere};
    EXPECT_EQ(dissect(Bytes{frame}.first(kHere), cut).line, dissect(frame).line);
  }
}

TEST(Dissect, AnUnclaimedEtherTypeCarriesData) {
  auto frame = from_hex(frames::kIpv6NeighbourSolicitation);
  frame[12] = 0x88;
  frame[13] = 0xcc;
  const Dissection dissection = dissect(frame);
  EXPECT_EQ(field_of(dissection, Protocol::ethernet, "type").note, "");
  EXPECT_EQ(dissection.layers[1].protocol, Protocol::data);
}

TEST(Dissect, AMalformedHeaderSaysWhatIsWrongAndTheRestIsData) {
  const auto problem_with = [](std::size_t octet, std::uint8_t value) {
    auto frame = from_hex(frames::kTcpData);
    frame[octet] = value;
    const Dissection dissection = dissect(frame);
    const bool is_tcp = octet >= 34;
    EXPECT_NE(dissection.find(Protocol::data), nullptr);
    return dissection.find(is_tcp ? Protocol::tcp : Protocol::ipv4)->problem;
  };
  EXPECT_EQ(problem_with(14, 0x65), "version is 6, not 4");
  EXPECT_EQ(problem_with(14, 0x44), "header length of 16 bytes is below 20");
  EXPECT_EQ(problem_with(17, 10), "header length of 20 bytes is beyond the 10 there are");
  EXPECT_EQ(problem_with(17, 200), "total length is 200 but 59 bytes are here");
  EXPECT_EQ(problem_with(46, 0x40), "data offset of 16 bytes, but 39 are here");
  EXPECT_EQ(problem_with(46, 0xf0), "data offset of 60 bytes, but 39 are here");
}

TEST(Dissect, AnythingAtAllIsDissected) {
  RandomHeaders random("noise");
  for (int i = 0; i < 3000; ++i) {
    auto bytes = random.bytes(random.number<std::size_t>(120));
    // Lead half of them past the first decisions.
    if (bytes.size() > 24 && random.flip()) {
      store_be16(&bytes[12], 0x0800);
      bytes[14] = 0x45;
      bytes[23] = std::array<std::uint8_t, 4>{1, 6, 17, 99}[random.number<std::size_t>(4)];
    }
    expect_tiled(bytes, {.link_type = kLinkTypes[random.number<std::size_t>(3)]});
  }
}

TEST(Dissect, AnEmptyFrameHasNoLayers) { EXPECT_TRUE(dissect({}).layers.empty()); }

}  // namespace
}  // namespace strata::wire
